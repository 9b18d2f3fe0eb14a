"""A dose in plain words where its source gave only structure, written as safety.md wants doses written.

0.5 and never .5, 5 mg and never 5.0 mg, 1,000 with its comma, "units" and "mcg" in full. Nothing is added: what has no
timing never reads as daily. What is not taken every day stands in capitals.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from phr_desktop.domain.fhir_types import Concept, Dosage, DoseAndRate, Period, Quantity, Range, Ratio, Repeat, Timing
from phr_desktop.domain.words import joined
from phr_desktop.fhir.concepts import tidy_display
from phr_desktop.fhir.date_words import date_words

_SAFE_UNITS = {
    "u": "units", "iu": "units", "[iu]": "units", "[iu'u]": "units", "unit": "units", "units": "units", "unt": "units",
    "[usp'u]": "units", "international unit": "units", "international units": "units",
    "ug": "mcg", "µg": "mcg", "μg": "mcg", "mcg": "mcg", "microgram": "mcg", "micrograms": "mcg",
    "mg": "mg", "g": "g", "gm": "g", "kg": "kg", "ml": "mL", "cc": "mL", "l": "L", "meq": "mEq", "mmol": "mmol",
}  # fmt: skip
_COUNTED = {
    "tab": "tablet", "tabs": "tablet", "tbl": "tablet", "tablet": "tablet", "tablets": "tablet", "cap": "capsule",
    "caps": "capsule", "capsule": "capsule", "capsules": "capsule", "puff": "puff", "puffs": "puff", "[drp]": "drop",
    "drop": "drop", "drops": "drop", "gtt": "drop", "spray": "spray", "sprays": "spray", "patch": "patch",
    "patches": "patch", "dose": "dose", "doses": "dose", "application": "application", "suppository": "suppository",
    "lozenge": "lozenge", "teaspoon": "teaspoon", "[tsp_us]": "teaspoon", "tablespoon": "tablespoon",
    "[tbs_us]": "tablespoon", "inhalation": "inhalation", "injection": "injection", "film": "film", "ampule": "ampule",
    "vial": "vial", "packet": "packet", "piece": "piece", "sachet": "sachet",
}  # fmt: skip
_PLURALS = {"patch": "patches", "suppository": "suppositories"}
_TIMES = {
    "s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "day": "day", "days": "day",
    "wk": "week", "week": "week", "weeks": "week", "mo": "month", "month": "month", "months": "month", "a": "year",
    "hours": "hour", "hour": "hour", "minutes": "minute", "minute": "minute", "year": "year", "years": "year",
}  # fmt: skip
_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
_EVENTS = {
    "MORN": "in the morning", "MORN.early": "early in the morning", "MORN.late": "late in the morning",
    "NOON": "at noon",
    "AFT": "in the afternoon", "AFT.early": "early in the afternoon", "AFT.late": "late in the afternoon",
    "EVE": "in the evening", "EVE.early": "early in the evening", "EVE.late": "late in the evening",
    "NIGHT": "at night",
    "PHS": "after sleep", "HS": "at bedtime", "WAKE": "after waking up", "C": "with meals", "CM": "with breakfast",
    "CD": "with lunch", "CV": "with dinner", "AC": "before meals", "ACM": "before breakfast", "ACD": "before lunch",
    "ACV": "before dinner", "PC": "after meals", "PCM": "after breakfast", "PCD": "after lunch", "PCV": "after dinner",
}  # fmt: skip
_CODED_TIMINGS = {
    "QD": "once a day", "BID": "2 times a day", "TID": "3 times a day", "QID": "4 times a day", "AM": "in the morning",
    "PM": "in the afternoon", "BED": "at bedtime", "Q1H": "every hour", "Q2H": "every 2 hours", "Q3H": "every 3 hours",
    "Q4H": "every 4 hours", "Q6H": "every 6 hours", "Q8H": "every 8 hours", "QOD": "EVERY OTHER DAY",
    "WK": "ONCE A WEEK", "MO": "ONCE A MONTH",
}  # fmt: skip
_ROUTES = {
    "26643006": "by mouth", "PO": "by mouth", "37161004": "in the rectum", "45890007": "on the skin",
    "6064005": "on the skin", "34206005": "under the skin", "78421000": "into a muscle", "47625008": "into a vein",
    "46713006": "in the nose", "54485002": "in the eye", "10547007": "in the ear", "37839007": "under the tongue",
    "16857009": "in the vagina", "447694001": "breathed in", "C38288": "by mouth",
}  # fmt: skip
NOT_SAID = "how often is not said"
NOT_CLEAR = "how often is not clear"


def instruction(dosages: Iterable[Dosage]) -> str | None:
    """All instructions of a record in one line; steps that follow one another are joined by "then"."""
    steps = [(d.sequence, words) for d in dosages if (words := dosage_in_words(d))]
    told = ""
    before: int | None = None
    for sequence, words in steps:
        follows = sequence is not None and before is not None and sequence > before
        joint = "" if words.lower().startswith(("then ", "and ")) else "then " if follows else "and "
        told += f"; {joint}{words}" if told else words
        before = sequence
    return told or None


def dosage_in_words(dosage: Dosage) -> str | None:
    """One instruction: the prescriber's own text if there is one, else the structure in words; None for nothing."""
    if dosage.text:
        return _with_own_words(dosage.text.strip(), dosage)
    doses = [words for part in dosage.dose_and_rate if (words := _dose(part))]
    timing = timing_words(dosage.timing)
    needed = _as_needed(dosage.as_needed)
    route = _route(dosage.route)
    if (doses or route) and not timing and not needed:
        timing = NOT_SAID
    parts = [_first_words(dosage, doses), route, _site(dosage.site), timing, needed, _maximum(dosage)]
    words = ", ".join(part for part in parts if part)
    return _with_own_words(words, dosage) or None


