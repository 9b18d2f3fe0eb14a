"""Verbs that take something out of the vault for good. None of them can be undone."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.long_work import Cancelled, never, no_progress
from phr_desktop.vault import wipe
from phr_desktop.vault.rebuild import Progress
from phr_desktop.vault.vault import Vault


def remove_person(
    vault: Vault, _clock: Clock, person: int, *, progress: Progress = no_progress, cancelled: Cancelled = never
) -> ChangeSet:
    """Removes a person with every record, source, reminder and request of theirs. What their portals keep, and
    backups that were made before, stay as they are.

    Errors: person-missing, cancelled, no-room, copy-not-whole, vault-busy, disk-full.
    """
    wipe.remove_person(vault, person, progress=progress, cancelled=cancelled)
    return ChangeSet.of(*Topic)


def remove_source(
    vault: Vault, _clock: Clock, source: int, *, progress: Progress = no_progress, cancelled: Cancelled = never
) -> ChangeSet:
    """Removes a source, with its permission and all that came from it; else as `remove_person`.

    Errors: source-missing, and those of `remove_person`.
    """
    wipe.remove_source(vault, source, progress=progress, cancelled=cancelled)
    return ChangeSet.of(*Topic)
