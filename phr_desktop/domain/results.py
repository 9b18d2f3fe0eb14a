"""Records as lists and their own pages show them: results with what the laboratory said, and everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from phr_desktop.domain.fhir_types import Record
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import Person, Source
from phr_desktop.domain.records import Kind, ObservationValue, RecordRow, SearchHit, TrendPoint


class Marking(IntEnum):
    """How the source itself marked a value, by its interpretation codes alone; nothing is computed."""

    NOT_MARKED = 0
    NORMAL = 1
    MARKED = 2  # high, low, abnormal, positive ...
    CRITICAL = 3  # HH, LL, AA


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A record as a list shows it. `parts` are the components of an Observation that has no value of its own."""

    row: RecordRow
    parts: tuple[ObservationValue, ...]
    source_name: str
    is_new: bool  # received here and not opened yet; says nothing about the record's own date
    sureness: str = ""  # "not confirmed": its source is not sure of it


@dataclass(frozen=True, slots=True)
class RangeGiven:
    """One reference range as its source wrote it, in words, and for whom it is meant ("" where it does not say)."""

    words: str
    applies_to: str


@dataclass(frozen=True, slots=True)
class Phone:
    """Who to call about a critical result."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class DetailLine:
    """One label and its words on a record's page."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class PreviousVersion:
    """What the source said until it changed the record. `replaced_at`: seconds since 1970 UTC, when we learned it."""

    replaced_at: int
    version_id: str | None
    title: str
    status: str | None
    value: str  # in words; "" for what has none
    body: bytes


@dataclass(frozen=True, slots=True)
class TrendSeries:
    """Values that may stand on one line: one code, unit, method, category and origin; oldest first.

    `points` can be drawn; `untimed` have no date, or a value that is no number: they stand in the table only.
    """

    title: str
    unit: str
    method: str | None
    category: str | None
    by_patient: bool  # entered or measured by the person, not by a laboratory or clinic
    points: tuple[TrendPoint, ...]
    untimed: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record's own page.

    `understood` is None for bytes that cannot be read any more. `details` are its further facts, without those that
    a result's page shows itself. `linked` are the records of its source that it names, without its patient.
    """

    listed: ListedRecord
    person: Person
    source: Source
    values: tuple[ObservationValue, ...]
    understood: Record | None
    reason: str  # why it is no fact, by its source; "" for a fact
    details: tuple[DetailLine, ...]
    linked: tuple[ListedRecord, ...]
    versions: tuple[PreviousVersion, ...]  # newest first
    version_id: str | None
    last_updated: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class InnerResult:
    """A result that a report carries inside itself, in words; it has no page of its own."""

    title: str
    value: str
    remark: str


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A result's own page: the record, what hangs together with it, and its values over time."""

    record: RecordPage
    ranges: tuple[RangeGiven, ...]  # all of them where the source gave more than one
    members: tuple[ListedRecord, ...]  # of a report or a panel, in its order
    members_missing: int  # named by the report, not received
    inner: tuple[InnerResult, ...]
    laboratory: str  # who performed it, "" where not said
    critical: bool  # a fact of which its source marked a value critical, a part's included
    phone: Phone | None
    documents: int  # parts of the report that open as documents
    trend: tuple[TrendSeries, ...]
    source_names: dict[int, str]  # of all sources of the person, by id


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one source said when it was asked for a kind of record. `state` None: files, which are never asked."""

    source_name: str
    state: LedgerState | None
    asked_at: int | None  # seconds since 1970 UTC


@dataclass(frozen=True, slots=True)
class Section:
    """A list of the Records page: how many records are stated as facts, and how many are withdrawn or not done."""

    kind: Kind
    stated: int
    not_facts: int


@dataclass(frozen=True, slots=True)
class OtherType:
    """A type without a list of its own, in a reader's words."""

    type: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, newest first; `more` where only the newest are given."""

    hits: tuple[SearchHit, ...]
    more: bool
    sureness: Mapping[int, str] = field(default_factory=dict)  # "not confirmed", by the record's id