def _with_own_words(words: str, dosage: Dosage) -> str:
    """Adds what else the prescriber wrote, unless it is already said."""
    further = [concept_words(c) for c in dosage.additional_instruction] + [dosage.patient_instruction]
    for text in further:
        if text and text.strip() and text.strip().lower() not in words.lower():
            words = f"{words.rstrip('.')}. {text.strip()}" if words else text.strip()
    return words


def _first_words(dosage: Dosage, doses: list[str]) -> str:
    method = concept_words(dosage.method)
    return f"{method}: {' or '.join(doses)}" if method and doses else method or " or ".join(doses)


def _dose(part: DoseAndRate) -> str:
    dose, rate = _amount(part.dose), _rate(part.rate)
    if dose and isinstance(part.dose, Quantity) and not (part.dose.unit or part.dose.code):
        dose += " each time"
    return f"{dose} at {rate}" if dose and rate else dose or rate


def _amount(amount: Range | Quantity | None) -> str:
    if isinstance(amount, Quantity):
        return quantity_words(amount)
    if amount is None:
        return ""
    low, high = quantity_words(amount.low), quantity_words(amount.high)
    if low and high:
        units = unit_of(amount.low, many=True), unit_of(amount.high, many=True)
        return f"{low.split()[0] if units[0] == units[1] else low} to {high}"
    return f"at least {low}" if low else f"up to {high}" if high else ""


def _rate(rate: Ratio | Range | Quantity | None) -> str:
    if isinstance(rate, Ratio):
        top, bottom = quantity_words(rate.numerator), _per(rate.denominator)
        return f"{top} {bottom}" if top and bottom else top
    return _amount(rate)


def ratio_words(ratio: Ratio | None) -> str:
    """A strength: "5 mg per 10 mL", "250 mg per tablet"; "" for none."""
    return _rate(ratio)


