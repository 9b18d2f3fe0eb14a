"""Dose schedules that a person confirmed, and what became of each dose.

A schedule is never read from a clinic's order without the person's word for it. What it says is one `Rhythm`; the
doses that follow from it are worked out by `dose_times`. A dose's row in the vault is the truth of what was planned and
what was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class TimedDose:
    """So much at a time of the day."""

    at: time  # naive, to the minute
    amount: Decimal  # of the schedule's unit


@dataclass(frozen=True, slots=True)
class EveryDay:
    """Every day."""


@dataclass(frozen=True, slots=True)
class OnWeekdays:
    """On these days of the week, Monday 0."""

    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class EveryDays:
    """On the schedule's first day and every so many days after it; at least 2."""

    every: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """So many days on, then so many off, from the schedule's first day."""

    on: int
    off: int


DayRule = EveryDay | OnWeekdays | EveryDays | Cycle


@dataclass(frozen=True, slots=True)
class AtTimes:
    """At times of the day, on the days of a rule."""

    days: DayRule
    doses: tuple[TimedDose, ...]  # by time, none twice


class CountedFrom(StrEnum):
    """From what the hours of `EveryHours` are counted."""

    PLANNED = "planned"  # the clock: a late dose does not move the next
    TAKEN = "taken"  # the dose before


@dataclass(frozen=True, slots=True)
class EveryHours:
    """Every so many hours, real hours, from the first dose's moment (aware, UTC)."""

    hours: int
    amount: Decimal
    counted_from: CountedFrom
    first: datetime


@dataclass(frozen=True, slots=True)
class TaperStep:
    """These doses every day, for so many days."""

    days: int
    doses: tuple[TimedDose, ...]


@dataclass(frozen=True, slots=True)
class Taper:
    """One step after the other, from the schedule's first day; it ends with the last."""

    steps: tuple[TaperStep, ...]


@dataclass(frozen=True, slots=True)
class AsNeeded:
    """When the person needs it: never planned. `gap` is the least time between two; `daily_limit` counts 24 hours."""

    amount: Decimal
    gap: timedelta | None = None
    daily_limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AfterDose:
    """So long after each dose of another schedule was taken."""

    schedule: str
    wait: timedelta
    amount: Decimal


Rhythm = AtTimes | EveryHours | Taper | AsNeeded | AfterDose


@dataclass(frozen=True, slots=True)
class Basis:
    """A record that the schedule was confirmed from, as it was then: another hash means that its source changed it."""

    record: int
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a person takes of one medicine, and when, as the person confirmed it."""

    id: str  # urn:uuid
    person: int
    medicine: str  # the key of the line of the medicine list
    title: str  # the medicine's name when it was confirmed
    unit: str  # one of it: "tablet"; of mL and the like, the unit itself
    rhythm: Rhythm
    first_day: date
    last_day: date | None = None  # the last one with a dose
    zone: str | None = None  # the zone whose clocks count (IANA); None: those of the computer, wherever it is
    instructions: str = ""  # the label's own words, shown with every dose
    grace: timedelta = timedelta(minutes=60)  # later than this a dose is late, and nobody is told to take it now
    paused: bool = False
    ended_at: datetime | None = None  # by the person; what was planned from then on is withdrawn
    confirmed_at: datetime | None = None
    basis: tuple[Basis, ...] = ()


class DoseState(StrEnum):
    """What became of a dose."""

    PLANNED = "planned"  # and, once its time and grace are over, not marked
    TAKEN = "taken"
    SKIPPED = "skipped"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"  # its schedule was changed or ended before it was due


@dataclass(frozen=True, slots=True)
class PlannedDose:
    """A dose that follows from a schedule. `id` is stable: planning twice plans it once, wherever the clocks stand."""

    id: str
    schedule: str
    due: datetime  # aware, UTC
    day: date  # of the calendar that the schedule goes by
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose: planned and what became of it, or an extra one (`due` None)."""

    id: str
    schedule: str
    person: int
    person_name: str
    medicine: str
    title: str
    unit: str
    amount: Decimal
    due: datetime | None  # aware, UTC; as planned or moved by the person
    day: date
    state: DoseState
    instructions: str = ""
    snoozed_until: datetime | None = None
    taken_at: datetime | None = None  # when it was taken, as the person says
    given_by: str | None = None  # who gave it, in a family
    reason: str | None = None  # why it was skipped
    noted_at: datetime | None = None  # when this was said here
    told_at: datetime | None = None  # when it was last reminded of, as it is due or snoozed to now
    told_early: int = 0  # how often before its time: by a clock that stood ahead


class DoseToTell(NamedTuple):
    """Of an open dose what its reminder needs: there may be thousands of them, so it is no more than that."""

    id: str
    schedule: str
    due: datetime  # aware, UTC
    amount: str
    snoozed_until: datetime | None
    is_told: bool  # as it is due or snoozed to now
    told_early: int


@dataclass(frozen=True, slots=True)
class Stock:
    """What the person has of a medicine: counted on a day, less what was taken since.

    `low_at` warns at so much left; `pack` is what one pack holds; `expires` is the pack's own day.
    """

    person: int
    medicine: str
    unit: str
    left: Decimal
    counted_at: datetime
    low_at: Decimal | None = None
    pack: Decimal | None = None
    expires: date | None = None


class Ask(StrEnum):
    """What an order did not say, and the person has to before a schedule can be made."""

    AMOUNT = "amount"
    TIMES = "times"  # they are only a suggestion
    DAYS = "days"  # which days of the week
    FIRST_DAY = "first-day"  # from which day every so many days, and the steps of a taper, count
    LAST_DAY = "last-day"  # that there is one was said


class NoProposal(StrEnum):
    """Why an order gives no schedule to confirm. The person can always make one by hand."""

    NOT_IN_FORCE = "not-in-force"  # it ended, is on hold, or was only proposed
    NO_INSTRUCTION = "no-instruction"
    TEXT_ONLY = "text-only"  # words are never read as a schedule
    MORE_IN_TEXT = "more-in-text"  # sliding scale, taper, "as directed": the structure does not say all of it
    TWO_INSTRUCTIONS = "two-instructions"
    NOT_SAID = "not-said"  # no timing: never taken for daily
    A_RANGE = "a-range"  # "every 4 to 6 hours", "1 to 2 times": the person's own choice
    OTHER_RHYTHM = "other-rhythm"  # by the month and the like


@dataclass(frozen=True, slots=True)
class Proposal:
    """A schedule as an order's structure has it, for the person to confirm, change or refuse.

    `rhythm` is None exactly where `why_not` is set. Where `asks` holds AMOUNT the amounts in it are 1 and mean nothing;
    where it holds DAYS the days of the week are none.
    """

    rhythm: Rhythm | None
    why_not: NoProposal | None
    unit: str
    asks: frozenset[Ask]
    first_day: date | None
    last_day: date | None
    label: str  # the order's own words, shown beside everything
