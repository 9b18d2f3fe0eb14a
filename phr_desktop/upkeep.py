"""Removing what is in the vault, or the vault, and saving what a damaged one holds; for window and command line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from phr_desktop.actions import removal
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.vault import backup_state, leftovers, retention, wipe
from phr_desktop.vault.keychain import Keychain
from phr_desktop.vault.salvage import Salvaged, salvage
from phr_desktop.vault.vault import Vault


class Upkeep:
    """All methods block; from any thread. Progress is in thousandths. `quiet` keeps the syncs out while its block runs;
    `shut` locks the vault."""

    def __init__(
        self,
        clock: Clock,
        keychain: Keychain,
        folder: Callable[[], Path],
        vault: Callable[[], Vault],
        *,
        quiet: Callable[[], AbstractContextManager[None]],
        shut: Callable[[], None],
    ) -> None:
        self._clock, self._keychain, self._folder, self._vault = clock, keychain, folder, vault
        self._quiet, self._shut = quiet, shut

    # --- a person, a source

    def what_goes(self, *, person: int | None = None, source: int | None = None) -> WhatGoes:
        """What the removal of a person, or of a source, would take. Errors: person-missing, source-missing."""
        return self._vault().read(lambda db: wipe.what_goes(db, person=person, source=source))

    def remove_person(
        self, person: int, *, progress: Progress = no_progress, cancelled: Cancelled = never
    ) -> ChangeSet:
        """As `actions.removal.remove_person`; first the person's calendar file goes, which is not encrypted.

        Error, before anything else goes: calendar-file-stays. Where the removal is cancelled the file is written anew.
        """
        from phr_desktop.calendars import kept_files, remove_files

        files = kept_files(self._vault(), person)
        with self._quiet():
            remove_files(files)
            changes = removal.remove_person(
                self._vault(), self._clock, person, progress=_thousandths(progress), cancelled=cancelled
            )
            remove_files(files)  # a change in the meantime may have written it
        return changes

    def remove_source(
        self, source: int, *, progress: Progress = no_progress, cancelled: Cancelled = never
    ) -> ChangeSet:
        """As `actions.removal.remove_source`."""
        with self._quiet():
            return removal.remove_source(
                self._vault(), self._clock, source, progress=_thousandths(progress), cancelled=cancelled
            )

    def put_aside(self) -> tuple[Path, ...]:
        """Other copies of the record beside it, which a restore, a salvage or key files that were put back left; no
        removal reaches into them."""
        return tuple(wipe.put_aside(self._folder()))

    def remove_put_aside(self) -> None:
        """Removes them. Errors: disk-problem, no-permission."""
        wipe.remove_put_aside(self._folder())

    def other_databases(self) -> tuple[Path, ...]:
        """Databases in the record's folder that its key files do not name, and that may be newer. They are kept."""
        return leftovers.unnamed_databases(self._folder())

    def kept_calendar(self, person: int) -> tuple[Path, ...]:
        """The calendar file that is kept for a person: it goes with the person."""
        from phr_desktop.calendars import kept_files

        return kept_files(self._vault(), person)

    # --- the vault

    def known_backups(self) -> tuple[Path, ...]:
        """The backups of the open vault in its backup folder, which also hold what was removed since."""
        vault = self._vault()
        folder = vault.read(backup_state.state).folder
        try:
            found = sorted(folder.glob("*.phrbackup")) if folder is not None else []
        except OSError:
            found = []
        return tuple(path for path in found if retention.vault_of(path) == vault.id)

    def remove_vault(self, *, with_backups: bool) -> None:
        """Locks the open vault and removes it from this computer with the calendar files that it keeps; with its known
        backups or without.

        Errors: calendar-file-stays, before anything else goes; disk-problem, no-permission: what then is left cannot be
        read.
        """
        from phr_desktop.calendars import kept_files, remove_files

        vault = self._vault()
        files = kept_files(vault)
        slot, backups = vault.device_slot, self.known_backups() if with_backups else ()
        self._shut()
        remove_files(files)
        wipe.remove_vault(self._folder(), backups)
        if slot is not None:
            self._keychain.forget_all([slot])

    # --- a damaged vault

    def salvage(
        self,
        secret: str,
        *,
        by_recovery_key: bool = False,
        progress: Progress = no_progress,
        cancelled: Cancelled = never,
    ) -> Salvaged:
        """Saves what can be read of the locked, damaged vault; nothing is changed until the answer is accepted.

        Errors: as `vault.salvage.salvage`.
        """
        from phr_desktop.fhir.extract import extract

        return salvage(
            self._folder(), secret, extract, by_recovery_key=by_recovery_key, progress=_thousandths(progress),
            cancelled=cancelled,
        )  # fmt: skip


def _thousandths(progress: Progress) -> Callable[[float], None]:
    return lambda share: progress(round(share * 1000), 1000)
