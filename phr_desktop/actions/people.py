"""Verbs about the people of the vault."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import people
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class PersonAdded:
    """The new person's id, and what changed."""

    person: int
    changes: ChangeSet


def add_person(
    vault: Vault, clock: Clock, name: str, birth_date: str | None = None, relation: str | None = None
) -> PersonAdded:
    """Adds someone whose record this will be. `birth_date` is a FHIR date: 1949-05-04, 1949-05 or 1949.

    Errors: name-missing, birth-date-malformed, person-exists (same name and birth date).
    """
    name = plain_name(name)
    if not name or len(name) > LONGEST_NAME:
        raise UserFacingError("name-missing")
    if birth_date and not is_fhir_date(birth_date):
        raise UserFacingError("birth-date-malformed")

    def verb(db: Database) -> int:
        if any(one.name == name and one.birth_date == (birth_date or None) for one in people.everyone(db)):
            raise UserFacingError("person-exists", name=name)
        return people.add(db, name, birth_date or None, relation or None, int(clock.now().timestamp()))

    person = vault.write(verb)
    return PersonAdded(person, ChangeSet.of(Topic.PEOPLE))


def plain_name(name: str) -> str:
    """A name as the vault keeps it, however it was typed: single spaces, and an accent in one sign with its letter."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def is_fhir_date(text: str) -> bool:
    """Whether a text is a FHIR date: a year, a year and month, or a whole day that exists."""
    if len(text) not in (4, 7, 10) or not text.replace("-", "0").isdecimal():
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True
