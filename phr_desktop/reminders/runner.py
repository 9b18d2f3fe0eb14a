"""Fires what is due, at most once, and loses nothing: settled in the vault first, shown afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from queue import Empty, Queue
from typing import TYPE_CHECKING

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.reminder_choices import Moment, ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, OccurrenceState, ReminderTarget
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.queries.alarms import EVERY, rings_due
from phr_desktop.reminders.answers import about, carry_out, dose_of, dose_target
from phr_desktop.reminders.answers import settled as no_more_to_say
from phr_desktop.reminders.notifier import Answer, Notifier
from phr_desktop.reminders.planner import replan
from phr_desktop.vault import reminder_choices, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

if TYPE_CHECKING:
    from phr_desktop.reminders.locked import Rang
    from phr_desktop.reminders.ticking import Ticking

ASLEEP = timedelta(seconds=90)  # a longer gap between two ticks: the computer slept, or its clock was set
_REASONS = (Topic.PEOPLE, Topic.SOURCES, Topic.RECORDS, Topic.MEDICINES, Topic.DOSES)


class ReminderRunner:
    """Ticks between `start` and `stop`.

    `on_change` and `on_card` are called on the tick's thread. `on_card` gets, once and together, what the window
    itself has to show: all that fell due while the program was off or the computer slept (MISSED), for one card; and
    what neither the desktop nor the tray could show (DELIVERED). Both are in the list of open reminders too.

    `rang`: what was told while the vault was locked. It is settled at the first tick, and shown on the card, without
    another notification.

    `on_look`, where it is given, lets notifications have words and buttons as each person chose them; it is called
    where a button could do nothing, such as after the lock, with the dose that the person has to look at.

    `on_alarm` gets the alarms of each tick, when they are told and whenever they ring again, for the window's sound.

    In a vault that stores nothing (an older copy, a folder that may not be written to) nothing can be settled: what
    falls due from the first tick on is told once, as this runner remembers, and what was due before is not: the record
    that went on may have told it.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        notifier: Notifier,
        on_change: Callable[[ChangeSet], None],
        on_card: Callable[[tuple[Occurrence, ...]], None],
        rang: Rang | None = None,
        on_look: Callable[[ReminderTarget], None] | None = None,
        on_alarm: Callable[[tuple[Occurrence, ...]], None] | None = None,
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._notifier = notifier
        self._on_change = on_change
        self._on_card = on_card
        self._one_tick = threading.Lock()
        self._must_plan = threading.Event()
        self._rang = rang
        self._on_look = on_look
        self._on_alarm = on_alarm
        self._answers: Queue[tuple[str, Answer]] = Queue()
        self._stopped = threading.Event()
        self._last: datetime | None = rang.last_look if rang is not None else None
        self._planned_for: tuple[str, date] | None = None
        self._first: datetime | None = None  # the first tick in a vault that stores nothing
        self._told: set[str] = set()  # what was told there
        self._ticking: Ticking | None = None

    def start(self) -> None:
        """Ticks now and from now on."""
        from phr_desktop.reminders.ticking import TICK, Ticking

        self._ticking = Ticking(self.tick, TICK)
        self._ticking.start()

    def stop(self) -> None:
        """Waits for a running tick and ends its threads; before the vault is locked. Again does nothing."""
        ticking, self._ticking = self._ticking, None
        if ticking is not None:
            ticking.stop()
        self._stopped.set()
        self._look_at_unanswered()

    def changed(self, changes: ChangeSet) -> None:
        """Plans anew, soon, where records, people or decisions about medicines changed. From any thread."""
        if changes.topics.isdisjoint(_REASONS) or self._must_plan.is_set():
            return
        self._must_plan.set()
        ticking = self._ticking
        if ticking is not None:
            ticking.soon()

    def answer(self, dose: str, answer: Answer) -> None:
        """A notification's button was pressed: done soon, by the tick's thread; after `stop` the person has to look
        instead. From any thread."""
        self._answers.put((dose, answer))
        ticking = self._ticking
        if ticking is not None:
            ticking.soon()
        elif self._stopped.is_set():
            self._look_at_unanswered()

    def tick(self) -> None:
        """Plans anew where the clock, the zone, the day or the records moved; settles and shows what is due."""
        with self._one_tick:
            now = self._clock.now()
            if self._vault.state is not VaultState.OK:
                self._tell_without_storing(now)
                return
            was_off = self._last is None or not timedelta() <= now - self._last <= ASLEEP
            self._last = now
            changes, settled, by = ChangeSet(), tuple[Occurrence, ...](), DeliveredBy.LIST
            # First as it was planned at the lock. Doses more than two days away had no row yet: those after planning.
            rang = self._settle_what_rang()
            try:
                answered = self._carry_out()
                changes = answered | self._plan(was_off, now)
                self._withdraw_marked()
                rang += self._settle_what_rang()
                self._rang = None
                settled = self._settle(OccurrenceState.MISSED if was_off else OccurrenceState.DELIVERED, now)
                if settled:
                    by = self._notify(settled)
                self._ring_again(now)
            finally:
                # Whatever failed: what is settled never falls due again, so the window must hear of it now.
                if rang:
                    self._tell(ChangeSet(), rang, on_card=True)
                self._tell(changes, settled, on_card=was_off or by is DeliveredBy.LIST)

    def _tell(self, changes: ChangeSet, settled: tuple[Occurrence, ...], *, on_card: bool) -> None:
        if settled:
            changes |= ChangeSet.of(Topic.REMINDERS)
        if changes:
            self._on_change(changes)
        if settled and on_card:
            self._on_card(settled)

    def _tell_without_storing(self, now: datetime) -> None:
        self._first = self._first or now
        due = self._vault.read(lambda db: reminders.due(db, now))
        new = tuple(one for one in due if one.at > self._first and one.id not in self._told)
        if new:
            self._told.update(one.id for one in new)
            self._notifier.notify(len(new))
            self._on_card(new)

    def _plan(self, was_off: bool, now: datetime) -> ChangeSet:
        zone = self._clock.zone()
        place_and_day = (str(zone), now.astimezone(zone).date())
        if not (was_off or self._must_plan.is_set() or place_and_day != self._planned_for):
            return ChangeSet()
        self._must_plan.clear()  # before it is read, so that a change in the meantime is planned for too
        try:
            changes = replan(self._vault, self._clock)
        except BaseException:
            self._must_plan.set()
            raise
        self._planned_for = place_and_day
        return changes

    def _settle_what_rang(self) -> tuple[Occurrence, ...]:
        """By their moments, which is all that was known while locked."""
        rang = self._rang
        if rang is None or not rang.told_at:
            return ()
        told_at = rang.told_at

        def verb(db: Database) -> tuple[Occurrence, ...]:
            due = reminders.due(db, max(moment.due for moment in told_at))
            chosen = _chosen(db, due)
            heard = [(Moment(one.at, chosen[one.person].quiet_for(one.kind)), one) for one in due]
            settled = OccurrenceState.DELIVERED
            ours = [
                (at, one)
                for at, one in heard
                if at in told_at and reminders.settle(db, one.id, settled, DeliveredBy.LOCKED, told_at[at])
            ]
            for at, one in ours:
                for rung in rang.rings.get(at, ()):
                    reminders.ring(db, one.id, (rung - told_at[at]) // EVERY, rung)
            return tuple(replace(one, state=settled) for _, one in ours)

        return self._vault.write(verb)

    def _settle(self, state: OccurrenceState, now: datetime) -> tuple[Occurrence, ...]:
        """What this tick, and no other, has to show. After a kill from here on it is in the list, never shown again."""
        local = now.astimezone(self._clock.zone()).time()
        if not self._vault.read(lambda db: _audible(db, now, local)):
            return ()

        def verb(db: Database) -> tuple[Occurrence, ...]:
            due = _audible(db, now, local)
            ours = [one for one in due if reminders.settle(db, one.id, state, DeliveredBy.LIST, now)]
            return tuple(replace(one, state=state) for one in _once_each(ours))

        return self._vault.write(verb)

    def _ring_again(self, now: datetime) -> None:
        """What nobody answered, a minute after it was last heard; in place of the notification that was there."""
        if not self._vault.read(lambda db: rings_due(db, now)):
            return
        # Each ring is noted before it is heard: whoever notes it alone makes it heard.
        ringing = self._vault.write(
            lambda db: tuple(one for one, number in rings_due(db, now) if reminders.ring(db, one.id, number, now))
        )
        if ringing:
            if self._on_look is not None:
                self._notifier.withdraw([dose for one in ringing if (dose := dose_of(one)) is not None])
            self._notify(ringing)

    def _sound(self, told: tuple[Occurrence, ...]) -> None:
        if self._on_alarm is None:
            return
        alarms = self._vault.read(lambda db: tuple(_alarms(db, told)))
        if alarms:
            self._on_alarm(alarms)

    def _carry_out(self) -> ChangeSet:
        changes = ChangeSet()
        while not self._answers.empty():
            dose, answer = self._answers.get_nowait()
            done = carry_out(self._vault, self._clock, dose, answer)
            if done is None:
                self._look_at(dose)
            else:
                self._must_plan.set()
                changes |= done
        return changes

    def _look_at_unanswered(self) -> None:
        """No tick does what the buttons said any more."""
        while True:
            try:
                dose, _answer = self._answers.get_nowait()
            except Empty:
                return
            self._look_at(dose)

    def _look_at(self, dose: str) -> None:
        if self._on_look is not None:
            self._on_look(dose_target(dose))

    def _withdraw_marked(self) -> None:
        """What somebody said of a dose in the window, or to another notification, ends this one."""
        shown = self._notifier.shown_doses() if self._on_look is not None else frozenset()
        if shown:
            self._notifier.withdraw(self._vault.read(lambda db: no_more_to_say(db, shown)))

    def _notify(self, settled: tuple[Occurrence, ...]) -> DeliveredBy:
        """One notification, however many there are."""
        self._sound(settled)
        if self._on_look is None:
            by = self._notifier.notify(len(settled))
        else:
            words = self._vault.read(lambda db: about(db, settled, self._clock.now(), self.answer))
            by = self._notifier.notify(len(settled), words)
        if by is not DeliveredBy.LIST:

            def verb(db: Database) -> None:
                for one in settled:
                    reminders.set_delivered_by(db, one.id, by)

            self._vault.write(verb)
        return by


def _audible(db: Database, now: datetime, local: time) -> list[Occurrence]:
    """What is due, without what quiet hours put off until they are over."""
    due = reminders.due(db, now)
    chosen = _chosen(db, due)
    return [one for one in due if not chosen[one.person].is_quiet(local, one.kind)]


def _chosen(db: Database, found: Iterable[Occurrence]) -> dict[int, ReminderChoices]:
    return {person: reminder_choices.of_person(db, person) for person in {one.person for one in found}}


def _alarms(db: Database, told: tuple[Occurrence, ...]) -> Iterator[Occurrence]:
    chosen = _chosen(db, told)
    for one in told:
        if one.state is not OccurrenceState.MISSED and one.kind in chosen[one.person].alarms:
            yield one


def _once_each(settled: list[Occurrence]) -> list[Occurrence]:
    """Of a dose that is said again and again, the last time alone."""
    last = {dose_of(one) or one.id: one for one in settled}
    return list(last.values())
