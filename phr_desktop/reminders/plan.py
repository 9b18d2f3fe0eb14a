"""What is due when: a pure function of visits, medicines, doses, what else is due, the reader's zone and a moment.

Leads in days are kept on the clock on the wall: a week before a visit at ten is ten o'clock, whatever the clocks did in
between. Leads in hours are real hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from hashlib import sha256
from operator import attrgetter

from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import DoseToTell
from phr_desktop.domain.medicines import MedicineHeading, MedicineLine
from phr_desktop.domain.own_reminders import DueDay, OwnReminder, due_title, own_moments
from phr_desktop.domain.reminder_choices import REPEATS, ReminderChoices
from phr_desktop.domain.reminders import Occurrence, ReminderKind
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.domain.words import about_day, short_day, time_of_day, weekday_day

REFILL_LEADS = (("7 days", 7), ("2 days", 2))
DUE_LEADS = (("1 week", 7), ("that day", 0))
VISIT_LEADS = (("1 week", timedelta(days=7)), ("1 day", timedelta(days=1)), ("2 hours", timedelta(hours=2)))
# A medicine that the person does not take, or that nothing was heard of for a year, needs no refill.
_REFILLED = frozenset({MedicineHeading.TAKING, MedicineHeading.RECENT})
_HELD = frozenset({VisitState.BOOKED, VisitState.UNDER_WAY, VisitState.DONE})  # it was booked, and nobody took it back


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What is known of one person that reminders come from.

    `early` are ids of the person's own reminders that a clock ahead of the time has told: at their time others are.
    """

    person: int
    person_name: str
    visits: tuple[Visit, ...]
    lines: tuple[MedicineLine, ...]
    doses: tuple[DoseToTell, ...] = ()
    schedules: Mapping[str, ScheduleWords] = field(default_factory=dict)
    due_days: tuple[DueDay, ...] = ()
    own: tuple[OwnPlan, ...] = ()
    choices: ReminderChoices = field(default_factory=ReminderChoices)
    early: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ScheduleWords:
    """What the reminders of a schedule's doses say; `changed` is what a source changed since it was confirmed."""

    title: str
    unit: str
    instructions: str
    changed: str | None = None


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """What a person wants to be reminded of, from one moment on and before another."""

    reminder: OwnReminder
    start: datetime
    end: datetime


def plan(people: Iterable[PersonPlan], zone: tzinfo, since: datetime) -> tuple[Occurrence, ...]:
    """All occurrences later than `since` (aware), and those of the doses however old; soonest first.

    A visit is reminded of where it is booked and has a moment, a medicine where its forecast is known, a test and a
    vaccine where a source gives its day; and what the person wants to hear of. Nothing else ever is.
    """
    wanted: list[Occurrence] = []
    for person in people:
        wanted += (one for one in _of_person(person, zone, since) if one.at > since)
        wanted += _of_doses(person, zone)
    wanted.sort(key=attrgetter("at", "id"))
    return tuple(wanted)


def reasons(people: Iterable[PersonPlan]) -> frozenset[str]:
    """What still holds, whenever its moment is or was: ids of occurrences, and subjects of those that hold as a whole.

    A visit that is merely over holds; one that is no longer booked at that start does not, nor does a medicine that
    runs out on another day, or on none that is known, nor a test that was done.
    """
    return frozenset(one for person in people for one in _reasons_of(person))


def own_subject(reminder: OwnReminder) -> str:
    """What the occurrences of a person's own reminder are about."""
    return f"own:{reminder.id}"


def _of_person(person: PersonPlan, zone: tzinfo, since: datetime) -> Iterator[Occurrence]:
    for visit in person.visits:
        if visit.state is VisitState.BOOKED and visit.start is not None and visit.start > since:
            yield from _of_visit(person, visit, visit.start, zone)
    # What was due before `since` is reminded of before it too; days at the calendar's start have no week before.
    first = since.astimezone(UTC).date()
    for line in person.lines:
        runs_out = line.forecast.runs_out
        if line.heading in _REFILLED and runs_out is not None and runs_out >= first:
            yield from _of_refill(person, line, runs_out, zone)
    for due in person.due_days:
        if due.day >= first:
            yield from _of_due_day(person, due, zone)
    for own in person.own:
        yield from _of_own(person, own, zone)


