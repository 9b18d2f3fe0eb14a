"""From the vault to its occurrences: makes them what visits, medicines, doses and all else that is due say now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import Schedule
from phr_desktop.domain.people import Person
from phr_desktop.domain.words import short_day
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.doses import changed_basis, seen_at
from phr_desktop.queries.due_days import due_days
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.reminders.doses import AHEAD, LONGEST_OFF, plan_doses
from phr_desktop.reminders.plan import OwnPlan, PersonPlan, ScheduleWords, own_subject, plan, reasons
from phr_desktop.vault import choices, doses, own_reminders, people, records, reminder_choices, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

OWN_AHEAD = timedelta(days=60)  # longer than a locked program knows its moments (`locked.HORIZON`)
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
    early, since = _known_so_far(vault, now)
    everyone = [_of_person(vault, clock, person, since, early) for person in vault.read(people.everyone)]
    candidates = plan(everyone, clock.zone(), since)
    hold = reasons(everyone) | {one.id for one in candidates}
    looked_at = {dose.id for person in everyone for dose in person.doses}
    untold = _untold(everyone, now)

    def verb(db: Database) -> bool:
        lost = reminders.withdraw_shown(db, hold, looked_at)
        changed = reminders.replan(db, candidates, now, untold) or lost
        own_reminders.set_planned(db, now + OWN_AHEAD)
        for one in everyone:
            reminders.forget_refills(db, one.person, {f"medicine:{line.key}" for line in one.lines})
        return changed

    changes = ChangeSet.of(Topic.REMINDERS) if vault.write(verb) else ChangeSet()
    return changes | ChangeSet.of(Topic.DOSES) if moved else changes


def _known_so_far(vault: Vault, now: datetime) -> tuple[frozenset[str], datetime]:
    """Ids of the person's own reminders that a clock ahead of the time has told, and from when on all is looked at."""
    if vault.read(lambda db: reminders.any_told_early(db, now)):
        vault.write(lambda db: reminders.note_early(db, now))
    early, first = vault.read(lambda db: (reminders.told_early(db), reminders.first_planned(db)))
    return early, (now if first is None else min(now, first)) - WIDEST


def _untold(everyone: Sequence[PersonPlan], now: datetime) -> set[str]:
    """Subjects of what is told however long it is over: doses of which nobody was told, and the person's own."""
    over = (dose for person in everyone for dose in person.doses if (dose.snoozed_until or dose.due) <= now)
    own = {own_subject(one.reminder) for person in everyone for one in person.own}
    return own | {f"dose:{dose.id}" for dose in over if not dose.is_told}


def _note_zone(vault: Vault, clock: Clock) -> None:
    """Where doses are. On a journey the person is asked first, where a schedule goes by the computer's clocks."""
    zone = str(clock.zone())

    def verb(db: Database) -> None:
        if choices.setting(db, choices.DOSE_ZONE) is None or not doses.any_follows_the_computer(db):
            choices.set_setting(db, choices.DOSE_ZONE, zone)

    if vault.read(lambda db: choices.setting(db, choices.DOSE_ZONE)) != zone:
        vault.write(verb)


def _of_person(vault: Vault, clock: Clock, person: Person, since: datetime, early: frozenset[str]) -> PersonPlan:
    visits = appointments(vault, clock, person.id)
    lines = medicine_list(vault, clock, person.id).lines
    due = due_days(vault, clock, person.id)
    now = clock.now()

    def question(db: Database) -> PersonPlan:
        # Doses ahead, those of late, and those that nobody was told of.
        open_ones = doses.to_tell(db, person.id, now - AHEAD, now + AHEAD)
        words = {one.id: _words(db, one, clock) for one in doses.schedules(db, person.id)} if open_ones else {}
        own = [_own(one, since, now) for one in own_reminders.in_force(db, person.id)]
        # The past visits too: what was due before them, while the program was off, is still to be told, or stays told.
        return PersonPlan(
            person.id, person.name, visits.upcoming + visits.past, lines, tuple(open_ones), words, tuple(due),
            tuple(own), reminder_choices.of_person(db, person.id), early,
        )  # fmt: skip

    return vault.read(question)


def _own(one: own_reminders.InForce, since: datetime, now: datetime) -> OwnPlan:
    """From what still waits, or where planning has come to, so that none is lost while the program was off.

    Never from before it was made: what is over by then nobody wanted to hear of.
    """
    made = one.reminder.made_at or now
    start = max(min(one.planned_from - WIDEST, since), now - LONGEST_OFF)
    return OwnPlan(one.reminder, max(start, made), now + OWN_AHEAD)


def _words(db: Database, one: Schedule, clock: Clock) -> ScheduleWords:
    return ScheduleWords(one.title, one.unit, one.instructions, _changed(db, one, clock))


def _changed(db: Database, one: Schedule, clock: Clock) -> str | None:
    found = changed_basis(db, one)
    if not found:
        return None
    rows = records.rows(db, found)
    times = [seen_at(row) for row in rows]
    if not times:  # what it was confirmed from was removed
        return "your clinic changed this: check before you take it"
    day = datetime.fromtimestamp(max(times), clock.zone()).date()
    return f"your clinic changed this on {short_day(day)}: check before you take it"
