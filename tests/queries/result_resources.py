"""Laboratory results as a portal would send them, for tests."""

from __future__ import annotations

from typing import Any

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def lab(
    id_: str,
    value: float | str | None = 5.8,
    *,
    code: str = "4548-4",
    title: str = "Hemoglobin A1c",
    unit: str = "%",
    unit_code: str | None = None,
    date: str = "2026-08-21",
    low: float | None = 4.0,
    high: float | None = 5.6,
    mark: str | None = None,
    status: str = "final",
    category: str | None = "laboratory",
    **more: Any,
) -> dict[str, Any]:
    """An Observation; a text as `value` gives a valueString, None no value at all."""
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "id": id_,
        "status": status,
        "code": {"text": title, "coding": [{"system": LOINC, "code": code, "display": title}]},
        "effectiveDateTime": date,
    }
    if category is not None:
        resource["category"] = [{"coding": [{"code": category}]}]
    if isinstance(value, str):
        resource["valueString"] = value
    elif value is not None:
        resource["valueQuantity"] = {"value": value, "unit": unit, "system": UCUM, "code": unit_code or unit}
    limits = {
        name: {"value": limit, "unit": unit} for name, limit in (("low", low), ("high", high)) if limit is not None
    }
    if limits and not isinstance(value, str):
        resource["referenceRange"] = [limits]
    if mark is not None:
        resource["interpretation"] = [{"coding": [{"system": INTERPRETATION, "code": mark}]}]
    return resource | more


def report(id_: str, *results: str, date: str = "2026-08-21", **more: Any) -> dict[str, Any]:
    """A DiagnosticReport over Observations named by their ids."""
    return {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"code": "LAB"}]}],
        "code": {"text": "Blood panel", "coding": [{"system": LOINC, "code": "58410-2"}]},
        "effectiveDateTime": date,
        "result": [{"reference": f"Observation/{each}"} for each in results],
        **more,
    }


def blood_pressure(id_: str, systolic: int, diastolic: int, date: str) -> dict[str, Any]:
    """A panel with two components and no value of its own."""
    parts = (("8480-6", "Systolic blood pressure", systolic), ("8462-4", "Diastolic blood pressure", diastolic))
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"text": "Blood pressure", "coding": [{"system": LOINC, "code": "85354-9"}]},
        "effectiveDateTime": date,
        "component": [
            {
                "code": {"text": title, "coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
            }
            for code, title, value in parts
        ],
    }


LABORATORY = {
    "resourceType": "Organization",
    "id": "bay-lab",
    "name": "Bay Reference Lab",
    "telecom": [{"system": "fax", "value": "555-0100"}, {"system": "phone", "value": "555-0142"}],
}
