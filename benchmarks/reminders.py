"""10,000 reminders planned from nothing: what is due when worked out, and written into the vault with the doses that
they are of; and looked at again unchanged."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from benchmarks.data import finish, fresh_vault, verdict
from phr_desktop.actions.doses import confirm_schedule
from phr_desktop.clock import FixedClock
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
from phr_desktop.reminders.planner import replan
from phr_desktop.vault import people, reminders
from phr_desktop.vault.vault import Vault

COUNT = 10_000
A_DAY = 48  # doses of one medicine: many more than anyone takes
LIMIT_S = 0.2
TRIES = 5
NOW = datetime(2026, 11, 21, 8, 1, tzinfo=UTC)


def main() -> None:
    whole = [_from_nothing() for _ in range(TRIES)]
    with fresh_vault() as vault:
        clock = FixedClock(NOW, ZoneInfo("America/Los_Angeles"))
        _confirm(vault, clock)
        planned = len(_planned(vault, clock))
        again = min(_planning(vault, clock) for _ in range(TRIES))
    print(f"the same looked at again, nothing to change: {again.busy:.3f} s of CPU, {again.wall:.3f} s on the clock")
    best = min(whole)
    print(f"on the clock, on a computer that may have other work: {min(one.wall for one in whole):.3f} s")
    finish(verdict(f"{planned:,} reminders planned from nothing, CPU, best of {TRIES}", best.busy, LIMIT_S, "s"))


class Took(NamedTuple):
    """Seconds of this program's own CPU, all its threads, and on the clock."""

    busy: float
    wall: float


def _from_nothing() -> Took:
    """The first planning after the schedules were confirmed: the rows of the doses, and those of their reminders."""
    with fresh_vault() as vault:
        clock = FixedClock(NOW, ZoneInfo("America/Los_Angeles"))
        _confirm(vault, clock)
        took = _planning(vault, clock)
        assert len(vault.read(reminders.planned_moments)) > COUNT
        return took


def _planned(vault: Vault, clock: FixedClock) -> dict[str, datetime]:
    replan(vault, clock)
    return vault.read(reminders.planned_moments)


def _planning(vault: Vault, clock: FixedClock) -> Took:
    busy, wall = time.process_time(), time.perf_counter()
    replan(vault, clock)
    return Took(time.process_time() - busy, time.perf_counter() - wall)


def _confirm(vault: Vault, clock: FixedClock) -> None:
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 1))
    half_hours = [(datetime(2026, 1, 1) + number * timedelta(minutes=30)).time() for number in range(A_DAY)]
    rhythm = AtTimes(EveryDay(), tuple(TimedDose(at, Decimal(1)) for at in half_hours))
    assert rhythm.doses[0].at == day_time(0)
    for number in range(-(-COUNT // (2 * A_DAY))):
        title = f"Medicine {number}"
        made = Schedule("", person, f"text:{number}", title, "tablet", rhythm, NOW.date(), instructions="with food")
        confirm_schedule(vault, clock, made)


if __name__ == "__main__":
    main()
