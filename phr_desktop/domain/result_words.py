"""What a result says, in words: the value as its source wrote it, the source's own range, the source's own mark.

Nothing here compares a value with a range: words such as "high" come from the interpretation that the source gave.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from phr_desktop.domain.records import ObservationValue, Standing, ValueKind
from phr_desktop.domain.results import Marking

# HL7 ObservationInterpretation. Order: what is said first where a source gave several codes.
_MARKS: dict[str, tuple[Marking, str]] = {
    "HH": (Marking.CRITICAL, "critically high"),
    "LL": (Marking.CRITICAL, "critically low"),
    "AA": (Marking.CRITICAL, "critically abnormal"),
    "HU": (Marking.MARKED, "significantly high"),
    "LU": (Marking.MARKED, "significantly low"),
    "H": (Marking.MARKED, "high"),
    "L": (Marking.MARKED, "low"),
    "HX": (Marking.MARKED, "above its high limit"),
    "LX": (Marking.MARKED, "below its low limit"),
    ">": (Marking.MARKED, "above what it can measure"),
    "<": (Marking.MARKED, "below what it can measure"),
    "A": (Marking.MARKED, "abnormal"),
    "U": (Marking.MARKED, "changed much, up"),
    "D": (Marking.MARKED, "changed much, down"),
    "W": (Marking.MARKED, "worse"),
    "B": (Marking.MARKED, "better"),
    "POS": (Marking.MARKED, "positive"),
    "DET": (Marking.MARKED, "detected"),
    "RR": (Marking.MARKED, "reactive"),
    "WR": (Marking.MARKED, "weakly reactive"),
    "UNE": (Marking.MARKED, "unexpected"),
    "R": (Marking.MARKED, "resistant"),
    "SYN-R": (Marking.MARKED, "resistant to both together"),
    "NS": (Marking.MARKED, "not susceptible"),
    "I": (Marking.MARKED, "intermediate"),
    "SDD": (Marking.MARKED, "susceptible, depending on the dose"),
    "E": (Marking.MARKED, "not clear either way"),
    "IND": (Marking.MARKED, "not clear either way"),
    "NEG": (Marking.NORMAL, "negative"),
    "ND": (Marking.NORMAL, "not detected"),
    "NR": (Marking.NORMAL, "not reactive"),
    "EXP": (Marking.NORMAL, "as expected"),
    "S": (Marking.NORMAL, "susceptible"),
    "SYN-S": (Marking.NORMAL, "susceptible to both together"),
    "N": (Marking.NORMAL, "normal"),
}
_SAME = {"H>": "HX", "L<": "LX"}  # as the same table spelled them before
_UNITS = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "degF": "°F",
    "degC": "°C",
    "kg/m2": "kg/m²",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "[in_i]": "in",
    "[lb_av]": "lb",
    "[oz_av]": "oz",
    "10*3/uL": "10³/µL",
    "10*6/uL": "10⁶/µL",
    "10*9/L": "10⁹/L",
    "10*12/L": "10¹²/L",
}
_STAGES = {
    "registered": "registered, no final value yet",
    "preliminary": "preliminary, may still change",
    "partial": "in part, more may come",
    "corrected": "corrected by the lab",
    "amended": "amended by the lab",
    "appended": "added to by the lab",
    "unknown": "state not known",
}
_STANDINGS = {
    Standing.STATED: "",
    Standing.WITHDRAWN: "withdrawn, entered in error",
    Standing.REFUTED: "ruled out",
    Standing.NOT_DONE: "not done",
    Standing.NOT_TAKEN: "not taken",
    Standing.CANCELLED: "cancelled",
    Standing.PROHIBITED: "not to be done",
    Standing.UNKNOWN_MODIFIER: "meaning changed in a way that this program does not know",
}
_BRACES = re.compile(r"\{([^{}]*)\}")


def unit_words(unit: str | None) -> str:
    """A unit as people write it; anything that is not a mere spelling of the same unit stays as the source wrote it."""
    if not unit:
        return ""
    return _UNITS.get(unit) or _BRACES.sub(r"\1", unit).strip()


def value_words(value: ObservationValue | None) -> str:
    """The value as written, with comparator and unit: "5.8 %", "<5 mg/dL", "Negative". "" where there is none."""
    if value is None or value.kind == ValueKind.NONE:
        return ""
    if value.kind == ValueKind.ABSENT:
        return f"no value: {value.absent_reason}" if value.absent_reason else "no value given"
    if value.kind == ValueKind.SAMPLED:
        return "a recorded curve"
    if value.value is None:
        return "no value given"
    if value.kind == ValueKind.BOOLEAN:
        return "yes" if value.value == "true" else "no"
    unit = unit_words(value.unit)
    comparator = {"ad": "at least "}.get(value.comparator or "", value.comparator or "")
    return f"{comparator}{value.value} {unit}".rstrip()


def number(value: ObservationValue | None) -> float | None:
    """The value as a place on an axis; None for what is no single number."""
    if value is None or value.kind not in (ValueKind.QUANTITY, ValueKind.INTEGER):
        return None
    return limit(value.value)


def limit(text: str | None) -> float | None:
    """A decimal's text as a place on an axis; None for what is no finite number."""
    try:
        figure = Decimal(text) if text is not None else None
    except InvalidOperation:
        return None
    return float(figure) if figure is not None and figure.is_finite() else None


