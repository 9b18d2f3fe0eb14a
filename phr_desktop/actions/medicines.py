"""What a person says about the medicines of the derived list; the sources' records stay as they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.medicines import MedicineChoice, RefillNote
from phr_desktop.vault import choices, doses, medicines
from phr_desktop.vault.connection import Database
from phr_desktop.vault.medicines import Pair
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Chosen:
    """What changed, and what stood before: the choice and when it was made (seconds since 1970 UTC), or None.

    `ended` are the dose schedules that ended with it.
    """

    changes: ChangeSet
    before: tuple[MedicineChoice, int] | None
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paired:
    """What was said of two lines, and what stood before of each pair that it touched."""

    changes: ChangeSet
    said: tuple[tuple[str, str], ...]
    before: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """What changed, and the note that stood before."""

    changes: ChangeSet
    before: RefillNote


def choose(
    vault: Vault, clock: Clock, person: int, key: str, choice: MedicineChoice | None, keys: Collection[str] = ()
) -> Chosen:
    """ "I take this", "I do not take this any more", or None so that the line asks again: of the line with this key, as
    its sources have it now; with what `put_back` needs to undo it. `keys` are all keys of the line.

    What is not taken is not to be reminded of: its schedules end with it.
    """
    now = clock.now().replace(microsecond=0)

    def verb(db: Database) -> Chosen:
        before = choices.medicines(db, person).get(key)
        choices.set_medicine(db, person, key, choice, int(now.timestamp()))
        ended: list[str] = []
        if choice is MedicineChoice.DO_NOT_TAKE:
            mine = {*keys, *medicines.same_as(db, person, key)}
            ended = [one.id for one in doses.schedules(db, person) if one.medicine in mine and one.ended_at is None]
        for identifier in ended:
            doses.end_schedule(db, identifier, now)
        return Chosen(_changes(person, doses=bool(ended)), before, tuple(ended))

    return vault.write(verb)


def put_back(
    vault: Vault,
    clock: Clock,
    person: int,
    key: str,
    before: tuple[MedicineChoice, int] | None,
    ended: Collection[str] = (),
) -> ChangeSet:
    """Undo: what stood before stands again with its own time, so that no change by a clinic since then is hidden.

    The schedules that `ended` with it go on from now: nothing was missed in the time in between.
    """
    choice, at = before or (None, int(clock.now().timestamp()))

    def verb(db: Database) -> None:
        choices.set_medicine(db, person, key, choice, at)
        for identifier in ended:
            doses.resume(db, identifier, clock.now())

    vault.write(verb)
    return _changes(person, doses=bool(ended))


def same(vault: Vault, clock: Clock, person: int, key: str, other: str) -> Paired:
    """ "These are the same medicine": two lines become one, which keeps the choices, schedules and stock of both."""
    return _pair(vault, clock, person, [(key, other)], True)


def not_same(vault: Vault, clock: Clock, person: int, key: str, other: str) -> Paired:
    """ "These are not the same": nobody is asked about these two again."""
    return _pair(vault, clock, person, [(key, other)], False)


def split(vault: Vault, clock: Clock, person: int, keys: Collection[str]) -> Paired:
    """Takes apart what the person had joined, of a line with these keys."""

    def joined(db: Database) -> list[tuple[str, str]]:
        mine = set(keys)
        return [
            (pair.one, pair.other)
            for pair in medicines.pairs(db, person)
            if pair.same and not mine.isdisjoint((pair.one, pair.other))
        ]

    return _pair(vault, clock, person, vault.read(joined), None)


def undo_pair(vault: Vault, _clock: Clock, person: int, done: Paired) -> ChangeSet:
    """Undo of `same`, `not_same` and `split`."""

    def verb(db: Database) -> None:
        for one, other in done.said:
            medicines.set_pair(db, person, one, other, None, 0)
        for pair in done.before:
            medicines.put_pair(db, person, pair)

    vault.write(verb)
    return _changes(person, doses=True)


def note_refill(vault: Vault, clock: Clock, person: int, key: str, note: RefillNote) -> Noted:
    """Keeps what the person knows of a line's refills better than the program: shown as theirs, until the next fill."""
    kept = replace(note, noted_at=int(clock.now().timestamp()))

    def verb(db: Database) -> RefillNote:
        before = medicines.notes(db, person).get(key, RefillNote())
        medicines.set_note(db, person, key, kept)
        return before

    return Noted(_changes(person), vault.write(verb))


def put_note_back(vault: Vault, _clock: Clock, person: int, key: str, before: RefillNote) -> ChangeSet:
    """Undo of `note_refill`."""
    vault.write(lambda db: medicines.set_note(db, person, key, before))
    return _changes(person)


def set_closed_days(vault: Vault, _clock: Clock, person: int, weekdays: frozenset[int]) -> ChangeSet:
    """On which days of the week (Monday 0) the person's pharmacy is closed."""
    vault.write(lambda db: medicines.set_closed(db, person, weekdays))
    return _changes(person)


def set_holidays(vault: Vault, _clock: Clock, country: str, state: str) -> ChangeSet:
    """Whose holidays count: a country's code (ISO 3166), and a state's, "" for the days of the whole country."""

    def verb(db: Database) -> None:
        choices.set_setting(db, medicines.COUNTRY_SETTING, country)
        choices.set_setting(db, medicines.STATE_SETTING, state)

    vault.write(verb)
    return ChangeSet.of(Topic.MEDICINES, Topic.SETTINGS)


def _pair(vault: Vault, clock: Clock, person: int, said: Collection[tuple[str, str]], as_same: bool | None) -> Paired:
    now = int(clock.now().timestamp())
    wanted = tuple(medicines.pair_of(*pair) for pair in said)

    def verb(db: Database) -> tuple[Pair, ...]:
        before = tuple(pair for pair in medicines.pairs(db, person) if (pair.one, pair.other) in wanted)
        for one, other in wanted:
            medicines.set_pair(db, person, one, other, as_same, now)
        return before

    return Paired(_changes(person, doses=True), wanted, vault.write(verb))


def _changes(person: int, *, doses: bool = False) -> ChangeSet:
    topics = (Topic.MEDICINES, Topic.DOSES) if doses else (Topic.MEDICINES,)
    return ChangeSet.of(*topics, person=person)
