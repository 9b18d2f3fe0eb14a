"""Occurrences of reminders: planned, delivered at most once, never lost without trace."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from phr_desktop.domain.reminders import DeliveredBy, Occurrence, OccurrenceState, ReminderKind
from phr_desktop.vault.connection import Database, Row

_COLUMNS = "o.id, o.person, p.name, o.kind, o.at, o.title, o.evidence, o.subject, o.lead, o.state"
PLAN = """INSERT INTO reminders (id, person, kind, subject, lead, at, title, evidence, state)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'planned') ON CONFLICT (id) DO UPDATE SET at = excluded.at,
  title = excluded.title, evidence = excluded.evidence,
  state = CASE WHEN state = 'planned' OR delivered_at IS NULL THEN 'planned' ELSE 'delivered' END
  WHERE state IN ('planned', 'withdrawn')"""
PLANNED_NOW = "SELECT id, at, title, evidence FROM reminders WHERE state = 'planned'"
PLANNED_BETWEEN = f"""SELECT {_COLUMNS} FROM reminders o JOIN people p ON p.id = o.person
  WHERE o.state = 'planned' AND o.at >= ? AND o.at < ? ORDER BY o.at, o.id"""
PLANNED_KINDS = "SELECT DISTINCT kind FROM reminders WHERE state = 'planned'"
PLANNED_OF_WHOM = "SELECT at, person, kind FROM reminders WHERE state = 'planned'"
FIRST_PLANNED = "SELECT min(at) FROM reminders WHERE state = 'planned'"
TOLD_EARLY = """FROM reminders WHERE state IN ('delivered', 'missed', 'acknowledged') AND at > ?
  AND substr(subject, 1, 4) = 'own:' AND early = 0"""
ANY_TOLD_EARLY = f"SELECT 1 {TOLD_EARLY} LIMIT 1"
NOTE_EARLY = f"UPDATE reminders SET early = 1, state = 'withdrawn' WHERE id IN (SELECT id {TOLD_EARLY})"
EARLY = "SELECT id FROM reminders WHERE early = 1"
WITHDRAW = "UPDATE reminders SET state = 'withdrawn' WHERE id = ? AND state = 'planned'"
WITHDRAW_SHOWN = "UPDATE reminders SET state = 'withdrawn' WHERE id = ? AND state IN ('delivered', 'missed')"
DUE = f"""SELECT {_COLUMNS} FROM reminders o JOIN people p ON p.id = o.person
  WHERE o.state = 'planned' AND o.at <= ? ORDER BY o.at, o.id"""
OPEN = f"""SELECT {_COLUMNS} FROM reminders o JOIN people p ON p.id = o.person
  WHERE o.state IN ('delivered', 'missed') ORDER BY o.at DESC, o.id"""
# Said again of the same dose, it is one line of the open list.
SUPERSEDE = """UPDATE reminders SET state = 'acknowledged' WHERE state IN ('delivered', 'missed') AND kind = 'dose'
  AND id <> ? AND subject = ?"""
DOSE_TOLD = """UPDATE doses SET told_at = ?
  WHERE id = (SELECT substr(subject, 6) FROM reminders WHERE id = ? AND kind = 'dose')"""
SHOWN_OF_DOSES = """SELECT o.id, d.id FROM reminders o JOIN doses d ON d.id = substr(o.subject, 6)
  WHERE o.state IN ('delivered', 'missed') AND o.kind = 'dose' AND d.state = 'planned'"""
DELIVER = "UPDATE reminders SET state = ?, delivered_at = ?, delivered_by = ? WHERE id = ? AND state = 'planned'"
BY = "UPDATE reminders SET delivered_by = ? WHERE id = ?"
UNANSWERED = f"""SELECT {_COLUMNS}, o.delivered_at,
  (SELECT coalesce(max(number), 0) FROM rings WHERE reminder = o.id)
  FROM reminders o JOIN people p ON p.id = o.person
  WHERE o.state = 'delivered' AND o.delivered_at >= ? AND (o.kind <> 'dose' OR EXISTS
    (SELECT 1 FROM doses d WHERE d.id = substr(o.subject, 6) AND d.state = 'planned' AND d.told_at IS NOT NULL))
  ORDER BY o.at, o.id"""
RING = "INSERT OR IGNORE INTO rings (reminder, number, rung_at) VALUES (?, ?, ?)"
ACKNOWLEDGE = "UPDATE reminders SET state = 'acknowledged' WHERE id = ? AND state IN ('delivered', 'missed')"


def replan(db: Database, candidates: Iterable[Occurrence], now: datetime, untold: Collection[str]) -> bool:
    """Makes the planned occurrences these, and no others; what was delivered or missed stays. Whether any changed.

    Of candidates whose moment has come only those count that were planned before, or whose subject is among those
    `untold`: anything else is over, and nobody is told of it now. One that was told, was withdrawn, and has its reason
    again stands in the open list again, and is not told again. Those shown whose reason is gone are `withdraw_shown`'s.
    """
    before = {row[0]: row[1:] for row in db.rows(PLANNED_NOW)}
    kinds = {kind: kind.value for kind in ReminderKind}  # the driver is slow with words that are more than words
    new = []
    for one in candidates:
        known = before.pop(one.id, None)
        if known is None and one.at <= now and one.subject not in untold:
            continue
        at = int(one.at.timestamp())
        if known != (at, one.title, one.evidence):
            new.append((one.id, one.person, kinds[one.kind], one.subject, one.lead, at, one.title, one.evidence))
    changed = db.many(PLAN, new)
    return db.many(WITHDRAW, ((identifier,) for identifier in before)) + changed > 0


def any_told_early(db: Database, now: datetime) -> bool:
    """Whether reminders of people's own were told though their moment is still to come: the clock stood ahead."""
    return db.one(ANY_TOLD_EARLY, (int(now.timestamp()),)) is not None