def range_words(value: ObservationValue | None) -> str:
    """The source's own range for this value, "4.0–5.6"; "" where it gave none that is meant for everyone."""
    if value is None:
        return ""
    if value.low and value.high:
        between = "–" if not value.high.startswith("-") and not value.low.startswith("-") else " to "
        return f"{value.low}{between}{value.high}"
    if value.low:
        return f"{value.low} or more"
    if value.high:
        return f"{value.high} or less"
    return value.range_text or ""


def more_of_range(value: ObservationValue) -> str:
    """The source's own words for a range that came in figures too; "" where they only say the figures again."""
    if not value.range_text or (value.low is None and value.high is None):
        return ""
    same = "".join(value.range_text.split()).replace("-", "\u2013") == range_words(value)
    return "" if same else value.range_text


def spoken_range(value: ObservationValue | None) -> str:
    """The same for reading aloud: "4.0 to 5.6"."""
    return f"{value.low} to {value.high}" if value and value.low and value.high else range_words(value)


def marking(value: ObservationValue | None) -> Marking:
    """The strongest mark that the source gave this value."""
    return coded_marking(_codes(value))


def coded_marking(codes: Iterable[str]) -> Marking:
    """The strongest mark among codes of HL7's ObservationInterpretation; what is none of them marks nothing."""
    return max((mark for mark, _ in _marks(codes)), default=Marking.NOT_MARKED)


def coded_mark_word(codes: Iterable[str]) -> str:
    """The words of all known codes, the strongest first; "" where none is known."""
    known = sorted(_marks(codes), key=lambda found: -found[0])
    return " and ".join(dict.fromkeys(word for _, word in known))


def mark_word(value: ObservationValue | None) -> str:
    """The source's mark as a word, "high"; several joined. An unknown code is told by its own words, else as it is."""
    if value is None:
        return ""
    known = coded_mark_word(_codes(value))
    if known:
        return known
    if value.interpretation_text:
        return f"“{value.interpretation_text}”"
    return f"“{value.interpretation}”" if value.interpretation else ""


def owner(category: str | None) -> str:
    """Whose range and mark it is: "lab" for laboratory results, else "source"."""
    return "lab" if (category or "").lower() in ("laboratory", "lab") else "source"


def mark_words(value: ObservationValue | None, by: str) -> str:
    """Who marked the value as what: "lab marked it high", "marked high by its source"; "" where nobody did."""
    word = mark_word(value)
    if not word:
        return ""
    return f"lab marked it {word}" if by == "lab" else f"marked {word} by its source"


def whose_range(value: ObservationValue | None, by: str, *, spoken: bool = False) -> str:
    """ "lab's range 4.0–5.6", "range given with it 60–100"; "" where none was given."""
    given = spoken_range(value) if spoken else range_words(value)
    if not given:
        return "several ranges given" if value is not None and value.range_count > 1 else ""
    return f"lab's range {given}" if by == "lab" else f"range given with it {given}"


def remark(value: ObservationValue | None, by: str) -> str:
    """What stands in a list beside a value: "lab marked it high · lab's range 4.0–5.6". A mere "normal" is left out."""
    told = mark_words(value, by) if marking(value) is not Marking.NORMAL else ""
    return " · ".join(part for part in (told, whose_range(value, by)) if part)


def stage_words(status: str | None) -> str:
    """What the status says beside a value that is not simply final: "preliminary, may still change"."""
    return _STAGES.get((status or "").lower(), "")


def standing_words(standing: Standing) -> str:
    """Why a record is no fact; "" for one that is."""
    return _STANDINGS[standing]


def part_words(parts: tuple[ObservationValue, ...], most: int = 3) -> str:
    """A panel's components in one line: "Systolic 118 mmHg, Diastolic 76 mmHg"."""
    told = [f"{part.title} {value_words(part)}".strip() for part in parts[:most]]
    rest = len(parts) - most
    return ", ".join([*told, f"and {rest} more"] if rest > 0 else told)


def _codes(value: ObservationValue | None) -> list[str]:
    return (value.interpretation or "").split() if value is not None else []


def _marks(codes: Iterable[str]) -> list[tuple[Marking, str]]:
    spelled = (_SAME.get(each.upper(), each.upper()) for each in codes)
    return [_MARKS[code] for code in spelled if code in _MARKS]
