"""What the vault keeps of a resource beside its bytes, and what a list shows of it.

Names are FHIR R4's where FHIR has one. Decimals are kept as the source wrote them, as text, everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Standing(IntEnum):
    """What a record means, by `safety.md`: only a STATED one is ever shown, charted or counted as a fact."""

    STATED = 0
    WITHDRAWN = 1  # entered-in-error
    REFUTED = 2  # verificationStatus refuted
    NOT_DONE = 3  # status not-done
    NOT_TAKEN = 4  # status not-taken
    CANCELLED = 5  # status cancelled, revoked, abandoned, declined, rejected, noshow where they negate
    PROHIBITED = 6  # doNotPerform
    UNKNOWN_MODIFIER = 7  # a modifierExtension that this program does not know


class Kind(StrEnum):
    """The lists that a person asks for; the command line's words."""

    MEDICATIONS = "medications"  # MedicationRequest, MedicationStatement, MedicationDispense
    APPOINTMENTS = "appointments"
    RESULTS = "results"  # laboratory Observation, DiagnosticReport
    MEASUREMENTS = "measurements"  # vital-signs Observation
    CONDITIONS = "conditions"
    ALLERGIES = "allergies"
    IMMUNIZATIONS = "immunizations"
    PROCEDURES = "procedures"
    ENCOUNTERS = "encounters"
    DOCUMENTS = "documents"  # DocumentReference
    RECORDS = "records"  # every type; as a stored kind: every type that is none of the above


class DatePrecision(StrEnum):
    """How much of a date the source gave; nothing is ever added to it."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    TIME = "time"


class ValueKind(StrEnum):
    """Which `value[x]` an Observation or a component carried."""

    QUANTITY = "quantity"
    CONCEPT = "concept"
    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    RANGE = "range"
    RATIO = "ratio"
    SAMPLED = "sampled"
    TIME = "time"
    DATE_TIME = "date-time"
    PERIOD = "period"
    ABSENT = "absent"  # dataAbsentReason instead of a value
    NONE = "none"  # neither: a panel, whose members or components carry the values


class ObservationValue(NamedTuple):
    """One value of an Observation: its own (position 0) or a component's (1, 2, ...).

    `low` and `high` are set only where the source gave exactly one range that can be the normal one; `range_count`
    says how many it gave (more than one: read them from the resource). `interpretation` is the lab's own codes,
    joined by spaces (`H`, `LL`, `A` ...); nothing is ever computed.
    """

    position: int
    system: str | None
    code: str | None
    title: str
    kind: str
    comparator: str | None  # < <= >= > ad
    value: str | None  # as written
    unit: str | None
    unit_code: str | None
    low: str | None
    high: str | None
    range_text: str | None
    range_count: int
    interpretation: str | None
    interpretation_text: str | None
    method: str | None
    absent_reason: str | None


class AttachmentLink(NamedTuple):
    """A document that a resource carries or points to.

    Either `data` (inline bytes, decoded) or `url` (Binary or elsewhere) is set, or neither: "not received".
    """

    position: int
    content_type: str | None
    title: str | None
    url: str | None
    data: bytes | None
    size: int | None
    hash: str | None  # the source's own SHA-1, base64


class Extracted(NamedTuple):
    """What is read once from a resource's bytes and kept in columns. Made by `fhir.extract`, stored by the vault."""

    type: str
    identity: str  # FHIR id; else "url:" + fullUrl; else "sha256:" + hex of the content hash
    version_id: str | None
    last_updated: str | None
    kind: str  # a Kind value
    date: str | None  # as written
    date_utc: int | None  # seconds since 1970 UTC, start of a partial date; the sort key
    date_precision: str | None  # a DatePrecision value
    zone: str | None  # "Z", "+02:00"; None where the source gave none
    status: str | None
    standing: int  # a Standing value
    system: str | None
    code: str | None
    category: str | None
    title: str  # never blank
    content_hash: bytes  # SHA-256 of canonical JSON without meta.versionId and meta.lastUpdated
    codec: int  # 0: `body` is as its source sent it; else it is packed already, for the vault that it is meant for
    body: bytes
    text: str  # what full-text search finds it by
    subject: str | None  # reference to the patient it is about, as written; None where the type or source has none
    values: tuple[ObservationValue, ...]  # of an Observation, its own first; empty of every other type
    attachments: tuple[AttachmentLink, ...]

    @property
    def fhir_id(self) -> str | None:
        return fhir_id_of(self.identity)


def fhir_id_of(identity: str) -> str | None:
    """The id that the source gave; None where the identity stands for one."""
    return None if identity.startswith(("url:", "sha256:")) else identity


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record as a list shows it: columns only, no JSON read."""

    id: int
    person: int
    source: int
    type: str
    fhir_id: str | None
    kind: Kind
    date: str | None
    date_utc: int | None
    date_precision: DatePrecision | None
    zone: str | None
    status: str | None
    standing: Standing
    system: str | None
    code: str | None
    category: str | None
    title: str
    received_at: int  # when this vault first had it, seconds since 1970 UTC
    changed_at: int | None  # when the source last changed it
    gone_at: int | None  # when the portal was first seen without it
    value: ObservationValue | None = None  # position 0 of an Observation


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record with the source's bytes and its values, for one record's own page."""

    row: RecordRow
    version_id: str | None
    last_updated: str | None
    body: bytes
    values: tuple[ObservationValue, ...]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One dated value of a code, with the range that came with it."""

    record: int
    source: int
    date: str | None
    date_utc: int | None
    date_precision: DatePrecision | None
    zone: str | None
    category: str | None
    status: str | None
    value: ObservationValue


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record found by full text, newest first."""

    row: RecordRow
    person_name: str
