"""What stands in a person's calendar now: visits, doses and refill days of the chosen kinds, in the chosen words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.calendar_rules import AHEAD, Repeated, listed, repeated, zone_name
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
from phr_desktop.queries.doses import changed_basis
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault import calendars, doses, people, reminder_choices
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

BACK = timedelta(days=30)  # so long what is over stays in the file
OWN_UID = "@phr-desktop"  # the end of every UID made here
_TAKEN_BACK = timedelta(days=60)
_DOSE_LENGTH = timedelta(minutes=15)  # so that calendars show more than a line; nothing is computed from it
_DAY_MINUTES = 24 * 60
_VISIT_LEADS = {"1 week": -7 * _DAY_MINUTES, "1 day": -_DAY_MINUTES, "2 hours": -2 * 60}
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
    words = _Words(f"{whose.name}: " if choice.full_words else None)
    uids = _Uids(vault)
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
    return sorted(found, key=lambda one: one.uid)


class _Uids:
    """By what an entry is of, never by its words or time; another vault's are others, in one calendar too."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault.id.hex()

    def of(self, *parts: str) -> str:
        return sha256("\x1f".join((self._vault, *parts)).encode()).hexdigest()[:40] + OWN_UID


class _Words:
    """Titles and notes: in full after the person's name, or, without one, such as say nothing of anybody."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def title(self, full: str, discreet: str) -> str:
        return discreet if self._name is None else self._name + full

    def full(self, text: str | None) -> str:
        return "" if self._name is None or text is None else text


# --- visits


def _visits(
    visits: Iterable[Visit], since: datetime, zone: tzinfo, words: _Words, uids: _Uids, told: ReminderChoices
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
    words: _Words,
    uids: _Uids,
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
    db: Database, clock: Clock, person: int, words: _Words, uids: _Uids, choices: ReminderChoices
) -> Iterator[CalendarItem]:
    now = clock.now()
    taken = doses.taken(db, person, now - _TAKEN_BACK)
    rows = {one.id: one for one in doses.doses_between(db, person, now, now + AHEAD)}
    for schedule in doses.schedules(db, person):
        ended = schedule.ended_at
        if schedule.paused or (ended is not None and ended < now - BACK):
            continue
        told = _DoseWords(schedule, words, choices, changed=bool(changed_basis(db, schedule)))
        moved = _moved(schedule, clock, rows, taken)
        rules = repeated(schedule, clock.zone())
        if rules is None:
            ahead = listed(schedule, clock.zone(), now, taken)
            yield from (_single(told, one, _due(rows, one), uids) for one in ahead if not _is_marked(rows, one))
        else:
            yield from (_rule(told, one, moved, uids) for one in rules if not _is_long_over(one, now))
            yield from (_single(told, one, _due(rows, one), uids) for one in moved)


def _is_marked(rows: dict[str, Dose], one: PlannedDose) -> bool:
    return one.id in rows and rows[one.id].state is not DoseState.PLANNED


def _due(rows: dict[str, Dose], one: PlannedDose) -> datetime:
    """When it is due by now: the person may have moved it."""
    return (rows[one.id].due if one.id in rows else None) or one.due


def _is_long_over(rule: Repeated, now: datetime) -> bool:
    return rule.last_day is not None and rule.last_day < (now - BACK).date()


def _moved(schedule: Schedule, clock: Clock, rows: dict[str, Dose], taken: list[Taken]) -> list[PlannedDose]:
    """Doses ahead to which the person gave another time, as the schedule says them."""
    start, now = clock.now() - timedelta(days=2), clock.now()
    planned = planned_doses(schedule, clock.zone(), start, now + AHEAD, taken)
    return [one for one in planned if not _is_marked(rows, one) and _due(rows, one) != one.due]


class _DoseWords:
    """How a schedule's doses are said. A change at the clinic since it was confirmed is said in any words."""

    def __init__(self, schedule: Schedule, words: _Words, choices: ReminderChoices, *, changed: bool) -> None:
        self._schedule, self._words, self._changed = schedule, words, changed
        self.alarms = (0, *REPEATS) if choices.repeat_doses else (0,)

    def title(self, amount: Decimal) -> str:
        schedule = self._schedule
        title = self._words.title(f"{schedule.title}, {amount_words(amount, schedule.unit)}", "Medicine")
        return f"{title} ({_CHECK})" if self._changed else title

    @property
    def note(self) -> str:
        return self._words.full(self._schedule.instructions)


def _rule(told: _DoseWords, one: Repeated, moved: list[PlannedDose], uids: _Uids) -> CalendarItem:
    zone = ZoneInfo(one.zone)
    elsewhere = (planned.due.astimezone(zone).replace(tzinfo=None) for planned in moved)
    return CalendarItem(
        uid=uids.of(one.uid),
        kind=CalendarKind.DOSE,
        title=told.title(one.amount),
        start=one.start.isoformat(),
        zone=one.zone,
        end=(one.start + _DOSE_LENGTH).isoformat(),
        rule=one.rule,
        without=tuple(at.isoformat() for at in elsewhere if at.time() == one.start.time()),
        alarms=told.alarms,
        note=told.note,
        last_day="" if one.last_day is None else one.last_day.isoformat(),
    )


def _single(told: _DoseWords, one: PlannedDose, due: datetime, uids: _Uids) -> CalendarItem:
    """In UTC: it is one moment, wherever the clocks stand by then."""
    due = due.astimezone(UTC).replace(tzinfo=None)
    return CalendarItem(
        uid=uids.of(one.id),
        kind=CalendarKind.DOSE,
        title=told.title(one.amount),
        start=due.isoformat(),
        zone="UTC",
        end=(due + _DOSE_LENGTH).isoformat(),
        alarms=told.alarms,
        note=told.note,
        last_day=due.date().isoformat(),
    )


# --- refills


def _refills(
    lines: Iterable[MedicineLine], person: int, today: date, words: _Words, uids: _Uids, told: ReminderChoices
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
    last = (runs_out - timedelta(days=2) - day).days * _DAY_MINUTES + hour
    first = (hour,) if told.wants(ReminderKind.REFILL, "7 days") else ()
    return tuple(dict.fromkeys((*first, last))) if told.wants(ReminderKind.REFILL, "2 days") else first


def _local(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0).isoformat()
