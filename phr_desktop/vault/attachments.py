"""Contents of documents, by their hash, in 1 MiB chunks inside the vault; no file is ever written."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from phr_desktop.vault.connection import Database, Row

CHUNK = 1024 * 1024
OF_RECORD = """SELECT record, position, content_type, title, url, inline, hash, problem FROM record_attachments
  WHERE record = ? ORDER BY position"""
WANTED = """SELECT a.record, a.position, a.content_type, a.title, a.url, a.inline, a.hash, a.problem
  FROM record_attachments a JOIN records r ON r.id = a.record
  WHERE r.source = ? AND a.hash IS NULL AND a.inline = 0 AND a.url IS NOT NULL AND r.gone_at IS NULL
  ORDER BY r.date_utc DESC, a.record DESC, a.position LIMIT ?"""

OF_RECORDS = """SELECT record, position, content_type, title, url, inline, hash, problem FROM record_attachments
  WHERE record IN ({places}) ORDER BY record, position"""
# A report whose printed form a DocumentReference of the same source also points to is the same paper: listed once.
DOCUMENTS = """SELECT id, date_utc FROM records WHERE person = ?1 AND kind = 'documents' AND standing = 0
  UNION SELECT r.id, r.date_utc FROM record_attachments a CROSS JOIN records r ON r.id = a.record
  WHERE r.person = ?1 AND r.type = 'DiagnosticReport' AND r.standing = 0 AND (a.url IS NULL
    OR (r.source, a.url) NOT IN (SELECT d.source, b.url FROM record_attachments b
      CROSS JOIN records d ON d.id = b.record WHERE d.person = ?1 AND d.kind = 'documents'
      AND d.standing = 0 AND b.url IS NOT NULL))
  ORDER BY 2 DESC, 1 DESC"""
NOT_RECEIVED = """SELECT count(*) FROM record_attachments a CROSS JOIN records r ON r.id = a.record
  WHERE r.source = ? AND a.hash IS NULL AND a.inline = 0 AND r.gone_at IS NULL AND r.standing = 0
  AND r.type IN ('DocumentReference', 'DiagnosticReport')"""
BLOCK = 500


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A document of a record: its bytes are inside the record (`inline`), or under `hash`, or not received."""

    record: int
    position: int
    content_type: str | None
    title: str | None
    url: str | None
    inline: bool
    hash: bytes | None
    problem: str | None


def of_record(db: Database, record: int) -> list[StoredAttachment]:
    return [_attachment(row) for row in db.rows(OF_RECORD, (record,))]


def of_records(db: Database, records: Sequence[int]) -> dict[int, list[StoredAttachment]]:
    """The documents of several records at once; a record without any is not in the answer."""
    found: dict[int, list[StoredAttachment]] = {}
    for start in range(0, len(records), BLOCK):
        block = records[start : start + BLOCK]
        for row in db.rows(OF_RECORDS.format(places=",".join("?" * len(block))), list(block)):
            found.setdefault(row[0], []).append(_attachment(row))
    return found


def documents(db: Database, person: int) -> array[int]:
    """Ids of everything that reads as a paper, newest first: documents, and reports that carry a printed form."""
    return array("q", (row[0] for row in db.rows(DOCUMENTS, (person,))))


def not_received(db: Database, source: int) -> int:
    """How many documents a source named whose contents are not here."""
    return int(db.value(NOT_RECEIVED, (source,)))


def wanted(db: Database, source: int, limit: int) -> list[StoredAttachment]:
    """Documents whose contents have not been fetched, newest first; those with a problem too: it may have passed."""
    return [_attachment(row) for row in db.rows(WANTED, (source, limit))]


def store(db: Database, record: int, position: int, content: bytes, content_type: str | None) -> None:
    """Keeps a document's contents once, however many records carry it."""
    digest = hashlib.sha256(content).digest()
    if db.one("SELECT 1 FROM attachments WHERE hash = ?", (digest,)) is None:
        db.run("INSERT INTO attachments (hash, size) VALUES (?, ?)", (digest, len(content)))
        chunks = range(0, max(1, len(content)), CHUNK)
        db.many(
            "INSERT INTO attachment_chunks (hash, position, bytes) VALUES (?, ?, ?)",
            [(digest, start // CHUNK, content[start : start + CHUNK]) for start in chunks],
        )
    db.run(
        """UPDATE record_attachments SET hash = ?, problem = NULL, content_type = coalesce(content_type, ?)
        WHERE record = ? AND position = ?""",
        (digest, content_type, record, position),
    )


def set_problem(db: Database, record: int, position: int, problem: str) -> None:
    """Notes by a code why a document was not received."""
    db.run("UPDATE record_attachments SET problem = ? WHERE record = ? AND position = ?", (problem, record, position))


def content(db: Database, digest: bytes) -> bytes:
    """The bytes of a stored document."""
    found = db.rows("SELECT bytes FROM attachment_chunks WHERE hash = ? ORDER BY position", (digest,))
    return b"".join(row[0] for row in found)


def _attachment(row: Row) -> StoredAttachment:
    return StoredAttachment(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6], row[7])
