"""10,000 reminders planned: worked out from schedules, which touches no vault; looked at again in the vault, unchanged,
as happens at every planning; and, once in the life of a schedule, written there with the doses that they are of.

The first two have the limit. The last is shown for what it is: two rows for each, under the vault's settings. And a
planning of a life with 5,000 orders of tests, a tenth of them with a day to come, has the same limit.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from benchmarks.data import finish, fresh_vault, verdict
from phr_desktop.actions.doses import confirm_schedule
from phr_desktop.clock import FixedClock
from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.doses import AtTimes, DoseToTell, EveryDay, Schedule, TimedDose
from phr_desktop.reminders.doses import AHEAD
from phr_desktop.reminders.plan import PersonPlan, ScheduleWords, plan
from phr_desktop.reminders.planner import replan
from phr_desktop.vault import people, reminders
from phr_desktop.vault.vault import Vault
from tests.resources import store

COUNT = 10_000
ORDERS = 5_000
A_DAY = 48  # doses of one medicine: many more than anyone takes
LIMIT_S = 0.2
TRIES = 5
NOW = datetime(2026, 11, 21, 8, 1, tzinfo=UTC)


def main() -> None:
    worked_out = min(_working_out() for _ in range(TRIES))
    whole = [_from_nothing() for _ in range(TRIES)]
    with fresh_vault() as vault:
        clock = FixedClock(NOW, ZoneInfo("America/Los_Angeles"))
        _confirm(vault, clock)
        planned = len(_planned(vault, clock))
        again = min(_planning(vault, clock) for _ in range(TRIES))
    ordered = _orders_looked_at_again()
    best = min(whole)
    print(
        f"{planned:,} planned from nothing, with the rows of their doses and their own: {best.busy:.3f} s of CPU,"
        f" {min(one.wall for one in whole):.3f} s on the clock"
    )
    finish(
        verdict(f"{planned:,} reminders worked out, CPU, best of {TRIES}", worked_out, LIMIT_S, "s"),
        verdict(f"{planned:,} reminders looked at again, CPU, best of {TRIES}", again.busy, LIMIT_S, "s"),
        verdict(f"{ORDERS:,} orders of tests looked at again, CPU, best of {TRIES}", ordered, LIMIT_S, "s"),
    )


def _working_out() -> float:
    """Seconds of CPU from schedules to occurrences."""
    zone = ZoneInfo("America/Los_Angeles")
    schedules = [replace(made, id=str(number)) for number, made in enumerate(_schedules(1))]
    words = {one.id: ScheduleWords(one.title, one.unit, one.instructions) for one in schedules}
    busy = time.process_time()
    doses = [
        DoseToTell(dose.id, dose.schedule, dose.due, str(dose.amount), None, False, 0)
        for one in schedules
        for dose in planned_doses(one, zone, NOW, NOW + AHEAD)
    ]
    found = plan([PersonPlan(1, "Mina Satterfield", (), (), tuple(doses), words)], zone, NOW)
    took = time.process_time() - busy
    assert len(found) > COUNT
    return took


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


def _orders_looked_at_again() -> float:
    """Seconds of CPU of a planning where only orders and their results are to be looked at."""
    with fresh_vault() as vault:
        clock = FixedClock(NOW, ZoneInfo("America/Los_Angeles"))
        person = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 1))
        store(vault, person, [*map(_order, range(ORDERS)), *map(_report, range(0, ORDERS, 5))])
        replan(vault, clock)
        return min(_planning(vault, clock) for _ in range(TRIES)).busy


def _order(number: int) -> dict[str, object]:
    """Every tenth is for a day to come, every second one is over and was left open, such as sources do."""
    day = NOW.date() + timedelta(days=number % 300 if number % 10 == 0 else -number)
    return {
        "resourceType": "ServiceRequest", "id": f"o{number}", "status": "completed" if number % 2 else "active",
        "intent": "order", "code": {"coding": [{"system": "http://loinc.org", "code": "58410-2"}], "text": "CBC"},
        "subject": {"reference": "Patient/p"}, "occurrenceDateTime": day.isoformat(),
    }  # fmt: skip


def _report(number: int) -> dict[str, object]:
    return {
        "resourceType": "DiagnosticReport", "id": f"r{number}", "status": "final", "code": {"text": "CBC"},
        "category": [{"coding": [{"code": "LAB"}]}], "subject": {"reference": "Patient/p"},
        "basedOn": [{"reference": f"ServiceRequest/o{number}"}], "effectiveDateTime": "2026-11-20",
    }  # fmt: skip


def _planned(vault: Vault, clock: FixedClock) -> dict[str, datetime]:
    replan(vault, clock)
    return vault.read(reminders.planned_moments)


def _planning(vault: Vault, clock: FixedClock) -> Took:
    busy, wall = time.process_time(), time.perf_counter()
    replan(vault, clock)
    return Took(time.process_time() - busy, time.perf_counter() - wall)


def _confirm(vault: Vault, clock: FixedClock) -> None:
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 1))
    for made in _schedules(person):
        confirm_schedule(vault, clock, made)


def _schedules(person: int) -> list[Schedule]:
    half_hours = [(datetime(2026, 1, 1) + number * timedelta(minutes=30)).time() for number in range(A_DAY)]
    rhythm = AtTimes(EveryDay(), tuple(TimedDose(at, Decimal(1)) for at in half_hours))
    assert rhythm.doses[0].at == day_time(0)
    return [
        Schedule(
            "", person, f"text:{number}", f"Medicine {number}", "tablet", rhythm, NOW.date(), instructions="with food"
        )
        for number in range(-(-COUNT // (2 * A_DAY)))
    ]


if __name__ == "__main__":
    main()
