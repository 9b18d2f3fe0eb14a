"""The day's doses as Today shows them: what is ahead, due, late or missed, and what a source changed meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from phr_desktop.clock import Clock, today
from phr_desktop.domain.doses import AsNeeded, Dose, DoseState, Schedule
from phr_desktop.domain.people import Person
from phr_desktop.queries.doses import ScheduleNow, changed_basis, day_doses, due_doses, is_late, seen_at
from phr_desktop.vault import doses, medicines, people, records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

MISSED_AFTER = timedelta(hours=12)  # for so long a late dose stands by itself, unless the medicine's next one is due
EARLY = timedelta(minutes=30)  # so long before its time a dose may be marked at once, and no longer than its grace
_TAKEN_LATELY = timedelta(hours=2)  # who took the medicine since then is not offered the next dose before its time
_A_SECOND = timedelta(seconds=1)


class DosePlace(StrEnum):
    """Where a dose stands on the day."""

    AHEAD = "ahead"
    SOON = "soon"  # ahead by minutes, and nothing speaks against taking it now
    DUE = "due"
    LATE = "late"  # its grace is over: nobody is told to take it now
    MISSED = "missed"  # late, and long ago, or the medicine's next dose is due
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class DoseNow:
    """`changed`: the day on which a source changed what its schedule was confirmed from, as seen here."""

    dose: Dose
    place: DosePlace
    changed: date | None = None


@dataclass(frozen=True, slots=True)
class DoseDay:
    """`doses` are the person's of today and the late ones, by time; `missed` are oldest first; `others` are due or late
    for somebody else of the vault. `changed` are the person's schedules whose sources say something else now."""

    people: tuple[Person, ...]
    doses: tuple[DoseNow, ...]
    missed: tuple[DoseNow, ...]
    others: tuple[DoseNow, ...]
    changed: tuple[ScheduleNow, ...]
    needed: tuple[Schedule, ...]  # of the person, taken when needed
    has_schedules: bool
    next_change: datetime | None  # when the first of these doses is soon or due, or its grace over

    @property
    def due(self) -> int:
        """How many of the person's are due or late."""
        return sum(one.place in (DosePlace.DUE, DosePlace.LATE) for one in self.doses)


def dose_day(vault: Vault, clock: Clock, person: int) -> DoseDay:
    """The doses of a person's day, and what is due for everyone else."""
    now = clock.now()
    everyone, schedules = vault.read(lambda db: (people.everyone(db), doses.schedules(db)))
    known = {one.id: one for one in schedules}
    running = [one for one in schedules if one.ended_at is None]
    basis, changed = vault.read(lambda db: _changed(db, running, clock))
    found = {one.id: one for one in (*day_doses(vault, clock, person, today(clock)), *due_doses(vault, clock))}
    unchanged = [one for one in found.values() if one.schedule not in changed]
    early = vault.read(lambda db: {one.id for one in unchanged if _may_be_early(db, one, known, now)})
    placed = place_doses(list(found.values()), known, changed, early, now)
    ordered = sorted(placed, key=lambda one: (_moment(one.dose, now), one.dose.id))
    mine = [one for one in ordered if one.dose.person == person]
    own = [one for one in running if one.person == person]
    return DoseDay(
        people=tuple(everyone),
        doses=tuple(one for one in mine if one.place is not DosePlace.MISSED),
        missed=tuple(one for one in mine if one.place is DosePlace.MISSED),
        others=tuple(one for one in ordered if one.dose.person != person),
        changed=tuple(ScheduleNow(one, basis[one.id]) for one in own if one.id in basis),
        needed=tuple(one for one in own if isinstance(one.rhythm, AsNeeded) and not one.paused),
        has_schedules=bool(own),
        next_change=min((at for one in placed for at in _steps(one.dose, known) if at > now), default=None),
    )


def place_doses(
    found: Sequence[Dose],
    known: Mapping[str, Schedule],
    changed: Mapping[str, date],
    early: Collection[str],
    now: datetime,
) -> list[DoseNow]:
    """Says of each dose where it stands now. `early` are those that may be taken before their time."""
    newest: dict[str, datetime] = {}
    for dose in found:
        if dose.due is not None and dose.due <= now:
            newest[dose.schedule] = max(newest.get(dose.schedule, dose.due), dose.due)
    return [
        DoseNow(
            one,
            DosePlace.SOON if one.id in early else _place(one, known, newest, now),
            changed.get(one.schedule),
        )
        for one in found
    ]


def change_day(db: Database, found: Iterable[int], clock: Clock) -> date:
    """The day on which the newest of these changes was seen here; today where none has a moment."""
    rows = records.rows(db, list(found))
    times = [seen_at(row) for row in rows]
    return datetime.fromtimestamp(max(times), clock.zone()).date() if times else today(clock)


def _steps(dose: Dose, known: Mapping[str, Schedule]) -> tuple[datetime, ...]:
    if dose.state is not DoseState.PLANNED or dose.due is None:
        return ()
    snoozed = () if dose.snoozed_until is None else (dose.snoozed_until,)
    grace = _grace(dose, known)
    return dose.due - min(grace, EARLY), dose.due, dose.due + grace + _A_SECOND, *snoozed


def _grace(dose: Dose, known: Mapping[str, Schedule]) -> timedelta:
    return known[dose.schedule].grace if dose.schedule in known else timedelta(minutes=60)


def _changed(
    db: Database, schedules: Iterable[Schedule], clock: Clock
) -> tuple[dict[str, tuple[int, ...]], dict[str, date]]:
    found = {one.id: changed_basis(db, one) for one in schedules}
    basis = {identifier: changed for identifier, changed in found.items() if changed}
    return basis, {identifier: change_day(db, changed, clock) for identifier, changed in basis.items()}


def _may_be_early(db: Database, dose: Dose, known: Mapping[str, Schedule], now: datetime) -> bool:
    """Whether a dose may be taken before its time: it is ahead by minutes, and of the medicine, or of one joined to it,
    no other dose is open or due by then, and none was taken lately."""
    if dose.state is not DoseState.PLANNED or dose.due is None:
        return False
    if not now < dose.due <= now + min(_grace(dose, known), EARLY):
        return False
    keys = medicines.same_as(db, dose.person, dose.medicine)
    rules = [one.rhythm for one in known.values() if one.medicine in keys]
    gaps = [rule.gap for rule in rules if isinstance(rule, AsNeeded) and rule.gap is not None]
    taken_since = now - max([_TAKEN_LATELY, *gaps])
    others = [one for one in doses.open_until(db, dose.person, dose.due) if one.id != dose.id and _is_fresh(one, now)]
    others += doses.taken_between(db, dose.person, taken_since, now + _A_SECOND)
    return not any(one.medicine in keys for one in others)


def _is_fresh(dose: Dose, now: datetime) -> bool:
    return dose.due is not None and now - dose.due <= MISSED_AFTER


def _place(dose: Dose, known: Mapping[str, Schedule], newest: Mapping[str, datetime], now: datetime) -> DosePlace:
    if dose.state is not DoseState.PLANNED or dose.due is None:
        return DosePlace.MARKED
    if dose.due > now:
        return DosePlace.AHEAD
    if not is_late(dose, _grace(dose, known), now):
        return DosePlace.DUE
    over = not _is_fresh(dose, now) or newest[dose.schedule] > dose.due
    return DosePlace.MISSED if over else DosePlace.LATE


def _moment(dose: Dose, now: datetime) -> datetime:
    return dose.due or dose.taken_at or now
