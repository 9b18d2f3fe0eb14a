"""Pharmacy claims: what a plan says was handed out. Only a claim that was decided, and not taken back, is a fill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from phr_desktop.domain.coverage import Adjudication, ClaimItem, ExplanationOfBenefit, SupportingInfo
from phr_desktop.domain.fhir_types import Concept, FhirDate, Period, Quantity
from phr_desktop.fhir.dosage import concept_words

PHARMACY = ("pharmacy", "PDE")  # claim-type's word, and Medicare's for a "prescription drug event"
_DECIDED = frozenset({"complete", "partial"})
# Words of a plan that take a fill away: nothing is counted on a doubt.
_TAKEN_BACK = re.compile(r"\b(den(?:y|ied|ial)\w*|reject\w*|revers\w*|void\w*|cancel\w*|not covered)\b", re.IGNORECASE)
_DENIAL = frozenset({"denialreason"})  # CARIN Blue Button, C4BBAdjudication and its discriminator
_DAYS, _REFILL = "dayssupply", "refillnum"  # CARIN Blue Button, C4BBSupportingInfoType
# CARIN Blue Button, C4BBRelatedClaimRelationshipStatus: this claim replaces the named one, or is replaced by it.
_REPLACES, _REPLACED = "prior", "replaced"
_A_DAY = len("2026-11-21")
_OTHER_UNITS = frozenset({"wk", "week", "weeks", "mo", "month", "months", "h", "hour", "hours"})


@dataclass(frozen=True, slots=True)
class PharmacyClaim:
    """One claim for one product. `names` are what other claims call it by; `backs` those that it takes back."""

    product: Concept | None
    filled_on: FhirDate | None
    quantity: Quantity | None
    days_supply: str | None  # as written
    refill: int | None  # 0: the first fill of its prescription
    is_fill: bool  # decided, for something handed out, not denied or reversed by its own words
    names: frozenset[str]
    backs: frozenset[str]


def pharmacy_claim(claim: ExplanationOfBenefit) -> PharmacyClaim | None:
    """None for what is no pharmacy's claim or is about several products (a mixture made by the pharmacy)."""
    kinds = claim.type.codes() if claim.type is not None else frozenset()
    if kinds.isdisjoint(PHARMACY) or len(claim.item) != 1:
        return None
    (item,) = claim.item
    backs = frozenset(_related(claim, _REPLACES))
    reversal = _is_negative(item)
    return PharmacyClaim(
        product=item.product_or_service,
        filled_on=_filled_on(claim, item),
        quantity=item.quantity,
        days_supply=_days(claim.supporting_info),
        refill=_refill(claim.supporting_info),
        is_fill=claim.use in ("claim", None)
        and claim.outcome in _DECIDED
        and not reversal
        and not _is_taken_back(claim, item)
        and not set(_related(claim, _REPLACED)),
        names=frozenset(_names(claim)),
        backs=backs,
    )


def taken_back(claims: Mapping[int, PharmacyClaim]) -> set[int]:
    """Of the claims of one source, by record: those that another claim replaced or reversed.

    A reversal without a word of which claim it means takes back every claim of its product and day.
    """
    named: set[str] = set().union(*(one.backs for one in claims.values()))
    found = {record for record, one in claims.items() if not named.isdisjoint(one.names)}
    reversed_fills = {
        (_product(one), day) for one in claims.values() if _is_reversal(one) and (day := _day_text(one)) is not None
    }
    return found | {record for record, one in claims.items() if (_product(one), _day_text(one)) in reversed_fills}


def amount(quantity: Quantity | None) -> Decimal | None:
    """A quantity's plain number; None where it is compared ("<5") or is no number."""
    if quantity is None or quantity.value is None or quantity.comparator is not None:
        return None
    try:
        found = Decimal(quantity.value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _is_reversal(claim: PharmacyClaim) -> bool:
    number = amount(claim.quantity)
    return number is not None and number < 0


def _is_negative(item: ClaimItem) -> bool:
    number = amount(item.quantity)
    return number is not None and number <= 0


def _is_taken_back(claim: ExplanationOfBenefit, item: ClaimItem) -> bool:
    answers = (*claim.adjudication, *item.adjudication)
    if any(one.category is not None and not _DENIAL.isdisjoint(one.category.codes()) for one in answers):
        return True
    return any(_TAKEN_BACK.search(words) for words in _words(claim, answers))


def _words(claim: ExplanationOfBenefit, answers: Iterable[Adjudication]) -> Iterator[str]:
    yield claim.disposition or ""
    yield from (note.text or "" for note in claim.process_note)
    yield from (concept_words(one.reason) or "" for one in answers if one.reason is not None)


def _filled_on(claim: ExplanationOfBenefit, item: ClaimItem) -> FhirDate | None:
    """The day of service; else the day that was billed, where it is one. When the claim was made says nothing.

    A billed period of several days may begin months after the day of service: CARIN's own example does.
    """
    served = item.serviced.start if isinstance(item.serviced, Period) else item.serviced
    billed = claim.billable_period
    if served is not None or billed is None or billed.start is None:
        return served
    one_day = billed.end is None or billed.end.text[:_A_DAY] == billed.start.text[:_A_DAY]
    return billed.start if one_day else None


def _days(infos: Iterable[SupportingInfo]) -> str | None:
    for info in _of(infos, _DAYS):
        if isinstance(info.value, Quantity):
            unit = (info.value.code or info.value.unit or "d").lower()
            return info.value.value if info.value.comparator is None and unit not in _OTHER_UNITS else None
    return None


def _refill(infos: Iterable[SupportingInfo]) -> int | None:
    for info in _of(infos, _REFILL):
        number = amount(info.value) if isinstance(info.value, Quantity) else None
        if number is not None and number == number.to_integral_value() and 0 <= number < 100:
            return int(number)
    return None


def _of(infos: Iterable[SupportingInfo], code: str) -> Iterator[SupportingInfo]:
    return (info for info in infos if info.category is not None and code in info.category.codes())


def _related(claim: ExplanationOfBenefit, relationship: str) -> Iterator[str]:
    for one in claim.related:
        if one.relationship is not None and relationship in one.relationship.codes():
            if one.reference is not None and one.reference.value:
                yield one.reference.value
            if one.claim is not None and one.claim.reference:
                yield one.claim.reference
            if one.claim is not None and one.claim.identifier is not None and one.claim.identifier.value:
                yield one.claim.identifier.value


def _names(claim: ExplanationOfBenefit) -> Iterator[str]:
    yield from (one.value for one in claim.identifier if one.value)
    if claim.id:
        yield f"ExplanationOfBenefit/{claim.id}"
    if claim.claim is not None and claim.claim.reference:
        yield claim.claim.reference


def _product(claim: PharmacyClaim) -> frozenset[str]:
    return frozenset() if claim.product is None else claim.product.codes()


def _day_text(claim: PharmacyClaim) -> str | None:
    return None if claim.filled_on is None else claim.filled_on.text[:10]
