"""Contents of documents, by their hash, in 1 MiB chunks inside the vault; no file is ever written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from phr_desktop.vault.connection import Database, Row

CHUNK = 1024 * 1024
OF_RECORD = """SELECT record, position, content_type, title, url, inline, hash, problem FROM record_attachments
  WHERE record = ? ORDER BY position"""
WANTED = """SELECT a.record, a.position, a.content_type, a.title, a.url, a.inline, a.hash, a.problem
  FROM record_attachments a JOIN records r ON r.id = a.record
  WHERE r.source = ? AND a.hash IS NULL AND a.inline = 0 AND a.url IS NOT NULL AND r.gone_at IS NULL
  ORDER BY r.date_utc DESC, a.record DESC, a.position LIMIT ?"""


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