def _reasons_of(person: PersonPlan) -> Iterator[str]:
    for visit in person.visits:
        if visit.state in _HELD and visit.start is not None:
            yield from (_visit_identifier(visit, visit.start, lead) for lead, _ in VISIT_LEADS)
    for line in person.lines:
        runs_out = line.forecast.runs_out
        if line.heading in _REFILLED and runs_out is not None:
            yield from (_refill_identifier(person, line, runs_out, lead) for lead, _ in REFILL_LEADS)
    for due in person.due_days:
        yield from (_due_identifier(due, lead) for lead, _ in DUE_LEADS)
    yield from (own_subject(own.reminder) for own in person.own)


def _of_doses(person: PersonPlan, zone: tzinfo) -> Iterator[Occurrence]:
    """There may be thousands: what many of them say, how much and at what time, is put in words once."""
    repeats = REPEATS if person.choices.repeat_doses else ()
    how_much: dict[tuple[str, str], str] = {}
    times: dict[datetime, str] = {}
    for dose in person.doses:
        words = person.schedules[dose.schedule]
        amount = how_much.get((dose.schedule, dose.amount))
        if amount is None:
            amount = how_much[dose.schedule, dose.amount] = amount_words(Decimal(dose.amount), words.unit)
        shown = times.get(dose.due)
        if shown is None:
            shown = times[dose.due] = time_of_day(dose.due.astimezone(zone))
        once = _of_dose(person, dose, f"{words.title}, {amount}, {shown}", words)
        yield once
        for minutes in repeats:
            lead = f"{once.lead}+{minutes}"
            identifier, at = _identifier(once.id, lead), once.at + timedelta(minutes=minutes)
            yield replace(once, id=identifier, at=at, lead=lead)


def _of_visit(person: PersonPlan, visit: Visit, start: datetime, zone: tzinfo) -> Iterator[Occurrence]:
    local = start.astimezone(zone)
    subject = _visit_subject(visit)
    title = f"{visit.title}, {weekday_day(local.date())}, {time_of_day(local)}"
    evidence = ", ".join([*visit.who, *filter(None, [visit.where]), f"{visit.status_words} by {visit.source_name}"])
    for lead, before in VISIT_LEADS:
        if not person.choices.wants(ReminderKind.APPOINTMENT, lead):
            continue
        if before < timedelta(days=1):
            at = start.astimezone(UTC) - before
        else:
            at = wall_clock(local.replace(tzinfo=None) - before, zone)
        identifier = _visit_identifier(visit, start, lead)
        yield Occurrence(
            identifier, person.person, person.person_name, ReminderKind.APPOINTMENT, at, title, evidence, subject, lead
        )


def _of_refill(person: PersonPlan, line: MedicineLine, runs_out: date, zone: tzinfo) -> Iterator[Occurrence]:
    subject = _refill_subject(line)
    title = f"{line.title} runs out {about_day(runs_out)}"
    for lead, days in REFILL_LEADS:
        if not person.choices.wants(ReminderKind.REFILL, lead):
            continue
        at = wall_clock(datetime.combine(_refill_day(line, runs_out, days), person.choices.refill_hour), zone)
        yield Occurrence(
            _refill_identifier(person, line, runs_out, lead),
            person.person,
            person.person_name,
            ReminderKind.REFILL,
            at,
            title,
            _why(line, zone),
            subject,
            lead,
        )


def _refill_day(line: MedicineLine, runs_out: date, days: int) -> date:
    """So many days before; the first one not later than the last day on which it has to be asked for."""
    day = runs_out - timedelta(days=days)
    return min(day, line.ask.ask_by) if line.ask is not None and days == REFILL_LEADS[0][1] else day


