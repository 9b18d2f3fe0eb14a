"""FHIR's datatypes as frozen values: what records are made of. Names are FHIR R4's, in snake case.

A decimal is its source's text. What a source left out is None or (). Anything here may come from a file that breaks
FHIR's rules, so no field promises more than its type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from phr_desktop.domain.records import DatePrecision, Standing

DecimalText = NewType("DecimalText", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirDate:
    """A date, dateTime or instant as written. `utc`: its start in seconds since 1970; None where it is unreadable."""

    text: str
    utc: int | None = None
    precision: DatePrecision | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    system: str | None = None
    version: str | None = None
    code: str | None = None
    display: str | None = None
    user_selected: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A CodeableConcept."""

    text: str | None = None
    coding: tuple[Coding, ...] = ()

    def codes(self) -> frozenset[str]:
        """All its codes, whatever their systems."""
        return frozenset(c.code for c in self.coding if c.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    start: FhirDate | None = None
    end: FhirDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Also Age, Duration, Count and Distance. `comparator` is one of < <= >= > ad."""

    comparator: str | None = None
    value: DecimalText | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    value: DecimalText | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    low: Quantity | None = None
    high: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    numerator: Quantity | None = None
    denominator: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledData:
    """A recorded curve. `data` as written: decimals, E, U and L, separated by spaces; `period` in milliseconds."""

    origin: Quantity | None = None
    period: DecimalText | None = None
    factor: DecimalText | None = None
    lower_limit: DecimalText | None = None
    upper_limit: DecimalText | None = None
    dimensions: int | None = None
    data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    use: str | None = None
    type: Concept | None = None
    system: str | None = None
    value: str | None = None
    period: Period | None = None
    assigner: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What another record is called here. `reference` as written: "Patient/1", "urn:uuid:...", "#inside"."""

    reference: str | None = None
    type: str | None = None
    identifier: Identifier | None = None
    display: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    author: Reference | str | None = None
    time: FhirDate | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """`data` are the decoded bytes, where they came inline; else `url` points to them, or they were not received."""

    content_type: str | None = None
    language: str | None = None
    data: bytes | None = None
    url: str | None = None
    size: int | None = None
    title: str | None = None
    creation: FhirDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanName:
    use: str | None = None
    text: str | None = None
    family: str | None = None
    given: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    suffix: tuple[str, ...] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    use: str | None = None
    type: str | None = None
    text: str | None = None
    line: tuple[str, ...] = ()
    city: str | None = None
    district: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPoint:
    """`system`: phone, fax, email, pager, url, sms or other."""

    system: str | None = None
    value: str | None = None
    use: str | None = None
    rank: int | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How often within a Timing. Units are UCUM: s, min, h, d, wk, mo, a. `when` are event codes: HS, AC, PC ..."""

    bounds: Quantity | Range | Period | None = None
    count: int | None = None
    count_max: int | None = None
    duration: DecimalText | None = None
    duration_max: DecimalText | None = None
    duration_unit: str | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    period: DecimalText | None = None
    period_max: DecimalText | None = None
    period_unit: str | None = None
    day_of_week: tuple[str, ...] = ()
    time_of_day: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    offset: int | None = None  # minutes from the event


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    event: tuple[FhirDate, ...] = ()
    repeat: Repeat | None = None
    code: Concept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseAndRate:
    type: Concept | None = None
    dose: Range | Quantity | None = None
    rate: Ratio | Range | Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dosage:
    """One instruction. `text` is the prescriber's own wording and goes before the structure."""

    sequence: int | None = None
    text: str | None = None
    additional_instruction: tuple[Concept, ...] = ()
    patient_instruction: str | None = None
    timing: Timing | None = None
    as_needed: bool | Concept | None = None
    site: Concept | None = None
    route: Concept | None = None
    method: Concept | None = None
    dose_and_rate: tuple[DoseAndRate, ...] = ()
    max_dose_per_period: Ratio | None = None
    max_dose_per_administration: Quantity | None = None
    max_dose_per_lifetime: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A resource understood. Every type adds its own elements; `OtherRecord` is for types without a class here.

    `standing` says whether it may be taken as a fact, and `standing_reason` why not, in words; None where it may.
    `unread` names elements that broke FHIR's rules and count as not given: "component[1].valueQuantity.value".
    """

    resource_type: str = ""
    id: str | None = None
    title: str = ""
    standing: Standing = Standing.STATED
    standing_reason: str | None = None
    narrative: str | None = None  # the resource's own text, without markup
    narrative_generated: bool = False  # ... made from the elements by a machine: says nothing further
    contained: tuple[Record, ...] = ()
    unread: tuple[str, ...] = ()

    def inside(self, reference: Reference | None) -> Record | None:
        """The contained record that a "#id" reference points to."""
        if reference is None or reference.reference is None or not reference.reference.startswith("#"):
            return None
        return next((r for r in self.contained if r.id in (reference.reference[1:], reference.reference)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRecord(Record):
    """A type that is kept and shown, but not understood. `elements`: path and text of each of its plain values."""

    status: str | None = None
    elements: tuple[tuple[str, str], ...] = ()
