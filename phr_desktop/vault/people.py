"""People whose records these are."""

from __future__ import annotations

from phr_desktop.domain.people import Person
from phr_desktop.vault.connection import Database

ADD = "INSERT INTO people (name, birth_date, relation, created_at) VALUES (?, ?, ?, ?)"
ALL = "SELECT id, name, birth_date, relation FROM people ORDER BY id"
ONE = "SELECT id, name, birth_date, relation FROM people WHERE id = ?"


def add(db: Database, name: str, birth_date: str | None, relation: str | None, now: int) -> int:
    """The new person's id."""
    return db.run(ADD, (name, birth_date, relation, now))


def everyone(db: Database) -> list[Person]:
    """All people, in the order in which they were added."""
    return [Person(*row) for row in db.rows(ALL)]


def one(db: Database, person: int) -> Person | None:
    row = db.one(ONE, (person,))
    return None if row is None else Person(*row)


def set_birth_date(db: Database, person: int, birth_date: str) -> None:
    db.run("UPDATE people SET birth_date = ? WHERE id = ?", (birth_date, person))
