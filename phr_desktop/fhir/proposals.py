"""A schedule to confirm out of an order's structure. Words are never read; what is not said is asked, never filled in.

Times of the day for "twice a day" and the like are suggestions and are marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from phr_desktop.domain.doses import (
    Ask,
    AsNeeded,
    AtTimes,
    CountedFrom,
    DayRule,
    EveryDay,
    EveryDays,
    EveryHours,
    NoProposal,
    OnWeekdays,
    Proposal,
    Rhythm,
    Taper,
    TaperStep,
    TimedDose,
)
from phr_desktop.domain.fhir_types import DecimalText, Dosage, Period, Quantity, Range, Repeat
from phr_desktop.fhir.dosage import instruction, quantity_words, unit_of

# An order whose words hold one of these says more than its structure does (safety.md, Medicines).
_MORE = re.compile(
    r"sliding|scale|taper|titrat|wean|as directed|per protocol|according to|\binr\b|increase|decrease|reduce|alternat"
    r"|except|instead|followed by|loading|\bhold if|\bthen\b(?! (?:rinse|spit|swallow|wash))",
    re.IGNORECASE,
)
_LONGEST = Decimal(1000)  # of hours, days or weeks: what is longer, or no number, is no rhythm
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_SUGGESTED = {
    1: (time(8),),
    2: (time(8), time(20)),
    3: (time(8), time(14), time(20)),
    4: (time(8), time(12), time(16), time(20)),
}
_EVENTS = {
    "MORN": (time(8),), "MORN.early": (time(6),), "MORN.late": (time(10),), "NOON": (time(12),),
    "AFT": (time(15),), "AFT.early": (time(13),), "AFT.late": (time(16),), "EVE": (time(18),),
    "EVE.early": (time(17),), "EVE.late": (time(20),), "NIGHT": (time(21),), "HS": (time(22),), "WAKE": (time(7),),
    "C": (time(8), time(12), time(18)), "CM": (time(8),), "CD": (time(12),), "CV": (time(18),),
    "AC": (time(7, 30), time(11, 30), time(17, 30)), "ACM": (time(7, 30),), "ACD": (time(11, 30),),
    "ACV": (time(17, 30),), "PC": (time(8, 30), time(12, 30), time(18, 30)), "PCM": (time(8, 30),),
    "PCD": (time(12, 30),), "PCV": (time(18, 30),),
}  # fmt: skip
_CODED = {"QD": 1, "BID": 2, "TID": 3, "QID": 4}
_CODED_EVENTS = {"AM": "MORN", "BED": "HS"}
_CODED_HOURS = {"Q1H": 1, "Q2H": 2, "Q3H": 3, "Q4H": 4, "Q6H": 6, "Q8H": 8}
_ALL_CODED = frozenset({*_CODED, *_CODED_EVENTS, *_CODED_HOURS, "QOD", "WK", "MO"})
_MINUTES = {"min": 1, "h": 60}


class _Cannot(Exception):
    """No schedule follows from this."""

    def __init__(self, why: NoProposal) -> None:
        super().__init__(why)
        self.why = why


def propose(dosages: Sequence[Dosage], now: datetime) -> Proposal:
    """The schedule that an order's instructions say. `now` is aware, in the reader's zone: hours count from its next
    full hour until the person says otherwise."""
    asks: set[Ask] = set()
    try:
        rhythm = _rhythm(dosages, now, asks)
    except _Cannot as cannot:
        return Proposal(None, cannot.why, _unit(dosages), frozenset(), None, None, instruction(dosages) or "")
    first, last = _bounds(dosages[0], now) if len(dosages) == 1 else (None, None)
    if last is None and len(dosages) == 1 and _ends(dosages[0]):
        asks.add(Ask.LAST_DAY)
    return Proposal(rhythm, None, _unit(dosages), frozenset(asks), first, last, instruction(dosages) or "")


def _rhythm(dosages: Sequence[Dosage], now: datetime, asks: set[Ask]) -> Rhythm:
    if not dosages:
        raise _Cannot(NoProposal.NO_INSTRUCTION)
    if any(_MORE.search(words) for dosage in dosages for words in _own_words(dosage)):
        raise _Cannot(NoProposal.MORE_IN_TEXT)
    if len(dosages) > 1:
        return _steps(dosages, asks)
    return _of_one(dosages[0], now, asks)


def _own_words(dosage: Dosage) -> list[str]:
    concepts = list(dosage.additional_instruction)
    if dosage.timing is not None and dosage.timing.code is not None:
        concepts.append(dosage.timing.code)
    further = [words or "" for one in concepts for words in (one.text, *(coding.display for coding in one.coding))]
    return [dosage.text or "", dosage.patient_instruction or "", *further]


def _of_one(dosage: Dosage, now: datetime, asks: set[Ask]) -> Rhythm:
    if dosage.as_needed:
        return _when_needed(dosage, asks)
    repeat = _repeat(dosage)
    amount = _amount(dosage, asks)
    if _in_hours(repeat):
        asks.add(Ask.TIMES)
        next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return EveryHours(_hours(repeat), amount, CountedFrom.PLANNED, next_hour.astimezone(UTC))
    return AtTimes(_day_rule(repeat, asks), tuple(TimedDose(at, amount) for at in _times(repeat, asks)))


def _repeat(dosage: Dosage) -> Repeat:
    """How often; a code of FHIR's own in place of the structure counts as the structure that it stands for."""
    timing = dosage.timing
    if timing is not None and timing.repeat is not None and _says_how_often(timing.repeat):
        repeat = timing.repeat
        if repeat.frequency_max or repeat.period_max:
            raise _Cannot(NoProposal.A_RANGE)
        return repeat
    codes = [] if timing is None or timing.code is None else sorted(timing.code.codes())
    for code in codes:
        if code in _CODED:
            return Repeat(frequency=_CODED[code], period=DecimalText("1"), period_unit="d")
        if code in _CODED_EVENTS:
            return Repeat(frequency=1, period=DecimalText("1"), period_unit="d", when=(_CODED_EVENTS[code],))
        if code in _CODED_HOURS:
            return Repeat(frequency=1, period=DecimalText(str(_CODED_HOURS[code])), period_unit="h")
        if code == "QOD":
            return Repeat(frequency=1, period=DecimalText("2"), period_unit="d")
        if code == "WK":
            return Repeat(frequency=1, period=DecimalText("1"), period_unit="wk")
    raise _Cannot(NoProposal.TEXT_ONLY if dosage.text and timing is None else NoProposal.NOT_SAID)


