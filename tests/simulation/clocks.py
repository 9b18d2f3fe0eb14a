"""Every IANA zone, by what its clocks do: zones whose clocks agree for all the years in question are one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_DAY = timedelta(days=1)
Shifts = tuple[tuple[datetime, timedelta], ...]


def shifts(zone: tzinfo, start: datetime, end: datetime) -> Shifts:
    """When the zone's clocks were put forward or back, to the minute, and how far from UTC they stand from then on."""
    found = [(start, _offset(zone, start))]
    day = start
    while day < end:
        if _offset(zone, day + _DAY) != found[-1][1]:
            found.append((_change(zone, day, day + _DAY), _offset(zone, day + _DAY)))
        day += _DAY
    return tuple(found)


@lru_cache
def by_their_clocks(start: datetime, end: datetime) -> dict[str, int]:
    """One zone of each kind of clocks, in order of their names, and how many zones have such clocks."""
    first: dict[Shifts, str] = {}
    count: dict[str, int] = {}
    for name in sorted(available_timezones()):
        zone = first.setdefault(shifts(ZoneInfo(name), start, end), name)
        count[zone] = count.get(zone, 0) + 1
    return count


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The one change of clocks in between (two on a day would count as one)."""
    old = _offset(zone, before)
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after.astimezone(UTC).replace(second=0, microsecond=0)


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
