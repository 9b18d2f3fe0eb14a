"""What a notification says beyond that there is a reminder, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from phr_desktop.actions import doses as acts
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.doses import Dose, DoseState
from phr_desktop.domain.reminders import Occurrence, ReminderKind, ReminderTarget
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.doses import changed_basis, is_late
from phr_desktop.reminders.notifier import About, Answer
from phr_desktop.vault import doses, reminder_choices
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

SNOOZE = timedelta(minutes=10)
_MOST_LINES = 4
_DOSE = "dose:"
LATE = "This is late: check before you take it"


def dose_of(one: Occurrence) -> str | None:
    """The dose that a reminder is about."""
    return one.subject.removeprefix(_DOSE) if one.kind is ReminderKind.DOSE else None


def about(db: Database, told: Sequence[Occurrence], now: datetime, answered: Callable[[str, Answer], None]) -> About:
    """Words only where everyone concerned chose them for this kind. Buttons only under the name of the one dose that
    they are for, and not where it is late, or a source changed it since it was confirmed."""
    chosen = {one.person: reminder_choices.of_person(db, one.person) for one in told}
    ids = frozenset(dose for one in told if (dose := dose_of(one)) is not None)
    alarm = any(one.kind in chosen[one.person].alarms for one in told)
    if not told or not all(one.kind in chosen[one.person].full_text for one in told):
        return About(doses=ids, alarm=alarm, opens=_target(told))
    names = sorted({one.person_name for one in told})
    lines = [_line(db, one, now, named=len(names) > 1) for one in told[:_MOST_LINES]]
    more = [f"and {len(told) - _MOST_LINES} more"] if len(told) > _MOST_LINES else []
    only = next(iter(ids)) if len(told) == 1 and ids else None
    press = None if only is None or _answerable(db, only, now) is None else _bound(answered, only)
    return About(", ".join(names), "\n".join(lines + more), ids, press, alarm, _target(told))


def _target(told: Sequence[Occurrence]) -> ReminderTarget | None:
    """The one thing it tells of; of several, whose they are."""
    people = {one.person for one in told}
    if len(people) != 1:
        return None
    return ReminderTarget(told[0].person, told[0].kind, told[0].subject if len(told) == 1 else "")


def dose_target(dose: str) -> ReminderTarget:
    """Where a button that did nothing leads."""
    return ReminderTarget(None, ReminderKind.DOSE, f"{_DOSE}{dose}", unmarked=True)


def _bound(answered: Callable[[str, Answer], None], dose: str) -> Callable[[Answer], None]:
    return lambda answer: answered(dose, answer)


def _line(db: Database, one: Occurrence, now: datetime, *, named: bool) -> str:
    parts = [one.said]
    identifier = dose_of(one)
    if identifier is not None:
        parts += [LATE] if _is_late(db, identifier, now) else []
        parts += [one.evidence] if one.evidence else []
    said = ". ".join(parts)
    return f"{one.person_name}: {said}" if named else said


def _is_late(db: Database, identifier: str, now: datetime) -> bool:
    dose = doses.dose(db, identifier)
    schedule = None if dose is None else doses.schedule(db, dose.schedule)
    return dose is not None and schedule is not None and is_late(dose, schedule.grace, now)


def carry_out(vault: Vault, clock: Clock, identifier: str, answer: Answer) -> ChangeSet | None:
    """Does what a button says. None where nothing was done, and the person has to look: the dose is late, somebody
    marked it meanwhile, its source changed it, or a snooze would reach the next dose."""

    dose = vault.read(lambda db: _answerable(db, identifier, clock.now()))
    if dose is None:
        return None
    try:
        if answer is Answer.TAKE:
            return acts.take(vault, clock, dose).changes
        if answer is Answer.SKIP:
            return acts.skip(vault, clock, dose).changes
        return acts.snooze(vault, clock, dose, clock.now() + SNOOZE)
    except UserFacingError:
        return None


def _answerable(db: Database, identifier: str, now: datetime) -> Dose | None:
    """The dose, where its notification still says what is so."""
    dose = doses.dose(db, identifier)
    schedule = None if dose is None else doses.schedule(db, dose.schedule)
    if dose is None or schedule is None or dose.state is not DoseState.PLANNED:
        return None
    if is_late(dose, schedule.grace, now) or changed_basis(db, schedule):
        return None
    return dose


def settled(db: Database, shown: frozenset[str]) -> list[str]:
    """Of doses that a notification tells of, those of which there is nothing more to say."""
    found = {identifier: doses.dose(db, identifier) for identifier in shown}
    return [key for key, dose in found.items() if dose is None or dose.state is not DoseState.PLANNED]
