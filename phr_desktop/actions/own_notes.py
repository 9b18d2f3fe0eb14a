"""Records of the person's "Own notes": writing one, and finding one again to change it."""

from __future__ import annotations

from typing import TypeVar

from phr_desktop.clock import Clock
from phr_desktop.domain.people import SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.extract import EXTRACT_VERSION, extract
from phr_desktop.fhir.read import read
from phr_desktop.vault import people, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.record_writer import RecordWriter

R = TypeVar("R")


class OwnNotes:
    """Writes records of one person's own notes, in the transaction that it is given. Error: person-missing."""

    def __init__(self, db: Database, clock: Clock, person: int) -> None:
        found = people.one(db, person)
        if found is None:
            raise UserFacingError("person-missing")
        self._db = db
        self.person = found
        moment = clock.now().astimezone(clock.zone()).replace(microsecond=0)
        self.now = int(moment.timestamp())
        self.at = moment.isoformat()
        self._source = sources.own_source(db, person, SourceKind.OWN, self.now)

    def write(self, body: bytes) -> None:
        """Adds a resource, or its next version where one with its id is there."""
        writer = RecordWriter(
            self._db, person=self.person.id, source=self._source, now=self.now, extract_version=EXTRACT_VERSION
        )
        writer.add([extract(body)])
        writer.finish()

    def record(self, type_name: str, identifier: str) -> int:
        """The record of a resource that was written."""
        record = records.find_reference(self._db, self._source, type_name, identifier)
        assert record is not None  # noqa: S101 - it was written just now
        return record


def own_record(db: Database, person: int, record: int, kind: type[R]) -> tuple[bytes, str, R]:
    """Bytes, FHIR id and content of a record of the person's own notes. Error: record-missing."""
    stored = records.stored(db, record)
    source = None if stored is None or stored.row.person != person else sources.one(db, stored.row.source)
    if stored is None or source is None or source.kind is not SourceKind.OWN or stored.row.fhir_id is None:
        raise UserFacingError("record-missing")
    content = read(stored.body)
    if not isinstance(content, kind):
        raise UserFacingError("record-missing")
    return stored.body, stored.row.fhir_id, content
