"""One result's own page: what the report and the laboratory say, and its values over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.clinical import DiagnosticReport, Observation
from phr_desktop.domain.directory import Location, Organization, Practitioner, PractitionerRole
from phr_desktop.domain.fhir_types import ContactPoint, Record, Reference
from phr_desktop.domain.records import Standing, StoredRecord
from phr_desktop.domain.result_words import marking
from phr_desktop.domain.results import InnerResult, ListedRecord, Marking, Phone, RangeGiven, ResultPage
from phr_desktop.fhir import observed
from phr_desktop.fhir.read import read
from phr_desktop.fhir.value_words import words
from phr_desktop.queries.records import page_of, stored_record
from phr_desktop.queries.references import PEOPLE_AND_PLACES, References
from phr_desktop.queries.results import listed_rows, new_since
from phr_desktop.queries.trend import series_of
from phr_desktop.vault import attachments, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

_MEMBERS = ("Observation", "DiagnosticReport")
_REACHABLE = (Organization, Practitioner, PractitionerRole, Location)


def result_page(vault: Vault, clock: Clock, record: int) -> ResultPage:
    """A result or a measurement with all that hangs together with it. Errors: record-missing."""
    since, now = new_since(clock), local_now(clock)
    return vault.read(lambda db: _page(db, stored_record(db, record), since, now))


def _page(db: Database, stored: StoredRecord, since: int, now: datetime) -> ResultPage:
    row = stored.row
    page = page_of(db, stored, since, now)
    understood = page.understood
    references = References(db, row.source)
    members, missing = _members(db, references, understood, since)
    performers = _performers(understood)
    critical = row.standing is Standing.STATED and _is_critical(stored, understood)
    return ResultPage(
        record=page,
        ranges=_ranges(understood),
        members=members,
        members_missing=missing,
        inner=_inner(understood),
        laboratory=_names(references, performers, understood),
        critical=critical,
        phone=_phone(db, references, performers) if critical else None,
        documents=len(attachments.of_record(db, row.id)) if row.type == "DiagnosticReport" else 0,
        trend=series_of(db, row, stored.values),
        source_names={source.id: source.name for source in sources.of_person(db, row.person)},
    )


def _is_critical(stored: StoredRecord, understood: Record | None) -> bool:
    """Whether the source marked a value critical: its own, a part's, or that of a result which a report carries."""
    own = any(marking(value) is Marking.CRITICAL for value in stored.values)
    return own or (understood is not None and observed.critical_inside(understood))


def _members(
    db: Database, references: References, understood: Record | None, since: int
) -> tuple[tuple[ListedRecord, ...], int]:
    """The results of a report, or of a panel, that were received, in its order; and how many were not."""
    if isinstance(understood, DiagnosticReport):
        named = understood.result
    elif isinstance(understood, Observation):
        named = understood.has_member
    else:
        return (), 0
    outside = [each for each in named if understood.inside(each) is None]
    found = [references.find(each, _MEMBERS) for each in outside]
    ids = list(dict.fromkeys(record for record in found if record is not None))
    return tuple(listed_rows(db, ids, since)), found.count(None)


def _inner(understood: Record | None) -> tuple[InnerResult, ...]:
    """The results that a report carries inside itself."""
    inside = understood.contained if understood is not None else ()
    return tuple(_inner_result(one) for one in inside if isinstance(one, Observation))


def _inner_result(one: Observation) -> InnerResult:
    if one.standing is not Standing.STATED:
        return InnerResult(one.title, "", one.standing_reason or "")
    parts = [
        f"{words(part.code)} {observed.observed_words(part.value, part.data_absent_reason)}" for part in one.component
    ]
    value = observed.observed_words(one.value, one.data_absent_reason) or ", ".join(parts)
    return InnerResult(one.title, value, observed.mark_and_ranges(one))


def _performers(understood: Record | None) -> tuple[Reference, ...]:
    return understood.performer if isinstance(understood, DiagnosticReport | Observation) else ()


def _names(references: References, performers: Sequence[Reference], inside: Record | None) -> str:
    """Who performed it, by name, without those whose name did not come."""
    names = [references.name(each, PEOPLE_AND_PLACES, inside) for each in performers]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _phone(db: Database, references: References, performers: Sequence[Reference]) -> Phone | None:
    """The first telephone number among those who performed it."""
    for performer in performers:
        record = references.find(performer, PEOPLE_AND_PLACES)
        body = records.body(db, record) if record is not None else None
        who = read(body) if body is not None else None
        if isinstance(who, _REACHABLE):
            number = _number(who.telecom)
            if number:
                return Phone(who.title, number)
    return None


def _number(telecom: Sequence[ContactPoint]) -> str | None:
    return next((point.value for point in telecom if point.system == "phone" and point.value), None)


def _ranges(understood: Record | None) -> tuple[RangeGiven, ...]:
    """Every range that came with the result's own value, in its order."""
    if not isinstance(understood, Observation):
        return ()
    given = [RangeGiven(observed.limit_words(each), observed.for_whom(each)) for each in understood.reference_range]
    return tuple(each for each in given if each.words)
