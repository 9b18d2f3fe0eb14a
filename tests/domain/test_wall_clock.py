"""Every time of the day has its moment, in every kind of clocks there are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.domain.wall_clock import day_clock, wall_clock
from tests.simulation.clocks import by_their_clocks, shifts

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)
TIMES = [time(hour, minute) for hour in range(24) for minute in (0, 30, 59)]


def test_the_quick_way_gives_the_same_moments_around_every_change_of_clocks_there_is():
    tried = 0
    for name in by_their_clocks(START, END):
        zone = ZoneInfo(name)
        changes = [at.astimezone(zone).date() for at, _ in shifts(zone, START, END)[1:]]
        for day in {change + timedelta(days=each) for change in changes for each in (-2, -1, 0, 1, 2)}:
            for at in TIMES:
                assert day_clock(day, at, zone) == wall_clock(datetime.combine(day, at), zone), (name, day, at)
                tried += 1
    assert tried > 100_000


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5)), ZoneInfo("Asia/Kathmandu")])
def test_clocks_that_never_change(zone):
    for day in (date(1970, 1, 1), date(2026, 11, 21), date(9999, 12, 30)):
        assert day_clock(day, time(8, 5), zone) == datetime.combine(day, time(8, 5), zone).astimezone(UTC)


def test_a_midnight_that_no_clock_shows():
    """Cairo puts its clocks forward at midnight: the first minute of the day is one o'clock."""
    zone = ZoneInfo("Africa/Cairo")
    assert day_clock(date(2027, 4, 30), time(0), zone).astimezone(zone).time() == time(1)
