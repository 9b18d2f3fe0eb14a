"""Insurance, claims and bills. Amounts are US dollars."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from .build import RXNORM, TERMINOLOGY, Resource, at, clock, coding, concept, days, hl7, on, ref
from .medicines import DRUGS

if TYPE_CHECKING:
    from .life import Life

CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem/"


def dollars(value: float) -> Resource:
    return {"value": round(value, 2), "currency": "USD"}


def coverage(life: Life, payer: str, plan: str, member: str, since: str, *, holder: Resource | None = None) -> Resource:
    """The plan a person is covered by; `holder` is who pays for it where it is another."""
    relation = "self" if holder is None else "other"
    return life.add(
        "Coverage",
        identifier=[{"type": hl7("v2-0203", "MB", "Member Number"), "system": "urn:oid:2.999.1.2", "value": member}],
        status="active",
        type={"coding": [coding(TERMINOLOGY + "v3-ActCode", "PPO", "preferred provider organization policy")]},
        subscriber=holder,
        subscriberId=member[:-2] + "01",
        beneficiary=life.subject,
        relationship=hl7("subscriber-relationship", relation),
        period={"start": on(since)},
        payor=[life.place.organization(payer)],
        class_=[
            {"type": hl7("coverage-class", "group", "Group"), "value": "HARBOR-22", "name": "Harbor group"},
            {"type": hl7("coverage-class", "plan", "Plan"), "value": "BH-PPO", "name": plan},
            {"type": hl7("coverage-class", "rxbin", "RX BIN"), "value": "999001"},
            {"type": hl7("coverage-class", "rxpcn", "RX PCN"), "value": "HARBOR"},
        ],
        costToBeneficiary=[
            {"type": hl7("coverage-copay-type", "gpvisit", "GP Office Visit"), "valueMoney": dollars(25)},
            {"type": hl7("coverage-copay-type", "spvisit", "Specialist Office Visit"), "valueMoney": dollars(45)},
        ],
    )


def claim(
    life: Life,
    plan: Resource,
    day: date,
    words: str,
    billed: float,
    allowed: float,
    owed: float,
    *,
    kind: str = "professional",
    provider: str = "harbor-clinic",
    diagnosis: Resource | None = None,
    drug: str | None = None,
    **more: object,
) -> Resource:
    """A claim the plan decided. `drug` names a medicine of `DRUGS`; what was billed beyond `allowed` is written off."""
    decided = day + timedelta(days=12)
    service = concept(RXNORM, *DRUGS[drug]) if drug else {"text": words}
    number = f"CLM{10_000 + 37 * (len(life.records.all) + int(life.patient['identifier'][0]['value'][-4:])):08}"
    amounts = (
        ("submitted", "Submitted Amount", billed),
        ("eligible", "Eligible Amount", allowed),
        ("benefit", "Benefit Amount", allowed - owed),
    )
    adjudication = [
        {"category": hl7("adjudication", code, title), "amount": dollars(value)} for code, title, value in amounts
    ]
    adjudication.append(
        {
            "category": {"coding": [coding(CARIN + "C4BBAdjudication", "memberliability", "Member liability")]},
            "amount": dollars(owed),
        }
    )
    fields: dict[str, object] = {
        "identifier": [
            {
                "type": {"coding": [coding(CARIN + "C4BBIdentifierType", "uc", "Unique Claim ID")]},
                "system": "urn:oid:2.999.1.3",
                "value": number,
            }
        ],
        "status": "active",
        "type": hl7("claim-type", kind, kind.capitalize()),
        "use": "claim",
        "patient": life.subject,
        "billablePeriod": {"start": on(day), "end": on(day)},
        "created": at(clock(decided, 11)),
        "insurer": plan["payor"][0],
        "provider": life.place.organization(provider),
        "outcome": "complete",
        "diagnosis": [{"sequence": 1, "diagnosisReference": ref(diagnosis, diagnosis["code"]["text"])}]
        if diagnosis
        else None,
        "insurance": [{"focal": True, "coverage": ref(plan)}],
        "item": [
            {
                "sequence": 1,
                "productOrService": service,
                "servicedDate": on(day),
                "net": dollars(billed),
                "adjudication": adjudication,
            }
        ],
        "total": [
            {"category": hl7("adjudication", code, title), "amount": dollars(value)} for code, title, value in amounts
        ]
        + [
            {
                "category": {"coding": [coding(CARIN + "C4BBAdjudication", "memberliability", "Member liability")]},
                "amount": dollars(owed),
            }
        ],
        "payment": {"date": on(decided + timedelta(days=3)), "amount": dollars(allowed - owed)},
        "updated": decided,
    }
    return life.add("ExplanationOfBenefit", **(fields | more))


def bill(
    life: Life, account: Resource, day: date, number: str, words: str, amount: float, *, paid: date | None = None
) -> Resource:
    """A bill of the clinic with its twelve-digit number; `paid` makes it balanced."""
    note = f"Paid {{@{paid}}}. Thank you." if paid else f"Please pay by {{@{day + timedelta(days=30)}}}."
    return life.add(
        "Invoice",
        identifier=[{"system": "urn:oid:2.999.1.4", "value": number}],
        status="balanced" if paid else "issued",
        type={"text": "Statement of account"},
        subject=life.subject,
        recipient=life.subject,
        date=at(clock(day, 8)),
        issuer=life.place.organization("harbor-clinic"),
        account=ref(account),
        lineItem=[
            {
                "sequence": 1,
                "chargeItemCodeableConcept": {"text": words},
                "priceComponent": [{"type": "base", "amount": dollars(amount)}],
            }
        ],
        totalNet=dollars(amount),
        totalGross=dollars(amount),
        note=[{"text": note}],
        updated=paid or day,
    )


def account(life: Life, plan: Resource) -> Resource:
    return life.add(
        "Account",
        status="active",
        type=hl7("v3-ActCode", "PBILLACCT", "patient billing account"),
        name=f"Harbor Clinic account of {life.name}",
        subject=[life.subject],
        coverage=[{"coverage": ref(plan), "priority": 1}],
        owner=life.place.organization("harbor-clinic"),
    )


def asked_ahead(life: Life, plan: Resource, day: date, words: str, *, answer: str) -> tuple[Resource, Resource]:
    """A request for approval before a service, and the plan's answer."""
    created: datetime = clock(day, 9)
    request = life.add(
        "Claim",
        status="active",
        type=hl7("claim-type", "professional", "Professional"),
        use="preauthorization",
        patient=life.subject,
        created=at(created),
        insurer=plan["payor"][0],
        provider=life.place.organization("harbor-clinic"),
        priority=hl7("processpriority", "normal", "Normal"),
        insurance=[{"sequence": 1, "focal": True, "coverage": ref(plan)}],
        item=[{"sequence": 1, "productOrService": {"text": words}}],
        updated=created,
    )
    response = life.add(
        "ClaimResponse",
        status="active",
        type=hl7("claim-type", "professional", "Professional"),
        use="preauthorization",
        patient=life.subject,
        created=at(created + days(4)),
        insurer=plan["payor"][0],
        request=ref(request),
        outcome="complete",
        disposition=answer,
        preAuthRef=f"PA-{day:%y%m%d}-77",
        preAuthPeriod={"start": on(day + timedelta(days=4)), "end": on(day + timedelta(days=184))},
        updated=created + days(4),
    )
    return request, response