def _says_how_often(repeat: Repeat) -> bool:
    return bool(repeat.period and repeat.period_unit) or bool(repeat.day_of_week)


def _period(repeat: Repeat) -> Decimal:
    period = _number(repeat.period or "1")
    if period is None or not 0 < period <= _LONGEST:
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    return period


def _in_hours(repeat: Repeat) -> bool:
    return repeat.period_unit == "h" and not repeat.time_of_day and not repeat.when


def _hours(repeat: Repeat) -> int:
    hours = _period(repeat) / (repeat.frequency or 1)
    if hours != int(hours) or not 1 <= hours <= 24 * 31:
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    return int(hours)


def _day_rule(repeat: Repeat, asks: set[Ask]) -> DayRule:
    if any(day.lower() not in _DAYS for day in repeat.day_of_week):
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    days = frozenset(_DAYS[day.lower()] for day in repeat.day_of_week)
    period = _period(repeat)
    if repeat.period_unit is None and repeat.frequency not in (None, 1):
        raise _Cannot(NoProposal.OTHER_RHYTHM)  # three times, on three days: a day, or in all?
    if repeat.period_unit in (None, "d", "h"):
        if repeat.period_unit == "h" and period != 24:
            raise _Cannot(NoProposal.OTHER_RHYTHM)
        every = Decimal(1) if repeat.period_unit == "h" else period
        if days and every == 1:
            return OnWeekdays(days) if len(days) < 7 else EveryDay()
        if days or (every != 1 and repeat.frequency not in (None, 1)):
            raise _Cannot(NoProposal.OTHER_RHYTHM)  # "3 times in 2 days" is not 3 times on every second day
        return _every(every, asks)
    if repeat.period_unit == "wk" and period == 1:
        return _weekly(repeat, days, asks)
    if repeat.period_unit == "wk" and not days and repeat.frequency in (None, 1):
        return _every(period * 7, asks)
    raise _Cannot(NoProposal.OTHER_RHYTHM)


