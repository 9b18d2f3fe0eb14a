"""Visits: upcoming, past, and what was withdrawn. Only the server's `booked` is booked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from phr_desktop.clock import Clock
from phr_desktop.domain.appointments import Visit, Visits, VisitState
from phr_desktop.domain.care import Appointment
from phr_desktop.domain.fhir_types import FhirDate, Reference
from phr_desktop.domain.people import Person
from phr_desktop.domain.records import DatePrecision, Kind, RecordRow, Standing, StoredRecord
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.dosage import concept_words
from phr_desktop.fhir.read import read
from phr_desktop.queries.references import PEOPLE_AND_PLACES, References, type_of
from phr_desktop.vault import people, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

_STATES = {
    "proposed": (VisitState.ASKED, "asked, not confirmed"),
    "pending": (VisitState.ASKED, "asked, not confirmed"),
    "waitlist": (VisitState.ASKED, "asked, not confirmed"),
    "booked": (VisitState.BOOKED, "booked"),
    "arrived": (VisitState.UNDER_WAY, "arrived"),
    "checked-in": (VisitState.UNDER_WAY, "checked in"),
    "fulfilled": (VisitState.DONE, "done"),
}
_NOT_FACTS = {
    "cancelled": "cancelled",
    "noshow": "nobody came",
    "entered-in-error": "entered in error",
}
# A visit without an end is shown as going on for this long: for the list alone, nothing is computed from it.
UNSAID_LENGTH = timedelta(hours=1)
_SPAN = {
    DatePrecision.YEAR: timedelta(days=366),
    DatePrecision.MONTH: timedelta(days=31),
    DatePrecision.DAY: timedelta(days=2),  # a day begins and ends at other moments elsewhere
    DatePrecision.TIME: UNSAID_LENGTH,
}
# Seconds from 1970: what is further away (the year 3400) is no visit, and the ends of the calendar break in some zones.
_FURTHEST = 45_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def appointments(vault: Vault, clock: Clock, person: int) -> Visits:
    """All of a person's visits: upcoming soonest first, past newest first, withdrawn newest first.

    Errors: person-missing.
    """
    now, zone = clock.now(), clock.zone()
    return vault.read(lambda db: _visits(db, person, now, zone))


def _visits(db: Database, person: int, now: datetime, zone: tzinfo) -> Visits:
    whose = people.one(db, person)
    if whose is None:
        raise UserFacingError("person-missing")
    makers = {
        source.id: _Maker(db, whose, source.id, source.name, now, zone) for source in sources.of_person(db, person)
    }
    stored = records.of_types(db, person, Kind.APPOINTMENTS, ["Appointment"])
    timed = sorted((makers[one.row.source].visit(one) for one in stored), key=lambda pair: pair[0])
    upcoming, past, withdrawn = [], [], []
    for when, visit in timed:
        if visit.state is VisitState.WITHDRAWN:
            withdrawn.append(visit)
        elif visit.state is VisitState.DONE or when.over(now):
            past.append(visit)
        else:
            upcoming.append(visit)
    return Visits(tuple(upcoming), tuple(reversed(past)), tuple(reversed(withdrawn)))


class _When:
    """A place on the time axis, for what has a moment and for what has less."""

    def __init__(self, visit_start: datetime | None, visit_end: datetime | None, written: FhirDate | None) -> None:
        utc = None if written is None else written.utc
        self._undated = utc is None
        self._start = visit_start or _EPOCH + timedelta(seconds=min(max(utc or 0, -_FURTHEST), _FURTHEST))
        precision = written.precision if written is not None else None
        self._end = visit_end or self._start + _SPAN[precision or DatePrecision.TIME]

    def __lt__(self, other: _When) -> bool:
        return (self._undated, self._start) < (other._undated, other._start)

    def over(self, now: datetime) -> bool:
        return not self._undated and self._end < now


class _Maker:
    """Makes visits of one source's records."""

    def __init__(self, db: Database, person: Person, source: int, name: str, now: datetime, zone: tzinfo) -> None:
        self._references = References(db, source)
        self._person = person
        self._name = name
        self._now = now
        self._zone = zone

    def visit(self, stored: StoredRecord) -> tuple[_When, Visit]:
        appointment = read(stored.body)
        if not isinstance(appointment, Appointment):
            raise TypeError(appointment.resource_type)
        written = appointment.start or next((p.start for p in appointment.requested_period if p.start), None)
        start, end = self._moment(appointment.start), self._moment(appointment.end)
        if start is not None and end is None and appointment.minutes_duration:
            end = start + timedelta(minutes=min(appointment.minutes_duration, 24 * 60))
        when = _When(start, end, written)
        state, words = self._state(stored.row, appointment, when)
        row = stored.row
        return when, Visit(
            record=row.id,
            person=row.person,
            person_name=self._person.name,
            source=row.source,
            source_name=self._name,
            title=appointment.title,
            start=start,
            end=end,
            start_text=None if written is None else written.text,
            status=appointment.status,
            status_words=words,
            state=state,
            who=tuple(self._actors(appointment, place=False)),
            where=next(self._actors(appointment, place=True), None),
            video_link=next((one.address for one in appointment.virtual_service if one.address), None),
            reason=next(filter(None, map(concept_words, appointment.reason_code)), None),
            instructions=appointment.patient_instruction,
        )

    def _state(self, row: RecordRow, appointment: Appointment, when: _When) -> tuple[VisitState, str]:
        if appointment.standing is not Standing.STATED:
            words = _NOT_FACTS.get(appointment.status or "") or appointment.standing_reason or "withdrawn"
            return VisitState.WITHDRAWN, words
        if row.gone_at is not None and not when.over(self._now):
            # A portal that lists only what is ahead drops every past visit: that withdraws nothing.
            return VisitState.WITHDRAWN, "the clinic withdrew this"
        status = appointment.status or ""
        return _STATES.get(status, (VisitState.ASKED, status.replace("-", " ") or "no status given"))

    def _actors(self, appointment: Appointment, *, place: bool) -> Iterator[str]:
        for participant in appointment.participant:
            kind = type_of(participant.actor) or self._kind(participant.actor)
            if participant.status == "declined" or kind == "Patient" or (kind == "Location") is not place:
                continue
            name = self._references.name(participant.actor, PEOPLE_AND_PLACES, appointment)
            if name:
                yield name

    def _kind(self, reference: Reference | None) -> str | None:
        """Of a reference that does not name its type."""
        return next((kind for kind in PEOPLE_AND_PLACES if self._references.find(reference, [kind]) is not None), None)

    def _moment(self, written: FhirDate | None) -> datetime | None:
        """In the zone that the source wrote; where it wrote none, as clocks here show it: the clinic is near."""
        if written is None or written.utc is None or written.precision is not DatePrecision.TIME:
            return None
        if abs(written.utc) > _FURTHEST:
            return None
        moment = _EPOCH + timedelta(seconds=written.utc)
        if written.zone is None:
            return moment.replace(tzinfo=self._zone)
        if written.zone == "Z":
            return moment.astimezone(self._zone)
        return moment.astimezone(datetime.fromisoformat(f"2000-01-01T00:00{written.zone}").tzinfo)
