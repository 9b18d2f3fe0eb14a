"""Allergies that the person adds themselves: records of "Own notes", each edit a version. They hide no clinic's."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from phr_desktop.actions.own_notes import OwnNotes, own_record
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.clinical import AllergyIntolerance
from phr_desktop.domain.medicines import OwnAllergy
from phr_desktop.errors import Bug, UserFacingError
from phr_desktop.fhir.own_allergies import CATEGORIES, allergy, withdrawn
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Written:
    """What changed, the entry's record, and what it was before (None: not there)."""

    changes: ChangeSet
    record: int
    before: bytes | None


def add(vault: Vault, clock: Clock, person: int, entry: OwnAllergy) -> Written:
    """Adds it. Errors: own-allergy-name, person-missing."""
    checked = _checked(entry)

    def verb(db: Database) -> Written:
        notes, identifier = OwnNotes(db, clock, person), str(uuid.uuid4())
        notes.write(allergy(checked, identifier, notes.person.name, notes.at))
        return Written(_changes(person), notes.record("AllergyIntolerance", identifier), None)

    return vault.write(verb)


def edit(vault: Vault, clock: Clock, person: int, record: int, entry: OwnAllergy) -> Written:
    """Writes it anew; what it said before is kept as a version. Errors: as `add`, and record-missing."""
    checked = _checked(entry)

    def verb(db: Database) -> Written:
        body, identifier, _former = own_record(db, person, record, AllergyIntolerance)
        notes = OwnNotes(db, clock, person)
        notes.write(allergy(checked, identifier, notes.person.name, notes.at))
        return Written(_changes(person), record, body)

    return vault.write(verb)


def withdraw(vault: Vault, clock: Clock, person: int, record: int) -> Written:
    """The person takes it back: it stands under "Withdrawn" from now on. Error: record-missing."""

    def verb(db: Database) -> Written:
        body, _identifier, _former = own_record(db, person, record, AllergyIntolerance)
        OwnNotes(db, clock, person).write(withdrawn(body))
        return Written(_changes(person), record, body)

    return vault.write(verb)


def undo(vault: Vault, clock: Clock, person: int, done: Written) -> ChangeSet:
    """Undo of all three: it says again what it said before; a new one is taken back."""

    def verb(db: Database) -> None:
        body, _identifier, _former = own_record(db, person, done.record, AllergyIntolerance)
        OwnNotes(db, clock, person).write(withdrawn(body) if done.before is None else done.before)

    vault.write(verb)
    return _changes(person)


def _checked(entry: OwnAllergy) -> OwnAllergy:
    if entry.category and entry.category not in CATEGORIES:
        raise Bug("own-allergy-category")
    tidy = replace(entry, substance=" ".join(entry.substance.split()), reaction=" ".join(entry.reaction.split()))
    if not tidy.substance:
        raise UserFacingError("own-allergy-name")
    return tidy


def _changes(person: int) -> ChangeSet:
    return ChangeSet.of(Topic.MEDICINES, Topic.RECORDS, Topic.SOURCES, person=person)
