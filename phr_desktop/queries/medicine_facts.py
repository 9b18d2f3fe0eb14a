"""What each record says about medicines, one fact a record, before anything is joined or judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from phr_desktop.domain.clinical import Encounter
from phr_desktop.domain.coverage import ExplanationOfBenefit
from phr_desktop.domain.fhir_types import Concept, Dosage, FhirDate, Period, Record, Reference
from phr_desktop.domain.medication_records import (
    NO_ORDERS,
    Medication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    MedicineRecord,
)
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import DatePrecision, Kind, RecordRow, Standing, StoredRecord
from phr_desktop.domain.words import written_moment
from phr_desktop.fhir.dosage import concept_words, instruction, quantity_words, unit_of
from phr_desktop.fhir.read import read
from phr_desktop.queries.medicine_claims import PHARMACY, PharmacyClaim, amount, pharmacy_claim, taken_back
from phr_desktop.queries.medicine_codes import Coding
from phr_desktop.queries.references import PEOPLE_AND_PLACES, References
from phr_desktop.queries.refills import Stay
from phr_desktop.vault import records, sources
from phr_desktop.vault.connection import Database


class FactKind(StrEnum):
    ORDER = "MedicationRequest"
    STATEMENT = "MedicationStatement"
    DISPENSE = "MedicationDispense"
    GIVEN = "MedicationAdministration"
    CLAIM = "ExplanationOfBenefit"


@dataclass(frozen=True, slots=True)
class MedicineFact:
    """One record. Days are the source's own calendar's; a moment written in UTC counts in the reader's zone."""

    row: RecordRow
    source_name: str
    kind: FactKind
    codings: tuple[Coding, ...]
    name: str | None  # None: the Medication could not be fetched
    at: FhirDate | None  # when it was last said or done
    day: date | None  # the day of it; None where only a month or a year is known
    is_order: bool  # False: a proposal or an option, which orders nothing
    inpatient: bool
    instruction: str | None
    as_needed: bool
    prescriber: str | None
    reason: str | None
    quantity: str | None
    days_supply: str | None
    repeats_allowed: int | None  # None also after the order's validity has ended
    ended_on: date | None  # a statement's own end
    partial: bool  # a dispense that is a part of a fill
    replaces: int | None  # the record of the order that this one takes the place of
    order: int | None  # the record of the order that a dispense was made for
    instruction_changed_on: date | None  # when this vault saw the source change it
    words: str | None = None  # the name in the source's own words, not the display of a code
    amount: Decimal | None = None  # of `quantity`, for a fill
    unit: str = ""  # of `quantity`, as written
    filled: bool = False  # of a claim: nothing takes it back
    refill: int | None = None  # of a fill, which one of its order: 0 the first; None where not said
    valid_until: date | None = None  # an order's last day
    own: bool = False  # the person's own entry


# Words that take a forecast away where the structure does not say it: to know less is the safe mistake.
_AS_NEEDED = re.compile(r"\b(as[ -]needed|if needed|when needed|as required|prn)\b", re.IGNORECASE)
_PART = re.compile(r"\bpart(ial|ly)?\b", re.IGNORECASE)
_FIRST_FILLS = frozenset({"FF", "FFC"})  # the first fill of its order, whole. Source: the same.
# First or refill fill of a part, and the script owing its rest. Source: HL7 v3 ActPharmacySupplyType.
_PART_CODES = frozenset({"FFP", "FFPS", "RFP", "RFPS", "SO"})
_INPATIENT = "inpatient"
_STAYS = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS"})
_STAYS_NOT_BEGUN = frozenset({"planned", "cancelled"})
_STAYS_GOING_ON = frozenset({"arrived", "triaged", "in-progress", "onleave"})
LONGEST_OPEN_STAY = timedelta(days=400)  # a stay that nobody closed for longer ended without a word
_DAYS_OF_UNIT = {"wk": 7, "week": 7, "weeks": 7}
_DAY_UNITS = {"d", "day", "days"}


