"""Verbs about dose schedules, doses and stock. Each gives back what undoing it needs.

A dose that somebody marked is never marked over: who comes second is told when and by whom.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from phr_desktop.actions.dose_limits import check_limits
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.dose_times import planned_doses
from phr_desktop.domain.dose_words import same_unit
from phr_desktop.domain.doses import AtTimes, Dose, DoseState, OnWeekdays, Schedule, Stock, Taper
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import doses, medicines
from phr_desktop.vault import stock as stocks
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Marked:
    """What was said of a dose: what changed, and the dose as it was before (None: it was not there)."""

    changes: ChangeSet
    before: Dose | None
    after: Dose


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A schedule made, and those of the medicine that it took the place of."""

    changes: ChangeSet
    schedule: Schedule
    ended: tuple[str, ...]


def new_id() -> str:
    return uuid.uuid4().urn


def confirm_schedule(vault: Vault, clock: Clock, schedule: Schedule, replaces: tuple[str, ...] = ()) -> Scheduled:
    """Keeps what the person confirmed; the schedules it `replaces` end now. Its id and time of confirming are set here.

    Errors: schedule-empty (no dose would ever follow from it), schedule-amount.
    """
    _check(schedule)
    now = clock.now().replace(microsecond=0)
    made = replace(schedule, id=new_id(), confirmed_at=now)

    def verb(db: Database) -> None:
        for former in replaces:
            doses.end_schedule(db, former, now)
        doses.add_schedule(db, made)
        doses.follow(db, made.person, replaces, made.id)

    vault.write(verb)
    return Scheduled(_changes(made.person), made, replaces)


def end_schedule(vault: Vault, clock: Clock, schedule: Schedule) -> ChangeSet:
    """No more doses from now on; what was marked stays."""
    vault.write(lambda db: doses.end_schedule(db, schedule.id, clock.now()))
    return _changes(schedule.person)


def undo_schedule(vault: Vault, clock: Clock, made: Scheduled) -> ChangeSet:
    """Undo of `confirm_schedule`: the new one ends, those before go on from now."""

    def verb(db: Database) -> None:
        doses.end_schedule(db, made.schedule.id, clock.now())
        for former in made.ended:
            doses.resume(db, former, clock.now())
            doses.follow(db, made.schedule.person, (made.schedule.id,), former)

    vault.write(verb)
    return _changes(made.schedule.person)


def go_on(vault: Vault, clock: Clock, schedule: Schedule) -> ChangeSet:
    """Undo of `end_schedule` and of `pause`; the doses of the time in between do not come back."""

    def verb(db: Database) -> None:
        doses.resume(db, schedule.id, clock.now())
        doses.go_on(db, schedule.id, clock.now())

    vault.write(verb)
    return _changes(schedule.person)


def pause(vault: Vault, _clock: Clock, schedule: Schedule) -> ChangeSet:
    """No doses are planned until it goes on."""
    vault.write(lambda db: doses.pause(db, schedule.id))
    return _changes(schedule.person)


def take(
    vault: Vault,
    clock: Clock,
    dose: Dose,
    *,
    at: datetime | None = None,
    amount: Decimal | None = None,
    given_by: str | None = None,
) -> Marked:
    """The dose was taken: now, or `at`; its planned amount, or another. The stock goes down by it.

    Errors: dose-already-marked, dose-in-future.
    """
    _check_not_taken(vault, dose)
    now = _now(clock)
    taken = now if at is None else at
    if taken > now:
        raise UserFacingError("dose-in-future")
    after = replace(
        dose, state=DoseState.TAKEN, taken_at=taken, given_by=given_by, noted_at=now, snoozed_until=None, reason=None,
        amount=dose.amount if amount is None else amount,
    )  # fmt: skip
    return _mark(vault, dose, after)


def skip(vault: Vault, clock: Clock, dose: Dose, reason: str | None = None) -> Marked:
    """The dose is not taken, for the reason that the person gives. Error: dose-already-marked."""
    _check_not_taken(vault, dose)
    after = replace(dose, state=DoseState.SKIPPED, reason=reason, noted_at=_now(clock), snoozed_until=None)
    return _mark(vault, dose, after)


