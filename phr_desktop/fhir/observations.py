"""The values of an Observation and of its components, each as its source wrote it; nothing is computed."""

from __future__ import annotations

from typing import Any

from phr_desktop.domain.records import ObservationValue, ValueKind
from phr_desktop.domain.rows import maker
from phr_desktop.fhir.concepts import LOINC, codes_of, first, name_of, words_of
from phr_desktop.fhir.decode import Json, decimal_text

_observation_value = maker(ObservationValue)
_QUANTITY = ValueKind.QUANTITY.value
_CONCEPT = ValueKind.CONCEPT.value
_STRING = ValueKind.STRING.value
_ABSENT = ValueKind.ABSENT.value
_NONE = ValueKind.NONE.value
_LOINC_FIRST = (LOINC,)
# HL7's own codes before those of the system that sent them, which often stand first: only they say "critical".
_MARKS_FIRST = (
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "http://hl7.org/fhir/v3/ObservationInterpretation",
    "http://terminology.hl7.org/CodeSystem/v2-0078",
    "http://hl7.org/fhir/v2/0078",
)
_NO_RANGE = (None, None, None, 0)
_NOT_MARKED = (None, None)

# comparator, value, unit, unit's code
Figure = tuple[str | None, str | None, str | None, str | None]
_NO_FIGURE: Figure = (None, None, None, None)


def values_of(
    tree: Json, system: str | None, code: str | None, title: str, words: list[str]
) -> tuple[ObservationValue, ...]:
    """Position 0 is the Observation's own value, then its components. Words for searching are added to `words`."""
    own = _value(0, tree, system, code, title, words)
    components = tree.get("component")
    if type(components) is not list:
        return (own,)
    values = [own]
    for component in components:
        if type(component) is dict:
            values.append(_component(len(values), component, words))
    return tuple(values)


def _component(position: int, component: Json, words: list[str]) -> ObservationValue:
    system, code, name = name_of(component.get("code"), _LOINC_FIRST)
    title = name or code or "Part without a name"
    words.append(title)
    return _value(position, component, system, code, title, words)


def _value(
    position: int, element: Json, system: str | None, code: str | None, title: str, words: list[str]
) -> ObservationValue:
    quantity = element.get("valueQuantity")
    if type(quantity) is dict:
        kind, figure = _QUANTITY, figure_of(quantity)
    else:
        kind, figure = _other_value(element, words)
    comparator, value, unit, unit_code = figure
    absent = _absent_words(element["dataAbsentReason"]) if "dataAbsentReason" in element else None
    ranged = _range(element["referenceRange"], figure) if "referenceRange" in element else _NO_RANGE
    marked = _interpretation(element["interpretation"]) if "interpretation" in element else _NOT_MARKED
    method = words_of(element["method"]) if "method" in element else None
    if absent is not None and value is None:
        kind = _ABSENT
    return _observation_value(
        (position, system, code, title, kind, comparator, value, unit, unit_code, *ranged, *marked, method, absent)
    )


def _absent_words(reason: Any) -> str | None:
    """Why there is no value. The codes that take a code's place elsewhere are what is meant here."""
    words = words_of(reason)
    if words or type(reason) is not dict:
        return words
    coding = first(reason.get("coding"))
    given = (coding.get("display"), coding.get("code")) if type(coding) is dict else ()
    return next((each for each in given if type(each) is str and each), None)


def figure_of(quantity: Json) -> Figure:
    """Comparator, value, unit and unit's code of a Quantity; the unit in words is its code where no words are given."""
    get = quantity.get
    comparator, unit, unit_code = get("comparator"), get("unit"), get("code")
    if type(unit_code) is not str:
        unit_code = None
    return (
        comparator if type(comparator) is str else None,
        decimal_text(get("value")),
        unit if type(unit) is str else unit_code,
        unit_code,
    )


def _other_value(element: Json, words: list[str]) -> tuple[str, Figure]:
    concept = element.get("valueCodeableConcept")
    if type(concept) is dict:
        return _CONCEPT, _worded(words_of(concept), words)
    text = element.get("valueString")
    if type(text) is str:
        return _STRING, _worded(text, words)
    for name, kind, read in _OTHERS:
        if name in element:
            figure = read(element[name])
            if figure is not None:
                return kind, figure
    return _NONE, _NO_FIGURE


def _worded(value: str | None, words: list[str]) -> Figure:
    if value:
        words.append(value)
    return None, value, None, None


def _boolean(value: Any) -> Figure | None:
    return (None, "true" if value else "false", None, None) if type(value) is bool else None


def _integer(value: Any) -> Figure | None:
    return (None, str(value), None, None) if type(value) is int else None


def _text(value: Any) -> Figure | None:
    return (None, value, None, None) if type(value) is str else None


