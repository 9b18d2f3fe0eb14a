"""On which days an order of a laboratory test is due, as its structure says it. Words are never read."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from phr_desktop.domain.care import ServiceRequest
from phr_desktop.domain.clinical import DiagnosticReport, Observation
from phr_desktop.domain.fhir_types import FhirDate, Period, Reference, Repeat, Timing
from phr_desktop.domain.records import DatePrecision
from phr_desktop.fhir.decode import decode
from phr_desktop.fhir.read import read

_OPEN = "active"
_OCCURRENCES = ("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming")
_ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_LABORATORY = frozenset({"108252007", "laboratory", "lab", "LAB"})  # SNOMED's, and what sources write for it
_LOINC = "http://loinc.org"
_HAS_A_DAY = (DatePrecision.DAY, DatePrecision.TIME)
_DAYS = {"d": 1, "wk": 7}
_MONTHS = {"mo": 1, "a": 12}
_EARLIER = 366 * 200  # of a single day: any result of this order is its result
_MOST = 400  # times of one order; more is no plan of a laboratory


def dated_test(raw: bytes) -> ServiceRequest | None:
    """The order that a resource is, where it orders a test that is still to be done, and may say on which day."""
    tree = decode(raw)
    if not any(name in tree for name in _OCCURRENCES):
        return None
    order = read(raw)
    return order if isinstance(order, ServiceRequest) and is_open_test(order) else None


def result_reasons(raw: bytes) -> tuple[Reference, ...]:
    """What a report or a value says that it was made because of."""
    if "basedOn" not in decode(raw):
        return ()
    result = read(raw)
    return result.based_on if isinstance(result, DiagnosticReport | Observation) else ()


def is_open_test(order: ServiceRequest) -> bool:
    """Whether it orders a laboratory test that is still to be done; not whether there is a result already.

    Without a category a LOINC code says that it is a test.
    """
    if order.status != _OPEN or order.intent not in _ORDERS or order.as_needed or order.do_not_perform:
        return False
    if order.category:
        return any(not _LABORATORY.isdisjoint(concept.codes()) for concept in order.category)
    return order.code is not None and any(coding.system == _LOINC for coding in order.code.coding)


def order_days(order: ServiceRequest, until: date) -> list[tuple[date, int]]:
    """Each day up to `until` on which it is due, and by how many days an earlier result counts for it too.

    No day where the order gives no day: when it was written is not when it is due.
    """
    match order.occurrence:
        case FhirDate():
            days = _day(order.occurrence)
            return [(day, _EARLIER) for day in days if day <= until]
        case Period():
            days = _day(order.occurrence.end) or _day(order.occurrence.start)
            return [(day, _EARLIER) for day in days if day <= until]
        case Timing():
            return list(_timed(order.occurrence, until))
        case _:
            return []


def _timed(timing: Timing, until: date) -> Iterator[tuple[date, int]]:
    events = sorted({day for event in timing.event for day in _day(event)})
    gaps = [(later - earlier).days for earlier, later in pairwise(events)]
    for day in events:
        if day <= until:
            yield day, min(gaps) // 2 if gaps else _EARLIER
    if not events and timing.repeat is not None:
        yield from _repeated(timing.repeat, until)


def _repeated(repeat: Repeat, until: date) -> Iterator[tuple[date, int]]:
    """Every so many days, weeks, months or years from the start of its bounds; nothing where any of that is not said,
    or is a range."""
    bounds = repeat.bounds if isinstance(repeat.bounds, Period) else None
    starts = _day(bounds.start) if bounds is not None else []
    every = repeat.period or ""
    unsure = repeat.frequency not in (None, 1) or repeat.frequency_max or repeat.period_max or repeat.count_max
    if bounds is None or not starts or unsure or not every.isdigit() or int(every) == 0:
        return
    ends = [until, *_day(bounds.end)]
    for number in range(min(repeat.count or _MOST, _MOST)):
        day = _step(starts[0], number * int(every), repeat.period_unit)
        if day is None or day > min(ends):
            return
        following = _step(day, int(every), repeat.period_unit)
        yield day, 0 if following is None else (following - day).days // 2


def _step(day: date, count: int, unit: str | None) -> date | None:
    """So many units later; the month's last day where it has no such day. None past the calendar's end."""
    try:
        if unit in _DAYS:
            return day + timedelta(days=count * _DAYS[unit])
        if unit in _MONTHS:
            years, month = divmod(day.month - 1 + count * _MONTHS[unit], 12)
            year = day.year + years
            return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        return None
    return None


def _day(written: FhirDate | None) -> list[date]:
    """The day as its source's calendar has it; none where only a month or a year is given."""
    if written is None or written.utc is None or written.precision not in _HAS_A_DAY:
        return []
    return [date.fromisoformat(written.text[:10])]
