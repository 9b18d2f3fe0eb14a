"""Whether a database is whole: what is asked of a backup, of a restored vault, and wherever one file replaces
another."""

from __future__ import annotations

from collections.abc import Callable

from phr_desktop.vault.connection import Database

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE V%'"


def problems(db: Database, vault_id: bytes) -> list[str]:
    """What is wrong, by name; empty where nothing is. Reads the whole file."""
    checks: dict[str, Callable[[], bool]] = {
        "encryption": lambda: not db.rows("PRAGMA cipher_integrity_check"),
        "structure": lambda: db.rows("PRAGMA integrity_check") == [("ok",)],
        "references": lambda: not db.rows("PRAGMA foreign_key_check"),
        "identity": lambda: db.rows("SELECT vault_id, word FROM sentinel") == [(vault_id, "open")],
        "search": lambda: _search_is_whole(db),
    }
    return [name for name, is_whole in checks.items() if not is_whole()]


def _search_is_whole(db: Database) -> bool:
    """Full text's own check; an error of the database is raised where it is not (database-damaged)."""
    db.run("INSERT INTO search (search) VALUES ('integrity-check')")
    return True


def counts(db: Database) -> dict[str, int]:
    """Rows by table, full text's inner tables included."""
    names = sorted(row[0] for row in db.rows(TABLES))
    return {name: int(db.value(f'SELECT count(*) FROM "{name}"')) for name in names}
