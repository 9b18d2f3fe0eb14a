"""Schedules and doses: what the person confirmed, what was planned from it, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from phr_desktop.domain.dose_times import Taken
from phr_desktop.domain.doses import AfterDose, Basis, Dose, DoseState, DoseToTell, PlannedDose, Schedule
from phr_desktop.vault.connection import Database, Row
from phr_desktop.vault.rhythms import from_text, to_text

_SCHEDULE = """id, person, medicine, title, unit, rhythm, first_day, last_day, zone, instructions, grace, paused,
  confirmed_at, ended_at"""
_DOSE = """d.id, d.schedule, d.person, p.name, s.medicine, s.title, s.unit, d.amount, d.due, d.day, d.state,
  s.instructions, d.snoozed_until, d.taken_at, d.given_by, d.reason, d.noted_at, d.told_early,
  d.told_at"""
_DOSE_FROM = "FROM doses d JOIN schedules s ON s.id = d.schedule JOIN people p ON p.id = d.person"
INSERT_SCHEDULE = f"""INSERT INTO schedules ({_SCHEDULE}, plans_from)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_BASIS = "INSERT INTO schedule_basis (schedule, record, content_hash) VALUES (?, ?, ?)"
SCHEDULES = f"SELECT {_SCHEDULE} FROM schedules WHERE person = ? ORDER BY confirmed_at, id"
ALL_SCHEDULES = f"SELECT {_SCHEDULE} FROM schedules ORDER BY person, confirmed_at, id"
ONE_SCHEDULE = f"SELECT {_SCHEDULE} FROM schedules WHERE id = ?"
BASIS = "SELECT record, content_hash FROM schedule_basis WHERE schedule = ? ORDER BY record"
SET_ZONE = "UPDATE schedules SET zone = ?, planned_zone = NULL WHERE zone IS NULL AND ended_at IS NULL"
END_SCHEDULE = "UPDATE schedules SET ended_at = ?, planned_zone = NULL WHERE id = ?"
# What was due while it had ended was nobody's to take: no row is made of it, and so nothing is missed.
RESUME = """UPDATE schedules SET plans_from = CASE WHEN ended_at IS NULL THEN plans_from ELSE ? END, ended_at = NULL,
  planned_zone = NULL WHERE id = ?"""
SET_RHYTHM = "UPDATE schedules SET rhythm = ? WHERE id = ?"
PAUSE = "UPDATE schedules SET paused = 1, planned_zone = NULL WHERE id = ?"
GO_ON = """UPDATE schedules SET plans_from = CASE paused WHEN 1 THEN ? ELSE plans_from END, paused = 0,
  planned_zone = NULL WHERE id = ?"""
PLANNED = "SELECT plans_from, planned_until, planned_zone FROM schedules WHERE id = ?"
SET_PLANNED = "UPDATE schedules SET planned_until = ?, planned_zone = ? WHERE id = ?"
# A journey can put a dose's time after the moment that it was snoozed to: then it is told at its time, as another one.
PLAN_DOSE = """INSERT INTO doses (id, schedule, person, due, day, amount, state) VALUES (?, ?, ?, ?, ?, ?, 'planned')
  ON CONFLICT (id) DO UPDATE SET due = excluded.due, day = excluded.day, amount = excluded.amount, state = 'planned',
  told_early = told_early + (coalesce(snoozed_until, excluded.due) < excluded.due),
  snoozed_until = CASE WHEN snoozed_until >= excluded.due THEN snoozed_until END
  WHERE state = 'withdrawn' OR (state = 'planned' AND moved = 0
  AND (due <> excluded.due OR amount <> excluded.amount OR day <> excluded.day))"""
PLANNED_AFTER = """SELECT id, due, day, amount FROM doses
  WHERE schedule = ? AND state = 'planned' AND due >= ?"""
# A schedule ends in the very moment at which the one that takes its place is confirmed.
TOOK_THE_PLACE = """SELECT former.id, new.id FROM schedules former JOIN schedules new ON new.person = former.person
  AND new.medicine = former.medicine AND new.confirmed_at = former.ended_at AND new.id <> former.id
  WHERE former.person = ? ORDER BY new.confirmed_at"""
# One that was told of before its time is told of again should it come back: its time is still to come, or came unheard.
WITHDRAW = """UPDATE doses SET state = 'withdrawn', told_early = told_early + (told_at IS NOT NULL), told_at = NULL
  WHERE id = ? AND state = 'planned'"""
ONE_DOSE = f"SELECT {_DOSE} {_DOSE_FROM} WHERE d.id = ?"
DOSES_BETWEEN = f"""SELECT {_DOSE} {_DOSE_FROM} WHERE d.person = ?1 AND d.state <> 'withdrawn'
  AND coalesce(d.due, d.taken_at) >= ?2 AND coalesce(d.due, d.taken_at) < ?3
  ORDER BY coalesce(d.due, d.taken_at), d.id"""
