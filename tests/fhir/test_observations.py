"""Observation values: every type, in the lab's own figures and words, and ranges only where they may be drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phr_desktop.domain.records import ObservationValue
from phr_desktop.fhir.extract import extract


def values(**fields: Any) -> tuple[ObservationValue, ...]:
    return extract(json.dumps({"resourceType": "Observation", "code": {"text": "Test"}, **fields}).encode()).values


def value(**fields: Any) -> ObservationValue:
    return values(**fields)[0]


def quantity(raw_number: str, unit: str = "mg/dL") -> ObservationValue:
    raw = json.dumps({"resourceType": "Observation", "valueQuantity": {"value": 0, "unit": unit}})
    return extract(raw.replace('"value": 0', f'"value": {raw_number}').encode()).values[0]


@pytest.mark.parametrize(
    "text", ["0.10", "5", "5.0", "-0.50", "1E+2", "1.50e-3", "37.749910730684725", "100000000000000000000"]
)
def test_a_figure_is_kept_as_its_source_wrote_it(text: str) -> None:
    assert quantity(text).value == text


def test_a_quantity_has_comparator_unit_and_code() -> None:
    found = value(valueQuantity={"value": 5, "comparator": "<", "unit": "mg per dL", "code": "mg/dL"})
    assert (found.kind, found.comparator, found.value, found.unit, found.unit_code) == (
        "quantity",
        "<",
        "5",
        "mg per dL",
        "mg/dL",
    )
    assert value(valueQuantity={"value": 5, "code": "mmol/L"}).unit == "mmol/L"
    assert value(valueQuantity={"value": "5.4"}).value == "5.4"
    assert value(valueQuantity={"value": "five"}).value is None
    assert value(valueQuantity={"value": True}).value is None


@pytest.mark.parametrize(
    ("fields", "kind", "shown", "unit"),
    [
        ({"valueCodeableConcept": {"text": "Positive"}}, "concept", "Positive", None),
        ({"valueCodeableConcept": {"coding": [{"code": "LA6576-8"}]}}, "concept", "LA6576-8", None),
        ({"valueString": "Growth of\nE. coli"}, "string", "Growth of\nE. coli", None),
        ({"valueBoolean": False}, "boolean", "false", None),
        ({"valueInteger": 0}, "integer", "0", None),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "h"}}}, "range", "1 to 2", "h"),
        (
            {"valueRange": {"low": {"value": 90, "unit": "s"}, "high": {"value": 2, "unit": "h"}}},
            "range", "90 s to 2", "h",
        ),
        ({"valueRange": {"low": {"value": 1, "unit": "h"}}}, "range", "1 or more", "h"),
        ({"valueRange": {"high": {"value": 2}}}, "range", "2 or less", None),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "ratio", "1:128", None),
        (
            {"valueRatio": {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 10, "unit": "mL"}}},
            "ratio", "5 mg / 10 mL", None,
        ),
        (
            {"valueRatio": {"numerator": {"value": 1, "comparator": "<"}, "denominator": {"value": 8}}},
            "ratio", "<1:8", None,
        ),
        ({"valueSampledData": {"origin": {"value": 0, "unit": "mV"}, "data": "1 2"}}, "sampled", None, "mV"),
        ({"valueTime": "08:30:00"}, "time", "08:30:00", None),
        ({"valueDateTime": "2020-01"}, "date-time", "2020-01", None),
        ({"valuePeriod": {"start": "2020", "end": "2021"}}, "period", "2020 to 2021", None),
        ({"valuePeriod": {"end": "2021"}}, "period", "until 2021", None),
        ({}, "none", None, None),
        ({"valueQuantity": 5}, "none", None, None),
        ({"valueBoolean": "yes"}, "none", None, None),
        ({"valuePeriod": {}}, "none", None, None),
    ],
)  # fmt: skip
def test_every_type_of_value(fields: dict[str, Any], kind: str, shown: str | None, unit: str | None) -> None:
    found = value(**fields)
    assert (found.kind, found.value, found.unit) == (kind, shown, unit)


def test_a_missing_value_says_why() -> None:
    found = value(dataAbsentReason={"coding": [{"code": "not-performed", "display": "Not Performed"}]})
    assert (found.kind, found.value, found.absent_reason) == ("absent", None, "Not Performed")
    empty = value(valueQuantity={"unit": "mg"}, dataAbsentReason={"text": "clotted"})
    assert (empty.kind, empty.absent_reason) == ("absent", "clotted")
    both = value(valueString="5", dataAbsentReason={"text": "?"})
    assert (both.kind, both.value) == ("string", "5")


def test_components_follow_with_their_own_codes_ranges_and_reasons() -> None:
    loinc = "http://loinc.org"
    found = values(
        code={"coding": [{"system": loinc, "code": "85354-9", "display": "Blood pressure"}]},
        component=[
            {
                "code": {"coding": [{"system": loinc, "code": "8480-6", "display": "Systolic"}]},
                "valueQuantity": {"value": 120},
            },
            {"code": {"text": "Diastolic"}, "dataAbsentReason": {"text": "cuff failed"}},
            {"valueString": "left arm", "interpretation": [{"coding": [{"code": "A"}]}]},
            7,
        ],
    )
    assert [(v.position, v.kind, v.code, v.title, v.value) for v in found] == [
        (0, "none", "85354-9", "Blood pressure", None),
        (1, "quantity", "8480-6", "Systolic", "120"),
        (2, "absent", None, "Diastolic", None),
        (3, "string", None, "Part without a name", "left arm"),
    ]
    assert found[2].absent_reason == "cuff failed"
    assert found[3].interpretation == "A"


def test_interpretation_is_the_labs_own() -> None:
    found = value(
        interpretation=[{"coding": [{"code": "HH", "display": "Critical high"}]}, {"coding": [{"code": "A"}]}]
    )
    assert (found.interpretation, found.interpretation_text) == ("HH A", "Critical high")
    assert value(interpretation=[{"text": "High"}]).interpretation is None
    assert value(interpretation=[{"text": "High"}]).interpretation_text == "High"
    assert value(interpretation={"coding": [{"code": "L"}]}).interpretation == "L"
    assert value(interpretation=[5]).interpretation is None
    assert value(method={"text": "Calculated"}).method == "Calculated"


def mg(number: float) -> dict[str, Any]:
    return {"value": number, "unit": "mg/dL", "code": "mg/dL"}


def ranged(*ranges: Any, unit: str = "mg/dL") -> tuple[str | None, str | None, str | None, int]:
    found = value(valueQuantity={"value": 5, "unit": unit, "code": unit}, referenceRange=list(ranges))
    return found.low, found.high, found.range_text, found.range_count


def kind(code: str) -> dict[str, Any]:
    return {"type": {"coding": [{"code": code}]}}


def test_the_one_range_is_drawn() -> None:
    assert ranged({"low": mg(4.0), "high": mg(5.6)}) == ("4.0", "5.6", None, 1)
    assert ranged({"low": mg(4.0)} | kind("normal")) == ("4.0", None, None, 1)
    assert ranged({"text": "negative"}) == (None, None, "negative", 1)
    assert ranged({"low": {"value": 4}, "high": {"value": 6}}) == ("4", "6", None, 1)
    assert ranged({"low": mg(4.0), "text": "4.0-5.6", "age": {"low": {"value": 18}}}) == ("4.0", None, "4.0-5.6", 1)


def test_a_range_that_is_not_the_normal_one_is_not_drawn() -> None:
    assert ranged({"low": mg(4.0)} | kind("therapeutic")) == (None, None, None, 1)
    assert ranged({"low": mg(4.0)} | kind("recommended"), {"low": mg(3.0)} | kind("normal")) == ("3.0", None, None, 2)
    assert ranged({"low": mg(4.0)} | kind("critical"), {"low": mg(3.0)}) == ("3.0", None, None, 2)


def test_of_several_ranges_none_is_chosen() -> None:
    men = {"low": mg(4.0), "appliesTo": [{"text": "men"}]}
    women = {"low": mg(3.0), "appliesTo": [{"text": "women"}]}
    assert ranged(men, women) == (None, None, None, 2)
    assert ranged(men | kind("normal"), women | kind("normal")) == (None, None, None, 2)


def test_a_range_in_another_unit_is_words_and_never_a_band() -> None:
    assert ranged({"low": mg(4.0), "high": mg(5.6)}, unit="mmol/L") == (None, None, "4.0 to 5.6 mg/dL", 1)
    assert ranged({"low": mg(4.0), "text": "see note"}, unit="mmol/L") == (None, None, "see note", 1)


@pytest.mark.parametrize("given", [None, {}, [5], [[]], [{"low": 5}], "4-5"])
def test_a_broken_range_is_no_range(given: Any) -> None:
    found = value(valueQuantity={"value": 5}, referenceRange=given)
    assert (found.low, found.high, found.range_text) == (None, None, None)


HL7 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
FOR_WOMEN = {"low": {"value": 12}, "type": {"coding": [{"code": "normal"}]}, "appliesTo": [{"text": "women"}]}


@pytest.mark.parametrize("chosen", [False, True])
def test_hl7s_mark_counts_before_the_senders_own_code(chosen: bool) -> None:
    own = {"system": "https://fhir.example/codeSet/52", "code": "201", "userSelected": chosen}
    mark = {"coding": [own, {"system": HL7, "code": "HH"}], "text": "PANHI"}
    found = value(valueQuantity={"value": 8.2}, interpretation=[mark])
    assert (found.interpretation, found.interpretation_text) == ("HH", "PANHI")


@pytest.mark.parametrize("display", [{"display": "Not Performed"}, {}])
def test_fhirs_own_reasons_for_no_value_are_told(display: dict) -> None:
    found = value(dataAbsentReason={"coding": [{"system": ABSENT, "code": "not-performed", **display}]})
    assert (found.kind, found.absent_reason) == ("absent", display.get("display", "not-performed"))


def test_of_several_ranges_one_for_certain_people_is_not_chosen() -> None:
    two = value(valueQuantity={"value": 12.5}, referenceRange=[FOR_WOMEN, {"low": {"value": 13}}])
    assert (two.low, two.range_count) == (None, 2)
    alone = value(valueQuantity={"value": 12.5}, referenceRange=[FOR_WOMEN])
    assert (alone.low, alone.range_count) == ("12", 1)