def facts_of(db: Database, person: int, reader: tzinfo, today: date) -> list[MedicineFact]:
    """Every order, statement, dispense, dose given and pharmacy's claim, of all sources, whatever it means."""
    kept = records.of_types(db, person, Kind.MEDICATIONS, [FactKind.ORDER, FactKind.STATEMENT, FactKind.DISPENSE])
    given = (records.stored(db, record) for record in records.ids_of_other_type(db, person, FactKind.GIVEN))
    kept += [stored for stored in given if stored is not None]
    readers = {
        source.id: _Reader(db, source.id, source.name, reader, today, own=source.kind is SourceKind.OWN)
        for source in sources.of_person(db, person)
    }
    facts = [readers[stored.row.source].fact(stored) for stored in kept]
    return facts + _claims(db, person, readers)


def _claims(db: Database, person: int, readers: Mapping[int, _Reader]) -> list[MedicineFact]:
    found: dict[int, dict[int, PharmacyClaim]] = {}
    kept = {one.row.id: one for one in records.of_codes(db, person, Kind.RECORDS, FactKind.CLAIM, PHARMACY)}
    for stored in kept.values():
        record = read(stored.body)
        claim = pharmacy_claim(record) if isinstance(record, ExplanationOfBenefit) else None
        if claim is not None:
            found.setdefault(stored.row.source, {})[stored.row.id] = claim
    return [
        readers[source].claim(kept[record], claim, record not in back)
        for source, claims in found.items()
        for back in [taken_back(claims)]
        for record, claim in claims.items()
    ]


def stays_of(db: Database, person: int, reader: tzinfo, today: date) -> list[Stay]:
    """Stays in hospital, as sources state them; the oldest last."""
    rows = records.rows(db, records.ids_of_kind(db, person, Kind.ENCOUNTERS))
    stays = (_stay(db, row, reader, today) for row in rows if row.category in _STAYS and row.gone_at is None)
    return [stay for stay in stays if stay is not None]


def _stay(db: Database, row: RecordRow, reader: tzinfo, today: date) -> Stay | None:
    visit = _read_id(db, row.id)
    if not isinstance(visit, Encounter) or visit.status in _STAYS_NOT_BEGUN or visit.period is None:
        return None
    start = first_day(visit.period.start, reader)
    if start is None:
        return None
    end = day_of(visit.period.end, reader)
    goes_on = visit.status in _STAYS_GOING_ON and today - start <= LONGEST_OPEN_STAY
    return Stay(start, end if end is not None or goes_on else start)


def day_of(when: FhirDate | None, reader: tzinfo) -> date | None:
    """The calendar day; None where the source gave less than a day."""
    if when is None or when.precision not in (DatePrecision.DAY, DatePrecision.TIME):
        return None
    return first_day(when, reader)


def first_day(when: FhirDate | None, reader: tzinfo) -> date | None:
    """The calendar day, or the first one of the month or year that the source gave."""
    if when is None or when.utc is None or when.precision is None:
        return None
    return written_moment(when.utc, when.precision, when.zone, reader).date()


