"""Extraction: what lists, trends and search know of a record, and that nothing is ever lost or made up."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from phr_desktop.domain.records import Extracted, Kind
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.fhir.titles import MEDICATION_NAME_NOT_RECEIVED

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"


def ex(type_: str, **fields: Any) -> Extracted:
    return extract(json.dumps({"resourceType": type_, **fields}).encode())


def concept(
    display: str | None = None, code: str = "c", system: str = SNOMED, text: str | None = None
) -> dict[str, Any]:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


# --- what cannot be read


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b'{"resourceType":"X","a":NaN}', "not-json"),
        (b'{"resourceType":"X","a":"\xff"}', "not-json"),
        (b'{"resourceType":"X","a":"\\ud800"}', "not-json"),
        (b"[1]", "not-an-object"),
        (b"null", "not-an-object"),
        (b"{}", "no-resource-type"),
        (b'{"resourceType":""}', "no-resource-type"),
        (b'{"resourceType":7}', "no-resource-type"),
        (b'{"resourceType":"X","status":"final","status":"entered-in-error"}', "duplicate-keys"),
        (b'{"resourceType":"X","code":{"text":"a", "text" : "b"}}', "duplicate-keys"),
        (b'{"resourceType":"X","a":' + b"9" * 6000 + b"}", "number-too-long"),
        (b'{"resourceType":"X","a":' + b'{"a":' * 64 + b"1" + b"}" * 65, "too-deep"),
        (b'{"resourceType":"X","a":' + b'[{"a":' * 40 + b"1" + b"}]" * 40 + b"}", "too-deep"),
        (b'{"resourceType":"X","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too-deep"),
        (b'{"resourceType":"X","note":"' + b"x" * (8 * 1024 * 1024 + 1) + b'"}', "text-too-long"),
    ],
)
def test_what_cannot_be_read_says_why_and_nothing_of_its_content(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedResource) as refused:
        extract(raw)
    assert refused.value.reason_code == reason
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_deep_but_allowed_and_a_wide_resource_are_read() -> None:
    assert extract(b'{"resourceType":"X","a":' + b'{"a":' * 62 + b"1" + b"}" * 63).type == "X"
    assert ex("X", a=[{"b": {"c": [n]}} for n in range(200)]).type == "X"


def test_a_document_longer_than_a_text_may_be_is_read() -> None:
    data = "A" * (8 * 1024 * 1024 + 4)
    assert len(ex("Binary", contentType="application/pdf", data=data).attachments[0].data or b"") > 6 * 1024 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        b'{"resourceType":"X","a":"one \\" two \\":","b":"\\u00e9 \\/ \xc3\xa9"}',
        b'{\n  "resourceType" : "X" ,\n  "a" : { "\\u0061" : 1 }\n}',
        b'{"resourceType":"X","meta":{"versionId":"\\u0031","lastUpdated":"2020-01-01T00:00:00Z","tag":[]}}',
        b'{"meta":{"versionId":"1"},"resourceType":"X"}',
        b'{"meta":{"versionId":1},"resourceType":"X"}',
    ],
)
def test_escapes_white_space_and_versions_are_no_duplicates(raw: bytes) -> None:
    assert extract(raw).type == "X"


# --- identity and hash


def test_identity_is_the_id_else_the_full_url_else_the_content() -> None:
    assert ex("Patient", id="a").identity == "a"
    raw = b'{"resourceType":"Patient"}'
    assert extract(raw, "urn:uuid:1").identity == "url:urn:uuid:1"
    assert extract(raw).identity == f"sha256:{extract(raw).content_hash.hex()}"
    assert ex("Patient", id="").fhir_id is None
    assert ex("Patient", id="x" * 255).fhir_id == "x" * 255


def test_the_hash_knows_content_only() -> None:
    one = extract(
        b'{"resourceType":"X","a":{"b":0.10,"c":1},"meta":{"versionId":"1","lastUpdated":"2020-01-01","profile":["p"]}}'
    )
    again = extract(b'{ "meta":{"profile":["p"],"versionId":"2"}, "a":{"c":1,"b":0.10}, "resourceType":"X" }')
    assert one.content_hash == again.content_hash
    assert (one.version_id, one.last_updated, again.version_id) == ("1", "2020-01-01", "2")
    assert (
        extract(b'{"resourceType":"X","meta":{"versionId":"1"}}').content_hash
        == extract(b'{"resourceType":"X"}').content_hash
    )


@pytest.mark.parametrize(
    "other",
    [
        b'{"resourceType":"X","a":{"b":0.1,"c":1}}',
        b'{"resourceType":"X","a":{"b":"0.10","c":1}}',
        b'{"resourceType":"X","a":{"b":1e-1,"c":1}}',
        b'{"resourceType":"X","a":{"b":0.10,"c":"1"}}',
        b'{"resourceType":"X","a":{"b":0.10,"c":1},"meta":{"source":"s"}}',
    ],
)
def test_the_hash_knows_the_text_of_decimals(other: bytes) -> None:
    assert extract(other).content_hash != extract(b'{"resourceType":"X","a":{"b":0.10,"c":1}}').content_hash


def test_the_body_is_the_sources_bytes() -> None:
    raw = b'{ "resourceType":"X",\n "v":1.50 }'
    assert extract(raw).body == raw


# --- kind


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("MedicationRequest", Kind.MEDICATIONS), ("MedicationStatement", Kind.MEDICATIONS),
        ("MedicationDispense", Kind.MEDICATIONS), ("MedicationAdministration", Kind.RECORDS),
        ("Appointment", Kind.APPOINTMENTS), ("DiagnosticReport", Kind.RESULTS), ("Condition", Kind.CONDITIONS),
        ("AllergyIntolerance", Kind.ALLERGIES), ("Immunization", Kind.IMMUNIZATIONS), ("Procedure", Kind.PROCEDURES),
        ("Encounter", Kind.ENCOUNTERS), ("DocumentReference", Kind.DOCUMENTS), ("Coverage", Kind.RECORDS),
        ("TypeOfTheFuture", Kind.RECORDS), ("Observation", Kind.RECORDS),
    ],
)  # fmt: skip
def test_kind_by_type(type_: str, kind: Kind) -> None:
    assert ex(type_).kind == kind


CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
V2_0074 = "http://terminology.hl7.org/CodeSystem/v2-0074"


@pytest.mark.parametrize(
    ("category", "kind", "code"),
    [
        ([concept(code="laboratory", system=CATEGORY)], Kind.RESULTS, "laboratory"),
        ([concept(code="vital-signs", system=CATEGORY)], Kind.MEASUREMENTS, "vital-signs"),
        ([concept(code="sdoh"), concept(code="survey", system=CATEGORY)], Kind.RECORDS, "sdoh"),
        ([concept(code="imaging"), concept(code="laboratory")], Kind.RESULTS, "laboratory"),
        ([{"text": "Laboratory"}], Kind.RESULTS, "laboratory"),
        ([concept(code="LAB", system=V2_0074)], Kind.RESULTS, "laboratory"),
        ([concept(code="CH", system=V2_0074)], Kind.RESULTS, "laboratory"),
        ([concept(code="MB", system=V2_0074)], Kind.RESULTS, "laboratory"),
        ([concept(code="RAD", system=V2_0074)], Kind.RECORDS, "RAD"),
        ([{"text": "Vital Signs"}], Kind.MEASUREMENTS, "vital-signs"),
        (concept(code="laboratory"), Kind.RESULTS, "laboratory"),
        ([concept(code="exam")], Kind.RECORDS, "exam"),
        ([], Kind.RECORDS, None),
        ("laboratory", Kind.RESULTS, "laboratory"),
        (5, Kind.RECORDS, None),
    ],
)
def test_an_observation_is_what_its_category_says(category: Any, kind: Kind, code: str | None) -> None:
    found = ex("Observation", category=category, code=concept("Glucose", "2345-7", LOINC))
    assert (found.kind, found.category) == (kind, code)


def test_without_a_category_only_fhirs_own_vital_signs_are_measurements() -> None:
    assert ex("Observation", code=concept("Weight", "29463-7", LOINC)).kind == Kind.MEASUREMENTS
    assert ex("Observation", code=concept("Weight", "29463-7", "urn:other")).kind == Kind.RECORDS
    assert ex("Observation", code=concept("Glucose", "2345-7", LOINC)).kind == Kind.RECORDS
    assert (
        ex("Observation", category=[concept(code="exam")], code=concept("Weight", "29463-7", LOINC)).kind
        == Kind.RECORDS
    )


@pytest.mark.parametrize(
    ("type_", "fields", "category"),
    [
        ("MedicationRequest", {"category": [concept(code="inpatient")]}, "inpatient"),
        ("MedicationStatement", {"category": concept(code="community")}, "community"),
        ("Encounter", {"class": {"system": "v3", "code": "IMP"}}, "IMP"),
        ("AllergyIntolerance", {"category": ["food", "medication"]}, "food"),
        ("ExplanationOfBenefit", {"use": "preauthorization"}, "preauthorization"),
        ("DiagnosticReport", {"category": [concept(code="LAB")]}, "LAB"),
        ("DocumentReference", {"category": []}, None),
        ("Condition", {"category": [5]}, None),
    ],
)
def test_category_by_type(type_: str, fields: dict[str, Any], category: str | None) -> None:
    assert ex(type_, **fields).category == category


# --- title and code


@pytest.mark.parametrize(
    ("type_", "fields", "title"),
    [
        ("Condition", {"code": {"text": " High\n blood  sugar ", "coding": [{"display": "H"}]}}, "High blood sugar"),
        ("Condition", {"code": concept("Gingivitis (disorder)")}, "Gingivitis"),
        ("Condition", {"code": concept("Burn (second degree)")}, "Burn (second degree)"),
        ("Condition", {"code": concept(code="44054006")}, "Health problem (44054006)"),
        ("Condition", {"code": {"coding": [{"code": "a"}, {"code": "b", "display": "Named second"}]}}, "Named second"),
        ("Condition", {"code": {"text": "   "}, "text": {"div": "<p><b>Asthma</b> of old</p>"}}, "Asthma of old"),
        ("Condition", {}, "Health problem"),
        ("Condition", {"code": "E11"}, "E11"),
        ("Condition", {"code": 5}, "Health problem"),
        ("Goal", {"description": {"text": "Walk daily"}}, "Walk daily"),
        ("CarePlan", {"title": "Foot care", "category": [concept("Assess and plan")]}, "Foot care"),
        ("CarePlan", {"category": [concept("Assess and plan")]}, "Assess and plan"),
        ("Encounter", {"type": [concept("Check-up (procedure)")]}, "Check-up"),
        ("Encounter", {"class": {"code": "EMER", "display": "emergency"}}, "Emergency visit"),
        ("Encounter", {"class": {"code": "XYZ", "display": "spaceship"}}, "spaceship"),
        ("DocumentReference", {"type": concept("Discharge summary"), "description": "d"}, "Discharge summary"),
        ("DocumentReference", {"content": [{"attachment": {"title": "scan.pdf"}}]}, "scan.pdf"),
        ("Appointment", {"description": "Eye test", "serviceType": [concept("Optics")]}, "Eye test"),
        ("Appointment", {"serviceType": [concept("Optics")]}, "Optics"),
        ("Coverage", {"payor": [{"display": "Harbor Health"}], "class": [{"name": "Gold"}]}, "Harbor Health"),
        ("Coverage", {"class": [{"value": "1"}, {"name": "Gold"}]}, "Gold"),
        ("ExplanationOfBenefit", {"type": concept(code="pharmacy"), "item": [{}]}, "Pharmacy claim"),
        ("ExplanationOfBenefit", {"item": [{"productOrService": concept("X-ray")}, {}, {}]}, "X-ray and 2 more"),
        ("Patient", {"name": [{"family": "X", "use": "old"}, {"family": "Lee", "given": ["Ana", "Mo"]}]}, "Ana Mo Lee"),
        ("Practitioner", {"name": [{"text": "Dr. Bone"}]}, "Dr. Bone"),
        ("PractitionerRole", {"practitioner": {"display": "Dr. B"}, "specialty": [{"text": "Skin"}]}, "Dr. B, Skin"),
        ("Provenance", {"agent": [{"who": {"display": "Dr. B"}}]}, "Where a record came from: Dr. B"),
        ("Provenance", {"target": [{"display": "A1c"}]}, "Where a record came from"),
        ("Provenance", {"activity": concept("create")}, "Where a record came from"),
        ("Organization", {"name": "Acme"}, "Acme"),
        ("Device", {"deviceName": [{"name": "Pacer 3"}], "type": {"text": "Pacemaker"}}, "Pacer 3"),
        ("FamilyMemberHistory", {"relationship": {"text": "son"}, "condition": [{"code": {"text": "M"}}]}, "Son: M"),
        ("Communication", {"payload": [{"contentString": "Your result is in."}]}, "Your result is in."),
        ("Task", {"description": "Refill", "code": concept("fulfill")}, "Refill"),
        ("Slot", {}, "Free time for an appointment"),
        ("ImagingStudy", {"modality": [{"code": "CT", "display": "Computed tomography"}]}, "Computed tomography"),
        ("QuestionnaireResponse", {"_questionnaire": {"extension": [{"valueString": "PHQ-9"}]}}, "PHQ-9"),
        ("Binary", {"contentType": "application/pdf"}, "Document contents (application/pdf)"),
        ("MolecularSequence", {}, "Molecular sequence"),
        ("X", {"name": "Something"}, "Something"),
        ("Invoice", {}, "Bill"),
    ],
)  # fmt: skip
def test_a_title_is_found_and_never_blank(type_: str, fields: dict[str, Any], title: str) -> None:
    assert ex(type_, **fields).title == title


def test_a_title_is_one_line_of_bounded_length() -> None:
    title = ex("Condition", code={"text": "word\n" * 500}).title
    assert len(title) == 300
    assert "\n" not in title


@pytest.mark.parametrize(
    ("type_", "element", "codings", "code"),
    [
        ("Observation", "code", [("urn:local", "GLU"), (LOINC, "2345-7")], "2345-7"),
        ("Condition", "code", [("http://hl7.org/fhir/sid/icd-10-cm", "E11"), (SNOMED, "44054006")], "44054006"),
        ("MedicationRequest", "medicationCodeableConcept", [(NDC, "1"), ("x", "2"), (RXNORM, "3")], "3"),
        ("MedicationRequest", "medicationCodeableConcept", [("x", "2"), (NDC, "1")], "1"),
        ("MedicationRequest", "medicationCodeableConcept", [("x", "2"), ("y", "4")], "2"),
        ("Immunization", "vaccineCode", [(NDC, "1"), ("http://hl7.org/fhir/sid/cvx", "140")], "140"),
        ("Condition", "code", [("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")], None),
    ],
)
def test_the_code_comes_from_the_system_that_joins_records(
    type_: str, element: str, codings: list[tuple[str, str]], code: str | None
) -> None:
    given = {"coding": [{"system": system, "code": c} for system, c in codings]}
    assert ex(type_, **{element: given}).code == code


def test_a_medicine_is_named_by_concept_contained_reference_or_said_to_be_missing() -> None:
    contained = {"resourceType": "Medication", "id": "m", "code": concept("Axid 150 MG", "1", RXNORM)}
    found = ex("MedicationRequest", contained=[contained], medicationReference={"reference": "#m", "display": "other"})
    assert (found.system, found.code, found.title) == (RXNORM, "1", "Axid 150 MG")
    named = ex("MedicationRequest", medicationReference={"reference": "Medication/1", "display": "Tylenol"})
    assert (named.code, named.title) == (None, "Tylenol")
    for fields in (
        {"medicationReference": {"reference": "Medication/1"}},
        {},
        {"medicationReference": {"reference": "#x"}},
    ):
        missing = ex("MedicationDispense", **fields)
        assert (missing.code, missing.title) == (None, MEDICATION_NAME_NOT_RECEIVED)
    coded = ex("MedicationStatement", medicationCodeableConcept={"coding": [{"system": RXNORM, "code": "1191"}]})
    assert (coded.code, coded.title) == ("1191", "Medicine on a list (1191)")
    mixed = {
        "resourceType": "Medication",
        "ingredient": [{"itemCodeableConcept": {"text": "Zinc"}}, {"itemCodeableConcept": {"text": "Iron"}}],
    }
    assert ex("Medication", **{k: v for k, v in mixed.items() if k != "resourceType"}).title == "Zinc, Iron"


# --- date, status, subject


@pytest.mark.parametrize(
    ("type_", "fields", "date"),
    [
        ("Observation", {"effectiveDateTime": "2020-01", "issued": "2021-01-01"}, "2020-01"),
        ("Observation", {"effectivePeriod": {"start": "2020-01-02"}}, "2020-01-02"),
        ("Observation", {"effectiveTiming": {"event": ["2020-01-03"]}}, "2020-01-03"),
        ("Observation", {"issued": "2021-01-01"}, "2021-01-01"),
        ("Condition", {"onsetDateTime": "1990", "recordedDate": "2020-01-01"}, "1990"),
        ("Condition", {"onsetAge": {"value": 45}, "recordedDate": "2020-01-01"}, "2020-01-01"),
        ("Procedure", {"performedString": "as a child"}, "as a child"),
        ("Procedure", {"performedPeriod": {"end": "2020"}, "performedString": "x"}, "x"),
        ("Immunization", {"occurrenceString": "in school", "recorded": "2020-01-01"}, "in school"),
        ("MedicationRequest", {"authoredOn": "2020-05-05"}, "2020-05-05"),
        ("MedicationDispense", {"whenPrepared": "2020-01-01", "whenHandedOver": "2020-01-02"}, "2020-01-02"),
        ("MedicationDispense", {"whenPrepared": "2020-01-01"}, "2020-01-01"),
        ("MedicationStatement", {"effectivePeriod": {"start": "2019"}, "dateAsserted": "2020"}, "2019"),
        ("Appointment", {"start": "2020-01-01T10:00:00Z", "created": "2019-01-01"}, "2020-01-01T10:00:00Z"),
        ("Appointment", {"requestedPeriod": [{"start": "2020-02-02"}], "created": "2019-01-01"}, "2020-02-02"),
        ("Appointment", {"created": "2019-01-01"}, None),
        ("Encounter", {"period": {"start": "2020-03-03"}}, "2020-03-03"),
        ("DocumentReference", {"date": "2020-04-04", "context": {"period": {"start": "2020-04-01"}}}, "2020-04-04"),
        ("DocumentReference", {"context": {"period": {"start": "2020-04-01"}}}, "2020-04-01"),
        ("ExplanationOfBenefit", {"billablePeriod": {"start": "2020-06-06"}, "created": "2020-07-07"}, "2020-06-06"),
        ("Specimen", {"collection": {"collectedDateTime": "2020-08-08"}}, "2020-08-08"),
        ("Patient", {"birthDate": "1962-04-16"}, None),
        ("AdverseEvent", {"date": "2020-09-09"}, "2020-09-09"),
        ("Observation", {"effectiveDateTime": 2020, "issued": "2021-01-01"}, "2021-01-01"),
        ("Observation", {"effectiveDateTime": " "}, None),
    ],
)
def test_the_date_is_when_it_happened(type_: str, fields: dict[str, Any], date: str | None) -> None:
    found = ex(type_, **fields)
    assert found.date == date


def test_an_impossible_date_keeps_its_text_and_the_record() -> None:
    found = ex("Observation", effectiveDateTime="2019-02-30")
    assert (found.date, found.date_utc, found.date_precision, found.zone) == ("2019-02-30", None, None, None)
    good = ex("Observation", effectiveDateTime="2019-02-28T23:00:00-05:00")
    assert (good.date_utc, good.date_precision, good.zone) == (1551412800, "time", "-05:00")


@pytest.mark.parametrize(
    ("type_", "fields", "status"),
    [
        ("Condition", {"clinicalStatus": concept(code="resolved"), "status": "x"}, "resolved"),
        ("AllergyIntolerance", {"clinicalStatus": concept(code="active")}, "active"),
        ("Condition", {"clinicalStatus": {"text": "old"}}, None),
        ("Goal", {"lifecycleStatus": "active"}, "active"),
        ("Observation", {"status": "preliminary"}, "preliminary"),
        ("Observation", {"status": 7}, None),
    ],
)
def test_status_by_type(type_: str, fields: dict[str, Any], status: str | None) -> None:
    assert ex(type_, **fields).status == status


ME = {"reference": "Patient/1"}


@pytest.mark.parametrize(
    ("type_", "fields", "subject"),
    [
        ("Observation", {"subject": ME}, "Patient/1"),
        ("AllergyIntolerance", {"patient": ME, "subject": {"reference": "Patient/2"}}, "Patient/1"),
        ("Coverage", {"beneficiary": ME}, "Patient/1"),
        ("Task", {"for": ME}, "Patient/1"),
        ("Account", {"subject": [ME]}, "Patient/1"),
        ("Appointment", {"participant": [{"actor": {"reference": "Practitioner/9"}}, {"actor": ME}]}, "Patient/1"),
        ("Appointment", {"participant": [{"actor": {"reference": "urn:uuid:1", "type": "Patient"}}]}, "urn:uuid:1"),
        ("Appointment", {"participant": [{}, 5]}, None),
        ("Patient", {"id": "1"}, "Patient/1"),
        ("Patient", {}, None),
        ("Practitioner", {"id": "1"}, None),
        ("VisionPrescription", {"patient": ME}, "Patient/1"),
        ("Observation", {"subject": {"display": "Verna"}}, None),
        ("Observation", {"subject": {"identifier": {"system": "mrn", "value": "7"}}}, "identifier:mrn|7"),
        ("Observation", {"subject": "Patient/1"}, None),
    ],
)
def test_whom_a_record_is_about(type_: str, fields: dict[str, Any], subject: str | None) -> None:
    assert ex(type_, **fields).subject == subject


# --- attachments and search text


def test_documents_are_found_inline_by_address_and_as_not_received() -> None:
    text = base64.b64encode(b"Discharged home.").decode()
    found = ex(
        "DocumentReference",
        content=[
            {"attachment": {"contentType": "text/plain", "data": text, "title": "Note", "hash": "h"}},
            {"attachment": {"contentType": "application/pdf", "url": "Binary/7", "size": 12}},
            {"attachment": {"contentType": "application/pdf"}},
            {"attachment": {"data": "%%%"}},
            {"attachment": "x"},
            5,
        ],
    )
    assert [(a.position, a.url, a.data, a.size) for a in found.attachments] == [
        (0, None, b"Discharged home.", 16),
        (1, "Binary/7", None, 12),
        (2, None, None, None),
        (3, None, None, None),
    ]
    assert found.attachments[0].title == "Note"
    assert found.attachments[0].hash == "h"
    assert "Discharged home." in found.text


@pytest.mark.parametrize("data", ["aGk=", "aGk", "aG\nk=", "aGk=\r\n", " aGk= "])
def test_base64_is_read_leniently(data: str) -> None:
    assert ex("Binary", contentType="text/plain", data=data).attachments[0].data == b"hi"


def test_the_url_alphabet_of_base64_is_read() -> None:
    assert ex("Binary", data="-_8=").attachments[0].data == b"\xfb\xff"


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("DiagnosticReport", {"presentedForm": [{"contentType": "text/html", "data": "PGI+aGk8L2I+"}]}),
        (
            "Communication",
            {"payload": [{"contentString": "x"}, {"contentAttachment": {"contentType": "text/plain", "data": "aGk="}}]},
        ),
        ("Consent", {"sourceAttachment": {"contentType": "text/plain", "data": "aGk="}}),
        ("Binary", {"contentType": "text/plain", "data": "aGk="}),
        ("Media", {"content": {"contentType": "text/plain", "data": "aGk="}}),
        (
            "DocumentReference",
            {
                "contained": [{"resourceType": "Binary", "id": "b", "data": "aGk="}],
                "content": [{"attachment": {"contentType": "text/plain", "url": "#b"}}],
            },
        ),
    ],
)
def test_every_place_of_a_document_is_known_and_searched(type_: str, fields: dict[str, Any]) -> None:
    found = ex(type_, **fields)
    assert len(found.attachments) == 1
    assert "hi" in found.text.split()


def test_the_words_of_scripts_and_pictures_are_not_searched() -> None:
    html = base64.b64encode(b"<script>evil()</script><p>good</p>").decode()
    found = ex(
        "DocumentReference", content=[{"attachment": {"contentType": "text/html; charset=nonsense", "data": html}}]
    )
    assert "good" in found.text
    assert "evil" not in found.text
    assert "hi" not in ex("Binary", contentType="image/png", data="aGk=").text.split()


def test_search_finds_notes_names_codes_and_values() -> None:
    found = ex(
        "Observation",
        code={"text": "Smear", "coding": [{"display": "Cytology of cervix"}]},
        valueCodeableConcept=concept("Abnormal"),
        note=[{"text": "repeat in a year"}],
        performer=[{"display": "Dr. Wilson"}],
        component=[{"code": {"text": "Margin"}, "valueString": "clear"}],
    )
    for word in ("Smear", "Cytology", "Abnormal", "repeat", "Wilson", "Margin", "clear"):
        assert word in found.text
    drug = ex(
        "MedicationRequest", medicationCodeableConcept={"text": "Axid"}, dosageInstruction=[{"text": "at bedtime"}]
    )
    assert "bedtime" in drug.text
    assert len(ex("Observation", note=[{"text": "x" * 100_000}]).text) <= 40_000
