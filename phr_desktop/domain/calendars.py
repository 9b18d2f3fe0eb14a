"""What goes into a person's calendar file: visits, doses, refill days and the like, as another program shows them.

A calendar file is not encrypted. So only what the person chose goes in, and unless the person chose full words, it
names nobody, no medicine and no clinic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class CalendarKind(StrEnum):
    """What an entry is of; the person chooses which go in."""

    VISIT = "visit"
    DOSE = "dose"
    REFILL = "refill"
    TEST = "test"
    VACCINE = "vaccine"
    MEASUREMENT = "measurement"


class CalendarStatus(StrEnum):
    """As RFC 5545 writes it (STATUS of a VEVENT)."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """One entry as it is meant now. All text, so that it can be kept and compared.

    `start` is a local time "2026-11-24T10:00:00" in `zone` (IANA, or "UTC"), or a day "2026-11-24" with `zone` "".
    `rule` is an RRULE's value, "" for a single entry. `alarms` are minutes from the start, before it below 0.
    """

    uid: str
    kind: CalendarKind
    title: str
    start: str
    zone: str
    end: str = ""  # like `start`, in the same zone; "" where none is known
    rule: str = ""
    without: tuple[str, ...] = ()  # starts of the rule that do not take place, written as `start`
    alarms: tuple[int, ...] = ()
    status: CalendarStatus = CalendarStatus.CONFIRMED
    where: str = ""
    note: str = ""
    last_day: str = ""  # "" where the rule has no end


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An item with how often it changed since it was first written, and when it did so last (seconds since 1970)."""

    item: CalendarItem
    sequence: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class CalendarChoice:
    """What the person wants in the calendar file, in which words, and where it is kept up to date (None: nowhere).

    `failure` is the code of what kept the last try from being written, with the name of the file's folder.
    """

    kinds: frozenset[CalendarKind] = frozenset({CalendarKind.VISIT})
    full_words: bool = False
    file: Path | None = None
    written_at: int | None = None  # seconds since 1970 UTC
    failure: str | None = None
