"""Rows of the outbox: kept and counted here. Whoever sends one first has `Vault.anchor` put the row that says so into
the header, so that no older copy of the vault sends it again."""

from __future__ import annotations

import hashlib

from phr_desktop.domain.outbox import OutboxState, PendingAction, SendClass
from phr_desktop.vault.connection import Database, Row

ADD = """INSERT INTO outbox (id, source, person, kind, class, method, path, body, body_sha256, state, created_at,
  expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
OF_PERSON = """SELECT id, source, person, kind, class, method, path, body, state, created_at, expires_at, attempts,
  last_error FROM outbox WHERE person = ? ORDER BY created_at, id"""
WAITING = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'unknown', 'held')"


def add(db: Database, action: PendingAction) -> None:
    """Appends a row; its body is frozen from here on."""
    digest = hashlib.sha256(action.body).digest()
    db.run(
        ADD,
        (action.id, action.source, action.person, action.kind, action.send_class, action.method, action.path,
         action.body, digest, action.state, action.created_at, action.expires_at),
    )  # fmt: skip


def of_person(db: Database, person: int) -> list[PendingAction]:
    return [_action(row) for row in db.rows(OF_PERSON, (person,))]


def count_waiting(db: Database) -> int:
    """Rows that have not come to an end."""
    return int(db.value(WAITING))


def _action(row: Row) -> PendingAction:
    return PendingAction(
        id=row[0],
        source=row[1],
        person=row[2],
        kind=row[3],
        send_class=SendClass(row[4]),
        method=row[5],
        path=row[6],
        body=bytes(row[7]),
        state=OutboxState(row[8]),
        created_at=row[9],
        expires_at=row[10],
        attempts=row[11],
        last_error=row[12],
    )
