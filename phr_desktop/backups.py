"""Backups and restoring, for window and command line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.backups import Backup, BackupContents
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.vault.vault import Vault

if TYPE_CHECKING:
    from phr_desktop.vault.backup_runner import BackupRunner


def _nobody(_change: ChangeSet) -> None: ...


class Backups:
    """All methods block; from any thread. `folder` says where the present vault is, `vault` gives it where it is open.

    A backup's `secret` is the passphrase that the vault had when it was made, or its recovery key. Progress is told in
    bytes.
    """

    def __init__(self, clock: Clock, folder: Callable[[], Path], vault: Callable[[], Vault]) -> None:
        self._clock, self._folder, self._vault = clock, folder, vault
        self._door = threading.Lock()
        self._runner: BackupRunner | None = None
        self._on_change: Callable[[ChangeSet], None] = _nobody

    def start(self, on_change: Callable[[ChangeSet], None]) -> None:
        """From now on backups are made by themselves as the vault's settings say; `on_change` comes from their
        thread."""
        self._on_change = on_change
        self._of_vault().start()

    def stop(self) -> None:
        """Ends what is being made, and waits for it; before the vault is locked. Again does nothing."""
        with self._door:
            runner, self._runner = self._runner, None
        if runner is not None:
            runner.stop()
        self._on_change = _nobody

    def _of_vault(self) -> BackupRunner:
        from phr_desktop.vault.backup_runner import BackupRunner

        with self._door:
            if self._runner is None:
                self._runner = BackupRunner(self._vault(), self._clock, lambda change: self._on_change(change))
            return self._runner

    def back_up(
        self, folder: Path | None = None, *, progress: Progress = no_progress, cancelled: Cancelled = never
    ) -> Backup:
        """Makes a backup now, in the chosen folder or in another one, and proves that it can be restored.

        Errors: backup-running, backup-folder-not-chosen, and those of `vault.backup.make_backup`.
        """
        return self._of_vault().back_up(folder, progress=progress, cancelled=cancelled)

    # --- restoring

    def look_into(self, path: Path, secret: str, *, by_recovery_key: bool = False) -> BackupContents:
        """What a backup holds; nothing is changed. Errors: those of `vault.restore.opened`."""
        from phr_desktop.vault import restore

        with restore.opened(path, secret, by_recovery_key=by_recovery_key) as backup:
            return backup.contents(self._folder())

    def folder_beside(self) -> Path:
        """Where a restored record is put: the vault's own folder where there is nothing yet, else a new one beside."""
        folder = self._folder()
        if not Vault.exists(folder) and not (folder.is_dir() and any(folder.iterdir())):
            return folder
        day = local_now(self._clock).date().isoformat()
        names = (f"{folder.name}-restored-{day}{more}" for more in ("", *(f"-{number}" for number in range(2, 1000))))
        return next(place for place in (folder.with_name(name) for name in names) if not place.exists())

    def restore_beside(
        self,
        path: Path,
        secret: str,
        folder: Path,
        *,
        by_recovery_key: bool = False,
        progress: Progress = no_progress,
        cancelled: Cancelled = never,
    ) -> BackupContents:
        """Makes a vault of a backup in a new or empty folder. Errors: those of `vault.restore.restore_beside`."""
        from phr_desktop.vault import restore

        with restore.opened(path, secret, by_recovery_key=by_recovery_key) as backup:
            contents = backup.contents(self._folder())
            restore.restore_beside(backup, folder, progress=progress, ended=cancelled)
            return contents

    def restore_in_place(
        self,
        path: Path,
        secret: str,
        *,
        by_recovery_key: bool = False,
        progress: Progress = no_progress,
        cancelled: Cancelled = never,
    ) -> BackupContents:
        """Turns the present vault, which is locked, to what a backup of it holds; what was there is put aside.

        Errors: those of `vault.restore.restore_in_place`.
        """
        from phr_desktop.vault import restore

        with restore.opened(path, secret, by_recovery_key=by_recovery_key) as backup:
            contents = backup.contents(self._folder())
            restore.restore_in_place(backup, self._folder(), self._clock, progress=progress, ended=cancelled)
            return contents
