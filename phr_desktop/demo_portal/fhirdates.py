"""FHIR dates as spans of time, and search prefixes over them (FHIR R4, Search, 3.1.1.4.8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(T(?P<clock>\d\d:\d\d(:\d\d(\.\d+)?)?)(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?"
)
_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
_END = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """A span of time, `low` inclusive, `high` exclusive: "2004-05" is the whole of May."""

    low: datetime
    high: datetime


def moment_of(value: Any, zone: tzinfo) -> Moment | None:
    """The span of a date, dateTime, instant or Period; None where it has no dates. A date without a zone is local."""
    if isinstance(value, dict):
        start, end = parse(str(value.get("start", "")), zone), parse(str(value.get("end", "")), zone)
        if start is None and end is None:
            return None
        return Moment(start.low if start else _BEGINNING, end.high if end else _END)
    return parse(value, zone)


def parse(text: str, zone: tzinfo) -> Moment | None:
    """The span of a FHIR date or dateTime as written; None where the text is no date."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        if found["clock"]:
            return _instant(text, found, zone)
        return _days(found, zone)
    except ValueError:
        return None


def _instant(text: str, found: re.Match[str], zone: tzinfo) -> Moment:
    written = datetime.fromisoformat(text)
    low = (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)
    clock = found["clock"]
    width = timedelta(minutes=1) if clock.count(":") == 1 else timedelta(milliseconds=1 if "." in clock else 1000)
    return Moment(low, low + width)


def _days(found: re.Match[str], zone: tzinfo) -> Moment:
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    first = date(year, month, day)
    if found["day"]:
        after = first + timedelta(days=1)
    elif found["month"]:
        after = date(year + month // 12, month % 12 + 1, 1)
    else:
        after = date(year + 1, 1, 1)
    return Moment(_midnight(first, zone), _midnight(after, zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


def split_prefix(text: str) -> tuple[str, str]:
    """("ge", "2026-01-05") of "ge2026-01-05"; without a prefix it is "eq"."""
    return (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)


def matches(prefix: str, wanted: Moment, found: Moment) -> bool:
    """Whether a stored span answers a search's prefix and span."""
    inside = wanted.low <= found.low and found.high <= wanted.high
    return {
        "eq": inside,
        "ne": not inside,
        "gt": found.high > wanted.high,
        "lt": found.low < wanted.low,
        "ge": found.high > wanted.high or inside,
        "le": found.low < wanted.low or inside,
        "sa": found.low >= wanted.high,
        "eb": found.high <= wanted.low,
    }[prefix]