def note_early(db: Database, now: datetime) -> None:
    """They repeat, and the clock may have told a whole year of them: they are withdrawn, and told in time as others."""
    db.run(NOTE_EARLY, (int(now.timestamp()),))


def told_early(db: Database) -> frozenset[str]:
    """Ids of those that `note_early` found."""
    return frozenset(row[0] for row in db.rows(EARLY))


def withdraw_shown(db: Database, hold: Collection[str], looked_at: Collection[str]) -> bool:
    """Withdraws what was delivered or missed, is not acknowledged, and is none of those that still hold, by id or
    subject: its words are true no longer. Whether there was any.

    A dose that is not among those `looked_at` holds as long as nothing was said of it.
    """
    still = {row[0] for row in db.rows(SHOWN_OF_DOSES) if row[1] not in looked_at}
    lost = [one.id for one in open_ones(db) if one.id not in still and one.id not in hold and one.subject not in hold]
    db.many(WITHDRAW_SHOWN, ((identifier,) for identifier in lost))
    return bool(lost)


def forget_refills(db: Database, person: int, known: Collection[str]) -> None:
    """Withdrawn reminders of medicines that no source of the person knows any more are gone, with their words."""
    rows = db.rows(
        "SELECT id, subject FROM reminders WHERE kind = 'refill' AND state = 'withdrawn' AND person = ?", (person,)
    )
    db.many("DELETE FROM reminders WHERE id = ?", [(row[0],) for row in rows if row[1] not in known])


def due(db: Database, now: datetime) -> list[Occurrence]:
    """Planned occurrences whose moment has come, oldest first."""
    return [_occurrence(row) for row in db.rows(DUE, (int(now.timestamp()),))]


def first_planned(db: Database) -> datetime | None:
    """When the first of the planned ones is due, those included whose moment has come."""
    seconds = db.value(FIRST_PLANNED)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def planned_moments(db: Database) -> dict[str, datetime]:
    """When each planned occurrence is due, those included whose moment has come, by id."""
    return {row[0]: datetime.fromtimestamp(row[1], UTC) for row in db.rows(PLANNED_NOW)}


def planned_kinds(db: Database) -> frozenset[ReminderKind]:
    """Of which kinds one is planned."""
    return frozenset(ReminderKind(row[0]) for row in db.rows(PLANNED_KINDS))


def planned_of_whom(db: Database) -> list[tuple[datetime, int, ReminderKind]]:
    """Of each planned occurrence the moment, the person and the kind."""
    rows = db.rows(PLANNED_OF_WHOM)
    return [(datetime.fromtimestamp(row[0], UTC), row[1], ReminderKind(row[2])) for row in rows]


def planned_between(db: Database, start: datetime, end: datetime) -> list[Occurrence]:
    """What is planned from `start` on and before `end`, soonest first."""
    return [_occurrence(row) for row in db.rows(PLANNED_BETWEEN, (int(start.timestamp()), int(end.timestamp())))]


def settle(db: Database, identifier: str, state: OccurrenceState, by: DeliveredBy, now: datetime) -> bool:
    """Marks a planned occurrence as delivered or missed; False where somebody already did: then it is not shown."""
    seconds = int(now.timestamp())
    if db.count(DELIVER, (state, seconds, by, identifier)) != 1:
        return False
    kind, subject, lead = db.rows("SELECT kind, subject, lead FROM reminders WHERE id = ?", (identifier,))[0]
    if kind == ReminderKind.DOSE and lead:
        db.run(SUPERSEDE, (identifier, subject))
    db.run(DOSE_TOLD, (seconds, identifier))
    return True


def set_delivered_by(db: Database, identifier: str, by: DeliveredBy) -> None:
    """Notes by which way the person was really told."""
    db.run(BY, (by, identifier))


def open_ones(db: Database) -> list[Occurrence]:
    """Delivered or missed, and not acknowledged yet; newest first."""
    return [_occurrence(row) for row in db.rows(OPEN)]


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder that was delivered and that nobody answered: its dose neither marked nor snoozed, not acknowledged.

    `rings` is the number of the last time that it rang again, 0 for never.
    """

    occurrence: Occurrence
    told_at: datetime
    rings: int


def unanswered(db: Database, since: datetime) -> list[Told]:
    """What was delivered from `since` on and is unanswered, soonest first. What was missed is not delivered."""
    rows = db.rows(UNANSWERED, (int(since.timestamp()),))
    return [Told(_occurrence(row), datetime.fromtimestamp(row[10], UTC), row[11]) for row in rows]


def ring(db: Database, identifier: str, number: int, now: datetime) -> bool:
    """Notes that it rings again for the so-manieth time; False where that ring was noted already."""
    return db.count(RING, (identifier, number, int(now.timestamp()))) == 1


def acknowledge(db: Database, identifier: str) -> None:
    db.run(ACKNOWLEDGE, (identifier,))


def _occurrence(row: Row) -> Occurrence:
    return Occurrence(
        id=row[0],
        person=row[1],
        person_name=row[2],
        kind=ReminderKind(row[3]),
        at=datetime.fromtimestamp(row[4], UTC),
        title=row[5],
        evidence=row[6],
        subject=row[7],
        lead=row[8],
        state=OccurrenceState(row[9]),
    )
