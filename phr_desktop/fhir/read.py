"""Resources understood: `read` gives the record's dataclass, whatever its type."""

from __future__ import annotations

from typing import Any

import msgspec

from phr_desktop.domain import care, clinical, coverage, directory, medication_records
from phr_desktop.domain.fhir_types import OtherRecord, Record
from phr_desktop.domain.records import Standing
from phr_desktop.fhir.concepts import codes_of, words_of
from phr_desktop.fhir.decode import Json, canonical, decimal_text, decode
from phr_desktop.fhir.markup import plain_text
from phr_desktop.fhir.reading import read_fields
from phr_desktop.fhir.shapes import OTHER, SHAPES
from phr_desktop.fhir.standing import standing_of
from phr_desktop.fhir.titles import title_of
from phr_desktop.fhir.value_words import code_words
from phr_desktop.fhir.video import virtual_services

DomainRecord = Record

CLASSES: dict[str, type[Record]] = {
    cls.__name__: cls
    for cls in (
        care.Appointment, care.CarePlan, care.CareTeam, care.Communication, care.Consent, care.Device, care.Goal,
        care.Provenance, care.ServiceRequest, care.Slot, care.Task, clinical.AllergyIntolerance, clinical.Condition,
        clinical.DiagnosticReport, clinical.DocumentReference, clinical.Encounter, clinical.FamilyMemberHistory,
        clinical.ImagingStudy, clinical.Immunization, clinical.Observation, clinical.Procedure,
        clinical.QuestionnaireResponse, clinical.Specimen, coverage.Account, coverage.Claim, coverage.ClaimResponse,
        coverage.Coverage, coverage.ExplanationOfBenefit, coverage.InsurancePlan, coverage.Invoice,
        directory.HealthcareService, directory.Location, directory.Organization, directory.Patient,
        directory.Practitioner, directory.PractitionerRole, directory.RelatedPerson, medication_records.Medication,
        medication_records.MedicationAdministration, medication_records.MedicationDispense,
        medication_records.MedicationRequest, medication_records.MedicationStatement,
    )
}  # fmt: skip

MAX_NARRATIVE = 20_000  # characters
MAX_ELEMENTS = 300  # plain values shown of a type without a class
_OURS = frozenset(
    {
        "resource_type", "title", "standing", "standing_reason", "narrative", "narrative_generated", "contained",
        "unread", "virtual_service",
    }
)  # fmt: skip
_UNSHOWN = frozenset(
    {"resourceType", "id", "meta", "contained", "data", "system", "url", "extension", "reference", "linkId", "language"}
)

_STANDING_WORDS = {
    Standing.WITHDRAWN: "Entered in error: its source has withdrawn it",
    Standing.REFUTED: "Ruled out",
    Standing.NOT_DONE: "Not done",
    Standing.NOT_TAKEN: "Not taken",
    Standing.CANCELLED: "Cancelled",
    Standing.PROHIBITED: "Not to be done",
    Standing.UNKNOWN_MODIFIER: "Its source changes its meaning in a way that this program does not know",
}
_STATUS_WORDS = {
    "noshow": "Nobody came",
    "rejected": "Rejected",
    "revoked": "Called off",
    "declined": "Declined",
    "abandoned": "Given up",
    "aborted": "Broken off",
    "failed": "Tried, but it failed",
}
_REASONS = ("statusReason", "cancelationReason", "cancelledReason", "statusReasonCodeableConcept")


def read(raw: bytes) -> DomainRecord:
    """The record in a resource's bytes. Raises MalformedResource for bytes that are no resource, and nothing else."""
    return read_tree(decode(raw))


def read_tree(tree: Json) -> DomainRecord:
    """The same for a decoded resource."""
    type_ = tree["resourceType"]
    unread: list[str] = []
    system_code_title = title_of(type_, tree, SHAPES.get(type_, OTHER))
    standing = Standing(standing_of(type_, tree, canonical(tree)))
    common: Json = {
        "resource_type": type_,
        "title": system_code_title[2],
        "standing": standing,
        "standing_reason": _reason(tree, standing),
        "narrative": _narrative(tree),
        "narrative_generated": _is_generated(tree),
        "contained": _contained(tree),
    }
    cls = CLASSES.get(type_)
    if cls is None:
        return _other(tree, common)
    fields = read_fields(cls, tree, "", unread, _OURS)
    if cls is care.Appointment:
        fields["virtual_service"] = virtual_services(tree)
    return cls(**common, **fields, unread=tuple(unread))


def _other(tree: Json, common: Json) -> OtherRecord:
    id_, status = tree.get("id"), tree.get("status")
    return OtherRecord(
        **common,
        id=id_ if isinstance(id_, str) else None,
        status=status if isinstance(status, str) else None,
        elements=_elements(tree),
    )


def _reason(tree: Json, standing: Standing) -> str | None:
    """Why a record is no fact, with the source's own reason where it gives one."""
    if standing is Standing.STATED:
        return None
    status = tree.get("status")
    words = _STANDING_WORDS[standing]
    if standing in (Standing.CANCELLED, Standing.NOT_DONE) and isinstance(status, str):
        words = _STATUS_WORDS.get(status, words)
    for name in _REASONS:
        given = tree.get(name)
        given = given[0] if isinstance(given, list) and given else given
        said = given if isinstance(given, str) else words_of(given) if isinstance(given, dict) else None
        if said:
            return f"{words}: {code_words(said) if said in codes_of(given) else said}"
    return words


def _narrative(tree: Json) -> str | None:
    text = tree.get("text")
    div = text.get("div") if isinstance(text, dict) else None
    return _shown(div) if isinstance(div, str) else None


def _shown(div: str) -> str | None:
    return plain_text(div[: MAX_NARRATIVE * 4])[:MAX_NARRATIVE] or None


def _is_generated(tree: Json) -> bool:
    text = tree.get("text")
    return isinstance(text, dict) and text.get("status") == "generated"


def _contained(tree: Json) -> tuple[Record, ...]:
    given = tree.get("contained")
    resources = given if isinstance(given, list) else []
    return tuple(
        read_tree(one)
        for one in resources
        if isinstance(one, dict) and isinstance(one.get("resourceType"), str) and one["resourceType"]
    )


def _elements(tree: Json) -> tuple[tuple[str, str], ...]:
    """Path and words of each plain value, in the source's order; addresses, systems and raw data are left out."""
    found: list[tuple[str, str]] = []
    todo: list[tuple[str, Any]] = [(key, value) for key, value in reversed(tree.items()) if key != "text"]
    while todo and len(found) < MAX_ELEMENTS:
        path, value = todo.pop()
        if path.rpartition(".")[2] in _UNSHOWN or path.startswith("_"):
            continue
        whole = _whole(value) if isinstance(value, dict) else _plain(value)
        if whole:
            found.append((path, whole))
        elif isinstance(value, dict):
            todo.extend((f"{path}.{key}", inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list):
            todo.extend((path, inner) for inner in reversed(value))
    return tuple(found)


def _whole(value: Json) -> str | None:
    """The words of a concept, narrative, coding, reference or quantity; None for any other object."""
    if "coding" in value or value.keys() == {"text"}:
        return words_of(value)
    if isinstance(value.get("div"), str):
        return _shown(value["div"])
    if isinstance(value.get("display"), str):
        return words_of({"coding": [value]})
    number = decimal_text(value.get("value"))
    unit = next((value[k] for k in ("unit", "currency", "code") if isinstance(value.get(k), str)), None)
    return f"{number} {unit}" if number and unit else None


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value if value.strip() else None
    return decimal_text(value) if isinstance(value, int | msgspec.Raw) else None
