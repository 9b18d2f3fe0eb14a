"""Care as it is planned and agreed: teams, plans, visits, messages, requests. Elements are FHIR R4's."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.domain.fhir_types import (
    Annotation,
    Attachment,
    Coding,
    Concept,
    ContactPoint,
    DecimalText,
    FhirDate,
    Identifier,
    Period,
    Quantity,
    Range,
    Ratio,
    Record,
    Reference,
    Timing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTeamParticipant:
    role: tuple[Concept, ...] = ()
    member: Reference | None = None
    on_behalf_of: Reference | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTeam(Record):
    status: str | None = None
    name: str | None = None
    category: tuple[Concept, ...] = ()
    participant: tuple[CareTeamParticipant, ...] = ()
    period: Period | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    managing_organization: tuple[Reference, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDetail:
    """`do_not_perform` turns the whole activity around."""

    kind: str | None = None
    code: Concept | None = None
    description: str | None = None
    status: str | None = None
    status_reason: Concept | None = None
    do_not_perform: bool | None = None
    scheduled: Timing | Period | str | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    goal: tuple[Reference, ...] = ()
    location: Reference | None = None
    performer: tuple[Reference, ...] = ()
    product: Concept | Reference | None = None
    daily_amount: Quantity | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    detail: ActivityDetail | None = None
    reference: Reference | None = None
    progress: tuple[Annotation, ...] = ()
    outcome_codeable_concept: tuple[Concept, ...] = ()
    outcome_reference: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CarePlan(Record):
    status: str | None = None
    intent: str | None = None
    title_: str | None = None  # FHIR's `title`; `title` is this program's own, never blank
    description: str | None = None
    category: tuple[Concept, ...] = ()
    period: Period | None = None
    activity: tuple[Activity, ...] = ()
    addresses: tuple[Reference, ...] = ()
    goal: tuple[Reference, ...] = ()
    care_team: tuple[Reference, ...] = ()
    author: Reference | None = None
    contributor: tuple[Reference, ...] = ()
    created: FhirDate | None = None
    note: tuple[Annotation, ...] = ()
    supporting_info: tuple[Reference, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    replaces: tuple[Reference, ...] = ()
    part_of: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    measure: Concept | None = None
    detail: Quantity | Range | Concept | str | bool | int | Ratio | None = None
    due: FhirDate | Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Record):
    lifecycle_status: str | None = None
    achievement_status: Concept | None = None
    description: Concept | None = None
    category: tuple[Concept, ...] = ()
    priority: Concept | None = None
    start: FhirDate | Concept | None = None
    target: tuple[Target, ...] = ()
    status_date: FhirDate | None = None
    status_reason: str | None = None
    expressed_by: Reference | None = None
    addresses: tuple[Reference, ...] = ()
    outcome_code: tuple[Concept, ...] = ()
    outcome_reference: tuple[Reference, ...] = ()
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentParticipant:
    type: tuple[Concept, ...] = ()
    actor: Reference | None = None
    required: str | None = None
    status: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualService:
    """Where a visit by video takes place, from an element or extension declared for it; never found in a text.

    `address` is an http(s) address, or None where only a telephone or another way was given (`other`).
    """

    channel: str | None = None
    address: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment(Record):
    status: str | None = None
    cancelation_reason: Concept | None = None
    description: str | None = None
    start: FhirDate | None = None
    end: FhirDate | None = None
    minutes_duration: int | None = None
    requested_period: tuple[Period, ...] = ()
    service_category: tuple[Concept, ...] = ()
    service_type: tuple[Concept, ...] = ()
    specialty: tuple[Concept, ...] = ()
    appointment_type: Concept | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    participant: tuple[AppointmentParticipant, ...] = ()
    virtual_service: tuple[VirtualService, ...] = ()
    patient_instruction: str | None = None
    comment: str | None = None
    priority: int | None = None
    created: FhirDate | None = None
    slot: tuple[Reference, ...] = ()
    supporting_information: tuple[Reference, ...] = ()
    based_on: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Record):
    status: str | None = None
    start: FhirDate | None = None
    end: FhirDate | None = None
    service_category: tuple[Concept, ...] = ()
    service_type: tuple[Concept, ...] = ()
    specialty: tuple[Concept, ...] = ()
    appointment_type: Concept | None = None
    schedule: Reference | None = None
    overbooked: bool | None = None
    comment: str | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    content: str | Attachment | Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Communication(Record):
    status: str | None = None
    status_reason: Concept | None = None
    topic: Concept | None = None
    category: tuple[Concept, ...] = ()
    priority: str | None = None
    sender: Reference | None = None
    recipient: tuple[Reference, ...] = ()
    sent: FhirDate | None = None
    received: FhirDate | None = None
    payload: tuple[Payload, ...] = ()
    medium: tuple[Concept, ...] = ()
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    about: tuple[Reference, ...] = ()
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    part_of: tuple[Reference, ...] = ()
    in_response_to: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


TaskValue = (
    bool | int | DecimalText | FhirDate | str | Concept | Coding | Quantity | Range | Ratio | Period
    | Reference | Identifier | Annotation | Attachment
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskParameter:
    type: Concept | None = None
    value: TaskValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRestriction:
    repetitions: int | None = None
    period: Period | None = None
    recipient: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Record):
    """A request and how far it has come. `completed` means answered: only a MedicationDispense means dispensed."""

    status: str | None = None
    business_status: Concept | None = None
    status_reason: Concept | None = None
    intent: str | None = None
    code: Concept | None = None
    description: str | None = None
    priority: str | None = None
    focus: Reference | None = None
    for_: Reference | None = None
    requester: Reference | None = None
    owner: Reference | None = None
    performer_type: tuple[Concept, ...] = ()
    authored_on: FhirDate | None = None
    last_modified: FhirDate | None = None
    execution_period: Period | None = None
    reason_code: Concept | None = None
    reason_reference: Reference | None = None
    restriction: TaskRestriction | None = None
    input: tuple[TaskParameter, ...] = ()
    output: tuple[TaskParameter, ...] = ()
    note: tuple[Annotation, ...] = ()
    location: Reference | None = None
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    part_of: tuple[Reference, ...] = ()
    insurance: tuple[Reference, ...] = ()
    relevant_history: tuple[Reference, ...] = ()
    group_identifier: Identifier | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UdiCarrier:
    device_identifier: str | None = None
    issuer: str | None = None
    carrier_hrf: str | None = None
    entry_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceName:
    name: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceVersion:
    type: Concept | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Record):
    status: str | None = None
    status_reason: tuple[Concept, ...] = ()
    type: Concept | None = None
    device_name: tuple[DeviceName, ...] = ()
    manufacturer: str | None = None
    model_number: str | None = None
    part_number: str | None = None
    serial_number: str | None = None
    lot_number: str | None = None
    manufacture_date: FhirDate | None = None
    expiration_date: FhirDate | None = None
    distinct_identifier: str | None = None
    udi_carrier: tuple[UdiCarrier, ...] = ()
    version: tuple[DeviceVersion, ...] = ()
    safety: tuple[Concept, ...] = ()
    owner: Reference | None = None
    location: Reference | None = None
    contact: tuple[ContactPoint, ...] = ()
    note: tuple[Annotation, ...] = ()
    patient: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest(Record):
    """An order or a referral."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    code: Concept | None = None
    order_detail: tuple[Concept, ...] = ()
    category: tuple[Concept, ...] = ()
    priority: str | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    occurrence: FhirDate | Period | Timing | None = None
    as_needed: bool | Concept | None = None
    authored_on: FhirDate | None = None
    requester: Reference | None = None
    performer: tuple[Reference, ...] = ()
    performer_type: Concept | None = None
    location_code: tuple[Concept, ...] = ()
    location_reference: tuple[Reference, ...] = ()
    quantity: Quantity | Ratio | Range | None = None
    body_site: tuple[Concept, ...] = ()
    patient_instruction: str | None = None
    note: tuple[Annotation, ...] = ()
    specimen: tuple[Reference, ...] = ()
    insurance: tuple[Reference, ...] = ()
    supporting_info: tuple[Reference, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    replaces: tuple[Reference, ...] = ()
    relevant_history: tuple[Reference, ...] = ()
    requisition: Identifier | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPolicy:
    authority: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentVerification:
    verified: bool | None = None
    verified_with: Reference | None = None
    verification_date: FhirDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentActor:
    role: Concept | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentData:
    meaning: str | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """`type` permit or deny; provisions inside are exceptions to it."""

    type: str | None = None
    period: Period | None = None
    actor: tuple[ConsentActor, ...] = ()
    action: tuple[Concept, ...] = ()
    purpose: tuple[Coding, ...] = ()
    class_: tuple[Coding, ...] = ()
    code: tuple[Concept, ...] = ()
    security_label: tuple[Coding, ...] = ()
    data_period: Period | None = None
    data: tuple[ConsentData, ...] = ()
    provision: tuple[Provision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Record):
    status: str | None = None
    scope: Concept | None = None
    category: tuple[Concept, ...] = ()
    date_time: FhirDate | None = None
    provision: Provision | None = None
    policy_rule: Concept | None = None
    policy: tuple[ConsentPolicy, ...] = ()
    performer: tuple[Reference, ...] = ()
    organization: tuple[Reference, ...] = ()
    verification: tuple[ConsentVerification, ...] = ()
    source: Attachment | Reference | None = None
    patient: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceAgent:
    type: Concept | None = None
    role: tuple[Concept, ...] = ()
    who: Reference | None = None
    on_behalf_of: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceEntity:
    role: str | None = None
    what: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance(Record):
    activity: Concept | None = None
    occurred: Period | FhirDate | None = None
    recorded: FhirDate | None = None
    agent: tuple[ProvenanceAgent, ...] = ()
    reason: tuple[Concept, ...] = ()
    location: Reference | None = None
    target: tuple[Reference, ...] = ()
    entity: tuple[ProvenanceEntity, ...] = ()
    policy: tuple[str, ...] = ()
