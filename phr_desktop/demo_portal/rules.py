"""What the portal knows of each FHIR type: whose it is, how it can be searched, what it may bring along.

One row a type; `metadata`, the scopes, the compartment check and the search all read this table, so that what is
declared and what is done cannot differ. Source: FHIR R4 search parameter registry and patient compartment.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TypeRules:
    """`patient` are the elements that name the patient; empty: the type stands outside the patient compartment.

    `dates` and `tokens` map a search parameter to the elements it looks at; the first of `dates` orders an answer.
    """

    words: str  # what a person calls it, for the consent page
    patient: tuple[str, ...] = ()
    dates: dict[str, tuple[str, ...]] | None = None
    tokens: dict[str, tuple[str, ...]] | None = None
    includes: tuple[str, ...] = ()
    provenance: bool = True

    @property
    def in_compartment(self) -> bool:
        return bool(self.patient)


_STATUS = {"status": ("status",)}

TYPES: dict[str, TypeRules] = {
    "Account": TypeRules(
        "Billing accounts", ("subject",), {"period": ("servicePeriod",)}, {**_STATUS, "type": ("type",)}
    ),
    "AllergyIntolerance": TypeRules(
        "Allergies",
        ("patient",),
        {"date": ("recordedDate",), "onset": ("onsetDateTime",)},
        {"clinical-status": ("clinicalStatus",), "code": ("code",), "category": ("category",)},
    ),
    "Appointment": TypeRules(
        "Appointments",
        ("participant.actor",),
        {"date": ("start",)},
        {
            **_STATUS,
            "service-type": ("serviceType",),
            "service-category": ("serviceCategory",),
            "identifier": ("identifier",),
        },
    ),
    "Binary": TypeRules("The files of documents", ("securityContext",), provenance=False),
    "CarePlan": TypeRules("Care plans", ("subject",), {"date": ("period",)}, {**_STATUS, "category": ("category",)}),
    "CareTeam": TypeRules("Care team", ("subject",), {"date": ("period",)}, {**_STATUS, "category": ("category",)}),
    "Claim": TypeRules("Claims sent", ("patient",), {"created": ("created",)}, {**_STATUS, "use": ("use",)}),
    "ClaimResponse": TypeRules(
        "Answers to claims", ("patient",), {"created": ("created",)}, {**_STATUS, "use": ("use",)}
    ),
    "Communication": TypeRules(
        "Messages",
        ("subject",),
        {"sent": ("sent",), "received": ("received",)},
        {**_STATUS, "category": ("category",), "identifier": ("identifier",)},
    ),
    "Condition": TypeRules(
        "Conditions",
        ("subject",),
        {"recorded-date": ("recordedDate",), "onset-date": ("onsetDateTime", "onsetPeriod")},
        {
            "category": ("category",),
            "clinical-status": ("clinicalStatus",),
            "verification-status": ("verificationStatus",),
            "code": ("code",),
        },
    ),
    "Consent": TypeRules("Consents", ("patient",), {"date": ("dateTime",)}, {**_STATUS, "category": ("category",)}),
    "Coverage": TypeRules("Insurance", ("beneficiary",), {"period": ("period",)}, {**_STATUS, "type": ("type",)}),
    "Device": TypeRules("Implants and devices", ("patient",), None, {**_STATUS, "type": ("type",)}),
    "DiagnosticReport": TypeRules(
        "Reports of laboratory and imaging",
        ("subject",),
        {"date": ("effectiveDateTime", "effectivePeriod"), "issued": ("issued",)},
        {**_STATUS, "category": ("category",), "code": ("code",)},
    ),
    "DocumentReference": TypeRules(
        "Documents",
        ("subject",),
        {"date": ("date",), "period": ("context.period",)},
        {**_STATUS, "category": ("category",), "type": ("type",), "identifier": ("identifier", "masterIdentifier")},
    ),
    "Encounter": TypeRules(
        "Visits and stays",
        ("subject",),
        {"date": ("period",)},
        {**_STATUS, "class": ("class",), "type": ("type",)},
    ),
    "ExplanationOfBenefit": TypeRules(
        "Claims your plan decided",
        ("patient",),
        {"service-date": ("billablePeriod",), "created": ("created",)},
        {**_STATUS, "type": ("type",), "use": ("use",), "identifier": ("identifier",)},
    ),
    "FamilyMemberHistory": TypeRules(
        "Family history", ("patient",), {"date": ("date",)}, {**_STATUS, "relationship": ("relationship",)}
    ),
    "Goal": TypeRules(
        "Goals",
        ("subject",),
        {"start-date": ("startDate",)},
        {"lifecycle-status": ("lifecycleStatus",), "category": ("category",)},
    ),
    "HealthcareService": TypeRules("Services of the clinic", (), None, {"service-type": ("type",)}, provenance=False),
    "ImagingStudy": TypeRules("Pictures taken", ("subject",), {"started": ("started",)}, {**_STATUS}),
    "Immunization": TypeRules(
        "Vaccines", ("patient",), {"date": ("occurrenceDateTime",)}, {**_STATUS, "vaccine-code": ("vaccineCode",)}
    ),
    "InsurancePlan": TypeRules("Insurance plans offered", (), None, {**_STATUS, "type": ("type",)}, provenance=False),
    "Invoice": TypeRules(
        "Bills", ("subject",), {"date": ("date",)}, {**_STATUS, "type": ("type",), "identifier": ("identifier",)}
    ),
    "Location": TypeRules("Places", (), None, {**_STATUS, "type": ("type",)}, provenance=False),
    "Medication": TypeRules("Names of medicines", (), None, {**_STATUS, "code": ("code",)}, provenance=False),
    "MedicationAdministration": TypeRules(
        "Medicines given in hospital",
        ("subject",),
        {"effective-time": ("effectiveDateTime", "effectivePeriod")},
        {**_STATUS, "code": ("medicationCodeableConcept",)},
    ),
    "MedicationDispense": TypeRules(
        "Medicines handed out",
        ("subject",),
        {"whenhandedover": ("whenHandedOver",), "whenprepared": ("whenPrepared",)},
        {**_STATUS, "type": ("type",), "code": ("medicationCodeableConcept",)},
    ),
    "MedicationRequest": TypeRules(
        "Prescriptions",
        ("subject",),
        {"authoredon": ("authoredOn",)},
        {
            **_STATUS,
            "intent": ("intent",),
            "category": ("category",),
            "code": ("medicationCodeableConcept",),
        },
        includes=("MedicationRequest:medication",),
    ),
    "MedicationStatement": TypeRules(
        "Medicines you told us about",
        ("subject",),
        {"effective": ("effectiveDateTime", "effectivePeriod")},
        {**_STATUS, "code": ("medicationCodeableConcept",), "identifier": ("identifier",)},
    ),
    "Observation": TypeRules(
        "Results and measurements",
        ("subject",),
        {"date": ("effectiveDateTime", "effectivePeriod", "effectiveInstant")},
        {**_STATUS, "category": ("category",), "code": ("code",), "identifier": ("identifier",)},
    ),
    "Organization": TypeRules("Organizations", (), None, {"type": ("type",)}, provenance=False),
    "Patient": TypeRules(
        "Name, birth date, contact details", ("id",), {"birthdate": ("birthDate",)}, {"identifier": ("identifier",)}
    ),
    "Practitioner": TypeRules("Clinicians", (), None, {"identifier": ("identifier",)}, provenance=False),
    "PractitionerRole": TypeRules(
        "What clinicians do where", (), None, {"specialty": ("specialty",)}, provenance=False
    ),
    "Procedure": TypeRules(
        "Procedures",
        ("subject",),
        {"date": ("performedDateTime", "performedPeriod")},
        {**_STATUS, "category": ("category",), "code": ("code",)},
    ),
    "Provenance": TypeRules("Where records come from", ("target",), {"recorded": ("recorded",)}, provenance=False),
    "QuestionnaireResponse": TypeRules(
        "Forms filled in", ("subject",), {"authored": ("authored",)}, {**_STATUS, "identifier": ("identifier",)}
    ),
    "RelatedPerson": TypeRules("People close to you", ("patient",), None, {"relationship": ("relationship",)}),
    "Schedule": TypeRules("Calendars of the clinic", (), None, {"service-type": ("serviceType",)}, provenance=False),
    "ServiceRequest": TypeRules(
        "Orders and referrals",
        ("subject",),
        {"authored": ("authoredOn",)},
        {**_STATUS, "intent": ("intent",), "category": ("category",), "code": ("code",)},
    ),
    "Slot": TypeRules(
        "Free times", (), {"start": ("start",)}, {**_STATUS, "service-type": ("serviceType",)}, provenance=False
    ),
    "Specimen": TypeRules(
        "Samples taken", ("subject",), {"collected": ("collection.collectedDateTime",)}, {**_STATUS, "type": ("type",)}
    ),
    "Task": TypeRules(
        "Requests and how they stand",
        ("for",),
        {"authored-on": ("authoredOn",), "modified": ("lastModified",)},
        {**_STATUS, "code": ("code",), "intent": ("intent",), "identifier": ("identifier",)},
    ),
}

# A person may narrow these on the consent page to some of their categories. Source: US Core granular scopes.
_OBSERVATION = "http://terminology.hl7.org/CodeSystem/observation-category"
_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-category"
_US_CORE_CONDITION = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
_US_CORE_OBSERVATION = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category"

CATEGORIES: dict[str, dict[str, str]] = {
    "Observation": {
        f"{_OBSERVATION}|laboratory": "Laboratory results",
        f"{_OBSERVATION}|vital-signs": "Vital signs",
        f"{_OBSERVATION}|social-history": "Smoking and social history",
        f"{_OBSERVATION}|survey": "Questionnaires and scores",
        f"{_OBSERVATION}|imaging": "Imaging findings",
        f"{_OBSERVATION}|procedure": "Findings of procedures",
        f"{_OBSERVATION}|exam": "Findings of examinations",
        f"{_OBSERVATION}|activity": "Activity",
        f"{_US_CORE_OBSERVATION}|sdoh": "Home, food, transport",
        f"{_US_CORE_OBSERVATION}|functional-status": "What you can do alone",
    },
    "Condition": {
        f"{_CONDITION}|problem-list-item": "Problem list",
        f"{_CONDITION}|encounter-diagnosis": "Diagnoses of visits",
        f"{_US_CORE_CONDITION}|health-concern": "Health concerns",
    },
}


@dataclass(frozen=True, slots=True)
class WriteRules:
    """What a person may send of a type: `letters` are those of SMART scopes, c(reate), u(pdate), d(elete)."""

    letters: str
    words: str  # for the consent page


WRITES: dict[str, WriteRules] = {
    "Appointment": WriteRules("cu", "Ask for visits and cancel them"),
    "Communication": WriteRules("c", "Send messages to the clinic"),
    "DocumentReference": WriteRules("cd", "Send documents"),
    "MedicationStatement": WriteRules("cu", "Tell the clinic what you take"),
    "Observation": WriteRules("cud", "Send your own measurements"),
    "Patient": WriteRules("u", "Change your contact details"),
    "QuestionnaireResponse": WriteRules("c", "Send forms you filled in"),
    "Task": WriteRules("cu", "Ask for refills and other help"),
}
