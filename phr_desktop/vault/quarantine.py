"""What could not be read, or is about another patient: kept with its bytes and counted, never shown as a record."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from phr_desktop.vault.connection import Database

ADD = """INSERT OR IGNORE INTO quarantine (person, source, reason, digest, body, received_at)
  VALUES (?, ?, ?, ?, ?, ?)"""
COUNTS = "SELECT reason, count(*) FROM quarantine WHERE source = ? GROUP BY reason ORDER BY reason"
OF_SOURCE = "SELECT id, reason, body, received_at FROM quarantine WHERE source = ? ORDER BY id LIMIT ?"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One thing held back, with the code of the reason."""

    id: int
    reason: str
    body: bytes
    received_at: int  # seconds since 1970 UTC


def add(db: Database, *, person: int, source: int, reason: str, body: bytes, now: int) -> None:
    """Keeps the bytes; the same ones of the same source again are the same row."""
    db.run(ADD, (person, source, reason, hashlib.sha256(body).digest(), body, now))


def counts(db: Database, source: int) -> dict[str, int]:
    """How many are held back, by reason."""
    return dict(db.rows(COUNTS, (source,)))


def of_source(db: Database, source: int, limit: int = -1) -> list[Quarantined]:
    """In the order in which they came; all of them where no limit is said."""
    found = db.rows(OF_SOURCE, (source, limit))
    return [Quarantined(row[0], row[1], bytes(row[2]), row[3]) for row in found]
