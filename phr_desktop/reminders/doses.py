"""From confirmed schedules to rows of planned doses: each once, none lost however long the program was off."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from phr_desktop.clock import Clock
from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.doses import AfterDose, CountedFrom, EveryHours, Schedule
from phr_desktop.vault import doses
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

AHEAD = timedelta(days=2)  # rows are made for so long ahead; the calendar works out the rest when it is asked
ENOUGH = timedelta(days=1, hours=12)  # where there are rows for so long ahead already, no more are made
# No two clocks on earth are further apart, and a leap puts a dose an hour on: by so much a journey may move a dose.
WIDEST = timedelta(hours=27)
LONGEST_OFF = timedelta(days=3660)  # of a clock that was off by a century: so many missed doses, and no more
_LONGEST_TAKEN = timedelta(days=32)  # hours counted from the dose before are no more than a month apart


def plan_doses(vault: Vault, clock: Clock) -> bool:
    """Gives every dose due by now, and for a day and a half ahead at least, its row. Whether any row changed.

    A dose that was told of by a clock ahead of the time is told of again when it is due.
    """
    now, zone = clock.now(), clock.zone()

    def verb(db: Database) -> bool:
        changed = [_plan(db, one, now, zone) for one in doses.schedules(db)]
        return doses.tell_again(db, now) or any(changed)

    return vault.write(verb)


def _plan(db: Database, one: Schedule, now: datetime, zone: tzinfo) -> bool:
    """A clock that was ahead has planned too far, one that was behind not far enough: what is there already stays."""
    so_far, until = doses.planned(db, one.id), now + AHEAD
    place = one.zone or str(zone)
    if so_far.until is not None and _only_goes_on(one, so_far, now, place):
        if so_far.until >= now + ENOUGH:
            return False
        return doses.plan_on(db, one, planned_doses(one, zone, so_far.until, until), until, place)
    if so_far.until is None and not _follows_doses(one):  # it has no row yet, so none moves and none is withdrawn
        start = max(so_far.start, now - LONGEST_OFF)
        return doses.plan_on(db, one, planned_doses(one, zone, start, until), until, place)
    known_until = so_far.until or so_far.start
    if not _has_work(db, one, known_until, now):
        return False
    start = so_far.start
    since = start if _follows_doses(one) else max(start, min(known_until, now), now - LONGEST_OFF)
    taken = doses.taken(db, one.person, now - _LONGEST_TAKEN)
    planned = planned_doses(one, zone, min(since, now) - WIDEST, until, taken)
    return doses.replan(db, one, planned, since, now, until, place)


def _only_goes_on(one: Schedule, so_far: doses.Planned, now: datetime, place: str) -> bool:
    """Nothing has moved since it was planned, so that what is planned is right."""
    until = so_far.until
    return (
        not _follows_doses(one)
        and one.ended_at is None
        and so_far.zone == place
        and until is not None
        and now <= until <= now + AHEAD
    )


def _follows_doses(one: Schedule) -> bool:
    """Said late that the dose before was taken, the next one may be over already: it is due all the same."""
    rhythm = one.rhythm
    return isinstance(rhythm, AfterDose) or (
        isinstance(rhythm, EveryHours) and rhythm.counted_from is CountedFrom.TAKEN
    )


def _has_work(db: Database, one: Schedule, known_until: datetime, now: datetime) -> bool:
    """An ended schedule only has doses to take back, or those of before its end that fell due while nobody planned."""
    ended = one.ended_at
    return ended is None or ended > min(now, known_until) or doses.has_planned(db, one.id, now)
