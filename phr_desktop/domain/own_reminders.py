"""What is to be reminded of beside medicines and visits: what the person wants to do, and what a source says is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.dose_words import clock_words, day_words
from phr_desktop.domain.doses import AtTimes, Schedule
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.domain.words import joined, short_day

OWN_KINDS = (ReminderKind.MEASUREMENT, ReminderKind.TEST, ReminderKind.VACCINE)
ONE = Decimal(1)  # the amount of every `TimedDose` here: nothing is counted


@dataclass(frozen=True, slots=True)
class OwnReminder:
    """What a person wants to be reminded of, in their own words: "Measure blood pressure", each Monday at 8.

    The days and times are those of a dose schedule (`AtTimes`), and follow the same clocks. One day alone is a
    `first_day` that is the `last_day` too.
    """

    id: str  # urn:uuid; "" until it is kept
    person: int
    kind: ReminderKind  # of OWN_KINDS
    title: str
    rhythm: AtTimes
    first_day: date
    last_day: date | None = None
    made_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueDay:
    """A laboratory test or a vaccine that a source says is due on a day. `record` says it.

    `part` tells it from the record's other ones, and stays the same where only the day of it changes.
    """

    record: int
    kind: ReminderKind  # TEST or VACCINE
    title: str
    day: date
    evidence: str  # who says so, in words
    part: str = ""


def due_title(due: DueDay) -> str:
    """ "Test ordered: CBC", "Vaccine due: Flu shot"."""
    return f"{'Test ordered' if due.kind is ReminderKind.TEST else 'Vaccine due'}: {due.title}"


def as_schedule(one: OwnReminder) -> Schedule:
    """Its days and times, as those of doses are worked out."""
    return Schedule(
        one.id, one.person, "", one.title, "", one.rhythm, one.first_day, one.last_day, ended_at=one.ended_at
    )


def when_words(one: OwnReminder) -> str:
    """ "ONCE A WEEK, on Mondays: at 8 in the morning", "every day at noon", "on Dec 3, 2026 at noon"."""
    at = f"at {joined([clock_words(dose.at) for dose in one.rhythm.doses])}"
    if one.first_day == one.last_day:
        return f"on {short_day(one.first_day)} {at}"
    rule = day_words(one.rhythm.days)
    until = "" if one.last_day is None else f", until {short_day(one.last_day)}"
    return f"{rule}: {at}{until}" if rule else f"every day {at}{until}"


def own_moments(one: OwnReminder, zone: tzinfo, start: datetime, end: datetime) -> Iterator[tuple[str, date, datetime]]:
    """Id, day and moment (UTC) of each time to remind from `start` on and before `end` (both aware), soonest first.

    The id is by the reminder, the day and the place in it, so that a journey moves a moment and makes no other one.
    """
    for planned in planned_doses(as_schedule(one), zone, start, end):
        yield planned.id, planned.day, planned.due
