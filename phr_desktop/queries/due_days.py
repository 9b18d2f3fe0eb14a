"""Laboratory tests that are ordered and not done, and vaccines that are due: each with the day that a source gave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from phr_desktop.clock import Clock, today
from phr_desktop.domain.fhir_types import Timing
from phr_desktop.domain.own_reminders import DueDay, OwnReminder
from phr_desktop.domain.records import Kind, RecordRow, Standing, StoredRecord
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.domain.words import short_day, utc_moment
from phr_desktop.fhir.vaccines_due import VaccineDue, vaccines_due
from phr_desktop.queries.due_orders import OpenOrder, open_orders
from phr_desktop.queries.references import PEOPLE_AND_PLACES, References
from phr_desktop.vault import own_reminders, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

AHEAD = timedelta(days=400)  # of an order that repeats: so far ahead its days are looked for


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
    for one in open_orders(db, person, until):
        evidence, again = _ordered(db, one), isinstance(one.order.occurrence, Timing)
        for day in one.days:
            part = day.isoformat() if again else ""  # of one that repeats, a day that is moved is another one
            yield DueDay(one.brief.id, ReminderKind.TEST, one.order.title, day, evidence, part)


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


def _ordered(db: Database, one: OpenOrder) -> str:
    who = References(db, one.brief.source).name(one.order.requester, PEOPLE_AND_PLACES, one.order)
    written = one.order.authored_on
    on = "" if written is None or written.utc is None else f"on {short_day(_moment_day(written.utc))}"
    ordered = " ".join(filter(None, ["ordered", who and f"by {who}", on]))
    return f"{ordered}, {_source_name(db, one.brief.source)}; no result of it is here"


def _source_name(db: Database, source: int) -> str:
    found = sources.one(db, source)
    return "" if found is None else found.name


def _row_day(row: RecordRow) -> date:
    """Of what has no date: the day it came here."""
    return _moment_day(row.received_at if row.date_utc is None else row.date_utc)


def _moment_day(seconds: int) -> date:
    return utc_moment(seconds).date()