class _Reader:
    """Reads the records of one source."""

    def __init__(self, db: Database, source: int, name: str, zone: tzinfo, today: date, *, own: bool) -> None:
        self._db = db
        self._own = own
        self._references = References(db, source)
        self._name = name
        self._zone = zone
        self._today = today

    def fact(self, stored: StoredRecord) -> MedicineFact:
        record = read(stored.body)
        if not isinstance(record, MedicineRecord):
            raise TypeError(record.resource_type)
        concept, name = self._medicine(record)
        at = _at(record)
        dosages = _dosages(record)
        how = instruction(dosages)
        order = record if isinstance(record, MedicationRequest) else None
        dispense = record if isinstance(record, MedicationDispense) else None
        return MedicineFact(
            row=stored.row,
            source_name=self._name,
            kind=FactKind(stored.row.type),
            codings=_codings(concept),
            name=name,
            at=at,
            day=day_of(at, self._zone),
            is_order=order is None or order.intent not in NO_ORDERS,
            inpatient=_is_inpatient(record),
            instruction=how,
            as_needed=_as_needed(dosages, how),
            prescriber=None if order is None else self._who(order.requester, order),
            reason=self._reason(record),
            quantity=_quantity(record),
            days_supply=None if dispense is None else _days(dispense),
            repeats_allowed=None if order is None else self._repeats(order),
            ended_on=self._ended_on(record),
            partial=dispense is not None and _is_part(dispense.type),
            replaces=None if order is None else self._references.find(order.prior_prescription, [FactKind.ORDER]),
            order=None if dispense is None else self._order_of(dispense),
            instruction_changed_on=self._instruction_changed_on(stored.row, how),
            words=_own_words(record.medication, concept),
            amount=None if dispense is None else amount(dispense.quantity),
            unit="" if dispense is None else unit_of(dispense.quantity, many=False),
            refill=0 if dispense is not None and _is_first(dispense.type) else None,
            valid_until=None if order is None else self._valid_until(order),
            own=self._own and isinstance(record, MedicationStatement),
        )

    def claim(self, stored: StoredRecord, claim: PharmacyClaim, stands: bool) -> MedicineFact:
        """A pharmacy's claim. `stands`: no other claim takes it back."""
        return MedicineFact(
            row=stored.row,
            source_name=self._name,
            kind=FactKind.CLAIM,
            codings=_codings(claim.product),
            name=concept_words(claim.product) or None if claim.product is not None else None,
            at=claim.filled_on,
            day=day_of(claim.filled_on, self._zone),
            is_order=False,
            inpatient=False,
            instruction=None,
            as_needed=False,
            prescriber=None,
            reason=None,
            quantity=quantity_words(claim.quantity) or None,
            days_supply=claim.days_supply,
            repeats_allowed=None,
            ended_on=None,
            partial=False,
            replaces=None,
            order=None,
            instruction_changed_on=None,
            words=_own_words(claim.product, claim.product),
            amount=amount(claim.quantity),
            unit=unit_of(claim.quantity, many=False),
            filled=claim.is_fill and stands,
            refill=claim.refill,
        )

    def _medicine(self, record: MedicineRecord) -> tuple[Concept | None, str | None]:
        """Codes and name: the record's own, or those of the Medication it points to, if that was received."""
        concept = record.concept
        if concept is not None or not isinstance(record.medication, Reference):
            named = concept is not None and bool(concept.text or concept.coding)
            return concept, record.title if named else None
        found = self._references.find(record.medication, ["Medication"])
        medication = None if found is None else _read_id(self._db, found)
        if isinstance(medication, Medication) and medication.standing is not Standing.WITHDRAWN:
            return medication.code, record.medication.display or medication.title
        return None, record.medication.display

    def _who(self, reference: Reference | None, record: MedicineRecord) -> str | None:
        return self._references.name(reference, PEOPLE_AND_PLACES, record)

    def _reason(self, record: MedicineRecord) -> str | None:
        if not isinstance(record, MedicationRequest | MedicationStatement):
            return None
        words = next(filter(None, map(concept_words, record.reason_code)), None)
        if words:
            return words
        names = (self._references.name(one, ["Condition", "Observation"], record) for one in record.reason_reference)
        return next((name for name in names if name), None)

    def _repeats(self, order: MedicationRequest) -> int | None:
        request = order.dispense_request
        if request is None:
            return None
        end = self._valid_until(order)
        return None if end is not None and end < self._today else request.number_of_repeats_allowed

    def _valid_until(self, order: MedicationRequest) -> date | None:
        request = order.dispense_request
        return (
            None
            if request is None or request.validity_period is None
            else day_of(request.validity_period.end, self._zone)
        )

    def _ended_on(self, record: MedicineRecord) -> date | None:
        if isinstance(record, MedicationStatement) and isinstance(record.effective, Period):
            return day_of(record.effective.end, self._zone)
        return None

    def _order_of(self, dispense: MedicationDispense) -> int | None:
        found = (self._references.find(one, [FactKind.ORDER]) for one in dispense.authorizing_prescription)
        return next((record for record in found if record is not None), None)

    def _instruction_changed_on(self, row: RecordRow, now: str | None) -> date | None:
        if row.changed_at is None or row.type == FactKind.DISPENSE:
            return None
        for replaced_at, _, body in records.versions(self._db, row.id):
            before = read(body)
            if isinstance(before, MedicineRecord) and instruction(_dosages(before)) != now:
                return datetime.fromtimestamp(replaced_at, self._zone).date()
        return None


