"""Forecasts over a vault: each equals hand arithmetic over what is printed, and says when to ask, never too late."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from phr_desktop.actions import doses as dose_verbs
from phr_desktop.actions import medicines as verbs
from phr_desktop.clock import FixedClock
from phr_desktop.domain.doses import (
    AsNeeded,
    AtTimes,
    Basis,
    CountedFrom,
    DayRule,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Rhythm,
    Schedule,
    Stock,
    TimedDose,
)
from phr_desktop.domain.medicines import ForecastBasis, ForecastGap, MedicineLine, RefillForecast, RefillNote
from phr_desktop.domain.people import SourceKind
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.queries.refill_ask import ClosedDays, holiday_places, holidays_of, open_day
from phr_desktop.vault import people
from phr_desktop.vault.vault import Vault
from tests.corpus import lives as lives_of_the_corpus
from tests.queries.test_medicine_claims import LISINOPRIL, claim
from tests.queries.test_medicines import RXNORM, dispense, order
from tests.resources import store

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
FAMILY = ("ana", "leo", "mina", "tomas")
FILLED = re.compile(
    r"filled (\w{3} \d+, \d{4})(?:, [^(]+?)? for (\d+) days?(?: \([^)]+\))?(?:, (\d+) days? carried over)?"
)
COUNTED = re.compile(r".*enough for (\d+) days? from (\w{3} \d+, \d{4}) \(.*\)")
CODE = "rxnorm:314076"


def day_of(words: str) -> date:
    return datetime.strptime(words, "%b %d, %Y").date()


def by_hand(forecast: RefillForecast) -> date:
    """The run-out day, out of the printed words alone."""
    found = COUNTED.fullmatch(forecast.evidence)
    if found is not None:
        return day_of(found[2]) + timedelta(days=int(found[1]))
    found = FILLED.fullmatch(forecast.evidence)
    assert found is not None, forecast.evidence
    return day_of(found[1]) + timedelta(days=int(found[2]) + int(found[3] or 0))


def carried_by_hand(forecast: RefillForecast) -> int:
    """What was left of the earlier fills on the day of the last one, fill by fill."""
    until = carried = None
    for fill in forecast.fills:
        carried = max(0, (until - fill.handed_over).days) if until is not None else 0
        until = fill.handed_over + timedelta(days=carried + fill.days_supply)
    return carried or 0


def lines(vault: Vault, clock: FixedClock, person: int) -> tuple[MedicineLine, ...]:
    return medicine_list(vault, clock, person).lines


def only(vault: Vault, clock: FixedClock, person: int) -> MedicineLine:
    (line,) = lines(vault, clock, person)
    return line


@pytest.mark.parametrize("name", FAMILY)
def test_every_forecast_of_the_sample_equals_its_printed_evidence(vault: Vault, clock: FixedClock, name: str) -> None:
    clock = FixedClock(datetime(2026, 1, 5, 17, 0, tzinfo=UTC), clock.zone())  # the day it was written for
    person = vault.write(lambda db: people.add(db, name, None, None, 1))
    store(vault, person, [*sample("clinic"), *sample(name)], SourceKind.PORTAL)
    found = lines(vault, clock, person)
    assert found
    known = [line for line in found if line.forecast.runs_out is not None]
    for line in known:
        assert line.forecast.runs_out == by_hand(line.forecast), line.title
        assert line.forecast.carried_over == carried_by_hand(line.forecast), line.title
        assert line.ask is not None
        assert line.ask.ask_by <= line.forecast.runs_out - timedelta(days=line.ask.lead), line.title
    assert all(line.forecast.evidence and line.ask is None for line in found if line not in known)
    if name == "mina":
        assert len(known) >= 3


MEDICINE_TYPES = {"MedicationRequest", "MedicationAdministration", "ExplanationOfBenefit", "Encounter"}
WHY_NOT = {
    ForecastGap.NO_DISPENSE: "no fill is known here",
    ForecastGap.STOPPED: "the order has ended",
}


@pytest.mark.corpus
@pytest.mark.parametrize("life", lives_of_the_corpus(), ids=lambda path: path.name.partition("_")[0])
def test_every_medicine_of_a_whole_life_has_the_day_that_its_printed_words_add_up_to_or_none(
    vault: Vault, clock: FixedClock, mina: int, life: Path
) -> None:
    """As they come they have no fills, so nothing is added up, and each says why. Then every one gets fills: two of
    them with an overlap, the last of 90 days."""
    bundle = json.loads(gzip.decompress(life.read_bytes()))
    resources = [entry["resource"] for entry in bundle["entry"]]
    store(vault, mina, [one for one in resources if one["resourceType"] in MEDICINE_TYPES])
    found = lines(vault, clock, mina)
    assert len(found) >= 9
    assert [(line.forecast.runs_out, line.forecast.evidence) for line in found] == [
        (None, WHY_NOT[line.forecast.gap]) for line in found
    ]
    codes = [line.key.removeprefix("rxnorm:").split("+")[0] for line in found if line.key.startswith("rxnorm:")]
    assert len(codes) == len(found)
    store(vault, mina, [fill for number, code in enumerate(codes) for fill in two_fills(number, code)])
    filled = lines(vault, clock, mina)
    known = [line for line in filled if line.forecast.runs_out is not None]
    assert len(known) >= 2
    for line in known:
        assert line.forecast.runs_out == by_hand(line.forecast) == date(2026, 10, 10) + timedelta(days=100), line.title
        assert line.forecast.carried_over == carried_by_hand(line.forecast) == 10, line.title
    assert all(line.forecast.evidence for line in filled)


def two_fills(number: int, code: str) -> list[dict[str, Any]]:
    """Thirty days from September 20, then ninety from October 10: ten days of the first are left by then."""
    medicine = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code}]}
    return [
        dispense(f"f{number}-{day}", day, medicationCodeableConcept=medicine, daysSupply={"value": days, "unit": "d"})
        for day, days in (("2026-09-20", 30), ("2026-10-10", 90))
    ]


def sample(name: str) -> list[bytes]:
    """The demo family's records on the day that they were written for."""
    raw = gzip.decompress((DEMO / f"{name}.ndjson.gz").read_bytes()).decode()
    return [re.sub(r"@(\d{4})", r"\1", each).encode() for each in raw.splitlines()]