TAKEN_BETWEEN = f"""SELECT {_DOSE} {_DOSE_FROM} WHERE d.person = ? AND d.state = 'taken'
  AND d.taken_at > ? AND d.taken_at < ?"""
OPEN_UNTIL = f"""SELECT {_DOSE} {_DOSE_FROM} WHERE d.person = ? AND d.state = 'planned' AND d.due <= ?
  ORDER BY d.due, d.id"""
TO_TELL = """SELECT id, schedule, due, amount, snoozed_until, told_at IS NOT NULL, told_early FROM doses
  WHERE person = ?1 AND state = 'planned' AND due < ?3 AND (told_at IS NULL OR told_at >= ?2 OR due >= ?2)"""
TAKEN_SINCE = """SELECT id, schedule, coalesce(taken_at, due), state = 'taken' FROM doses
  WHERE person = ? AND state IN ('taken', 'skipped', 'unsure') AND coalesce(taken_at, due) >= ?"""
# By two indexes, since a vault holds the doses of many years: told later than now, or told and not due yet.
TOLD_EARLY = """UPDATE doses SET told_early = told_early + 1, told_at = NULL WHERE id IN (
  SELECT id FROM doses WHERE state = 'planned' AND told_at > ?1
  UNION SELECT d.id FROM people p CROSS JOIN doses d ON d.person = p.id AND d.state = 'planned' AND d.due > ?1
    WHERE d.told_at IS NOT NULL)"""
MARK = """UPDATE doses SET state = ?, taken_at = ?, amount = ?, given_by = ?, reason = ?, noted_at = ?,
  snoozed_until = NULL WHERE id = ? AND state = ?"""
REOPEN = """UPDATE doses SET state = ?, taken_at = ?, amount = ?, given_by = ?, reason = ?, noted_at = ?,
  snoozed_until = ?, due = ? WHERE id = ?"""
SNOOZE = "UPDATE doses SET snoozed_until = ?, told_at = NULL WHERE id = ? AND state = 'planned'"
MOVE = "UPDATE doses SET due = ?, moved = 1, snoozed_until = NULL WHERE id = ? AND state = 'planned'"
INSERT_EXTRA = """INSERT INTO doses (id, schedule, person, due, day, amount, state, taken_at, given_by, noted_at)
  VALUES (?, ?, ?, NULL, ?, ?, 'taken', ?, ?, ?)"""
DELETE_EXTRA = "DELETE FROM doses WHERE id = ? AND due IS NULL"


def add_schedule(db: Database, schedule: Schedule) -> None:
    """Keeps a schedule that the person confirmed, with what it was confirmed from."""
    confirmed = None if schedule.confirmed_at is None else _seconds(schedule.confirmed_at)
    db.run(
        INSERT_SCHEDULE,
        (
            schedule.id, schedule.person, schedule.medicine, schedule.title, schedule.unit, to_text(schedule.rhythm),
            schedule.first_day.isoformat(), None if schedule.last_day is None else schedule.last_day.isoformat(),
            schedule.zone, schedule.instructions, schedule.grace // timedelta(minutes=1), int(schedule.paused),
            confirmed, None if schedule.ended_at is None else _seconds(schedule.ended_at), confirmed,
        ),
    )  # fmt: skip
    db.many(INSERT_BASIS, [(schedule.id, one.record, one.content_hash) for one in schedule.basis])


def schedules(db: Database, person: int | None = None) -> list[Schedule]:
    """Every schedule of a person, those that ended too; of everyone for None."""
    found = db.rows(ALL_SCHEDULES) if person is None else db.rows(SCHEDULES, (person,))
    return [_schedule(db, row) for row in found]


def schedule(db: Database, identifier: str) -> Schedule | None:
    row = db.one(ONE_SCHEDULE, (identifier,))
    return None if row is None else _schedule(db, row)


def follow_clocks_of(db: Database, zone: str) -> None:
    """Schedules in force that went by the computer's clocks, wherever it was, go by this zone's from now on."""
    db.run(SET_ZONE, (zone,))


def any_follows_the_computer(db: Database) -> bool:
    """Whether a schedule in force goes by the computer's clocks, wherever it is."""
    return db.one("SELECT 1 FROM schedules WHERE zone IS NULL AND ended_at IS NULL LIMIT 1") is not None


def end_schedule(db: Database, identifier: str, at: datetime) -> None:
    """Ends a schedule from then on. Its planned doses are `replan`'s to withdraw."""
    db.run(END_SCHEDULE, (_seconds(at), identifier))