def not_sure(vault: Vault, clock: Clock, dose: Dose) -> Marked:
    """The person does not know whether it was taken: nothing is counted. Error: dose-already-marked."""
    _check_not_taken(vault, dose)
    return _mark(vault, dose, replace(dose, state=DoseState.UNSURE, noted_at=_now(clock), snoozed_until=None))


def correct(
    vault: Vault, clock: Clock, dose: Dose, *, at: datetime, amount: Decimal | None = None, anyway: bool = False
) -> Marked:
    """Another time or amount for a dose that is marked as taken.

    Errors: dose-already-marked, dose-in-future; and for one that no plan asked for, unless `anyway`, those of `extra`.
    """
    if at > clock.now():
        raise UserFacingError("dose-in-future")
    changed = replace(dose, taken_at=at, amount=dose.amount if amount is None else amount, noted_at=_now(clock))

    def limits(db: Database) -> None:
        schedule = doses.schedule(db, dose.schedule)
        if schedule is not None and dose.due is None and not anyway:
            check_limits(db, schedule, changed, at)

    return _mark(vault, dose, changed, limits)


def extra(
    vault: Vault,
    clock: Clock,
    schedule: Schedule,
    person_name: str,
    *,
    amount: Decimal,
    at: datetime | None = None,
    given_by: str | None = None,
    anyway: bool = False,
) -> Marked:
    """A dose that no plan asked for, such as one taken when needed.

    Errors, unless `anyway`: dose-too-soon, dose-over-limit (both count only this product); dose-in-future.
    """
    now = _now(clock)
    taken = now if at is None else at
    if taken > now:
        raise UserFacingError("dose-in-future")
    one = Dose(
        id=new_id(), schedule=schedule.id, person=schedule.person, person_name=person_name,
        medicine=schedule.medicine, title=schedule.title, unit=schedule.unit, amount=amount, due=None,
        day=taken.astimezone(clock.zone()).date(), state=DoseState.TAKEN, instructions=schedule.instructions,
        taken_at=taken, given_by=given_by, noted_at=now,
    )  # fmt: skip

    def verb(db: Database) -> None:
        if not anyway:
            check_limits(db, schedule, one, taken)
        doses.add_extra(db, one)
        _use_stock(db, None, one)

    vault.write(verb)
    return Marked(_changes(schedule.person), None, one)


def snooze(vault: Vault, clock: Clock, dose: Dose, until: datetime) -> ChangeSet:
    """Reminds again then. It never reaches the medicine's next dose. Errors: snooze-too-long, dose-already-marked."""
    _before_the_next(vault, clock, dose, until)
    if not vault.write(lambda db: doses.snooze(db, dose.id, until)):
        raise _already(vault, dose)
    return _changes(dose.person)


def move(vault: Vault, clock: Clock, dose: Dose, due: datetime) -> ChangeSet:
    """Gives this one dose another time. Errors: snooze-too-long, dose-already-marked."""
    _before_the_next(vault, clock, dose, due)
    if not vault.write(lambda db: doses.move(db, dose.id, due)):
        raise _already(vault, dose)
    return _changes(dose.person)


def undo(vault: Vault, _clock: Clock, marked: Marked) -> ChangeSet:
    """Takes back what was said of a dose, and gives back to the stock what it took; a second time does nothing."""
    before, identifier = marked.before, marked.after.id

    def verb(db: Database) -> None:
        found = doses.dose(db, identifier)
        if found is None:
            return
        if before is None:
            doses.remove_extra(db, identifier)
        else:
            doses.put_back(db, before)
        _use_stock(db, found, before)

    vault.write(verb)
    return _changes(marked.after.person)


def count_stock(vault: Vault, _clock: Clock, stock: Stock) -> ChangeSet:
    """What the person counted of a medicine. Error: schedule-amount (less than none)."""
    if stock.left < 0:
        raise UserFacingError("schedule-amount")
    vault.write(lambda db: stocks.keep(db, stock))
    return _changes(stock.person)


def forget_stock(vault: Vault, _clock: Clock, person: int, medicine: str) -> ChangeSet:
    """Stops counting a medicine."""
    vault.write(lambda db: stocks.forget(db, person, medicine))
    return _changes(person)


