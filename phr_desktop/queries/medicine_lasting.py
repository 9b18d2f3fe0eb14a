"""How long an amount lasts by the schedules that the person confirmed: the earliest plausible day, or not known."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.dose_words import figures, same_unit
from phr_desktop.domain.doses import (
    AtTimes,
    CountedFrom,
    Cycle,
    Dose,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    PlannedDose,
    Schedule,
    Stock,
)
from phr_desktop.domain.medicines import ForecastBasis, RefillForecast
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.domain.words import count_words, short_day
from phr_desktop.queries.refills import Lasting, Lasts

LONGEST = 1000  # days
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taking:
    """How a line's medicine is taken: its schedules in force, of which no source changed what they rest on."""

    schedules: tuple[Schedule, ...]
    open_doses: tuple[Dose, ...] = ()  # due and not marked
    stock: Stock | None = None


def lasts_by(taking: Taking, zone: tzinfo) -> Lasts:
    """For fills that do not say their days. The schedules count from the fill's day, as if it was begun then."""

    def lasts(amount: Decimal, unit: str, day: date) -> Lasting | None:
        if not _are_steady(taking.schedules) or not _are_in(taking.schedules, unit):
            return None
        begun = [_begun_by(one, day) for one in taking.schedules]
        start = wall_clock(datetime.combine(day, time()), zone)
        last = _first_not_covered(begun, amount, start, zone)
        return None if last is None or last.day <= day else Lasting((last.day - day).days, rate_words(taking.schedules))

    return lasts


def by_count(taking: Taking, now: datetime, zone: tzinfo) -> RefillForecast | None:
    """By what the person counted, less what was taken since; what is due and not marked may have been taken."""
    stock = taking.stock
    if stock is None or not _are_steady(taking.schedules) or not _are_in(taking.schedules, stock.unit):
        return None
    unmarked = [one for one in taking.open_doses if one.due is not None and stock.counted_at <= one.due <= now]
    left = max(Decimal(0), stock.left - sum((one.amount for one in unmarked), Decimal(0)))
    today = now.astimezone(zone).date()
    last = _first_not_covered(taking.schedules, left, now, zone)
    if last is None:
        return None
    days = max(0, (last.day - today).days)
    counted = short_day(stock.counted_at.astimezone(zone).date())
    parts = [f"{figures(stock.left)} {_units(stock.unit, stock.left)} left by your count of {counted}"]
    if unmarked:
        parts.append(f"{count_words(len(unmarked), 'dose', 'doses')} since then not marked, counted as taken")
    parts.append(
        f"enough for {count_words(days, 'day', 'days')} from {short_day(today)} ({rate_words(taking.schedules)})"
    )
    return RefillForecast(today + days * _DAY, None, evidence=", ".join(parts), basis=ForecastBasis.COUNTED)


def rate_words(schedules: Sequence[Schedule]) -> str:
    """ "2 tablets a day by your schedule"; "by your schedule" where it is not the same every day."""
    total = Decimal(0)
    for one in schedules:
        match one.rhythm:
            case AtTimes(EveryDay(), doses):
                total += sum((dose.amount for dose in doses), Decimal(0))
            case _:
                return "by your schedule"
    return f"{figures(total)} {_units(schedules[0].unit, total)} a day by your schedule"


def _units(unit: str, amount: Decimal) -> str:
    return unit if amount == 1 or len(unit) < 3 or unit.endswith("s") else f"{unit}s"


def _are_in(schedules: Sequence[Schedule], unit: str) -> bool:
    return bool(unit) and all(same_unit(one.unit, unit) for one in schedules)


def _are_steady(schedules: Sequence[Schedule]) -> bool:
    """Whether they say on which days how much is taken, without an end, and none of them waits."""
    return bool(schedules) and all(_is_steady(one) for one in schedules)


def _is_steady(one: Schedule) -> bool:
    by_the_clock = isinstance(one.rhythm, EveryHours) and one.rhythm.counted_from is CountedFrom.PLANNED
    return not one.paused and one.last_day is None and (by_the_clock or isinstance(one.rhythm, AtTimes))


def _begun_by(one: Schedule, day: date) -> Schedule:
    """The schedule as if it had begun by then: its turn of days stays."""
    if one.first_day <= day:
        return one
    if isinstance(one.rhythm, EveryHours):
        hours = timedelta(hours=one.rhythm.hours)
        start = datetime.combine(day, time(), UTC) - _DAY
        turns = max(0, -((start - one.rhythm.first) // hours))
        return replace(one, rhythm=replace(one.rhythm, first=one.rhythm.first - turns * hours), first_day=day)
    turn = 1
    match one.rhythm:
        case AtTimes(EveryDays(every), _):
            turn = every
        case AtTimes(Cycle(on, off), _):
            turn = on + off
        case AtTimes(OnWeekdays(), _):
            turn = 7
    before = -(-(one.first_day - day).days // turn) * turn
    return replace(one, first_day=one.first_day - before * _DAY)


def _first_not_covered(
    schedules: Sequence[Schedule], amount: Decimal, start: datetime, zone: tzinfo
) -> PlannedDose | None:
    """The first dose from `start` on that the amount is not enough for; None where it lasts longer than LONGEST."""
    left = amount
    for dose in _in_order(schedules, start, zone):
        if dose.amount > left:
            return dose
        left -= dose.amount
    return None


def _in_order(schedules: Sequence[Schedule], start: datetime, zone: tzinfo) -> Iterator[PlannedDose]:
    end = start + LONGEST * _DAY
    each = (planned_doses(one, zone, start, end) for one in schedules)
    return heapq.merge(*each, key=lambda dose: (dose.due, dose.id))
