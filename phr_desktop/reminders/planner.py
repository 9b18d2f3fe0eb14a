"""From the vault to its occurrences: makes them what visits and medicines say now."""

from __future__ import annotations

from datetime import datetime, timedelta

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import Schedule
from phr_desktop.domain.people import Person
from phr_desktop.domain.words import short_day
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.doses import changed_basis
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.reminders.doses import AHEAD, plan_doses
from phr_desktop.reminders.plan import DosePlan, PersonPlan, plan, reasons
from phr_desktop.vault import choices, doses, people, records, reminder_choices, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

# No two clocks on earth are further apart: by so much a journey may move a moment that was planned.
WIDEST = timedelta(hours=26)


def replan(vault: Vault, clock: Clock) -> ChangeSet:
    """Plans everyone's reminders anew, from this moment on.

    What was planned before and is due by now stays planned as long as its reason still holds, so that it is shown,
    if late; so does a dose of which nobody was told, such as one that fell due while the program was off. What lost its
    reason is withdrawn, also what was shown and not acknowledged yet: it is no fact any more. Everything else that was
    shown stays as it is.
    """
    now = clock.now()
    moved = plan_doses(vault, clock)
    _note_zone(vault, clock)
    before = vault.read(reminders.planned_moments)
    since = min([now, *before.values()]) - WIDEST
    everyone = [_of_person(vault, clock, person) for person in vault.read(people.everyone)]
    candidates = plan(everyone, clock.zone(), since)
    hold = reasons(everyone) | {one.id for one in candidates}
    looked_at = {planned.dose.id for person in everyone for planned in person.doses}
    untold = {f"dose:{planned.dose.id}" for one in everyone for planned in one.doses if planned.dose.told_at is None}

    def verb(db: Database) -> bool:
        waiting = reminders.planned_moments(db)
        lost = reminders.withdraw_shown(db, hold, looked_at)
        wanted = (one for one in candidates if one.at > now or one.id in waiting or one.subject in untold)
        changed = reminders.replan(db, wanted) or lost
        for one in everyone:
            reminders.forget_refills(db, one.person, {f"medicine:{line.key}" for line in one.lines})
        return changed

    changes = ChangeSet.of(Topic.REMINDERS) if vault.write(verb) else ChangeSet()
    return changes | ChangeSet.of(Topic.DOSES) if moved else changes


def _note_zone(vault: Vault, clock: Clock) -> None:
    """Where doses are. On a journey the person is asked first, where a schedule goes by the computer's clocks."""
    zone = str(clock.zone())

    def verb(db: Database) -> None:
        if choices.setting(db, choices.DOSE_ZONE) is None or not doses.any_follows_the_computer(db):
            choices.set_setting(db, choices.DOSE_ZONE, zone)

    if vault.read(lambda db: choices.setting(db, choices.DOSE_ZONE)) != zone:
        vault.write(verb)


def _of_person(vault: Vault, clock: Clock, person: Person) -> PersonPlan:
    visits = appointments(vault, clock, person.id)
    lines = medicine_list(vault, clock, person.id).lines
    # The past ones too: what was due before them, while the program was off, is still to be told, or stays told.
    planned, chosen = vault.read(lambda db: (_doses(db, person.id, clock), reminder_choices.of_person(db, person.id)))
    return PersonPlan(person.id, person.name, visits.upcoming + visits.past, lines, planned, chosen)


def _doses(db: Database, person: int, clock: Clock) -> tuple[DosePlan, ...]:
    """Those ahead, those of late, and those that nobody was told of, each with what a source changed meanwhile."""
    open_ones = doses.to_tell(db, person, clock.now() - AHEAD, clock.now() + AHEAD)
    changed = {one.id: _changed(db, one, clock) for one in doses.schedules(db, person)} if open_ones else {}
    return tuple(DosePlan(dose, changed.get(dose.schedule)) for dose in open_ones)


def _changed(db: Database, one: Schedule, clock: Clock) -> str | None:
    found = changed_basis(db, one)
    if not found:
        return None
    rows = records.rows(db, found)
    times = [at for row in rows if (at := row.gone_at or row.changed_at) is not None]
    if not times:
        return "your clinic changed this: check before you take it"
    day = datetime.fromtimestamp(max(times), clock.zone()).date()
    return f"your clinic changed this on {short_day(day)}: check before you take it"
