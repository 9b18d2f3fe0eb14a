"""What heads the day: reminders, the next visit, supplies, what is new here, what waits, and the others in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from phr_desktop.clock import Clock, today
from phr_desktop.domain.appointments import Visit, Visits, VisitState
from phr_desktop.domain.medicine_words import supply
from phr_desktop.domain.medicines import MedicineHeading, MedicineLine
from phr_desktop.domain.outbox import OutboxState, PendingAction
from phr_desktop.domain.people import Person
from phr_desktop.domain.quiet_results import shows_value
from phr_desktop.domain.records import DatePrecision, Kind, RecordRow
from phr_desktop.domain.result_words import marking
from phr_desktop.domain.results import Marking
from phr_desktop.domain.today import Due, NewResults, QuietResults, Today
from phr_desktop.domain.words import written_moment
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.categories import category_codes
from phr_desktop.fhir.observed import critical_inside
from phr_desktop.fhir.read import read
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.queries.reminders import open_reminders, planned, zone_left
from phr_desktop.queries.results import NEW_LIMIT, new_since
from phr_desktop.vault import outbox, people, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

SOON = timedelta(days=7)  # a visit of another person within it is told
PLANNED_FOR = timedelta(days=30)
_OPEN = (
    OutboxState.DRAFT,
    OutboxState.WAITING,
    OutboxState.SENDING,
    OutboxState.UNKNOWN,
    OutboxState.HELD,
    OutboxState.REJECTED,
)


def today_page(vault: Vault, clock: Clock, person: int) -> Today:
    """Everything the page shows, for one person; of the others, counts. Error: person-missing."""
    everyone = vault.read(people.everyone)
    whose = next((each for each in everyone if each.id == person), None)
    if whose is None:
        raise UserFacingError("person-missing")
    visits = appointments(vault, clock, person)
    refills = refills_of(medicine_list(vault, clock, person).lines, today(clock))
    others = [_due(vault, clock, each) for each in everyone if each.id != person]
    return Today(
        person=whose,
        has_sources=bool(vault.read(lambda db: sources.of_person(db, person))),
        reminders=tuple(open_reminders(vault, clock, person)),
        next_reminder=_next_reminder(vault, clock, person),
        next_visit=_next_visit(visits),
        visits_asked=sum(visit.state is VisitState.ASKED for visit in visits.upcoming),
        refills=refills,
        refills_low=_low(refills, today(clock)),
        results=new_results(vault, clock, person),
        waiting=tuple(vault.read(lambda db: _waiting(db, person))),
        family=tuple(due for due in others if due is not None),
        zone_left=zone_left(vault, clock),
    )


def refills_of(lines: Sequence[MedicineLine], day: date) -> tuple[MedicineLine, ...]:
    """Whose supply is told: all that the person confirmed, and what is recent and has not run out by its forecast.

    Soonest first; what is not known stands last.
    """
    told = [line for line in lines if _is_told(line, day)]
    return tuple(sorted(told, key=lambda line: (line.forecast.runs_out or date.max, line.title.casefold())))


def new_results(vault: Vault, clock: Clock, person: int) -> NewResults:
    """What arrived in the last thirty days and was not opened yet, newest first."""
    since = new_since(clock)

    def question(db: Database) -> NewResults:
        found = records.new_since(db, person, Kind.RESULTS, since, NEW_LIMIT)
        shown = [row for row in found if shows_value(row, _categories(db, row))]
        of_shown = {row.id for row in shown}
        days = Counter(_day(row, clock) for row in found if row.id not in of_shown)
        return NewResults(
            shown=tuple(shown),
            quiet=tuple(QuietResults(day, days[day]) for day in sorted(days, key=_newest_first)),
            total=len(found),
            at_least=len(found) >= NEW_LIMIT,
            critical=_critical(db, found),
        )

    return vault.read(question)


def _critical(db: Database, found: Sequence[RecordRow]) -> tuple[RecordRow, ...]:
    """Those marked critical by their laboratory: by their own value or a component's, whatever kind of value it is, or
    by that of a result which a report carries inside itself."""
    parts = records.components(db, [row.id for row in found])
    return tuple(
        row
        for row in found
        if any(marking(value) is Marking.CRITICAL for value in (row.value, *parts.get(row.id, ())))
        or _carries_critical(db, row)
    )


def _carries_critical(db: Database, row: RecordRow) -> bool:
    body = records.body(db, row.id) if row.type == "DiagnosticReport" else None
    return body is not None and b'"contained"' in body and critical_inside(read(body))


def _categories(db: Database, row: RecordRow) -> list[str]:
    """All categories that the source gave it: the list's column holds one."""
    body = records.body(db, row.id) if row.type == "Observation" else None
    return [] if body is None else category_codes(body)


def _day(row: RecordRow, clock: Clock) -> date | None:
    if row.date_utc is None or row.date_precision not in (DatePrecision.DAY, DatePrecision.TIME):
        return None
    return written_moment(row.date_utc, row.date_precision, row.zone, clock.zone()).date()


def _newest_first(day: date | None) -> int:
    return 1 if day is None else -day.toordinal()


def _is_told(line: MedicineLine, day: date) -> bool:
    if line.heading is MedicineHeading.TAKING:
        return True
    runs_out = line.forecast.runs_out
    return line.heading is MedicineHeading.RECENT and runs_out is not None and runs_out >= day


def _low(refills: Sequence[MedicineLine], day: date) -> int:
    return sum(supply(line, day).low for line in refills)


def _next_visit(visits: Visits) -> Visit | None:
    timed = [visit for visit in visits.upcoming if visit.start is not None]
    sure = (visit for visit in timed if visit.state in (VisitState.BOOKED, VisitState.UNDER_WAY))
    return next(sure, timed[0] if timed else None)


def _next_reminder(vault: Vault, clock: Clock, person: int) -> datetime | None:
    now, day = clock.now(), today(clock)
    found = planned(vault, clock, day, day + PLANNED_FOR, person)
    return next((one.at for one in found if one.at.astimezone(UTC) > now), None)


def _waiting(db: Database, person: int) -> list[PendingAction]:
    return [row for row in outbox.of_person(db, person) if row.state in _OPEN]


def _due(vault: Vault, clock: Clock, person: Person) -> Due | None:
    """What is due for another person; None where nothing is."""
    soon = clock.now() + SOON
    visit = _next_visit(appointments(vault, clock, person.id))
    day = today(clock)
    results = new_results(vault, clock, person.id)
    due = Due(
        person=person,
        reminders=len(open_reminders(vault, clock, person.id)),
        refills_low=_low(refills_of(medicine_list(vault, clock, person.id).lines, day), day),
        new_results=results.total,
        critical_results=len(results.critical),
        next_visit=visit if visit is not None and visit.start is not None and visit.start <= soon else None,
    )
    return due if due.reminders or due.refills_low or due.new_results or due.next_visit else None
