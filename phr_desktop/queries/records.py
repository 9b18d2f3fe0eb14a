"""The Records page: its lists with their counts, why one is empty, and any record's own page."""

from __future__ import annotations

from array import array
from dataclasses import replace
from datetime import datetime

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.clinical import DiagnosticReport, Observation
from phr_desktop.domain.fhir_types import FhirDate, Record, Reference
from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.people import Source, SourceKind
from phr_desktop.domain.records import Kind, RecordRow, StoredRecord
from phr_desktop.domain.result_words import part_words, value_words
from phr_desktop.domain.results import (
    DetailLine,
    ListedRecord,
    OtherType,
    PreviousVersion,
    RecordPage,
    Section,
    SourceAnswer,
)
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.details import details
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.plain_names import type_in_words
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.fhir.read import CLASSES, read
from phr_desktop.fhir.references import references_of
from phr_desktop.queries.references import References
from phr_desktop.queries.results import listed_rows, new_since
from phr_desktop.vault import ledger, people, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

SECTIONS = (
    Kind.CONDITIONS,
    Kind.ALLERGIES,
    Kind.IMMUNIZATIONS,
    Kind.PROCEDURES,
    Kind.ENCOUNTERS,
    Kind.MEASUREMENTS,
    Kind.RECORDS,
)
LINKED = 40  # more would be a list, not what belongs to one record
_LINKABLE = tuple(name for name in CLASSES if name != "Patient")
# What a portal is asked for to fill a list: resource type and, where it is asked by category, the category.
_ASKED = {
    Kind.CONDITIONS: ("Condition", None),
    Kind.ALLERGIES: ("AllergyIntolerance", None),
    Kind.IMMUNIZATIONS: ("Immunization", None),
    Kind.PROCEDURES: ("Procedure", None),
    Kind.ENCOUNTERS: ("Encounter", None),
    Kind.DOCUMENTS: ("DocumentReference", None),
    Kind.MEASUREMENTS: ("Observation", "vital-signs"),
    Kind.RESULTS: ("Observation", "laboratory"),
}
# Worst first: a list to which one part is missing is not complete.
_WORST = (
    LedgerState.FAILED,
    LedgerState.PARTIAL,
    LedgerState.NOT_ALLOWED,
    LedgerState.NOT_OFFERED,
    LedgerState.COMPLETE,
)


def sections(vault: Vault, _clock: Clock, person: int) -> tuple[Section, ...]:
    """Every list of the Records page with its counts, in the page's order."""

    def question(db: Database) -> tuple[Section, ...]:
        return tuple(
            Section(
                kind,
                records.count_of_kind(db, person, kind),
                records.count_of_kind(db, person, kind, facts=False),
            )
            for kind in SECTIONS
        )

    return vault.read(question)


def section_ids(vault: Vault, _clock: Clock, person: int, kind: Kind, *, type_name: str = "") -> array[int]:
    """Ids of one list of facts, newest first. Kind RECORDS: what has no list of its own, or one type of it."""
    if kind is not Kind.RECORDS:
        return vault.read(lambda db: records.ids_of_kind(db, person, kind))
    if type_name:
        return vault.read(lambda db: records.ids_of_other_type(db, person, type_name))
    return vault.read(lambda db: records.ids_of_others(db, person))


def not_fact_ids(vault: Vault, _clock: Clock, person: int, kind: Kind) -> array[int]:
    """Ids of what is withdrawn, refuted or not done in one list, newest first."""
    return vault.read(lambda db: records.ids_of_kind(db, person, kind, facts=False))


def other_types(vault: Vault, _clock: Clock, person: int) -> tuple[OtherType, ...]:
    """The types that have no list of their own, the most numerous first."""
    found = vault.read(lambda db: records.other_types(db, person))
    return tuple(OtherType(name, type_in_words(name), count) for name, count in found)


def answers(vault: Vault, _clock: Clock, person: int, kind: Kind) -> tuple[SourceAnswer, ...]:
    """What each source of the person said about one kind of record: why its list is empty, or not whole."""

    def question(db: Database) -> tuple[SourceAnswer, ...]:
        return tuple(_answer(db, source, kind) for source in sources.of_person(db, person) if _can_answer(source))

    return vault.read(question)


def about_results(vault: Vault, _clock: Clock, person: int) -> tuple[SourceAnswer, ...]:
    """What each portal of the person said about laboratory values and reports, the worst of it: what it does not offer
    of the two counts as nothing said."""

    def question(db: Database) -> tuple[SourceAnswer, ...]:
        found = [_worst(db, source) for source in sources.of_person(db, person) if source.kind is SourceKind.PORTAL]
        return tuple(answer for answer in found if answer is not None)

    return vault.read(question)


