"""Claims of pharmacies: a fill where the plan paid for one, and never where it was reversed or denied."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from phr_desktop.clock import FixedClock
from phr_desktop.domain.medicines import ForecastGap, MedicineHeading, MedicineLine
from phr_desktop.domain.people import SourceKind
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault.vault import Vault
from tests.corpus import corpus
from tests.queries.test_medicines import dispense, order
from tests.resources import store

CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem/"
NDC = "http://hl7.org/fhir/sid/ndc"
LISINOPRIL = {
    "coding": [
        {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "314076"},
        {"system": NDC, "code": "00093-1044-01"},
    ],
    "text": "lisinopril 10 MG Oral Tablet",
}


def info(code: str, value: float) -> dict[str, Any]:
    category = {"coding": [{"system": CARIN + "C4BBSupportingInfoType", "code": code}]}
    return {"sequence": 1, "category": category, "valueQuantity": {"value": value}}


def claim(id_: str = "e1", day: str = "2026-10-27", quantity: float | None = 30, **more: Any) -> dict[str, Any]:
    item: dict[str, Any] = {
        "sequence": 1,
        "productOrService": {"coding": [{"system": NDC, "code": "0093-1044-01", "display": "Lisinopril 10 mg, 100"}]},
        "servicedDate": day,
    }
    if quantity is not None:
        item["quantity"] = {"value": quantity}
    return {
        "resourceType": "ExplanationOfBenefit",
        "id": id_,
        "identifier": [{"system": "urn:oid:2.999.1.3", "value": f"CLM-{id_}"}],
        "status": "active",
        "use": "claim",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "pharmacy"}]},
        "outcome": "complete",
        "billablePeriod": {"start": day},
        "supportingInfo": [info("dayssupply", 30)],
        "item": [item],
        **more,
    }


def lines(vault: Vault, clock: FixedClock, person: int) -> tuple[MedicineLine, ...]:
    return medicine_list(vault, clock, person).lines


def plan(vault: Vault, person: int, *claims: dict[str, Any]) -> None:
    store(vault, person, claims, SourceKind.PORTAL, portal="Bay Health Plan")


def test_a_claim_is_a_fill_of_the_line_that_carries_its_ndc(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(medicationCodeableConcept=LISINOPRIL)])
    plan(vault, mina, claim())
    (line,) = lines(vault, clock, mina)
    assert line.forecast.runs_out == date(2026, 11, 26)
    assert line.forecast.evidence == "filled Oct 27, 2026, 30 for 30 days"
    assert (line.forecast.fills[0].source_name, line.sources[0].type) == ("Bay Health Plan", "ExplanationOfBenefit")


def test_the_same_fill_told_by_pharmacy_and_plan_counts_once(vault: Vault, clock: FixedClock, mina: int) -> None:
    coded = {"medicationCodeableConcept": LISINOPRIL}
    store(vault, mina, [order(**coded), dispense(**coded)])
    plan(vault, mina, claim(day="2026-10-25"))
    (line,) = lines(vault, clock, mina)
    assert (line.forecast.runs_out, len(line.forecast.fills)) == (date(2026, 11, 26), 1)
    assert line.forecast.carried_over == 0
    assert len(line.sources) == 3


DENIED = {"category": {"coding": [{"system": CARIN + "C4BBAdjudicationDiscriminator", "code": "denialreason"}]}}
REPLACED = {"relationship": {"coding": [{"code": "replaced"}]}, "reference": {"value": "CLM-x"}}


@pytest.mark.parametrize(
    "more",
    [
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"outcome": "error"},
        {"outcome": "queued"},
        {"use": "predetermination"},
        {"disposition": "Claim reversed by the pharmacy"},
        {"disposition": "Denied: refill too soon"},
        {"adjudication": [DENIED]},
        {"related": [REPLACED]},
        {"quantity": -30},
        {"quantity": 0},
    ],
)
def test_a_reversed_or_denied_claim_is_no_fill(
    vault: Vault, clock: FixedClock, mina: int, more: dict[str, Any]
) -> None:
    store(vault, mina, [order(medicationCodeableConcept=LISINOPRIL)])
    plan(vault, mina, claim(**more))
    assert all(line.forecast.gap is ForecastGap.NO_DISPENSE for line in lines(vault, clock, mina))


@pytest.mark.parametrize(
    "later",
    [
        claim("e2", related=[{"relationship": {"coding": [{"code": "prior"}]}, "reference": {"value": "CLM-e1"}}],
              outcome="error"),
        claim("e2", related=[{"relationship": {"coding": [{"code": "prior"}]},
                              "claim": {"reference": "ExplanationOfBenefit/e1"}}], outcome="error"),
        claim("e2", quantity=-30),
    ],
)  # fmt: skip
def test_a_claim_that_a_later_one_takes_back_is_no_fill(
    vault: Vault, clock: FixedClock, mina: int, later: dict[str, Any]
) -> None:
    store(vault, mina, [order(medicationCodeableConcept=LISINOPRIL)])
    plan(vault, mina, claim(), later)
    (line,) = lines(vault, clock, mina)
    assert line.forecast.gap is ForecastGap.NO_DISPENSE
    assert [source.filled for source in line.sources if source.type == "ExplanationOfBenefit"] == [False, False]


def test_a_claim_alone_is_asked_about_and_a_denied_one_is_only_history(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    plan(vault, mina, claim())
    (line,) = lines(vault, clock, mina)
    assert (line.heading, line.key) == (MedicineHeading.RECENT, "ndc:00093104401")
    plan(vault, mina, claim(outcome="error"))
    (line,) = lines(vault, clock, mina)
    assert line.heading is MedicineHeading.HISTORY


def test_a_claim_of_a_clinic_or_for_a_mixture_is_no_medicine(vault: Vault, clock: FixedClock, mina: int) -> None:
    clinic = claim(type={"coding": [{"code": "professional"}]})
    mixture = claim("e2")
    mixture["item"] = mixture["item"] * 2
    plan(vault, mina, clinic, mixture)
    assert lines(vault, clock, mina) == ()


@pytest.mark.corpus
@pytest.mark.skipif(corpus() is None, reason="no corpus")
@pytest.mark.parametrize("version", ["110", "200"])
def test_the_published_examples_give_ndc_day_and_days(vault: Vault, clock: FixedClock, mina: int, version: str) -> None:
    folder = corpus()
    assert folder is not None
    body = json.loads((folder / "carin" / version / "ExplanationOfBenefit-EOBPharmacy1.json").read_bytes())
    plan(vault, mina, body)
    (line,) = lines(vault, clock, mina)
    assert line.key == "ndc:00777310502"
    assert (line.sources[0].days_supply, line.sources[0].filled) == ("30", True)
    assert (
        line.forecast.evidence
        == {
            "110": "the fill has no date",  # what was billed is a period, months after the day of service
            "200": "filled Jul 2, 2019 for 30 days",
        }[version]
    )
