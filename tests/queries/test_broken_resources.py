"""A resource that breaks FHIR's rules anywhere never takes the page away, and never becomes a booked visit or a day."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from phr_desktop.clock import FixedClock
from phr_desktop.domain.medicines import MedicineHeading
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.reminders.planner import replan
from phr_desktop.vault.vault import Vault
from tests.queries.test_appointments import booked
from tests.queries.test_medicines import dispense, order
from tests.resources import store

JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e300,
    "",
    "x",
    "9999-12-31T23:59:59+14:00",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"a": 1},
)
FULL_ORDER = order(
    category=[{"coding": [{"code": "community"}]}],
    priorPrescription={"reference": "MedicationRequest/o0"},
    reasonReference=[{"reference": "Condition/c"}],
    dispenseRequest={"numberOfRepeatsAllowed": 2, "validityPeriod": {"end": "2027-10-01"}, "quantity": {"value": 30}},
)
FULL_DISPENSE = dispense(
    type={"coding": [{"code": "RF"}]},
    authorizingPrescription=[{"reference": "MedicationRequest/o1"}],
    dosageInstruction=[{"text": "1 tablet once a day", "timing": {"repeat": {"frequency": 1, "period": 1}}}],
)
STATEMENT = {
    "resourceType": "MedicationStatement",
    "status": "active",
    "medicationReference": {"reference": "Medication/m"},
    "effectivePeriod": {"start": "2015-02-01", "end": "2027-01-01"},
    "dateAsserted": "2026-10-01",
}
STAY = {
    "resourceType": "Encounter",
    "status": "finished",
    "class": {"code": "IMP"},
    "period": {"start": "2026-01-02", "end": "2026-01-05"},
}
VISIT = booked(requestedPeriod=[{"start": "2026-12-01"}], reasonCode=[{"text": "blood pressure"}])


def broken(resource: dict[str, Any]) -> Iterator[bytes]:
    """The resource with each of its elements, at any depth, replaced by each kind of junk."""
    for number, path in enumerate(paths(resource)):
        for kind, junk in enumerate(JUNK):
            changed = copy.deepcopy(resource)
            place: Any = changed
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = junk
            changed["id"] = f"{resource['resourceType']}-{number}-{kind}"
            raw = json.dumps(changed).encode()
            try:
                extract(raw)
            except MalformedResource:
                continue
            yield raw


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key not in ("id", "resourceType") or before:
            yield (*before, key)
            yield from paths(inner, (*before, key))


def test_broken_medicines_are_listed_all_the_same(vault: Vault, clock: FixedClock, mina: int) -> None:
    raw = [one for resource in (FULL_ORDER, FULL_DISPENSE, STATEMENT, STAY) for one in broken(resource)]
    store(vault, mina, raw)
    found = medicine_list(vault, clock, mina)
    kept = [one.record for line in found.lines for one in line.sources]
    assert len(kept) == len(set(kept)) == sum(b'"Encounter"' not in one for one in raw)
    assert not [line for line in found.lines if line.heading is MedicineHeading.TAKING]
    assert all((line.forecast.runs_out is None) == (line.forecast.gap is not None) for line in found.lines)


def test_broken_visits_are_listed_all_the_same(vault: Vault, clock: FixedClock, mina: int) -> None:
    raw = list(broken(VISIT))
    store(vault, mina, raw)
    found = appointments(vault, clock, mina)
    assert len({visit.record for visit in found.upcoming + found.past + found.withdrawn}) == len(raw)
    replan(vault, clock)