def _worst(db: Database, source: Source) -> SourceAnswer | None:
    asked = [
        entry
        for entry in ledger.entries(db, source.id)
        if any(_is_about(entry, *about) for about in (_ASKED[Kind.RESULTS], ("DiagnosticReport", None)))
        and entry.state is not LedgerState.NOT_OFFERED
    ]
    worst = min(asked, key=lambda entry: _WORST.index(entry.state), default=None)
    return None if worst is None else SourceAnswer(source.name, worst.state, worst.last_try_at)


def _can_answer(source: Source) -> bool:
    return source.kind is not SourceKind.OWN


def _answer(db: Database, source: Source, kind: Kind) -> SourceAnswer:
    if source.kind is not SourceKind.PORTAL:
        return SourceAnswer(source.name, None, None)
    type_name, category = _ASKED.get(kind, ("", None))
    entries = [entry for entry in ledger.entries(db, source.id) if _is_about(entry, type_name, category)]
    if not entries:
        return SourceAnswer(source.name, LedgerState.FAILED, None)
    worst = min(entries, key=lambda entry: _WORST.index(entry.state))
    return SourceAnswer(source.name, worst.state, worst.last_try_at)


def _is_about(entry: LedgerEntry, type_name: str, category: str | None) -> bool:
    if not type_name:
        return True
    return entry.type == type_name and (category is None or entry.category in ("", category))


def record_page(vault: Vault, clock: Clock, record: int) -> RecordPage:
    """Everything about one record, whatever it is and means. Errors: record-missing."""
    since, now = new_since(clock), local_now(clock)
    return vault.read(lambda db: page_of(db, stored_record(db, record), since, now))


def page_of(db: Database, stored: StoredRecord, since: int, now: datetime) -> RecordPage:
    """As `record_page`, inside a question to the vault. `now` aware, in the reader's zone."""
    row = stored.row
    person, source = people.one(db, row.person), sources.one(db, row.source)
    if person is None or source is None:
        raise UserFacingError("record-missing")
    understood = _understood(stored.body)
    return RecordPage(
        listed=listed_rows(db, [row.id], since)[0],
        person=person,
        source=source,
        values=stored.values,
        understood=understood,
        reason=(understood.standing_reason or "") if understood is not None else "",
        details=_details(understood, row.kind, now),
        linked=_linked(db, row, stored.body, since),
        versions=tuple(_previous(*version) for version in records.versions(db, row.id)),
        version_id=stored.version_id,
        last_updated=stored.last_updated,
        body=stored.body,
    )


def _understood(body: bytes) -> Record | None:
    try:
        return read(body)
    except MalformedResource:
        return None


def _details(understood: Record | None, kind: Kind, now: datetime) -> tuple[DetailLine, ...]:
    """What the record says besides what its page shows in its own way. A result's page tells its dates itself."""
    if understood is None:
        return ()
    rest = replace(understood, standing_reason=None)
    if kind not in (Kind.RESULTS, Kind.MEASUREMENTS):
        return tuple(DetailLine(label, words) for label, words in details(rest, now))
    if isinstance(rest, DiagnosticReport | Observation) and isinstance(rest.effective, FhirDate):
        rest = replace(rest, effective=None)
    if isinstance(rest, Observation):
        rest = replace(
            rest, value=None, component=(), reference_range=(), interpretation=(), status=None, category=(),
            data_absent_reason=None, performer=(), issued=None, contained=(),
        )  # fmt: skip
    elif isinstance(rest, DiagnosticReport):
        rest = replace(rest, status=None, category=(), performer=(), issued=None, result=(), contained=())
    return tuple(DetailLine(label, words) for label, words in details(rest, now))


def _linked(db: Database, row: RecordRow, body: bytes, since: int) -> tuple[ListedRecord, ...]:
    """The records of the same source that this one names, at most LINKED; not its patient, nor what made it."""
    references = References(db, row.source)
    found = (references.find(Reference(reference=each), _LINKABLE) for each in sorted(references_of(body)))
    ids = dict.fromkeys(record for record in found if record is not None and record != row.id)
    return tuple(listed_rows(db, list(ids)[:LINKED], since))


def stored_record(db: Database, record: int) -> StoredRecord:
    """One record with its bytes and values. Errors: record-missing."""
    stored = records.stored(db, record)
    if stored is None:
        raise UserFacingError("record-missing")
    return stored


def _previous(replaced_at: int, version_id: str | None, body: bytes) -> PreviousVersion:
    """What a replaced version said. One that this program cannot read any more keeps its bytes and says nothing."""
    try:
        before = extract(body)
    except MalformedResource:
        return PreviousVersion(replaced_at, version_id, "", None, "", body)
    own = value_words(before.values[0]) if before.values else ""
    return PreviousVersion(
        replaced_at, version_id, before.title, before.status, own or part_words(before.values[1:]), body
    )


def type_words(row: RecordRow) -> str:
    """What a record is, in a reader's words: "Test report", "Explanation of benefits"."""
    return type_in_words(row.type)
