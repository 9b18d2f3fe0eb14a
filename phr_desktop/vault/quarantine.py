"""What could not be read, or is about another patient: kept with its bytes and counted, never shown as a record."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from phr_desktop.vault.connection import Database

ADD = """INSERT OR IGNORE INTO quarantine (person, source, reason, digest, body, received_at)
  VALUES (?, ?, ?, ?, ?, ?)"""
COUNTS = "SELECT reason, count(*) FROM quarantine WHERE source = ? GROUP BY reason ORDER BY reason"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One thing held back, with the code of the reason."""

    id: int
    reason: str
    body: bytes


def add(db: Database, *, person: int, source: int, reason: str, body: bytes, now: int) -> None:
    """Keeps the bytes; the same ones of the same source again are the same row."""
    db.run(ADD, (person, source, reason, hashlib.sha256(body).digest(), body, now))


def counts(db: Database, source: int) -> dict[str, int]:
    """How many are held back, by reason."""
    return dict(db.rows(COUNTS, (source,)))


def of_source(db: Database, source: int) -> list[Quarantined]:
    found = db.rows("SELECT id, reason, body FROM quarantine WHERE source = ? ORDER BY id", (source,))
    return [Quarantined(row[0], row[1], bytes(row[2])) for row in found]
