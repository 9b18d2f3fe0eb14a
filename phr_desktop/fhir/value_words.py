"""FHIR's datatypes in plain words, for a record's page. Laboratory figures keep their own text; doses: dosage.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from phr_desktop.domain.fhir_types import (
    Address,
    Annotation,
    Attachment,
    Coding,
    Concept,
    ContactPoint,
    Dosage,
    FhirDate,
    HumanName,
    Identifier,
    Money,
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    SampledData,
    Timing,
)
from phr_desktop.domain.result_words import unit_words
from phr_desktop.fhir import dosage
from phr_desktop.fhir.concepts import tidy_display
from phr_desktop.fhir.date_words import date_words

# Codes that come without words often, and say nothing to a reader.
_CODES = {
    "AMB": "Office visit", "EMER": "Emergency visit", "IMP": "Hospital stay", "ACUTE": "Hospital stay",
    "HH": "Home visit", "VR": "Virtual visit", "OBSENC": "Stay for observation", "SS": "Short stay",
    "PRENC": "Before admission", "onleave": "On leave", "IMMUNE": "Already immune", "OSTOCK": "Out of stock",
    "MEDPREC": "Not advised for a medical reason", "PATOBJ": "The patient did not want it",
    "FLD": "Visit in the field", "HIP": "Health insurance plan", "PPRF": "Main professional",
    "SPRF": "Further professional", "ATND": "Attending professional", "REF": "Referring professional",
    "ADM": "Admitting professional", "DIS": "Discharging professional", "PART": "Took part",
    "noshow": "Nobody came", "entered-in-error": "Entered in error", "not-done": "Not done",
    "not-taken": "Not taken", "preliminary": "Preliminary, may still change", "registered": "Registered, no result yet",
    "partial": "In part, more may come", "amended": "Amended after it was final",
    "corrected": "Corrected after it was final", "appended": "Added to after it was final",
    "differential": "Possible: one of several explanations", "unconfirmed": "Not confirmed",
    "provisional": "Provisional: not settled yet", "unable-to-assess": "Could not be judged",
    "health-unknown": "Nothing is known about this relative's health", "superseded": "Replaced by a newer one",
    "waitlist": "On the waiting list", "booked": "Booked", "proposed": "Asked, not confirmed",
    "pending": "Asked, not confirmed", "balanced": "Paid", "issued": "Issued", "deny": "Not allowed",
    "permit": "Allowed", "LAB": "Laboratory", "problem-list-item": "Problem list", "M": "Male", "F": "Female",
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday", "MR": "Medical record number", "DL": "Driver's license number",
    "submitted": "Charged", "eligible": "Eligible", "deductible": "Deductible", "copay": "Copay",
    "coinsurance": "Coinsurance", "noncovered": "Not covered", "benefit": "Payable by the plan",
    "memberliability": "You may owe", "paidbypatient": "Paid by you", "paidtopatient": "Paid to you",
    "paidtoprovider": "Paid to the provider", "paidbypatientcash": "Paid by you in cash",
    "priorpayerpaid": "Paid by another plan", "discount": "Discount", "drugcost": "Cost of the medicine",
    "benefitpaymentstatus": "Network", "billingnetworkstatus": "Billing provider's network",
    "renderingnetworkstatus": "Treating provider's network", "innetwork": "In network",
    "outofnetwork": "Out of network", "allowedunits": "Units allowed", "denialreason": "Why it was denied",
    "clmrecvddate": "Claim received", "admissionperiod": "Hospital stay", "typeofbill": "Type of bill",
    "pointoforigin": "Came from", "admtype": "Type of admission", "discharge-status": "Discharged to",
    "medicalrecordnumber": "Medical record number", "patientaccountnumber": "Account number",
    "refillnum": "Refill number", "dayssupply": "Days of supply", "brandgenericcode": "Brand or generic",
    "dawcode": "Dispense as written", "rxorigincode": "How the prescription came", "um": "Unique member number",
    "uc": "Claim number", "payerid": "Payer number", "npi": "National provider number",
    "NIIP": "Payer number", "UNK": "Not known", "unk": "Not known",
    "group": "Group", "subgroup": "Subgroup", "plan": "Plan", "subplan": "Part of the plan", "class": "Class",
    "rxid": "Pharmacy member number", "rxbin": "Pharmacy BIN", "rxpcn": "Pharmacy PCN", "rxgroup": "Pharmacy group",
    "principal": "Main", "secondary": "Further", "admitting": "At admission",
    "attending": "Attending doctor", "referring": "Referring doctor", "performing": "Treating professional",
    "prescribing": "Prescriber", "pcp": "Primary doctor", "other": "Other", "payer": "Payer", "provider": "Provider",
    "claim": "Claim", "preauthorization": "Request for approval before treatment",
    "predetermination": "Request for an estimate",
    "MTH": "Mother", "FTH": "Father", "SPS": "Spouse", "CHILD": "Child",
    "PPN": "Passport number", "MB": "Member number", "NPI": "National provider number",
}  # fmt: skip
LONGEST_NAME = 60  # characters; longer is no name but a definition
_CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£"}
_SECRET_SYSTEMS = ("us-ssn", "2.16.840.1.113883.4.1")
_FORMATS = {
    "application/pdf": "PDF",
    "text/plain": "text",
    "text/html": "web page",
    "application/xhtml+xml": "web page",
    "text/rtf": "formatted text",
    "application/rtf": "formatted text",
    "text/xml": "XML document",
    "application/xml": "XML document",
    "application/hl7-cda+xml": "XML document",
}
_CONTACTS = {"phone": "", "sms": "text message ", "fax": "fax ", "pager": "pager ", "email": "", "url": ""}
_USES = {"home": "home", "work": "work", "mobile": "mobile", "old": "no longer used", "temp": "for a time"}


def words(value: Any, now: datetime | None = None) -> str:
    """Any datatype in words; "" for what says nothing. `now`: aware, in the reader's zone, for times told in UTC."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(dict.fromkeys(filter(None, (words(item, now) for item in value))))
    if isinstance(value, FhirDate):
        return date_words(value, now)
    if isinstance(value, Period):
        return period_words(value, now)
    if isinstance(value, Annotation):
        return _annotation(value, now)
    if isinstance(value, Timing):
        return dosage.timing_words(value) or words(value.event, now)
    speak = _SPEAKERS.get(type(value))
    return speak(value) if speak is not None else ""


