"""What negates or withdraws a record is understood in every type: the rule that keeps a refuted cancer off a list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phr_desktop.domain.records import Standing
from phr_desktop.fhir.extract import extract

TYPES_WITH_STATUS = (
    "Account Appointment CarePlan CareTeam Claim ClaimResponse Communication Consent Coverage Device DiagnosticReport "
    "DocumentReference Encounter ExplanationOfBenefit FamilyMemberHistory Flag ImagingStudy Immunization Invoice "
    "MedicationAdministration MedicationDispense MedicationRequest MedicationStatement Observation Procedure "
    "QuestionnaireResponse ServiceRequest Slot Specimen Task DetectedIssue SomeTypeOfTheFuture"
)


def standing(type_: str, **fields: Any) -> Standing:
    return Standing(extract(json.dumps({"resourceType": type_, **fields}).encode()).standing)


def concept(*codes: str) -> dict[str, Any]:
    return {"coding": [{"system": "s", "code": code} for code in codes]}


@pytest.mark.parametrize("type_", TYPES_WITH_STATUS.split())
def test_entered_in_error_withdraws_every_type(type_: str) -> None:
    assert standing(type_, status="entered-in-error") is Standing.WITHDRAWN


@pytest.mark.parametrize("type_", ["Condition", "AllergyIntolerance"])
def test_a_refuted_or_withdrawn_diagnosis_is_no_fact(type_: str) -> None:
    assert standing(type_, verificationStatus=concept("refuted")) is Standing.REFUTED
    assert standing(type_, verificationStatus=concept("entered-in-error")) is Standing.WITHDRAWN
    assert standing(type_, verificationStatus=concept("confirmed", "refuted")) is Standing.REFUTED
    assert standing(type_, verificationStatus={"text": "Entered in error"}) is Standing.WITHDRAWN
    assert standing(type_, verificationStatus="refuted") is Standing.REFUTED
    assert standing(type_, verificationStatus=concept("confirmed")) is Standing.STATED
    assert standing(type_, verificationStatus=concept("unconfirmed")) is Standing.STATED


@pytest.mark.parametrize(
    ("type_", "status", "meaning"),
    [
        ("Immunization", "not-done", Standing.NOT_DONE),
        ("Procedure", "not-done", Standing.NOT_DONE),
        ("Communication", "not-done", Standing.NOT_DONE),
        ("MedicationAdministration", "not-done", Standing.NOT_DONE),
        ("Task", "failed", Standing.NOT_DONE),
        ("MedicationStatement", "not-taken", Standing.NOT_TAKEN),
        ("MedicationRequest", "cancelled", Standing.CANCELLED),
        ("MedicationDispense", "cancelled", Standing.CANCELLED),
        ("MedicationDispense", "declined", Standing.CANCELLED),
        ("Appointment", "cancelled", Standing.CANCELLED),
        ("Appointment", "noshow", Standing.CANCELLED),
        ("Observation", "cancelled", Standing.CANCELLED),
        ("Encounter", "cancelled", Standing.CANCELLED),
        ("ExplanationOfBenefit", "cancelled", Standing.CANCELLED),
        ("Claim", "cancelled", Standing.CANCELLED),
        ("Invoice", "cancelled", Standing.CANCELLED),
        ("Coverage", "cancelled", Standing.CANCELLED),
        ("ServiceRequest", "revoked", Standing.CANCELLED),
        ("CarePlan", "revoked", Standing.CANCELLED),
        ("Task", "rejected", Standing.CANCELLED),
        ("Consent", "rejected", Standing.CANCELLED),
        ("SupplyDelivery", "abandoned", Standing.CANCELLED),
        ("FutureOrder", "cancelled", Standing.CANCELLED),
    ],
)
def test_what_did_not_happen_is_no_fact(type_: str, status: str, meaning: Standing) -> None:
    assert standing(type_, status=status) is meaning


@pytest.mark.parametrize(
    "status", ["stopped", "completed", "on-hold", "inactive", "active", "final", "unknown", "draft"]
)
def test_what_merely_ended_stays_a_fact(status: str) -> None:
    assert standing("MedicationRequest", status=status) is Standing.STATED


@pytest.mark.parametrize("status", ["Entered in Error", "ENTERED_IN_ERROR", "entered in error", " entered-in-error "])
def test_another_spelling_of_a_withdrawal_still_withdraws(status: str) -> None:
    assert standing("Observation", status=status) is Standing.WITHDRAWN


@pytest.mark.parametrize("status", ["something-new", 5, [], {}, None, True])
def test_a_status_that_is_none_leaves_the_record_stated(status: Any) -> None:
    assert standing("Observation", status=status) is Standing.STATED


def test_a_goal_and_a_document_have_their_own_elements() -> None:
    assert standing("Goal", lifecycleStatus="entered-in-error") is Standing.WITHDRAWN
    assert standing("Goal", lifecycleStatus="cancelled") is Standing.CANCELLED
    assert standing("Goal", lifecycleStatus="completed") is Standing.STATED
    assert standing("DocumentReference", status="current", docStatus="entered-in-error") is Standing.WITHDRAWN
    assert standing("DocumentReference", status="superseded", docStatus="final") is Standing.STATED


def test_do_not_perform_prohibits() -> None:
    assert standing("MedicationRequest", status="active", doNotPerform=True) is Standing.PROHIBITED
    assert standing("ServiceRequest", status="active", doNotPerform=True) is Standing.PROHIBITED
    assert standing("MedicationRequest", status="active", doNotPerform=False) is Standing.STATED
    assert standing("MedicationRequest", status="cancelled", doNotPerform=True) is Standing.CANCELLED
    known = {"url": "http://hl7.org/fhir/StructureDefinition/request-doNotPerform", "valueBoolean": True}
    assert standing("DeviceRequest", modifierExtension=[known]) is Standing.PROHIBITED
    assert standing("DeviceRequest", modifierExtension=[known | {"valueBoolean": False}]) is Standing.STATED
    assert standing("DeviceRequest", status="cancelled", modifierExtension=[known]) is Standing.CANCELLED


UNKNOWN = [{"url": "http://example.org/the-opposite", "valueBoolean": True}]


@pytest.mark.parametrize(
    "fields",
    [
        {"modifierExtension": UNKNOWN},
        {"component": [{"modifierExtension": UNKNOWN}]},
        {"dosageInstruction": [{"timing": {}, "modifierExtension": UNKNOWN}]},
        {"contained": [{"resourceType": "Medication", "modifierExtension": UNKNOWN}]},
        {"content": [{"attachment": {"x": [{"modifierExtension": UNKNOWN}]}}]},
        {"modifierExtension": {"url": "http://example.org/not-even-a-list"}},
        {"implicitRules": "http://example.org/rules"},
    ],
)
def test_an_unknown_modifier_anywhere_holds_the_record_back(fields: dict[str, Any]) -> None:
    assert standing("Observation", status="final", **fields) is Standing.UNKNOWN_MODIFIER
    assert standing("Observation", status="cancelled", **fields) is Standing.UNKNOWN_MODIFIER
    assert standing("Observation", status="entered-in-error", **fields) is Standing.WITHDRAWN


def test_an_empty_modifier_or_the_word_alone_changes_nothing() -> None:
    assert standing("Observation", status="final", modifierExtension=[]) is Standing.STATED
    assert standing("Observation", status="final", note=[{"text": "modifierExtension"}]) is Standing.STATED
    assert standing("Observation", extension=UNKNOWN) is Standing.STATED


@pytest.mark.parametrize(
    ("type_", "fields", "meaning"),
    [
        ("Immunization", {"notGiven": True}, Standing.NOT_DONE),
        ("Immunization", {"wasNotGiven": True}, Standing.NOT_DONE),
        ("Procedure", {"notDone": True}, Standing.NOT_DONE),
        ("MedicationStatement", {"taken": "n"}, Standing.NOT_TAKEN),
        ("MedicationStatement", {"taken": "y"}, Standing.STATED),
        ("MedicationStatement", {"wasNotTaken": True}, Standing.NOT_TAKEN),
    ],
)
def test_the_negations_of_older_fhir_are_heard(type_: str, fields: dict[str, Any], meaning: Standing) -> None:
    assert standing(type_, status="completed", **fields) is meaning
