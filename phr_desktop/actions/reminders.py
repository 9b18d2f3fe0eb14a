"""Verbs about reminders."""

from __future__ import annotations

from collections.abc import Iterable

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.vault import choices, doses, reminder_choices, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


def acknowledge(vault: Vault, _clock: Clock, identifiers: Iterable[str]) -> ChangeSet:
    """Takes reminders that were delivered or missed off the open list: the person has seen them."""
    seen = tuple(identifiers)

    def verb(db: Database) -> None:
        for identifier in seen:
            reminders.acknowledge(db, identifier)

    vault.write(verb)
    return ChangeSet.of(Topic.REMINDERS)


def choose(vault: Vault, _clock: Clock, person: int, chosen: ReminderChoices) -> ChangeSet:
    """Keeps how a person wants to be reminded. Undone by choosing what was before."""
    vault.write(lambda db: reminder_choices.keep(db, person, chosen))
    return ChangeSet.of(Topic.REMINDERS, Topic.PEOPLE, person=person)


def keep_home_times(vault: Vault, clock: Clock, home: str) -> ChangeSet:
    """On a journey: doses stay at the times of the zone that was left."""

    def verb(db: Database) -> None:
        doses.follow_clocks_of(db, home)
        choices.set_setting(db, choices.DOSE_ZONE, str(clock.zone()))

    vault.write(verb)
    return ChangeSet.of(Topic.DOSES, Topic.REMINDERS)


def use_local_times(vault: Vault, clock: Clock) -> ChangeSet:
    """On a journey: eight in the morning is eight in the morning here."""
    vault.write(lambda db: choices.set_setting(db, choices.DOSE_ZONE, str(clock.zone())))
    return ChangeSet.of(Topic.DOSES, Topic.REMINDERS)
