"""What a person says about the medicines of the derived list; the sources' records stay as they are."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.medicines import MedicineChoice
from phr_desktop.vault import choices
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Chosen:
    """What changed, and what stood before: the choice and when it was made (seconds since 1970 UTC), or None."""

    changes: ChangeSet
    before: tuple[MedicineChoice, int] | None


def confirm(vault: Vault, clock: Clock, person: int, key: str) -> ChangeSet:
    """ "I take this": of the line with this key, as its sources have it now."""
    return choose(vault, clock, person, key, MedicineChoice.TAKE).changes


def do_not_take(vault: Vault, clock: Clock, person: int, key: str) -> ChangeSet:
    """ "I do not take this"."""
    return choose(vault, clock, person, key, MedicineChoice.DO_NOT_TAKE).changes


def undo_choice(vault: Vault, clock: Clock, person: int, key: str) -> ChangeSet:
    """Takes back what was said, so that the line asks again."""
    return choose(vault, clock, person, key, None).changes


def choose(vault: Vault, clock: Clock, person: int, key: str, choice: MedicineChoice | None) -> Chosen:
    """Any of the above, with what `put_back` needs to undo it."""

    def verb(db: Database) -> tuple[MedicineChoice, int] | None:
        before = choices.medicines(db, person).get(key)
        choices.set_medicine(db, person, key, choice, int(clock.now().timestamp()))
        return before

    return Chosen(ChangeSet.of(Topic.MEDICINES, person=person), vault.write(verb))


def put_back(vault: Vault, clock: Clock, person: int, key: str, before: tuple[MedicineChoice, int] | None) -> ChangeSet:
    """Undo: what stood before stands again with its own time, so that no change by a clinic since then is hidden."""
    choice, at = before or (None, int(clock.now().timestamp()))
    vault.write(lambda db: choices.set_medicine(db, person, key, choice, at))
    return ChangeSet.of(Topic.MEDICINES, person=person)
