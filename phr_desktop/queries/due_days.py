"""Laboratory tests that are ordered and not done, and vaccines that are due: each with the day that a source gave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from phr_desktop.clock import Clock, today
from phr_desktop.domain.care import ServiceRequest
from phr_desktop.domain.clinical import DiagnosticReport, Observation
from phr_desktop.domain.fhir_types import Timing
from phr_desktop.domain.own_reminders import DueDay, OwnReminder
from phr_desktop.domain.records import Kind, RecordRow, Standing, StoredRecord
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.domain.words import short_day, utc_moment
from phr_desktop.fhir.order_days import is_open_test, order_days
from phr_desktop.fhir.read import read
from phr_desktop.fhir.vaccines_due import VaccineDue, vaccines_due
from phr_desktop.queries.references import PEOPLE_AND_PLACES, References
from phr_desktop.vault import own_reminders, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

AHEAD = timedelta(days=400)  # of an order that repeats: so far ahead its days are looked for
_RESULTS = ["DiagnosticReport", "Observation"]
_ORDER = ["ServiceRequest"]


def reminded_about(vault: Vault, _clock: Clock, person: int) -> list[OwnReminder]:
    """What a person wants to be reminded of beside medicines and visits, in the order in which it was made."""
    return [one.reminder for one in vault.read(lambda db: own_reminders.in_force(db, person))]


def due_days(vault: Vault, clock: Clock, person: int) -> list[DueDay]:
    """Everything of a person that a source says is due, by day, what is over included.

    An order counts as long as it is active and no result names it as its reason; a vaccine, as long as none of it was
    given since its source said so.
    """
    until = today(clock) + AHEAD
    found = vault.read(lambda db: [*_tests(db, person, until), *_vaccines(db, person)])
    return sorted(found, key=lambda one: (one.day, one.title, one.record))


def _tests(db: Database, person: int, until: date) -> Iterator[DueDay]:
    for stored in _stated(db, person, Kind.RECORDS, _ORDER):
        order = read(stored.body)
        if not isinstance(order, ServiceRequest) or not is_open_test(order):
            continue
        days = order_days(order, until)
        done = _result_days(db, stored.row, order) if days else []
        again = isinstance(order.occurrence, Timing)  # then one that is moved is another one
        for day, earlier in days:
            if not any(result >= day - timedelta(days=min(earlier, day.toordinal() - 1)) for result in done):
                evidence, part = _ordered(db, stored.row, order), day.isoformat() if again else ""
                yield DueDay(stored.row.id, ReminderKind.TEST, order.title, day, evidence, part)


def _result_days(db: Database, row: RecordRow, order: ServiceRequest) -> list[date]:
    """The days of the results that say that they come of this order."""
    references = References(db, row.source)
    reports = [one for one in _stated(db, row.person, Kind.RESULTS, _RESULTS[:1]) if one.row.source == row.source]
    codes = sorted(order.code.codes()) if order.code is not None else []
    values = records.of_codes(db, row.person, Kind.RESULTS, _RESULTS[1], codes) if codes else []
    found = []
    for stored in (*reports, *values):
        if stored.row.source != row.source or not _is_fact(stored.row):
            continue
        result = read(stored.body)
        reasons = result.based_on if isinstance(result, DiagnosticReport | Observation) else ()
        if any(references.find(reason, _ORDER) == row.id for reason in reasons):
            found.append(_row_day(stored.row))
    return found


def _vaccines(db: Database, person: int) -> Iterator[DueDay]:
    for stored in _stated(db, person, Kind.RECORDS, ["ImmunizationRecommendation"]):
        parts = set[str]()
        for due in vaccines_due(stored.body):
            part = due.title if due.title not in parts else f"{due.title} {due.day.isoformat()}"
            parts.add(part)
            if not _was_given(db, person, due):
                said = "" if due.said is None else f" on {short_day(due.said)}"
                evidence = f"said{said} by {_source_name(db, stored.row.source)}"
                yield DueDay(stored.row.id, ReminderKind.VACCINE, due.title, due.day, evidence, part)


def _was_given(db: Database, person: int, due: VaccineDue) -> bool:
    codes = sorted(due.codes)
    given = records.of_codes(db, person, Kind.IMMUNIZATIONS, "Immunization", codes) if codes else []
    return any(_is_fact(one.row) and (due.said is None or _row_day(one.row) >= due.said) for one in given)


def _stated(db: Database, person: int, kind: Kind, types: list[str]) -> list[StoredRecord]:
    return [one for one in records.of_types(db, person, kind, types) if _is_fact(one.row)]


def _is_fact(row: RecordRow) -> bool:
    return row.standing is Standing.STATED and row.gone_at is None


def _ordered(db: Database, row: RecordRow, order: ServiceRequest) -> str:
    who = References(db, row.source).name(order.requester, PEOPLE_AND_PLACES, order)
    written = order.authored_on
    on = "" if written is None or written.utc is None else f"on {short_day(_moment_day(written.utc))}"
    ordered = " ".join(filter(None, ["ordered", who and f"by {who}", on]))
    return f"{ordered}, {_source_name(db, row.source)}; no result of it is here"


def _source_name(db: Database, source: int) -> str:
    found = sources.one(db, source)
    return "" if found is None else found.name


def _row_day(row: RecordRow) -> date:
    """Of what has no date: the day it came here."""
    return _moment_day(row.received_at if row.date_utc is None else row.date_utc)


def _moment_day(seconds: int) -> date:
    return utc_moment(seconds).date()
