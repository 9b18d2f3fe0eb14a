"""Numbered migrations: `migrations/NNNN_name.sql`, applied in order, each in one transaction with its number.

A new database gets them where it is; one with records in it only in a copy (`rebuild.bring_up_to_date`).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from phr_desktop import failpoints
from phr_desktop.errors import UserFacingError
from phr_desktop.vault.connection import Database

Migrations = Sequence[tuple[int, str]]


def known() -> list[tuple[int, str]]:
    """Number and SQL of every migration, in order."""
    folder = files("phr_desktop.vault.migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), (folder / name).read_text(encoding="utf-8")) for name in names]


def latest() -> int:
    return known()[-1][0]


def version(db: Database) -> int:
    return int(db.value("PRAGMA user_version"))


def refuse_newer(db: Database) -> None:
    """A newer program's database is not touched."""
    if version(db) > latest():
        raise UserFacingError("vault-newer")


def apply_all(db: Database, migrations: Migrations | None = None) -> None:
    """Brings a database that no header names yet to the latest schema."""
    for number, sql in known() if migrations is None else migrations:
        if number > version(db):
            db.script(f"BEGIN IMMEDIATE;\n{sql}\n;PRAGMA user_version = {number};")
            failpoints.commit(db, f"migration {number}")
