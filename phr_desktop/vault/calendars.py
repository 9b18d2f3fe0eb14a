"""Which calendar files a person wants, and what was written into them: an entry's UID, and how often it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from phr_desktop.domain.calendars import CalendarChoice, CalendarEntry, CalendarItem, CalendarKind
from phr_desktop.vault.connection import Database, Row

CHOICE = "SELECT kinds, full_words, file, written_at, failure FROM calendar_choices WHERE person = ?"
SET_CHOICE = "INSERT OR REPLACE INTO calendar_choices VALUES (?, ?, ?, ?, ?, ?)"
KEPT_FILES = "SELECT person FROM calendar_choices WHERE file IS NOT NULL ORDER BY person"
ENTRIES = "SELECT item, sequence, changed_at FROM calendar_entries WHERE person = ? AND kind IN ({places}) ORDER BY uid"
SET_ENTRY = "INSERT OR REPLACE INTO calendar_entries VALUES (?, ?, ?, ?, ?, ?)"
REMOVE_ENTRY = "DELETE FROM calendar_entries WHERE uid = ?"
SET_WRITTEN = "UPDATE calendar_choices SET written_at = ?, failure = NULL WHERE person = ?"
SET_FAILURE = "UPDATE calendar_choices SET failure = ? WHERE person = ?"


def choice(db: Database, person: int) -> CalendarChoice:
    """What the person chose; else visits alone, in discreet words, in no file."""
    row = db.one(CHOICE, (person,))
    return CalendarChoice() if row is None else _choice(row)


def set_choice(db: Database, person: int, wanted: CalendarChoice) -> None:
    kinds = " ".join(sorted(wanted.kinds))
    file = None if wanted.file is None else str(wanted.file)
    db.run(SET_CHOICE, (person, kinds, int(wanted.full_words), file, wanted.written_at, wanted.failure))


def people_with_file(db: Database) -> list[int]:
    """Whose calendar is kept up to date in a file."""
    return [row[0] for row in db.rows(KEPT_FILES)]


def entries(db: Database, person: int, kinds: Iterable[CalendarKind]) -> list[CalendarEntry]:
    """What was written of these kinds, by UID."""
    wanted: Sequence[str] = sorted(kinds)
    rows = db.rows(ENTRIES.format(places=",".join("?" * len(wanted))), (person, *wanted))
    return [CalendarEntry(msgspec.json.decode(row[0], type=CalendarItem), row[1], row[2]) for row in rows]


def keep(db: Database, person: int, changed: Iterable[CalendarEntry], over: Iterable[str]) -> None:
    """Notes entries that are new or changed, and forgets those (by UID) that are over."""
    rows = [
        (one.item.uid, person, one.item.kind, msgspec.json.encode(one.item).decode(), one.sequence, one.changed_at)
        for one in changed
    ]
    db.many(SET_ENTRY, rows)
    db.many(REMOVE_ENTRY, [(uid,) for uid in over])


def set_written(db: Database, person: int, at: int) -> None:
    """The person's file was written."""
    db.run(SET_WRITTEN, (at, person))


def set_failure(db: Database, person: int, code: str) -> None:
    """The person's file could not be written."""
    db.run(SET_FAILURE, (code, person))


def _choice(row: Row) -> CalendarChoice:
    return CalendarChoice(
        kinds=frozenset(CalendarKind(word) for word in row[0].split()),
        full_words=bool(row[1]),
        file=None if row[2] is None else Path(row[2]),
        written_at=row[3],
        failure=row[4],
    )
