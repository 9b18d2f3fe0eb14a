"""The first page: what is due, the next visit, supplies, what is new here, what waits, and the others in a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from phr_desktop.actions.reminders import acknowledge, keep_home_times, use_local_times
from phr_desktop.clock import local_now
from phr_desktop.domain.backups import BackupState
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.medicine_words import supply, title_words
from phr_desktop.domain.medicines import MedicineHeading, MedicineLine
from phr_desktop.domain.outbox import OutboxState
from phr_desktop.domain.reminders import Occurrence, OccurrenceState, ReminderKind
from phr_desktop.domain.today import Due, Today
from phr_desktop.domain.words import count_words, moment_words, time_of_day, weekday_day
from phr_desktop.queries.backups import backups
from phr_desktop.queries.dose_day import DoseDay, dose_day
from phr_desktop.queries.today import today_page
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.visit_views import (
    away_words,
)
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.today_doses import TodayDoses
from phr_desktop.ui.pages.today_results import TodayResults
from phr_desktop.ui.pages.today_visit import TodayVisit
from phr_desktop.ui.tokens import SPACE_L, SPACE_M, SPACE_XS, Tone
from phr_desktop.ui.widgets.avatar import Avatar
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.bars import SupplyBar
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card, CardColumns
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.dose_row import DueChip
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.words import moment_day, weekday_date

MOST_REFILLS = 4
_MINUTE = 60_000  # milliseconds
_LONGEST_WAIT = 3600.0  # seconds until it looks again at the latest, while a dose is ahead
_DOT = " \u00b7 "


class TodayPage(Page):
    """Everything on it leads on: to the visit, the medicine, the result."""

    topics = frozenset({Topic.PEOPLE, Topic.SOURCES, Topic.RECORDS, Topic.MEDICINES, Topic.DOSES, Topic.REMINDERS,
                        Topic.OUTBOX, Topic.SETTINGS})  # fmt: skip

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.today: Today | None = None
        self._had_focus = False
        self._wanted = ""
        self.doses = TodayDoses(self)
        self.visit = TodayVisit(self)
        self.results = TodayResults(self)
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self.ask_again)
        self._minute = QTimer(self, interval=_MINUTE)
        self._minute.timeout.connect(self._tell_anew)
        self.body = ScrollPage()
        self.whole.addWidget(self.body)

    def refresh(self) -> None:
        services, person = self.context.services, self.person_id
        if person is None:
            return
        vault, clock = services.vault, services.clock
        self.ask(
            lambda: (today_page(vault, clock, person), backups(vault, clock), dose_day(vault, clock, person)),
            lambda found: self._show(*found),
        )

    def opened(self, **arguments: str) -> None:
        """`dose`: the one to be shown, and to get the focus."""
        self._wanted = arguments.get("dose", "")

    def clear(self) -> None:
        self.today = None
        self._next.stop()
        self._minute.stop()
        self.body.empty()

    def _on_change(self, change) -> None:
        """The line of the others makes everyone's changes this page's own."""
        if change.concerns(None, *self.topics):
            self.context.bridge.when_answered(self, self.ask_again)

    # --- what is shown

    def hideEvent(self, event: QHideEvent) -> None:
        """Shown again, it asks again: a dose may have become late meanwhile."""
        super().hideEvent(event)
        self._stale = self._stale or self._next.isActive()
        self._next.stop()
        self._minute.stop()

    def _look_again(self, day: DoseDay) -> None:
        """When a dose becomes due or late: nobody is told to take a late one now."""
        self._next.stop()
        self._minute.stop()
        if day.next_change is not None and self.isVisible():
            left = (day.next_change - self.context.services.clock.now()).total_seconds()
            self._next.start(int(min(max(left, 1.0), _LONGEST_WAIT) * 1000))
            self._minute.start()

    def _tell_anew(self) -> None:
        """ "was due 25 min ago" is true for a minute; the page stays as it is, and so does the focus in it."""
        now = local_now(self.context.services.clock)
        for chip in self.findChildren(DueChip):
            chip.tell(now)

    def _show(self, today: Today, state: BackupState, day: DoseDay) -> None:
        if today.person.id != self.person_id:
            return
        place = self.body.verticalScrollBar().value()
        self.today = today
        self.body.empty()
        now = local_now(self.context.services.clock)
        self.body.add(PageHeader(weekday_date(now.date()), self._summary(today, day)))
        if today.has_sources and state.is_late(now) and not self.context.services.is_sample:
            self.body.add(self._backup_is_late(state))
        if today.zone_left is not None:
            self.body.add(self._other_zone(today.zone_left, now))
        for card in self.doses.cards(day, now):
            self.body.add(card)
        if _shown(today):
            self.body.add(self._reminders(today, now))
        if not today.has_sources:
            self.body.add(self._nothing())
        else:
            self.body.add(self._columns(today, now))
        self.body.add(Text(self._about_reminders(today, now), "small", "muted", wrap=True))
        self.body.end()
        self.body.verticalScrollBar().setValue(place)
        if self._had_focus:
            self._had_focus = False
            self.context.bridge.post(self.take_focus)
        self.focus_inside()
        if self._wanted:
            self.context.bridge.post(self._show_wanted)
        self._look_again(day)

    def _show_wanted(self) -> None:
        """The dose that a notification led to, once it is laid out."""
        wanted, self._wanted = self._wanted, ""
        row = next((row for row in self.findChildren(Row) if row.property("dose") == wanted), None)
        if row is not None and row.isVisibleTo(self):
            self.body.widget().layout().activate()
            self.body.ensureWidgetVisible(row)
            buttons = row.findChildren(QAbstractButton)
            if buttons:
                buttons[-1].setFocus()

    def _backup_is_late(self, state: BackupState) -> Banner:
        if state.verified_at is None:
            said = self.tr("There is no backup of this record yet. If this computer breaks, the record is lost.")
        else:
            day = moment_day(state.verified_at, self.context.services.clock)
            said = fill(self.tr("The last verified backup is of %1. What came since is only on this computer."), day)
        return Banner(
            said,
            Tone.WARNING,
            action=self.tr("Backups"),
            acted=lambda: self.context.navigate("settings", section="backups"),
            dismissible=False,
        )

    def _summary(self, today: Today, day: DoseDay) -> str:
        """ "For Mina: 2 doses due, 1 refill running low, 3 results new here"."""
        parts = []
        if day.due:
            parts.append(count_words(day.due, self.tr("dose due"), self.tr("doses due")))
        if _shown(today):
            parts.append(count_words(len(_shown(today)), self.tr("reminder"), self.tr("reminders")))
        if today.refills_low:
            parts.append(self._low_words(today.refills_low))
        if today.results.total:
            parts.append(self._new_words(today.results.total, today.results.at_least))
        told = ", ".join(parts) or self.tr("nothing is due that is known here")
        return fill(self.tr("For %1: %2"), today.person.name.split()[0], told)

    def _low_words(self, count: int) -> str:
        return count_words(count, self.tr("refill running low"), self.tr("refills running low"))

    def _new_words(self, count: int, at_least: bool = False) -> str:
        words = count_words(count, self.tr("result new here"), self.tr("results new here"))
        return fill(self.tr("at least %1"), words) if at_least else words

    def _nothing(self) -> EmptyState:
        return EmptyState(
            self.tr("Nothing is here yet"),
            self.tr(
                "Connect a portal of a clinic or health plan. Files that you already have can be dropped anywhere."
            ),
            button=self.tr("Connect a portal..."),
            clicked=self.context.connect_portal,
            icon="today",
        )

    # --- whose clocks count

    def _other_zone(self, home: str, now: datetime) -> Card:
        """Asked once on a journey; until it is answered doses follow the clocks here."""
        services, bridge = self.context.services, self.context.bridge
        vault, clock = services.vault, services.clock
        card = Card(self.tr("You are in another time zone"))
        said = self.tr("Doses were planned by the clocks of %1. Here it is %2. Ask your doctor when you are not sure.")
        card.add(Text(fill(said, home.replace("_", " "), time_of_day(now)), wrap=True))
        local = OutlineButton(
            self.tr("Use &local times"), lambda: bridge.run_action(lambda: use_local_times(vault, clock), owner=self)
        )
        kept = OutlineButton(
            self.tr("Keep &home times"),
            lambda: bridge.run_action(lambda: keep_home_times(vault, clock, home), owner=self),
        )
        card.add(in_line(local, kept, spacing=SPACE_M))
        return card

    # --- reminders

    def _reminders(self, today: Today, now: datetime) -> Card:
        """All that is open, in one card: also what fell due while the program was off."""
        reminders = _shown(today)
        everything = [one.id for one in reminders]
        several = len(everything) > 1
        card = Card(
            self.tr("Reminders"),
            link=self.tr("Mark all as seen") if several else "",
            opened=(lambda: self._seen(everything)) if several else None,
        )
        if any(one.state is OccurrenceState.MISSED for one in reminders):
            said = self.tr("Some of this fell due while the program was off or the computer was asleep.")
            card.add(Text(said, "small", "muted", wrap=True))
        for one in reminders:
            card.add_row(self._reminder(one, now))
        return card

    def _reminder(self, one: Occurrence, now: datetime) -> Row:
        was_due = fill(self.tr("was due %1"), moment_words(int(one.at.timestamp()), now))
        about = f"{one.person_name}: {one.said}"
        buttons: list[QWidget] = []
        if one.state is OccurrenceState.MISSED:
            buttons.append(Chip(self.tr("missed"), Tone.WARNING))
        lead = self._subject(one)
        if lead is not None:
            buttons.append(OutlineButton(self.tr("Open"), lead, name=f"{self.tr('Open')}: {about}"))
        seen = self.tr("Seen")
        buttons.append(OutlineButton(seen, lambda: self._seen([one.id]), name=f"{seen}: {about}"))
        detail = _DOT.join(part for part in (was_due, one.evidence) if part)
        return Row(one.said, detail, right=buttons, sentence=f"{about}, {detail}", wrap=True)

    def _subject(self, one: Occurrence) -> Callable[[], None] | None:
        """What the reminder is about, as a way there."""
        kind, _, name = one.subject.partition(":")
        if kind == "record" and name.isdecimal():
            return lambda: self.context.navigate("appointment", record=int(name))
        return (lambda: self.context.navigate("medicine", medicine=name)) if kind == "medicine" else None

    def _seen(self, identifiers: list[str]) -> None:
        services = self.context.services
        vault, clock = services.vault, services.clock
        focused = self.focusWidget()
        self._had_focus = focused is not None and focused.hasFocus()
        self.context.bridge.run_action(lambda: acknowledge(vault, clock, identifiers), owner=self)

    def _about_reminders(self, today: Today, now: datetime) -> str:
        said = self.tr(
            "Reminders come only while this computer is on and this program runs. While it is locked, they do not say"
            " of what."
        )
        if today.next_reminder is None:
            return said
        at = today.next_reminder.astimezone(now.tzinfo)
        when = fill(self.tr("%1 at %2"), weekday_day(at.date()), time_of_day(at))
        return f"{said} {fill(self.tr('The next one for %1 comes %2.'), today.person.name.split()[0], when)}"

    # --- supplies

    def _refills(self, today: Today, now: datetime) -> Card:
        card = Card(self.tr("Refills"), link=self.tr("Medicines"), opened=lambda: self.context.navigate("medicines"))
        if not today.refills:
            said = self.tr("No supply is known: no fill came from a source for a medicine that is taken.")
            card.add(Text(said, ink="muted", wrap=True))
        shown = today.refills[:MOST_REFILLS]
        unconfirmed = [line for line in shown if line.heading is not MedicineHeading.TAKING]
        none_confirmed = len(unconfirmed) == len(shown)
        for line in shown:
            card.add(self._refill(line, now, noted=line in unconfirmed and not none_confirmed))
        if unconfirmed and none_confirmed:
            card.add(Text(self.tr("You have not confirmed yet that these are taken."), "small", "muted", wrap=True))
        more = len(today.refills) - MOST_REFILLS
        if more > 0:
            said = fill(self.tr("%1 on the Medicines page"), count_words(more, self.tr("more"), self.tr("more")))
            card.add(Text(said, "small", "muted", wrap=True))
        return card

    def _refill(self, line: MedicineLine, now: datetime, *, noted: bool) -> QWidget:
        known = supply(line, now.date())
        box = QWidget()
        title = title_words(line.title)
        box.setAccessibleName(f"{title}, {known.spoken}")
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS + 2)
        words = Text(known.words, "small", "warning" if known.low else "muted")
        column.addWidget(Row(title, right=[words], wrap=True))
        column.addWidget(SupplyBar(known.left, known.spoken, Tone.WARNING if known.low else Tone.ACCENT))
        note = self.tr("not confirmed by you yet") if noted else ""
        evidence = _DOT.join(part for part in (known.evidence, note) if part)
        column.addWidget(Text(evidence, "small", "muted", wrap=True))
        return box

    # --- the columns, and what else there is

    def _columns(self, today: Today, now: datetime) -> QWidget:
        columns = CardColumns()
        columns.add(_below([self.visit.card(today, now), self.results.card(today.results, now)]), 5)
        beside = [self._refills(today, now), self._waiting(today), self._family(today, now)]
        columns.add(_below([card for card in beside if card is not None]), 4)
        return columns

    def _waiting(self, today: Today) -> Card | None:
        if not today.waiting:
            return None
        card = Card(self.tr("Waiting to send"))
        states = {
            OutboxState.DRAFT: self.tr("draft"),
            OutboxState.WAITING: self.tr("waiting"),
            OutboxState.SENDING: self.tr("being sent"),
            OutboxState.UNKNOWN: self.tr("not known whether it arrived"),
            OutboxState.HELD: self.tr("held back"),
            OutboxState.REJECTED: self.tr("refused"),
        }
        for row in today.waiting:
            card.add_row(Row(row.kind.replace("-", " ").capitalize(), right=[Chip(states[row.state])]))
        return card

    def _family(self, today: Today, now: datetime) -> Card | None:
        if not today.family:
            return None
        card = Card(self.tr("Other people here"))
        for due in today.family:
            card.add_row(self._other(due, now))
        return card

    def _other(self, due: Due, now: datetime) -> Row:
        parts = []
        if due.reminders:
            parts.append(count_words(due.reminders, self.tr("reminder"), self.tr("reminders")))
        if due.refills_low:
            parts.append(self._low_words(due.refills_low))
        if due.critical_results:
            marked = self.tr("result that the lab marked critical"), self.tr("results that the lab marked critical")
            parts.append(count_words(due.critical_results, *marked))
        if due.new_results:
            parts.append(self._new_words(due.new_results))
        if due.next_visit is not None:
            parts.append(fill(self.tr("a visit %1"), away_words(due.next_visit, now)))
        said = ", ".join(parts)
        name = due.person.name
        return Row(name, said, leading=Avatar(name, due.person.id, 32), sentence=f"{name}: {said}", wrap=True)


def _shown(today: Today) -> list[Occurrence]:
    """Reminders of doses are told by the doses themselves."""
    return [one for one in today.reminders if one.kind is not ReminderKind.DOSE]


def _below(cards: list[QWidget]) -> QWidget:
    """Cards one below the other, as high as each needs."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE_L)
    for card in cards:
        column.addWidget(card)
    column.addStretch(1)
    return box