def _every(days: Decimal, asks: set[Ask]) -> DayRule:
    if days == 1:
        return EveryDay()
    if days != int(days) or days < 2:
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    asks.add(Ask.FIRST_DAY)
    return EveryDays(int(days))


def _weekly(repeat: Repeat, days: frozenset[int], asks: set[Ask]) -> DayRule:
    """So many times a week: the days, if as many were given; else which is asked."""
    times = repeat.frequency or len(days) or 1
    if times == 7 and not days:
        return EveryDay()
    if times > 7:
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    if len(days) != times:
        asks.add(Ask.DAYS)
        return OnWeekdays(frozenset())
    return OnWeekdays(days)


def _times(repeat: Repeat, asks: set[Ask]) -> tuple[time, ...]:
    if repeat.time_of_day:
        return _as_often(repeat, _clock_times(repeat.time_of_day))
    asks.add(Ask.TIMES)
    if repeat.when:
        if any(event not in _EVENTS for event in repeat.when):
            raise _Cannot(NoProposal.OTHER_RHYTHM)
        return _as_often(repeat, tuple(sorted({at for event in repeat.when for at in _EVENTS[event]})))
    daily = 1 if repeat.period_unit == "wk" else repeat.frequency or 1
    if daily not in _SUGGESTED:
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    return _SUGGESTED[daily]


def _clock_times(texts: Sequence[str]) -> tuple[time, ...]:
    try:
        return tuple(sorted({time.fromisoformat(text).replace(second=0, tzinfo=None) for text in texts}))
    except ValueError:
        raise _Cannot(NoProposal.OTHER_RHYTHM) from None


def _as_often(repeat: Repeat, times: tuple[time, ...]) -> tuple[time, ...]:
    """The times, where a day has as many of them as the order says it has doses: of a weekly one it says one."""
    daily = 1 if repeat.period_unit == "wk" and repeat.frequency is not None else repeat.frequency
    if daily not in (None, len(times)):
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    return times


def _when_needed(dosage: Dosage, asks: set[Ask]) -> AsNeeded:
    """How often at most is said by the timing: by hours it is a gap, by days a limit. What is neither is not proposed,
    for without it there would be no limit at all."""
    amount = _amount(dosage, asks)
    often = _at_most(dosage)
    stated = _stated_limit(dosage)
    if often is None:
        return AsNeeded(amount, None, stated)
    if often.period_unit in _MINUTES and (often.frequency or 1) == 1 and not often.frequency_max:
        return AsNeeded(amount, timedelta(minutes=int(_period(often) * _MINUTES[often.period_unit])), stated)
    if often.period_unit != "d" or _period(often) != 1 or often.day_of_week:
        raise _Cannot(NoProposal.OTHER_RHYTHM)
    times = often.frequency_max or often.frequency or 1
    by_day = None if Ask.AMOUNT in asks else times * amount
    return AsNeeded(amount, None, min((limit for limit in (stated, by_day) if limit is not None), default=None))


def _at_most(dosage: Dosage) -> Repeat | None:
    """How often at most; None where no timing is said. "Every 4 to 6 hours" leaves the choice to the person: it is the
    shorter."""
    timing = dosage.timing
    if timing is None:
        return None
    if timing.repeat is not None and _says_how_often(timing.repeat):
        return timing.repeat
    coded = [] if timing.code is None else sorted(timing.code.codes() & _ALL_CODED)
    return _repeat(dosage) if coded else None


