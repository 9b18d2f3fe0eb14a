"""A value is told as its source wrote it; a mark and a range are the source's own or there is none."""

from __future__ import annotations

import pytest

from phr_desktop.domain import result_words as words
from phr_desktop.domain.records import ObservationValue, Standing, ValueKind
from phr_desktop.domain.results import Marking


def value(**given: object) -> ObservationValue:
    blank = dict.fromkeys(ObservationValue._fields)
    return ObservationValue(
        **blank | {"position": 0, "kind": "quantity", "title": "Hemoglobin A1c", "range_count": 0} | given
    )


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"value": "5.80", "unit": "%"}, "5.80 %"),
        ({"value": "5", "unit": "mg/dL", "comparator": "<"}, "<5 mg/dL"),
        ({"value": "7", "comparator": "ad"}, "at least 7"),
        ({"value": "118", "unit": "mm[Hg]"}, "118 mmHg"),
        ({"value": "98.2", "unit": "degF"}, "98.2 °F"),
        ({"value": "27.2", "unit": "kg/m2"}, "27.2 kg/m²"),
        ({"value": "54", "unit": "mL/min/{1.73_m2}"}, "54 mL/min/1.73 m²"),
        ({"value": "3", "unit": "{score}"}, "3 score"),
        ({"kind": "boolean", "value": "false"}, "no"),
        ({"kind": "concept", "value": "Negative"}, "Negative"),
        ({"kind": "absent", "absent_reason": "Not performed"}, "no value: Not performed"),
        ({"kind": "absent"}, "no value given"),
        ({"kind": "quantity", "value": None}, "no value given"),
        ({"kind": "sampled"}, "a recorded curve"),
        ({"kind": "none"}, ""),
    ],
)
def test_a_value_keeps_its_text(given: dict[str, object], shown: str) -> None:
    assert words.value_words(value(**given)) == shown


def test_nothing_is_called_high_because_of_a_range() -> None:
    far_off = value(value="900", unit="mg/dL", low="70", high="99")
    assert words.marking(far_off) is Marking.NOT_MARKED
    assert words.remark(far_off, "lab") == "lab's range 70–99"


def test_who_marked_a_value_is_named() -> None:
    measured = value(value="93", low="95", high="100", interpretation="L")
    assert words.remark(measured, words.owner("vital-signs")) == "marked low by its source · range given with it 95–100"
    assert words.remark(measured, words.owner("laboratory")) == "lab marked it low · lab's range 95–100"
    assert words.remark(value(value="5", interpretation="N"), "lab") == ""


def test_a_mark_is_the_labs_word_even_against_its_own_range() -> None:
    odd = value(value="80", low="70", high="99", interpretation="H")
    assert words.remark(odd, "lab") == "lab marked it high · lab's range 70–99"


@pytest.mark.parametrize("code", ["HH", "LL", "AA", "hh", "N HH", "H HH"])
def test_critical_codes_are_critical_in_any_company(code: str) -> None:
    assert words.marking(value(interpretation=code)) is Marking.CRITICAL
    assert words.mark_word(value(interpretation=code)).startswith("critically")


def test_a_mark_that_is_not_known_is_told_as_it_is_and_colours_nothing() -> None:
    odd = value(interpretation="Q9", interpretation_text="Query")
    assert words.marking(odd) is Marking.NOT_MARKED
    assert words.mark_word(odd) == "“Query”"
    assert words.mark_word(value(interpretation="Q9")) == "“Q9”"
    assert words.mark_word(value(interpretation_text="somewhat high")) == "“somewhat high”"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"low": "4.0", "high": "5.6"}, "4.0–5.6"),
        ({"low": "-2", "high": "2"}, "-2 to 2"),
        ({"low": "60"}, "60 or more"),
        ({"high": "5.6"}, "5.6 or less"),
        ({"range_text": "Negative"}, "Negative"),
        ({}, ""),
    ],
)
def test_ranges(given: dict[str, object], shown: str) -> None:
    assert words.range_words(value(**given)) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"low": "4.0", "high": "5.6", "range_text": "4.0 - 5.6"}, ""),
        ({"low": "4.0", "high": "5.6", "range_text": "4.0-5.6 (fasting)"}, "4.0-5.6 (fasting)"),
        ({"high": "5.6", "range_text": "<5.6"}, "<5.6"),
        ({"range_text": "Negative"}, ""),
        ({"low": "4.0", "high": "5.6"}, ""),
    ],
)
def test_a_range_is_not_said_twice(given: dict[str, object], shown: str) -> None:
    assert words.more_of_range(value(**given)) == shown


def test_several_ranges_are_named_and_none_is_chosen() -> None:
    assert words.remark(value(value="5", range_count=3), "lab") == "several ranges given"


def test_only_a_number_has_a_place_on_an_axis() -> None:
    assert words.number(value(value="5.80")) == 5.8
    assert words.number(value(value="1e3")) == 1000.0
    assert words.number(value(value="NaN")) is None
    assert words.number(value(value="about 5")) is None
    assert words.number(value(kind=ValueKind.STRING, value="5")) is None
    assert words.number(None) is None


def test_every_reason_not_to_be_a_fact_has_its_word() -> None:
    assert [standing for standing in Standing if not words.standing_words(standing)] == [Standing.STATED]


def test_what_is_not_final_says_so() -> None:
    assert words.stage_words("preliminary") == "preliminary, may still change"
    assert words.stage_words("corrected") == "corrected by the lab"
    assert words.stage_words("final") == ""
    assert words.stage_words(None) == ""


def test_parts_in_one_line() -> None:
    parts = tuple(value(position=n, title=f"Part {n}", value=str(n), unit="g") for n in range(1, 6))
    assert words.part_words(parts) == "Part 1 1 g, Part 2 2 g, Part 3 3 g, and 2 more"
