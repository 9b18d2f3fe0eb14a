"""Orders into schedules to confirm: nothing is read from words, nothing that is not said is taken for daily."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.domain.dose_words import rhythm_words
from phr_desktop.domain.doses import Ask, AsNeeded, AtTimes, EveryHours, NoProposal, OnWeekdays, Taper
from phr_desktop.domain.medication_records import MedicationRequest
from phr_desktop.fhir.proposals import propose
from phr_desktop.fhir.read import read

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
TABLET = [{"doseQuantity": {"value": 1.5, "unit": "tab"}}]


def proposal(*dosages):
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
             "subject": {"reference": "Patient/p"}, "dosageInstruction": list(dosages)}  # fmt: skip
    found = read(json.dumps(order).encode())
    assert isinstance(found, MedicationRequest)
    return propose(found.dosage_instruction, NOW)


def timed(**repeat):
    return {"timing": {"repeat": repeat}, "doseAndRate": TABLET}


@pytest.mark.parametrize(
    ("repeat", "words", "asks"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]},
         "one and a half tablets at 8 in the morning and 8 at night, every day", set()),
        ({"frequency": 2, "period": 1, "periodUnit": "d"},
         "one and a half tablets at 8 in the morning and 8 at night, every day", {Ask.TIMES}),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]},
         "one and a half tablets at 10 at night, every day", {Ask.TIMES}),
        ({"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"], "timeOfDay": ["08:00:00"]},
         "ONCE A WEEK, on Mondays: one and a half tablets at 8 in the morning", set()),
        ({"period": 1, "periodUnit": "wk", "dayOfWeek": ["mon", "thu"], "timeOfDay": ["08:00:00"]},
         "ONLY ON MONDAYS AND THURSDAYS: one and a half tablets at 8 in the morning", set()),
        ({"frequency": 1, "period": 2, "periodUnit": "d", "timeOfDay": ["08:00:00"]},
         "EVERY OTHER DAY: one and a half tablets at 8 in the morning", {Ask.FIRST_DAY}),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, "one and a half tablets every 8 hours", {Ask.TIMES}),
        ({"frequency": 1, "period": 72, "periodUnit": "h"}, "one and a half tablets EVERY 72 HOURS", {Ask.TIMES}),
    ],
)  # fmt: skip
def test_what_the_structure_says_is_proposed_in_words(repeat, words, asks):
    found = proposal(timed(**repeat))
    assert found.rhythm is not None, found.why_not
    assert rhythm_words(found.rhythm, found.unit) == words
    assert found.asks == asks


def test_once_a_week_without_a_day_asks_which():
    found = proposal(timed(frequency=1, period=1, periodUnit="wk", timeOfDay=["08:00:00"]))
    assert found.asks == {Ask.DAYS}
    assert isinstance(found.rhythm, AtTimes)
    assert found.rhythm.days == OnWeekdays(frozenset())


@pytest.mark.parametrize(
    ("dosages", "why"),
    [
        ([], NoProposal.NO_INSTRUCTION),
        ([{"text": "Take one tablet twice daily"}], NoProposal.TEXT_ONLY),
        ([{"doseAndRate": TABLET}], NoProposal.NOT_SAID),
        ([{"text": "per sliding scale", **timed(frequency=3, period=1, periodUnit="d")}], NoProposal.MORE_IN_TEXT),
        ([{"text": "Warfarin as directed by INR", **timed(frequency=1, period=1, periodUnit="d")}],
         NoProposal.MORE_IN_TEXT),
        ([timed(frequency=1, period=4, periodMax=6, periodUnit="h")], NoProposal.A_RANGE),
        ([timed(frequency=1, frequencyMax=2, period=1, periodUnit="d")], NoProposal.A_RANGE),
        ([{**timed(frequency=1, period=1, periodUnit="d"),
           "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}]}], NoProposal.A_RANGE),
        ([timed(frequency=1, period=1, periodUnit="mo")], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=3, period=2, periodUnit="d")], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=1, period=2, periodUnit="d", dayOfWeek=["mon"])], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=1, period=1, periodUnit="d", dayOfWeek=["mon", "someday"])], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=2, period=1, periodUnit="d", timeOfDay=["08:00:00"])], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=2, period=1, periodUnit="d", when=["HS"])], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=1, period=1, periodUnit="d")] * 2, NoProposal.TWO_INSTRUCTIONS),
        # What could be read as more than is meant: three in a week, or three on each of the days?
        ([timed(frequency=3, dayOfWeek=["mon", "wed", "fri"])], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=1, period=1, periodUnit="wk", timeOfDay=["08:00:00", "20:00:00"])], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=2, period=1, periodUnit="wk", dayOfWeek=["mon", "thu"], when=["MORN", "EVE"])],
         NoProposal.OTHER_RHYTHM),
        ([timed(frequency=1, period=2, periodUnit="wk", when=["C"])], NoProposal.OTHER_RHYTHM),
        # A pack whose first day differs, and other words that the structure does not hold.
        ([{"text": "Take 2 tablets on day 1, then 1 tablet daily", **timed(frequency=1, period=1, periodUnit="d")}],
         NoProposal.MORE_IN_TEXT),
        ([{"text": "1 tablet daily except Sunday", **timed(frequency=1, period=1, periodUnit="d")}],
         NoProposal.MORE_IN_TEXT),
        ([{"text": "alternate 1 and 2 tablets", **timed(frequency=1, period=1, periodUnit="d")}],
         NoProposal.MORE_IN_TEXT),
        ([{"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}, "code": {"text": "Sliding scale"}},
           "doseAndRate": TABLET}], NoProposal.MORE_IN_TEXT),
        ([timed(frequency=1, period=0, periodUnit="d")], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=1, period=1e300, periodUnit="h")], NoProposal.OTHER_RHYTHM),
        ([timed(frequency=1, period="NaN", periodUnit="h")], NoProposal.NOT_SAID),
    ],
)  # fmt: skip
def test_what_cannot_be_said_for_sure_is_not_proposed(dosages, why):
    found = proposal(*dosages)
    assert (found.rhythm, found.why_not) == (None, why)


def test_an_amount_that_is_not_said_is_asked():
    found = proposal({"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}})
    assert Ask.AMOUNT in found.asks


def test_as_needed_is_never_given_times():
    found = proposal({**timed(frequency=1, period=4, periodUnit="h"), "asNeededBoolean": True,
                      "maxDosePerPeriod": {"numerator": {"value": 8, "unit": "tab"},
                                           "denominator": {"value": 1, "unit": "d"}}})  # fmt: skip
    assert isinstance(found.rhythm, AsNeeded)
    assert (found.rhythm.gap.total_seconds(), found.rhythm.daily_limit) == (4 * 3600, Decimal(8))
    assert rhythm_words(found.rhythm, found.unit) == (
        "one and a half tablets when needed, at least 4 hours apart, no more than eight tablets in 24 hours"
    )


def test_what_follows_a_dose_of_an_inhaler_is_no_second_instruction():
    words = "2 puffs twice a day, then rinse your mouth"
    assert proposal({"text": words, **timed(frequency=2, period=1, periodUnit="d")}).rhythm is not None


@pytest.mark.parametrize(
    ("timing", "hours"),
    [
        ({"repeat": {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}}, 4),
        ({"code": {"coding": [{"code": "Q6H"}]}}, 6),
        ({"repeat": {"frequency": 1, "period": 90, "periodUnit": "min"}}, 1.5),
        ({"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}, None),
    ],
)
def test_as_needed_keeps_the_least_time_between_two(timing, hours):
    found = proposal({"asNeededBoolean": True, "timing": timing, "doseAndRate": TABLET}).rhythm
    assert isinstance(found, AsNeeded)
    assert found.gap == (None if hours is None else timedelta(hours=hours))


MOST_FOUR = {"numerator": {"value": 4, "unit": "tab"}, "denominator": {"value": 1, "unit": "d"}}


@pytest.mark.parametrize(
    ("timing", "more", "limit"),
    [
        ({"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}, {}, "4.5"),
        ({"repeat": {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}}, {}, "3"),
        ({"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}, {"maxDosePerPeriod": MOST_FOUR}, "4"),
        ({"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}, {"maxDosePerPeriod": MOST_FOUR}, "3"),
        ({"code": {"coding": [{"code": "BID"}]}}, {}, "3"),
        ({"code": {"text": "when it hurts"}}, {}, None),
    ],
)
def test_as_needed_keeps_how_often_a_day_at_most(timing, more, limit):
    found = proposal({"asNeededBoolean": True, "timing": timing, "doseAndRate": TABLET, **more}).rhythm
    assert found == AsNeeded(Decimal("1.5"), None, None if limit is None else Decimal(limit))


@pytest.mark.parametrize(
    "timing",
    [
        {"code": {"coding": [{"code": "MO"}]}},
        {"code": {"coding": [{"code": "WK"}]}},
        {"repeat": {"frequency": 1, "period": 2, "periodUnit": "d"}},
        {"repeat": {"frequency": 1, "period": 1, "periodUnit": "mo"}},
        {"repeat": {"frequency": 2, "period": 6, "periodUnit": "h"}},
        {"repeat": {"frequency": 1, "dayOfWeek": ["mon"]}},
    ],
)
def test_as_needed_that_no_gap_or_daily_limit_can_hold_is_not_proposed_without_any(timing):
    found = proposal({"asNeededBoolean": True, "timing": timing, "doseAndRate": TABLET})
    assert found.rhythm is None
    assert found.why_not in (NoProposal.OTHER_RHYTHM, NoProposal.NOT_SAID)


def test_steps_in_a_sequence_become_a_taper_in_capitals():
    def step(sequence, value, days):
        return {"sequence": sequence, "doseAndRate": [{"doseQuantity": {"value": value, "unit": "tab"}}],
                "timing": {"repeat": {"boundsDuration": {"value": days, "unit": "d"}, "frequency": 1, "period": 1,
                                      "periodUnit": "d", "timeOfDay": ["08:00:00"]}}}  # fmt: skip

    found = proposal(step(2, 2, 3), step(1, 3, 5))
    assert isinstance(found.rhythm, Taper)
    assert rhythm_words(found.rhythm, found.unit) == (
        "CHANGING DOSE: three tablets at 8 in the morning for 5 days, then two tablets at 8 in the morning for 3 days, "
        "then none"
    )
    assert found.asks == {Ask.FIRST_DAY}  # it may have begun days ago


def test_bounds_give_the_first_and_the_last_day():
    found = proposal(
        timed(frequency=1, period=1, periodUnit="d", boundsPeriod={"start": "2026-11-20", "end": "2026-12"})
    )
    assert (found.first_day, found.last_day) == (date(2026, 11, 20), None)


def test_hours_count_from_the_next_full_hour_until_the_person_says_otherwise():
    found = proposal(timed(frequency=3, period=24, periodUnit="h"))
    assert isinstance(found.rhythm, EveryHours)
    assert (found.rhythm.hours, found.rhythm.first.astimezone(NOW.tzinfo).hour) == (8, 9)


@pytest.mark.parametrize(
    "ending",
    [
        {"boundsDuration": {"value": 10, "code": "d", "system": "http://unitsofmeasure.org"}},
        {"boundsPeriod": {"start": "2026-11-01", "end": "2026-12"}},
        {"count": 20},
    ],
)
def test_the_last_day_is_asked_where_the_order_ends_on_no_certain_day(ending):
    found = proposal(timed(frequency=2, period=1, periodUnit="d", **ending))
    assert Ask.LAST_DAY in found.asks
    assert found.last_day is None
