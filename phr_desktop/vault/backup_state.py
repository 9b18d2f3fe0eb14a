"""The vault's own notes about its backups, in its settings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from phr_desktop.domain.backups import BackupState, Failure, Rhythm
from phr_desktop.vault.choices import set_setting, setting
from phr_desktop.vault.connection import Database

FOLDER, RHYTHM, VERIFIED_AT, VERIFIED_FILE, FAILURE = (
    "backup.folder",
    "backup.rhythm",
    "backup.verified_at",
    "backup.verified_file",
    "backup.failure",
)


KEPT = "backup.kept."


def state(db: Database) -> BackupState:
    folder, rhythm, at, file, failure = (
        setting(db, key) for key in (FOLDER, RHYTHM, VERIFIED_AT, VERIFIED_FILE, FAILURE)
    )
    return BackupState(
        folder=Path(folder) if folder else None,
        rhythm=Rhythm(rhythm) if rhythm else Rhythm.DAILY,
        verified_at=int(at) if at else None,
        verified_file=Path(file) if file else None,
        failure=msgspec.json.decode(failure, type=Failure) if failure else None,
    )


def set_folder(db: Database, folder: Path | None) -> None:
    set_setting(db, FOLDER, "" if folder is None else str(folder))
    set_setting(db, FAILURE, "")


def set_rhythm(db: Database, rhythm: Rhythm) -> None:
    set_setting(db, RHYTHM, rhythm)


def set_verified(db: Database, path: Path, created: int) -> None:
    """Notes a backup that proved that it can be restored."""
    set_setting(db, VERIFIED_AT, str(created))
    set_setting(db, VERIFIED_FILE, str(path))
    set_setting(db, FAILURE, "")


def set_failure(db: Database, failure: Failure) -> None:
    set_setting(db, FAILURE, msgspec.json.encode(failure).decode())


def kept_since(db: Database, name: str, now: int) -> int:
    """Since when a verified backup stands beside what a restore put aside under this name; noted the first time it is
    asked. A moment to come (the clock was set back) counts as now."""
    noted = setting(db, KEPT + name)
    since = min(int(noted), now) if noted else now
    if noted != str(since):
        set_setting(db, KEPT + name, str(since))
    return since


def forget_kept(db: Database, names: Iterable[str]) -> None:
    db.many("DELETE FROM settings WHERE key = ?", [(KEPT + name,) for name in names])


def forget(db: Database) -> None:
    """A restored copy in another place has no backups of its own yet."""
    db.run("DELETE FROM settings WHERE key LIKE 'backup.%' AND key <> ?", (RHYTHM,))
