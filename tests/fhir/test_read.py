"""Reading every type into its record, and telling it in words: the expected words stand beside each fixture.

To write them anew after a change that is meant: PHR_WRITE_EXPECTED=1 pytest tests/fhir/test_read.py, and read the diff.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from phr_desktop.domain import care, clinical, medication_records
from phr_desktop.domain.fhir_types import Concept, FhirDate, OtherRecord, Period, Quantity, Range, Record
from phr_desktop.domain.records import DatePrecision, Standing
from phr_desktop.fhir.details import details
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.fhir.read import CLASSES, read
from tests.fhir.conftest import entries_of

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STATED_TYPES = (
    "Patient Condition AllergyIntolerance MedicationRequest MedicationStatement MedicationDispense "
    "MedicationAdministration Immunization Observation DiagnosticReport Procedure Encounter DocumentReference CareTeam "
    "CarePlan Goal Appointment Slot Coverage ExplanationOfBenefit Claim Invoice Account Communication Task Device "
    "FamilyMemberHistory Practitioner PractitionerRole Organization Location RelatedPerson Consent Provenance "
    "Medication ServiceRequest Specimen QuestionnaireResponse ImagingStudy HealthcareService InsurancePlan "
    "ClaimResponse"
)


def record(name: str) -> Record:
    return read((FIXTURES / f"{name}.json").read_bytes())


def told(one: Record) -> str:
    lines = [f"{one.resource_type}: {one.title}", f"{one.standing.name}"]
    return "\n".join([*lines, *(f"{label}: {text}" for label, text in details(one, NOW))]) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_told_as_expected(name: str) -> None:
    expected = FIXTURES / f"{name}.txt"
    found = told(record(name))
    if os.environ.get("PHR_WRITE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_every_type_that_is_promised_has_a_class_and_a_fixture() -> None:
    assert set(STATED_TYPES.split()) == set(CLASSES)
    assert set(CLASSES) <= {record(name).resource_type for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_reading_and_extracting_agree(name: str) -> None:
    raw = (FIXTURES / f"{name}.json").read_bytes()
    one, columns = read(raw), extract(raw)
    assert (one.title, one.standing, one.resource_type, one.id) == (
        columns.title, columns.standing, columns.type, columns.fhir_id,
    )  # fmt: skip


@pytest.mark.parametrize("name", [n for n in NAMES if n != "broken-fields"])
def test_nothing_in_a_sound_resource_is_left_unread(name: str) -> None:
    assert record(name).unread == ()


def test_a_record_that_is_no_fact_says_why_first() -> None:
    for name in NAMES:
        one = record(name)
        first = details(one)[0]
        assert (one.standing is Standing.STATED) == (one.standing_reason is None)
        assert (first[0] == "Please note") == (one.standing is not Standing.STATED)
    assert record("task").standing_reason == "Rejected: Please see the doctor first"
    assert record("appointment-cancelled").standing_reason == "Cancelled: Patient: Feeling Better"


def test_an_observation_keeps_every_figure_as_text() -> None:
    one = record("observation-quantity")
    assert isinstance(one, clinical.Observation)
    assert one.value == Quantity(comparator="<", value="5.80", unit="%", system="http://unitsofmeasure.org", code="%")
    normal, treatment = one.reference_range
    assert normal.low is not None
    assert normal.low.value == "4.0"
    assert normal.age == Range(low=Quantity(value="18", unit="years", system="http://unitsofmeasure.org", code="a"))
    assert normal.applies_to == (Concept(text="Adults"),)
    assert treatment.text == "under 7.0 with diabetes"
    assert one.effective == FhirDate(
        text="2026-08-21T23:30:00-04:00", utc=1787369400, precision=DatePrecision.TIME, zone="-04:00"
    )


def test_a_medicine_knows_its_concept_from_what_it_contains() -> None:
    one = record("medicationrequest-contained")
    assert isinstance(one, medication_records.MedicationRequest)
    assert one.concept is not None
    assert one.concept.codes() == {"311"}
    missing = record("medicationrequest-name-missing")
    assert isinstance(missing, medication_records.MedicationRequest)
    assert missing.concept is None


def test_a_video_link_comes_from_what_is_declared_and_never_from_a_text() -> None:
    one = record("appointment-video")
    assert isinstance(one, care.Appointment)
    assert one.virtual_service == (
        care.VirtualService(channel="Video visit", address="https://video.example.org/room/12"),
    )
    assert all("evil" not in text for label, text in details(one) if label == "Video visit")
    asked = record("appointment-asked")
    assert isinstance(asked, care.Appointment)
    assert asked.virtual_service == ()
    assert isinstance(asked.requested_period[0], Period)


VIRTUAL = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService"


@pytest.mark.parametrize(
    ("fields", "address", "other"),
    [
        ('"virtualService":[{"addressUrl":"https://a.example/1"}]', "https://a.example/1", None),
        ('"virtualService":[{"addressContactPoint":{"system":"phone","value":"555-3"}}]', None, "555-3"),
        (f'"extension":[{{"url":"{VIRTUAL}","valueUrl":"https://a.example/2"}}]', "https://a.example/2", None),
        (
            f'"extension":[{{"url":"{VIRTUAL}","extension":[{{"url":"address","valueUrl":"javascript:x"}}]}}]',
            None, "javascript:x",
        ),
        (
            '"contained":[{"resourceType":"Location","physicalType":{"coding":[{"code":"vi"}]},'
            '"telecom":[{"system":"url","value":"https://a.example/3"}]}]',
            "https://a.example/3", None,
        ),
    ],
)  # fmt: skip
def test_every_declared_place_of_a_video_visit(fields: str, address: str | None, other: str | None) -> None:
    one = read(b'{"resourceType":"Appointment",%s}' % fields.encode())
    assert isinstance(one, care.Appointment)
    assert [(v.address, v.other) for v in one.virtual_service] == [(address, other)]


@pytest.mark.parametrize(
    "fields",
    [
        '"extension":[{"url":"http://example.org/room","valueUrl":"https://a.example/1"}]',
        '"comment":"https://a.example/1"',
        '"virtualService":[{"addressUrl":5}]',
        '"virtualService":"https://a.example/1"',
        '"contained":[{"resourceType":"Location","telecom":[{"system":"url","value":"https://a.example/3"}]}]',
    ],
)
def test_what_is_not_declared_is_no_video_link(fields: str) -> None:
    one = read(b'{"resourceType":"Appointment",%s}' % fields.encode())
    assert isinstance(one, care.Appointment)
    assert one.virtual_service == ()


def test_wrong_types_count_as_not_given_and_are_named() -> None:
    one = record("broken-fields")
    assert isinstance(one, clinical.Observation)
    assert one.status == "final"
    assert one.value is None
    assert one.interpretation == (Concept(coding=one.interpretation[0].coding),)
    assert set(one.unread) >= {
        "subject", "effectiveDateTime", "valueQuantity.value", "valueQuantity.unit", "interpretation[0]",
        "component[0].valueInteger", "component[1]", "note",
    }  # fmt: skip


def test_a_type_without_a_class_is_told_all_the_same() -> None:
    one = record("nutritionorder")
    assert isinstance(one, OtherRecord)
    assert ("Oral diet, type", "Low salt") in details(one)
    assert one.narrative == "Low & slow\ndiet"


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"id":"1"}', b"{"])
def test_what_is_no_resource_says_so(raw: bytes) -> None:
    with pytest.raises(MalformedResource):
        read(raw)


@pytest.mark.corpus
def test_the_whole_corpus_is_read_and_told(corpus_files: list[Path]) -> None:
    for path in corpus_files:
        for entry in entries_of(path):
            one = read(entry.raw)
            assert one.unread == (), (path.name, one.resource_type)
            assert one.title.strip()
            for label, text in details(one):
                assert label.strip()
                assert text.strip()
                assert "None" not in label
