"""Dates at the ends of the calendar, as slips of the pen and default values of databases send them: nothing breaks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from phr_desktop.actions.people import add_person
from phr_desktop.clock import FixedClock, local_now
from phr_desktop.domain import words
from phr_desktop.domain.records import DatePrecision, Kind
from phr_desktop.fhir.details import details
from phr_desktop.fhir.read import read
from phr_desktop.queries import listing
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.medicine_lines import months_before
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.queries.records import record_page
from phr_desktop.queries.reminders import planned
from phr_desktop.queries.result_page import result_page
from phr_desktop.queries.today import today_page
from phr_desktop.queries.trend import trend
from phr_desktop.reminders.planner import replan
from phr_desktop.ui.widgets.chart_scale import date_label
from phr_desktop.vault.vault import Vault
from tests.queries.test_appointments import booked
from tests.queries.test_medicines import confirm, dispense, order
from tests.resources import NOW, store
from tests.small_resources import lab

FAR = (
    "0001",
    "0001-01-01",
    "0001-01-01T05:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
)
POTASSIUM = {"coding": [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}]}
DAILY = "1 tablet once a day"


def resources(far: str) -> list[dict]:
    """Of every kind whose dates are reckoned with."""
    told = {"dosageInstruction": [{"text": DAILY}]}
    kinds = [
        order(authoredOn=far, **told),
        order(authoredOn="2026-10-01", dispenseRequest={"validityPeriod": {"end": far}}),
        order(authoredOn=far, status="completed", medicationCodeableConcept={"text": "Once"}),
        dispense(whenHandedOver=far, medicationCodeableConcept={"text": "Once"}),
        dispense(whenHandedOver=far),
        dispense(whenHandedOver=far, medicationCodeableConcept={"text": "Filled only"}),
        {
            "resourceType": "MedicationStatement", "status": "active", "dateAsserted": far,
            "medicationCodeableConcept": {"text": "Said"}, "effectivePeriod": {"start": far, "end": far},
        },
        {"resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"}, "period": {"start": far}},
        booked(start=far, end=far),
        booked(start=far, minutesDuration=30),
        booked(start=None, requestedPeriod=[{"start": far}]),
        lab("x", "Potassium", far) | {"code": POTASSIUM},
        lab("x", "Potassium", far, mark="HH") | {"code": POTASSIUM},
        {"resourceType": "Condition", "code": {"text": "Asthma"}, "onsetDateTime": far, "recordedDate": far},
        {"resourceType": "AllergyIntolerance", "code": {"text": "Latex"}, "onsetDateTime": far},
    ]  # fmt: skip
    return [{k: v for k, v in kind.items() if v is not None} | {"id": f"r{n}"} for n, kind in enumerate(kinds)]


@pytest.fixture(params=FAR)
def far(request: pytest.FixtureRequest, vault: Vault, mina: int) -> str:
    """A far date, with records of each kind that hold it."""
    store(vault, mina, [], now=NOW - timedelta(days=3))  # what comes later than a source's first day is new here
    store(vault, mina, resources(request.param))
    return str(request.param)


def test_every_page_is_shown(far: str, vault: Vault, clock: FixedClock, mina: int) -> None:
    leo = add_person(vault, clock, "Leo Quill").person
    lines = medicine_list(vault, clock, mina).lines
    assert sum(len(line.sources) for line in lines) == 7
    visits = appointments(vault, clock, mina)
    assert len(visits.upcoming + visits.past) == 3
    assert today_page(vault, clock, mina).results.total == 2
    assert today_page(vault, clock, leo).family[0].new_results == 2
    for row in listing.listed(vault, clock, mina, Kind.RESULTS):
        assert result_page(vault, clock, row.row.id)
        assert trend(vault, clock, row.row.id)
    for row in listing.listed(vault, clock, mina, Kind.RECORDS):
        assert record_page(vault, clock, row.row.id)
        stored = listing.record_named(vault, clock, str(row.row.id)).record
        for now in (None, local_now(clock)):
            assert details(read(stored.body), now)


def test_reminders_are_planned_of_confirmed_medicines_too(far: str, vault: Vault, clock: FixedClock, mina: int) -> None:
    for line in medicine_list(vault, clock, mina).lines:
        confirm(vault, clock, mina, line.key)
    replan(vault, clock)
    for start, end in ((date.min, date.max), (date.max, date.max), (date.min, date.min)):
        assert not [one for one in planned(vault, clock, start, end) if one.at.year < 2026]


@pytest.mark.parametrize(
    ("text", "utc", "zone", "said"),
    [
        ("0001-01-01T00:00:00+14:00", -62135596800 - 14 * 3600, "+14:00", "January 1, 1, 12:00 AM, UTC+14:00"),
        ("9999-12-31T23:59:59-14:00", 253402300799 + 14 * 3600, "-14:00", "December 31, 9999, 11:59 PM, UTC-14:00"),
        ("9999-12-31T23:59:59Z", 253402300799, "Z", "December 31, 9999, 3:59 PM"),
        ("0001-01-01T05:00:00Z", -62135596800 + 5 * 3600, "Z", "January 1, 1, 5:00 AM"),
    ],
)
def test_a_far_date_is_told_as_its_source_told_it(text: str, utc: int, zone: str, said: str, clock: FixedClock) -> None:
    assert words.exact_date(text, utc, DatePrecision.TIME, zone, local_now(clock)) == said


def test_months_are_counted_back_to_the_calendars_first_day_only() -> None:
    assert months_before(date(1, 3, 5), 2) == date(1, 1, 5)
    assert months_before(date(1, 3, 5), 3) == date.min
    assert months_before(date(2026, 3, 31), 13) == date(2025, 2, 28)


def test_moments_outside_the_calendar_stand_at_its_edge() -> None:
    assert words.utc_moment(-(10**15)) == datetime(1, 1, 1, tzinfo=UTC)
    assert words.utc_moment(10**15) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_chart_is_labelled_at_the_edge() -> None:
    assert date_label(-(10**12), 10**12) == "Jan 1"
    assert date_label(10**12, 10**12) == "Dec 9999"
