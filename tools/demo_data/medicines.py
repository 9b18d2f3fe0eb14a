"""Medicines: what each is called in RxNorm, how a prescription and its dispenses are written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from .build import RXNORM, TERMINOLOGY, Resource, at, clock, coding, concept, on, quantity, ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .life import Life

# Source: RxNorm, clinical drugs. What has no code here is prescribed by its name alone, as some clinics do.
DRUGS = {
    "lisinopril-10": ("314076", "lisinopril 10 MG Oral Tablet"),
    "lisinopril-20": ("314077", "lisinopril 20 MG Oral Tablet"),
    "amlodipine-5": ("197361", "amlodipine 5 MG Oral Tablet"),
    "amlodipine-10": ("308135", "amlodipine 10 MG Oral Tablet"),
    "atorvastatin-20": ("617310", "atorvastatin 20 MG Oral Tablet"),
    "metformin-500": ("861007", "metformin hydrochloride 500 MG Oral Tablet"),
    "levothyroxine-75": ("966222", "levothyroxine sodium 0.075 MG Oral Tablet"),
    "simvastatin-20": ("312961", "simvastatin 20 MG Oral Tablet"),
    "hydrochlorothiazide-25": ("310798", "hydrochlorothiazide 25 MG Oral Tablet"),
    "furosemide-20": ("310429", "furosemide 20 MG Oral Tablet"),
    "warfarin-5": ("855332", "warfarin sodium 5 MG Oral Tablet"),
    "omeprazole-20": ("198051", "omeprazole 20 MG Delayed Release Oral Capsule"),
    "acetaminophen-500": ("198440", "acetaminophen 500 MG Oral Tablet"),
    "acetaminophen-325": ("313782", "acetaminophen 325 MG Oral Tablet"),
    "acetaminophen-160": ("313820", "acetaminophen 160 MG Chewable Tablet"),
    "oxycodone": ("1049221", "acetaminophen 325 MG / oxycodone hydrochloride 5 MG Oral Tablet"),
    "ibuprofen-200": ("310965", "ibuprofen 200 MG Oral Tablet"),
    "azithromycin-250": ("308460", "azithromycin 250 MG Oral Tablet"),
    "amoxicillin-500": ("308191", "amoxicillin 500 MG Oral Capsule"),
    "amoxicillin-80": ("308189", "amoxicillin 80 MG/ML Oral Suspension"),
    "ceftriaxone-1000": ("1665021", "ceftriaxone 1000 MG Injection"),
    "enoxaparin-40": ("854235", "0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe"),
    "aspirin-81": ("243670", "aspirin 81 MG Oral Tablet"),
    "sertraline-50": ("312941", "sertraline 50 MG Oral Tablet"),
    "escitalopram-10": ("349332", "escitalopram 10 MG Oral Tablet"),
    "sumatriptan-50": ("313161", "sumatriptan 50 MG Oral Tablet"),
    "camila": ("748962", "Camila 28 Day Pack"),
    "albuterol": ("745679", "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
    "fluticasone-44": ("895994", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler"),
    "cetirizine-10": ("1014678", "cetirizine hydrochloride 10 MG Oral Tablet"),
}


@dataclass(frozen=True)
class Dose:
    """How a medicine is taken: the clinic's sentence, and the same as structure where the clinic gives it."""

    text: str
    each: float | None = None  # how many of `unit` at a time
    unit: str = "tablet"
    times: float | None = None  # so often in one `period`
    period: float = 1
    period_unit: str = "d"
    as_needed: bool = False
    when: tuple[str, ...] = ()  # MORN, EVE, C ...

    def written(self) -> list[Resource]:
        dosage: Resource = {"sequence": 1, "text": self.text, "route": {"text": "by mouth"}}
        if self.times is not None:
            dosage["timing"] = {
                "repeat": {"frequency": self.times, "period": self.period, "periodUnit": self.period_unit}
            }
            if self.when:
                dosage["timing"]["repeat"]["when"] = list(self.when)
        if self.as_needed:
            dosage["asNeededBoolean"] = True
        if self.each is not None:
            kind = coding(TERMINOLOGY + "dose-rate-type", "ordered", "Ordered")
            dosage["doseAndRate"] = [
                {"type": {"coding": [kind]}, "doseQuantity": {"value": self.each, "unit": self.unit}}
            ]
        return [dosage]


def drug(name: str) -> Resource:
    """The medicine as a CodeableConcept; a name that is not in `DRUGS` stands as text alone."""
    if name not in DRUGS:
        return {"text": name}
    code, title = DRUGS[name]
    return concept(RXNORM, code, title)


