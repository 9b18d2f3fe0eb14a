"""Small FHIR resources that tests of several rooms store."""

from __future__ import annotations

from typing import Any


def visit(id_: str = "v1", start: str = "2026-11-24T10:20:00-08:00", **more: Any) -> dict[str, Any]:
    """A booked visit of half an hour."""
    return {
        "resourceType": "Appointment",
        "id": id_,
        "status": "booked",
        "description": f"Visit {id_}",
        "start": start,
        "minutesDuration": 30,
        "participant": [
            {"actor": {"reference": "Patient/p"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/ruiz", "display": "Dr. Alma Ruiz"}, "status": "accepted"},
        ],
        **more,
    }


def lab(
    id_: str, title: str, day: str, *, value: float = 4.3, text: str | None = None, mark: str | None = None
) -> dict[str, Any]:
    """A laboratory result with a figure and the lab's range, or with words; marked by the lab where `mark` is given."""
    quantity = {"value": value, "unit": "mmol/L"}
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"text": title},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": day,
        **({"valueString": text} if text is not None else {"valueQuantity": quantity}),
    }
    if text is None:
        found["referenceRange"] = [{"low": {"value": 3.5}, "high": {"value": 5.1}}]
    if mark is not None:
        found["interpretation"] = [{"coding": [{"code": mark}]}]
    return found
