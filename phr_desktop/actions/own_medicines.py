"""What the person adds to their medicines themselves: kept as records of "Own notes", each edit a version."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date

from phr_desktop.actions.own_notes import OwnNotes, own_record
from phr_desktop.clock import Clock, today
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.medication_records import MedicationStatement
from phr_desktop.domain.medicines import MedicineChoice, OwnMedicine
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.own_medicines import entry_of, photo_of, photo_record, statement, withdrawn
from phr_desktop.vault import choices, doses, medicines
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

MOST_PHOTO = 4 * 1024 * 1024  # bytes; the window makes pictures smaller before it keeps them


@dataclass(frozen=True, slots=True)
class Written:
    """What changed, the entry's record, and what undoing needs.

    `before` are the former bytes (None: it was not there), `choice` what the person had said, `ended` its schedules.
    """

    changes: ChangeSet
    record: int
    before: bytes | None
    choice: tuple[MedicineChoice, int] | None = None
    ended: tuple[str, ...] = ()


def key_of(record: int) -> str:
    """The key of an own entry's line, as long as nobody joined it to another."""
    return f"record:{record}"


def add(vault: Vault, clock: Clock, person: int, entry: OwnMedicine) -> Written:
    """Adds it, as something that the person takes. Errors: own-medicine-name, own-medicine-date, photo-too-large."""
    checked = _checked(entry)

    def verb(db: Database) -> Written:
        writer = _Writer(db, clock, person)
        photo = writer.photo(checked.photo)
        record = writer.statement(checked, str(uuid.uuid4()), photo)
        if checked.until is None:
            choices.set_medicine(db, person, key_of(record), MedicineChoice.TAKE, writer.now)
        return Written(_changes(person), record, None)

    return vault.write(verb)


def edit(vault: Vault, clock: Clock, person: int, record: int, entry: OwnMedicine, *, keep_photo: bool) -> Written:
    """Writes it anew; what it said before is kept as a version. Its photo stays with `keep_photo`.

    Errors: as `add`, and record-missing.
    """
    checked = _checked(entry)

    def verb(db: Database) -> Written:
        body, identity, former = _own(db, person, record)
        writer = _Writer(db, clock, person)
        photo = photo_of(former) if keep_photo else writer.photo(checked.photo)
        writer.statement(checked, identity, photo)
        medicines.rest_on(db, record)
        return Written(_changes(person), record, body)

    return vault.write(verb)


def end(vault: Vault, clock: Clock, person: int, record: int, *, mistake: bool = False) -> Written:
    """It is not taken any more since today, or was written by mistake; its schedules end. Error: record-missing."""
    now = clock.now().replace(microsecond=0)

    def verb(db: Database) -> Written:
        body, identity, former = _own(db, person, record)
        writer = _Writer(db, clock, person)
        if mistake:
            writer.write(withdrawn(body))
        else:
            ended_on = replace(entry_of(former, body), until=today(clock).isoformat())
            writer.statement(ended_on, identity, photo_of(former))
        key = key_of(record)
        choice = choices.medicines(db, person).get(key)
        choices.set_medicine(db, person, key, None, writer.now)
        mine = [one.id for one in doses.schedules(db, person) if one.medicine == key and one.ended_at is None]
        for identifier in mine:
            doses.end_schedule(db, identifier, now)
        return Written(_changes(person), record, body, choice, tuple(mine))

    return vault.write(verb)


def undo(vault: Vault, clock: Clock, person: int, done: Written) -> ChangeSet:
    """Undo of all three: the entry says again what it said before; one that was new is taken back as a mistake."""

    def verb(db: Database) -> None:
        writer = _Writer(db, clock, person)
        if done.before is None:
            body, _, _ = _own(db, person, done.record)
            writer.write(withdrawn(body))
            choices.set_medicine(db, person, key_of(done.record), None, writer.now)
            return
        writer.write(done.before)
        medicines.rest_on(db, done.record)
        if done.choice is not None:
            choices.set_medicine(db, person, key_of(done.record), *done.choice)
        for identifier in done.ended:
            doses.resume(db, identifier, clock.now())

    vault.write(verb)
    return _changes(person)


class _Writer(OwnNotes):
    """Writes entries and their photos."""

    def photo(self, photo: bytes | None) -> str | None:
        if photo is None:
            return None
        identifier = str(uuid.uuid4())
        self.write(photo_record(photo, identifier, self.person.name, self.at))
        return identifier

    def statement(self, entry: OwnMedicine, identifier: str, photo: str | None) -> int:
        self.write(statement(entry, identifier, self.person.name, self.at, photo))
        return self.record("MedicationStatement", identifier)


def _own(db: Database, person: int, record: int) -> tuple[bytes, str, MedicationStatement]:
    return own_record(db, person, record, MedicationStatement)


def _checked(entry: OwnMedicine) -> OwnMedicine:
    tidy = replace(
        entry,
        name=_tidy(entry.name),
        strength=_tidy(entry.strength),
        form=_tidy(entry.form),
        reason=_tidy(entry.reason),
        how=_tidy(entry.how),
    )
    if not tidy.name:
        raise UserFacingError("own-medicine-name")
    for day in (tidy.since, tidy.until):
        _check_day(day)
    if tidy.photo is not None and len(tidy.photo) > MOST_PHOTO:
        raise UserFacingError("photo-too-large")
    return tidy


def _tidy(words: str) -> str:
    return " ".join(words.split())


def _check_day(day: str | None) -> None:
    """A FHIR date: a year, a month or a day."""
    if day is None:
        return
    try:
        date.fromisoformat((day + "-01-01")[:10] if len(day) == 4 else (day + "-01")[:10])
    except ValueError:
        raise UserFacingError("own-medicine-date") from None


def _changes(person: int) -> ChangeSet:
    return ChangeSet.of(Topic.MEDICINES, Topic.RECORDS, Topic.SOURCES, Topic.DOSES, person=person)
