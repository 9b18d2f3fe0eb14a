"""Moments at which clocks on the wall show a time, through both nights on which they are put forward or back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache


def wall_clock(local: datetime, zone: tzinfo) -> datetime:
    """The moment at which clocks in the zone show this (naive) time, in UTC.

    Where they show it twice, the first time; where they leap over it, the first minute after the leap.
    """
    while True:
        moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == local:
            return moment
        local = local.replace(second=0, microsecond=0) + timedelta(minutes=1)


def day_clock(day: date, at: time, zone: tzinfo) -> datetime:
    """As `wall_clock`, for many times of few days: the zone is asked once a day, unless its clocks change then."""
    local = datetime.combine(day, at, UTC)
    offset = steady_offset(day, zone)
    return wall_clock(local.replace(tzinfo=None), zone) if offset is None else local - offset


def is_left_out(day: date, zone: tzinfo) -> bool:
    """Whether clocks in the zone leap over the whole day, as in Apia over December 30, 2011."""
    if steady_offset(day, zone) is not None:
        return False
    return wall_clock(datetime.combine(day, time()), zone).astimezone(zone).date() != day


@lru_cache(maxsize=512)
def steady_offset(day: date, zone: tzinfo) -> timedelta | None:
    """What clocks in the zone are ahead of UTC all day long; None where they are put forward or back around it."""
    if not date.min < day < date.max - timedelta(days=1):
        return None
    edges = {datetime.combine(day + timedelta(days=each), time(), zone).utcoffset() for each in (-1, 0, 1, 2)}
    return edges.pop() if len(edges) == 1 else None
