"""What is due when: a pure function of visits, medicines, the reader's zone and a moment.

Leads in days are kept on the clock on the wall: a week before a visit at ten is ten o'clock, whatever the clocks did in
between. Leads in hours are real hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256

from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Dose, DoseState
from phr_desktop.domain.medicines import MedicineHeading, MedicineLine
from phr_desktop.domain.reminder_choices import REPEATS, ReminderChoices
from phr_desktop.domain.reminders import Occurrence, ReminderKind
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.domain.words import about_day, short_day, time_of_day, weekday_day

REFILL_LEADS = (("7 days", 7), ("2 days", 2))
VISIT_LEADS = (("1 week", timedelta(days=7)), ("1 day", timedelta(days=1)), ("2 hours", timedelta(hours=2)))
# A medicine that the person does not take, or that nothing was heard of for a year, needs no refill.
_REFILLED = frozenset({MedicineHeading.TAKING, MedicineHeading.RECENT})
_HELD = frozenset({VisitState.BOOKED, VisitState.UNDER_WAY, VisitState.DONE})  # it was booked, and nobody took it back


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What is known of one person that reminders come from."""

    person: int
    person_name: str
    visits: tuple[Visit, ...]
    lines: tuple[MedicineLine, ...]
    doses: tuple[DosePlan, ...] = ()
    choices: ReminderChoices = field(default_factory=ReminderChoices)

    def wants(self, kind: ReminderKind, lead: str) -> bool:
        return (kind, lead) not in self.choices.without


@dataclass(frozen=True, slots=True)
class DosePlan:
    """A dose of which nothing was said yet; `changed` is what a source changed since its schedule was confirmed."""

    dose: Dose
    changed: str | None = None


def plan(people: Iterable[PersonPlan], zone: tzinfo, since: datetime) -> tuple[Occurrence, ...]:
    """All occurrences later than `since` (aware), and those of the doses however old; soonest first.

    A visit is reminded of where it is booked and has a moment, a medicine where its forecast is known. Nothing else
    ever is.
    """
    every = (one for person in people for one in _of_person(person, zone, since))
    wanted = (one for one in every if one.at > since or one.kind is ReminderKind.DOSE)
    return tuple(sorted(wanted, key=lambda one: (one.at, one.id)))


def reasons(people: Iterable[PersonPlan]) -> frozenset[str]:
    """Identifiers of every occurrence of visits and refills whose reason still holds, whenever its moment is or was.

    A visit that is merely over holds; one that is no longer booked at that start does not, nor does a medicine that
    runs out on another day, or on none that is known.
    """
    return frozenset(one for person in people for one in _reasons_of(person))


def _of_person(person: PersonPlan, zone: tzinfo, since: datetime) -> Iterator[Occurrence]:
    for visit in person.visits:
        if visit.state is VisitState.BOOKED and visit.start is not None and visit.start > since:
            yield from _of_visit(person, visit, visit.start, zone)
    for line in person.lines:
        runs_out = line.forecast.runs_out
        # What ran out before `since` is reminded of before it too; days at the calendar's start have no week before.
        if line.heading in _REFILLED and runs_out is not None and runs_out >= since.astimezone(UTC).date():
            yield from _of_refill(person, line, runs_out, zone)
    for planned in person.doses:
        if (at := _dose_moment(planned.dose)) is not None:
            once = _of_dose(person, planned, at, zone)
            yield once
            if person.choices.repeat_doses:
                for minutes in REPEATS:
                    lead = f"{once.lead}+{minutes}"
                    identifier = _identifier(once.id, lead)
                    yield replace(once, id=identifier, at=at + timedelta(minutes=minutes), lead=lead)


def _reasons_of(person: PersonPlan) -> Iterator[str]:
    for visit in person.visits:
        if visit.state in _HELD and visit.start is not None:
            yield from (_visit_identifier(visit, visit.start, lead) for lead, _ in VISIT_LEADS)
    for line in person.lines:
        runs_out = line.forecast.runs_out
        if line.heading in _REFILLED and runs_out is not None:
            yield from (_refill_identifier(person, line, runs_out, lead) for lead, _ in REFILL_LEADS)


def _of_visit(person: PersonPlan, visit: Visit, start: datetime, zone: tzinfo) -> Iterator[Occurrence]:
    local = start.astimezone(zone)
    subject = _visit_subject(visit)
    title = f"{visit.title}, {weekday_day(local.date())}, {time_of_day(local)}"
    evidence = ", ".join([*visit.who, *filter(None, [visit.where]), f"{visit.status_words} by {visit.source_name}"])
    for lead, before in VISIT_LEADS:
        if not person.wants(ReminderKind.APPOINTMENT, lead):
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
        if not person.wants(ReminderKind.REFILL, lead):
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


def _of_dose(person: PersonPlan, planned: DosePlan, at: datetime, zone: tzinfo) -> Occurrence:
    dose = planned.dose
    due = (dose.due or at).astimezone(zone)
    return Occurrence(
        _dose_identifier(dose),
        person.person,
        person.person_name,
        ReminderKind.DOSE,
        at,
        f"{dose.title}, {amount_words(dose.amount, dose.unit)}, {time_of_day(due)}",
        "; ".join(filter(None, [dose.instructions, planned.changed])),
        f"dose:{dose.id}",
        _dose_lead(dose),
    )


def _dose_moment(dose: Dose) -> datetime | None:
    """When to remind of it: once it was snoozed, then."""
    return dose.snoozed_until or dose.due if dose.state is DoseState.PLANNED else None


def _dose_lead(dose: Dose) -> str:
    return "" if dose.snoozed_until is None else dose.snoozed_until.astimezone(UTC).isoformat()


def _dose_identifier(dose: Dose) -> str:
    """By the dose, not its moment, so that a journey moves it. A snoozed one is another reminder, and so is one that
    was told by a clock that stood ahead: it has to be told when its time really comes."""
    again = (str(dose.told_early),) if dose.told_early else ()
    return _identifier(f"dose:{dose.id}", _dose_lead(dose), *again)


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


def _visit_identifier(visit: Visit, start: datetime, lead: str) -> str:
    return _identifier(_visit_subject(visit), start.astimezone(UTC).isoformat(), lead)


def _refill_identifier(person: PersonPlan, line: MedicineLine, runs_out: date, lead: str) -> str:
    """By the day, not the moment: on a journey nine o'clock moves, and the reminder must be the same one."""
    return _identifier(f"{person.person}|{_refill_subject(line)}", runs_out.isoformat(), lead)


def _identifier(*parts: str) -> str:
    """Stable: planning twice plans it once. Parts are joined by a sign that none of them holds."""
    return sha256("\x1f".join(parts).encode()).hexdigest()
