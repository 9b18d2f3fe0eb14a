"""One medicine's own page: its line of the list, what may be the same, and whom to call about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phr_desktop.clock import Clock
from phr_desktop.domain.medication_records import MedicationDispense, MedicationRequest
from phr_desktop.domain.medicine_words import maybe_same
from phr_desktop.domain.medicines import MedicineLine, MedicineSource
from phr_desktop.domain.records import Standing
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.read import read
from phr_desktop.queries.contacts import Contact, contacts
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class MedicinePage:
    """`pharmacy` handed out the newest fill, `prescriber` wrote the newest order; None where not said."""

    line: MedicineLine
    maybe_same: tuple[str, ...]
    pharmacy: Contact | None
    prescriber: Contact | None


def medicine_page(vault: Vault, clock: Clock, person: int, key: str) -> MedicinePage:
    """Error: medicine-missing (its records went, or another source joined it to another line)."""
    lines = medicine_list(vault, clock, person).lines
    line = next((each for each in lines if each.key == key), None)
    if line is None:
        raise UserFacingError("medicine-missing")
    pharmacy, prescriber = vault.read(lambda db: (_pharmacy(db, line.sources), _prescriber(db, line.sources)))
    return MedicinePage(line, maybe_same(lines).get(key, ()), pharmacy, prescriber)


def _pharmacy(db: Database, found: Sequence[MedicineSource]) -> Contact | None:
    for source in _stated(found, "MedicationDispense"):
        dispense = _read(db, source.record)
        if isinstance(dispense, MedicationDispense):
            found_ones = contacts(db, source.source, [performer.actor for performer in dispense.performer])
            if found_ones:
                return found_ones[0]
    return None


def _prescriber(db: Database, found: Sequence[MedicineSource]) -> Contact | None:
    for source in _stated(found, "MedicationRequest"):
        order = _read(db, source.record)
        if isinstance(order, MedicationRequest):
            found_ones = contacts(db, source.source, [order.requester])
            if found_ones:
                return found_ones[0]
    return None


def _stated(found: Iterable[MedicineSource], type_name: str) -> list[MedicineSource]:
    return [one for one in found if one.type == type_name and one.standing is Standing.STATED and not one.inpatient]


def _read(db: Database, record: int) -> object:
    body = records.body(db, record)
    return None if body is None else read(body)
