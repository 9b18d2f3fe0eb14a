"""What clinics record about a body: problems, findings, what was done and seen. Elements are FHIR R4's."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.domain.fhir_types import (
    Annotation,
    Attachment,
    Coding,
    Concept,
    DecimalText,
    FhirDate,
    Identifier,
    Period,
    Quantity,
    Range,
    Ratio,
    Record,
    Reference,
    SampledData,
    Timing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    summary: Concept | None = None
    type: Concept | None = None
    assessment: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    code: tuple[Concept, ...] = ()
    detail: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Record):
    """`verification_status` differential or unconfirmed: possible, not certain; words beside it, not a negation."""

    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    code: Concept | None = None
    severity: Concept | None = None
    category: tuple[Concept, ...] = ()
    body_site: tuple[Concept, ...] = ()
    onset: FhirDate | Quantity | Period | Range | str | None = None
    abatement: FhirDate | Quantity | Period | Range | str | None = None
    recorded_date: FhirDate | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None
    stage: tuple[Stage, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    substance: Concept | None = None
    manifestation: tuple[Concept, ...] = ()
    description: str | None = None
    severity: str | None = None
    onset: FhirDate | None = None
    exposure_route: Concept | None = None
    note: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AllergyIntolerance(Record):
    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    code: Concept | None = None
    type: str | None = None
    category: tuple[str, ...] = ()
    criticality: str | None = None
    reaction: tuple[Reaction, ...] = ()
    onset: FhirDate | Quantity | Period | Range | str | None = None
    last_occurrence: FhirDate | None = None
    recorded_date: FhirDate | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None
    note: tuple[Annotation, ...] = ()
    patient: Reference | None = None
    encounter: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """Who did it, in which role and for whom."""

    function: Concept | None = None
    actor: Reference | None = None
    on_behalf_of: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaccineEducation:
    document_type: str | None = None
    reference: str | None = None
    publication_date: FhirDate | None = None
    presentation_date: FhirDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaccineReaction:
    date: FhirDate | None = None
    detail: Reference | None = None
    reported: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolApplied:
    series: str | None = None
    authority: Reference | None = None
    target_disease: tuple[Concept, ...] = ()
    dose_number: int | str | None = None
    series_doses: int | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Immunization(Record):
    status: str | None = None
    status_reason: Concept | None = None
    vaccine_code: Concept | None = None
    occurrence: FhirDate | str | None = None
    recorded: FhirDate | None = None
    primary_source: bool | None = None
    report_origin: Concept | None = None
    protocol_applied: tuple[ProtocolApplied, ...] = ()
    dose_quantity: Quantity | None = None
    site: Concept | None = None
    route: Concept | None = None
    manufacturer: Reference | None = None
    lot_number: str | None = None
    expiration_date: FhirDate | None = None
    performer: tuple[Performer, ...] = ()
    location: Reference | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    is_subpotent: bool | None = None
    subpotent_reason: tuple[Concept, ...] = ()
    reaction: tuple[VaccineReaction, ...] = ()
    education: tuple[VaccineEducation, ...] = ()
    program_eligibility: tuple[Concept, ...] = ()
    funding_source: Concept | None = None
    note: tuple[Annotation, ...] = ()
    patient: Reference | None = None
    encounter: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRange:
    """A range as its laboratory gave it. No `type` means the normal one; `applies_to` and `age` say for whom."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: Concept | None = None
    applies_to: tuple[Concept, ...] = ()
    age: Range | None = None
    text: str | None = None


