"""10,000 reminders planned: what is due when worked out, and written into the vault; and looked at again unchanged."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from decimal import Decimal
from zoneinfo import ZoneInfo

from benchmarks.data import finish, fresh_vault, verdict
from phr_desktop.actions.doses import confirm_schedule
from phr_desktop.clock import FixedClock
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.reminders.planner import replan
from phr_desktop.vault import people, reminders
from phr_desktop.vault.vault import Vault

COUNT = 10_000
A_DAY = 48  # doses of one medicine: many more than anyone takes
LIMIT_S = 0.2
TRIES = 5
NOW = datetime(2026, 11, 21, 8, 1, tzinfo=UTC)


def main() -> None:
    with fresh_vault() as vault:
        clock = FixedClock(NOW, ZoneInfo("America/Los_Angeles"))
        _confirm(vault, clock)
        began = time.perf_counter()
        plan_doses(vault, clock)
        print(f"rows of {COUNT:,} doses: {time.perf_counter() - began:.3f} s")
        took = []
        for _ in range(TRIES):
            vault.write(lambda db: db.run("DELETE FROM reminders"))
            took.append(_planning(vault, clock))
        again = min(_planning(vault, clock) for _ in range(TRIES))
        print(f"the same looked at again, nothing to change: {again:.3f} s")
        busy = time.process_time()
        vault.write(lambda db: db.run("DELETE FROM reminders"))
        replan(vault, clock)
        print(f"of which this program's own CPU: {time.process_time() - busy:.3f} s")
        planned = len(vault.read(reminders.planned_moments))
        finish(verdict(f"{planned:,} reminders planned, best of {TRIES}", min(took), LIMIT_S, "s"))


def _planning(vault: Vault, clock: FixedClock) -> float:
    began = time.perf_counter()
    replan(vault, clock)
    return time.perf_counter() - began


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
