"""What stands in a person's calendar now: visits, doses, refill days and all else of the chosen kinds, in the chosen
words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.calendar_rules import AHEAD, listed, repeated, zone_name
from phr_desktop.domain.calendars import CalendarChoice, CalendarItem, CalendarKind, CalendarStatus
from phr_desktop.domain.dose_times import Taken, planned_doses
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Dose, DoseState, PlannedDose, Schedule
from phr_desktop.domain.medicines import MedicineHeading, MedicineLine
from phr_desktop.domain.reminder_choices import REPEATS, ReminderChoices
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.domain.words import about_day
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.calendar_due import due_entries
from phr_desktop.queries.calendar_entries import (
    BACK,
    DAY_MINUTES,
    Said,
    Uids,
    Words,
    is_long_over,
    rule_entry,
    single_entry,
)
from phr_desktop.queries.doses import changed_basis
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault import calendars, doses, people, reminder_choices
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

_TAKEN_BACK = timedelta(days=60)
_VISIT_LEADS = {"1 week": -7 * DAY_MINUTES, "1 day": -DAY_MINUTES, "2 hours": -2 * 60}
_GOING_ON = {
    VisitState.BOOKED: CalendarStatus.CONFIRMED,
    VisitState.UNDER_WAY: CalendarStatus.CONFIRMED,
    VisitState.DONE: CalendarStatus.CONFIRMED,
    VisitState.ASKED: CalendarStatus.TENTATIVE,
}
_REFILLED = frozenset({MedicineHeading.TAKING, MedicineHeading.RECENT})
_CHECK = "your clinic changed this: check before you take it"


def calendar_choice(vault: Vault, _clock: Clock, person: int) -> CalendarChoice:
    """What the person wants in the calendar file, and where it is kept up to date."""
    return vault.read(lambda db: calendars.choice(db, person))


def calendar_items(vault: Vault, clock: Clock, person: int, choice: CalendarChoice) -> list[CalendarItem]:
    """Everything of the chosen kinds that is ahead, or not long over; by UID. Errors: person-missing."""
    whose = vault.read(lambda db: people.one(db, person))
    if whose is None:
        raise UserFacingError("person-missing")
    told = vault.read(lambda db: reminder_choices.of_person(db, person))
    words = Words(f"{whose.name}: " if choice.full_words else None)
    uids = Uids(vault)
    found: list[CalendarItem] = []
    if CalendarKind.VISIT in choice.kinds:
        visits = appointments(vault, clock, person)
        since = clock.now() - BACK
        found += _visits((*visits.upcoming, *visits.past), since, clock.zone(), words, uids, told)
    if CalendarKind.DOSE in choice.kinds:
        found += vault.read(lambda db: list(_doses(db, clock, person, words, uids, told)))
    if CalendarKind.REFILL in choice.kinds:
        lines = medicine_list(vault, clock, person).lines
        found += _refills(lines, person, local_now(clock).date(), words, uids, told)
    found += due_entries(vault, clock, person, choice.kinds, words, uids, told)
    return sorted(found, key=lambda one: one.uid)


# --- visits


def _visits(
    visits: Iterable[Visit], since: datetime, zone: tzinfo, words: Words, uids: Uids, told: ReminderChoices
) -> Iterator[CalendarItem]:
    for visit in visits:
        status = _GOING_ON.get(visit.state)
        if status is not None and visit.start is not None and visit.start >= since:
            alarms = () if status is CalendarStatus.TENTATIVE else _visit_alarms(told)
            yield _visit(visit, visit.start, status, zone, words, uids, alarms)


def _visit_alarms(told: ReminderChoices) -> tuple[int, ...]:
    return tuple(before for lead, before in _VISIT_LEADS.items() if told.wants(ReminderKind.APPOINTMENT, lead))


def _visit(
    visit: Visit,
    start: datetime,
    status: CalendarStatus,
    zone: tzinfo,
    words: Words,
    uids: Uids,
    alarms: tuple[int, ...],
) -> CalendarItem:
    name = zone_name(zone) or "UTC"
    more = " (not confirmed)" if status is CalendarStatus.TENTATIVE else ""
    return CalendarItem(
        uid=uids.of(f"record:{visit.record}"),
        kind=CalendarKind.VISIT,
        title=words.title(visit.title, "Appointment") + more,
        start=_local(start, name),
        zone=name,
        end="" if visit.end is None or visit.end <= start else _local(visit.end, name),
        alarms=alarms,
        status=status,
        where=words.full(visit.where),
        note=words.full("\n".join(filter(None, (*visit.who, visit.instructions)))),
        last_day=start.astimezone(ZoneInfo(name)).date().isoformat(),
    )


# --- doses


def _doses(
    db: Database, clock: Clock, person: int, words: Words, uids: Uids, choices: ReminderChoices
) -> Iterator[CalendarItem]:
    now = clock.now()
    taken = doses.taken(db, person, now - _TAKEN_BACK)
    rows = {one.id: one for one in doses.doses_between(db, person, now, now + AHEAD)}
    for schedule in doses.schedules(db, person):
        ended = schedule.ended_at
        if schedule.paused or (ended is not None and ended < now - BACK):
            continue
        said = _said(schedule, words, choices, changed=bool(changed_basis(db, schedule)))
        moved = _moved(schedule, clock, rows, taken)
        rules = repeated(schedule, clock.zone())
        if rules is None:
            ahead = listed(schedule, clock.zone(), now, taken)
            singles = [one for one in ahead if not _is_marked(rows, one)]
        else:
            elsewhere = [one.due for one in moved]
            yield from (rule_entry(said, one, elsewhere, uids) for one in rules if not is_long_over(one, now))
            singles = moved
        yield from (single_entry(said, one.id, one.amount, _due(rows, one), uids) for one in singles)


def _is_marked(rows: dict[str, Dose], one: PlannedDose) -> bool:
    return one.id in rows and rows[one.id].state is not DoseState.PLANNED


def _due(rows: dict[str, Dose], one: PlannedDose) -> datetime:
    """When it is due by now: the person may have moved it."""
    return (rows[one.id].due if one.id in rows else None) or one.due


def _moved(schedule: Schedule, clock: Clock, rows: dict[str, Dose], taken: list[Taken]) -> list[PlannedDose]:
    """Doses ahead to which the person gave another time, as the schedule says them."""
    start, now = clock.now() - timedelta(days=2), clock.now()
    planned = planned_doses(schedule, clock.zone(), start, now + AHEAD, taken)
    return [one for one in planned if not _is_marked(rows, one) and _due(rows, one) != one.due]


def _said(schedule: Schedule, words: Words, choices: ReminderChoices, *, changed: bool) -> Said:
    """How a schedule's doses are said. A change at the clinic since it was confirmed is said in any words."""

    def title(amount: Decimal) -> str:
        said = words.title(f"{schedule.title}, {amount_words(amount, schedule.unit)}", "Medicine")
        return f"{said} ({_CHECK})" if changed else said

    alarms = (0, *REPEATS) if choices.repeat_doses else (0,)
    return Said(CalendarKind.DOSE, title, words.full(schedule.instructions), alarms)


