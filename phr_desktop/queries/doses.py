"""Doses: of a day, what is open, the log, and the coming weeks as they would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from phr_desktop.clock import Clock
from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.doses import Dose, DoseState, NoProposal, PlannedDose, Proposal, Schedule, Stock
from phr_desktop.domain.medication_records import NO_ORDERS, MedicationRequest, MedicationStatement
from phr_desktop.domain.medicines import MedicineLine
from phr_desktop.domain.records import RecordRow, Standing
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.fhir.proposals import propose
from phr_desktop.fhir.read import read
from phr_desktop.queries.new_orders import new_orders
from phr_desktop.vault import doses, medicines, people, records, stock
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

_TAKEN_BACK = timedelta(days=32)
_SAYING = {"MedicationRequest", "MedicationStatement"}
_IN_FORCE = {"active", "intended", "unknown", None}


@dataclass(frozen=True, slots=True)
class ScheduleNow:
    """A schedule and whether its sources still say what they said when it was confirmed."""

    schedule: Schedule
    changed: tuple[int, ...]  # as `changed_basis`


def schedules(vault: Vault, _clock: Clock, person: int, medicine: str | None = None) -> list[ScheduleNow]:
    """The schedules in force of a person, or of one medicine, in the order they were confirmed.

    Of a medicine that the person joined to others, those of all of them.
    """

    def question(db: Database) -> list[ScheduleNow]:
        keys = None if medicine is None else medicines.same_as(db, person, medicine)
        mine = (one for one in doses.schedules(db, person) if one.ended_at is None)
        return [ScheduleNow(one, changed_basis(db, one)) for one in mine if keys is None or one.medicine in keys]

    return vault.read(question)


def changed_basis(db: Database, one: Schedule) -> tuple[int, ...]:
    """Records that the schedule was confirmed from and that say something else now, were withdrawn, or are gone; and
    orders of its ingredient that came since."""
    found = {row.id: row for row in records.rows(db, [each.record for each in one.basis])}
    hashes = records.content_hashes(db, list(found))
    changed = tuple(
        each.record
        for each in one.basis
        if each.record not in found
        or hashes[each.record] != each.content_hash
        or found[each.record].gone_at is not None
        or found[each.record].standing is not Standing.STATED
    )
    return changed + new_orders(db, one)


def seen_at(row: RecordRow) -> int:
    """When this vault saw what a source last did with a record (seconds since 1970 UTC): gone, changed, or come."""
    return row.gone_at or row.changed_at or row.received_at


def day_doses(vault: Vault, clock: Clock, person: int, day: date) -> list[Dose]:
    """The doses of a local day, planned and extra, soonest first."""
    start, end = _edges(clock, day, day + timedelta(days=1))
    return vault.read(lambda db: doses.doses_between(db, person, start, end))


def due_doses(vault: Vault, clock: Clock, person: int | None = None) -> list[Dose]:
    """Doses due by now of which nothing was said, oldest first; of everyone without `person`."""
    now = clock.now()

    def question(db: Database) -> list[Dose]:
        whom = [one.id for one in people.everyone(db)] if person is None else [person]
        found = [dose for one in whom for dose in doses.open_until(db, one, now)]
        return sorted(found, key=lambda dose: (dose.due or now, dose.id))

    return vault.read(question)


def is_late(dose: Dose, grace: timedelta, now: datetime) -> bool:
    """Whether a dose's time and its grace are over: nobody is told to take it now."""
    return dose.state is DoseState.PLANNED and dose.due is not None and now > dose.due + grace


def dose(vault: Vault, _clock: Clock, identifier: str) -> Dose | None:
    """One dose as it is now."""
    return vault.read(lambda db: doses.dose(db, identifier))


def log(vault: Vault, clock: Clock, person: int, first: date, last: date) -> list[Dose]:
    """All doses from the first local day to the last, both included, oldest first."""
    start, end = _edges(clock, first, last + timedelta(days=1))
    return vault.read(lambda db: doses.doses_between(db, person, start, end))


def coming(vault: Vault, clock: Clock, schedule: Schedule, first: date, last: date) -> list[PlannedDose]:
    """What would be due from the first local day to the last, both included; of a schedule not confirmed yet too."""
    start, end = _edges(clock, first, last + timedelta(days=1))
    taken = vault.read(lambda db: doses.taken(db, schedule.person, clock.now() - _TAKEN_BACK))
    found = planned_doses(schedule, clock.zone(), start, end, taken)
    return sorted(found, key=lambda planned: (planned.due, planned.id))


def stocks(vault: Vault, _clock: Clock, person: int) -> dict[str, Stock]:
    """What is left of the medicines that the person counts, by the line's key, and by those of all joined to it."""

    def question(db: Database) -> dict[str, Stock]:
        counted = stock.of_person(db, person)
        joined = {other: one for key, one in counted.items() for other in medicines.same_as(db, person, key)}
        return joined | counted

    return vault.read(question)


def proposals(vault: Vault, clock: Clock, line: MedicineLine) -> list[tuple[int, bytes, Proposal]]:
    """For each order and statement of a line: the record, its content's hash, and the schedule it says, if it is in
    force."""
    now = clock.now().astimezone(clock.zone())
    wanted = [one.record for one in line.sources if _says(one.type, one.standing, one.gone, one.inpatient)]

    def question(db: Database) -> list[tuple[int, bytes, Proposal]]:
        hashes = records.content_hashes(db, wanted)
        found = []
        for record in wanted:
            body = records.body(db, record)
            resource = None if body is None else read(body)
            if isinstance(resource, MedicationRequest):
                said = propose(resource.dosage_instruction, now)
                in_force = resource.status in _IN_FORCE and resource.intent not in NO_ORDERS
            elif isinstance(resource, MedicationStatement):
                said, in_force = propose(resource.dosage, now), resource.status in _IN_FORCE
            else:
                continue
            found.append((record, hashes[record], said if in_force else _not_in_force(said)))
        return found

    return vault.read(question)


def _not_in_force(said: Proposal) -> Proposal:
    """Its words are shown, and no schedule is read from it."""
    why = NoProposal.NOT_IN_FORCE
    return replace(said, rhythm=None, why_not=why, asks=frozenset(), first_day=None, last_day=None)


def _says(type_name: str, standing: Standing, gone: bool, inpatient: bool) -> bool:
    return type_name in _SAYING and standing is Standing.STATED and not gone and not inpatient


def _edges(clock: Clock, first: date, after: date) -> tuple[datetime, datetime]:
    zone = clock.zone()
    return wall_clock(datetime.combine(first, time()), zone), wall_clock(datetime.combine(after, time()), zone)


def grace_of(known: Sequence[ScheduleNow], dose: Dose) -> timedelta:
    """The grace of a dose's schedule."""
    return next((one.schedule.grace for one in known if one.schedule.id == dose.schedule), timedelta(minutes=60))
