"""Plain listings of stored records, with the names a person reads them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from phr_desktop.clock import Clock
from phr_desktop.domain.people import Person, Source
from phr_desktop.domain.records import Kind, ObservationValue, RecordRow, StoredRecord, ValueKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.row_words import sureness_of, with_names
from phr_desktop.queries.search import hits_of
from phr_desktop.vault import people, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A record with its person's and its source's name."""

    row: RecordRow
    person: str
    source: str
    parts: tuple[ObservationValue, ...] = ()  # the components of an Observation that has no value of its own
    sureness: str = ""  # "not confirmed": its source is not sure of it


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """One whole record with the same names."""

    record: StoredRecord
    person: str
    source: str
    sureness: str = ""


def everyone(vault: Vault, _clock: Clock) -> list[Person]:
    """All people of the vault."""
    return vault.read(people.everyone)


def all_sources(vault: Vault, _clock: Clock) -> list[Source]:
    """All sources of everyone."""
    return vault.read(sources.everything)


def listed(
    vault: Vault, _clock: Clock, person: int, kind: Kind, *, facts: bool = True, limit: int | None = None
) -> list[NamedRow]:
    """Records of one kind, newest first: those stated as facts, or those withdrawn, refuted or not done."""

    def question(db: Database) -> list[NamedRow]:
        ids = records.ids_of_kind(db, person, kind, facts=facts)
        return _named(db, records.rows(db, ids if limit is None else ids[:limit]))

    return vault.read(question)


def found_by(vault: Vault, _clock: Clock, words: str, *, person: int | None, limit: int) -> list[NamedRow]:
    """Records in which all the words occur, newest first."""

    def question(db: Database) -> list[NamedRow]:
        return _named(db, [hit.row for hit in hits_of(db, words, person=person, limit=limit)])

    return vault.read(question)


def record_named(vault: Vault, _clock: Clock, name: str) -> NamedRecord:
    """One record by the vault's own id, or by `Type/FHIR-id` where that is unique.

    Errors: record-missing, record-ambiguous.
    """

    def question(db: Database) -> NamedRecord:
        record = records.stored(db, _id_of(db, name))
        if record is None:
            raise UserFacingError("record-missing")
        [named] = _named(db, [record.row])
        return NamedRecord(replace(record, row=named.row), named.person, named.source, named.sureness)

    return vault.read(question)


def _id_of(db: Database, name: str) -> int:
    if name.isdecimal() and len(name) < 19:
        return int(name)
    type_name, _, fhir_id = name.partition("/")
    found = records.find_by_fhir_id(db, type_name, fhir_id)
    if not found:
        raise UserFacingError("record-missing")
    if len(found) > 1:
        raise UserFacingError("record-ambiguous")
    return found[0]


def _named(db: Database, found: Sequence[RecordRow]) -> list[NamedRow]:
    person_names, source_names = _names(db)
    panels = [row.id for row in found if row.value is not None and row.value.kind == ValueKind.NONE]
    parts, unsure = records.components(db, panels), sureness_of(db, found)
    return [
        NamedRow(
            row,
            person_names[row.person],
            source_names[row.source],
            tuple(parts.get(row.id, ())),
            unsure.get(row.id, ""),
        )
        for row in with_names(db, found)
    ]


def _names(db: Database) -> tuple[dict[int, str], dict[int, str]]:
    return (
        {person.id: person.name for person in people.everyone(db)},
        {source.id: source.name for source in sources.everything(db)},
    )
