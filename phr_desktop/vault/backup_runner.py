"""When backups are made: by the chosen rhythm while the vault is unlocked, a missed one soon after the next unlock,
and when the person says so; never two at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from phr_desktop.clock import Clock
from phr_desktop.domain.backups import Backup, Failure
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.errors import PhrError, UserFacingError
from phr_desktop.vault import backup_state
from phr_desktop.vault.backup import make_backup
from phr_desktop.vault.vault import Vault

log = logging.getLogger(__name__)

FIRST = 20.0  # seconds after unlock: the first page and the first sync go before
LOOK = 600.0  # seconds between two looks whether one is due
AGAIN = 3600  # seconds after a try that failed


class BackupRunner:
    """Makes a vault's backups on a thread of its own between `start` and `stop`.

    `on_change` comes from the thread that makes a backup, after each, good or not.
    """

    def __init__(
        self, vault: Vault, clock: Clock, on_change: Callable[[ChangeSet], None], *, first: float = FIRST
    ) -> None:
        self._vault, self._clock, self._on_change, self._first = vault, clock, on_change, first
        self._one_at_a_time = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="phr-backups", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends a backup that is being made, on whatever thread, and the own thread; waits for both, so that the vault
        may be locked. Nothing half is left. Must not be called by `on_change`."""
        self._stop.set()
        with self._one_at_a_time:
            pass
        if self._thread is not None:
            self._thread.join()

    def back_up(
        self,
        folder: Path | None = None,
        *,
        progress: Progress = no_progress,
        cancelled: Cancelled = never,
    ) -> Backup:
        """Makes a backup now, on the calling thread, in the chosen folder or in another one.

        Errors: backup-running, backup-folder-not-chosen, and those of `make_backup`.
        """
        if not self._one_at_a_time.acquire(blocking=False):
            raise UserFacingError("backup-running")
        try:
            return self._make(folder, progress, lambda: cancelled() or self._stop.is_set())
        finally:
            self._one_at_a_time.release()

    def _make(self, folder: Path | None, progress: Progress, ended: Cancelled) -> Backup:
        target = folder or self._vault.read(backup_state.state).folder
        if target is None:
            raise UserFacingError("backup-folder-not-chosen")
        try:
            made = make_backup(self._vault, self._clock, target, progress=progress, ended=ended)
        except PhrError as error:
            if error.code not in ("cancelled", "vault-busy") and not self._stop.is_set():
                self._note(error)
            raise
        self._on_change(ChangeSet.of(Topic.SETTINGS))
        return made

    def _note(self, error: PhrError) -> None:
        parameters = {name: str(value) for name, value in error.parameters.items()}
        failure = Failure(error.code, parameters, int(self._clock.now().timestamp()))
        self._vault.write(lambda db: backup_state.set_failure(db, failure))
        self._on_change(ChangeSet.of(Topic.SETTINGS))

    def _run(self) -> None:
        wait = self._first
        while not self._stop.wait(wait):
            wait = LOOK
            try:
                if self._is_due():
                    self.back_up()
            except PhrError as problem:
                if not self._stop.is_set():
                    log.info("backup was not made: %s", problem.code)

    def _is_due(self) -> bool:
        now, state = self._clock.now(), self._vault.read(backup_state.state)
        tried = state.failure.at if state.failure is not None else None
        return state.is_due(now) and (tried is None or not 0 <= now.timestamp() - tried < AGAIN)