def period_words(period: Period, now: datetime | None = None) -> str:
    start = date_words(period.start, now) if period.start else ""
    end = date_words(period.end, now) if period.end else ""
    if start and end:
        return start if start == end else f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else ""


def code_words(code: str) -> str:
    """A plain code as words: "in-progress" reads "In progress"; one that is no word stays as it is."""
    known = _CODES.get(code)
    if known is not None:
        return known
    spaced = code.replace("-", " ").replace("_", " ")
    if not spaced.replace(" ", "").isalpha() or code.isupper():
        return code
    return spaced[:1].upper() + spaced[1:]


def concept_words(concept: Concept) -> str:
    """What its author wrote, else what a coding is called, else the code.

    Some insurers send a code's whole definition as its name: where the code has a word of its own, that is said.
    """
    said = dosage.concept_words(concept)
    bare = not concept.text and not any(c.display for c in concept.coding)
    if bare or len(said) > LONGEST_NAME:
        known = next((_CODES[c.code] for c in concept.coding if c.code in _CODES), None)
        return known or (code_words(said) if bare else said)
    return said


def kind_words(concept: Concept | None) -> str:
    """A concept that sorts something, in this program's own word where there is one."""
    known = next((_CODES[c.code] for c in concept.coding if c.code in _CODES), None) if concept else None
    return known or (concept_words(concept) if concept else "")


def age_words(value: Any, now: datetime | None = None) -> str:
    """When something in a life began or ended: an age reads "at age 45"."""
    said = words(value, now)
    if not said or not isinstance(value, Quantity):
        return said
    return f"at age {said.removesuffix(' years')}"


def coding_words(coding: Coding) -> str:
    if coding.code in _CODES and (coding.system or "").endswith("v3-ActCode"):
        return _CODES[coding.code]
    return tidy_display(coding.display) if coding.display else code_words(coding.code) if coding.code else ""


def figure_words(quantity: Quantity) -> str:
    """A measured figure: its source's own text, with comparator and unit."""
    if quantity.value is None:
        return ""
    comparator = {"ad": "at least "}.get(quantity.comparator or "", quantity.comparator or "")
    unit = unit_words(quantity.unit or quantity.code)
    return f"{comparator}{quantity.value} {_TIMES.get(unit, unit)}".rstrip()


_TIMES = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes"}


