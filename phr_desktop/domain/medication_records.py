"""What sources say about medicines: orders, statements, dispenses, doses given. Elements are FHIR R4's."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.domain.fhir_types import (
    Annotation,
    Concept,
    Dosage,
    FhirDate,
    Identifier,
    Period,
    Quantity,
    Ratio,
    Record,
    Reference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    item: Concept | Reference | None = None
    is_active: bool | None = None
    strength: Ratio | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    lot_number: str | None = None
    expiration_date: FhirDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication(Record):
    code: Concept | None = None
    status: str | None = None
    form: Concept | None = None
    amount: Ratio | None = None
    ingredient: tuple[Ingredient, ...] = ()
    manufacturer: Reference | None = None
    batch: Batch | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineRecord(Record):
    """What the four kinds share. `medication` as written; `concept` is the best that the record itself knows."""

    medication: Concept | Reference | None = None

    @property
    def concept(self) -> Concept | None:
        """The medicine's codes: its own concept, or that of the Medication it contains. None: only a reference."""
        if isinstance(self.medication, Concept):
            return self.medication
        inside = self.inside(self.medication)
        return inside.code if isinstance(inside, Medication) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialFill:
    quantity: Quantity | None = None
    duration: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DispenseRequest:
    initial_fill: InitialFill | None = None
    dispense_interval: Quantity | None = None
    validity_period: Period | None = None
    number_of_repeats_allowed: int | None = None
    quantity: Quantity | None = None
    expected_supply_duration: Quantity | None = None
    performer: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionAllowed:
    allowed: bool | Concept | None = None
    reason: Concept | None = None


NO_ORDERS = frozenset({"proposal", "option"})  # intents of a MedicationRequest by which nobody has ordered anything


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationRequest(MedicineRecord):
    status: str | None = None
    status_reason: Concept | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    dosage_instruction: tuple[Dosage, ...] = ()
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    authored_on: FhirDate | None = None
    requester: Reference | None = None
    recorder: Reference | None = None
    reported: bool | Reference | None = None
    category: tuple[Concept, ...] = ()
    priority: str | None = None
    course_of_therapy_type: Concept | None = None
    dispense_request: DispenseRequest | None = None
    substitution: SubstitutionAllowed | None = None
    note: tuple[Annotation, ...] = ()
    performer: Reference | None = None
    performer_type: Concept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    prior_prescription: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    insurance: tuple[Reference, ...] = ()
    supporting_information: tuple[Reference, ...] = ()
    detected_issue: tuple[Reference, ...] = ()
    group_identifier: Identifier | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationStatement(MedicineRecord):
    status: str | None = None
    status_reason: tuple[Concept, ...] = ()
    effective: FhirDate | Period | None = None
    date_asserted: FhirDate | None = None
    dosage: tuple[Dosage, ...] = ()
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    information_source: Reference | None = None
    category: Concept | None = None
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    context: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    part_of: tuple[Reference, ...] = ()
    derived_from: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationPerformer:
    function: Concept | None = None
    actor: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionMade:
    was_substituted: bool | None = None
    type: Concept | None = None
    reason: tuple[Concept, ...] = ()
    responsible_party: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationDispense(MedicineRecord):
    status: str | None = None
    status_reason: Concept | Reference | None = None
    when_handed_over: FhirDate | None = None
    when_prepared: FhirDate | None = None
    quantity: Quantity | None = None
    days_supply: Quantity | None = None
    type: Concept | None = None
    dosage_instruction: tuple[Dosage, ...] = ()
    performer: tuple[MedicationPerformer, ...] = ()
    location: Reference | None = None
    substitution: SubstitutionMade | None = None
    category: Concept | None = None
    note: tuple[Annotation, ...] = ()
    destination: Reference | None = None
    receiver: tuple[Reference, ...] = ()
    authorizing_prescription: tuple[Reference, ...] = ()
    subject: Reference | None = None
    context: Reference | None = None
    part_of: tuple[Reference, ...] = ()
    supporting_information: tuple[Reference, ...] = ()
    detected_issue: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseGiven:
    text: str | None = None
    site: Concept | None = None
    route: Concept | None = None
    method: Concept | None = None
    dose: Quantity | None = None
    rate: Ratio | Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationAdministration(MedicineRecord):
    """A dose given by somebody: history, never a schedule."""

    status: str | None = None
    status_reason: tuple[Concept, ...] = ()
    effective: FhirDate | Period | None = None
    dosage: DoseGiven | None = None
    reason_code: tuple[Concept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    performer: tuple[MedicationPerformer, ...] = ()
    category: Concept | None = None
    note: tuple[Annotation, ...] = ()
    device: tuple[Reference, ...] = ()
    request: Reference | None = None
    subject: Reference | None = None
    context: Reference | None = None
    part_of: tuple[Reference, ...] = ()
    supporting_information: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()
