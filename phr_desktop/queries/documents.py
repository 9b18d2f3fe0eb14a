"""Documents: the list, one document with its parts, and what a part's bytes are. No file is ever written here."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from phr_desktop.clock import Clock
from phr_desktop.domain.documents import Document, DocumentContent, DocumentPart
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.record_words import document_stage
from phr_desktop.domain.records import Kind, RecordRow
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.attachments import attachments_of
from phr_desktop.fhir.decode import decode
from phr_desktop.fhir.sureness import document_status
from phr_desktop.queries.content import content_kind, contradicts
from phr_desktop.queries.results import new_since
from phr_desktop.vault import attachments, people, records, sources
from phr_desktop.vault.attachments import StoredAttachment
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document as the list shows it."""

    row: RecordRow
    source_name: str
    parts: tuple[DocumentPart, ...]
    is_new: bool  # received here in the last thirty days and not opened yet
    stage: str  # "replaced by a newer one"; "" for an ordinary one


def document_ids(vault: Vault, _clock: Clock, person: int) -> array[int]:
    """Ids of the person's documents and printed reports, newest first, as stated; withdrawn ones are not in it."""
    return vault.read(lambda db: attachments.documents(db, person))


def withdrawn_ids(vault: Vault, _clock: Clock, person: int) -> array[int]:
    """Ids of documents that were withdrawn or whose meaning is not known, newest first."""
    return vault.read(lambda db: records.ids_of_kind(db, person, Kind.DOCUMENTS, facts=False))


def listed(vault: Vault, clock: Clock, ids: Sequence[int]) -> list[ListedDocument]:
    """The rows of a block of the list, in its order; an id that is not there is left out."""
    since = new_since(clock)

    def question(db: Database) -> list[ListedDocument]:
        names = {source.id: source.name for source in sources.everything(db)}
        parts = attachments.of_records(db, ids)
        new = records.new_among(db, ids, since)
        return [
            ListedDocument(row, names[row.source], _parts(parts.get(row.id, [])), row.id in new, _stage(db, row))
            for row in records.rows(db, ids)
        ]

    return vault.read(question)


def document(vault: Vault, _clock: Clock, record: int) -> Document:
    """One document with its parts, without their contents. Error: record-missing."""

    def question(db: Database) -> Document:
        found = records.rows(db, [record])
        if not found:
            raise UserFacingError("record-missing")
        row = found[0]
        person, source = people.one(db, row.person), sources.one(db, row.source)
        if person is None or source is None:
            raise UserFacingError("record-missing")
        from_portal = source.kind is SourceKind.PORTAL
        return Document(
            row, person.name, source.name, from_portal, _parts(attachments.of_record(db, record)), _stage(db, row)
        )

    return vault.read(question)


def content(vault: Vault, _clock: Clock, record: int, position: int) -> DocumentContent:
    """The bytes of one part, and what they are. Error: document-not-received."""
    part, data = vault.read(lambda db: _part_bytes(db, record, position))
    kind = content_kind(data)
    return DocumentContent(kind, data, part.content_type, contradicts(kind, part.content_type))


def _stage(db: Database, row: RecordRow) -> str:
    body = records.body(db, row.id) if row.type == "DocumentReference" else None
    return document_stage(row.status, "" if body is None else document_status(body))


def _part_bytes(db: Database, record: int, position: int) -> tuple[StoredAttachment, bytes]:
    for part in attachments.of_record(db, record):
        if part.position != position:
            continue
        data = attachments.content(db, part.hash) if part.hash is not None else _inline(db, record, position)
        if data is not None:
            return part, data
    raise UserFacingError("document-not-received")


def _inline(db: Database, record: int, position: int) -> bytes | None:
    """The bytes that the record itself carries; they are kept once, inside it."""
    body = records.body(db, record)
    if body is None:
        return None
    tree = decode(body)
    links = attachments_of(tree["resourceType"], tree)
    return next((link.data for link in links if link.position == position), None)


def _parts(stored: Sequence[StoredAttachment]) -> tuple[DocumentPart, ...]:
    return tuple(
        DocumentPart(part.position, part.title, part.content_type, part.inline or part.hash is not None, part.problem)
        for part in stored
    )