def range_words(given: Range) -> str:
    low = figure_words(given.low) if given.low else ""
    high = figure_words(given.high) if given.high else ""
    if low and high and given.low and given.high:
        same = (given.low.unit or given.low.code) == (given.high.unit or given.high.code)
        return f"{given.low.value if same else low} to {high}"
    return f"{low} or more" if low else f"{high} or less" if high else ""


def ratio_words(ratio: Ratio) -> str:
    top = figure_words(ratio.numerator) if ratio.numerator else ""
    bottom = figure_words(ratio.denominator) if ratio.denominator else ""
    if not top or not bottom:
        return top or bottom
    return f"{top} per {bottom}" if " " in top + bottom else f"{top}:{bottom}"


def money_words(money: Money) -> str:
    """ "$1,125.00"; more decimals than two are kept."""
    if money.value is None:
        return ""
    try:
        amount = Decimal(money.value)
        places = max(2, -int(amount.as_tuple().exponent))
    except (InvalidOperation, ValueError):
        return f"{money.value} {money.currency or ''}".rstrip()
    if not amount.is_finite() or abs(amount.adjusted()) > 15:
        return f"{money.value} {money.currency or ''}".rstrip()
    sign = "-" if amount < 0 else ""
    figure = f"{abs(amount):,.{places}f}"
    symbol = _CURRENCIES.get(money.currency or "")
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {money.currency or ''}".rstrip()


def reference_words(reference: Reference) -> str:
    """What a reference calls its target; the address of another record says nothing to a reader."""
    if reference.display:
        return " ".join(reference.display.split())
    return identifier_words(reference.identifier) if reference.identifier and reference.identifier.value else ""


def identifier_words(identifier: Identifier) -> str:
    """ "Medical record number: 3533489"; of a Social Security number the last four digits."""
    if not identifier.value:
        return ""
    kind = concept_words(identifier.type) if identifier.type else ""
    value = identifier.value
    if (identifier.system or "").endswith(_SECRET_SYSTEMS) or "SS" in _codes(identifier.type):
        value, kind = f"ending in {value[-4:]}", kind if len(kind) > 2 else "Social Security number"
    return f"{kind}: {value}" if kind else value


def _codes(concept: Concept | None) -> frozenset[str]:
    return concept.codes() if concept else frozenset()


def name_words(name: HumanName) -> str:
    whole = name.text or " ".join([*name.prefix, *name.given, name.family or "", *name.suffix])
    said = " ".join(whole.split())
    former = {"maiden": "maiden name", "old": "former name", "nickname": "nickname"}.get(name.use or "")
    return f"{said} ({former})" if said and former else said


def address_words(address: Address) -> str:
    place = " ".join(part for part in (address.state, address.postal_code) if part)
    parts = [*address.line, address.city, address.district, place, address.country]
    said = address.text or ", ".join(part for part in parts if part)
    use = _USES.get(address.use or "")
    return f"{said} ({use})" if said and use else said


def contact_words(point: ContactPoint) -> str:
    if not point.value:
        return ""
    use = _USES.get(point.use or "")
    return f"{_CONTACTS.get(point.system or '', '')}{point.value}{f' ({use})' if use else ''}"


def attachment_words(attachment: Attachment) -> str:
    """Title and kind of a document, and whether it came."""
    declared = (attachment.content_type or "").split(";")[0].strip().lower()
    kind = _FORMATS.get(declared) or ("picture" if declared.startswith("image/") else declared)
    name = attachment.title or kind[:1].upper() + kind[1:] or "Document"
    if attachment.data is not None or attachment.url:
        return f"{name} ({kind})" if attachment.title and kind else name
    return f"{name} (contents not received)"


def _annotation(note: Annotation, now: datetime | None) -> str:
    author = note.author if isinstance(note.author, str) else words(note.author)
    who = ", ".join(filter(None, (author, date_words(note.time, now) if note.time else "")))
    text = (note.text or "").strip()
    return f"{text} ({who})" if text and who else text


_SPEAKERS: dict[type, Callable[[Any], str]] = {
    Address: address_words,
    Attachment: attachment_words,
    Coding: coding_words,
    Concept: concept_words,
    ContactPoint: contact_words,
    Dosage: lambda value: dosage.dosage_in_words(value) or "",
    HumanName: name_words,
    Identifier: identifier_words,
    Money: money_words,
    Quantity: figure_words,
    Range: range_words,
    Ratio: ratio_words,
    Reference: reference_words,
    SampledData: lambda _value: "a recorded curve",
    bool: lambda value: "Yes" if value else "No",
    int: str,
    str: lambda value: value.strip(),
}
