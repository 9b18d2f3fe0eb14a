"""What a list says of its rows beyond their columns: names and words that stand in another record or inside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from phr_desktop.domain.fhir_types import Reference
from phr_desktop.domain.medication_records import MedicineRecord
from phr_desktop.domain.records import RecordRow, Standing
from phr_desktop.fhir.read import read
from phr_desktop.fhir.sureness import sureness
from phr_desktop.fhir.titles import MEDICATION_NAME_NOT_RECEIVED
from phr_desktop.queries.references import References
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database

_SURE_OR_NOT = ("Condition", "AllergyIntolerance", "MedicationRequest", "ServiceRequest")


def with_names(db: Database, rows: Sequence[RecordRow]) -> list[RecordRow]:
    """The rows, in their order; a medicine that is named by a Medication of its own carries that one's name.

    Where that was not received, the title goes on saying so.
    """
    nameless = (row for row in rows if row.title == MEDICATION_NAME_NOT_RECEIVED)
    named = {row.id: medication.title for row in nameless if (medication := medication_of(db, row)) is not None}
    return [replace(row, title=named[row.id]) if row.id in named else row for row in rows]


def medication_of(db: Database, row: RecordRow) -> RecordRow | None:
    """The Medication that a medicine points to; None where it names itself, or that did not come or was withdrawn."""
    body = records.body(db, row.id)
    record = read(body) if body is not None else None
    if not isinstance(record, MedicineRecord) or not isinstance(record.medication, Reference):
        return None
    found = References(db, row.source).find(record.medication, ["Medication"])
    medicines = [] if found is None else records.rows(db, [found])
    return next((each for each in medicines if each.standing is not Standing.WITHDRAWN), None)


def sureness_of(db: Database, rows: Iterable[RecordRow]) -> dict[int, str]:
    """Of which problems and allergies their source is not sure, and what is not ordered, by the record's id."""
    asked = (row for row in rows if row.type in _SURE_OR_NOT and row.standing is Standing.STATED)
    told = ((row.id, sureness(body)) for row in asked if (body := records.body(db, row.id)) is not None)
    return {record: words for record, words in told if words}