def _per(quantity: Quantity | None) -> str:
    """ "in 24 hours", "per hour", "per 10 mL"."""
    if quantity is None or quantity.value is None:
        return ""
    number = safe_number(quantity.value)
    time = _TIMES.get((quantity.code or quantity.unit or "").lower())
    if time:
        return f"per {time}" if number == "1" else f"in {number} {time}s"
    unit = unit_of(quantity, many=number != "1")
    return f"per {unit}" if number == "1" and unit else f"per {quantity_words(quantity)}"


def quantity_words(quantity: Quantity | None) -> str:
    """ "0.5 tablet", "5 mg", "1,000 units", "30 days"; "" without a value."""
    if quantity is None or quantity.value is None:
        return ""
    number = safe_number(quantity.value)
    unit = unit_of(quantity, many=_is_many(quantity.value))
    comparator = {"ad": "at least "}.get(quantity.comparator or "", quantity.comparator or "")
    return f"{comparator}{number} {unit}".rstrip()


def unit_of(quantity: Quantity | None, *, many: bool) -> str:
    """The unit in safe words: "units" for U and IU, "mcg" for ug, "tablets", "days"; else as written."""
    if quantity is None:
        return ""
    written = quantity.unit or quantity.code or ""
    return "/".join(_unit_part(part, many and index == 0) for index, part in enumerate(written.split("/")))


def _unit_part(written: str, many: bool) -> str:
    plain = written.strip().strip("{}").strip()
    key = plain.lower()
    if key in _SAFE_UNITS:
        unit = _SAFE_UNITS[key]
        return "unit" if unit == "units" and not many else unit
    counted = _COUNTED.get(key.removesuffix("(s)")) or _TIMES.get(key)
    if counted is None:
        return plain
    return _PLURALS.get(counted, f"{counted}s") if many else counted


def _is_many(value: str) -> bool:
    try:
        return Decimal(value) > 1 or Decimal(value) == 0
    except InvalidOperation:
        return True


