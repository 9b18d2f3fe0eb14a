"""What a person says about the medicines of the derived list; the sources' records stay as they are."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.medicines import MedicineChoice
from phr_desktop.vault import choices
from phr_desktop.vault.vault import Vault


def confirm(vault: Vault, clock: Clock, person: int, key: str) -> ChangeSet:
    """ "I take this": of the line with this key, as its sources have it now."""
    return _choose(vault, clock, person, key, MedicineChoice.TAKE)


def do_not_take(vault: Vault, clock: Clock, person: int, key: str) -> ChangeSet:
    """ "I do not take this"."""
    return _choose(vault, clock, person, key, MedicineChoice.DO_NOT_TAKE)


def undo_choice(vault: Vault, clock: Clock, person: int, key: str) -> ChangeSet:
    """Takes back what was said, so that the line asks again."""
    return _choose(vault, clock, person, key, None)


def _choose(vault: Vault, clock: Clock, person: int, key: str, choice: MedicineChoice | None) -> ChangeSet:
    vault.write(lambda db: choices.set_medicine(db, person, key, choice, int(clock.now().timestamp())))
    return ChangeSet.of(Topic.MEDICINES, person=person)
