"""A dose schedule as calendars say it: recurring entries where its rhythm is one, else each dose by itself. Pure.

Calendars know days, weeks and their multiples on the clock of a zone; hours that do not divide a day, and what follows
a dose taken, can only be listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from phr_desktop.domain.dose_times import Taken, dose_id, is_dose_day, planned_doses
from phr_desktop.domain.doses import (
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

DAY = timedelta(days=1)
AHEAD = 28 * DAY  # how far doses are listed that no rule says
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Repeated:
    """Doses of one amount: the first one's local time in `zone`, and the rule ("" for one dose alone)."""

    uid: str
    start: datetime  # naive
    zone: str
    amount: Decimal
    rule: str = ""
    last_day: date | None = None


def zone_name(zone: tzinfo) -> str | None:
    """The IANA name by which other programs know the zone; None where it has none."""
    name = str(zone)
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # no such zone, or what is no name
        return None


def repeated(schedule: Schedule, zone: tzinfo) -> list[Repeated] | None:
    """The schedule's doses as rules; None where they have to be listed one by one (`listed`)."""
    name = schedule.zone or zone_name(zone)
    if name is None:
        return None
    match schedule.rhythm:
        case AtTimes(rule, doses) if not isinstance(rule, Cycle):
            return list(_at_times(schedule, rule, doses, name))
        case Taper():
            return list(_taper(schedule, schedule.rhythm, name))
        case EveryHours(counted_from=CountedFrom.PLANNED) if _divides(schedule.rhythm.hours):
            return list(_by_the_clock(schedule, schedule.rhythm))
        case _:
            return None


def listed(schedule: Schedule, zone: tzinfo, since: datetime, taken: Sequence[Taken]) -> list[PlannedDose]:
    """The doses of the coming weeks, each by itself."""
    return list(planned_doses(schedule, zone, since, since + AHEAD, taken))


def _divides(hours: int) -> bool:
    return 24 % hours == 0 or hours % 24 == 0


def _at_times(schedule: Schedule, rule: DayRule, doses: Sequence[TimedDose], zone: str) -> Iterator[Repeated]:
    first = next((day for day in _from(schedule.first_day) if is_dose_day(schedule, rule, day)), None)
    if first is None:
        return
    match rule:
        case OnWeekdays(days):
            said = f"FREQ=WEEKLY;BYDAY={','.join(WEEKDAYS[day] for day in sorted(days))}"
        case EveryDays(every):
            said = f"FREQ=DAILY;INTERVAL={every}"
        case _:
            said = "FREQ=DAILY"
    for slot, dose in enumerate(doses):
        start = datetime.combine(first, dose.at)
        yield from _ending(schedule, dose_id(schedule.id, "rule", str(slot)), start, zone, dose.amount, said)


def _from(day: date) -> Iterator[date]:
    """Two weeks of days: by then every rule that has a dose at all has had its first."""
    return (day + DAY * each for each in range(15))


def _taper(schedule: Schedule, taper: Taper, zone: str) -> Iterator[Repeated]:
    day = schedule.first_day
    for number, step in enumerate(taper.steps):
        last = day + DAY * (step.days - 1)
        for slot, dose in enumerate(step.doses):
            start, uid = datetime.combine(day, dose.at), dose_id(schedule.id, "step", str(number), str(slot))
            yield from _ending(schedule, uid, start, zone, dose.amount, "FREQ=DAILY", last)
        day = last + DAY


def _by_the_clock(schedule: Schedule, rhythm: EveryHours) -> Iterator[Repeated]:
    """Real hours: in UTC, where no clock is ever put forward or back."""
    days, times = max(1, rhythm.hours // 24), max(1, 24 // rhythm.hours)
    for slot in range(times):
        start = rhythm.first.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=rhythm.hours * slot)
        said = "FREQ=DAILY" if days == 1 else f"FREQ=DAILY;INTERVAL={days}"
        yield from _ending(schedule, dose_id(schedule.id, "rule", str(slot)), start, "UTC", rhythm.amount, said)


def _ending(
    schedule: Schedule, uid: str, start: datetime, zone: str, amount: Decimal, rule: str, last: date | None = None
) -> Iterator[Repeated]:
    """With the last moment of the schedule, where it has one; nothing where that lies before the first dose."""
    ends = [day for day in (last, schedule.last_day) if day is not None]
    until = [datetime.combine(min(ends), time(23, 59, 59), ZoneInfo(zone))] if ends else []
    if schedule.ended_at is not None:
        until.append(schedule.ended_at)
    if not until:
        yield Repeated(uid, start, zone, amount, rule)
        return
    end = min(until).astimezone(UTC)
    if start.replace(tzinfo=ZoneInfo(zone)) <= end:
        last_day = end.astimezone(ZoneInfo(zone)).date()
        yield Repeated(uid, start, zone, amount, f"{rule};UNTIL={end:%Y%m%dT%H%M%SZ}", last_day)