def schedule(
    person: int, days: DayRule | None = None, at: Sequence[int] = (8,), unit: str = "tablet", **more: Any
) -> Schedule:
    doses = tuple(TimedDose(time(hour), Decimal(1)) for hour in at)
    one = Schedule("", person, CODE, "lisinopril", unit, AtTimes(days or EveryDay(), doses), date(2026, 11, 10))
    return replace(one, **more)


@pytest.mark.parametrize(
    ("rule", "hours", "runs_out", "rate"),
    [
        (EveryDay(), (8,), date(2026, 11, 26), "1 tablet a day by your schedule"),
        (EveryDay(), (8, 20), date(2026, 11, 11), "2 tablets a day by your schedule"),
        # 30 Mondays from Nov 2 on: the 31st is Monday, May 31.
        (OnWeekdays(frozenset({0})), (8,), date(2027, 5, 31), "by your schedule"),
        # Every other day, in step with Nov 10: Oct 27, 29 ... the 31st is 60 days later.
        (EveryDays(2), (8,), date(2026, 12, 26), "by your schedule"),
        (EveryDays(2), (8, 20), date(2026, 11, 26), "by your schedule"),
    ],
)
def test_a_fill_without_days_lasts_by_its_quantity_and_the_confirmed_schedule(
    vault: Vault, clock: FixedClock, mina: int, rule: DayRule, hours: Sequence[int], runs_out: date, rate: str
) -> None:
    store(vault, mina, [order(), dispense(daysSupply=None)])
    assert only(vault, clock, mina).forecast.gap is ForecastGap.NO_DAYS_SUPPLY
    dose_verbs.confirm_schedule(vault, clock, schedule(mina, rule, hours))
    found = only(vault, clock, mina).forecast
    days = (runs_out - date(2026, 10, 27)).days
    assert found.evidence == f"filled Oct 27, 2026, 30 tablets for {days} days ({rate})"
    assert found.runs_out == by_hand(found) == runs_out