def resume(db: Database, identifier: str, now: datetime) -> None:
    """A schedule that had ended has doses again from now on; one that had not is as it was."""
    db.run(RESUME, (_seconds(now), identifier))


def follow(db: Database, person: int, former: Collection[str], new: str) -> None:
    """What waits for doses of these schedules of the person waits for those of the new one."""
    for one in schedules(db, person):
        if isinstance(one.rhythm, AfterDose) and one.rhythm.schedule in former:
            db.run(SET_RHYTHM, (to_text(replace(one.rhythm, schedule=new)), one.id))


def pause(db: Database, identifier: str) -> None:
    db.run(PAUSE, (identifier,))


def go_on(db: Database, identifier: str, now: datetime) -> None:
    """A paused schedule has doses again from now on."""
    db.run(GO_ON, (_seconds(now), identifier))


@dataclass(frozen=True, slots=True)
class Planned:
    """How far a schedule is planned: each dose due from `start` to `until` (None: not at all) has a row, by the clocks
    of `zone` (None: it has to be planned anew)."""

    start: datetime
    until: datetime | None
    zone: str | None


def planned(db: Database, identifier: str) -> Planned:
    start, until, zone = db.rows(PLANNED, (identifier,))[0]
    return Planned(datetime.fromtimestamp(start, UTC), _moment(until), zone)


def plan_on(db: Database, one: Schedule, more: Iterable[PlannedDose], until: datetime, zone: str) -> bool:
    """Gives these doses their rows too: all there are up to `until`. Whether there were any."""
    changed = db.many(PLAN_DOSE, (_planned_row(one, dose) for dose in more))
    db.run(SET_PLANNED, (_seconds(until), zone, one.id))
    return changed > 0


def replan(
    db: Database,
    one: Schedule,
    planned: Iterable[PlannedDose],
    since: datetime,
    now: datetime,
    until: datetime,
    zone: str,
) -> bool:
    """Makes a schedule's planned doses due from `now` on these, and no others. Whether any changed.

    Doses due from `since` to `until` get a row, so that none is lost while the program was off; one due before `since`
    only moves a row that is there and still ahead (a journey can bring its time into the past). What was marked, or
    planned for before `now` stays as it is; so does, while the schedule goes on, what the person moved, and what a
    clock that was ahead has planned for after `until`.
    """
    beyond = until if one.ended_at is None and not one.paused else datetime.max.replace(tzinfo=UTC)
    stays = " AND moved = 0" if one.ended_at is None and not one.paused else ""
    rows = db.rows(f"{PLANNED_AFTER} AND due < ?{stays}", (one.id, _seconds(now), _seconds(beyond)))
    ahead = {row[0]: row[1:] for row in rows}
    new = []
    for dose in planned:
        row = _planned_row(one, dose)
        known = ahead.pop(dose.id, None)
        if known != row[3:] and (known is not None or dose.due >= since):
            new.append(row)
    changed = db.many(PLAN_DOSE, new)
    changed += db.many(WITHDRAW, ((identifier,) for identifier in ahead))
    db.run(SET_PLANNED, (_seconds(until), zone, one.id))
    return changed > 0


def tell_again(db: Database, now: datetime) -> bool:
    """Open doses that were told of, though their time or that of the telling is still to come: the clock was ahead.
    Each is to be told of once more. Whether there was any."""
    return db.count(TOLD_EARLY, (_seconds(now),)) > 0


def dose(db: Database, identifier: str) -> Dose | None:
    row = db.one(ONE_DOSE, (identifier,))
    return None if row is None else _dose(row)


def doses_between(db: Database, person: int, start: datetime, end: datetime) -> list[Dose]:
    """A person's doses due, or, if extra, taken, from `start` on and before `end`, soonest first."""
    return [_dose(row) for row in db.rows(DOSES_BETWEEN, (person, _seconds(start), _seconds(end)))]


def taken_between(db: Database, person: int, start: datetime, end: datetime) -> list[Dose]:
    """A person's doses that were taken after `start` and before `end`, whenever they were due; in no order."""
    return [_dose(row) for row in db.rows(TAKEN_BETWEEN, (person, _seconds(start), _seconds(end)))]


def open_until(db: Database, person: int, moment: datetime) -> list[Dose]:
    """Doses due by the moment of which nothing was said yet, oldest first."""
    return [_dose(row) for row in db.rows(OPEN_UNTIL, (person, _seconds(moment)))]


def to_tell(db: Database, person: int, since: datetime, until: datetime) -> list[DoseToTell]:
    """Doses due before `until` of which nothing was said yet, without those told of before `since`; in no order."""
    rows = db.rows(TO_TELL, (person, _seconds(since), _seconds(until)))
    moment = lru_cache(maxsize=len(rows) + 1)(lambda seconds: datetime.fromtimestamp(seconds, UTC))
    return [
        DoseToTell(one, schedule, moment(due), amount, _moment(snoozed), bool(told), early)
        for one, schedule, due, amount, snoozed, told, early in rows
    ]


