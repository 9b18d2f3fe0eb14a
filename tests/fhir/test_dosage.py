"""Doses in words: a misread dose hurts, so every rule of writing one has its line here."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.domain.fhir_types import DecimalText, Quantity
from phr_desktop.domain.medication_records import MedicationRequest
from phr_desktop.fhir.dosage import instruction, quantity_words, safe_number
from phr_desktop.fhir.read import read


def said(*dosages: dict[str, Any]) -> str | None:
    raw = json.dumps({"resourceType": "MedicationRequest", "dosageInstruction": list(dosages)}).encode()
    record = read(raw)
    assert isinstance(record, MedicationRequest)
    return instruction(record.dosage_instruction)


def every(frequency: int, period: float, unit: str, **more: Any) -> dict[str, Any]:
    return {"timing": {"repeat": {"frequency": frequency, "period": period, "periodUnit": unit, **more}}}


def dose(value: Any = 1, unit: str = "tablet", **more: Any) -> dict[str, Any]:
    return {"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit}}], **more}


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("0.5", "0.5"), (".5", "0.5"), ("5.0", "5"), ("5.00", "5"), ("10", "10"), ("100", "100"), ("1000", "1,000"),
        ("12345.60", "12,345.6"), ("0.50", "0.5"), ("1E+2", "100"), ("1e-3", "0.001"), ("-2.50", "-2.5"), ("0", "0"),
        ("1e999", "1e999"), ("NaN", "NaN"), ("a lot", "a lot"),
    ],
)  # fmt: skip
def test_numbers_cannot_be_misread(text: str, safe: str) -> None:
    assert safe_number(text) == safe


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=0, max_value=10**9))
def test_a_safe_number_is_the_same_number(number: Any) -> None:
    text = safe_number(str(number))
    assert float(text.replace(",", "")) == float(number)
    assert not text.endswith((".", ".0"))
    assert not text.startswith(".")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("10", "U", "10 units"), ("1", "IU", "1 unit"), ("10", "[iU]", "10 units"), ("100", "U/h", "100 units/hour"),
        ("50", "ug", "50 mcg"), ("50", "µg", "50 mcg"), ("5", "ug/h", "5 mcg/hour"), ("2", "cc", "2 mL"),
        ("1", "TAB", "1 tablet"), ("2", "TAB", "2 tablets"), ("0.5", "{tablet}", "0.5 tablet"),
        ("2", "patch", "2 patches"),
        ("1.5", "tablet(s)", "1.5 tablets"), ("2", "puffs", "2 puffs"), ("5.0", "mg", "5 mg"), ("3", "gtt", "3 drops"),
        ("30", "d", "30 days"), ("1", "wk", "1 week"), ("2", "Squirts", "2 Squirts"), ("4", "", "4"),
    ],
)  # fmt: skip
def test_units_are_written_out(value: str, unit: str, words: str) -> None:
    assert quantity_words(Quantity(value=DecimalText(value), unit=unit or None)) == words


@pytest.mark.parametrize(
    ("dosage", "words"),
    [
        (every(1, 1, "d"), "once a day"),
        (every(2, 1, "d"), "2 times a day"),
        (every(2, 1, "d", frequencyMax=3), "2 to 3 times a day"),
        (every(1, 1, "d", frequencyMax=2), "1 to 2 times a day"),
        (every(1, 8, "h"), "every 8 hours"),
        (every(1, 4, "h", periodMax=6), "every 4 to 6 hours"),
        (every(1, 1, "h"), "every hour"),
        (every(1, 2, "d"), "EVERY 2 DAYS"),
        (every(1, 1, "wk"), "ONCE A WEEK"),
        (every(1, 1, "wk", dayOfWeek=["mon"]), "ONLY ON MONDAY, ONCE A WEEK"),
        (every(1, 1, "d", dayOfWeek=["mon", "thu"]), "ONLY ON MONDAY AND THURSDAY, once a day"),
        (every(1, 1, "d", dayOfWeek=["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), "once a day"),
        (every(2, 3, "wk"), "2 TIMES EVERY 3 WEEKS"),
        (every(1, 1, "mo"), "ONCE A MONTH"),
        (every(1, 1, "a"), "ONCE A YEAR"),
        (every(1, 1, "d", when=["HS"]), "once a day, at bedtime"),
        (every(1, 1, "d", when=["AC"], offset=30), "once a day, 30 minutes before meals"),
        (every(2, 1, "d", timeOfDay=["08:00:00", "20:30:00"]), "2 times a day, at 8:00 AM and 8:30 PM"),
        (every(1, 1, "d", boundsDuration={"value": 7, "unit": "days", "code": "d"}), "once a day, for 7 days"),
        (every(1, 1, "d", boundsPeriod={"start": "2026-01-01", "end": "2026-02-01"}),
         "once a day, from January 1, 2026 until February 1, 2026"),
        (every(1, 1, "d", duration=30, durationUnit="min"), "once a day, over 30 minutes"),
        (every(1, 1, "d", count=10), "once a day, 10 times in all"),
        ({"timing": {"repeat": {"count": 1}}}, "ONLY ONCE"),
        ({"timing": {"code": {"coding": [{"code": "BID"}]}}}, "2 times a day"),
        ({"timing": {"code": {"text": "bid"}}}, "2 times a day"),
        ({"timing": {"code": {"coding": [{"code": "QOD"}]}}}, "EVERY OTHER DAY"),
        ({"timing": {"code": {"text": "with the full moon"}}}, "with the full moon"),
        ({"asNeededBoolean": True}, "as needed"),
        ({"asNeededCodeableConcept": {"text": "pain"}}, "as needed for pain"),
        ({"asNeededBoolean": False}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_timing(dosage: dict[str, Any], words: str | None) -> None:
    assert said(dosage) == words


@pytest.mark.parametrize(
    "dosage",
    [
        dose(),
        dose(timing={}),
        dose(timing={"repeat": {}}),
        dose(timing={"repeat": {"frequency": 2}}),
        dose(timing={"event": ["2026-01-01"]}),
        {"route": {"text": "Oral"}},
    ],
)
def test_what_has_no_timing_is_never_daily(dosage: dict[str, Any]) -> None:
    words = said(dosage)
    assert words is not None
    assert words.endswith("how often is not said")
    assert "day" not in words


@pytest.mark.parametrize(
    "repeat", [{"count": 1, "periodUnit": "d"}, {"frequency": 1, "period": 1, "periodUnit": "fortnight"}]
)
def test_a_timing_that_contradicts_itself_is_not_clear(repeat: dict[str, Any]) -> None:
    assert said(dose(timing={"repeat": repeat})) == "1 tablet, how often is not clear"


def test_the_whole_instruction() -> None:
    assert said(dose(2, "[iU]") | every(1, 1, "d") | {"route": {"coding": [{"code": "34206005"}]}}) == (
        "2 units, under the skin, once a day"
    )
    assert said(dose(2, "", **every(1, 1, "d"))) == "2 each time, once a day"
    low_high = {"low": {"value": 1, "unit": "tablet"}, "high": {"value": 2, "unit": "tablet"}}
    assert said({"doseAndRate": [{"doseRange": low_high}], **every(1, 6, "h")}) == "1 to 2 tablets, every 6 hours"
    rate = {"numerator": {"value": 100, "unit": "mL"}, "denominator": {"value": 1, "unit": "h"}}
    assert said({"doseAndRate": [{"rateRatio": rate}], "asNeededBoolean": True}) == "100 mL per hour, as needed"
    most = {"numerator": {"value": 8, "unit": "tablet"}, "denominator": {"value": 24, "unit": "h"}}
    assert said(dose() | every(1, 4, "h") | {"maxDosePerPeriod": most}) == (
        "1 tablet, every 4 hours, no more than 8 tablets in 24 hours"
    )
    assert said(dose(method={"text": "Chew"}) | every(1, 1, "d")) == "Chew: 1 tablet, once a day"


def test_the_prescribers_own_text_goes_before_the_structure() -> None:
    assert said(dose(5, "mg") | every(1, 1, "d") | {"text": "Take as told"}) == "Take as told"
    assert said({"text": "One daily.", "patientInstruction": "With water"}) == "One daily. With water"
    assert said({"text": "One daily with water", "patientInstruction": "with water"}) == "One daily with water"


def test_several_instructions_follow_or_stand_side_by_side() -> None:
    taper = [{"sequence": 1, "text": "2 tablets for 3 days"}, {"sequence": 2, "text": "1 tablet for 3 days"}]
    assert said(*taper) == "2 tablets for 3 days; then 1 tablet for 3 days"
    assert said({"text": "1 in the morning"}, {"text": "2 at night"}) == "1 in the morning; and 2 at night"
    assert said({"sequence": 1, "text": "a"}, {"sequence": 1, "text": "b"}) == "a; and b"