def order(
    life: Life,
    name: str,
    dose: Dose,
    day: date,
    prescriber: str,
    *,
    status: str = "active",
    reason: Resource | None = None,
    amount: float | None = None,
    supply: int | None = None,
    refills: int | None = None,
    apart: bool = False,
    until: date | None = None,
    encounter: Resource | None = None,
    pharmacy: str = "quay-pharmacy",
    inpatient: bool = False,
    **more: object,
) -> Resource:
    """A prescription. `apart` names the medicine by reference to the clinic's Medication; `supply` is in days."""
    if apart:
        medication = life.place.medications[name]
        naming = {"medicationReference": ref(medication, medication["code"]["text"])}
    else:
        naming = {"medicationCodeableConcept": drug(name)}
    request = None
    if amount is not None:
        period = {"start": on(day)} | ({"end": on(until)} if until else {})
        request = {"validityPeriod": period, "quantity": {"value": amount, "unit": dose.unit}}
        if refills is not None:
            request["numberOfRepeatsAllowed"] = refills
        if supply is not None:
            request["expectedSupplyDuration"] = quantity(supply, "days", "d")
        request["performer"] = life.place.organization(pharmacy)
    category = "inpatient" if inpatient else "community"
    fields: dict[str, object] = {
        "status": status,
        "intent": "order",
        "category": [{"coding": [coding(TERMINOLOGY + "medicationrequest-category", category, category.capitalize())]}],
        **naming,
        "subject": life.subject,
        "encounter": ref(encounter) if encounter else None,
        "authoredOn": at(clock(day, 10, 5)),
        "requester": life.place.clinician(prescriber),
        "reasonReference": [ref(reason, reason["code"]["text"])] if reason else None,
        "dosageInstruction": dose.written(),
        "dispenseRequest": request,
        "updated": day,
    }
    return life.add("MedicationRequest", **(fields | more))


def fill(
    life: Life,
    request: Resource,
    day: date,
    amount: float,
    supply: int | None,
    *,
    number: int = 1,
    pharmacy: str = "quay-pharmacy",
    status: str = "completed",
    **more: object,
) -> Resource:
    """A dispense of a prescription, handed over in the late afternoon."""
    handed: datetime = clock(day, 16, 10)
    kind = ("FF", "First Fill") if number == 1 else ("RF", "Refill")
    naming = {key: value for key, value in request.items() if key.startswith("medication")}
    unit = request.get("dispenseRequest", {}).get("quantity", {}).get("unit", "tablet")
    fields: dict[str, object] = {
        "status": status,
        **naming,
        "subject": life.subject,
        "performer": [{"actor": life.place.organization(pharmacy)}],
        "authorizingPrescription": [ref(request)],
        "type": {"coding": [coding(TERMINOLOGY + "v3-ActCode", *kind)]},
        "quantity": {"value": amount, "unit": unit},
        "daysSupply": quantity(supply, "days", "d") if supply is not None else None,
        "whenPrepared": at(handed - timedelta(hours=3)),
        "whenHandedOver": at(handed) if status == "completed" else None,
        "dosageInstruction": request["dosageInstruction"],
        "updated": handed,
    }
    return life.add("MedicationDispense", **(fields | more))


def fills(life: Life, request: Resource, days: Iterable[date], amount: float, supply: int, **more: object) -> None:
    for number, day in enumerate(days, start=1):
        fill(life, request, day, amount, supply, number=number, **more)


def every(first: date, last: date, step: int) -> list[date]:
    """Days from `last` back to `first`, `step` apart; the newest is exactly `last`."""
    found = [last]
    while found[-1] - timedelta(days=step) >= first:
        found.append(found[-1] - timedelta(days=step))
    return found[::-1]


def given(life: Life, request: Resource, when: datetime, dose: str, encounter: Resource, **more: object) -> Resource:
    """One giving of a medicine in hospital."""
    fields: dict[str, object] = {
        "status": "completed",
        "medicationCodeableConcept": request["medicationCodeableConcept"],
        "subject": life.subject,
        "context": ref(encounter),
        "effectiveDateTime": at(when),
        "request": ref(request),
        "dosage": {"text": dose},
        "updated": when,
    }
    return life.add("MedicationAdministration", **(fields | more))


def stated(life: Life, name: str, text: str, since: str, **more: object) -> Resource:
    """What the person told the clinic they take without a prescription."""
    fields: dict[str, object] = {
        "status": "active",
        "medicationCodeableConcept": drug(name),
        "subject": life.subject,
        "effectivePeriod": {"start": on(since)},
        "informationSource": life.subject,
        "dosage": [{"text": text}],
    }
    return life.add("MedicationStatement", **(fields | more))
