"""The person's own entries, to be read and edited."""

from __future__ import annotations

from dataclasses import replace

from phr_desktop.clock import Clock
from phr_desktop.domain.medication_records import MedicationStatement
from phr_desktop.domain.medicines import OwnMedicine
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.own_medicines import entry_of, photo_bytes, photo_of
from phr_desktop.fhir.read import read
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


def own_medicine(vault: Vault, _clock: Clock, record: int) -> OwnMedicine:
    """An entry with its photo. Error: record-missing."""
    return vault.read(lambda db: entry_with_photo(db, record))


def entry_with_photo(db: Database, record: int) -> OwnMedicine:
    """As `own_medicine`, inside a question to the vault."""
    stored = records.stored(db, record)
    content = None if stored is None else read(stored.body)
    if stored is None or not isinstance(content, MedicationStatement):
        raise UserFacingError("record-missing")
    entry = entry_of(content, stored.body)
    photo = photo_of(content)
    found = None if photo is None else records.find_reference(db, stored.row.source, "Media", photo)
    body = None if found is None else records.body(db, found)
    return entry if body is None else replace(entry, photo=photo_bytes(body))
