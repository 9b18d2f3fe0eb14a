"""Orders that came since a schedule was confirmed, of its medicine or of one with its ingredient: the clinic may want
something else now.

The same ingredient only where RxNorm codes say so, the order's own, its Medication's or those of the Medication's
ingredients. Words never do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta

from phr_desktop.domain.doses import Schedule
from phr_desktop.domain.fhir_types import Concept, Record, Reference
from phr_desktop.domain.medication_records import NO_ORDERS, Medication, MedicationRequest, MedicineRecord
from phr_desktop.domain.records import RecordRow
from phr_desktop.fhir.read import read
from phr_desktop.queries.medicine_codes import RXNORM, Coded, own_keys
from phr_desktop.queries.references import References
from phr_desktop.vault import medicines, records
from phr_desktop.vault.connection import Database

_SAYS_SOMETHING = frozenset({"active", "on-hold"})
_A_DAY = timedelta(days=1)


def new_orders(db: Database, schedule: Schedule) -> tuple[int, ...]:
    """Records of such orders, by id. None of a schedule that has ended, and none that is written before those that it
    was confirmed from: an old order may come late.
    """
    confirmed = schedule.confirmed_at
    if confirmed is None or schedule.ended_at is not None:
        return ()
    found = records.orders_since(db, schedule.person, int(confirmed.timestamp()))
    rows = [row for row in records.rows(db, found) if row.gone_at is None and row.status in _SAYS_SOMETHING]
    if not rows:
        return ()
    basis = records.rows(db, [one.record for one in schedule.basis])
    dates = [row.date_utc for row in basis if row.date_utc is not None and row.type == "MedicationRequest"]
    after = max(dates, default=int((confirmed - _A_DAY).timestamp()))
    keys = medicines.same_as(db, schedule.person, schedule.medicine)
    codes = _codes_of_keys(keys).union(*(_rxnorm(db, row) for row in basis))
    later = [row for row in rows if row.date_utc is None or row.date_utc > after]
    return tuple(sorted(row.id for row in later if _is_of(db, row, keys, codes)))


def _is_of(db: Database, row: RecordRow, keys: Collection[str], codes: Collection[str]) -> bool:
    order = _read(db, row.id)
    if not isinstance(order, MedicationRequest) or order.intent in NO_ORDERS or _is_inpatient(order):
        return False
    concept = _concept(db, row, order)
    codings = [(one.system, one.code) for one in concept.coding if one.code] if concept is not None else []
    words = concept.text if concept is not None else None
    own = own_keys(Coded(row.id, row.source, codings, words))
    return any(key in keys for key in own) or any(code in codes for code in _rxnorm(db, row))


def _is_inpatient(order: MedicationRequest) -> bool:
    return any("inpatient" in concept.codes() for concept in order.category)


def _codes_of_keys(keys: Collection[str]) -> frozenset[str]:
    """The RxNorm codes that keys of lines are made of."""
    named = (key.removeprefix("rxnorm:") for key in keys if key.startswith("rxnorm:"))
    return frozenset(code for codes in named for code in codes.split("+"))


def _rxnorm(db: Database, row: RecordRow) -> frozenset[str]:
    record = _read(db, row.id)
    if not isinstance(record, MedicineRecord):
        return frozenset()
    concepts = [record.concept, *_concepts_of(_medication(db, row, record))]
    return frozenset(
        coding.code
        for concept in concepts
        if concept is not None
        for coding in concept.coding
        if coding.system == RXNORM and coding.code
    )


def _concept(db: Database, row: RecordRow, record: MedicineRecord) -> Concept | None:
    if record.concept is not None:
        return record.concept
    medication = _medication(db, row, record)
    return None if medication is None else medication.code


def _concepts_of(medication: Medication | None) -> Iterator[Concept]:
    if medication is None:
        return
    if medication.code is not None:
        yield medication.code
    for ingredient in medication.ingredient:
        if isinstance(ingredient.item, Concept):
            yield ingredient.item


def _medication(db: Database, row: RecordRow, record: MedicineRecord) -> Medication | None:
    if not isinstance(record.medication, Reference):
        return None
    inside = record.inside(record.medication)
    found = None if inside is not None else References(db, row.source).find(record.medication, ["Medication"])
    medication = inside if found is None else _read(db, found)
    return medication if isinstance(medication, Medication) else None


def _read(db: Database, record: int) -> Record | None:
    body = records.body(db, record)
    return None if body is None else read(body)
