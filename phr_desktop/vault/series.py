"""Appointments of one series, known by how their ids begin."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.vault.connection import Database

DATED = """SELECT identity, id, version_id, date_utc, status FROM records
  WHERE source = ? AND type = 'Appointment' AND identity >= ? AND identity < ?"""


@dataclass(frozen=True, slots=True)
class Dated:
    """One of them as it is stored."""

    record: int
    revision: str | None  # its version's id
    date_utc: int | None
    status: str | None


def dated(db: Database, source: int, start: str) -> dict[str, Dated]:
    """Those of a source whose id begins so (and goes on in ASCII), by id."""
    return {row[0]: Dated(*row[1:]) for row in db.rows(DATED, (source, start, start + "\x7f"))}
