"""Where each resource type keeps what a list shows: pure tables of FHIR R4 element names."""

from __future__ import annotations

from typing import NamedTuple

from phr_desktop.domain.records import Kind
from phr_desktop.fhir.concepts import CVX, LOINC, NDC, RXNORM, SNOMED

Path = tuple[str, ...]


class Shape(NamedTuple):
    """The elements of one type, each tuple in the order in which they are tried.

    `dates` say when it happened, clinically, before when it was written down. `words` are what full-text search
    finds a record by beside its title and all the words of `code`; a path walks into objects and through lists.
    """

    kind: str = Kind.RECORDS.value
    subject: str | None = "subject"
    code: tuple[str, ...] = ()
    prefer: tuple[str, ...] = (SNOMED,)
    names: tuple[str, ...] = ()  # plain strings, tried after `code`
    names_first: bool = False  # ... or before it
    dates: tuple[Path, ...] = ()
    category: str | None = "category"
    words: tuple[Path, ...] = ()


def _paths(*dotted: str) -> tuple[Path, ...]:
    return tuple(tuple(path.split(".")) for path in dotted)


_EFFECTIVE = _paths("effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "effectiveTiming.event")
_OCCURRENCE = _paths("occurrenceDateTime", "occurrencePeriod.start", "occurrenceTiming.event")
_MEDICINE = (RXNORM, NDC, SNOMED)
_MEDICINE_WORDS = _paths("medicationCodeableConcept", "note", "reasonCode")

SHAPES: dict[str, Shape] = {
    "Account": Shape(
        code=("type",),
        names=("name", "description"),
        names_first=True,
        dates=_paths("servicePeriod.start"),
        category="type",
    ),
    "AllergyIntolerance": Shape(
        kind=Kind.ALLERGIES.value,
        subject="patient",
        code=("code",),
        prefer=(SNOMED, RXNORM),
        dates=_paths("onsetDateTime", "onsetPeriod.start", "onsetString", "recordedDate", "lastOccurrence"),
        words=_paths("note", "reaction.manifestation", "reaction.description", "reaction.substance"),
    ),
    "Appointment": Shape(
        kind=Kind.APPOINTMENTS.value,
        subject="participant",
        code=("serviceType", "appointmentType", "specialty", "reasonCode"),
        names=("description",),
        names_first=True,
        dates=_paths("start", "requestedPeriod.start"),
        category="serviceCategory",
        words=_paths("comment", "patientInstruction", "participant.actor"),
    ),
    "Binary": Shape(subject=None, category=None),
    "CarePlan": Shape(
        code=("category",),
        names=("title", "description"),
        names_first=True,
        dates=_paths("period.start", "created"),
        words=_paths("description", "note", "activity.detail.code", "activity.detail.description"),
    ),
    "CareTeam": Shape(
        code=("category",),
        names=("name",),
        names_first=True,
        dates=_paths("period.start"),
        words=_paths("participant.member", "participant.role", "note"),
    ),
    "Claim": Shape(
        subject="patient",
        code=("type",),
        dates=_paths("billablePeriod.start", "created"),
        category="use",
        words=_paths("provider", "insurer", "item.productOrService"),
    ),
    "ClaimResponse": Shape(
        subject="patient",
        code=("type",),
        dates=_paths("created"),
        category="use",
        words=_paths("insurer", "disposition"),
    ),
    "Communication": Shape(
        code=("topic", "reasonCode", "category"),
        dates=_paths("sent", "received"),
        words=_paths("payload.contentString", "sender", "recipient", "note"),
    ),
    "Composition": Shape(
        kind=Kind.RECORDS.value,
        code=("type",),
        prefer=(LOINC,),
        names=("title",),
        names_first=True,
        dates=_paths("date"),
        words=_paths("section.title", "author"),
    ),
    "Condition": Shape(
        kind=Kind.CONDITIONS.value,
        code=("code",),
        dates=_paths("onsetDateTime", "onsetPeriod.start", "onsetString", "recordedDate", "assertedDate"),
        words=_paths("bodySite", "note"),
    ),
    "Consent": Shape(
        subject="patient",
        code=("category", "scope"),
        prefer=(LOINC,),
        dates=_paths("dateTime"),
        words=_paths("organization", "performer"),
    ),
    "Coverage": Shape(
        subject="beneficiary",
        code=("type",),
        dates=_paths("period.start"),
        category="type",
        words=_paths("payor", "class.name", "network", "subscriberId"),
    ),
    "Device": Shape(
        subject="patient",
        code=("type",),
        names=("modelNumber", "manufacturer"),
        category="type",
        words=_paths("deviceName.name", "manufacturer", "note"),
    ),
    "DeviceUseStatement": Shape(
        code=("reasonCode",),
        dates=_paths("timingDateTime", "timingPeriod.start", "recordedOn"),
        words=_paths("device", "note"),
    ),
    "DiagnosticReport": Shape(
        kind=Kind.RESULTS.value,
        code=("code",),
        prefer=(LOINC,),
        dates=(*_EFFECTIVE, ("issued",)),
        words=_paths("conclusion", "conclusionCode", "performer"),
    ),
    "DocumentReference": Shape(
        kind=Kind.DOCUMENTS.value,
        code=("type",),
        prefer=(LOINC,),
        names=("description",),
        dates=_paths("date", "indexed", "created", "content.attachment.creation", "context.period.start"),
        words=_paths("description", "content.attachment.title", "author"),
    ),
    "Encounter": Shape(
        kind=Kind.ENCOUNTERS.value,
        code=("type", "serviceType", "reasonCode"),
        dates=_paths("period.start"),
        category="class",
        words=_paths("serviceProvider", "participant.individual", "location.location"),
    ),
    "EpisodeOfCare": Shape(
        subject="patient", code=("type",), dates=_paths("period.start"), words=_paths("managingOrganization")
    ),
    "ExplanationOfBenefit": Shape(
        subject="patient",
        code=("type",),
        dates=_paths("billablePeriod.start", "created"),
        category="use",
        words=_paths("provider", "insurer", "disposition", "item.productOrService"),
    ),
    "FamilyMemberHistory": Shape(
        subject="patient",
        code=("relationship",),
        dates=_paths("date"),
        category=None,
        words=_paths("name", "condition.code", "condition.note", "note"),
    ),
    "Flag": Shape(
        code=("code",),
        dates=_paths("period.start"),
    ),
    "Goal": Shape(
        code=("description",),
        dates=_paths("startDate", "statusDate"),
        words=_paths("note", "target.measure"),
    ),
    "HealthcareService": Shape(
        subject=None,
        code=("type", "specialty", "category"),
        names=("name",),
        names_first=True,
        words=_paths("comment"),
    ),
    "ImagingStudy": Shape(
        code=("procedureCode", "reasonCode"),
        names=("description",),
        names_first=True,
        dates=_paths("started"),
        category="modality",
        words=_paths("series.description", "note"),
    ),
    "Immunization": Shape(
        kind=Kind.IMMUNIZATIONS.value,
        subject="patient",
        code=("vaccineCode",),
        prefer=(CVX,),
        dates=_paths("occurrenceDateTime", "occurrenceString", "date", "recorded"),
        category=None,
        words=_paths("note", "manufacturer", "performer.actor", "protocolApplied.targetDisease"),
    ),
    "InsurancePlan": Shape(
        subject=None,
        code=("type",),
        names=("name",),
        names_first=True,
        dates=_paths("period.start"),
        category="type",
        words=_paths("alias", "ownedBy"),
    ),
    "Invoice": Shape(
        code=("type",), dates=_paths("date"), category="type", words=_paths("issuer", "note", "paymentTerms")
    ),
    "List": Shape(
        code=("code",),
        names=("title",),
        names_first=True,
        dates=_paths("date"),
        category=None,
        words=_paths("note"),
    ),
    "Location": Shape(
        subject=None,
        code=("type",),
        names=("name", "description"),
        names_first=True,
        category="type",
        words=_paths("address.city", "description"),
    ),
    "Media": Shape(
        code=("type", "modality", "view"),
        names=("deviceName",),
        dates=_paths("createdDateTime", "createdPeriod.start", "issued"),
        category="type",
        words=_paths("note", "content.title"),
    ),
    "Medication": Shape(
        subject=None,
        code=("code",),
        prefer=_MEDICINE,
        category=None,
        words=_paths("ingredient.itemCodeableConcept"),
    ),
    "MedicationAdministration": Shape(prefer=_MEDICINE, dates=_EFFECTIVE, words=(*_MEDICINE_WORDS, ("dosage", "text"))),
    "MedicationDispense": Shape(
        kind=Kind.MEDICATIONS.value,
        prefer=_MEDICINE,
        dates=_paths("whenHandedOver", "whenPrepared"),
        words=(
            *_MEDICINE_WORDS,
            *_paths("dosageInstruction.text", "dosageInstruction.patientInstruction", "performer.actor"),
        ),
    ),
    "MedicationRequest": Shape(
        kind=Kind.MEDICATIONS.value,
        prefer=_MEDICINE,
        dates=_paths("authoredOn", "dateWritten"),
        words=(
            *_MEDICINE_WORDS,
            *_paths("dosageInstruction.text", "dosageInstruction.patientInstruction", "requester"),
        ),
    ),
    "MedicationStatement": Shape(
        kind=Kind.MEDICATIONS.value,
        prefer=_MEDICINE,
        dates=(*_EFFECTIVE, ("dateAsserted",)),
        words=(*_MEDICINE_WORDS, *_paths("dosage.text", "dosage.patientInstruction")),
    ),
    "Observation": Shape(
        kind=Kind.RECORDS.value,
        code=("code",),
        prefer=(LOINC,),
        dates=(*_EFFECTIVE, ("issued",)),
        words=_paths("performer", "note", "bodySite", "method"),
    ),
    "Organization": Shape(
        subject=None,
        code=("type",),
        names=("name",),
        names_first=True,
        category="type",
        words=_paths("alias", "address.city"),
    ),
    "Patient": Shape(subject=None, category=None, words=_paths("name", "address.city")),
    "PaymentNotice": Shape(
        subject=None, code=("paymentStatus",), dates=_paths("paymentDate", "created"), category=None
    ),
    "PaymentReconciliation": Shape(
        subject=None, names=("disposition",), dates=_paths("paymentDate", "created"), category=None
    ),
    "Practitioner": Shape(subject=None, category=None, words=_paths("name", "qualification.code")),
    "PractitionerRole": Shape(
        subject=None,
        code=("code", "specialty"),
        category="specialty",
        words=_paths("practitioner", "organization", "location"),
    ),
    "Procedure": Shape(
        kind=Kind.PROCEDURES.value,
        code=("code",),
        dates=_paths(
            "performedDateTime",
            "performedPeriod.start",
            "performedString",
            "occurrenceDateTime",
            "occurrencePeriod.start",
        ),
        words=_paths("reasonCode", "bodySite", "note", "performer.actor", "outcome"),
    ),
    "Provenance": Shape(
        subject=None,
        code=("activity", "reason"),
        dates=_paths("occurredDateTime", "occurredPeriod.start", "recorded"),
        category="activity",
        words=_paths("agent.who", "agent.onBehalfOf"),
    ),
    "QuestionnaireResponse": Shape(
        dates=_paths("authored"),
        category=None,
        words=_paths("item.text", "item.answer.valueString", "item.item.text", "item.item.answer.valueString"),
    ),
    "RelatedPerson": Shape(subject="patient", category="relationship", words=_paths("name", "relationship")),
    "ServiceRequest": Shape(
        code=("code", "orderDetail", "reasonCode"),
        dates=(*_OCCURRENCE, ("authoredOn",)),
        words=_paths("note", "patientInstruction", "requester", "performer"),
    ),
    "Slot": Shape(
        subject=None,
        code=("serviceType", "appointmentType", "specialty"),
        names=("comment",),
        dates=_paths("start"),
        category="serviceCategory",
        words=_paths("comment"),
    ),
    "Specimen": Shape(
        code=("type",),
        dates=_paths("collection.collectedDateTime", "collection.collectedPeriod.start", "receivedTime"),
        category="type",
        words=_paths("note", "collection.bodySite"),
    ),
    "SupplyDelivery": Shape(
        subject="patient",
        dates=_OCCURRENCE,
        category="type",
        words=_paths("suppliedItem.itemCodeableConcept", "supplier"),
    ),
    "Task": Shape(
        subject="for",
        code=("code", "reasonCode"),
        names=("description",),
        names_first=True,
        dates=_paths("authoredOn", "executionPeriod.start", "lastModified"),
        category="code",
        words=_paths("description", "note", "owner", "businessStatus", "statusReason"),
    ),
}

# For every type that the table above does not name.
OTHER = Shape(
    subject=None,
    code=("code", "type", "vaccineCode", "medicationCodeableConcept", "topic", "category"),
    names=("title", "name", "description", "comment"),
    dates=(
        *_EFFECTIVE,
        *_OCCURRENCE,
        *_paths(
            "performedDateTime",
            "performedPeriod.start",
            "onsetDateTime",
            "onsetPeriod.start",
            "identifiedDateTime",
            "identifiedPeriod.start",
            "period.start",
            "started",
            "start",
            "occurredDateTime",
            "servicedDate",
            "dateTime",
            "dateWritten",
            "date",
            "sent",
            "authoredOn",
            "authored",
            "recordedDate",
            "recorded",
            "recordedOn",
            "created",
            "issued",
            "timestamp",
        ),
    ),
    words=_paths("type", "description", "note", "comment"),
)
# Where a type of the second kind names its patient.
OTHER_SUBJECTS = ("patient", "subject", "beneficiary", "for", "individual")

# FHIR's and US Core's vital-signs profiles define these LOINC codes as vital signs, whatever category is sent. An
# Observation without any category is a measurement only by one of them; nothing else about it is guessed.
VITAL_SIGNS = frozenset(
    {
        "85353-1",  # vital signs panel
        "9279-1",  # respiratory rate
        "8867-4",  # heart rate
        "2708-6",  # oxygen saturation in arterial blood
        "59408-5",  # oxygen saturation by pulse oximetry
        "8310-5",  # body temperature
        "8302-2",  # body height
        "9843-4",  # head circumference
        "8289-1",  # head circumference, percentile
        "29463-7",  # body weight
        "39156-5",  # body mass index
        "59576-9",  # body mass index, percentile for age and sex
        "77606-2",  # weight for length, percentile
        "85354-9",  # blood pressure panel
        "96607-7",  # blood pressure panel, mean
        "8480-6",  # systolic blood pressure
        "8462-4",  # diastolic blood pressure
        "8478-0",  # mean blood pressure
    }
)