ObservedValue = (
    Quantity | Concept | str | bool | int | Range | Ratio | SampledData | FhirDate | Period
)  # a time of day is a str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationComponent:
    code: Concept | None = None
    value: ObservedValue | None = None
    data_absent_reason: Concept | None = None
    interpretation: tuple[Concept, ...] = ()
    reference_range: tuple[ReferenceRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation(Record):
    status: str | None = None
    code: Concept | None = None
    value: ObservedValue | None = None
    data_absent_reason: Concept | None = None
    interpretation: tuple[Concept, ...] = ()
    reference_range: tuple[ReferenceRange, ...] = ()
    component: tuple[ObservationComponent, ...] = ()
    effective: FhirDate | Period | Timing | None = None
    issued: FhirDate | None = None
    category: tuple[Concept, ...] = ()
    body_site: Concept | None = None
    method: Concept | None = None
    performer: tuple[Reference, ...] = ()
    specimen: Reference | None = None
    device: Reference | None = None
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    focus: tuple[Reference, ...] = ()
    encounter: Reference | None = None
    has_member: tuple[Reference, ...] = ()
    derived_from: tuple[Reference, ...] = ()
    based_on: tuple[Reference, ...] = ()
    part_of: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMedia:
    comment: str | None = None
    link: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticReport(Record):
    status: str | None = None
    code: Concept | None = None
    category: tuple[Concept, ...] = ()
    conclusion: str | None = None
    conclusion_code: tuple[Concept, ...] = ()
    effective: FhirDate | Period | None = None
    issued: FhirDate | None = None
    performer: tuple[Reference, ...] = ()
    results_interpreter: tuple[Reference, ...] = ()
    result: tuple[Reference, ...] = ()
    presented_form: tuple[Attachment, ...] = ()
    media: tuple[ReportMedia, ...] = ()
    specimen: tuple[Reference, ...] = ()
    imaging_study: tuple[Reference, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalDevice:
    action: Concept | None = None
    manipulated: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(Record):
    status: str | None = None
    status_reason: Concept | None = None
    code: Concept | None = None
    performed: FhirDate | Period | str | Quantity | Range | None = None
    category: Concept | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    body_site: tuple[Concept, ...] = ()
    outcome: Concept | None = None
    complication: tuple[Concept, ...] = ()
    complication_detail: tuple[Reference, ...] = ()
    follow_up: tuple[Concept, ...] = ()
    performer: tuple[Performer, ...] = ()
    location: Reference | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None
    focal_device: tuple[FocalDevice, ...] = ()
    used_reference: tuple[Reference, ...] = ()
    used_code: tuple[Concept, ...] = ()
    report: tuple[Reference, ...] = ()
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    part_of: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterParticipant:
    type: tuple[Concept, ...] = ()
    individual: Reference | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterDiagnosis:
    condition: Reference | None = None
    use: Concept | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospitalization:
    origin: Reference | None = None
    admit_source: Concept | None = None
    re_admission: Concept | None = None
    diet_preference: tuple[Concept, ...] = ()
    special_courtesy: tuple[Concept, ...] = ()
    special_arrangement: tuple[Concept, ...] = ()
    destination: Reference | None = None
    discharge_disposition: Concept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterLocation:
    location: Reference | None = None
    status: str | None = None
    physical_type: Concept | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusHistory:
    status: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter(Record):
    """`class_` is the kind of visit: AMB, EMER, IMP (a hospital stay), VR ..."""

    status: str | None = None
    class_: Coding | None = None
    type: tuple[Concept, ...] = ()
    service_type: Concept | None = None
    period: Period | None = None
    length: Quantity | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    diagnosis: tuple[EncounterDiagnosis, ...] = ()
    participant: tuple[EncounterParticipant, ...] = ()
    service_provider: Reference | None = None
    location: tuple[EncounterLocation, ...] = ()
    hospitalization: Hospitalization | None = None
    priority: Concept | None = None
    status_history: tuple[StatusHistory, ...] = ()
    subject: Reference | None = None
    episode_of_care: tuple[Reference, ...] = ()
    appointment: tuple[Reference, ...] = ()
    account: tuple[Reference, ...] = ()
    part_of: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatesTo:
    """`code` replaces, transforms, signs or appends."""

    code: str | None = None
    target: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentContentPart:
    attachment: Attachment | None = None
    format: Coding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentContext:
    encounter: tuple[Reference, ...] = ()
    event: tuple[Concept, ...] = ()
    period: Period | None = None
    facility_type: Concept | None = None
    practice_setting: Concept | None = None
    related: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReference(Record):
    status: str | None = None
    doc_status: str | None = None
    type: Concept | None = None
    category: tuple[Concept, ...] = ()
    description: str | None = None
    date: FhirDate | None = None
    author: tuple[Reference, ...] = ()
    authenticator: Reference | None = None
    custodian: Reference | None = None
    content: tuple[DocumentContentPart, ...] = ()
    context: DocumentContext | None = None
    relates_to: tuple[RelatesTo, ...] = ()
    security_label: tuple[Concept, ...] = ()
    subject: Reference | None = None
    master_identifier: Identifier | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCondition:
    code: Concept | None = None
    outcome: Concept | None = None
    contributed_to_death: bool | None = None
    onset: Quantity | Range | Period | str | None = None
    note: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMemberHistory(Record):
    """`status` health-unknown: nothing is known of this relative, which is not the same as healthy."""

    status: str | None = None
    data_absent_reason: Concept | None = None
    relationship: Concept | None = None
    name: str | None = None
    sex: Concept | None = None
    born: Period | FhirDate | str | None = None
    age: Quantity | Range | str | None = None
    estimated_age: bool | None = None
    deceased: bool | Quantity | Range | FhirDate | str | None = None
    condition: tuple[FamilyCondition, ...] = ()
    reason_code: tuple[Concept, ...] = ()
    date: FhirDate | None = None
    note: tuple[Annotation, ...] = ()
    patient: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    collector: Reference | None = None
    collected: FhirDate | Period | None = None
    duration: Quantity | None = None
    quantity: Quantity | None = None
    method: Concept | None = None
    body_site: Concept | None = None
    fasting_status: Concept | Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    description: str | None = None
    procedure: Concept | None = None
    time: FhirDate | Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    description: str | None = None
    type: Concept | None = None
    capacity: Quantity | None = None
    specimen_quantity: Quantity | None = None
    additive: Concept | Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen(Record):
    status: str | None = None
    type: Concept | None = None
    collection: Collection | None = None
    received_time: FhirDate | None = None
    condition: tuple[Concept, ...] = ()
    processing: tuple[Processing, ...] = ()
    container: tuple[Container, ...] = ()
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    parent: tuple[Reference, ...] = ()
    request: tuple[Reference, ...] = ()
    accession_identifier: Identifier | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagingSeries:
    number: int | None = None
    modality: Coding | None = None
    description: str | None = None
    number_of_instances: int | None = None
    body_site: Coding | None = None
    laterality: Coding | None = None
    started: FhirDate | None = None
    uid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagingStudy(Record):
    status: str | None = None
    description: str | None = None
    modality: tuple[Coding, ...] = ()
    procedure_code: tuple[Concept, ...] = ()
    started: FhirDate | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    referrer: Reference | None = None
    interpreter: tuple[Reference, ...] = ()
    location: Reference | None = None
    number_of_series: int | None = None
    number_of_instances: int | None = None
    series: tuple[ImagingSeries, ...] = ()
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    endpoint: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    value: bool | DecimalText | int | FhirDate | str | Attachment | Coding | Quantity | Reference | None = None
    item: tuple[AnsweredItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredItem:
    link_id: str | None = None
    text: str | None = None
    answer: tuple[Answer, ...] = ()
    item: tuple[AnsweredItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireResponse(Record):
    status: str | None = None
    questionnaire: str | None = None
    authored: FhirDate | None = None
    author: Reference | None = None
    source: Reference | None = None
    item: tuple[AnsweredItem, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    part_of: tuple[Reference, ...] = ()
    identifier: Identifier | None = None
