"""Tries each way of reminding on this computer, asks whether the person noticed it, and says what to do where not."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from phr_desktop.clock import today
from phr_desktop.domain.reminders import DeliveredBy
from phr_desktop.domain.words import short_day
from phr_desktop.ui.announce import announce
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import Text


def tr(text: str) -> str:
    return QCoreApplication.translate("hearing", text)


@dataclass(frozen=True, slots=True)
class Way:
    """A way of reminding. `by` None: the window shows it itself."""

    key: str
    title: str
    detail: str
    sent: str
    question: str
    by: DeliveredBy | None = None
    sound: bool = False


def ways() -> tuple[Way, ...]:
    """In the order in which they are tried."""
    saw, heard = tr("Did you see it?"), tr("Did you hear it?")
    return (
        Way("desktop", tr("A notification of this computer"), tr("The way that is used first."),
            tr("A notification was sent just now. It says that it is a test."), saw, DeliveredBy.DESKTOP),
        Way("tray", tr("The icon beside the clock"), tr("Used where there is no notification."),
            tr("A message was sent to the icon beside the clock."), saw, DeliveredBy.TRAY),
        Way("sound", tr("The sound of an alarm"), tr("Only for what you chose as an alarm."),
            tr("A sound was played just now."), heard, DeliveredBy.DESKTOP, sound=True),
        Way("window", tr("A line in this window"), tr("Always there when you open the program."),
            tr("It stands above: \u201cReminder. This is a test.\u201d"), saw),
    )  # fmt: skip


def advice(way: Way, system: str = sys.platform) -> str:
    """What to do where it was not noticed, in the words of this computer's system."""
    if way.by is None:
        return tr("Make the text larger under Settings, How it looks, and keep this window where you can see it.")
    if way.by is DeliveredBy.TRAY:
        return _tray_advice(system)
    return _sound_advice(system) if way.sound else _notification_advice(system)


def _notification_advice(system: str) -> str:
    if system == "win32":
        return tr(
            "Open Settings, System, Notifications. Turn notifications on, also for PHR Desktop, and turn \u201cDo not"
            " disturb\u201d off."
        )
    if system == "darwin":
        return tr(
            "Open System Settings, Notifications, PHR Desktop. Turn on \u201cAllow notifications\u201d, choose"
            " \u201cAlerts\u201d, and look whether Focus is off."
        )
    return tr(
        "Open Settings, Notifications. Turn notifications on, also for PHR Desktop, and turn \u201cDo not disturb\u201d"
        " off."
    )


def _tray_advice(system: str) -> str:
    if system == "win32":
        return tr("Open Settings, Personalization, Taskbar, Other system tray icons, and turn on PHR Desktop.")
    if system == "darwin":
        return tr("Look at the menu bar at the top right. Where it is full, close another program there.")
    return tr("Not every desktop has icons beside the clock. On GNOME an extension adds them.")


def _sound_advice(system: str) -> str:
    if system == "win32":
        return tr(
            "Turn the sound up. Then open Settings, System, Notifications, PHR Desktop, and turn on \u201cPlay a"
            " sound\u201d. Look whether \u201cDo not disturb\u201d is off."
        )
    if system == "darwin":
        return tr(
            "Turn the sound up. Then open System Settings, Notifications, PHR Desktop, and turn on \u201cPlay sound for"
            " notification\u201d. Look whether Focus is off."
        )
    return tr("Turn the sound up. Then open Settings, Sound, and look whether system sounds are on and not muted.")


