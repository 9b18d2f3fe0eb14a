"""One code's values over time, split so that only what may be compared stands on one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from phr_desktop.clock import Clock
from phr_desktop.domain.clinical import Observation
from phr_desktop.domain.records import ObservationValue, RecordRow, TrendPoint, ValueKind
from phr_desktop.domain.result_words import number, owner, unit_words
from phr_desktop.domain.results import TrendSeries
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.fhir.read import read
from phr_desktop.queries.references import type_of
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


class _Line(NamedTuple):
    """What must be equal for two values to stand on one line."""

    unit: str
    method: str | None
    laboratory: bool
    by_patient: bool


def trend(vault: Vault, _clock: Clock, record: int) -> tuple[TrendSeries, ...]:
    """Every series of the record's own value and of each of its components; the record's own line first.

    Empty for a record without a code, and for one that stands alone: one value is no course over time.
    """

    def question(db: Database) -> tuple[TrendSeries, ...]:
        stored = records.stored(db, record)
        return () if stored is None else series_of(db, stored.row, stored.values)

    return vault.read(question)


def series_of(db: Database, row: RecordRow, values: Iterable[ObservationValue]) -> tuple[TrendSeries, ...]:
    """As `trend`, inside a question to the vault."""
    if row.type != "Observation" or row.code is None:
        return ()
    found: list[TrendSeries] = []
    for value in values:
        if value.kind == ValueKind.NONE or (value.position and value.code is None):
            continue
        component = (value.system, value.code) if value.position and value.code is not None else None
        points = records.trend(db, row.person, row.system, row.code, component)
        if len(points) > 1:
            by_patient = {point.record for point in points if _is_by_patient(db, point.record)}
            found += _series(value.title, points, row.id, by_patient)
    return tuple(found)


def _is_by_patient(db: Database, record: int) -> bool:
    """Whether the person, or somebody of the family, measured it. A record that names no performer does not say so."""
    body = records.body(db, record) or b""
    if b'"performer"' not in body:
        return False
    try:
        understood = read(body)
    except MalformedResource:
        return False
    performers = understood.performer if isinstance(understood, Observation) else ()
    return any(type_of(each) in ("Patient", "RelatedPerson") for each in performers)


def _series(title: str, points: list[TrendPoint], record: int, by_patient: set[int]) -> list[TrendSeries]:
    """The lines of one code: that of the record first, then those with most values."""
    lines: dict[_Line, list[TrendPoint]] = {}
    worded: list[TrendPoint] = []
    for point in points:
        if number(point.value) is None:
            worded.append(point)
        else:
            lines.setdefault(_line(point, by_patient), []).append(point)
    ordered = sorted(lines.items(), key=lambda item: (not _holds(item[1], record), -len(item[1])))
    found = [_one(title, line, members) for line, members in ordered]
    if not worded:
        return found
    if len(found) == 1:
        only = found[0]
        merged = sorted((*only.untimed, *worded), key=lambda point: (point.date_utc is None, point.date_utc or 0))
        return [TrendSeries(title, only.unit, only.method, only.category, only.by_patient, only.points, tuple(merged))]
    return [*found, TrendSeries(title, "", None, worded[-1].category, False, (), tuple(worded))]


def _one(title: str, line: _Line, members: list[TrendPoint]) -> TrendSeries:
    return TrendSeries(
        title,
        unit_words(members[-1].value.unit),
        line.method,
        members[-1].category,
        line.by_patient,
        tuple(point for point in members if point.date_utc is not None),
        tuple(point for point in members if point.date_utc is None),
    )


def _line(point: TrendPoint, by_patient: set[int]) -> _Line:
    value = point.value
    laboratory = owner(point.category) == "lab"
    return _Line(value.unit_code or value.unit or "", value.method, laboratory, point.record in by_patient)


def _holds(members: list[TrendPoint], record: int) -> bool:
    return any(point.record == record for point in members)
