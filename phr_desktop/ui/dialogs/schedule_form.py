"""What is asked of a dose schedule: its kind and whatever that kind needs. How often is never filled in unasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QVBoxLayout, QWidget

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.dose_reading import read_amount
from phr_desktop.domain.dose_words import span_words
from phr_desktop.domain.doses import (
    AfterDose,
    Ask,
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
    DayRule,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Proposal,
    Rhythm,
    Schedule,
    Taper,
)
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.domain.words import WEEKDAYS
from phr_desktop.ui.announce import announce
from phr_desktop.ui.fill import fill
from phr_desktop.ui.tokens import SPACE_L, SPACE_M
from phr_desktop.ui.widgets.dose_fields import (
    UNITS,
    ReadField,
    amount_field,
    amount_text,
    day_field,
    day_text,
    time_field,
    time_text,
    whole_field,
)
from phr_desktop.ui.widgets.dose_times import DoseTimes, TaperSteps
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox, Choice, RadioButton

DAILY, WEEKDAY, DAYS, CYCLE = "daily", "weekdays", "days", "cycle"
HOURS, TAPER, NEEDED, AFTER = "hours", "taper", "needed", "after"
_TIMED = (DAILY, WEEKDAY, DAYS, CYCLE)
_GRACES = (30, 60, 120, 240)  # minutes


class ScheduleForm(QWidget):
    """`schedule` is what was filled in, or None where something is missing, which is then said at its field."""

    resized = Signal()

    def __init__(
        self, draft: Schedule, others: Sequence[Schedule], clock: Clock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._draft, self._clock = draft, clock
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE_L)
        self.unit = Choice()
        if not draft.unit:
            self.unit.addItem(self.tr("Choose..."), "")
        for unit in dict.fromkeys([*([draft.unit] if draft.unit else []), *UNITS]):
            self.unit.addItem(unit, unit)
        self.unit_field = Field(self.tr("It is counted &in"), self.unit)
        self.kind = Choice()
        for words, key in self._kinds(others):
            self.kind.addItem(words, key)
        self.kind_field = Field(self.tr("How is it &taken?"), self.kind)
        self.column.addWidget(self.kind_field)
        self.column.addWidget(self.unit_field)
        self.parts: dict[str, QWidget] = {}
        self._build_days()
        self._build_doses()
        self._build_needed()
        self._build_after(others)
        self._build_when()
        self._ends = False
        self.column.addStretch(1)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.unit.currentIndexChanged.connect(self._unit_changed)
        self._show_kind()

    # --- what is known is filled in

    def show_proposal(self, proposal: Proposal) -> None:
        """What the order says; what it does not say stays empty."""
        if proposal.rhythm is None:
            return
        self._choose_unit(proposal.unit)
        self._show_rhythm(proposal.rhythm, proposal.asks)
        if Ask.FIRST_DAY in proposal.asks:
            self.first_day.set_text("")
        elif proposal.first_day is not None:
            self.first_day.set_text(day_text(proposal.first_day))
        if proposal.last_day is not None:
            self.last_day.set_text(day_text(proposal.last_day))
        if Ask.LAST_DAY in proposal.asks:
            self._ends = True
            self.last_day.hint(self.tr("The order says that it ends: write the last day."))

    def show_schedule(self, schedule: Schedule) -> None:
        """What the person confirmed before."""
        self._choose_unit(schedule.unit)
        self._show_rhythm(schedule.rhythm, frozenset())
        self.first_day.set_text(day_text(schedule.first_day))
        self.last_day.set_text("" if schedule.last_day is None else day_text(schedule.last_day))
        (self.home if schedule.zone else self.anywhere).setChecked(True)
        self.grace.setCurrentIndex(max(0, self.grace.findData(schedule.grace // timedelta(minutes=1))))
        self.instructions.setText(schedule.instructions)

    def _show_rhythm(self, rhythm: Rhythm, asks: frozenset[Ask]) -> None:
        amounts, times = Ask.AMOUNT not in asks, Ask.TIMES not in asks
        match rhythm:
            case AtTimes(days, doses):
                self._show_days(days)
                self.times.show_doses(doses, times_known=times, amounts_known=amounts)
            case EveryHours(hours, amount, counted_from, first):
                self._choose(HOURS)
                self.hours.set_text(str(hours))
                self.hours_amount.set_text(amount_text(amount) if amounts else "")
                if times:
                    local = first.astimezone(self._clock.zone())
                    self.first_time.set_text(time_text(local.time()))
                    self.counted[counted_from].setChecked(True)
            case Taper(steps):
                self._choose(TAPER)
                self.taper.show_steps(steps, times_known=times, amounts_known=amounts)
            case AsNeeded(amount, gap, limit):
                self._choose(NEEDED)
                self.needed_amount.set_text(amount_text(amount) if amounts else "")
                self.gap.set_text("" if gap is None else amount_text(Decimal(gap // timedelta(minutes=1)) / 60))
                self.limit.set_text("" if limit is None else amount_text(limit))
            case AfterDose(schedule, wait, amount):
                self._choose(AFTER)
                self.after.setCurrentIndex(max(0, self.after.findData(schedule)))
                self.wait.set_text(str(wait // timedelta(minutes=1)))
                self.after_amount.set_text(amount_text(amount) if amounts else "")

    def _show_days(self, days: DayRule) -> None:
        match days:
            case EveryDay():
                self._choose(DAILY)
            case OnWeekdays(chosen):
                self._choose(WEEKDAY)
                for place, box in enumerate(self.weekdays):
                    box.setChecked(place in chosen)
            case EveryDays(every):
                self._choose(DAYS)
                self.every.set_text(str(every))
            case Cycle(on, off):
                self._choose(CYCLE)
                self.on.set_text(str(on))
                self.off.set_text(str(off))

    # --- what was filled in

    def schedule(self) -> Schedule | None:
        """The draft with everything that the person said."""
        rhythm = self._rhythm()
        first = None if rhythm is None else self.first_day.needed()
        if rhythm is None or first is None:
            return None
        last = self.last_day.value()
        if last is None and (self._ends or not self.last_day.is_empty()):
            self.last_day.complain()
            return None
        if last is not None and last < first:
            self.last_day.error(self.tr("The last day is before the first."))
            return None
        return replace(
            self._draft,
            unit=self.unit.currentData(),
            rhythm=rhythm,
            first_day=first,
            last_day=last,
            zone=self._zone() if self.home.isChecked() and self.kind.currentData() in (*_TIMED, TAPER) else None,
            instructions=" ".join(self.instructions.text().split()),
            grace=timedelta(minutes=self.grace.currentData()),
        )

    def _rhythm(self) -> Rhythm | None:
        kind = self.kind.currentData()
        if kind is None:
            self.kind_field.error(self.tr("Choose how it is taken."))
            self.kind.setFocus()
            return None
        if not self._unit():
            self.unit_field.error(self.tr("Choose what it is counted in, such as tablets or mL."))
            self.unit.setFocus()
            return None
        if kind in _TIMED:
            rule = self._rule(kind)
            doses = None if rule is None else self.times.doses()
            return None if rule is None or doses is None else AtTimes(rule, doses)
        if kind == TAPER:
            steps = self.taper.steps()
            return None if steps is None else Taper(steps)
        return {HOURS: self._every_hours, NEEDED: self._as_needed, AFTER: self._after_dose}[kind]()

    def _rule(self, kind: str) -> DayRule | None:
        if kind == DAILY:
            return EveryDay()
        if kind == WEEKDAY:
            chosen = frozenset(place for place, box in enumerate(self.weekdays) if box.isChecked())
            if not chosen:
                self._complain(self.days_error, self.tr("Choose the days of the week."), self.weekdays[0])
                return None
            return OnWeekdays(chosen) if len(chosen) < 7 else EveryDay()
        if kind == DAYS:
            every = self.every.needed()
            return None if every is None else EveryDays(every)
        on = self.on.needed()
        off = None if on is None else self.off.needed()
        return None if on is None or off is None else Cycle(on, off)

    def _every_hours(self) -> Rhythm | None:
        values = _all_needed((self.hours, self.hours_amount, self.first_day, self.first_time))
        if values is None:
            return None
        counted = next((key for key, button in self.counted.items() if button.isChecked()), None)
        if counted is None:
            said = self.tr("Choose from what the hours are counted.")
            self._complain(self.counted_error, said, self.counted[CountedFrom.PLANNED])
            return None
        hours, amount, day, at = values
        return EveryHours(hours, amount, counted, wall_clock(datetime.combine(day, at), self._clock.zone()))

    def _as_needed(self) -> Rhythm | None:
        amount = self.needed_amount.needed()
        if amount is None:
            return None
        for field in (self.gap, self.limit):
            if field.value() is None and not field.is_empty():
                field.complain()
                return None
        gap = self.gap.value()
        return AsNeeded(amount, None if gap is None else _span(gap), self.limit.value())

    def _after_dose(self) -> Rhythm | None:
        values = _all_needed((self.wait, self.after_amount))
        if values is None:
            return None
        wait, amount = values
        return AfterDose(self.after.currentData(), timedelta(minutes=wait), amount)

    # --- how it is built

    def _kinds(self, others: Sequence[Schedule]) -> list[tuple[str, str | None]]:
        kinds = [
            (self.tr("Choose..."), None),
            (self.tr("Every day, at times of the day"), DAILY),
            (self.tr("On certain days of the week"), WEEKDAY),
            (self.tr("Every so many days"), DAYS),
            (self.tr("So many days on, so many off"), CYCLE),
            (self.tr("Every so many hours"), HOURS),
            (self.tr("A dose that changes step by step"), TAPER),
            (self.tr("Only when needed"), NEEDED),
        ]
        return [*kinds, (self.tr("After another medicine"), AFTER)] if others else kinds

    def _build_days(self) -> None:
        column = self._part(WEEKDAY)
        column.addWidget(Text(self.tr("On which days?"), "strong"))
        self.weekdays = [CheckBox(name) for name in WEEKDAYS]
        self.days_error = _error()
        column.addWidget(in_line(*self.weekdays))
        column.addWidget(self.days_error)
        column = self._part(DAYS)
        self.every = whole_field(
            self.tr("Every how many &days?"),
            self.tr("2 means every other day, counted from the first day"),
            self.tr("Write a number of days, 2 or more."),
            2,
            366,
        )
        column.addWidget(self.every)
        column = self._part(CYCLE)
        wrong = self.tr("Write a number of days, such as 21.")
        self.on = whole_field(self.tr("Days &with doses"), self.tr("For example 21"), wrong, 1, 366)
        self.off = whole_field(self.tr("Days with&out"), self.tr("For example 7"), wrong, 1, 366)
        column.addWidget(self.on)
        column.addWidget(self.off)

    def _build_doses(self) -> None:
        column = self._part("times")
        self.times = DoseTimes(self._unit)
        self.times.resized.connect(self.resized)
        column.addWidget(self.times)
        column = self._part(TAPER)
        self.taper = TaperSteps(self._unit)
        self.taper.resized.connect(self.resized)
        column.addWidget(self.taper)
        column = self._part(HOURS)
        self.hours = whole_field(
            self.tr("Every how many hou&rs?"), self.tr("For example 8"), self.tr("Write a number of hours."), 1, 744
        )
        self.hours_amount = amount_field(unit=self._unit)
        self.first_time = time_field(self.tr("Time of the first &dose"), self.tr("On the first day, for example 8 AM"))
        self.counted = {
            CountedFrom.PLANNED: RadioButton(self.tr("By the clock: a late dose does not move the next")),
            CountedFrom.TAKEN: RadioButton(self.tr("From when the dose before was taken")),
        }
        group = QButtonGroup(self)
        self.counted_error = _error()
        for widget in (self.hours, self.hours_amount, self.first_time, Text(self.tr("Counted how?"), "strong")):
            column.addWidget(widget)
        for button in self.counted.values():
            group.addButton(button)
            column.addWidget(button)
        column.addWidget(self.counted_error)

    def _build_needed(self) -> None:
        column = self._part(NEEDED)
        self.needed_amount = amount_field(self.tr("How much at &once"), self._unit)
        self.gap = ReadField(
            self.tr("At least so many hours &apart"),
            self.tr("For example 4 or 0.5. May stay empty."),
            read_amount,
            lambda hours: span_words(_span(hours)),
            self.tr("Write hours, such as 4 or 0.5."),
        )
        self.limit = amount_field(self.tr("No &more in 24 hours than"), self._unit)
        self.limit.hint(self.tr("May stay empty. It counts only this product."))
        for widget in (self.needed_amount, self.gap, self.limit):
            column.addWidget(widget)

    def _build_after(self, others: Sequence[Schedule]) -> None:
        column = self._part(AFTER)
        self.after = Choice()
        for one in others:
            self.after.addItem(title_words(one.title), one.id)
        self.wait = whole_field(
            self.tr("How many &minutes after it"), self.tr("For example 30"), self.tr("Write minutes."), 1, 2880
        )
        self.after_amount = amount_field(unit=self._unit)
        column.addWidget(Field(self.tr("&After which medicine?"), self.after))
        column.addWidget(self.wait)
        column.addWidget(self.after_amount)

    def _build_when(self) -> None:
        self.first_day = day_field(self.tr("&First day"))
        self.first_day.set_text(day_text(local_now(self._clock).date()))
        self.last_day = day_field(self.tr("&Last day"), self.tr("May stay empty: then it goes on."))
        self.column.addWidget(self.first_day)
        self.column.addWidget(self.last_day)
        column = self._part("zone")
        column.addWidget(Text(self.tr("On a journey to another time zone"), "strong", wrap=True))
        self.anywhere = RadioButton(self.tr("At these times wherever I am"))
        self.home = RadioButton(fill(self.tr("By the clock at home (%1)"), self._zone() or ""))
        self.anywhere.setChecked(True)
        group = QButtonGroup(self)
        for button in (self.anywhere, self.home):
            group.addButton(button)
            column.addWidget(button)
        self.home.setEnabled(self._zone() is not None)
        self.grace = Choice()
        for minutes in _GRACES:
            self.grace.addItem(fill(self.tr("%1 after its time"), span_words(timedelta(minutes=minutes))), minutes)
        self.grace.setCurrentIndex(_GRACES.index(60))
        self.instructions = QLineEdit(self._draft.instructions)
        self.column.addWidget(Field(self.tr("A dose i&s late"), self.grace))
        hint = self.tr("Shown with every dose, such as \u201cwith food\u201d.")
        self.column.addWidget(Field(self.tr("Instr&uctions"), self.instructions, hint))

    def _part(self, key: str) -> QVBoxLayout:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        self.parts[key] = box
        self.column.addWidget(box)
        return column

    # --- inside

    def _show_kind(self) -> None:
        kind = self.kind.currentData()
        shown = {kind, *(("times",) if kind in _TIMED else ()), *(("zone",) if kind in (*_TIMED, TAPER) else ())}
        for key, part in self.parts.items():
            part.setVisible(key in shown)
        if kind is not None:
            self.kind_field.error("")
        self.resized.emit()

    def _unit_changed(self) -> None:
        self.unit_field.error("")
        for field in self.findChildren(ReadField):
            if field.value() is not None:
                field.line.textChanged.emit(field.line.text())

    def _choose(self, kind: str) -> None:
        self.kind.setCurrentIndex(max(0, self.kind.findData(kind)))

    def _choose_unit(self, unit: str) -> None:
        if unit and self.unit.findData(unit) < 0:
            self.unit.insertItem(0, unit, unit)
        if unit:
            self.unit.setCurrentIndex(self.unit.findData(unit))

    def _unit(self) -> str:
        return str(self.unit.currentData() or "")

    def _zone(self) -> str | None:
        if self._draft.zone:
            return self._draft.zone
        key = getattr(self._clock.zone(), "key", None)
        return str(key) if key else None

    def _complain(self, error: Text, said: str, focus: QWidget) -> None:
        error.setText(said)
        error.show()
        focus.setFocus()
        announce(focus, said, at_once=True)


def _all_needed(fields: Sequence[ReadField]) -> list[Any] | None:
    """Every value; None at the first that is missing, which then says so."""
    values = []
    for field in fields:
        value = field.needed()
        if value is None:
            return None
        values.append(value)
    return values


def _error() -> Text:
    text = Text("", "small", "error", wrap=True)
    text.hide()
    return text


def _span(hours: Decimal) -> timedelta:
    return timedelta(minutes=int(hours * 60))
