"""Which reminders the person shown gets, when, in which words, and with which sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time

from PySide6.QtCore import QCoreApplication, QLocale, QTime
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.domain.reminder_choices import LEADS, MOST_RINGS, ReminderChoices
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.ui.fill import fill
from phr_desktop.ui.tokens import SPACE_L, SPACE_S, SPACE_XS
from phr_desktop.ui.widgets import Card, CheckBox, Choice, Text
from phr_desktop.ui.widgets.flow_layout import FlowLayout

QUIET = time(22), time(7)
RINGS = (0, 3, 5, 10, 20, 30, MOST_RINGS)


def tr(text: str) -> str:
    return QCoreApplication.translate("reminder_choices", text)


def kind_words() -> dict[ReminderKind, str]:
    """Each kind, as it is headed in the settings; in their order there."""
    return {
        ReminderKind.DOSE: tr("Doses"),
        ReminderKind.REFILL: tr("Refills"),
        ReminderKind.APPOINTMENT: tr("Appointments"),
        ReminderKind.MEASUREMENT: tr("Home measurements"),
        ReminderKind.TEST: tr("Laboratory tests"),
        ReminderKind.VACCINE: tr("Vaccines"),
    }


def lead_words() -> dict[str, str]:
    return {
        "1 week": tr("a week before"),
        "1 day": tr("a day before"),
        "2 hours": tr("2 hours before"),
        "7 days": tr("7 days before"),
        "2 days": tr("2 days before"),
        "that day": tr("on the day"),
    }


class ReminderChoicesCards(QWidget):
    """Three cards: when, in which words, with which sound. `changed` gets what is chosen now, at each press."""

    def __init__(self, changed: Callable[[ReminderChoices], object]) -> None:
        super().__init__()
        self._changed = changed
        self._before = ReminderChoices()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_L)
        self.when = Card(tr("When to remind"))
        self.words = Card(tr("What a notification says"))
        self.sound = Card(tr("Sound and quiet hours"))
        for card in (self.when, self.words, self.sound):
            column.addWidget(card)
        self._build_when()
        self._build_words()
        self._build_sound()
        self.show_choices(ReminderChoices(), "")

    def show_choices(self, chosen: ReminderChoices, name: str) -> None:
        """Shows what this person chose."""
        self._before = chosen
        self.whose.setText(fill(tr("For %1"), name) if name else "")
        for (kind, lead), box in self.leads.items():
            box.setChecked((kind, lead) not in chosen.without)
        for kind, box in self.full.items():
            box.setChecked(kind in chosen.full_text)
        for kind, box in self.alarms.items():
            box.setChecked(kind in chosen.alarms)
        self.repeat.setChecked(chosen.repeat_doses)
        self.quiet.setChecked(chosen.quiet is not None)
        start, end = chosen.quiet or QUIET
        for choice, at in ((self.hour, chosen.refill_hour), (self.start, start), (self.end, end)):
            _choose_time(choice, at)
        _choose(self.rings, chosen.alarm_rings, _ring_words(chosen.alarm_rings))
        self._let()

    # --- built once

    def _build_when(self) -> None:
        self.whose = self.when.add(Text("", "strong", wrap=True))
        words = kind_words()
        self.repeat = CheckBox(tr("again after 10 and after 30 minutes, until it is marked"))
        at_times = Text(tr("At the times that you set up."), wrap=True)
        self.when.add(_group(words[ReminderKind.DOSE], [at_times, self.repeat]))
        self.leads: dict[tuple[ReminderKind, str], CheckBox] = {}
        said = lead_words()
        for kind, leads in LEADS.items():
            for lead in leads:
                self.leads[kind, lead] = CheckBox(said[lead])
            self.when.add(_group(words[kind], [self.leads[kind, lead] for lead in leads], in_line=True))
        self.hour = _hours(30)
        name = tr("At what time, where only the day is known")
        self.hour.setAccessibleName(name)
        self.when.add(_group(name, [self.hour], in_line=True))
        for box in (self.repeat, *self.leads.values()):
            box.clicked.connect(self._tell)
        self.hour.activated.connect(self._tell)

    def _build_words(self) -> None:
        said = tr("It says only that there is a reminder, so that nobody near reads more. Say whose and which for:")
        self.words.add(Text(said, wrap=True))
        self.full = {kind: CheckBox(words) for kind, words in kind_words().items()}
        box = _group("", list(self.full.values()), in_line=True)
        self.words.add(box)
        for kind, each in self.full.items():
            each.setAccessibleName(fill(tr("Say whose and which: %1"), kind_words()[kind]))
            each.clicked.connect(self._tell)
        more = tr(
            "Whoever is near can read it, also while the screen is locked. Doses then have Take, Snooze and Skip."
        )
        self.words.add(Text(more, "small", "muted", wrap=True))

    def _build_sound(self) -> None:
        said = tr("An alarm rings until you answer it, and in quiet hours too. Make an alarm of:")
        self.sound.add(Text(said, wrap=True))
        self.alarms = {kind: CheckBox(words) for kind, words in kind_words().items()}
        self.sound.add(_group("", list(self.alarms.values()), in_line=True))
        for kind, each in self.alarms.items():
            each.setAccessibleName(fill(tr("Alarm: %1"), kind_words()[kind]))
            each.clicked.connect(self._tell)
        self.rings = Choice()
        for count in RINGS:
            self.rings.addItem(_ring_words(count), count)
        name = tr("An alarm that nobody answers rings")
        self.rings.setAccessibleName(name)
        self.rings.setMinimumContentsLength(26)
        self.sound.add(_group(name, [self.rings], in_line=True))
        self.quiet = CheckBox(tr("Quiet hours: what is due then is told afterwards"))
        self.start, self.end = _hours(30), _hours(30)
        self.start.setAccessibleName(tr("Quiet from"))
        self.end.setAccessibleName(tr("Quiet until"))
        self.sound.add(self.quiet)
        between = Text(tr("until"))
        self._quiet_line = _group("", [self.start, between, self.end], in_line=True)
        self.sound.add(self._quiet_line)
        self.quiet.clicked.connect(self._tell)
        for choice in (self.start, self.end, self.rings):
            choice.activated.connect(self._tell)

    # --- what is chosen

    def chosen(self) -> ReminderChoices:
        """What stands here now; what no card shows is kept as it was."""
        return replace(
            self._before,
            full_text=_checked(self.full),
            alarms=_checked(self.alarms),
            repeat_doses=self.repeat.isChecked(),
            quiet=(_time(self.start), _time(self.end)) if self.quiet.isChecked() else None,
            without=frozenset(key for key, box in self.leads.items() if not box.isChecked()),
            refill_hour=_time(self.hour),
            alarm_rings=self.rings.currentData(),
        )

    def _tell(self) -> None:
        self._before = self.chosen()
        self._let()
        self._changed(self._before)

    def _let(self) -> None:
        self._quiet_line.setVisible(self.quiet.isChecked())


def _checked(boxes: dict[ReminderKind, CheckBox]) -> frozenset[ReminderKind]:
    return frozenset(kind for kind, box in boxes.items() if box.isChecked())


def _group(title: str, widgets: list[QWidget], *, in_line: bool = False) -> QWidget:
    """Widgets under their title; each is told with it."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE_XS)
    if title:
        column.addWidget(Text(title, "strong", wrap=True))
    line = QWidget()
    flow = FlowLayout(line, spacing=SPACE_L) if in_line else QVBoxLayout(line)
    if not in_line:
        flow.setContentsMargins(0, 0, 0, 0)
        flow.setSpacing(SPACE_S)
    for each in widgets:
        flow.addWidget(each)
        if title and isinstance(each, CheckBox):
            each.setAccessibleName(f"{title}: {each.text()}")
    column.addWidget(line)
    return box


def _hours(minutes: int) -> Choice:
    """Times of the day, so many minutes apart."""
    choice = Choice()
    choice.setMinimumContentsLength(8)
    for place in range(0, 24 * 60, minutes):
        at = time(place // 60, place % 60)
        choice.addItem(_hour(at), place)
    return choice


def _choose(choice: Choice, value: int, words: str) -> None:
    """Marks it; one that is not among them is put there first."""
    place = choice.findData(value)
    if place < 0:
        choice.addItem(words, value)
        place = choice.count() - 1
    choice.setCurrentIndex(place)


def _choose_time(choice: Choice, at: time) -> None:
    _choose(choice, at.hour * 60 + at.minute, _hour(at))


def _time(choice: Choice) -> time:
    minutes = choice.currentData()
    return time(minutes // 60, minutes % 60)


def _ring_words(count: int) -> str:
    return fill(tr("%1 more times, a minute apart"), count) if count else tr("once only")


def _hour(at: time) -> str:
    return QLocale().toString(QTime(at.hour, at.minute), QLocale.FormatType.ShortFormat)
