"""What heads the day for one person, and in one line for the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from phr_desktop.domain.appointments import Visit
from phr_desktop.domain.medicines import MedicineLine
from phr_desktop.domain.outbox import PendingAction
from phr_desktop.domain.people import Person
from phr_desktop.domain.records import RecordRow
from phr_desktop.domain.reminders import Occurrence


@dataclass(frozen=True, slots=True)
class QuietResults:
    """Results of one day that are told by date and count only. `day` None: without a date."""

    day: date | None
    count: int


@dataclass(frozen=True, slots=True)
class NewResults:
    """What is new here: `shown` may stand with their values; `quiet` only by date and count.

    `total` counts all of them; `at_least` where there are more than were looked at. `critical`: all that their
    laboratory marked critical, in themselves or in a part, newest first; the quiet ones too, of which no name or value
    may be told.
    """

    shown: tuple[RecordRow, ...]
    quiet: tuple[QuietResults, ...]
    total: int
    at_least: bool
    critical: tuple[RecordRow, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Something due for another person of the vault, in counts."""

    person: Person
    reminders: int
    refills_low: int
    new_results: int
    critical_results: int  # among the new ones
    next_visit: Visit | None  # within a week


@dataclass(frozen=True, slots=True)
class Today:
    """`reminders` are open: delivered or missed; `next_reminder` is the moment of the next planned one."""

    person: Person
    has_sources: bool
    reminders: tuple[Occurrence, ...]
    next_reminder: datetime | None
    next_visit: Visit | None  # the next booked one; else the next that was only asked for
    visits_asked: int  # ahead, asked and not confirmed
    refills: tuple[MedicineLine, ...]  # soonest first; then those of confirmed medicines that are not known
    refills_low: int
    results: NewResults
    waiting: tuple[PendingAction, ...]
    family: tuple[Due, ...]
    zone_left: str | None = None  # on a journey: by whose clocks doses went before, until the person was asked