def test_the_schedule_says_nothing_where_units_differ_it_waits_or_is_as_needed(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [order(), dispense(daysSupply=None)])
    taken = EveryHours(8, Decimal(1), CountedFrom.TAKEN, clock.now())
    for one in (
        schedule(mina, unit="mL"),
        schedule(mina, paused=True),
        schedule(mina, last_day=date(2026, 12, 1)),
        schedule(mina, rhythm=AsNeeded(Decimal(1))),
        schedule(mina, rhythm=taken),
    ):
        made = dose_verbs.confirm_schedule(vault, clock, one)
        assert only(vault, clock, mina).forecast.gap is ForecastGap.NO_DAYS_SUPPLY
        dose_verbs.end_schedule(vault, clock, made.schedule)


def test_every_eight_hours_by_the_clock_is_added_up_too(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense(daysSupply=None)])
    rhythm: Rhythm = EveryHours(8, Decimal(1), CountedFrom.PLANNED, clock.now())
    dose_verbs.confirm_schedule(vault, clock, schedule(mina, rhythm=rhythm, first_day=date(2026, 11, 21)))
    found = only(vault, clock, mina).forecast
    assert found.runs_out == by_hand(found) == date(2026, 11, 6)


def test_a_schedule_whose_source_changed_adds_nothing_up(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense(daysSupply=None)])
    basis = Basis(only(vault, clock, mina).sources[-1].record, b"what it said before")
    dose_verbs.confirm_schedule(vault, clock, schedule(mina, basis=(basis,)))
    assert only(vault, clock, mina).forecast.gap is ForecastGap.NO_DAYS_SUPPLY


def test_what_the_person_counted_wins_over_an_older_fill_and_says_so(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [order(), dispense()])
    dose_verbs.confirm_schedule(vault, clock, schedule(mina, at=(9, 20)))
    dose_verbs.count_stock(vault, clock, Stock(mina, CODE, "tablets", Decimal(7), clock.now() - timedelta(days=1)))
    found = only(vault, clock, mina).forecast
    # Two today, two on each of the 22nd and the 23rd, one on the 24th: the evening of that day is not covered.
    assert found.basis is ForecastBasis.COUNTED
    assert found.evidence == (
        "7 tablets left by your count of Nov 20, 2026, enough for 3 days from Nov 21, 2026"
        " (2 tablets a day by your schedule)"
    )
    assert found.runs_out == by_hand(found) == date(2026, 11, 24)


def test_a_fill_after_the_count_ends_it(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense(day="2026-11-15")])
    dose_verbs.confirm_schedule(vault, clock, schedule(mina))
    dose_verbs.count_stock(vault, clock, Stock(mina, CODE, "tablet", Decimal(7), clock.now() - timedelta(days=9)))
    found = only(vault, clock, mina).forecast
    assert (found.basis, found.runs_out) == (ForecastBasis.FILLS, date(2026, 12, 15))


def test_a_count_without_a_schedule_or_of_what_was_stopped_gives_no_day(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [order()])
    dose_verbs.count_stock(vault, clock, Stock(mina, CODE, "tablet", Decimal(7), clock.now()))
    assert only(vault, clock, mina).forecast.gap is ForecastGap.NO_DISPENSE
    dose_verbs.confirm_schedule(vault, clock, schedule(mina))
    assert only(vault, clock, mina).forecast.gap is None
    store(vault, mina, [order(status="stopped")])
    assert only(vault, clock, mina).forecast.gap is ForecastGap.STOPPED


def test_the_day_that_the_person_noted_is_theirs_until_the_next_fill(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [order(), dispense()])
    note = RefillNote(runs_out=date(2026, 12, 3), pays_from=date(2026, 11, 25))
    done = verbs.note_refill(vault, clock, mina, CODE, note)
    line = only(vault, clock, mina)
    assert (line.forecast.runs_out, line.forecast.basis) == (date(2026, 12, 3), ForecastBasis.OWN)
    assert line.forecast.evidence == "the day that you noted on Nov 21, 2026"
    assert line.ask is not None
    assert line.ask.pays_from == date(2026, 11, 25)
    later = FixedClock(clock.now() + timedelta(days=3), clock.zone())
    store(vault, mina, [dispense("d2", "2026-11-23")])
    line = only(vault, later, mina)
    assert (line.forecast.basis, line.forecast.carried_over) == (ForecastBasis.FILLS, 3)
    assert (line.ask.pays_from if line.ask else "") is None
    verbs.put_note_back(vault, clock, mina, CODE, done.before)
    assert only(vault, later, mina).note == RefillNote()


