"""From the vault to its occurrences: makes them what visits and medicines say now."""

from __future__ import annotations

from datetime import timedelta

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Person
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.reminders.plan import PersonPlan, plan, reasons
from phr_desktop.vault import people, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

# No two clocks on earth are further apart: by so much a journey may move a moment that was planned.
WIDEST = timedelta(hours=26)


def replan(vault: Vault, clock: Clock) -> ChangeSet:
    """Plans everyone's reminders anew, from this moment on.

    What was planned before and is due by now stays planned as long as its reason still holds, so that it is shown,
    if late. What lost its reason is withdrawn, also what was shown and not acknowledged yet: it is no fact any more.
    Everything else that was shown stays as it is.
    """
    now = clock.now()
    before = vault.read(reminders.planned_moments)
    since = min([now, *before.values()]) - WIDEST
    everyone = [_of_person(vault, clock, person) for person in vault.read(people.everyone)]
    candidates = plan(everyone, clock.zone(), since)
    hold = reasons(everyone)

    def verb(db: Database) -> bool:
        waiting = reminders.planned_moments(db)
        lost = reminders.withdraw_shown(db, hold)
        return reminders.replan(db, (one for one in candidates if one.at > now or one.id in waiting)) or lost

    return ChangeSet.of(Topic.REMINDERS) if vault.write(verb) else ChangeSet()


def _of_person(vault: Vault, clock: Clock, person: Person) -> PersonPlan:
    visits = appointments(vault, clock, person.id)
    lines = medicine_list(vault, clock, person.id).lines
    # The past ones too: what was due before them, while the program was off, is still to be told, or stays told.
    return PersonPlan(person.id, person.name, visits.upcoming + visits.past, lines)
