"""What the person writes about their own allergies, as FHIR: an AllergyIntolerance that no clinic has confirmed."""

from __future__ import annotations

from typing import Any

from phr_desktop.domain.clinical import AllergyIntolerance
from phr_desktop.domain.medicines import OwnAllergy
from phr_desktop.fhir.decode import Json, canonical, decode

CATEGORIES = ("medication", "food", "environment")
_TERMS = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"


def allergy(entry: OwnAllergy, identifier: str, person_name: str, recorded: str) -> bytes:
    """The entry's resource. `recorded` is an instant as text."""
    whole: dict[str, Any] = {
        "resourceType": "AllergyIntolerance",
        "id": identifier,
        "clinicalStatus": _state("clinical", "active"),
        "verificationStatus": _state("verification", "unconfirmed"),
        "category": [entry.category] if entry.category else None,
        "criticality": "high" if entry.severe else None,
        "code": {"text": entry.substance},
        "patient": {"display": person_name},
        "recordedDate": recorded,
        "reaction": [{"manifestation": [{"text": entry.reaction}]}] if entry.reaction else None,
    }
    return canonical({name: value for name, value in whole.items() if value is not None})


def withdrawn(body: bytes) -> bytes:
    """The same resource, taken back; it has no clinical status then (FHIR, ait-2)."""
    tree = {name: value for name, value in decode(body).items() if name != "clinicalStatus"}
    return canonical({**tree, "verificationStatus": _state("verification", "entered-in-error")})


def entry_of(record: AllergyIntolerance) -> OwnAllergy:
    """The entry that `allergy` wrote."""
    substance = record.code.text if record.code is not None else None
    said = [each.text for reaction in record.reaction for each in reaction.manifestation if each.text]
    return OwnAllergy(
        substance or "", next(iter(said), ""), next(iter(record.category), ""), record.criticality == "high"
    )


def _state(name: str, code: str) -> Json:
    return {"coding": [{"system": f"{_TERMS}{name}", "code": code}]}