def safe_number(value: str) -> str:
    """A number that cannot be misread: "0.5", "5", "1,000"; what is no number stays as written."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number.adjusted()) > 12:
        return value
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def timing_words(timing: Timing | None) -> str:
    """How often, and at what times; "" where neither is said. Single moments are dates, not words of a dose."""
    if timing is None:
        return ""
    if timing.repeat is not None and (words := _repeat(timing.repeat)):
        return words
    if timing.code is not None:
        said = concept_words(timing.code)
        names = [*sorted(timing.code.codes()), said.upper()]
        return next((_CODED_TIMINGS[name] for name in names if name in _CODED_TIMINGS), said)
    return ""


def _repeat(repeat: Repeat) -> str:
    if repeat.period_unit and repeat.period is None:
        return NOT_CLEAR  # a unit of nothing: what else is given cannot be trusted to mean what it says
    parts = [
        _listed("ONLY ON", [_DAYS.get(day.lower(), day) for day in _some_days(repeat)]).upper(),
        _frequency(repeat),
        " and ".join(_event(event, repeat.offset) for event in repeat.when),
        _listed("at", [clock_words(time) for time in repeat.time_of_day]),
        _lasting(repeat),
        _counted(repeat),
        _bounds(repeat.bounds),
    ]
    return ", ".join(part for part in parts if part)


def _frequency(repeat: Repeat) -> str:
    unit = _TIMES.get((repeat.period_unit or "").lower())
    if repeat.period is None:
        return ""
    if unit is None:
        return NOT_CLEAR
    period = safe_number(repeat.period)
    longest = safe_number(repeat.period_max) if repeat.period_max else None
    words = _so_often(repeat.frequency or 1, repeat.frequency_max, period, longest, unit)
    daily = unit in ("second", "minute", "hour") or (unit == "day" and period == "1" and longest in (None, "1"))
    return words if daily else words.upper()


def _so_often(times: int, at_most: int | None, period: str, longest: str | None, unit: str) -> str:
    """ "once a day", "2 to 3 times a day", "every 4 to 6 hours", "2 times every 3 weeks"."""
    often = f"{times} to {at_most} times" if at_most and at_most > times else f"{times} times"
    single = times == 1 and not (at_most and at_most > 1)
    if longest and longest != period:
        span = f"every {period} to {longest} {unit}s"
        return span if single else f"{often} {span}"
    if period == "1":
        if unit in ("hour", "minute", "second"):
            return f"every {unit}" if single else f"{often} every {unit}"
        return f"once a {unit}" if single else f"{often} a {unit}"
    return f"every {period} {unit}s" if single else f"{often} every {period} {unit}s"


def _event(event: str, offset: int | None) -> str:
    words = _EVENTS.get(event, event)
    if not offset:
        return words
    after = f"{offset // 60} hours" if offset % 60 == 0 and offset >= 120 else f"{offset} minutes"
    return f"{after} {words}"


def _some_days(repeat: Repeat) -> tuple[str, ...]:
    """The days of the week where they are not all of them."""
    return () if len(set(repeat.day_of_week)) == len(_DAYS) else repeat.day_of_week


def _listed(word: str, items: list[str]) -> str:
    return f"{word} {joined(items)}" if items else ""


def clock_words(time: str) -> str:
    """ "08:00:00" as "8:00 AM"; what is no time stays as written."""
    hour, _, rest = time.partition(":")
    if not hour.isdigit() or not rest[:2].isdigit():
        return time
    return f"{int(hour) % 12 or 12}:{rest[:2]} {'AM' if int(hour) < 12 else 'PM'}"


def _span(low: str | None, high: str | None, unit: str | None) -> str:
    time = _TIMES.get((unit or "").lower())
    if low is None or time is None:
        return ""
    if high is not None:
        return f"{safe_number(low)} to {safe_number(high)} {time}s"
    number = safe_number(low)
    return f"{number} {time}{'' if number == '1' else 's'}"


def _lasting(repeat: Repeat) -> str:
    span = _span(repeat.duration, repeat.duration_max, repeat.duration_unit)
    return f"over {span}" if span else ""


def _counted(repeat: Repeat) -> str:
    if repeat.count is None:
        return ""
    if repeat.count_max:
        return f"{repeat.count} to {repeat.count_max} times in all"
    return "ONLY ONCE" if repeat.count == 1 else f"{repeat.count} times in all"


def _bounds(bounds: Quantity | Range | Period | None) -> str:
    if isinstance(bounds, Period):
        start = f"from {date_words(bounds.start)}" if bounds.start else ""
        end = f"until {date_words(bounds.end)}" if bounds.end else ""
        return f"{start} {end}".strip()
    words = _amount(bounds)
    return f"for {words}" if words else ""


def _as_needed(needed: bool | Concept | None) -> str:
    if isinstance(needed, Concept):
        reason = concept_words(needed)
        return f"as needed for {reason}" if reason else "as needed"
    return "as needed" if needed else ""


def _route(route: Concept | None) -> str:
    if route is None:
        return ""
    known = next((_ROUTES[code] for code in sorted(route.codes()) if code in _ROUTES), None)
    return known or concept_words(route)


def _site(site: Concept | None) -> str:
    words = concept_words(site)
    return f"site: {words}" if words else ""


def _maximum(dosage: Dosage) -> str:
    told: list[str] = []
    limit = dosage.max_dose_per_period
    if limit is not None and (top := quantity_words(limit.numerator)):
        told.append(f"no more than {top} {_per(limit.denominator)}".rstrip())
    if words := quantity_words(dosage.max_dose_per_administration):
        told.append(f"no more than {words} at one time")
    if words := quantity_words(dosage.max_dose_per_lifetime):
        told.append(f"no more than {words} in a lifetime")
    return ", ".join(told)


def concept_words(concept: Concept | None) -> str:
    """A concept's text, else a coding's display, else its code; "" for nothing."""
    if concept is None:
        return ""
    said = [concept.text, *(c.display for c in concept.coding), *(c.code for c in concept.coding)]
    return next((tidy_display(words) for words in said if words and words.strip()), "")