# --- refills


def _refills(
    lines: Iterable[MedicineLine], person: int, today: date, words: Words, uids: Uids, told: ReminderChoices
) -> Iterator[CalendarItem]:
    """The day to ask for more; once that is over, the day on which it runs out."""
    for line in lines:
        runs_out = line.forecast.runs_out
        if line.heading not in _REFILLED or runs_out is None or runs_out < today:
            continue
        ask_by = None if line.ask is None else line.ask.ask_by
        day = ask_by if ask_by is not None and ask_by >= today else runs_out
        said = f"ask for more {line.title}" if day != runs_out else f"{line.title} runs out"
        yield CalendarItem(
            uid=uids.of(str(person), f"medicine:{line.key}"),
            kind=CalendarKind.REFILL,
            title=words.title(said, "Medicine refill"),
            start=day.isoformat(),
            zone="",
            alarms=_refill_alarms(day, runs_out, told),
            note=words.full(f"It runs out {about_day(runs_out)}. {line.forecast.evidence}"),
            last_day=day.isoformat(),
        )


def _refill_alarms(day: date, runs_out: date, told: ReminderChoices) -> tuple[int, ...]:
    """At the person's hour of the entry's day, and once more two days before it runs out; no time is told twice."""
    hour = told.refill_hour.hour * 60 + told.refill_hour.minute
    last = (runs_out - timedelta(days=2) - day).days * DAY_MINUTES + hour
    first = (hour,) if told.wants(ReminderKind.REFILL, "7 days") else ()
    return tuple(dict.fromkeys((*first, last))) if told.wants(ReminderKind.REFILL, "2 days") else first


def _local(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0).isoformat()