REQUEST = {"numberOfRepeatsAllowed": 2, "validityPeriod": {"end": "2027-10-01"}}
FIRST = {"coding": [{"code": "FF"}]}
OF_ORDER = [{"reference": "MedicationRequest/o1"}]


def test_refills_are_left_only_where_every_fill_of_the_order_is_known(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    first = dispense("d1", "2026-09-25", type=FIRST, authorizingPrescription=OF_ORDER)
    second = dispense("d2", "2026-10-27", authorizingPrescription=OF_ORDER)
    store(vault, mina, [order(day="2026-09-24", dispenseRequest=REQUEST), second])
    assert only(vault, clock, mina).refills_left is None  # the first fill is not known
    store(vault, mina, [first])
    line = only(vault, clock, mina)
    assert (line.refills_left, line.ask.renewal if line.ask else None) == (1, False)
    store(vault, mina, [dispense("d3", "2026-11-20", authorizingPrescription=OF_ORDER)])
    line = only(vault, clock, mina)
    assert (line.refills_left, line.ask.renewal if line.ask else None) == (0, True)
    assert line.ask is not None
    assert line.ask.lead == 14


def test_a_hole_between_fills_may_hide_one_so_that_nothing_is_said_of_what_is_left(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    first = dispense("d1", "2026-07-25", type=FIRST, authorizingPrescription=OF_ORDER)
    second = dispense("d2", "2026-10-27", authorizingPrescription=OF_ORDER)
    store(vault, mina, [order(day="2026-07-24", dispenseRequest=REQUEST), first, second])
    assert only(vault, clock, mina).refills_left is None


def test_no_refill_is_left_after_the_orders_last_day_and_it_has_to_be_renewed(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    ended = REQUEST | {"validityPeriod": {"end": "2026-11-01"}}
    first = dispense(type=FIRST, authorizingPrescription=OF_ORDER)
    store(vault, mina, [order(dispenseRequest=ended), first])
    line = only(vault, clock, mina)
    assert (line.refills_left, line.repeats_allowed) == (None, None)
    assert line.ask is not None
    assert (line.ask.renewal, line.ask.lead, line.ask.ask_by) == (True, 14, date(2026, 11, 12))


@pytest.mark.parametrize(
    ("period", "serviced", "runs_out"),
    [
        ({"start": "2026-11-19"}, None, "2026-12-19"),
        ({"start": "2026-11-19", "end": "2026-11-19"}, None, "2026-12-19"),
        ({"start": "2026-11-19", "end": "2026-11-20"}, None, None),  # what was billed, and not when
        ({"start": "2026-11-19", "end": "2026-11-20"}, "2026-11-02", "2026-12-02"),
        ({}, None, None),
    ],
)
def test_a_claims_day_is_the_day_of_service_and_never_a_period_of_billing(
    vault: Vault, clock: FixedClock, mina: int, period: dict[str, str], serviced: str | None, runs_out: str | None
) -> None:
    one = claim("e1", "2026-11-19", billablePeriod=period)
    one["item"][0].pop("servicedDate", None)
    if serviced is not None:
        one["item"][0]["servicedDate"] = serviced
    store(vault, mina, [one])
    found = only(vault, clock, mina).forecast
    assert (str(found.runs_out or "") or None) == runs_out
    assert found.gap is (None if runs_out else ForecastGap.NO_DATE)


def test_another_strength_ordered_after_the_last_fill_leaves_the_day_unknown_until_the_person_says_they_differ(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    """20 mg since Nov 10 beside 10 mg that the clinic never closed: one in place of the other, or both?"""
    stronger = {"coding": [{"system": RXNORM, "code": "314077"}], "text": "lisinopril 20 MG Oral Tablet"}
    one = {"coding": [{"system": RXNORM, "code": "314076"}], "text": "lisinopril 10 MG Oral Tablet"}
    known = [order(medicationCodeableConcept=one), dispense(medicationCodeableConcept=one)]

    def days() -> dict[str, str | None]:
        return {line.key: str(line.forecast.runs_out or line.forecast.evidence) for line in lines(vault, clock, mina)}

    store(vault, mina, [*known, order("o2", "2026-10-27", medicationCodeableConcept=stronger)])
    assert days()[CODE] == "2026-11-26"  # ordered on the day of the fill, with it in view
    store(vault, mina, [order("o2", "2026-11-10", medicationCodeableConcept=stronger)])
    assert days()[CODE] == "a newer order came after the fill of Oct 27, 2026, and the dose may have changed"
    assert all(line.ask is None for line in lines(vault, clock, mina))
    verbs.note_refill(vault, clock, mina, CODE, RefillNote(runs_out=date(2026, 12, 3)))
    assert days()[CODE] == "2026-12-03"  # the person knows
    verbs.note_refill(vault, clock, mina, CODE, RefillNote())
    verbs.not_same(vault, clock, mina, CODE, "rxnorm:314077")
    assert days()[CODE] == "2026-11-26"


def test_mail_order_takes_two_weeks(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense()])
    verbs.note_refill(vault, clock, mina, CODE, RefillNote(mail_order=True))
    line = only(vault, clock, mina)
    assert line.ask is not None
    assert (line.ask.lead, line.ask.ask_by) == (14, date(2026, 11, 12))


def test_holidays_and_closed_days_make_it_earlier_never_later(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense(day="2026-11-03")])  # runs out Dec 3, a week after Thanksgiving
    line = only(vault, clock, mina)
    assert line.ask is not None
    assert (line.ask.ask_by, line.ask.closed) == (date(2026, 11, 25), ("Thanksgiving Day, Nov 26, 2026",))
    verbs.set_closed_days(vault, clock, mina, frozenset({2}))
    line = only(vault, clock, mina)
    assert line.ask is not None
    assert line.ask.ask_by == date(2026, 11, 24)
    verbs.set_holidays(vault, clock, "GB", "ENG")
    assert (holiday_places(vault, clock).country, holiday_places(vault, clock).state) == ("GB", "ENG")
    line = only(vault, clock, mina)
    assert line.ask is not None
    assert (line.ask.ask_by, line.ask.closed) == (date(2026, 11, 26), ())


@pytest.mark.parametrize("renewal", [False, True])
@pytest.mark.parametrize("shut", [frozenset(), frozenset({6}), frozenset({0, 5, 6}), frozenset(range(7))])
def test_no_day_to_ask_is_ever_moved_later(shut: frozenset[int], renewal: bool) -> None:
    closed = ClosedDays(shut, holidays_of("US", "CA"))
    for number in range(400):
        day = date(2026, 1, 1) + timedelta(days=number)
        found, passed = open_day(day, closed, renewal)
        assert found <= day
        assert (day - found).days == len(passed) <= 7


def test_a_country_that_is_not_known_has_no_holidays() -> None:
    assert holidays_of("XX", "")(date(2026, 12, 25)) is None
    assert holidays_of("US", "ZZ")(date(2026, 12, 25)) is None


def stay(start: str, end: str | None) -> dict[str, Any]:
    period = {"start": f"{start}T09:00:00-08:00"} | ({"end": f"{end}T11:00:00-08:00"} if end else {})
    return {"resourceType": "Encounter", "id": "s1", "status": "finished", "class": {"code": "IMP"}, "period": period}


PART = {"type": {"coding": [{"code": "FFP"}]}, "quantity": {"value": 10, "unit": "tablet"},
        "daysSupply": {"value": 10, "unit": "d"}}  # fmt: skip
QUARTER = {"quantity": {"value": 90, "unit": "tablet"}, "daysSupply": {"value": 90, "unit": "d"}}


@pytest.mark.parametrize(
    ("records", "runs_out", "gap", "ask_by"),
    [
        # A part of a fill, and what is owed two days later: nobody says which of them counts how.
        ([order(), dispense(**PART), dispense("d2", "2026-10-29", **PART)], None, ForecastGap.PARTIAL_FILL, None),
        # A whole fill after them, more than half its days later: Nov 14 and 30 days, the rest of the parts left out.
        ([order(), dispense(**PART), dispense("d2", "2026-11-14")], "2026-12-14", None, "2026-12-07"),
        # The claim of Nov 19 was taken back: Oct 27 and 30 days.
        ([order(medicationCodeableConcept=LISINOPRIL), dispense(), claim("e1", "2026-11-19", status="cancelled")],
         "2026-11-26", None, "2026-11-19"),
        # As it stood it was a fill: 7 days carried over, Nov 19 + 7 + 30.
        ([order(medicationCodeableConcept=LISINOPRIL), dispense(), claim("e1", "2026-11-19")],
         "2026-12-26", None, "2026-12-19"),
        # Two fills of one day, and not the same: a replacement, or twice as much?
        ([order(), dispense(), dispense("d2", **QUARTER)], None, ForecastGap.SECOND_FILL, None),
        ([order(dosageInstruction=[{"text": "1 tablet", "asNeededBoolean": True}]), dispense()],
         None, ForecastGap.AS_NEEDED, None),
        # Twice the dose since Nov 10: the fill of Oct 27 lasts less long than it says.
        ([order(status="stopped"), dispense(), order("o2", "2026-11-10", "2 tablets once a day")],
         None, ForecastGap.DOSE_CHANGED, None),
        # In hospital from Nov 2 to Nov 6, its own supply was not taken.
        ([order(), dispense(), stay("2026-11-02", "2026-11-06")], None, ForecastGap.HOSPITAL_STAY, None),
        ([order(), dispense(), stay("2026-11-02", None)], None, ForecastGap.HOSPITAL_STAY, None),
        # A stay that was over before the fill changes nothing.
        ([order(), dispense(), stay("2026-10-02", "2026-10-06")], "2026-11-26", None, "2026-11-19"),
        # Dated in the future: not handed over yet.
        ([order(), dispense(day="2026-12-02")], None, ForecastGap.NO_DATE, None),
        # Ninety days from Sep 3: Dec 2; a week before is Nov 25, the day before Thanksgiving.
        ([order(), dispense(day="2026-09-03", **QUARTER)], "2026-12-02", None, "2026-11-25"),
        # One day later it would be Thanksgiving itself: the day before.
        ([order(), dispense(day="2026-09-04", **QUARTER)], "2026-12-03", None, "2026-11-25"),
        # Three months, refilled 20 days early: Nov 13 + 20 carried over + 90 = Mar 3; a week before, Feb 24.
        ([order(day="2026-08-01"), dispense(day="2026-09-04", **QUARTER), dispense("d2", "2026-11-13", **QUARTER)],
         "2027-03-03", None, "2027-02-24"),
        # The order is good until Nov 18: a renewal, 14 days before Nov 26, on Thursday, Nov 12.
        ([order(dispenseRequest={"numberOfRepeatsAllowed": 3, "validityPeriod": {"end": "2026-11-18"}}), dispense()],
         "2026-11-26", None, "2026-11-12"),
        ([order(), dispense(status="stopped")], None, ForecastGap.NO_DISPENSE, None),
        ([order(), dispense(status="in-progress")], None, ForecastGap.NO_DISPENSE, None),
    ],
)  # fmt: skip
def test_odd_cases_by_hand(
    vault: Vault, clock: FixedClock, mina: int, records: list[dict[str, Any]], runs_out: str | None,
    gap: ForecastGap | None, ask_by: str | None,
) -> None:  # fmt: skip
    store(vault, mina, records)
    line = only(vault, clock, mina)
    assert (str(line.forecast.runs_out or "") or None, line.forecast.gap) == (runs_out, gap)
    assert (str(line.ask.ask_by) if line.ask else None) == ask_by
    if line.forecast.runs_out is not None:
        assert by_hand(line.forecast) == line.forecast.runs_out
