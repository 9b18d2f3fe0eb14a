"""What a record's own page says beside its title: label and words, in plain language, for every type."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from phr_desktop.domain import care, clinical, coverage, directory, medication_records
from phr_desktop.domain.fhir_types import Dosage, OtherRecord, Period, Quantity, Ratio, Record
from phr_desktop.domain.medication_records import MedicineRecord
from phr_desktop.domain.medicine_words import safe_doses
from phr_desktop.domain.records import DatePrecision
from phr_desktop.domain.result_words import owner as owner_of
from phr_desktop.domain.words import count_words
from phr_desktop.fhir import dosage
from phr_desktop.fhir.date_words import date_words
from phr_desktop.fhir.dosage import clock_words
from phr_desktop.fhir.labels import label_of
from phr_desktop.fhir.observed import for_whom, limit_words, mark_words, observed_words
from phr_desktop.fhir.reading import read_date
from phr_desktop.fhir.value_words import age_words, code_words, kind_words, words

Pair = tuple[str, str]
Pairs = tuple[Pair, ...]

# Said elsewhere on the page, or of no use to a reader: whose record it is, addresses of other records.
_UNSAID = frozenset(
    {
        "resource_type", "id", "title", "standing", "standing_reason", "narrative", "narrative_generated", "contained",
        "unread", "patient", "subject", "beneficiary", "for_", "link_id", "uid", "photo", "sequence", "focal",
        "group_identifier", "position", "carrier_hrf", "item_sequence", "link", "rank",
    }
)  # fmt: skip
# Types whose numbers people are asked for; elsewhere an identifier is a machine's.
_NUMBERED = frozenset(
    {
        "Account", "Claim", "ClaimResponse", "Coverage", "Device", "ExplanationOfBenefit", "Invoice", "Organization",
        "Patient", "Practitioner",
    }
)  # fmt: skip
# Strings that are codes and not somebody's words.
_CODED = frozenset(
    {
        "status", "doc_status", "lifecycle_status", "intent", "priority", "type", "use", "mode", "gender",
        "criticality", "severity", "outcome", "days_of_week", "category", "required", "kind", "code", "entry_type",
        "role", "meaning",
    }
)  # fmt: skip
_SAID_IF_TRUE = frozenset(
    {
        "as_needed", "is_subpotent", "reported", "on_hold", "overbooked", "estimated_age", "do_not_perform", "excluded",
        "deceased", "multiple_birth", "contributed_to_death",
    }
)  # fmt: skip
_AT_AGE = frozenset({"onset", "abatement", "deceased", "performed", "age"})
# Quantities of medicines: written as doses are, not as laboratories write.
_DOSED = frozenset(
    {"quantity", "days_supply", "expected_supply_duration", "dispense_interval", "duration", "dose", "dose_quantity"}
)
MAX_LINES = 400
_DAY = 86_400  # seconds
_CHOICE = re.compile(r"(?<=[a-z])(CodeableConcept|DateTime|Decimal|String|Boolean|Integer)$")
# Where no laboratory stands behind a finding, its mark and range are nobody's in particular.
_LABS_OWN = (("lab's mark", "marked by its source"), ("lab's range", "range given with it"))
# What a type without a class says of whose record it is.
_WHOSE = frozenset({"subject", "patient", "beneficiary", "for"})


def details(record: Record, now: datetime | None = None) -> Pairs:
    """Label and words of all that a record says, in reading order; nothing blank, and what is said twice stands twice.

    `now`: aware, in the reader's zone; without it a time written in UTC is told in UTC.
    """
    lines: list[Pair] = []
    if record.standing_reason:
        lines.append(("Please note", record.standing_reason))
    if isinstance(record, OtherRecord):
        lines += [_element(path, text, now) for path, text in record.elements if path not in _WHOSE]
    else:
        lines += _fields(record, type(record).__name__, now)
    if isinstance(record, clinical.Observation) and not _is_laboratorys(record):
        lines = [(_without_lab(label), text) for label, text in lines]
    lines += _inside(record, now)
    if record.narrative and not (record.narrative_generated and not isinstance(record, OtherRecord)):
        lines.append(("In its source's own words", record.narrative))
    if record.unread:
        lines.append(("Could not be read", ", ".join(record.unread[:20])))
    said = [(label, text) for label, text in lines if text and text != record.title]
    return tuple(said)[:MAX_LINES]


def _fields(value: Any, owner: str, now: datetime | None) -> Iterator[Pair]:
    for field in dataclasses.fields(value):
        given = getattr(value, field.name)
        if given is None or given == () or not _is_said(owner, field.name, given):
            continue
        yield from _field(owner, field.name, given, now)


def _is_said(owner: str, name: str, given: Any) -> bool:
    """Whether it tells a reader anything: that something usual is so, or something rare is not, goes without saying."""
    if name == "identifier":
        return owner in _NUMBERED
    if name == "active" and given is True:
        return False
    return name not in _UNSAID and not (given is False and name in _SAID_IF_TRUE)


def _field(owner: str, name: str, given: Any, now: datetime | None) -> Iterator[Pair]:
    label = label_of(owner, name)
    items = given if isinstance(given, tuple) else (given,)
    if _is_backbone(items[0]):
        for item in items:
            yield from _backbone(label, item, now)
    elif isinstance(items[0], Dosage):
        yield label, safe_doses(dosage.instruction(items) or "")
    elif owner == "Observation" and name == "value":
        yield label, observed_words(given, None, now)
    elif owner == "Observation" and name == "interpretation":
        yield label, mark_words(given)
    elif name == "note" or (isinstance(items[0], str) and len(items) > 1 and name not in _CODED):
        yield from ((label, words(item, now)) for item in items)
    else:
        yield label, ", ".join(dict.fromkeys(filter(None, (_single(owner, name, item, now) for item in items))))


def _is_backbone(value: Any) -> bool:
    """Whether it is a part of a record, and no datatype that words knows."""
    module = type(value).__module__
    return dataclasses.is_dataclass(value) and module != "phr_desktop.domain.fhir_types"


def _single(owner: str, name: str, value: Any, now: datetime | None) -> str:
    if isinstance(value, str) and name in _CODED:
        return code_words(value)
    medicinal = name in _DOSED or owner.startswith(("Medication", "DoseGiven"))
    if isinstance(value, Quantity) and medicinal:
        return dosage.quantity_words(value)
    if isinstance(value, Ratio) and medicinal:
        return dosage.ratio_words(value)
    if name in _AT_AGE:
        return age_words(value, now)
    return words(value, now)


def _backbone(label: str, value: Any, now: datetime | None) -> Iterator[Pair]:
    """A part of a record: by its own speaker, else its fields one after the other in one line."""
    speak = _SPEAKERS.get(type(value))
    if speak is not None:
        yield from speak(label, value, now)
        return
    lines = [(name, text) for name, text in _fields(value, type(value).__name__, now) if text]
    if len(lines) == 1:
        yield label, lines[0][1]
    elif lines:
        yield label, "; ".join(f"{name[:1].lower()}{name[1:]}: {text}" for name, text in lines)


def _inside(record: Record, now: datetime | None) -> Iterator[Pair]:
    """What contained records add: a medicine's make-up, a practitioner's name."""
    named = {record.title}
    for one in record.contained:
        if one.title not in named and one.resource_type != "Provenance":
            yield label_of("contained", one.resource_type), one.title
        if isinstance(record, MedicineRecord) and isinstance(one, medication_records.Medication):
            yield from (pair for pair in _fields(one, "Medication", now) if pair[1] not in named)


def _component(label: str, part: clinical.ObservationComponent, now: datetime | None) -> Iterator[Pair]:
    name = words(part.code) or label
    yield name, observed_words(part.value, part.data_absent_reason, now)
    yield f"{name}, lab's mark", mark_words(part.interpretation)
    for one in part.reference_range:
        yield from _reference_range(f"{name}, lab's range", one, now)


def _reference_range(label: str, given: clinical.ReferenceRange, _now: datetime | None) -> Iterator[Pair]:
    said, about = limit_words(given), for_whom(given)
    yield label, f"{said}, for: {about}" if said and about else said


def _is_laboratorys(record: clinical.Observation) -> bool:
    return any(owner_of(word) == "lab" for one in record.category for word in (*one.codes(), one.text))


def _without_lab(label: str) -> str:
    for own, other in _LABS_OWN:
        if label.lower().endswith(own):
            of = label[: -len(own)]
            return f"{of}{other}" if of else f"{other[0].upper()}{other[1:]}"
    return label


def _answered(
    label: str, item: clinical.AnsweredItem, now: datetime | None, depth: int = 0, group: str = ""
) -> Iterator[Pair]:
    """A question and its answers, then the questions below it; of a group its name before each: "Left knee: Pain?"."""
    said = ", ".join(filter(None, (words(answer.value, now) for answer in item.answer)))
    name = item.text or ("" if group else label)
    asked = ": ".join(part for part in (group, name) if part)
    if said:
        yield asked, said
    if depth < 20:
        below = [*item.item, *(inner for answer in item.answer for inner in answer.item)]
        for inner in below:
            yield from _answered(name or label, inner, now, depth + 1, group if said or not item.text else asked)


def _activity(label: str, activity: care.Activity, now: datetime | None) -> Iterator[Pair]:
    detail = activity.detail
    if detail is None:
        yield label, words(activity.reference, now)
    else:
        what = words(detail.code, now) or (detail.description or "") or words(detail.product, now)
        what = f"DO NOT: {what}" if detail.do_not_perform and what else what
        state = code_words(detail.status).lower() if detail.status else ""
        parts = (what, state, words(detail.scheduled, now), words(detail.location, now), words(detail.performer, now))
        yield label, ", ".join(filter(None, parts))
        if detail.description and detail.description not in what:
            yield f"{label}, more", detail.description
    yield from ((f"{label}, progress", words(note, now)) for note in activity.progress)


def _adjudication(label: str, given: coverage.Adjudication, now: datetime | None) -> Iterator[Pair]:
    amount = words(given.amount, now) or (given.value or "")
    category = kind_words(given.category) or label
    reason = words(given.reason, now)
    yield f"Plan's answer: {category}", f"{amount} ({reason})" if amount and reason else amount or reason


def _total(label: str, given: coverage.Total, now: datetime | None) -> Iterator[Pair]:
    category = kind_words(given.category)
    yield f"{label}: {category}" if category else label, words(given.amount, now)


def _claim_item(label: str, item: coverage.ClaimItem, now: datetime | None) -> Iterator[Pair]:
    what = words(item.product_or_service, now) or words(item.revenue, now) or words(item.category, now)
    count = words(item.quantity, now)
    price = words(item.net, now) or words(item.unit_price, now)
    parts = (what, words(item.serviced, now), f"quantity {count}" if count and count != "1" else "", price)
    yield label, ", ".join(filter(None, parts))
    for given in item.adjudication:
        for category, text in _adjudication("", given, now):
            yield f"{label}: {category.partition(': ')[2] or 'plan’s answer'}" if what else category, text


def _coverage_class(label: str, given: coverage.CoverageClass, _now: datetime | None) -> Iterator[Pair]:
    kind = kind_words(given.type)
    value = ", ".join(dict.fromkeys(filter(None, (given.name, given.value))))
    yield (f"{kind[:1].upper()}{kind[1:]}" if kind else label), value


def _supporting(label: str, given: coverage.SupportingInfo, now: datetime | None) -> Iterator[Pair]:
    parts = (words(given.code, now), words(given.value, now), words(given.timing, now), words(given.reason, now))
    yield words(given.category, now) or label, ", ".join(filter(None, parts))


def _benefit(label: str, given: coverage.BenefitBalance, now: datetime | None) -> Iterator[Pair]:
    what = given.name or words(given.category, now)
    about = ", ".join(filter(None, (words(given.network, now), words(given.unit, now), words(given.term, now))))
    for one in given.financial:
        kind = words(one.type, now)
        sums = (
            f"{words(one.allowed, now)} allowed" if one.allowed is not None else "",
            f"{words(one.used, now)} used" if one.used is not None else "",
        )
        said = ", ".join(filter(None, (*sums, about)))
        yield f"{label}: {what}" + (f", {kind}" if kind else ""), said
    if given.excluded:
        yield f"{label}: {what}", "Not covered"


def _provision(label: str, given: care.Provision, now: datetime | None, depth: int = 0) -> Iterator[Pair]:
    """What a consent allows or not; provisions below are exceptions."""
    kind = code_words(given.type) if given.type else ""
    actors = ", ".join(filter(None, (words(actor.reference, now) or words(actor.role, now) for actor in given.actor)))
    parts = (
        kind, words(given.action, now), f"for {purpose}" if (purpose := words(given.purpose, now)) else "",
        f"by {actors}" if actors else "", words(given.class_, now), words(given.code, now), words(given.period, now),
    )  # fmt: skip
    yield label, ", ".join(filter(None, parts))
    if depth < 20:
        for inner in given.provision:
            yield from _provision("Exception", inner, now, depth + 1)


def _participant(who: Any, role: Any, now: datetime | None, *more: Any) -> str:
    name, part = words(who, now), words(role, now)
    further = ", ".join(filter(None, (words(item, now) for item in more)))
    said = f"{name} ({part})" if name and part else name or part
    return f"{said}, {further}" if said and further else said


_RELATIONS = {"replaces": "Replaces", "transforms": "Is another form of", "signs": "Signs", "appends": "Adds to"}

Speaker = Callable[[str, Any, datetime | None], Iterator[Pair]]


def _people(who: str, role: str, *more: str) -> Speaker:
    """Speaker of a participant: the name, its role in brackets, then what else is said."""

    def speak(label: str, value: Any, now: datetime | None) -> Iterator[Pair]:
        yield label, _participant(getattr(value, who), getattr(value, role), now, *(getattr(value, n) for n in more))

    return speak


def _appointment_participant(label: str, value: care.AppointmentParticipant, now: datetime | None) -> Iterator[Pair]:
    answer = {"declined": "declined", "tentative": "not sure", "needs-action": "has not answered"}.get(
        value.status or ""
    )
    said = _participant(value.actor, value.type, now)
    yield label, f"{said}, {answer}" if said and answer else said


def _video(label: str, value: care.VirtualService, _now: datetime | None) -> Iterator[Pair]:
    where = value.address or value.other or ""
    yield label, f"{where} ({value.channel})" if where and value.channel else where


def _reaction(label: str, value: clinical.Reaction, now: datetime | None) -> Iterator[Pair]:
    cause = words(value.substance, now)
    severity = code_words(value.severity).lower() if value.severity else ""
    parts = (
        words(value.manifestation, now), value.description or "", severity, f"to {cause}" if cause else "",
        words(value.onset, now), words(value.note, now),
    )  # fmt: skip
    yield label, ", ".join(filter(None, parts))


def _relative_condition(label: str, value: clinical.FamilyCondition, now: datetime | None) -> Iterator[Pair]:
    onset = age_words(value.onset, now)
    since = onset if onset.startswith("at age") else f"since {onset}" if onset else ""
    died = "died of it" if value.contributed_to_death else ""
    parts = (
        words(value.code, now),
        since,
        words(value.outcome, now),
        died,
        words(value.note, now),
    )
    yield label, ", ".join(filter(None, parts))


def _dispensing(label: str, value: medication_records.DispenseRequest, now: datetime | None) -> Iterator[Pair]:
    quantity, lasting = dosage.quantity_words(value.quantity), dosage.quantity_words(value.expected_supply_duration)
    refills = value.number_of_repeats_allowed
    between = dosage.quantity_words(value.dispense_interval)
    parts = (
        quantity,
        f"lasts for {lasting}" if lasting else "",
        _refills(refills, value.validity_period, now) if refills is not None else "",
        f"{between} between fills" if between else "",
        words(value.performer, now),
    )
    yield label, ", ".join(filter(None, parts))
    if value.initial_fill is not None:
        first = (value.initial_fill.quantity, value.initial_fill.duration)
        yield f"{label}, first fill", ", ".join(filter(None, map(dosage.quantity_words, first)))
    yield "Prescription valid", words(value.validity_period, now)


def _refills(allowed: int, valid: Period | None, now: datetime | None) -> str:
    """ "2 refills allowed"; of a prescription whose last day is over, that it is."""
    end = valid.end if valid is not None else None
    last = end.utc if end is not None and end.precision in (DatePrecision.DAY, DatePrecision.TIME) else None
    over = now is not None and last is not None and last + _DAY <= now.timestamp()
    return count_words(allowed, "refill", "refills") + (" allowed while it was valid" if over else " allowed")


def _target(label: str, value: care.Target, now: datetime | None) -> Iterator[Pair]:
    due = words(value.due, now)
    by = f"within {due}" if isinstance(value.due, Quantity) else f"by {due}"
    said = ", ".join(filter(None, (words(value.detail, now), by if due else "")))
    measure = words(value.measure, now)
    yield label, f"{measure}: {said}" if measure and said else measure or said


def _parameter(label: str, value: care.TaskParameter, now: datetime | None) -> Iterator[Pair]:
    yield words(value.type, now) or label, words(value.value, now)


def _hours(label: str, value: Any, _now: datetime | None) -> Iterator[Pair]:
    """Days and times of AvailableTime and OpeningHours."""
    days = ", ".join(code_words(day) for day in value.days_of_week)
    if isinstance(value, directory.AvailableTime):
        start, end = value.available_start_time, value.available_end_time
    else:
        start, end = value.opening_time, value.closing_time
    times = " to ".join(clock_words(time) for time in (start, end) if time)
    yield label, ", ".join(filter(None, (days, "all day" if value.all_day else times)))


def _price(label: str, value: coverage.PriceComponent, now: datetime | None) -> Iterator[Pair]:
    kind = words(value.code, now) or (code_words(value.type) if value.type else "")
    yield f"{label}: {kind}" if kind else label, words(value.amount, now) or (value.factor or "")


def _invoice_line(label: str, value: coverage.InvoiceLine, now: datetime | None) -> Iterator[Pair]:
    what = words(value.charge_item, now) or label
    for price in value.price_component:
        kind = words(price.code, now) or (code_words(price.type).lower() if price.type not in (None, "base") else "")
        yield f"{what}, {kind}" if kind else what, words(price.amount, now)
    if not value.price_component:
        yield label, what if what != label else ""


def _document_part(label: str, value: clinical.DocumentContentPart, now: datetime | None) -> Iterator[Pair]:
    yield label, words(value.attachment, now)


def _relation(label: str, value: clinical.RelatesTo, now: datetime | None) -> Iterator[Pair]:
    """ "Replaces an earlier document": the other one stands under what belongs to it."""
    verb = _RELATIONS.get(value.code or "", code_words(value.code or ""))
    yield label, f"{verb} {words(value.target, now) or 'another document'}" if verb else words(value.target, now)


def _language(label: str, value: directory.PatientLanguage, now: datetime | None) -> Iterator[Pair]:
    said = words(value.language, now)
    yield label, f"{said} (preferred)" if said and value.preferred else said


def _diagnosis(label: str, value: coverage.ClaimDiagnosis, now: datetime | None) -> Iterator[Pair]:
    yield label, _participant(value.diagnosis, value.type, now)


def _medicine_ingredient(label: str, value: medication_records.Ingredient, now: datetime | None) -> Iterator[Pair]:
    strength = dosage.ratio_words(value.strength)
    yield label, " ".join(filter(None, (words(value.item, now), strength)))


_SPEAKERS: dict[type, Speaker] = {
    care.Activity: _activity,
    care.AppointmentParticipant: _appointment_participant,
    care.CareTeamParticipant: _people("member", "role", "on_behalf_of", "period"),
    care.ConsentActor: _people("reference", "role"),
    care.ProvenanceAgent: _people("who", "type", "on_behalf_of"),
    care.Provision: _provision,
    care.DeviceName: _people("name", "type"),
    care.Target: _target,
    care.TaskParameter: _parameter,
    care.VirtualService: _video,
    clinical.AnsweredItem: _answered,
    clinical.DocumentContentPart: _document_part,
    clinical.EncounterDiagnosis: _people("condition", "use"),
    clinical.EncounterLocation: _people("location", "physical_type", "period"),
    clinical.EncounterParticipant: _people("individual", "type"),
    clinical.FamilyCondition: _relative_condition,
    clinical.ObservationComponent: _component,
    clinical.Performer: _people("actor", "function", "on_behalf_of"),
    clinical.Reaction: _reaction,
    clinical.ReferenceRange: _reference_range,
    clinical.RelatesTo: _relation,
    coverage.Adjudication: _adjudication,
    coverage.BenefitBalance: _benefit,
    coverage.ClaimCareTeam: _people("provider", "role", "qualification"),
    coverage.ClaimDiagnosis: _diagnosis,
    coverage.ClaimItem: _claim_item,
    coverage.CoverageClass: _coverage_class,
    coverage.InvoiceLine: _invoice_line,
    coverage.InvoiceParticipant: _people("actor", "role"),
    coverage.PriceComponent: _price,
    coverage.SupportingInfo: _supporting,
    coverage.Total: _total,
    directory.AvailableTime: _hours,
    directory.OpeningHours: _hours,
    directory.PatientLanguage: _language,
    directory.PatientContact: _people("name", "relationship", "telecom"),
    directory.Qualification: _people("code", "issuer"),
    medication_records.DispenseRequest: _dispensing,
    medication_records.Ingredient: _medicine_ingredient,
    medication_records.MedicationPerformer: _people("actor", "function"),
}


def _element(path: str, text: str, now: datetime | None) -> Pair:
    """Label and words of a plain value of a type without a class."""
    return _path_label(path), code_words(text) if path in _CODED else _as_date(text, now)


def _as_date(text: str, now: datetime | None) -> str:
    date = read_date(text)
    full = date is not None and date.precision in (DatePrecision.DAY, DatePrecision.TIME)
    return date_words(date, now) if date is not None and full else text


def _path_label(path: str) -> str:
    """ "repeatPrescriptions.item" as "Repeat prescriptions, item"; of a choice its type is left out."""
    path = _CHOICE.sub("", path)
    parts = ["".join(f" {c.lower()}" if c.isupper() else c for c in part).strip() for part in path.split(".")]
    shown = ", ".join(part for part in parts if part not in ("coding", "extension"))
    return shown[:1].upper() + shown[1:]
