"""A reminder of the person's own: a measurement at home, a laboratory test or a vaccine, once or again and again.

What a reminder holds and the form has no field for stays as it is, and is said.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QLineEdit, QWidget

from phr_desktop.clock import Clock, today
from phr_desktop.domain.dose_reading import read_day, read_times
from phr_desktop.domain.dose_words import day_words
from phr_desktop.domain.doses import AtTimes, DayRule, EveryDay, OnWeekdays, TimedDose
from phr_desktop.domain.own_reminders import ONE, OwnReminder
from phr_desktop.domain.people import Person
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.domain.words import long_day
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox, Choice

EVERY_DAY, WEEKDAYS, ONCE, AS_BEFORE = "every day", "weekdays", "once", "as before"


class OwnReminderDialog(CalmDialog):
    """`written` gets what is wanted. `before` None: a new one."""

    def __init__(
        self,
        clock: Clock,
        person: Person,
        before: OwnReminder | None,
        written: Callable[[OwnReminder], object],
        parent: QWidget | None,
    ) -> None:
        add, edit = self.tr("Add a reminder"), self.tr("Change this reminder")
        super().__init__(add if before is None else edit, parent, person=person)
        self._clock, self._person, self._before, self._written = clock, person, before, written
        self.kind = self._choice(
            self.tr("What &kind"),
            (
                (self.tr("A measurement at home"), ReminderKind.MEASUREMENT.value),
                (self.tr("A laboratory test"), ReminderKind.TEST.value),
                (self.tr("A vaccine"), ReminderKind.VACCINE.value),
            ),
        )
        self.what = self._line(self.tr("&Of what"), self.tr("For example: measure blood pressure."))
        self.days = self._choice(
            self.tr("O&n which days"),
            (
                (self.tr("Every day"), EVERY_DAY),
                (self.tr("On days of the week"), WEEKDAYS),
                (self.tr("Once"), ONCE),
            ),
        )
        self.weekdays = [CheckBox(QLocale().dayName(day)) for day in range(1, 8)]
        self._week = in_line(*self.weekdays)
        self.column.addWidget(self._week)
        self.day = self._line(self.tr("&Day"), self.tr("For example 2027-03-31."))
        self.at = self._line(self.tr("&Time"), self.tr("For example 8 AM or 20:00. Several: 8 AM and 8 PM."))
        self.ends = Text("", "small", "muted", wrap=True)
        self.column.addWidget(self.ends)
        self.wrong = Text("", ink="error", wrap=True)
        self.wrong.hide()
        self.column.addWidget(self.wrong)
        self.column.addStretch(1)
        self.save = PrimaryButton(self.tr("S&ave"), self._save)
        self.save.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.save])
        if before is not None:
            self._fill(before)
        self.days.currentIndexChanged.connect(self._let)
        self._let()
        self.what.edit.setFocus()

    def _choice(self, label: str, items: tuple[tuple[str, str], ...]) -> Choice:
        choice = Choice()
        for words, value in items:
            choice.addItem(words, value)
        self.column.addWidget(Field(label, choice))
        return choice

    def _line(self, label: str, hint: str) -> Field:
        field = Field(label, QLineEdit(), hint)
        field.edit.textChanged.connect(lambda: field.error(""))
        self.column.addWidget(field)
        return field

    def _fill(self, before: OwnReminder) -> None:
        days = before.rhythm.days
        once = _is_once(before)
        self.kind.setCurrentIndex(self.kind.findData(before.kind.value))
        self.what.edit.setText(before.title)
        if not isinstance(days, EveryDay | OnWeekdays):
            self.days.addItem(fill(self.tr("As now: %1"), day_words(days)), AS_BEFORE)
        way = ONCE if once else WEEKDAYS if isinstance(days, OnWeekdays) else EVERY_DAY
        way = AS_BEFORE if not once and self.days.count() > 3 else way
        self.days.setCurrentIndex(self.days.findData(way))
        if isinstance(days, OnWeekdays):
            for place, box in enumerate(self.weekdays):
                box.setChecked(place in days.days)
        if once:
            self.day.edit.setText(before.first_day.isoformat())
        self.at.edit.setText(", ".join(f"{dose.at:%H:%M}" for dose in before.rhythm.doses))

    def _let(self) -> None:
        way = self.days.currentData()
        self._week.setVisible(way == WEEKDAYS)
        self.day.setVisible(way == ONCE)
        last = self._last_day()
        self.ends.setVisible(last is not None)
        if last is not None:
            self.ends.setText(fill(self.tr("The last day stays: %1."), long_day(last)))
        self.fit()

    def _last_day(self) -> date | None:
        """The day after which it ends, as it was set up: it stays while it is reminded of again and again."""
        before = self._before
        if before is None or _is_once(before) or self.days.currentData() == ONCE:
            return None
        return before.last_day

    def _rule(self) -> DayRule:
        way = self.days.currentData()
        if way == AS_BEFORE and self._before is not None:
            return self._before.rhythm.days
        chosen = frozenset(place for place, box in enumerate(self.weekdays) if box.isChecked())
        return OnWeekdays(chosen) if way == WEEKDAYS else EveryDay()

    def _first_day(self, once: date | None) -> date:
        """Every so many days are counted from the first day, so that it stays."""
        if self.days.currentData() == AS_BEFORE and self._before is not None:
            return self._before.first_day
        return once or today(self._clock)

    def _save(self) -> None:
        at, rule = read_times(self.at.edit.text()), self._rule()
        way, day = self.days.currentData(), read_day(self.day.edit.text())
        if not self.what.edit.text().strip():
            self._refuse(self.what, self.tr("Write what you want to be reminded of."))
        elif way == ONCE and (day is None or day < today(self._clock)):
            self._refuse(self.day, self.tr("Write a day from today on, such as 2027-03-31."))
        elif at is None:
            self._refuse(self.at, self.tr("Write a time, such as 8 AM or 20:00."))
        elif rule == OnWeekdays(frozenset()):
            self.wrong.setText(self.tr("Choose at least one day of the week."))
            self.wrong.show()
            self.fit()
        else:
            first = self._first_day(day if way == ONCE else None)
            last = first if way == ONCE else self._last_day()
            rhythm = AtTimes(rule, tuple(TimedDose(each, ONE) for each in at))
            kind = ReminderKind(self.kind.currentData())
            self._written(OwnReminder("", self._person.id, kind, self.what.edit.text(), rhythm, first, last))
            self.accept()

    def _refuse(self, field: Field, words: str) -> None:
        field.error(words)
        field.edit.setFocus()


def _is_once(one: OwnReminder) -> bool:
    return one.last_day == one.first_day
