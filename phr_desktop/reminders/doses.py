"""From confirmed schedules to rows of planned doses: each once, none lost however long the program was off."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from phr_desktop.clock import Clock
from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.doses import Schedule
from phr_desktop.vault import doses
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

AHEAD = timedelta(days=2)  # rows are made for so long ahead; the calendar works out the rest when it is asked
# No two clocks on earth are further apart, and a leap puts a dose an hour on: by so much a journey may move a dose.
WIDEST = timedelta(hours=27)
_LONGEST_TAKEN = timedelta(days=32)  # hours counted from the dose before are no more than a month apart


def plan_doses(vault: Vault, clock: Clock) -> bool:
    """Gives every dose due by now, and for two days ahead, its row. Whether any row changed."""
    now, zone = clock.now(), clock.zone()

    def verb(db: Database) -> bool:
        changed = [_plan(db, one, now, zone) for one in doses.schedules(db) if _has_work(db, one, now)]
        return any(changed)

    return vault.write(verb)


def _has_work(db: Database, one: Schedule, now: datetime) -> bool:
    """An ended schedule only has doses to take back."""
    return one.ended_at is None or one.ended_at > now or doses.has_planned(db, one.id, now)


def _plan(db: Database, one: Schedule, now: datetime, zone: tzinfo) -> bool:
    known_until = doses.planned_until(db, one.id)
    confirmed = one.confirmed_at or now
    # A schedule confirmed today has had no dose before it was confirmed: nobody could have been reminded of it.
    since = confirmed if known_until is None else min(known_until, now)
    until = now + AHEAD
    taken = doses.taken(db, one.person, now - _LONGEST_TAKEN)
    planned = planned_doses(one, zone, min(since, now) - WIDEST, until, taken)
    return doses.replan(db, one, planned, since, now, max(until, known_until or until))
