"""The doses on a medicine's own page: its schedule in words, what comes next, what is left, what became of the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from phr_desktop.actions import doses as acts
from phr_desktop.actions import medicines as medicine_acts
from phr_desktop.clock import local_now, today
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import AsNeeded, Basis, Schedule, Stock
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.medicines import MedicineHeading, MedicineLine
from phr_desktop.domain.words import count_words, days_away, long_day
from phr_desktop.queries.dose_line import DoseLine
from phr_desktop.queries.doses import ScheduleNow, proposals
from phr_desktop.ui.dialogs.schedule import Confirmed, ScheduleDialog, said_back
from phr_desktop.ui.dialogs.stock import CountStock
from phr_desktop.ui.dose_verbs import DoseVerbs
from phr_desktop.ui.dose_words import state_chip, state_words, when_words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text

_NEXT = 3
_PAST = 5
_SOON = timedelta(days=30)  # an expiry is told so long before


class MedicineDoses(QObject):
    """Makes the cards of doses for the line that its page shows."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self.verbs = DoseVerbs(page)

    def warnings(self, line: MedicineLine, found: DoseLine) -> list[QWidget]:
        """Schedules whose sources say something else now, until the person decides."""
        return [self._changed(line, one, found) for one in found.schedules if one.changed]

    def cards(self, line: MedicineLine, found: DoseLine) -> list[QWidget]:
        """Schedule, stock and the last doses."""
        if line.heading in (MedicineHeading.NOT_TAKING, MedicineHeading.HISTORY) and not found.schedules:
            return [self._past(line, found)] if found.past else []
        made: list[QWidget] = [self._schedule(line, found), self._stock(line, found)]
        return [*made, self._past(line, found)] if found.past else made

    def set_up(self, line: MedicineLine, found: DoseLine, now: Schedule | None = None) -> None:
        """Opens the dialog for a new schedule, or for one that takes the place of `now`."""
        context = self._page.context
        if context.person is None or context.person.id != line.person:
            return
        dialog = ScheduleDialog(
            context.services, context.bridge, context.person, line, self._confirmed, self._page.window(),
            now=now, others=[one for one in found.all_schedules if one.medicine not in (line.key, *line.keys)],
        )  # fmt: skip
        dialog.open()

    # --- the schedule

    def _changed(self, line: MedicineLine, one: ScheduleNow, found: DoseLine) -> QWidget:
        said = fill(
            self.tr("Your clinic changed what this schedule came from. You go by: %1 Check before you take it."),
            said_back(one.schedule),
        )
        card = Card(self.tr("Changed by the clinic"))
        card.add(Banner(said, Tone.WARNING, dismissible=False))
        change, keep = self.tr("Change my schedule..."), self.tr("I checked: mine stays")
        card.add(
            in_line(
                PrimaryButton(change, lambda: self.set_up(line, found, one.schedule)),
                OutlineButton(keep, lambda: self._keep(line, one.schedule)),
            )
        )
        return card

    def _schedule(self, line: MedicineLine, found: DoseLine) -> Card:
        card = Card(self.tr("When you take it"))
        if not found.schedules:
            said = self.tr("No schedule is set up: no dose is planned and nothing reminds of it.")
            card.add(Text(said, ink="muted", wrap=True))
            words = self.tr("Set up doses...")
            name = f"{words}: {title_words(line.title)}"
            card.add(in_line(PrimaryButton(words, lambda: self.set_up(line, found), name=name)))
            return card
        for one in found.schedules:
            card.add(Text(said_back(one.schedule), "strong", wrap=True))
            for more in self._notes(one.schedule):
                card.add(Text(more, "small", "muted", wrap=True))
            card.add(in_line(*self._schedule_buttons(line, found, one.schedule)))
        self._next(card, found)
        return card

    def _notes(self, one: Schedule) -> list[str]:
        last = fill(self.tr("to %1"), long_day(one.last_day)) if one.last_day else ""
        since = " ".join(part for part in (fill(self.tr("From %1"), long_day(one.first_day)), last) if part)
        paused = self.tr("Paused: no dose is planned.") if one.paused else ""
        return [part for part in (paused, one.instructions, since) if part]

    def _schedule_buttons(self, line: MedicineLine, found: DoseLine, one: Schedule) -> list[QWidget]:
        about = title_words(line.title)
        entries: list[tuple[str, Callable[[], object]]] = [
            (self.tr("Change..."), lambda: self.set_up(line, found, one)),
            (self.tr("Go on"), lambda: self._act(acts.go_on, one, self.tr("Goes on: %1"), acts.pause))
            if one.paused
            else (self.tr("Pause"), lambda: self._act(acts.pause, one, self.tr("Paused: %1"), acts.go_on)),
            (self.tr("End"), lambda: self._act(acts.end_schedule, one, self.tr("Ended: %1"), acts.go_on)),
        ]
        unplanned = self.tr("Taken...") if isinstance(one.rhythm, AsNeeded) else self.tr("An extra dose...")
        entries.append((unplanned, lambda: self.verbs.unplanned(one)))
        return [OutlineButton(words, act, name=f"{words}: {about}") for words, act in entries]

    def _next(self, card: Card, found: DoseLine) -> None:
        if not found.coming:
            return
        clock = self._page.context.services.clock
        now = local_now(clock)
        said = []
        for one, dose in found.coming[:_NEXT]:
            local = dose.due.astimezone(now.tzinfo)
            day = days_away(local.date(), now.date())
            said.append(f"{day} {when_words(local, local)}: {amount_words(dose.amount, one.unit)}")
        card.add(Text(fill(self.tr("Next: %1"), "; ".join(said)), wrap=True))

    # --- what is left

    def _stock(self, line: MedicineLine, found: DoseLine) -> Card:
        card = Card(self.tr("What is left"))
        stock = found.stock
        words = self.tr("Count...") if stock is None else self.tr("Count again...")
        button = OutlineButton(words, lambda: self._count(line, found), name=f"{words}: {title_words(line.title)}")
        if stock is None:
            said = self.tr("Not counted. When you count it, every dose you mark as taken is taken off.")
            card.add_row(Row(self.tr("Not known"), said, right=[button], wrap=True))
            return card
        left = amount_words(stock.left, stock.unit) if stock.left else self.tr("none")
        card.add_row(Row(left, self._stock_words(stock), right=[button], wrap=True, strong=True))
        for warning in self._stock_warnings(stock):
            card.add(Text(warning, ink="warning", wrap=True))
        return card

    def _stock_words(self, stock: Stock) -> str:
        now = local_now(self._page.context.services.clock)
        said = [fill(self.tr("counted %1"), when_words(stock.counted_at, now))]
        if stock.pack is not None:
            said.append(fill(self.tr("a pack holds %1"), amount_words(stock.pack, stock.unit)))
        if stock.expires is not None:
            said.append(fill(self.tr("expires %1"), long_day(stock.expires)))
        return " · ".join(said)

    def _stock_warnings(self, stock: Stock) -> list[str]:
        day = today(self._page.context.services.clock)
        said = []
        if not stock.left:
            said.append(self.tr("By your count nothing is left. Ask your pharmacy; it may be able to give some."))
        elif stock.low_at is not None and stock.left <= stock.low_at:
            said.append(fill(self.tr("Running low: %1 left."), amount_words(stock.left, stock.unit)))
        if stock.expires is not None and stock.expires < day:
            said.append(self.tr("This pack is past its expiry day. Ask your pharmacist before taking it."))
        elif stock.expires is not None and stock.expires - day <= _SOON:
            said.append(fill(self.tr("This pack expires on %1."), long_day(stock.expires)))
        return said

    def _count(self, line: MedicineLine, found: DoseLine) -> None:
        context = self._page.context
        person, vault, clock = context.person, context.services.vault, context.services.clock
        if person is None or person.id != line.person:
            return
        before = found.stock
        unit = found.schedules[0].schedule.unit if found.schedules else before.unit if before is not None else ""
        about = title_words(line.title)

        def put_back() -> None:
            if before is not None:
                context.bridge.run_action(lambda: acts.count_stock(vault, clock, before))
            else:
                context.bridge.run_action(lambda: acts.forget_stock(vault, clock, line.person, line.key))

        def counted(stock: Stock) -> None:
            said = fill(self.tr("Counted: %1"), about)
            context.bridge.run_action(
                lambda: acts.count_stock(vault, clock, stock), lambda _done: context.say(said, put_back)
            )

        def forgotten() -> None:
            said = fill(self.tr("Not counted any more: %1"), about)
            context.bridge.run_action(
                lambda: acts.forget_stock(vault, clock, line.person, line.key),
                lambda _done: context.say(said, put_back),
            )

        CountStock(clock, person, line.key, line.title, unit, before, counted, forgotten, self._page.window()).open()

    # --- the last doses

    def _past(self, line: MedicineLine, found: DoseLine) -> Card:
        card = Card(
            self.tr("Last doses"),
            link=self.tr("All of them"),
            opened=lambda: self._page.context.navigate("doses", medicine=line.key),
        )
        now = local_now(self._page.context.services.clock)
        for dose in found.past[:_PAST]:
            moment = dose.due or dose.taken_at or now
            word, tone = state_chip(dose)
            more = OutlineButton(self.tr("More"), name=f"{self.tr('More')}: {when_words(moment, now)}")
            more.clicked.connect(
                lambda _checked=False, dose=dose, more=more: self.verbs.more_menu(dose, more, late=True)
            )
            said = " · ".join(part for part in (amount_words(dose.amount, dose.unit), state_words(dose, now)) if part)
            card.add_row(Row(when_words(moment, now), said, right=[Chip(word, tone), more], wrap=True))
        if len(found.past) > _PAST:
            rest = count_words(len(found.past) - _PAST, self.tr("more dose"), self.tr("more doses"))
            card.add(Text(fill(self.tr("%1 in the last 30 days"), rest), "small", "muted", wrap=True))
        return card

    # --- inside

    def _confirmed(self, made: Confirmed) -> None:
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock
        scheduled, chosen = made
        one = scheduled.schedule

        def undo() -> tuple[Any, ...]:
            done: tuple[Any, ...] = (acts.undo_schedule(vault, clock, scheduled),)
            if chosen is None:
                return done
            return (*done, medicine_acts.put_back(vault, clock, one.person, one.medicine, chosen.before, chosen.ended))

        said = fill(self.tr("Confirmed: %1, %2"), title_words(one.title), said_back(one))
        context.say(said, lambda: context.bridge.run_action(undo))

    def _keep(self, line: MedicineLine, one: Schedule) -> None:
        """The person checked: the same schedule, from what the sources say today."""
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock

        def verb() -> Confirmed:
            basis = tuple(Basis(record, content) for record, content, _proposal in proposals(vault, clock, line))
            return acts.confirm_schedule(vault, clock, replace(one, basis=basis), (one.id,)), None

        context.bridge.run_action(verb, self._confirmed, owner=self._page)

    def _act(self, verb: Callable[..., Any], one: Schedule, said: str, back: Callable[..., Any]) -> None:
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock
        words = fill(said, title_words(one.title))

        def undo() -> None:
            context.bridge.run_action(lambda: back(vault, clock, one))

        context.bridge.run_action(
            lambda: verb(vault, clock, one), lambda _done: context.say(words, undo), owner=self._page
        )
