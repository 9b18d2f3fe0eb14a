"""People and places around a record: who, where, and how to reach them. Elements are FHIR R4's."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.domain.fhir_types import (
    Address,
    Attachment,
    Coding,
    Concept,
    ContactPoint,
    DecimalText,
    FhirDate,
    HumanName,
    Identifier,
    Period,
    Record,
    Reference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientContact:
    """Someone to call for the patient."""

    relationship: tuple[Concept, ...] = ()
    name: HumanName | None = None
    telecom: tuple[ContactPoint, ...] = ()
    address: Address | None = None
    gender: str | None = None
    organization: Reference | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientLanguage:
    language: Concept | None = None
    preferred: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientLink:
    """Another Patient record of the same person; `type` replaced-by, replaces, refer or seealso."""

    other: Reference | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient(Record):
    active: bool | None = None
    name: tuple[HumanName, ...] = ()
    birth_date: FhirDate | None = None
    gender: str | None = None
    deceased: bool | FhirDate | None = None
    telecom: tuple[ContactPoint, ...] = ()
    address: tuple[Address, ...] = ()
    marital_status: Concept | None = None
    multiple_birth: bool | int | None = None
    communication: tuple[PatientLanguage, ...] = ()
    contact: tuple[PatientContact, ...] = ()
    general_practitioner: tuple[Reference, ...] = ()
    managing_organization: Reference | None = None
    identifier: tuple[Identifier, ...] = ()
    photo: tuple[Attachment, ...] = ()
    link: tuple[PatientLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPerson(Record):
    active: bool | None = None
    name: tuple[HumanName, ...] = ()
    relationship: tuple[Concept, ...] = ()
    patient: Reference | None = None
    telecom: tuple[ContactPoint, ...] = ()
    address: tuple[Address, ...] = ()
    gender: str | None = None
    birth_date: FhirDate | None = None
    period: Period | None = None
    communication: tuple[PatientLanguage, ...] = ()
    identifier: tuple[Identifier, ...] = ()
    photo: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    code: Concept | None = None
    period: Period | None = None
    issuer: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner(Record):
    active: bool | None = None
    name: tuple[HumanName, ...] = ()
    qualification: tuple[Qualification, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()
    address: tuple[Address, ...] = ()
    gender: str | None = None
    birth_date: FhirDate | None = None
    communication: tuple[Concept, ...] = ()
    identifier: tuple[Identifier, ...] = ()
    photo: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailableTime:
    """When someone is there. Days mon, tue, ...; times as written, in the place's own zone."""

    days_of_week: tuple[str, ...] = ()
    all_day: bool | None = None
    available_start_time: str | None = None
    available_end_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAvailable:
    description: str | None = None
    during: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerRole(Record):
    active: bool | None = None
    practitioner: Reference | None = None
    code: tuple[Concept, ...] = ()
    specialty: tuple[Concept, ...] = ()
    organization: Reference | None = None
    location: tuple[Reference, ...] = ()
    healthcare_service: tuple[Reference, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()
    period: Period | None = None
    available_time: tuple[AvailableTime, ...] = ()
    not_available: tuple[NotAvailable, ...] = ()
    availability_exceptions: str | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationContact:
    purpose: Concept | None = None
    name: HumanName | None = None
    telecom: tuple[ContactPoint, ...] = ()
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization(Record):
    active: bool | None = None
    name: str | None = None
    alias: tuple[str, ...] = ()
    type: tuple[Concept, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()
    address: tuple[Address, ...] = ()
    part_of: Reference | None = None
    contact: tuple[OrganizationContact, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """WGS84 degrees; altitude in metres."""

    longitude: DecimalText | None = None
    latitude: DecimalText | None = None
    altitude: DecimalText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    days_of_week: tuple[str, ...] = ()
    all_day: bool | None = None
    opening_time: str | None = None
    closing_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(Record):
    status: str | None = None
    operational_status: Coding | None = None
    name: str | None = None
    alias: tuple[str, ...] = ()
    description: str | None = None
    mode: str | None = None
    type: tuple[Concept, ...] = ()
    physical_type: Concept | None = None
    telecom: tuple[ContactPoint, ...] = ()
    address: Address | None = None
    managing_organization: Reference | None = None
    part_of: Reference | None = None
    hours_of_operation: tuple[OpeningHours, ...] = ()
    availability_exceptions: str | None = None
    position: Position | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    code: Concept | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthcareService(Record):
    active: bool | None = None
    name: str | None = None
    provided_by: Reference | None = None
    category: tuple[Concept, ...] = ()
    type: tuple[Concept, ...] = ()
    specialty: tuple[Concept, ...] = ()
    comment: str | None = None
    extra_details: str | None = None
    location: tuple[Reference, ...] = ()
    coverage_area: tuple[Reference, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()
    eligibility: tuple[Eligibility, ...] = ()
    program: tuple[Concept, ...] = ()
    characteristic: tuple[Concept, ...] = ()
    communication: tuple[Concept, ...] = ()
    referral_method: tuple[Concept, ...] = ()
    service_provision_code: tuple[Concept, ...] = ()
    appointment_required: bool | None = None
    available_time: tuple[AvailableTime, ...] = ()
    not_available: tuple[NotAvailable, ...] = ()
    availability_exceptions: str | None = None
    identifier: tuple[Identifier, ...] = ()
    photo: Attachment | None = None