def taken(db: Database, person: int, since: datetime) -> list[Taken]:
    """A person's doses since then that are marked: taken, or skipped and not sure at the time they were due.

    Each is told of its own schedule, and of all that took its place or whose place it took, so that what counts from it
    goes on.
    """
    of_one_kind: dict[str, set[str]] = {}
    for former, new in db.rows(TOOK_THE_PLACE, (person,)):
        both = of_one_kind.get(former, {former}) | of_one_kind.get(new, {new})
        of_one_kind |= dict.fromkeys(both, both)
    return [
        Taken(dose, each, datetime.fromtimestamp(at, UTC), bool(surely))
        for dose, schedule, at, surely in db.rows(TAKEN_SINCE, (person, _seconds(since)))
        for each in sorted(of_one_kind.get(schedule, {schedule}))
    ]


def has_planned(db: Database, identifier: str, start: datetime) -> bool:
    """Whether the schedule has planned doses from then on."""
    return db.one(PLANNED_AFTER + " LIMIT 1", (identifier, _seconds(start))) is not None


def mark(db: Database, before: Dose, after: Dose) -> bool:
    """Writes what the person said of a dose. False where it is no longer as `before` says: somebody marked it."""
    return db.count(MARK, (*_marks(after), after.id, before.state)) == 1


def put_back(db: Database, before: Dose) -> None:
    """Undo: the dose is again as it was."""
    snoozed = None if before.snoozed_until is None else _seconds(before.snoozed_until)
    due = None if before.due is None else _seconds(before.due)
    db.run(REOPEN, (*_marks(before), snoozed, due, before.id))


def snooze(db: Database, identifier: str, until: datetime) -> bool:
    """False where the dose was marked meanwhile."""
    return db.count(SNOOZE, (_seconds(until), identifier)) == 1


def move(db: Database, identifier: str, due: datetime) -> bool:
    """Gives one dose another moment, which planning keeps. False where it was marked meanwhile."""
    return db.count(MOVE, (_seconds(due), identifier)) == 1


def add_extra(db: Database, one: Dose) -> None:
    """A dose taken that no schedule planned; `taken_at` is set, `due` is None."""
    assert one.taken_at is not None and one.noted_at is not None  # noqa: S101, PT018 - says what the types cannot
    row = (one.id, one.schedule, one.person, one.day.isoformat(), str(one.amount), _seconds(one.taken_at))
    db.run(INSERT_EXTRA, (*row, one.given_by, _seconds(one.noted_at)))


def remove_extra(db: Database, identifier: str) -> None:
    """Undo of `add_extra`."""
    db.run(DELETE_EXTRA, (identifier,))


def _planned_row(one: Schedule, dose: PlannedDose) -> tuple[str, str, int, int, str, str]:
    return dose.id, one.id, one.person, int(dose.due.timestamp()), dose.day.isoformat(), str(dose.amount)


def _marks(one: Dose) -> tuple[object, ...]:
    at, noted = one.taken_at, one.noted_at
    return (
        one.state,
        None if at is None else _seconds(at),
        str(one.amount),
        one.given_by,
        one.reason,
        None if noted is None else _seconds(noted),
    )


def _schedule(db: Database, row: Row) -> Schedule:
    return Schedule(
        id=row[0], person=row[1], medicine=row[2], title=row[3], unit=row[4], rhythm=from_text(row[5]),
        first_day=date.fromisoformat(row[6]), last_day=_day(row[7]), zone=row[8], instructions=row[9],
        grace=timedelta(minutes=row[10]), paused=bool(row[11]), confirmed_at=_moment(row[12]),
        ended_at=_moment(row[13]), basis=_basis(db.rows(BASIS, (row[0],))),
    )  # fmt: skip


def _basis(rows: Sequence[Row]) -> tuple[Basis, ...]:
    return tuple(Basis(row[0], bytes(row[1])) for row in rows)


def _dose(row: Row) -> Dose:
    return Dose(
        id=row[0], schedule=row[1], person=row[2], person_name=row[3], medicine=row[4], title=row[5], unit=row[6],
        amount=Decimal(row[7]), due=_moment(row[8]), day=date.fromisoformat(row[9]), state=DoseState(row[10]),
        instructions=row[11], snoozed_until=_moment(row[12]), taken_at=_moment(row[13]), given_by=row[14],
        reason=row[15], noted_at=_moment(row[16]), told_early=row[17],
        told_at=_moment(row[18]),
    )  # fmt: skip


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
