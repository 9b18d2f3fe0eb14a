"""A schedule in words, as a person would say it back: every amount, every time, and in capitals what is not daily."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from decimal import Decimal

from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
    DayRule,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Rhythm,
    Taper,
    TimedDose,
)
from phr_desktop.domain.words import WEEKDAYS, count_words, joined

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PARTS = {Decimal("0.5"): "a half", Decimal("0.25"): "a quarter", Decimal("0.75"): "three quarters"}
_ALONE = {Decimal("0.5"): "half", Decimal("0.25"): "a quarter of", Decimal("0.75"): "three quarters of"}
_MEASURES = frozenset({"mg", "mcg", "g", "kg", "mL", "L", "mEq", "mmol", "units", "unit", "%"})  # said with figures
_PLURALS = {"patch": "patches", "suppository": "suppositories"}


def same_unit(one: str, other: str) -> bool:
    """Whether both name one unit: "tablet" and "Tablets"; never "mL" and "mg"."""
    return _plain(one) == _plain(other)


def _plain(unit: str) -> str:
    word = unit.strip().casefold()
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def amount_words(amount: Decimal, unit: str) -> str:
    """ "one and a half tablets", "half a tablet", "two puffs", "5 mL", "1,000 units"."""
    if unit in _MEASURES or not unit:
        shown = "unit" if unit in ("unit", "units") and amount == 1 else "units" if unit in ("unit", "units") else unit
        return f"{figures(amount)} {shown}".strip()
    whole, part = divmod(amount, 1)
    if part and part not in _PARTS:
        return f"{figures(amount)} {_many(unit)}"
    if not whole and part:
        return f"{_ALONE[part]} {_article(unit)} {unit}"
    number = _NUMBERS[int(whole)] if whole < len(_NUMBERS) else figures(whole)
    words = f"{number} and {_PARTS[part]}" if part else number
    return f"{words} {unit if amount == 1 else _many(unit)}"


def figures(amount: Decimal) -> str:
    """A number that cannot be misread: 0.5, 5, 1,000."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def clock_words(at: time) -> str:
    """ "8 in the morning", "8:30 at night", "noon"."""
    if at == time(12):
        return "noon"
    if at == time(0):
        return "midnight"
    hour = str(at.hour % 12 or 12) + (f":{at.minute:02d}" if at.minute else "")
    return f"{hour} {_part_of_day(at.hour)}"


def rhythm_words(rhythm: Rhythm, unit: str) -> str:
    """The whole rhythm in one line; see the module."""
    match rhythm:
        case AtTimes(days, doses):
            rule = day_words(days)
            said = _doses(doses, unit)
            return f"{said}, every day" if not rule else f"{rule}: {said}"
        case EveryHours(hours, amount, counted_from):
            every = f"every {hours} hours" if hours > 1 else "every hour"
            every = every.upper() if hours > 24 else every
            counted = ", counted from when you took the one before" if counted_from is CountedFrom.TAKEN else ""
            return f"{amount_words(amount, unit)} {every}{counted}"
        case Taper(steps):
            parts = [f"{_doses(step.doses, unit)} for {count_words(step.days, 'day', 'days')}" for step in steps]
            return f"CHANGING DOSE: {', then '.join(parts)}, then none"
        case AsNeeded():
            return _as_needed(rhythm, unit)
        case AfterDose(_, wait, amount):
            return f"{amount_words(amount, unit)}, {span_words(wait)} after the other medicine was taken"


def day_words(rule: DayRule) -> str:
    """ "" for every day; else in capitals: "ONCE A WEEK, on Mondays", "EVERY OTHER DAY", "21 DAYS ON, 7 DAYS OFF"."""
    match rule:
        case EveryDay():
            return ""
        case OnWeekdays(days):
            names = [f"{WEEKDAYS[day]}s" for day in sorted(days)]
            return f"ONCE A WEEK, on {names[0]}" if len(names) == 1 else f"ONLY ON {joined(names).upper()}"
        case EveryDays(every):
            return "EVERY OTHER DAY" if every == 2 else f"EVERY {every} DAYS"
        case Cycle(on, off):
            return f"{on} {'DAY' if on == 1 else 'DAYS'} ON, THEN {off} {'DAY' if off == 1 else 'DAYS'} OFF"


def span_words(span: timedelta) -> str:
    """ "30 minutes", "4 hours", "1 hour and 30 minutes"."""
    hours, minutes = divmod(span // timedelta(minutes=1), 60)
    parts = [count_words(hours, "hour", "hours")] if hours else []
    if minutes or not hours:
        parts.append(count_words(minutes, "minute", "minutes"))
    return " and ".join(parts)


def _doses(doses: Sequence[TimedDose], unit: str) -> str:
    """Amounts that are the same are said once."""
    if len({dose.amount for dose in doses}) == 1:
        return f"{amount_words(doses[0].amount, unit)} at {joined([clock_words(dose.at) for dose in doses])}"
    return joined([f"{amount_words(dose.amount, unit)} at {clock_words(dose.at)}" for dose in doses])


def _as_needed(rhythm: AsNeeded, unit: str) -> str:
    parts = [f"{amount_words(rhythm.amount, unit)} when needed"]
    if rhythm.gap is not None:
        parts.append(f"at least {span_words(rhythm.gap)} apart")
    if rhythm.daily_limit is not None:
        parts.append(f"no more than {amount_words(rhythm.daily_limit, unit)} in 24 hours")
    return ", ".join(parts)


def _part_of_day(hour: int) -> str:
    if hour < 12:
        return "in the morning" if hour >= 4 else "at night"
    if hour < 17:
        return "in the afternoon"
    return "in the evening" if hour < 20 else "at night"


def _many(unit: str) -> str:
    return _PLURALS.get(unit, f"{unit}s")


def _article(unit: str) -> str:
    return "an" if unit[:1].lower() in "aeiou" else "a"