def range_words(value: Any) -> tuple[str | None, str | None, str | None]:
    """(words, unit, unit's code) of a Range: "4.0 to 5.6", "4.0 or more", "5.6 or less"."""
    low, high = _limit(value, "low"), _limit(value, "high")
    unit, unit_code = low[2] or high[2], low[3] or high[3]
    if low[1] and high[1]:
        first_unit = f" {low[2]}" if low[2] and high[2] and low[2] != high[2] else ""
        return f"{low[1]}{first_unit} to {high[1]}", high[2] or unit, high[3] or unit_code
    if low[1]:
        return f"{low[1]} or more", unit, unit_code
    return (f"{high[1]} or less" if high[1] else None), unit, unit_code


def _limit(value: Any, name: str) -> Figure:
    limit = value.get(name) if type(value) is dict else None
    return figure_of(limit) if type(limit) is dict else _NO_FIGURE


def _range_value(value: Any) -> Figure | None:
    words, unit, unit_code = range_words(value)
    return (None, words, unit, unit_code) if words else None


def ratio_words(value: Any) -> str | None:
    """A Ratio as written: "1:128", or "5 mg / 10 mL" where the parts have units."""
    parts = [_limit(value, "numerator"), _limit(value, "denominator")]
    if not all(part[1] for part in parts):
        return next((part[1] for part in parts if part[1]), None)
    texts = [f"{part[0] or ''}{part[1]}{f' {part[2]}' if part[2] else ''}" for part in parts]
    return (" / " if any(part[2] for part in parts) else ":").join(texts)


def _ratio(value: Any) -> Figure | None:
    words = ratio_words(value)
    return (None, words, None, None) if words else None


def _sampled(value: Any) -> Figure | None:
    """A curve has no one value: its unit alone is kept, the data stay in the resource."""
    origin = _limit(value, "origin")
    return (None, None, origin[2], origin[3]) if type(value) is dict else None


def period_words(value: Any) -> str | None:
    """A Period as written: "2020-01-02 to 2020-03-04", "from ...", "until ..."."""
    if type(value) is not dict:
        return None
    start, end = value.get("start"), value.get("end")
    start, end = start if type(start) is str else None, end if type(end) is str else None
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else None


def _period(value: Any) -> Figure | None:
    words = period_words(value)
    return (None, words, None, None) if words else None


_OTHERS = (
    ("valueBoolean", ValueKind.BOOLEAN.value, _boolean),
    ("valueInteger", ValueKind.INTEGER.value, _integer),
    ("valueRange", ValueKind.RANGE.value, _range_value),
    ("valueRatio", ValueKind.RATIO.value, _ratio),
    ("valueSampledData", ValueKind.SAMPLED.value, _sampled),
    ("valueTime", ValueKind.TIME.value, _text),
    ("valueDateTime", ValueKind.DATE_TIME.value, _text),
    ("valuePeriod", ValueKind.PERIOD.value, _period),
)


def _interpretation(given: Any) -> tuple[str | None, str | None]:
    """The lab's own codes joined by spaces, and its words."""
    if type(given) is list and len(given) == 1:
        _, code, text = name_of(given[0], _MARKS_FIRST)
        return code, text
    named = [name_of(concept, _MARKS_FIRST) for concept in (given if type(given) is list else [given])]
    return " ".join(n[1] for n in named if n[1]) or None, ", ".join(n[2] for n in named if n[2]) or None


def _range(given: Any, figure: Figure) -> tuple[str | None, str | None, str | None, int]:
    """low, high, text, count. Limits only where exactly one range can be the normal one, in the value's own unit.

    Of several, none that is meant for certain people alone.
    """
    ranges = [r for r in given if type(r) is dict] if type(given) is list else []
    if len(ranges) == 1:
        candidates = ranges if _may_be_normal(ranges[0]) else []
    else:
        normal = [r for r in ranges if "normal" in codes_of(r.get("type"))]
        candidates = normal or [r for r in ranges if _may_be_normal(r)]
    if len(candidates) != 1:
        return None, None, None, len(ranges)
    only = candidates[0]
    if len(ranges) > 1 and ("appliesTo" in only or "age" in only):
        return None, None, None, len(ranges)  # of several, one for certain people: whether it fits is not known here
    low, high = _limit(only, "low"), _limit(only, "high")
    text = only.get("text")
    text = text if type(text) is str and text.strip() else None
    if _same_unit(low, figure) and _same_unit(high, figure):
        return low[1], high[1], text, len(ranges)
    words, unit, _ = range_words(only)
    return None, None, text or (f"{words} {unit}" if words else None), len(ranges)


def _may_be_normal(reference_range: Json) -> bool:
    """A range without a type is the normal one (FHIR: "a missing type is assumed to be normal")."""
    kind = first(reference_range.get("type"))
    return kind is None or not codes_of(kind) or "normal" in codes_of(kind)


def _same_unit(limit: Figure, figure: Figure) -> bool:
    """Whether a limit may be drawn beside the value: no limit, no unit stated on it, or one of its unit names equal."""
    if limit[1] is None or (limit[2] is None and limit[3] is None):
        return True
    return (limit[2] is not None and limit[2] == figure[2]) or (limit[3] is not None and limit[3] == figure[3])
