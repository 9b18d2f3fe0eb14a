"""What a person wants to be reminded of beside medicines and visits, and what sources say is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QLocale

from phr_desktop.actions import remind_about as acts
from phr_desktop.clock import today
from phr_desktop.domain.doses import EveryDay, OnWeekdays
from phr_desktop.domain.own_reminders import DueDay, OwnReminder, when_words
from phr_desktop.domain.words import joined, short_day, time_of_day
from phr_desktop.queries.due_days import due_days, reminded_about
from phr_desktop.ui.dialogs.own_reminder import OwnReminderDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.widgets import Card, OutlineButton, Row, Text
from phr_desktop.ui.widgets.flow_layout import in_line


class OwnRemindersCard(Card):
    """Of the person shown. `refresh` asks for them."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Other reminders"))
        self._context = context
        self.add_button = OutlineButton(self.tr("Add a reminder..."), lambda: self._ask(None), icon="add")
        self.show_lines((), ())

    def refresh(self) -> None:
        person, services = self._context.person, self._context.services
        if person is None:
            return
        vault, clock = services.vault, services.clock

        def take(found: tuple[list[OwnReminder], list[DueDay]]) -> None:
            if self._context.person is not None and self._context.person.id == person.id:
                self.show_lines(*found)

        self._context.bridge.run_query(
            lambda: (reminded_about(vault, clock, person.id), due_days(vault, clock, person.id)), take, owner=self
        )

    def show_lines(self, own: Sequence[OwnReminder], due: Sequence[DueDay]) -> None:
        """Shows what the person set up, then what is due from today on by a source's word."""
        self.add_button.setParent(None)
        self.empty()
        self.add(Text(self.tr("Other reminders"), "section", wrap=True))
        now = today(self._context.services.clock)
        coming = [one for one in due if one.day >= now]
        if not own and not coming:
            said = self.tr("Measurements at home, laboratory tests and vaccines: none are set up or known to be due.")
            self.add(Text(said, wrap=True))
        for one in own:
            self.add_row(self._own_row(one))
        for one in coming:
            said = fill(self.tr("due %1 \u00b7 %2"), short_day(one.day, now), one.evidence)
            self.add_row(Row(one.title, said, wrap=True))
        self.add(in_line(self.add_button))
        self.add_button.show()

    def _own_row(self, one: OwnReminder) -> Row:
        change = OutlineButton(self.tr("Change..."), lambda: self._ask(one), name=f"{self.tr('Change')}: {one.title}")
        remove = OutlineButton(self.tr("Remove"), lambda: self._remove(one), name=f"{self.tr('Remove')}: {one.title}")
        return Row(one.title, self._when(one), right=[change, remove], wrap=True)

    def _when(self, one: OwnReminder) -> str:
        at = joined([time_of_day(dose.at) for dose in one.rhythm.doses])
        days = one.rhythm.days
        if one.last_day is not None and one.last_day != one.first_day:
            return when_words(one)
        if one.last_day == one.first_day:
            return fill(self.tr("on %1 at %2"), short_day(one.first_day), at)
        if isinstance(days, OnWeekdays):
            names = joined([QLocale().dayName(day + 1) for day in sorted(days.days)])
            return fill(self.tr("each %1 at %2"), names, at)
        return fill(self.tr("every day at %1"), at) if isinstance(days, EveryDay) else when_words(one)

    def _ask(self, before: OwnReminder | None) -> None:
        person, services = self._context.person, self._context.services
        if person is None:
            return
        vault, clock = services.vault, services.clock

        def written(wanted: OwnReminder) -> None:
            said = fill(self.tr("Reminds of: %1"), wanted.title)
            if before is None:
                self._run(lambda: acts.add(vault, clock, wanted), said)
            else:
                self._run(lambda: acts.change(vault, clock, before, wanted), said)

        OwnReminderDialog(clock, person, before, written, self.window()).open()

    def _remove(self, one: OwnReminder) -> None:
        vault, clock = self._context.services.vault, self._context.services.clock
        self._run(lambda: acts.remove(vault, clock, one), fill(self.tr("No more reminders of: %1"), one.title))

    def _run(self, verb: Callable[[], acts.Reminded], said: str) -> None:
        context = self._context
        vault, clock = context.services.vault, context.services.clock

        def done(reminded: acts.Reminded) -> None:
            context.say(said, lambda: context.bridge.run_action(lambda: acts.undo(vault, clock, reminded)))

        context.bridge.run_action(verb, done, owner=self)
