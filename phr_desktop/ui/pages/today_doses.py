"""The doses on Today: what is due with one main action, what is late and what was missed, and whose each is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.doses import Schedule
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.words import count_words
from phr_desktop.queries.dose_day import DoseDay, DoseNow, DosePlace
from phr_desktop.ui.dose_verbs import DoseVerbs
from phr_desktop.ui.dose_words import changed_words, no_double_words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.dose_row import dose_row
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import Choice

MOST_MISSED = 5


class TodayDoses(QObject):
    """Makes the cards; what is said in them goes through `verbs`."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self.verbs = DoseVerbs(page)
        self._chosen = False

    def cards(self, day: DoseDay, now: datetime) -> list[QWidget]:
        """Warnings of what a source changed, then late, due and missed doses, and those of the others."""
        if not self._chosen:
            self.verbs.given_by = _self_of(day)
        family = len(day.people) > 1
        late = [one for one in day.doses if one.place is DosePlace.LATE]
        made: list[QWidget] = list(self._changed(day))
        if late:
            made.append(self._late(self.tr("Late, and not marked"), late, now, named=family))
        if day.has_schedules or any(one.place is not DosePlace.LATE for one in day.doses):
            made.append(self._of_day(day, now, family=family))
        if day.missed:
            made.append(self._missed(day.missed, now, named=family))
        if day.others:
            made.append(self._others(day.others, now))
        return made

    def _changed(self, day: DoseDay) -> list[Banner]:
        found = []
        days = {one.dose.schedule: one.changed for one in (*day.doses, *day.missed) if one.changed is not None}
        for one in day.changed:
            schedule = one.schedule
            when = days.get(schedule.id)
            told = changed_words(when, _now(self._page)) if when else self.tr("Your clinic changed this: check it")
            said = fill(self.tr("%1, for %2. %3."), title_words(schedule.title), _name(day, schedule.person), told)
            found.append(
                Banner(
                    said,
                    Tone.WARNING,
                    action=self.tr("Look at it"),
                    acted=lambda key=schedule.medicine: self._page.context.navigate("medicine", medicine=key),
                    dismissible=False,
                )
            )
        return found

    def _of_day(self, day: DoseDay, now: datetime, *, family: bool) -> Card:
        card = Card(
            self.tr("Doses today"),
            link=self.tr("All doses"),
            opened=lambda: self._page.context.navigate("doses"),
        )
        shown = [one for one in day.doses if one.place is not DosePlace.LATE]
        if not shown and not day.needed:
            card.add(Text(self.tr("No dose is planned for today."), ink="muted", wrap=True))
        if family and shown:
            card.add(self._giver(day))
        first_due = next((one for one in shown if one.place is DosePlace.DUE), None)
        for one in shown:
            card.add_row(dose_row(one, now, self.verbs, named=family, main=one is first_due))
        for schedule in day.needed:
            card.add_row(self._needed(schedule, _name(day, schedule.person)))
        return card

    def _needed(self, schedule: Schedule, name: str) -> Row:
        words = self.tr("Taken...")
        about = fill(self.tr("%1, for %2"), title_words(schedule.title), name)
        button = OutlineButton(words, lambda: self.verbs.unplanned(schedule), name=f"{words}: {about}")
        return Row(
            title_words(schedule.title),
            fill(self.tr("when needed · for %1"), name),
            right=[button],
            sentence=f"{about}, {self.tr('when needed')}",
            wrap=True,
        )

    def _giver(self, day: DoseDay) -> QWidget:
        """Who gives the doses that are marked here."""
        choice = Choice()
        for person in day.people:
            choice.addItem(person.name, person.name)
        choice.addItem(self.tr("Not said"), None)
        choice.setCurrentIndex(max(0, choice.findData(self.verbs.given_by)))
        words = Text(self.tr("Given by"), "small", "muted")
        choice.setAccessibleName(self.tr("Given by"))

        def chosen() -> None:
            self._chosen, self.verbs.given_by = True, choice.currentData()

        choice.currentIndexChanged.connect(chosen)
        return in_line(words, choice)

    def _late(self, title: str, late: Sequence[DoseNow], now: datetime, *, named: bool) -> Card:
        card = Card(title)
        for one in late:
            card.add_row(dose_row(one, now, self.verbs, named=named))
        card.add(Text(no_double_words(), "strong", "warning", wrap=True))
        return card

    def _missed(self, missed: Sequence[DoseNow], now: datetime, *, named: bool) -> Card:
        title = count_words(len(missed), self.tr("missed dose"), self.tr("missed doses"))
        shown = missed[-MOST_MISSED:][::-1]
        card = self._late(fill(self.tr("%1, not marked"), title), shown, now, named=named)
        if len(missed) > len(shown):
            said = fill(self.tr("%1 older ones are under All doses."), len(missed) - len(shown))
            card.add(Text(said, "small", "muted", wrap=True))
        if len(missed) > 1:
            doses = [one.dose for one in missed]
            buttons = []
            none = fill(self.tr("None of these %1 was taken"), len(missed))
            unsure = fill(self.tr("Not sure about all %1"), len(missed))
            for words, taken in ((none, False), (unsure, None)):
                name = f"{words}: {doses[0].person_name}"
                buttons.append(
                    OutlineButton(words, lambda taken=taken: self.verbs.all_of(doses, taken=taken), name=name)
                )
            card.add(in_line(*buttons))
        return card

    def _others(self, others: Sequence[DoseNow], now: datetime) -> Card:
        card = Card(self.tr("Doses due for others"))
        shown = others[-MOST_MISSED * 2 :]
        for one in shown:
            card.add_row(dose_row(one, now, self.verbs, named=True, faced=True))
        if any(one.place in (DosePlace.LATE, DosePlace.MISSED) for one in shown):
            card.add(Text(no_double_words(), "strong", "warning", wrap=True))
        return card


def _self_of(day: DoseDay) -> str | None:
    """Who sits here: in a family the doses are given by that person until another is chosen."""
    if len(day.people) < 2:
        return None
    return next((one.name for one in day.people if one.relation == "self"), None)


def _name(day: DoseDay, person: int) -> str:
    return next((one.name for one in day.people if one.id == person), "")


def _now(page: Page) -> datetime:
    clock = page.context.services.clock
    return clock.now().astimezone(clock.zone())
