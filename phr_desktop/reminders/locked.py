"""Reminders while the vault is locked: their moments alone are known, and a notification says only that one is due.

No text, no person and no id is kept, only the quiet hours that put a moment off, and which moments are alarms: they
ring again until somebody unlocks. What was told here is settled in the vault after the next unlock (`Rang`): it is not
told a second time, and stands in the list of open reminders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Protocol

from phr_desktop.clock import Clock
from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.reminder_choices import Moment
from phr_desktop.domain.reminders import DeliveredBy, ReminderKind
from phr_desktop.queries.alarms import EVERY, ring_number
from phr_desktop.reminders.notifier import About, Notifier
from phr_desktop.vault import doses, people, reminder_choices, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

if TYPE_CHECKING:
    from phr_desktop.reminders.ticking import Ticking

HORIZON = timedelta(days=14)
_BEYOND = timedelta(days=32)  # to know that something comes after HORIZON, monthly doses too
_ALARMS = frozenset({"alarms"})  # in place of the doses, which nobody knows here: by it the notification is found again


class Teller(Notifier, Protocol):
    """A notifier that can say something else too."""

    def tell(self, code: str) -> DeliveredBy:
        """One notification with the sentence of this code."""
        ...


def moments_ahead(vault: Vault, clock: Clock) -> dict[Moment, int]:
    """When reminders are due, of what is planned and is not told yet, soonest first, some beyond HORIZON; and how
    often each rings again where nobody answers, 0 where it is no alarm.

    Doses have rows for two days only (`doses.AHEAD`), and no tick makes more of them while the vault is locked: so
    their schedules are asked for what comes after.
    """
    end = clock.now() + HORIZON + _BEYOND

    def question(db: Database) -> dict[Moment, int]:
        chosen = {person.id: reminder_choices.of_person(db, person.id) for person in people.everyone(db)}
        found: dict[Moment, int] = {}

        def add(due: datetime, person: int, kind: ReminderKind) -> None:
            moment = Moment(due.astimezone(UTC), chosen[person].quiet_for(kind))
            found[moment] = max(found.get(moment, 0), chosen[person].rings(kind))

        for due, person, kind in reminders.planned_of_whom(db):
            add(due, person, kind)
        for schedule in doses.schedules(db):
            start = max(doses.planned(db, schedule.id).until or clock.now(), clock.now())
            taken = doses.taken(db, schedule.person, clock.now() - _BEYOND)
            for dose in planned_doses(schedule, clock.zone(), start, end, taken):
                add(dose.due, schedule.person, ReminderKind.DOSE)
        return found

    found = vault.read(question)
    return {moment: found[moment] for moment in sorted(found, key=_due)}


def ends_at(moments: Iterable[Moment], now: datetime) -> datetime | None:
    """When no more is known, of what is known now; None where nothing is planned after that."""
    end = now + HORIZON
    return end if any(moment.due > end for moment in moments) else None


def as_if_started(moments: Mapping[Moment, int], now: datetime, zone: tzinfo) -> dict[Moment, int]:
    """What was kept for a start that nobody unlocks: an alarm that would have rung its last by now is told once."""
    return {moment: rings if now < moment.heard(zone) + (rings + 1) * EVERY else 0 for moment, rings in moments.items()}


def _due(moment: Moment) -> datetime:
    return moment.due


@dataclass(frozen=True, slots=True)
class Rang:
    """What was told while locked: for each moment when it was told, and when it rang again; and when it was last looked
    whether one is due."""

    told_at: Mapping[Moment, datetime] = field(default_factory=dict)
    rings: Mapping[Moment, tuple[datetime, ...]] = field(default_factory=dict)
    last_look: datetime | None = None


class LockedReminders:
    """Ticks between `start` and `stop`.

    Each moment is told once, or as soon as its quiet hours are over, all that are due together in one notification, and
    an alarm's again each minute, as often as `moments` says. At the end of HORIZON, where more is planned beyond it,
    that is told too: nothing later is known, and nothing is to be lost in silence. `ends` is that end where the moments
    were kept for a start that nobody unlocks.
    `on_due` gets how many were told since the lock, on the tick's thread.
    """

    def __init__(
        self,
        clock: Clock,
        notifier: Teller,
        moments: Mapping[Moment, int],
        on_due: Callable[[int], None],
        before: Rang | None = None,
        ends: datetime | None = None,
    ) -> None:
        self._clock, self._notifier, self._on_due = clock, notifier, on_due
        before = before or Rang()
        self._told_at, self._rings, self._most = dict(before.told_at), dict(before.rings), dict(moments)
        end = clock.now() + HORIZON
        self._waiting = [moment for moment in moments if moment.due <= end and moment not in self._told_at]
        self._end = ends or ends_at(moments, clock.now())
        self._last_look: datetime | None = None
        self._ticking: Ticking | None = None

    def start(self) -> None:
        """Ticks now and from now on."""
        from phr_desktop.reminders.ticking import TICK, Ticking

        self._ticking = Ticking(self.tick, TICK)
        self._ticking.start()

    def stop(self) -> Rang:
        """Waits for a running tick and ends the threads; what was told."""
        ticking, self._ticking = self._ticking, None
        if ticking is not None:
            ticking.stop()
        return Rang(dict(self._told_at), dict(self._rings), self._last_look)

    def tick(self) -> None:
        """Tells what is due. It counts as told before the notification is tried: also where the desktop shows none,
        the window says it, and nothing is told twice."""
        now = self._last_look = self._clock.now()
        if self._end is not None and self._end <= now:
            self._end = None
            self._notifier.tell("reminders-locked-long")
        zone = self._clock.zone()  # people travel: the quiet hours are those of wherever the computer is now
        due = [moment for moment in self._waiting if moment.due <= now and moment.heard(zone) <= now]
        again = [moment for moment in self._told_at if self._rings_now(moment, now)]
        if not due and not again:
            return
        self._waiting = [moment for moment in self._waiting if moment not in due]
        self._told_at.update(dict.fromkeys(due, now))
        for moment in again:
            self._rings[moment] = (*self._rings.get(moment, ()), now)
        try:
            self._notify(due, again)
        finally:
            self._on_due(len(self._told_at))

    def _rings_now(self, moment: Moment, now: datetime) -> bool:
        told_at, rung = self._told_at[moment], self._rings.get(moment, ())
        last = (rung[-1] - told_at) // EVERY if rung else 0
        return ring_number(told_at, now, self._most.get(moment, 0), last) is not None

    def _notify(self, due: Sequence[Moment], again: Sequence[Moment]) -> None:
        """An alarm that rings again takes the place of the notification that told of alarms alone before."""
        every = (*due, *again)
        alarms = [moment for moment in every if self._most.get(moment, 0)]
        if again:
            self._notifier.withdraw(_ALARMS)
        if alarms:
            self._notifier.notify(
                len(every), About(alarm=True, doses=_ALARMS if len(alarms) == len(every) else frozenset())
            )
        else:
            self._notifier.notify(len(every))
