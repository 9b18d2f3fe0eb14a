"""Insurance and money: coverage, claims, bills. Elements are FHIR R4's; amounts are their source's own text."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.domain.fhir_types import (
    Address,
    Annotation,
    Attachment,
    Concept,
    ContactPoint,
    DecimalText,
    FhirDate,
    HumanName,
    Identifier,
    Money,
    Period,
    Quantity,
    Record,
    Reference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageClass:
    """What the card says: group, plan, subgroup, RxBIN ..."""

    type: Concept | None = None
    value: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostException:
    type: Concept | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostToBeneficiary:
    type: Concept | None = None
    value: Quantity | Money | None = None
    exception: tuple[CostException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(Record):
    status: str | None = None
    type: Concept | None = None
    payor: tuple[Reference, ...] = ()
    class_: tuple[CoverageClass, ...] = ()
    subscriber_id: str | None = None
    dependent: str | None = None
    relationship: Concept | None = None
    period: Period | None = None
    subscriber: Reference | None = None
    policy_holder: Reference | None = None
    network: str | None = None
    order: int | None = None
    cost_to_beneficiary: tuple[CostToBeneficiary, ...] = ()
    subrogation: bool | None = None
    beneficiary: Reference | None = None
    contract: tuple[Reference, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    category: Concept | None = None
    reason: Concept | None = None
    amount: Money | None = None
    value: DecimalText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    category: Concept | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDetail:
    revenue: Concept | None = None
    category: Concept | None = None
    product_or_service: Concept | None = None
    modifier: tuple[Concept, ...] = ()
    quantity: Quantity | None = None
    unit_price: Money | None = None
    net: Money | None = None
    adjudication: tuple[Adjudication, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimItem:
    """One line of a claim; `adjudication` is the plan's answer to it."""

    sequence: int | None = None
    revenue: Concept | None = None
    category: Concept | None = None
    product_or_service: Concept | None = None
    modifier: tuple[Concept, ...] = ()
    program_code: tuple[Concept, ...] = ()
    serviced: FhirDate | Period | None = None
    location: Concept | Address | Reference | None = None
    quantity: Quantity | None = None
    unit_price: Money | None = None
    factor: DecimalText | None = None
    net: Money | None = None
    body_site: Concept | None = None
    encounter: tuple[Reference, ...] = ()
    adjudication: tuple[Adjudication, ...] = ()
    detail: tuple[ClaimDetail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedItem:
    """A line that the plan added."""

    item_sequence: tuple[int, ...] = ()
    product_or_service: Concept | None = None
    modifier: tuple[Concept, ...] = ()
    serviced: FhirDate | Period | None = None
    quantity: Quantity | None = None
    unit_price: Money | None = None
    net: Money | None = None
    adjudication: tuple[Adjudication, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedClaim:
    """A claim that this one belongs to; `relationship` prior: this one took its place."""

    claim: Reference | None = None
    relationship: Concept | None = None
    reference: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    type: Concept | None = None
    party: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCareTeam:
    sequence: int | None = None
    provider: Reference | None = None
    responsible: bool | None = None
    role: Concept | None = None
    qualification: Concept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportingInfo:
    sequence: int | None = None
    category: Concept | None = None
    code: Concept | None = None
    timing: FhirDate | Period | None = None
    value: bool | str | Quantity | Attachment | Reference | None = None
    reason: Concept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDiagnosis:
    sequence: int | None = None
    diagnosis: Concept | Reference | None = None
    type: tuple[Concept, ...] = ()
    on_admission: Concept | None = None
    package_code: Concept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimProcedure:
    sequence: int | None = None
    procedure: Concept | Reference | None = None
    type: tuple[Concept, ...] = ()
    date: FhirDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimInsurance:
    sequence: int | None = None
    focal: bool | None = None
    coverage: Reference | None = None
    business_arrangement: str | None = None
    pre_auth_ref: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accident:
    date: FhirDate | None = None
    type: Concept | None = None
    location: Address | Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    type: Concept | None = None
    amount: Money | None = None
    date: FhirDate | None = None
    adjustment: Money | None = None
    adjustment_reason: Concept | None = None
    identifier: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessNote:
    number: int | None = None
    type: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitFinancial:
    type: Concept | None = None
    allowed: int | str | Money | None = None
    used: int | Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitBalance:
    category: Concept | None = None
    excluded: bool | None = None
    name: str | None = None
    description: str | None = None
    network: Concept | None = None
    unit: Concept | None = None
    term: Concept | None = None
    financial: tuple[BenefitFinancial, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBase(Record):
    """What a claim, its answer and the explanation share. `use`: claim, preauthorization or predetermination."""

    status: str | None = None
    use: str | None = None
    type: Concept | None = None
    sub_type: Concept | None = None
    patient: Reference | None = None
    created: FhirDate | None = None
    insurer: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(ClaimBase):
    billable_period: Period | None = None
    provider: Reference | None = None
    facility: Reference | None = None
    item: tuple[ClaimItem, ...] = ()
    total: Money | None = None
    diagnosis: tuple[ClaimDiagnosis, ...] = ()
    procedure: tuple[ClaimProcedure, ...] = ()
    care_team: tuple[ClaimCareTeam, ...] = ()
    supporting_info: tuple[SupportingInfo, ...] = ()
    insurance: tuple[ClaimInsurance, ...] = ()
    accident: Accident | None = None
    payee: Payee | None = None
    priority: Concept | None = None
    funds_reserve: Concept | None = None
    related: tuple[RelatedClaim, ...] = ()
    prescription: Reference | None = None
    original_prescription: Reference | None = None
    referral: Reference | None = None
    enterer: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationOfBenefit(ClaimBase):
    """Not a bill: what the plan says it paid and what may be owed."""

    outcome: str | None = None
    disposition: str | None = None
    billable_period: Period | None = None
    provider: Reference | None = None
    facility: Reference | None = None
    total: tuple[Total, ...] = ()
    payment: Payment | None = None
    item: tuple[ClaimItem, ...] = ()
    add_item: tuple[AddedItem, ...] = ()
    adjudication: tuple[Adjudication, ...] = ()
    diagnosis: tuple[ClaimDiagnosis, ...] = ()
    procedure: tuple[ClaimProcedure, ...] = ()
    care_team: tuple[ClaimCareTeam, ...] = ()
    supporting_info: tuple[SupportingInfo, ...] = ()
    insurance: tuple[ClaimInsurance, ...] = ()
    pre_auth_ref: tuple[str, ...] = ()
    pre_auth_ref_period: tuple[Period, ...] = ()
    precedence: int | None = None
    accident: Accident | None = None
    payee: Payee | None = None
    priority: Concept | None = None
    related: tuple[RelatedClaim, ...] = ()
    process_note: tuple[ProcessNote, ...] = ()
    benefit_period: Period | None = None
    benefit_balance: tuple[BenefitBalance, ...] = ()
    claim: Reference | None = None
    claim_response: Reference | None = None
    prescription: Reference | None = None
    original_prescription: Reference | None = None
    referral: Reference | None = None
    enterer: Reference | None = None
    form: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredClaimItem:
    item_sequence: int | None = None
    adjudication: tuple[Adjudication, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimError:
    item_sequence: int | None = None
    code: Concept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResponse(ClaimBase):
    outcome: str | None = None
    disposition: str | None = None
    pre_auth_ref: str | None = None
    pre_auth_period: Period | None = None
    total: tuple[Total, ...] = ()
    payment: Payment | None = None
    item: tuple[AnsweredClaimItem, ...] = ()
    add_item: tuple[AddedItem, ...] = ()
    adjudication: tuple[Adjudication, ...] = ()
    process_note: tuple[ProcessNote, ...] = ()
    error: tuple[ClaimError, ...] = ()
    payee_type: Concept | None = None
    requestor: Reference | None = None
    request: Reference | None = None
    insurance: tuple[ClaimInsurance, ...] = ()
    communication_request: tuple[Reference, ...] = ()
    form: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceComponent:
    """`type`: base, surcharge, deduction, discount, tax or informational."""

    type: str | None = None
    code: Concept | None = None
    factor: DecimalText | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    sequence: int | None = None
    charge_item: Concept | Reference | None = None
    price_component: tuple[PriceComponent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceParticipant:
    role: Concept | None = None
    actor: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(Record):
    """A bill. `status` balanced: paid."""

    status: str | None = None
    cancelled_reason: str | None = None
    type: Concept | None = None
    date: FhirDate | None = None
    issuer: Reference | None = None
    recipient: Reference | None = None
    total_gross: Money | None = None
    total_net: Money | None = None
    line_item: tuple[InvoiceLine, ...] = ()
    total_price_component: tuple[PriceComponent, ...] = ()
    payment_terms: str | None = None
    participant: tuple[InvoiceParticipant, ...] = ()
    account: Reference | None = None
    note: tuple[Annotation, ...] = ()
    subject: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCoverage:
    coverage: Reference | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantor:
    party: Reference | None = None
    on_hold: bool | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Record):
    status: str | None = None
    name: str | None = None
    type: Concept | None = None
    description: str | None = None
    service_period: Period | None = None
    owner: Reference | None = None
    coverage: tuple[AccountCoverage, ...] = ()
    guarantor: tuple[Guarantor, ...] = ()
    subject: tuple[Reference, ...] = ()
    part_of: Reference | None = None
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContact:
    purpose: Concept | None = None
    name: HumanName | None = None
    telecom: tuple[ContactPoint, ...] = ()
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitLimit:
    value: Quantity | None = None
    code: Concept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBenefit:
    type: Concept | None = None
    requirement: str | None = None
    limit: tuple[BenefitLimit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCoverage:
    type: Concept | None = None
    network: tuple[Reference, ...] = ()
    benefit: tuple[PlanBenefit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralCost:
    type: Concept | None = None
    group_size: int | None = None
    cost: Money | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitCost:
    type: Concept | None = None
    applicability: Concept | None = None
    qualifiers: tuple[Concept, ...] = ()
    value: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostedBenefit:
    type: Concept | None = None
    cost: tuple[BenefitCost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificCost:
    category: Concept | None = None
    benefit: tuple[CostedBenefit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    type: Concept | None = None
    coverage_area: tuple[Reference, ...] = ()
    network: tuple[Reference, ...] = ()
    general_cost: tuple[GeneralCost, ...] = ()
    specific_cost: tuple[SpecificCost, ...] = ()
    identifier: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurancePlan(Record):
    status: str | None = None
    name: str | None = None
    alias: tuple[str, ...] = ()
    type: tuple[Concept, ...] = ()
    period: Period | None = None
    owned_by: Reference | None = None
    administered_by: Reference | None = None
    coverage_area: tuple[Reference, ...] = ()
    network: tuple[Reference, ...] = ()
    contact: tuple[PlanContact, ...] = ()
    coverage: tuple[PlanCoverage, ...] = ()
    plan: tuple[Plan, ...] = ()
    identifier: tuple[Identifier, ...] = ()
