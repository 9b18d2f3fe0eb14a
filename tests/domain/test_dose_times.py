"""Doses out of schedules, over every kind of rhythm, both clock nights and journeys."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.domain.dose_times import Taken, planned_doses
from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Schedule,
    Taper,
    TaperStep,
    TimedDose,
)
from phr_desktop.vault.rhythms import from_text, to_text

LA = ZoneInfo("America/Los_Angeles")
ZONES = [ZoneInfo(name) for name in ("America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe",
                                     "Pacific/Apia", "America/St_Johns", "Africa/Casablanca", "UTC")]  # fmt: skip
ONE = Decimal(1)
MORNING, EVENING = TimedDose(time(8), ONE), TimedDose(time(20), Decimal("1.5"))


def schedule(rhythm, first=date(2026, 11, 20), **more):
    return Schedule("urn:uuid:s", 1, "rxnorm:1", "Metformin", "tablet", rhythm, first, **more)


def at(day, hour=0, minute=0, zone=LA, fold=0):
    return datetime.combine(day, time(hour, minute), zone).replace(fold=fold).astimezone(UTC)


def local(doses, zone=LA):
    return [dose.due.astimezone(zone).strftime("%m-%d %H:%M") for dose in doses]


def of_days(one, first, days, zone=LA, taken=()):
    start = at(first, zone=zone)
    return list(planned_doses(one, zone, start, at(first + timedelta(days=days), zone=zone), taken))


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (EveryDay(), [20, 21, 22, 23, 24, 25, 26]),
        (OnWeekdays(frozenset({0, 4})), [20, 23]),  # 2026-11-20 is a Friday
        (EveryDays(3), [20, 23, 26]),
        (Cycle(2, 3), [20, 21, 25, 26]),
    ],
)
def test_the_days_of_a_rule(rule, days):
    found = of_days(schedule(AtTimes(rule, (MORNING, EVENING))), date(2026, 11, 20), 7)
    assert [dose.day.day for dose in found] == [day for day in days for _ in range(2)]
    assert [str(dose.amount) for dose in found[:2]] == ["1", "1.5"]


def test_nothing_before_the_first_day_nor_after_the_last():
    one = schedule(AtTimes(EveryDay(), (MORNING,)), last_day=date(2026, 11, 22))
    assert local(of_days(one, date(2026, 11, 1), 60)) == ["11-20 08:00", "11-21 08:00", "11-22 08:00"]


def test_a_taper_goes_step_by_step_and_ends():
    steps = (TaperStep(2, (TimedDose(time(8), Decimal(3)),)), TaperStep(1, (TimedDose(time(8), Decimal(2)),)))
    found = of_days(schedule(Taper(steps)), date(2026, 11, 1), 60)
    assert [(dose.day.day, int(dose.amount)) for dose in found] == [(20, 3), (21, 3), (22, 2)]


def test_hours_by_the_clock_are_real_hours_through_the_night_of_the_change():
    one = schedule(EveryHours(8, ONE, CountedFrom.PLANNED, at(date(2026, 10, 31), 22)), first=date(2026, 10, 31))
    found = of_days(one, date(2026, 10, 31), 3)
    gaps = {second.due - first.due for first, second in itertools.pairwise(found)}
    assert gaps == {timedelta(hours=8)}
    assert local(found)[:3] == ["10-31 22:00", "11-01 05:00", "11-01 13:00"]


def test_hours_from_the_dose_before_follow_what_was_taken():
    one = schedule(EveryHours(6, ONE, CountedFrom.TAKEN, at(date(2026, 11, 20), 8)))
    assert local(of_days(one, date(2026, 11, 20), 2)) == ["11-20 08:00"]
    late = Taken("d1", one.id, at(date(2026, 11, 20), 9, 30))
    assert local(of_days(one, date(2026, 11, 20), 2, taken=[late])) == ["11-20 15:30"]


def test_a_dose_after_another_waits_for_it():
    one = schedule(AfterDose("urn:uuid:other", timedelta(minutes=90), ONE))
    assert of_days(one, date(2026, 11, 20), 2) == []
    other = Taken("d1", "urn:uuid:other", at(date(2026, 11, 20), 8))
    assert local(of_days(one, date(2026, 11, 20), 2, taken=[other])) == ["11-20 09:30"]


def test_a_first_dose_taken_hours_early_counts_as_the_first():
    one = schedule(EveryHours(1, ONE, CountedFrom.TAKEN, at(date(2026, 11, 20), 16)))
    day = date(2026, 11, 20)
    (first,) = of_days(one, day, 1)
    assert local(of_days(one, day, 1, taken=[Taken(first.id, one.id, at(day, 14, 30))])) == ["11-20 15:30"]
    assert local(of_days(one, day, 1, taken=[Taken("of before", one.id, at(day, 14, 30))])) == ["11-20 16:00"]


def test_a_dose_that_was_skipped_or_is_not_sure_asks_for_none_after_it():
    one = schedule(AfterDose("urn:uuid:other", timedelta(minutes=30), ONE))
    day = date(2026, 11, 20)
    for surely, due in ((True, ["11-20 08:35"]), (False, [])):
        taken = [Taken("d", "urn:uuid:other", at(day, 8, 5), surely)]
        assert local(of_days(one, day, 1, taken=taken)) == due


def test_what_is_taken_when_needed_is_never_planned():
    assert of_days(schedule(AsNeeded(ONE)), date(2026, 11, 20), 30) == []


def test_a_paused_or_ended_schedule_plans_nothing_more():
    one = schedule(AtTimes(EveryDay(), (MORNING,)), paused=True)
    assert of_days(one, date(2026, 11, 20), 3) == []
    ended = schedule(AtTimes(EveryDay(), (MORNING,)), ended_at=at(date(2026, 11, 21), 8))
    assert local(of_days(ended, date(2026, 11, 20), 5)) == ["11-20 08:00"]


def test_the_spring_night_keeps_its_dose_and_the_autumn_night_has_it_once():
    dose = (TimedDose(time(2, 30), ONE),)
    spring = schedule(AtTimes(EveryDay(), dose), first=date(2027, 3, 1))
    assert local(of_days(spring, date(2027, 3, 13), 3)) == ["03-13 02:30", "03-14 03:00", "03-15 02:30"]
    autumn = schedule(AtTimes(EveryDay(), (TimedDose(time(1, 30), ONE),)), first=date(2026, 10, 1))
    assert local(of_days(autumn, date(2026, 10, 31), 3)) == ["10-31 01:30", "11-01 01:30", "11-02 01:30"]


def test_a_journey_moves_the_moment_and_keeps_the_dose():
    one = schedule(AtTimes(EveryDay(), (MORNING,)))
    here, there = of_days(one, date(2026, 11, 22), 1), of_days(one, date(2026, 11, 22), 1, ZoneInfo("Asia/Tokyo"))
    assert [dose.id for dose in here] == [dose.id for dose in there]
    assert here[0].due - there[0].due == timedelta(hours=17)
    at_home = schedule(AtTimes(EveryDay(), (MORNING,)), zone="America/Los_Angeles")
    start = at(date(2026, 11, 22))
    found = list(planned_doses(at_home, ZoneInfo("Asia/Tokyo"), start, start + timedelta(days=1)))
    assert [dose.due for dose in found] == [dose.due for dose in here]


times = st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=1, max_size=4, unique=True)
doses = times.map(lambda some: tuple(TimedDose(one, ONE) for one in sorted(some)))
rules = st.one_of(
    st.just(EveryDay()),
    st.frozensets(st.integers(0, 6), min_size=1).map(OnWeekdays),
    st.integers(2, 40).map(EveryDays),
    st.tuples(st.integers(1, 28), st.integers(1, 28)).map(lambda pair: Cycle(*pair)),
)
rhythms = st.one_of(
    st.builds(AtTimes, rules, doses),
    st.builds(Taper, st.lists(st.builds(TaperStep, st.integers(1, 20), doses), min_size=1, max_size=4).map(tuple)),
    st.builds(EveryHours, st.integers(1, 72), st.just(ONE), st.just(CountedFrom.PLANNED),
              st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
                  lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC))),
)  # fmt: skip


def test_a_dose_that_a_leap_puts_past_midnight_is_found_from_that_midnight_on():
    """In Nuuk it is midnight after 22:59 on the evening of March 28, 2026."""
    one = schedule(AtTimes(EveryDay(), (TimedDose(time(23, 30), ONE),)), first=date(2026, 3, 1))
    midnight = datetime(2026, 3, 29, 1, tzinfo=UTC)
    for start in (midnight - timedelta(hours=1), midnight):
        (found,) = planned_doses(one, ZoneInfo("America/Nuuk"), start, midnight + timedelta(hours=1))
        assert (found.due, found.day) == (midnight, date(2026, 3, 28))


@pytest.mark.parametrize("counted_from", list(CountedFrom))
def test_hours_end_with_the_last_day_too(counted_from):
    first = datetime(2026, 11, 21, 16, tzinfo=UTC)
    rhythm = EveryHours(8, ONE, counted_from, first)
    one = schedule(rhythm, first=date(2026, 11, 21), last_day=date(2026, 11, 22))
    taken = [Taken("d", one.id, datetime(2026, 11, 22, 23, tzinfo=UTC))]
    found = planned_doses(one, ZoneInfo("UTC"), first, first + timedelta(days=9), taken)
    assert all(dose.day <= date(2026, 11, 22) for dose in found)


@given(
    rhythm=rhythms,
    zone=st.sampled_from(ZONES),
    last=st.none() | st.dates(date(2026, 1, 10), date(2028, 3, 1)),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC)),
    cuts=st.lists(st.timedeltas(timedelta(0), timedelta(days=60)), max_size=6),
)
def test_no_dose_is_lost_or_doubled_however_the_time_is_cut(rhythm, zone, last, start, cuts):
    """Planning in pieces, as ticks and restarts make them, gives what planning at once gives."""
    one = schedule(rhythm, first=date(2026, 1, 10), last_day=last)
    end = start + timedelta(days=60)
    whole = list(planned_doses(one, zone, start, end))
    edges = [start, *sorted(start + cut for cut in cuts), end]
    pieces = [dose for a, b in itertools.pairwise(edges) for dose in planned_doses(one, zone, a, b)]
    assert sorted(pieces, key=lambda dose: (dose.due, dose.id)) == sorted(whole, key=lambda dose: (dose.due, dose.id))
    assert len({dose.id for dose in whole}) == len(whole)
    assert all(start <= dose.due < end for dose in whole)
    assert all(one.first_day <= dose.day <= (last or dose.day) for dose in whole)


@given(rhythm=rhythms)
def test_a_rhythm_comes_back_from_the_vault_as_it_was(rhythm):
    assert from_text(to_text(rhythm)) == rhythm


@pytest.mark.parametrize(
    "rhythm",
    [
        AsNeeded(Decimal("0.5"), timedelta(hours=4), Decimal(8)),
        AsNeeded(ONE),
        AfterDose("urn:uuid:x", timedelta(minutes=30), Decimal(2)),
        EveryHours(12, ONE, CountedFrom.TAKEN, datetime(2026, 11, 20, 16, tzinfo=UTC)),
    ],
)
def test_the_other_rhythms_come_back_too(rhythm):
    assert from_text(to_text(rhythm)) == rhythm
