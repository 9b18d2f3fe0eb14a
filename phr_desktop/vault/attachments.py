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
PART = "SELECT bytes FROM attachment_parts WHERE source = ? AND url = ? AND position = ?"
RECEIVED = """UPDATE record_attachments SET hash = ?, problem = NULL, content_type = coalesce(content_type, ?)
  WHERE record = ? AND position = ?"""
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
    point_to(db, record, position, digest, content_type)


@dataclass(frozen=True, slots=True)
class Begun:
    """A document of which a part is here: what the portal calls this version of it, and how many bytes came."""

    etag: str
    content_type: str | None
    size: int


def begun(db: Database, source: int, url: str) -> Begun | None:
    """What is here of a document whose fetching was cut."""
    row = db.one(
        """SELECT min(etag), min(content_type), sum(length(bytes)) FROM attachment_parts
        WHERE source = ? AND url = ? HAVING count(*) > 0""",
        (source, url),
    )
    return None if row is None else Begun(row[0], row[1], row[2])


def add_part(db: Database, source: int, url: str, etag: str, content_type: str | None, part: bytes) -> None:
    """Keeps the next bytes of a document."""
    position = int(db.value("SELECT count(*) FROM attachment_parts WHERE source = ? AND url = ?", (source, url)))
    db.run("INSERT INTO attachment_parts VALUES (?, ?, ?, ?, ?, ?)", (source, url, position, etag, content_type, part))


def drop_parts(db: Database, source: int, url: str) -> None:
    """Forgets what came of a document: it is another version now, or whole."""
    db.run("DELETE FROM attachment_parts WHERE source = ? AND url = ?", (source, url))


def join_parts(db: Database, source: int, url: str) -> tuple[bytes, int]:
    """Makes the parts of a document, all of which came, its contents; (SHA-256, size). Nothing is held in memory
    but one part."""
    digest, size = hashlib.sha256(), 0
    count = int(db.value("SELECT count(*) FROM attachment_parts WHERE source = ? AND url = ?", (source, url)))
    for position in range(count):
        part = bytes(db.value(PART, (source, url, position)))
        digest.update(part)
        size += len(part)
    name = digest.digest()
    if db.one("SELECT 1 FROM attachments WHERE hash = ?", (name,)) is None:
        db.run("INSERT INTO attachments (hash, size) VALUES (?, ?)", (name, size))
        db.run(
            """INSERT INTO attachment_chunks (hash, position, bytes)
            SELECT ?, position, bytes FROM attachment_parts WHERE source = ? AND url = ?""",
            (name, source, url),
        )
    drop_parts(db, source, url)
    return name, size


def point_to(db: Database, record: int, position: int, digest: bytes, content_type: str | None) -> None:
    """Says under which hash a record's document is kept."""
    db.run(RECEIVED, (digest, content_type, record, position))


def set_problem(db: Database, record: int, position: int, problem: str) -> None:
    """Notes by a code why a document was not received."""
    db.run("UPDATE record_attachments SET problem = ? WHERE record = ? AND position = ?", (problem, record, position))


def content(db: Database, digest: bytes) -> bytes:
    """The bytes of a stored document."""
    found = db.rows("SELECT bytes FROM attachment_chunks WHERE hash = ? ORDER BY position", (digest,))
    return b"".join(row[0] for row in found)


def _attachment(row: Row) -> StoredAttachment:
    return StoredAttachment(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6], row[7])
