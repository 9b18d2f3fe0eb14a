"""FHIR dates: what was written stays as written, a sort key stands beside it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from phr_desktop.domain.records import DatePrecision

_SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
_PRECISIONS = (DatePrecision.YEAR.value, DatePrecision.MONTH.value, DatePrecision.DAY.value)


class ParsedDate(NamedTuple):
    """`utc` is the start of the written period in seconds since 1970 (no zone: as if UTC), or None if unreadable."""

    utc: int | None
    precision: str | None
    zone: str | None


UNREADABLE = ParsedDate(None, None, None)


@lru_cache(maxsize=4096)
def parse_date(text: str) -> ParsedDate:
    """Reads a FHIR date, dateTime or instant; UNREADABLE where it is none (or names no real day)."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return UNREADABLE
    year, month, day, hour, minute, second, zone = found.groups()
    precision = DatePrecision.TIME.value if hour else _PRECISIONS[(month is not None) + (day is not None)]
    leap_second = second == "60"
    try:
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            59 if leap_second else int(second or 0), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return UNREADABLE
    offset = _offset(zone)
    if offset is None:
        return UNREADABLE
    return ParsedDate(int(moment.timestamp()) - offset, precision, zone)


def _offset(zone: str | None) -> int | None:
    """Seconds east of UTC; None for a zone that cannot be."""
    if zone is None or zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 14 or minutes > 59:
        return None
    seconds = hours * 3600 + minutes * 60
    return -seconds if zone[0] == "-" else seconds
