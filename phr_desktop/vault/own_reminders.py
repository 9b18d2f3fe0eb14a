"""What people want to be reminded of beside medicines and visits, as they said it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from phr_desktop.domain.doses import AtTimes
from phr_desktop.domain.own_reminders import OwnReminder
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.errors import Bug
from phr_desktop.vault.connection import Database, Row
from phr_desktop.vault.rhythms import from_text, to_text

_COLUMNS = "id, person, kind, title, rhythm, first_day, last_day, made_at, ended_at"
ADD = f"INSERT INTO own_reminders ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
IN_FORCE = f"""SELECT {_COLUMNS}, planned_until FROM own_reminders WHERE person = ? AND ended_at IS NULL
  ORDER BY made_at, id"""
ONE = f"SELECT {_COLUMNS} FROM own_reminders WHERE id = ?"
END = "UPDATE own_reminders SET ended_at = ? WHERE id = ?"
SET_PLANNED = "UPDATE own_reminders SET planned_until = ? WHERE ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class InForce:
    """`planned_from`: everything due before it, since the reminder was made, has its occurrence."""

    reminder: OwnReminder
    planned_from: datetime


def add(db: Database, one: OwnReminder) -> None:
    """Keeps one; its id and `made_at` are set."""
    assert one.made_at is not None  # noqa: S101 - says what the types cannot
    last, ended = one.last_day, one.ended_at
    db.run(
        ADD,
        (
            one.id, one.person, one.kind, one.title, to_text(one.rhythm), one.first_day.isoformat(),
            None if last is None else last.isoformat(), int(one.made_at.timestamp()),
            None if ended is None else int(ended.timestamp()),
        ),
    )  # fmt: skip


def in_force(db: Database, person: int) -> list[InForce]:
    """A person's, in the order in which they were made."""
    rows = db.rows(IN_FORCE, (person,))
    return [InForce(_reminder(row), _moment(row[7] if row[9] is None else row[9])) for row in rows]


def one(db: Database, identifier: str) -> OwnReminder | None:
    """One by its id, also one that has ended."""
    row = db.one(ONE, (identifier,))
    return None if row is None else _reminder(row)


def end(db: Database, identifier: str, at: datetime | None) -> None:
    """Ends one; None takes that back."""
    db.run(END, (None if at is None else int(at.timestamp()), identifier))


def set_planned(db: Database, until: datetime) -> None:
    """Everything due before `until` of all that is in force has its occurrence now."""
    db.run(SET_PLANNED, (int(until.timestamp()),))


def _reminder(row: Row) -> OwnReminder:
    rhythm = from_text(row[4])
    if not isinstance(rhythm, AtTimes):
        raise Bug("own-reminder-rhythm")
    return OwnReminder(
        id=row[0], person=row[1], kind=ReminderKind(row[2]), title=row[3], rhythm=rhythm,
        first_day=date.fromisoformat(row[5]), last_day=None if row[6] is None else date.fromisoformat(row[6]),
        made_at=_moment(row[7]), ended_at=None if row[8] is None else _moment(row[8]),
    )  # fmt: skip


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