def _of_due_day(person: PersonPlan, due: DueDay, zone: tzinfo) -> Iterator[Occurrence]:
    title = f"{due_title(due)}, {weekday_day(due.day)}"
    for lead, days in DUE_LEADS:
        if not person.choices.wants(due.kind, lead) or due.day.toordinal() <= days:
            continue
        told_on = due.day - timedelta(days=days)
        at = wall_clock(datetime.combine(told_on, person.choices.refill_hour), zone)
        identifier = _due_identifier(due, lead)
        yield Occurrence(
            identifier, person.person, person.person_name, due.kind, at, title, due.evidence, _due_subject(due), lead
        )


def _of_own(person: PersonPlan, own: OwnPlan, zone: tzinfo) -> Iterator[Occurrence]:
    one, subject = own.reminder, own_subject(own.reminder)
    for place, day, at in own_moments(one, zone, own.start, own.end):
        title = f"{one.title}, {time_of_day(at.astimezone(zone))}"
        identifier = _again(person, _identifier(subject, place))
        yield Occurrence(
            identifier, person.person, person.person_name, one.kind, at, title, "", subject, day.isoformat()
        )


def _of_dose(person: PersonPlan, dose: DoseToTell, title: str, words: ScheduleWords) -> Occurrence:
    snoozed = dose.snoozed_until
    subject, lead = f"dose:{dose.id}", "" if snoozed is None else snoozed.astimezone(UTC).isoformat()
    # By the dose, not its moment, so that a journey moves it. A snoozed one is another reminder, and so is one that was
    # told by a clock that stood ahead: it has to be told when its time really comes.
    again = snoozed is not None or dose.told_early > 0
    evidence = f"{words.instructions}; {words.changed}" if words.instructions and words.changed else ""
    return Occurrence(
        _identifier(subject, lead, str(dose.told_early)) if again else dose.id,
        person.person,
        person.person_name,
        ReminderKind.DOSE,
        snoozed or dose.due,
        title,
        evidence or words.instructions or words.changed or "",
        subject,
        lead,
    )


def _why(line: MedicineLine, zone: tzinfo) -> str:
    notes = [line.forecast.evidence]
    if line.ask is not None and line.ask.renewal:
        notes.append("the pharmacy may not refill it: ask your clinic for a renewal")
    if line.changed_since_choice and line.changed_at is not None:
        changed = datetime.fromtimestamp(line.changed_at, zone).date()
        notes.append(f"your clinic changed this on {short_day(changed)}: check before you take it")
    if line.heading is MedicineHeading.RECENT:
        notes.append("you have not confirmed that you take it")
    return "; ".join(notes)


def _visit_subject(visit: Visit) -> str:
    return f"record:{visit.record}"


def _refill_subject(line: MedicineLine) -> str:
    return f"medicine:{line.key}"


def _due_subject(due: DueDay) -> str:
    return f"record:{due.record}"


def _visit_identifier(visit: Visit, start: datetime, lead: str) -> str:
    return _identifier(_visit_subject(visit), start.astimezone(UTC).isoformat(), lead)


def _refill_identifier(person: PersonPlan, line: MedicineLine, runs_out: date, lead: str) -> str:
    """By the day, not the moment: on a journey nine o'clock moves, and the reminder must be the same one."""
    return _identifier(f"{person.person}|{_refill_subject(line)}", runs_out.isoformat(), lead)


def _due_identifier(due: DueDay, lead: str) -> str:
    return _identifier(_due_subject(due), due.title, due.day.isoformat(), lead)


def _again(person: PersonPlan, identifier: str) -> str:
    """Another one where this one was told by a clock that stood ahead."""
    while identifier in person.early:
        identifier = _identifier(identifier, "again")
    return identifier


def _identifier(*parts: str) -> str:
    """Stable: planning twice plans it once. Parts are joined by a sign that none of them holds."""
    return sha256("\x1f".join(parts).encode()).hexdigest()
