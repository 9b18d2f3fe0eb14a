"""Which doses follow from a schedule, and when: pure.

Days and times of the day are kept on the clock on the wall, of the schedule's own zone, else of the computer's: where
the clocks leap over a time it is the first minute after, where they show it twice, the first time. Hours are real
hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
    DayRule,
    EveryDays,
    EveryHours,
    OnWeekdays,
    PlannedDose,
    Schedule,
    Taper,
    TimedDose,
)
from phr_desktop.domain.wall_clock import day_clock, is_left_out, steady_offset

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A dose that was taken, of whichever schedule: what rhythms that follow a dose count from.

    One that was skipped, or of which the person is not sure, counts as one at the time it was due for hours from the
    dose before, and not at all for what follows a dose taken.
    """

    id: str
    schedule: str
    at: datetime  # aware
    surely: bool = True


def planned_doses(
    schedule: Schedule, zone: tzinfo, start: datetime, end: datetime, taken: Sequence[Taken] = ()
) -> Iterator[PlannedDose]:
    """The schedule's doses due from `start` on and before `end` (both aware), soonest first.

    `taken` are the doses of this and of other schedules taken so far: those that follow a dose taken have no other way
    to be known.
    """
    if schedule.paused:
        return
    until = end if schedule.ended_at is None else min(end, schedule.ended_at)
    own = ZoneInfo(schedule.zone) if schedule.zone else zone
    for dose in _doses(schedule, own, start.astimezone(UTC), until.astimezone(UTC), taken):
        if start <= dose.due < until and _within(schedule, dose.day):
            yield dose


def is_dose_day(schedule: Schedule, rule: DayRule, day: date) -> bool:
    """Whether the rule has doses on this day of the schedule."""
    if not _within(schedule, day):
        return False
    since = (day - schedule.first_day).days
    match rule:
        case OnWeekdays(days):
            return day.weekday() in days
        case EveryDays(every):
            return since % every == 0
        case Cycle(on, off):
            return since % (on + off) < on
        case _:
            return True


def dose_id(schedule: str, *place: str) -> str:
    """By the schedule and the dose's place in it, never by its moment: on a journey eight o'clock moves."""
    return sha256("\x1f".join((schedule, *place)).encode()).hexdigest()


def _within(schedule: Schedule, day: date) -> bool:
    return schedule.first_day <= day and (schedule.last_day is None or day <= schedule.last_day)


def _doses(
    schedule: Schedule, zone: tzinfo, start: datetime, end: datetime, taken: Sequence[Taken]
) -> Iterator[PlannedDose]:
    match schedule.rhythm:
        case AtTimes(rule, doses):
            for day in _days(schedule, zone, start, end):
                if is_dose_day(schedule, rule, day) and not _is_made_up(schedule, rule, day, zone):
                    yield from _of_day(schedule, doses, day, zone, start, end)
        case Taper():
            yield from _tapered(schedule, schedule.rhythm, zone, start, end)
        case EveryHours(counted_from=CountedFrom.PLANNED):
            yield from _by_the_clock(schedule, schedule.rhythm, zone, start, end)
        case EveryHours():
            yield _after_the_last(schedule, schedule.rhythm, zone, taken)
        case AfterDose():
            yield from _after_each(schedule, schedule.rhythm, zone, taken)
        case AsNeeded():
            return


def _is_made_up(schedule: Schedule, rule: DayRule, day: date, zone: tzinfo) -> bool:
    """Whether nobody lives the day and the next one has its own doses: those of both would be too many."""
    return is_left_out(day, zone) and is_dose_day(schedule, rule, day + _DAY)


def _days(schedule: Schedule, zone: tzinfo, start: datetime, end: datetime) -> Iterator[date]:
    """Every day of the schedule on which something may be due in between; a leap can put a dose past midnight."""
    first = start.astimezone(zone).date()
    day = max(schedule.first_day, first - _DAY if steady_offset(first, zone) is None else first)
    last = end.astimezone(zone).date()
    if schedule.last_day is not None:
        last = min(last, schedule.last_day)
    while day <= last:
        yield day
        day += _DAY


def _of_day(
    schedule: Schedule, doses: Sequence[TimedDose], day: date, zone: tzinfo, start: datetime, end: datetime
) -> Iterator[PlannedDose]:
    text = day.isoformat()
    for slot, dose in enumerate(doses):
        due = day_clock(day, dose.at, zone)
        if start <= due < end:
            yield PlannedDose(dose_id(schedule.id, text, str(slot)), schedule.id, due, day, dose.amount)


def _tapered(schedule: Schedule, taper: Taper, zone: tzinfo, start: datetime, end: datetime) -> Iterator[PlannedDose]:
    whole = sum(step.days for step in taper.steps)
    for day in _days(schedule, zone, start, end):
        left = (day - schedule.first_day).days
        if left + 1 < whole and is_left_out(day, zone):
            continue
        for step in taper.steps:
            if left < step.days:
                yield from _of_day(schedule, step.doses, day, zone, start, end)
                break
            left -= step.days


def _by_the_clock(
    schedule: Schedule, rhythm: EveryHours, zone: tzinfo, start: datetime, end: datetime
) -> Iterator[PlannedDose]:
    every = timedelta(hours=rhythm.hours)
    number = max(0, -((rhythm.first - start) // every))
    while (due := rhythm.first + number * every) < end:
        yield _at(schedule, due, zone, rhythm.amount, "number", str(number))
        number += 1


def _after_the_last(schedule: Schedule, rhythm: EveryHours, zone: tzinfo, taken: Sequence[Taken]) -> PlannedDose:
    own = [one for one in taken if one.schedule == schedule.id]
    if not own:
        return _at(schedule, rhythm.first, zone, rhythm.amount, "first")
    last = max(own, key=lambda one: (one.at, one.id))
    due = last.at.astimezone(UTC) + timedelta(hours=rhythm.hours)
    first = dose_id(schedule.id, "first")
    if due <= rhythm.first and all(one.id != first for one in own):  # taken by the schedule whose place this one took
        return _at(schedule, rhythm.first, zone, rhythm.amount, "first")
    return _at(schedule, due, zone, rhythm.amount, "after", last.id)


def _after_each(schedule: Schedule, rhythm: AfterDose, zone: tzinfo, taken: Sequence[Taken]) -> Iterator[PlannedDose]:
    for one in sorted(taken, key=lambda one: (one.at, one.id)):
        if one.schedule == rhythm.schedule and one.surely:
            yield _at(schedule, one.at.astimezone(UTC) + rhythm.wait, zone, rhythm.amount, "after", one.id)


def _at(schedule: Schedule, due: datetime, zone: tzinfo, amount: Decimal, *place: str) -> PlannedDose:
    return PlannedDose(dose_id(schedule.id, *place), schedule.id, due, due.astimezone(zone).date(), amount)
