"""Reminders while the vault is locked: their moments alone are known, and a notification says only that one is due.

No text, no person and no id is kept. What was told here is settled in the vault after the next unlock (`Rang`): it is
not told a second time, and stands in the list of open reminders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from phr_desktop.clock import Clock
from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.reminders import DeliveredBy
from phr_desktop.reminders.notifier import Notifier
from phr_desktop.reminders.runner import TICK
from phr_desktop.vault import doses, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

if TYPE_CHECKING:
    from phr_desktop.reminders.ticking import Ticking

HORIZON = timedelta(days=14)
_BEYOND = timedelta(days=32)  # to know that something comes after HORIZON, monthly doses too


class Teller(Notifier, Protocol):
    """A notifier that can say something else too."""

    def tell(self, code: str) -> DeliveredBy:
        """One notification with the sentence of this code."""
        ...


def moments_ahead(vault: Vault, clock: Clock) -> list[datetime]:
    """When reminders are due, of what is planned and is not told yet, soonest first; some beyond HORIZON.

    Doses have rows for two days only (`doses.AHEAD`), and no tick makes more of them while the vault is locked: so
    their schedules are asked for what comes after.
    """
    end = clock.now() + HORIZON + _BEYOND

    def question(db: Database) -> set[datetime]:
        found = set(reminders.planned_moments(db).values())
        for schedule in doses.schedules(db):
            start = max(doses.planned(db, schedule.id).until or clock.now(), clock.now())
            taken = doses.taken(db, schedule.person, clock.now() - _BEYOND)
            found.update(dose.due for dose in planned_doses(schedule, clock.zone(), start, end, taken))
        return found

    return sorted(vault.read(question))


@dataclass(frozen=True, slots=True)
class Rang:
    """What was told while locked: for each moment when it was told; and when it was last looked whether one is due."""

    told_at: Mapping[datetime, datetime] = field(default_factory=dict)
    last_look: datetime | None = None


class LockedReminders:
    """Ticks between `start` and `stop`.

    Each moment is told once, all that are due together in one notification. At the end of HORIZON, where more is
    planned beyond it, that is told too: nothing later is known, and nothing is to be lost in silence.
    `on_due` gets how many were told since the lock, on the tick's thread.
    """

    def __init__(
        self,
        clock: Clock,
        notifier: Teller,
        moments: Iterable[datetime],
        on_due: Callable[[int], None],
        before: Rang | None = None,
    ) -> None:
        self._clock, self._notifier, self._on_due = clock, notifier, on_due
        self._told_at = dict(before.told_at) if before is not None else {}
        end = clock.now() + HORIZON
        wanted = sorted(moments)
        self._waiting = [moment for moment in wanted if moment <= end and moment not in self._told_at]
        self._end = end if wanted and wanted[-1] > end else None
        self._last_look: datetime | None = None
        self._ticking: Ticking | None = None

    def start(self) -> None:
        """Ticks now and from now on."""
        from phr_desktop.reminders.ticking import Ticking

        self._ticking = Ticking(self.tick, TICK)
        self._ticking.start()

    def stop(self) -> Rang:
        """Waits for a running tick and ends the threads; what was told."""
        ticking, self._ticking = self._ticking, None
        if ticking is not None:
            ticking.stop()
        return Rang(dict(self._told_at), self._last_look)

    def tick(self) -> None:
        """Tells what is due. It counts as told before the notification is tried: also where the desktop shows none,
        the window says it, and nothing is told twice."""
        now = self._last_look = self._clock.now()
        if self._end is not None and self._end <= now:
            self._end = None
            self._notifier.tell("reminders-locked-long")
        due = [moment for moment in self._waiting if moment <= now]
        if not due:
            return
        self._waiting = [moment for moment in self._waiting if moment > now]
        self._told_at.update(dict.fromkeys(due, now))
        try:
            self._notifier.notify(len(due))
        finally:
            self._on_due(len(self._told_at))
