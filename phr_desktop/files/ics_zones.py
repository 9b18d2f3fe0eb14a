"""A zone of the IANA database as a VTIMEZONE (RFC 5545, 3.6.5).

The library's own puts the clocks forward an hour late (DTSTART in the new time, where the standard wants the old), so
a program that goes by it would ring at the wrong hour that night.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from phr_desktop.domain.calendar_rules import WEEKDAYS

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)  # fixed: the file stays the same
_STEP = timedelta(days=1)
_Offset = tuple[timedelta, str, bool]  # from UTC, its name, whether it is summer time


def vtimezone(name: str) -> icalendar.Timezone:
    """The offsets of a zone from 2020 to 2037, with each change at its own moment; further where a rule says them."""
    zone = ZoneInfo(name)
    whole = icalendar.Timezone()
    whole.add("TZID", name)
    first = _offset(FIRST, zone)
    whole.add_component(_part(first[0], first, FIRST.replace(tzinfo=None)))
    kinds: dict[tuple[timedelta, _Offset], list[datetime]] = {}
    for at, before, after in _changes(zone):
        kinds.setdefault((before[0], after), []).append(at.replace(tzinfo=None) + before[0])
    for (before_utc, after), onsets in kinds.items():
        rule = _rule(onsets)
        for onset in onsets[:1] if rule else onsets:  # several RDATEs of one part are not read by every program
            whole.add_component(_part(before_utc, after, onset, rule))
    return whole


def _rule(onsets: list[datetime]) -> str:
    """The rule by which a change comes every year to the last one looked at; "" where there is none."""
    first = onsets[0]
    if [each.year for each in onsets] != list(range(first.year, LAST.year)):
        return ""
    if len({(each.month, each.weekday(), each.time()) for each in onsets}) > 1:
        return ""
    if all((each + timedelta(days=7)).month != each.month for each in onsets):
        which = -1
    elif len({(each.day - 1) // 7 for each in onsets}) == 1:
        which = (first.day - 1) // 7 + 1
    else:
        return ""
    return f"FREQ=YEARLY;BYMONTH={first.month};BYDAY={which}{WEEKDAYS[first.weekday()]}"


def _part(before: timedelta, offset: _Offset, onset: datetime, rule: str = "") -> icalendar.cal.Component:
    part = icalendar.TimezoneDaylight() if offset[2] else icalendar.TimezoneStandard()
    part.add("DTSTART", onset)
    part.add("TZOFFSETFROM", before)
    part.add("TZOFFSETTO", offset[0])
    part.add("TZNAME", offset[1])
    if rule:
        part.add("RRULE", icalendar.vRecur.from_ical(rule))
    return part


def _changes(zone: ZoneInfo) -> Iterator[tuple[datetime, _Offset, _Offset]]:
    """Each moment from which on the clocks show another offset, in UTC."""
    day, before = FIRST, _offset(FIRST, zone)
    while day < LAST:
        following = day + _STEP
        after = _offset(following, zone)
        if after != before:
            yield _moment_of(day, following, zone), before, after
        day, before = following, after


def _moment_of(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    old = _offset(start, zone)
    while end - start > timedelta(seconds=1):
        middle = start + timedelta(seconds=int((end - start).total_seconds()) // 2)
        if _offset(middle, zone) == old:
            start = middle
        else:
            end = middle
    return end


def _offset(moment: datetime, zone: ZoneInfo) -> _Offset:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname() or "", bool(local.dst())
