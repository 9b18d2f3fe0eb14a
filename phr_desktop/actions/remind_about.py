"""Verbs about what a person wants to be reminded of beside medicines and visits: home measurements, tests, vaccines."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import OnWeekdays
from phr_desktop.domain.own_reminders import OWN_KINDS, OwnReminder
from phr_desktop.errors import Bug, UserFacingError
from phr_desktop.vault import own_reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Reminded:
    """What changed, and what undoing needs: the reminder that is in force now, and the one that ended with it."""

    changes: ChangeSet
    now: OwnReminder | None
    before: OwnReminder | None


def add(vault: Vault, clock: Clock, wanted: OwnReminder) -> Reminded:
    """Reminds of it from now on. Its id and the moment it was made are set here.

    Errors: reminder-title (no words), reminder-empty (no time would ever come).
    """
    made = _made(clock, wanted)
    vault.write(lambda db: own_reminders.add(db, made))
    return Reminded(_changes(made), made, None)


def change(vault: Vault, clock: Clock, before: OwnReminder, wanted: OwnReminder) -> Reminded:
    """Reminds of `wanted` in place of `before` from now on. Errors: as `add`."""
    made = _made(clock, replace(wanted, person=before.person))

    def verb(db: Database) -> None:
        own_reminders.end(db, before.id, made.made_at)
        own_reminders.add(db, made)

    vault.write(verb)
    return Reminded(_changes(made), made, before)


def remove(vault: Vault, clock: Clock, before: OwnReminder) -> Reminded:
    """Reminds of it no more, and takes what was shown of it off the open list."""
    vault.write(lambda db: own_reminders.end(db, before.id, clock.now()))
    return Reminded(_changes(before), None, before)


def undo(vault: Vault, clock: Clock, done: Reminded) -> ChangeSet:
    """Undo of all three: what was in force before is so again, what came in its place ends."""

    def verb(db: Database) -> None:
        if done.now is not None:
            own_reminders.end(db, done.now.id, clock.now())
        if done.before is not None:
            own_reminders.end(db, done.before.id, None)

    vault.write(verb)
    return done.changes


def _made(clock: Clock, wanted: OwnReminder) -> OwnReminder:
    if wanted.kind not in OWN_KINDS:
        raise Bug("own-reminder-kind")
    title = " ".join(wanted.title.split())
    if not title:
        raise UserFacingError("reminder-title")
    rhythm, last = wanted.rhythm, wanted.last_day
    never = not rhythm.doses or rhythm.days == OnWeekdays(frozenset())
    if never or (last is not None and last < wanted.first_day):
        raise UserFacingError("reminder-empty")
    made_at = clock.now().replace(microsecond=0)
    return replace(wanted, id=uuid.uuid4().urn, title=title, made_at=made_at, ended_at=None)


def _changes(one: OwnReminder) -> ChangeSet:
    return ChangeSet.of(Topic.REMINDERS, Topic.PEOPLE, person=one.person)
