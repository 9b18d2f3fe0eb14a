"""What the window asks about removing, and about a damaged record. `phr_desktop/upkeep.py` answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.long_work import Cancelled, Progress
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.domain.salvage import SalvageReport


class Salvaged(Protocol):
    """What was saved of a damaged record, not taken yet. One of the two calls ends it; both block."""

    report: SalvageReport

    def accept(self) -> Path:
        """The record is what was saved from now on; where the damaged file lies. Errors: disk-full, no-permission."""
        ...

    def discard(self) -> None:
        """Everything stays as it was."""
        ...


class Upkeep(Protocol):
    """All methods block: from the bridge's workers only. Progress is in thousandths."""

    def what_goes(self, *, person: int | None = None, source: int | None = None) -> WhatGoes: ...

    def remove_person(self, person: int, *, progress: Progress, cancelled: Cancelled) -> ChangeSet:
        """Errors: person-missing, cancelled, no-room, copy-not-whole, vault-busy."""
        ...

    def remove_source(self, source: int, *, progress: Progress, cancelled: Cancelled) -> ChangeSet:
        """Errors: source-missing, and those of `remove_person`."""
        ...

    def put_aside(self) -> Sequence[Path]:
        """Other copies of the record beside it, which a restore, a repair or key files that were put back left; no
        removal reaches into them."""
        ...

    def other_databases(self) -> Sequence[Path]:
        """Databases in the record's folder that its key files do not name, and that may be newer. They are kept."""
        ...

    def remove_put_aside(self) -> None:
        """Removes them. Errors: disk-problem, no-permission."""
        ...

    def kept_calendar(self, person: int) -> Sequence[Path]:
        """The calendar file that is kept for a person: it goes with the person."""
        ...

    def known_backups(self) -> Sequence[Path]:
        """The open record's backups in its backup folder."""
        ...

    def remove_vault(self, *, with_backups: bool) -> None:
        """Locks the record and removes it from this computer. Errors: disk-problem, no-permission."""
        ...

    def salvage(self, secret: str, *, by_recovery_key: bool, progress: Progress, cancelled: Cancelled) -> Salvaged:
        """Saves what can be read of the locked, damaged record. Errors: wrong-passphrase, wrong-recovery-key,
        nothing-readable, no-room, cancelled."""
        ...
