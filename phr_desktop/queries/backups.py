"""What is known of the vault's backups."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.backups import BackupState
from phr_desktop.vault import backup_state
from phr_desktop.vault.vault import Vault


def backups(vault: Vault, _clock: Clock) -> BackupState:
    """Folder, rhythm, the last verified one, and why the last try failed."""
    return vault.read(backup_state.state)