def _read_id(db: Database, record: int) -> Record | None:
    body = records.body(db, record)
    return None if body is None else read(body)


def _at(record: MedicineRecord) -> FhirDate | None:
    """When it was last said or done. A statement's course may have begun long before it was last confirmed."""
    if isinstance(record, MedicationRequest):
        return record.authored_on
    if isinstance(record, MedicationDispense):
        return record.when_handed_over or record.when_prepared
    if isinstance(record, MedicationStatement | MedicationAdministration):
        said = record.date_asserted if isinstance(record, MedicationStatement) else None
        began = record.effective.start if isinstance(record.effective, Period) else record.effective
        return max((when for when in (said, began) if when is not None), key=lambda when: when.utc or 0, default=None)
    return None


def _dosages(record: MedicineRecord) -> tuple[Dosage, ...]:
    if isinstance(record, MedicationStatement):
        return record.dosage
    return record.dosage_instruction if isinstance(record, MedicationRequest | MedicationDispense) else ()


def _codings(concept: Concept | None) -> tuple[Coding, ...]:
    given = concept.coding if concept is not None else ()
    return tuple((coding.system, coding.code) for coding in given if coding.code)


def _own_words(medication: Concept | Reference | None, concept: Concept | None) -> str | None:
    text = concept.text if concept is not None else None
    return text or (medication.display if isinstance(medication, Reference) else None)


def _is_inpatient(record: MedicineRecord) -> bool:
    if isinstance(record, MedicationRequest):
        return any(_INPATIENT in concept.codes() for concept in record.category)
    if isinstance(record, MedicationStatement | MedicationDispense):
        return record.category is not None and _INPATIENT in record.category.codes()
    return False


def _as_needed(dosages: tuple[Dosage, ...], words: str | None) -> bool:
    stated = any(dosage.as_needed not in (None, False) for dosage in dosages)
    return stated or bool(_AS_NEEDED.search(words or ""))


def _quantity(record: MedicineRecord) -> str | None:
    if isinstance(record, MedicationDispense):
        return quantity_words(record.quantity) or None
    request = record.dispense_request if isinstance(record, MedicationRequest) else None
    return quantity_words(request.quantity) or None if request is not None else None


def _days(dispense: MedicationDispense) -> str | None:
    """The days of supply as written; weeks as days; None for any other unit."""
    supply = dispense.days_supply
    if supply is None or supply.value is None or supply.comparator is not None:
        return None
    unit = (supply.code or supply.unit or "d").lower()
    if unit in _DAY_UNITS:
        return supply.value
    weeks = _DAYS_OF_UNIT.get(unit)
    return str(float(supply.value) * weeks) if weeks else None


def _is_first(kind: Concept | None) -> bool:
    return kind is not None and not _FIRST_FILLS.isdisjoint(kind.codes())


def _is_part(kind: Concept | None) -> bool:
    if kind is None:
        return False
    return not _PART_CODES.isdisjoint(kind.codes()) or any(_PART.search(words) for words in _words(kind))


def _words(concept: Concept) -> Iterator[str]:
    if concept.text:
        yield concept.text
    yield from (coding.display for coding in concept.coding if coding.display)