def _mark(vault: Vault, before: Dose, after: Dose, check: Callable[[Database], None] | None = None) -> Marked:
    def verb(db: Database) -> bool:
        found = doses.dose(db, after.id)  # it may have been corrected since `before` was seen
        if check is not None:
            check(db)
        if not doses.mark(db, before, after):
            return False
        _use_stock(db, found, after)
        return True

    if not vault.write(verb):
        raise _already(vault, before)
    return Marked(_changes(after.person), before, after)


def _use_stock(db: Database, before: Dose | None, after: Dose | None) -> None:
    """What a dose takes from the stock, now that it is as `after` says and no longer as `before` (None: not there).

    Only where the person counts this medicine, or one that they joined to it, and in the same unit; of two counts of
    one medicine neither.
    """
    dose = after or before
    if dose is None:
        return
    keys = medicines.same_as(db, dose.person, dose.medicine)
    counted = [
        one for key, one in stocks.of_person(db, dose.person).items() if key in keys and same_unit(one.unit, dose.unit)
    ]
    if len(counted) == 1:
        (stock,) = counted
        stocks.use(db, stock, _used(stock, after) - _used(stock, before))


def _used(stock: Stock, dose: Dose | None) -> Decimal:
    """What was taken before the counting was no longer there to be counted."""
    if dose is None or dose.state is not DoseState.TAKEN or dose.taken_at is None or dose.taken_at < stock.counted_at:
        return Decimal(0)
    return dose.amount


def _check_not_taken(vault: Vault, dose: Dose) -> None:
    """Who looked only after it was marked as taken is told too."""
    if dose.state is DoseState.TAKEN:
        raise _already(vault, dose)


def _already(vault: Vault, dose: Dose) -> UserFacingError:
    found = vault.read(lambda db: doses.dose(db, dose.id))
    at = None if found is None else found.taken_at or found.noted_at
    return UserFacingError(
        "dose-already-marked",
        state="" if found is None else found.state.value,
        at="" if at is None else at.isoformat(),
        by="" if found is None else found.given_by or "",
    )


def _before_the_next(vault: Vault, clock: Clock, dose: Dose, moment: datetime) -> None:
    now = clock.now()
    if moment <= now or vault.read(lambda db: _reaches_the_next(db, dose, dose.due or now, moment, clock.zone())):
        raise UserFacingError("snooze-too-long")


def _reaches_the_next(db: Database, dose: Dose, since: datetime, moment: datetime, zone: tzinfo) -> bool:
    """Whether another dose of the medicine, or of one joined to it, is due in between, or then."""
    keys, until = medicines.same_as(db, dose.person, dose.medicine), moment + _A_SECOND
    rows = doses.doses_between(db, dose.person, since + _A_SECOND, until)
    if any(one.medicine in keys and one.id != dose.id and one.due is not None for one in rows):
        return True
    for schedule in doses.schedules(db, dose.person):  # what is too far ahead has no row yet
        if schedule.medicine in keys:
            start = max(since + _A_SECOND, doses.planned(db, schedule.id).until or since)
            if any(one.id != dose.id for one in planned_doses(schedule, zone, start, until)):
                return True
    return False


def _check(schedule: Schedule) -> None:
    rhythm = schedule.rhythm
    amounts: list[Decimal]
    match rhythm:
        case AtTimes(days, timed):
            amounts = [dose.amount for dose in timed]
            empty = not timed or days == OnWeekdays(frozenset())
        case Taper(steps):
            amounts = [dose.amount for step in steps for dose in step.doses]
            empty = not steps or any(not step.doses or step.days < 1 for step in steps)
        case _:
            amounts, empty = [rhythm.amount], False
    if empty or (schedule.last_day is not None and schedule.last_day < schedule.first_day):
        raise UserFacingError("schedule-empty")
    if any(amount <= 0 for amount in amounts):
        raise UserFacingError("schedule-amount")


def _now(clock: Clock) -> datetime:
    return clock.now().replace(microsecond=0)


def _changes(person: int) -> ChangeSet:
    return ChangeSet.of(Topic.DOSES, person=person)
