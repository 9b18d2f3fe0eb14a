"""What an Observation says beside its figures, in words: its value, its source's mark and ranges. Nothing is computed.

For lists, the same is told from columns by domain/result_words.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from phr_desktop.domain import result_words
from phr_desktop.domain.clinical import Observation, ReferenceRange
from phr_desktop.domain.fhir_types import Concept, Range, Record
from phr_desktop.domain.records import Standing
from phr_desktop.domain.results import Marking
from phr_desktop.fhir.dosage import clock_words
from phr_desktop.fhir.value_words import range_words, words

_TIME_OF_DAY = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)


def observed_words(value: Any, absent: Any, now: datetime | None = None) -> str:
    """A value of an Observation in words; why there is none, where its source says so."""
    said = clock_words(value) if isinstance(value, str) and _TIME_OF_DAY.fullmatch(value) else words(value, now)
    if said:
        return said
    reason = words(absent)
    return f"No value: {reason}" if reason else ""


def mark_words(given: Iterable[Concept]) -> str:
    """The source's mark as a list tells it: "critically high"; one that is not known, in its source's own words."""
    concepts = tuple(given)
    return result_words.coded_mark_word(_codes(concepts)) or words(concepts)


def marking(given: Iterable[Concept]) -> Marking:
    """The strongest mark among all codes of an interpretation."""
    return result_words.coded_marking(_codes(given))


def critical_inside(record: Record) -> bool:
    """Whether a result that a record carries inside itself is a fact that its source marked critical."""
    stated = [each for each in record.contained if isinstance(each, Observation) and each.standing is Standing.STATED]
    marks = [mark for one in stated for mark in (one.interpretation, *(part.interpretation for part in one.component))]
    return any(marking(mark) is Marking.CRITICAL for mark in marks)


def mark_and_ranges(observation: Observation) -> str:
    """ "lab marked it high · lab's range 4.0 to 5.6 %", for a result without a row of its own."""
    mark = mark_words(observation.interpretation)
    ranges = [limit_words(each) for each in observation.reference_range]
    told = [f"lab marked it {mark}" if mark else "", *(f"lab's range {given}" for given in ranges if given)]
    return " · ".join(part for part in told if part)


def limit_words(given: ReferenceRange) -> str:
    """ "4.0 to 5.6 %", "5.6 % or less", with its source's own words where they say more than the figures."""
    limits = range_words(Range(low=given.low, high=given.high))
    if not given.text or not limits:
        return limits or given.text or ""
    low, high = (limit.value if limit else None for limit in (given.low, given.high))
    again = {_squeezed(limits), f"{low}-{high}"}  # "70 - 99 mg/dL" and "70-99" only say the figures once more
    return limits if _squeezed(given.text) in again else f"{limits} ({given.text})"


def for_whom(given: ReferenceRange) -> str:
    """What kind of range it is, and for which people; "" for the normal one of everybody."""
    kind = words(given.type)
    ages = range_words(given.age) if given.age else ""
    parts = ("" if kind.lower().startswith("normal") else kind, words(given.applies_to), f"age {ages}" if ages else "")
    return ", ".join(part for part in parts if part)


def _squeezed(limits: str) -> str:
    return limits.replace(" to ", "-").replace("\u2013", "-").replace(" ", "")


def _codes(given: Iterable[Concept]) -> list[str]:
    return [coding.code for concept in given for coding in concept.coding if coding.code]
