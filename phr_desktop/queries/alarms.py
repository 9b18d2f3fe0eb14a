"""Alarms that were told and that nobody answered: which of them ring, and for how long yet.

An answer is whatever takes the reminder off the open list: its dose is marked or snoozed, or the person has seen it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from phr_desktop.clock import Clock
from phr_desktop.domain.reminder_choices import MOST_RINGS
from phr_desktop.domain.reminders import Occurrence
from phr_desktop.vault import reminder_choices, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

EVERY = timedelta(minutes=1)
LONGEST = (MOST_RINGS + 1) * EVERY


def ringing(vault: Vault, clock: Clock, person: int | None = None) -> list[Occurrence]:
    """The alarms that ring just now, or will again unless somebody answers, soonest first; of everyone without
    `person`. What fell due while the program was off never rings."""
    now = clock.now()
    found = vault.read(lambda db: unanswered_alarms(db, now))
    return [
        one.occurrence
        for one, most in found
        if timedelta() <= now - one.told_at < (most + 1) * EVERY and person in (None, one.occurrence.person)
    ]


def ring_number(told_at: datetime, now: datetime, most: int, last: int) -> int | None:
    """Which of at most so many rings is due, of what was told then and rang `last` so far; None for none.

    One whose minute was slept through is left out.
    """
    number = (now - told_at) // EVERY
    return number if last < number <= most else None


def rings_due(db: Database, now: datetime) -> list[tuple[Occurrence, int]]:
    """What is to ring again now, and for the how-manieth time."""
    due = ((one, ring_number(one.told_at, now, most, one.rings)) for one, most in unanswered_alarms(db, now))
    return [(one.occurrence, number) for one, number in due if number is not None]


def unanswered_alarms(db: Database, now: datetime) -> list[tuple[reminders.Told, int]]:
    """Each with how often it may ring."""
    told = reminders.unanswered(db, now - LONGEST)
    chosen = {person: reminder_choices.of_person(db, person) for person in {one.occurrence.person for one in told}}
    return [
        (one, min(choices.alarm_rings, MOST_RINGS))
        for one in told
        if one.occurrence.kind in (choices := chosen[one.occurrence.person]).alarms
    ]
