"""A stopped or changed order at the clinic, by sync: no schedule changes by itself, and it is said at the next dose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from phr_desktop.actions.doses import confirm_schedule
from phr_desktop.actions.medicines import same
from phr_desktop.domain.doses import AtTimes, Basis, EveryDay, NoProposal, Schedule, TimedDose
from phr_desktop.domain.medicines import ForecastGap, MedicineHeading
from phr_desktop.queries.doses import proposals, schedules
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.queries.reminders import planned
from phr_desktop.reminders.planner import replan
from phr_desktop.vault import records
from tests.queries.test_medicines import confirm, dispense, order
from tests.resources import store
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


# --- a new order of the ingredient

BEFORE, SINCE = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 22, 9, tzinfo=UTC)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
OTHER_STRENGTH = {"coding": [{"system": RXNORM, "code": "314077"}], "text": "lisinopril 20 MG Oral Tablet"}


def scheduled(vault, clock, mina, **changed: Any):
    """A schedule confirmed from the one order there is."""
    store(vault, mina, [order(**changed)], now=BEFORE)
    (line,) = medicine_list(vault, clock, mina).lines
    basis = tuple(Basis(record, content) for record, content, _ in proposals(vault, clock, line))
    rhythm = AtTimes(EveryDay(), (TimedDose(time(20), Decimal(1)),))
    made = Schedule("", mina, CODE, "Lisinopril", "tablet", rhythm, date(2026, 11, 21), basis=basis)
    return confirm_schedule(vault, clock, made).schedule


@pytest.mark.parametrize(
    "changed", [{"status": "stopped"}, {"status": "completed"}, {"status": "on-hold"}, {"intent": "proposal"}]
)
def test_no_schedule_is_read_from_an_order_that_is_not_in_force(vault, clock, mina, changed):
    said = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    store(vault, mina, [order(dosageInstruction=[said]), order("o2", dosageInstruction=[said], **changed)], now=BEFORE)
    found = [
        proposal for line in medicine_list(vault, clock, mina).lines for _, _, proposal in proposals(vault, clock, line)
    ]
    assert sorted(one.why_not or "" for one in found) == ["", NoProposal.NOT_IN_FORCE]
    assert sum(one.rhythm is not None for one in found) == 1


def changed_now(vault, clock, mina) -> tuple[int, ...]:
    (only,) = schedules(vault, clock, mina)
    return only.changed


def with_ingredient(id_: str, code: str, ingredient: str = "29046") -> dict[str, Any]:
    """An order whose Medication, inside it, says which ingredient it has."""
    item = {"coding": [{"system": RXNORM, "code": ingredient}]}
    medication = {
        "resourceType": "Medication", "id": "m", "code": {"coding": [{"system": RXNORM, "code": code}]},
        "ingredient": [{"itemCodeableConcept": item}],
    }  # fmt: skip
    made = order(id_, contained=[medication], medicationReference={"reference": "#m"})
    del made["medicationCodeableConcept"]
    return made


def test_a_new_order_of_the_medicine_is_said_at_the_next_dose_until_the_person_decides(vault, clock, mina):
    kept = scheduled(vault, clock, mina)
    assert changed_now(vault, clock, mina) == ()
    store(vault, mina, [order("o9", day="2026-11-22")], now=SINCE)
    (found,) = changed_now(vault, clock, mina)
    assert vault.read(lambda db: records.rows(db, [found])[0].fhir_id) == "o9"
    replan(vault, clock)
    assert evidence(vault, clock) == {"your clinic changed this on Nov 22, 2026: check before you take it"}
    assert schedules(vault, clock, mina)[0].schedule == kept  # nothing switched by itself
    clock.move_to(SINCE + timedelta(hours=2))
    confirm_schedule(vault, clock, replace(kept, first_day=date(2026, 11, 22)), replaces=(kept.id,))
    assert changed_now(vault, clock, mina) == ()


def test_a_new_order_of_the_same_ingredient_in_another_strength_counts_where_codes_say_so(vault, clock, mina):
    store(vault, mina, [with_ingredient("o1", "314076")], now=BEFORE)
    (line,) = medicine_list(vault, clock, mina).lines
    basis = tuple(Basis(record, content) for record, content, _ in proposals(vault, clock, line))
    rhythm = AtTimes(EveryDay(), (TimedDose(time(20), Decimal(1)),))
    made = Schedule("", mina, line.key, "Lisinopril", "tablet", rhythm, date(2026, 11, 21), basis=basis)
    confirm_schedule(vault, clock, made)
    store(vault, mina, [with_ingredient("o8", "999", ingredient="1191")], now=SINCE)
    assert changed_now(vault, clock, mina) == ()
    later = with_ingredient("o9", "314077") | {"authoredOn": "2026-11-22"}
    store(vault, mina, [later], now=SINCE)
    assert len(changed_now(vault, clock, mina)) == 1


@pytest.mark.parametrize(
    "other",
    [
        order(
            "o9", day="2026-11-22", medicationCodeableConcept={"text": "Lisinopril 10 MG Oral Tablet"}
        ),  # words alone
        order("o9", day="2026-11-22", medicationCodeableConcept=OTHER_STRENGTH),  # its ingredient is not known here
        order("o9", day="2019-03-03"),  # an old order that came late
        order("o9", day="2026-11-22", status="stopped"),
        order("o9", day="2026-11-22", status="draft"),
        order("o9", day="2026-11-22", status="entered-in-error"),
        order("o9", day="2026-11-22", intent="proposal"),
        order("o9", day="2026-11-22", category=[{"coding": [{"code": "inpatient"}]}]),
    ],
)
def test_what_is_no_new_order_of_the_ingredient_changes_nothing(vault, clock, mina, other):
    scheduled(vault, clock, mina)
    store(vault, mina, [other], now=SINCE)
    assert changed_now(vault, clock, mina) == ()


def test_an_order_of_a_line_that_the_person_joined_counts(vault, clock, mina):
    scheduled(vault, clock, mina)
    store(vault, mina, [order("o9", day="2026-11-22", medicationCodeableConcept=OTHER_STRENGTH)], now=SINCE)
    same(vault, clock, mina, CODE, "rxnorm:314077")
    assert len(changed_now(vault, clock, mina)) == 1