class HearingPage(Page):
    """Goes from way to way; each answer is kept with its day. It tells of nobody."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._settings = context.services.settings
        self.ways = {way.key: way for way in ways()}
        self.way: Way | None = None
        self._goes_on = False
        self.header = PageHeader(
            tr("Will I hear it?"),
            tr("Each way of reminding is tried on this computer, one after another."),
            back=tr("Settings"),
            went_back=context.back,
        )
        self.line = Banner("", Tone.ACCENT)
        self.start = PrimaryButton(tr("Try each &way"), self.try_all)
        self.asked = Card()
        self.said, self.question = Text("", wrap=True), Text("", "section", wrap=True)
        self.yes = PrimaryButton(tr("&Yes"), lambda: self.answer(noticed=True))
        self.no = OutlineButton(tr("&No"), lambda: self.answer(noticed=False))
        self.onward = PrimaryButton(tr("Ne&xt"), self._next)
        self.every = Card(tr("What you noticed"))
        self._build()
        self.clear()

    def refresh(self) -> None:
        self._show_rows()

    def clear(self) -> None:
        self.way = None
        self.line.hide()
        self._ask(None)
        self._show_rows()

    # --- trying

    def try_all(self) -> None:
        """All of them, from the first on."""
        self._goes_on = True
        self.try_way(next(iter(self.ways)))

    def try_one(self, key: str) -> None:
        self._goes_on = False
        self.try_way(key)

    def try_way(self, key: str) -> None:
        """Sends a test by this way, and asks whether it was noticed."""
        way = self.way = self.ways[key]
        self.line.hide()
        for button in (self.start, self.yes, self.no):
            button.setEnabled(False)
        if way.by is None:
            self.line.say(tr("Reminder. This is a test."))
            self._ask(way)
            return
        if way.sound:
            QApplication.beep()
        services, by = self.context.services, way.by
        self.context.bridge.run_query(
            lambda: services.try_reminder(by, alarm=way.sound), self._sent, owner=self, key="test"
        )

    def answer(self, *, noticed: bool) -> None:
        """What the person says of it; kept. Where it was not noticed, it is said what can be done."""
        way = self.way
        if way is None:
            return
        self._keep(way, noticed=noticed)
        if noticed:
            self._next()
        else:
            self._advise(tr("What you can do"), advice(way))

    def _sent(self, by: DeliveredBy) -> None:
        way = self.way
        if way is None:
            return
        if by is DeliveredBy.LIST and not way.sound:
            self._keep(way, noticed=False)
            self._advise(tr("This computer shows none"), advice(way))
        else:
            self._ask(way)

    def _next(self) -> None:
        self.line.hide()
        keys = list(self.ways)
        place = keys.index(self.way.key) + 1 if self.way is not None else len(keys)
        if self._goes_on and place < len(keys):
            self.try_way(keys[place])
        else:
            self.way = None
            self._ask(None)
            self.start.setFocus()

    # --- shown

    def _ask(self, way: Way | None) -> None:
        self.asked.setVisible(way is not None)
        self.begin.setVisible(way is None)
        self.start.setEnabled(True)
        if way is None:
            return
        self.said.setText(f"{way.title}. {way.sent}")
        self.question.setText(way.question)
        for button, shown in ((self.yes, True), (self.no, True), (self.onward, False)):
            button.setVisible(shown)
            button.setEnabled(True)
        self.yes.setFocus()
        announce(self, f"{self.said.text()} {way.question}", at_once=True)

    def _advise(self, title: str, words: str) -> None:
        self.asked.show()
        self.begin.hide()
        self.question.setText(title)
        self.said.setText(words)
        for button, shown in ((self.yes, False), (self.no, False), (self.onward, True)):
            button.setVisible(shown)
        self.onward.setFocus()
        announce(self, f"{title}. {words}", at_once=True)

    def _keep(self, way: Way, *, noticed: bool) -> None:
        day = today(self.context.services.clock).isoformat()
        self._settings.heard = {**self._settings.heard, way.key: (noticed, day)}
        self.context.bridge.run_query(self._settings.save, lambda _nothing: None, owner=self, key="settings")
        self._show_rows()

    def _show_rows(self) -> None:
        self.every.empty()
        for way in self.ways.values():
            words, tone = self._state(way)
            name = f"{tr('Try it')}: {way.title}"
            again = OutlineButton(tr("Try it"), lambda key=way.key: self.try_one(key), name=name)
            self.every.add_row(Row(way.title, way.detail, right=[Chip(words, tone), again], wrap=True))

    def _state(self, way: Way) -> tuple[str, Tone]:
        found = self._settings.heard.get(way.key)
        if found is None:
            return tr("not tried yet"), Tone.NEUTRAL
        noticed, day = found
        words = tr("noticed, %1") if noticed else tr("not noticed, %1")
        return fill(words, short_day(date.fromisoformat(day))), Tone.FINE if noticed else Tone.WARNING

    def _build(self) -> None:
        body = ScrollPage()
        for widget in (self.header, self.line):
            body.add(widget)
        self.begin = body.add(in_line(self.start))
        for widget in (self.question, self.said, in_line(self.yes, self.no, self.onward)):
            self.asked.add(widget)
        body.add(self.asked)
        body.add(self.every)
        body.end()
        self.whole.addWidget(body)


def heard_words(heard: dict[str, tuple[bool, str]]) -> str:
    """What was noticed so far, in a sentence for the settings."""
    if not heard:
        return tr("Not tried on this computer yet.")
    day = max(day for _noticed, day in heard.values())
    noticed = [way.title for way in ways() if heard.get(way.key, (False, ""))[0]]
    said = fill(tr("Tried on %1."), short_day(date.fromisoformat(day)))
    if not noticed:
        return f"{said} {tr('You noticed none of them.')}"
    return f"{said} {fill(tr('You noticed: %1.'), '; '.join(noticed))}"
