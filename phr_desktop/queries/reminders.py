"""Reminders as the vault holds them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial

from phr_desktop.clock import Clock
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import Occurrence, ReminderKind
from phr_desktop.vault import choices as settings
from phr_desktop.vault import doses, reminder_choices, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


def planned(vault: Vault, clock: Clock, start: date, end: date, person: int | None = None) -> list[Occurrence]:
    """What will fire from the first local day to the last, both included, soonest first; of everyone without `person`.

    It is what was planned last: who has not run the reminders calls `reminders.planner.replan` before.
    """
    first = datetime.combine(start, time(), clock.zone())
    after = datetime.combine(min(end, date.max - timedelta(days=1)) + timedelta(days=1), time(), clock.zone())
    found = vault.read(lambda db: reminders.planned_between(db, first, after))
    return _of(found, person)


def planned_kinds(vault: Vault, _clock: Clock) -> frozenset[ReminderKind]:
    """Of which kinds a reminder is to come, for anybody."""
    return vault.read(reminders.planned_kinds)


def open_reminders(vault: Vault, _clock: Clock, person: int | None = None) -> list[Occurrence]:
    """Delivered or missed and not acknowledged yet, newest first."""
    return _of(vault.read(reminders.open_ones), person)


def zone_left(vault: Vault, clock: Clock) -> str | None:
    """The time zone that doses went by before this journey, where the person has not said yet whose clocks count now.

    None at home, and where no schedule goes by the computer's clocks.
    """

    def question(db: Database) -> str | None:
        before = settings.setting(db, settings.DOSE_ZONE)
        return before if before != str(clock.zone()) and doses.any_follows_the_computer(db) else None

    return vault.read(question)


def choices(vault: Vault, _clock: Clock, person: int) -> ReminderChoices:
    """How a person wants to be reminded."""
    return vault.read(partial(reminder_choices.of_person, person=person))


def _of(occurrences: list[Occurrence], person: int | None) -> list[Occurrence]:
    return [one for one in occurrences if person is None or one.person == person]
