"""Verbs about backups: where they are made, and how often."""

from __future__ import annotations

from pathlib import Path

from phr_desktop.clock import Clock
from phr_desktop.domain.backups import Rhythm
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.vault import backup_state
from phr_desktop.vault.vault import Vault


def choose_backup_folder(vault: Vault, _clock: Clock, folder: Path) -> ChangeSet:
    """From now on backups are made there. Errors: backup-folder-missing, backup-folder-is-vault."""
    if not folder.is_dir():
        raise EnvironmentProblem("backup-folder-missing", folder=folder)
    if folder.resolve().is_relative_to(vault.folder.resolve()):
        raise UserFacingError("backup-folder-is-vault")
    vault.write(lambda db: backup_state.set_folder(db, folder))
    return ChangeSet.of(Topic.SETTINGS)


def choose_backup_rhythm(vault: Vault, _clock: Clock, rhythm: Rhythm) -> ChangeSet:
    """How often a backup is made by itself."""
    vault.write(lambda db: backup_state.set_rhythm(db, rhythm))
    return ChangeSet.of(Topic.SETTINGS)
