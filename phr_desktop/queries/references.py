"""What a reference inside a source points to. It never leaves its source: ids of two clinics may be equal."""

from __future__ import annotations

from collections.abc import Sequence

from phr_desktop.domain.fhir_types import Record, Reference
from phr_desktop.domain.records import RecordRow, Standing
from phr_desktop.vault import records, sources
from phr_desktop.vault.connection import Database

PEOPLE_AND_PLACES = (
    "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService", "CareTeam", "RelatedPerson",
    "Device", "Patient",
)  # fmt: skip


class References:
    """Finds records of one source by reference, inside one question to the vault."""

    def __init__(self, db: Database, source: int) -> None:
        self._db = db
        self._source = source
        found = sources.one(db, source)
        self._base = found.base_url if found is not None else None

    def find(self, reference: Reference | None, types: Sequence[str]) -> int | None:
        """The record's id; None where it was not received, is inside the resource, or is on another server."""
        if reference is None or not reference.reference or reference.reference.startswith("#"):
            return None
        text = reference.reference.partition("/_history/")[0]
        if text.startswith("urn:"):
            named = [(type_name, text.rpartition(":")[2]) for type_name in types]
        elif self._is_elsewhere(text):
            return None
        else:
            path, _, identity = text.rpartition("/")
            type_name = path.rpartition("/")[2]
            named = [(type_name, identity)] if type_name in types else []
        for type_name, identity in named:
            record = records.find_reference(self._db, self._source, type_name, identity)
            if record is not None:
                return record
        return records.find_full_url(self._db, self._source, text)

    def name(self, reference: Reference | None, types: Sequence[str], inside: Record | None = None) -> str | None:
        """What it is called: by the reference itself, by what the resource contains, or by the record it points to.

        None where that is held here and is no fact, since it was refuted, withdrawn or is gone: the words of the
        reference were written before. A person or a place keeps its name.
        """
        if reference is None:
            return None
        if reference.display and not set(types).difference(PEOPLE_AND_PLACES):
            return reference.display
        contained = inside.inside(reference) if inside is not None else None
        if contained is not None:
            stated = contained.standing is Standing.STATED or contained.resource_type in PEOPLE_AND_PLACES
            return (reference.display or contained.title or None) if stated else None
        row = self._row(reference, types)
        if row is None:
            return reference.display
        return (reference.display or row.title) if row.type in PEOPLE_AND_PLACES or _is_fact(row) else None

    def _row(self, reference: Reference, types: Sequence[str]) -> RecordRow | None:
        record = self.find(reference, types)
        rows = [] if record is None else records.rows(self._db, [record])
        return rows[0] if rows else None

    def _is_elsewhere(self, text: str) -> bool:
        absolute = text.startswith(("http://", "https://"))
        return absolute and self._base is not None and not text.startswith(self._base.rstrip("/") + "/")


def _is_fact(row: RecordRow) -> bool:
    return row.standing is Standing.STATED and row.gone_at is None


def type_of(reference: Reference | None) -> str | None:
    """The resource type that a reference names itself: "Practitioner/7" or its `type`."""
    if reference is None:
        return None
    if reference.type:
        return reference.type.rpartition("/")[2]
    path = (reference.reference or "").partition("/_history/")[0].rpartition("/")[0]
    return path.rpartition("/")[2] or None