def _stated_limit(dosage: Dosage) -> Decimal | None:
    """Only one of the dose's own unit in 24 hours can be counted."""
    limit = dosage.max_dose_per_period
    if limit is None or limit.numerator is None or limit.numerator.value is None or limit.denominator is None:
        return None
    whole_day = quantity_words(limit.denominator) in ("1 day", "24 hours")
    doses = [part.dose for part in dosage.dose_and_rate if isinstance(part.dose, Quantity)]
    same = bool(doses) and unit_of(doses[0], many=False) == unit_of(limit.numerator, many=False)
    return _number(limit.numerator.value) if whole_day and same else None


def _steps(dosages: Sequence[Dosage], asks: set[Ask]) -> Taper:
    """Instructions in a sequence, each for so many days, one after the other; anything else is two at once."""
    ordered = sorted(dosages, key=lambda dosage: dosage.sequence or 0)
    if (
        len({dosage.sequence for dosage in dosages} - {None}) < len(dosages)
        or len({_unit([one]) for one in dosages}) > 1
    ):
        raise _Cannot(NoProposal.TWO_INSTRUCTIONS)
    asks.add(Ask.FIRST_DAY)  # begun on another day than today, it is at another step
    return Taper(tuple(_step(dosage, asks) for dosage in ordered))


def _step(dosage: Dosage, asks: set[Ask]) -> TaperStep:
    repeat = _repeat(dosage)
    days = _lasting(repeat)
    if dosage.as_needed or days is None or _in_hours(repeat) or _day_rule(repeat, set()) != EveryDay():
        raise _Cannot(NoProposal.TWO_INSTRUCTIONS)
    amount = _amount(dosage, asks)
    return TaperStep(days, tuple(TimedDose(at, amount) for at in _times(repeat, asks)))


def _lasting(repeat: Repeat) -> int | None:
    bounds = repeat.bounds
    if not isinstance(bounds, Quantity) or bounds.value is None or bounds.comparator:
        return None
    number = _number(bounds.value)
    a_unit = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7}.get(
        (bounds.code or bounds.unit or "").lower()
    )
    if number is None or a_unit is None or not 0 < number <= _LONGEST:
        return None
    days = number * a_unit
    return int(days) if days == int(days) else None


def _amount(dosage: Dosage, asks: set[Ask]) -> Decimal:
    doses = [part.dose for part in dosage.dose_and_rate if part.dose is not None]
    if len(doses) == 1 and isinstance(doses[0], Quantity) and doses[0].value is not None and not doses[0].comparator:
        number = _number(doses[0].value)
        if number is not None and number > 0:
            return number
    if any(isinstance(dose, Range) for dose in doses):
        raise _Cannot(NoProposal.A_RANGE)
    asks.add(Ask.AMOUNT)
    return Decimal(1)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _unit(dosages: Sequence[Dosage]) -> str:
    for dosage in dosages:
        for part in dosage.dose_and_rate:
            if isinstance(part.dose, Quantity):
                return unit_of(part.dose, many=False)
    return ""


def _bounds(dosage: Dosage, now: datetime) -> tuple[date | None, date | None]:
    """First and last day, where the order says them as whole days."""
    repeat = None if dosage.timing is None else dosage.timing.repeat
    if repeat is None or not isinstance(repeat.bounds, Period):
        return None, None
    start, end = repeat.bounds.start, repeat.bounds.end
    return _day(None if start is None else start.text, now), _day(None if end is None else end.text, now)


def _ends(dosage: Dosage) -> bool:
    """Whether the order says that it ends, if not on which day: "for 10 days", "20 times in all"."""
    repeat = None if dosage.timing is None else dosage.timing.repeat
    if repeat is None:
        return False
    bounds = repeat.bounds
    open_end = bounds is None or (isinstance(bounds, Period) and bounds.end is None)
    return repeat.count is not None or not open_end


def _day(text: str | None, now: datetime) -> date | None:
    """A month or a year is no day."""
    if text is None or len(text) < 10:
        return None
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(now.tzinfo).date() if moment.tzinfo is not None else moment.date()
