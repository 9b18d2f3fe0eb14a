"""Doses around every night on which clocks change, in zones that change them by a half hour, by two hours, at midnight,
backwards in winter, around Ramadan, and over a whole day."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.domain.dose_times import Taken, planned_doses
from phr_desktop.domain.doses import (
    AtTimes,
    CountedFrom,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Schedule,
    Taper,
    TaperStep,
    TimedDose,
)
from phr_desktop.domain.wall_clock import is_left_out
from tests.simulation.clocks import shifts

ZONES = (
    "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "Africa/Cairo", "America/Nuuk",
    "Antarctica/Troll", "Europe/Dublin", "America/Sao_Paulo", "Pacific/Chatham", "Asia/Gaza", "America/Los_Angeles",
)  # fmt: skip
APIA, LEFT_OUT = ZoneInfo("Pacific/Apia"), date(2011, 12, 30)
DAY = timedelta(days=1)
ONE = Decimal(1)
CHANGES = [
    (ZoneInfo(name), at)
    for name in ZONES
    for years in ((2010, 2013), (2026, 2029))
    for at, _ in shifts(ZoneInfo(name), *(datetime(year, 1, 1, tzinfo=UTC) for year in years))[1:]
]
times = st.lists(
    st.times().map(lambda at: at.replace(second=0, microsecond=0)), min_size=1, max_size=4, unique=True
).map(sorted)
near = st.timedeltas(timedelta(0), timedelta(days=3)).map(lambda span: span - span % timedelta(minutes=1))
changes = st.sampled_from(CHANGES) | st.just((APIA, datetime(2011, 12, 30, 10, tzinfo=UTC)))


def schedule(rhythm, first, **more):
    return Schedule("urn:uuid:s", 1, "rxnorm:1", "Metformin", "tablet", rhythm, first, **more)


def daily(at, first):
    return schedule(AtTimes(EveryDay(), tuple(TimedDose(one, ONE) for one in at)), first)


def around(change, before, after):
    """From some days before a change of clocks to some days after it."""
    return change - before - 2 * DAY, change + after + 2 * DAY


def lived(zone, start, end):
    """The days that somebody lives in between, looked at each half hour."""
    halves = [start + timedelta(minutes=30 * number) for number in range(int((end - start) / timedelta(minutes=30)))]
    return {moment.astimezone(zone).date() for moment in (*halves, end - timedelta(minutes=1))}


def shows(zone, day, at):
    """Whether clocks in the zone show this time of this day at all."""
    return any(
        datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        == datetime.combine(day, at)
        for fold in (0, 1)
    )


@given(changes, times, near, near)
def test_each_day_that_is_lived_has_each_of_its_doses_once_at_its_time(change, at, before, after):
    zone, moment = change
    start, end = around(moment, before, after)
    found = list(planned_doses(daily(at, date(2000, 1, 1)), zone, start, end))
    assert max(Counter(dose.id for dose in found).values(), default=1) == 1
    days = sorted(lived(zone, start, end))
    whole = days[1:-1]  # the first and the last may be there in part
    assert Counter(dose.day for dose in found if dose.day in whole) == dict.fromkeys(whole, len(at))
    assert {dose.day for dose in found} <= set(days)
    for dose in found:
        local = dose.due.astimezone(zone).replace(tzinfo=None)
        wanted = [one for one in at if datetime.combine(dose.day, one) == local]
        if not wanted:  # a time that the clocks leapt over: the first minute after the leap
            assert any(not shows(zone, dose.day, one) for one in at)
            minute = dose.due - timedelta(minutes=1)
            assert minute.astimezone(zone).utcoffset() != dose.due.astimezone(zone).utcoffset()
        else:  # of a time that is shown twice the first
            assert dose.due == datetime.combine(dose.day, wanted[0], zone).replace(fold=0).astimezone(UTC)


@given(changes, times, near, near)
def test_a_daily_dose_is_never_two_hours_nearer_or_farther_than_a_day(change, at, before, after):
    zone, moment = change
    for one in at:
        found = list(planned_doses(daily([one], date(2000, 1, 1)), zone, *around(moment, before, after)))
        for first, second in itertools.pairwise(found):
            assert timedelta(hours=22) <= second.due - first.due <= timedelta(hours=26)


@given(changes, times, st.lists(near, max_size=4))
def test_planning_in_pieces_over_the_change_gives_what_planning_at_once_gives(change, at, cuts):
    zone, moment = change
    one = daily(at, (moment - DAY).astimezone(zone).date())
    start = moment - 2 * DAY
    edges = [start, *sorted(start + cut for cut in cuts), start + 6 * DAY]
    pieces = [dose for a, b in itertools.pairwise(edges) for dose in planned_doses(one, zone, a, b)]
    assert pieces == list(planned_doses(one, zone, start, start + 6 * DAY))


@given(changes, st.integers(1, 72), near)
def test_hours_are_real_hours_over_the_change(change, hours, before):
    zone, moment = change
    first = moment - before
    by_plan = schedule(EveryHours(hours, ONE, CountedFrom.PLANNED, first), date(2000, 1, 1))
    found = list(planned_doses(by_plan, zone, moment - 4 * DAY, moment + 8 * DAY))
    assert [dose.due for dose in found] == [first + number * timedelta(hours=hours) for number in range(len(found))]
    assert found[-1].due + timedelta(hours=hours) >= moment + 8 * DAY
    by_taken = schedule(EveryHours(hours, ONE, CountedFrom.TAKEN, first), date(2000, 1, 1))
    (after,) = planned_doses(by_taken, zone, first, moment + 8 * DAY, [Taken("d", by_taken.id, first)])
    assert after.due - first == timedelta(hours=hours)


@pytest.mark.parametrize("hour", [0, 8, 20])
def test_the_day_that_apia_left_out_has_no_dose_between_those_of_its_neighbours(hour):
    """After Thursday came Saturday: eight o'clock of one and of the other are a day apart."""
    assert is_left_out(LEFT_OUT, APIA)
    assert not any(is_left_out(LEFT_OUT + each * DAY, APIA) for each in (-1, 1))
    start, end = (datetime(2011, 12, day, tzinfo=UTC) for day in (27, 31))
    found = list(planned_doses(daily([time(hour)], date(2011, 12, 1)), APIA, start, end))
    assert LEFT_OUT not in {dose.day for dose in found}
    assert {second.due - first.due for first, second in itertools.pairwise(found)} == {DAY}


@pytest.mark.parametrize("rhythm", [
    AtTimes(OnWeekdays(frozenset({4})), (TimedDose(time(8), ONE),)),  # Fridays, which that was
    AtTimes(EveryDays(7), (TimedDose(time(8), ONE),)),
    Taper((TaperStep(8, (TimedDose(time(8), ONE),)),)),  # whose last day that was
])  # fmt: skip
def test_what_the_next_day_has_no_dose_of_its_own_for_is_not_lost_with_the_day(rhythm):
    one = schedule(rhythm, LEFT_OUT - 7 * DAY)
    found = list(planned_doses(one, APIA, datetime(2011, 12, 20, tzinfo=UTC), datetime(2012, 1, 4, tzinfo=UTC)))
    assert found[-1].day == LEFT_OUT
    assert found[-1].due == datetime(2011, 12, 30, 10, tzinfo=UTC)  # the first minute of Saturday
