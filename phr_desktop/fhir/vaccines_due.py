"""Vaccines that a source says are due: an ImmunizationRecommendation's own words, and only where it gives a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from phr_desktop.domain.records import DatePrecision
from phr_desktop.fhir.concepts import codes_of, words_of
from phr_desktop.fhir.dates import parse_date
from phr_desktop.fhir.decode import Json, decode

_DUE = frozenset({"due", "overdue"})  # `forecastStatus`; immune, complete, contraindicated and the rest ask for nothing
_DUE_DATE = "30980-7"  # LOINC: date vaccine due
_HAS_A_DAY = (DatePrecision.DAY.value, DatePrecision.TIME.value)


@dataclass(frozen=True, slots=True)
class VaccineDue:
    """`codes` are those of the vaccine, by which a vaccination is known to be this one; `said` is the day it was."""

    title: str
    codes: frozenset[str]
    day: date
    said: date | None


def vaccines_due(raw: bytes) -> list[VaccineDue]:
    """What a resource says is due, with its day; nothing for what has none, and for other resources."""
    tree = decode(raw)
    if tree["resourceType"] != "ImmunizationRecommendation":
        return []
    said = _day(tree.get("date"))
    return [due for one in _objects(tree.get("recommendation")) if (due := _due(one, said)) is not None]


def _due(one: Json, said: date | None) -> VaccineDue | None:
    day = next((_day(each.get("value")) for each in _objects(one.get("dateCriterion")) if _is_due_date(each)), None)
    concepts = list(_objects(one.get("vaccineCode"))) or list(_objects(one.get("targetDisease")))
    title = next(filter(None, map(words_of, concepts)), None)
    if day is None or title is None or _DUE.isdisjoint(codes_of(one.get("forecastStatus"))):
        return None
    codes = frozenset(code for concept in _objects(one.get("vaccineCode")) for code in codes_of(concept))
    return VaccineDue(title, codes, day, said)


def _is_due_date(criterion: Json) -> bool:
    return _DUE_DATE in codes_of(criterion.get("code"))


def _objects(value: Any) -> Iterator[Json]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _day(text: Any) -> date | None:
    if not isinstance(text, str) or parse_date(text).precision not in _HAS_A_DAY:
        return None
    return date.fromisoformat(text[:10])
