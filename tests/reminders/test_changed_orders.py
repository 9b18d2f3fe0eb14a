"""A stopped or changed order at the clinic, by sync: no schedule changes by itself, and it is said at the next dose."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from phr_desktop.actions.doses import confirm_schedule
from phr_desktop.actions.medicines import confirm
from phr_desktop.domain.doses import AtTimes, Basis, EveryDay, Schedule, TimedDose
from phr_desktop.domain.medicines import ForecastGap, MedicineHeading
from phr_desktop.queries.doses import proposals, schedules
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.queries.reminders import planned
from phr_desktop.reminders.planner import replan
from tests.queries.test_medicines import dispense, order
from tests.sync.fake_portal import ME, Connection, faking

CODE = "rxnorm:314076"
CHANGED = "your clinic changed this on Nov 21, 2026: check before you take it"
STOPPED = {"status": "stopped"}
OTHER_DOSE = {"dosageInstruction": [{"text": "2 tablets once a day"}]}
MISTAKE = {"status": "entered-in-error"}
LATER = {"meta": {"lastUpdated": "2026-11-21T17:00:00Z"}}


@pytest.fixture
def portal():
    with faking() as fake:
        fake.offered.append("MedicationDispense")
        subject = {"subject": {"reference": f"Patient/{ME}"}}
        fake.types["MedicationRequest"] = [order(**subject)]
        fake.types["MedicationDispense"] = [dispense(**subject)]
        yield fake


@pytest.mark.parametrize("change", [STOPPED, OTHER_DOSE, MISTAKE])
def test_a_change_by_sync_is_said_at_the_next_dose_and_on_the_line(
    vault, clock, mina, portal, change: dict[str, Any]
) -> None:
    connection = Connection(vault, clock, mina, portal)
    assert connection.sync().problem is None
    confirm(vault, clock, mina, CODE)
    (line,) = medicine_list(vault, clock, mina).lines
    basis = tuple(Basis(record, content) for record, content, _ in proposals(vault, clock, line))
    rhythm = AtTimes(EveryDay(), (TimedDose(time(20), Decimal(1)),))
    made = Schedule("", mina, CODE, "Lisinopril", "tablet", rhythm, date(2026, 11, 21), basis=basis)
    kept = confirm_schedule(vault, clock, made).schedule
    replan(vault, clock)
    assert evidence(vault, clock) == {""}

    clock.move_to(clock.now() + timedelta(hours=1))
    portal.types["MedicationRequest"][0] |= change | LATER
    assert connection.sync().applied.updated == 1
    replan(vault, clock)

    (still,) = schedules(vault, clock, mina)
    assert (still.schedule, still.changed) == (kept, (basis[0].record,))
    assert evidence(vault, clock) == {CHANGED}
    (line,) = medicine_list(vault, clock, mina).lines
    assert (line.heading, line.changed_since_choice) == (MedicineHeading.TAKING, True)
    assert line.forecast.gap in (ForecastGap.STOPPED, ForecastGap.DOSE_CHANGED, None)
    assert (line.forecast.gap is None) == (change is MISTAKE)  # without any order the fill is all that is known


def evidence(vault, clock) -> set[str]:
    doses = [one for one in planned(vault, clock, date(2026, 11, 21), date(2026, 11, 22)) if one.kind == "dose"]
    assert doses
    return {one.evidence for one in doses}
