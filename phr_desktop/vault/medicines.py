"""What the person says about lines of the medicine list: which are the same medicine, and what they noted of refills.

Everything is kept by a line's key and beside the sources' records, so that taking it back leaves them as they were.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from phr_desktop.domain.medicines import RefillNote
from phr_desktop.vault.connection import Database

COUNTRY_SETTING, STATE_SETTING = "holidays-country", "holidays-state"  # whose holidays count
# The key '' of a refill note stands for what holds for all medicines of a person: when their pharmacy is closed.
SET_PAIR = """INSERT INTO medicine_pairs (person, one, other, same, said_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (person, one, other) DO UPDATE SET same = excluded.same, said_at = excluded.said_at"""
REMOVE_PAIR = "DELETE FROM medicine_pairs WHERE person = ? AND one = ? AND other = ?"
PAIRS = "SELECT one, other, same, said_at FROM medicine_pairs WHERE person = ? ORDER BY said_at, one, other"
SET_NOTE = """INSERT OR REPLACE INTO refill_notes (person, key, runs_out, pays_from, mail_order, noted_at)
  VALUES (?, ?, ?, ?, ?, ?)"""
NOTES = "SELECT key, runs_out, pays_from, mail_order, noted_at FROM refill_notes WHERE person = ? AND key <> ''"
SET_CLOSED = "INSERT OR REPLACE INTO refill_notes (person, key, closed, noted_at) VALUES (?, '', ?, 0)"
CLOSED = "SELECT closed FROM refill_notes WHERE person = ? AND key = ''"
REST_ON = """UPDATE schedule_basis SET content_hash = (SELECT content_hash FROM records WHERE id = ?1)
  WHERE record = ?1"""
# Dose schedules stay with the doses that were taken; only what they are about is told by their title alone then.
FORGET = (
    "DELETE FROM medicine_choices WHERE {key}",
    "DELETE FROM refill_notes WHERE {key}",
    "DELETE FROM stock WHERE {medicine}",
    "UPDATE schedules SET medicine = 'removed:' || id WHERE {medicine}",
    "DELETE FROM medicine_pairs WHERE {one} OR {other}",
)


class Pair(NamedTuple):
    """Two keys of which the person said that they are the same medicine, or that they are not."""

    one: str  # the lesser of the two
    other: str
    same: bool
    said_at: int  # seconds since 1970 UTC


def pair_of(key: str, other: str) -> tuple[str, str]:
    """Two keys in the order in which they are kept."""
    return (key, other) if key < other else (other, key)


def set_pair(db: Database, person: int, key: str, other: str, same: bool | None, now: int) -> None:
    """Keeps what was said of two lines; None takes it back."""
    if same is None:
        db.run(REMOVE_PAIR, (person, *pair_of(key, other)))
    else:
        db.run(SET_PAIR, (person, *pair_of(key, other), int(same), now))


def put_pair(db: Database, person: int, pair: Pair) -> None:
    """Undo: it stands again with its own time."""
    db.run(SET_PAIR, (person, pair.one, pair.other, int(pair.same), pair.said_at))


def pairs(db: Database, person: int) -> list[Pair]:
    return [Pair(row[0], row[1], bool(row[2]), row[3]) for row in db.rows(PAIRS, (person,))]


def same_as(db: Database, person: int, key: str) -> frozenset[str]:
    """The key, and every one that the person joined to it."""
    found = {key}
    joined = [(pair.one, pair.other) for pair in pairs(db, person) if pair.same]
    while more := {end for ends in joined if not found.isdisjoint(ends) for end in ends} - found:
        found |= more
    return frozenset(found)


def set_note(db: Database, person: int, key: str, note: RefillNote) -> None:
    runs_out, pays_from = (None if day is None else day.isoformat() for day in (note.runs_out, note.pays_from))
    db.run(SET_NOTE, (person, key, runs_out, pays_from, int(note.mail_order), note.noted_at))


def notes(db: Database, person: int) -> dict[str, RefillNote]:
    """By the line's key."""
    return {row[0]: RefillNote(_day(row[1]), _day(row[2]), bool(row[3]), row[4]) for row in db.rows(NOTES, (person,))}


def set_closed(db: Database, person: int, weekdays: frozenset[int]) -> None:
    """On which days of the week (Monday 0) the person's pharmacy is closed."""
    db.run(SET_CLOSED, (person, "".join(str(day) for day in sorted(weekdays))))


def closed(db: Database, person: int) -> frozenset[int]:
    row = db.one(CLOSED, (person,))
    return frozenset() if row is None else frozenset(int(sign) for sign in row[0] or "")


def rest_on(db: Database, record: int) -> None:
    """The schedules that were confirmed from this record rest on what it says now: the person wrote it anew."""
    db.run(REST_ON, (record,))


def forget(db: Database, key: str, *, all_that_begin: bool = False) -> None:
    """Takes out everything that is kept by this key, or by all that begin with it: its records were removed."""
    test = "substr({0}, 1, length(?1)) = ?1" if all_that_begin else "{0} = ?1"
    columns = {name: test.format(name) for name in ("key", "medicine", "one", "other")}
    for statement in FORGET:
        db.run(statement.format(**columns), (key,))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
