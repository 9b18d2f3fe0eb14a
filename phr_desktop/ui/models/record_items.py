"""How records read as rows of a list: every word is the source's own, or says who said it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from phr_desktop.domain import record_words, result_words, words
from phr_desktop.domain.records import Kind, ObservationValue, RecordRow, SearchHit, Standing
from phr_desktop.domain.results import InnerResult, ListedRecord, Marking
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_list import RecordItem
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.bars import RangePlace, range_place

_TONES = {Marking.MARKED: Tone.WARNING, Marking.CRITICAL: Tone.ERROR}
_DOT = " \u00b7 "


def tr(text: str) -> str:
    return QCoreApplication.translate("record_items", text)


def tone_of(value: ObservationValue | None) -> Tone:
    """Coloured only where the source itself marked the value."""
    return _TONES.get(result_words.marking(value), Tone.NEUTRAL)


def place_of(value: ObservationValue | None) -> RangePlace | None:
    """Where the value lies in its own source's range; None where it has no number or came with no range."""
    number = result_words.number(value)
    if value is None or number is None:
        return None
    return range_place(number, result_words.limit(value.low), result_words.limit(value.high))


def date_words(row: RecordRow, now: datetime, *, long: bool = False) -> str:
    return words.written_date(row.date, row.date_utc, row.date_precision, row.zone, now, long=long)


def exact_date(row: RecordRow, now: datetime) -> str:
    return words.exact_date(row.date, row.date_utc, row.date_precision, row.zone, now)


def gone_words(row: RecordRow, now: datetime) -> str:
    if row.gone_at is None:
        return ""
    return fill(tr("no longer at the portal since %1"), words.moment_words(row.gone_at, now))


def result_item(listed: ListedRecord, now: datetime) -> RecordItem:
    """A result or a measurement: title, date and the source's remark, value with its range."""
    row = listed.row
    by = result_words.owner(row.category)
    stated = row.standing is Standing.STATED
    value = row.value if stated else None
    remark = result_words.remark(value, by)
    told = [
        record_words.not_fact_words(row),
        tr("report") if row.type == "DiagnosticReport" else "",
        remark,
        result_words.part_words(listed.parts) if stated else "",
        result_words.stage_words(row.status) if stated else "",
        gone_words(row, now),
    ]
    critical = result_words.marking(value) is Marking.CRITICAL
    return RecordItem(
        main=row.title,
        detail=_DOT.join(part for part in (date_words(row, now), *told) if part),
        value=result_words.value_words(value),
        chip=tr("critical") if critical else tr("New here") if listed.is_new else "",
        chip_tone=Tone.ERROR if critical else Tone.ACCENT,
        sentence=_result_sentence(listed, value, by, told, now),
        exact=exact_date(row, now),
        tone=tone_of(value),
        range_place=place_of(value),
        hollow=bool(value is not None and value.comparator),
    )


def part_item(part: ObservationValue, by: str) -> RecordItem:
    """One component of a panel."""
    critical = result_words.marking(part) is Marking.CRITICAL
    remark = result_words.remark(part, by)
    said = [part.title, result_words.value_words(part), result_words.mark_words(part, by)]
    return RecordItem(
        main=part.title,
        detail=remark,
        value=result_words.value_words(part),
        chip=tr("critical") if critical else "",
        chip_tone=Tone.ERROR,
        sentence=_sentence([*said, result_words.whose_range(part, by, spoken=True)]),
        tone=tone_of(part),
        range_place=place_of(part),
        hollow=bool(part.comparator),
    )


def inner_item(inner: InnerResult) -> RecordItem:
    """A result inside a report: words only, since it is no record of its own."""
    return RecordItem(main=inner.title, detail=inner.remark, value=inner.value)


def record_item(listed: ListedRecord, now: datetime, kind_words: str = "") -> RecordItem:
    """Any other record: title, its state and source, date at the right. `kind_words`: what it is, where lists mix."""
    row = listed.row
    stated = row.standing is Standing.STATED
    ongoing = stated and record_words.is_ongoing(row)
    state = record_words.status_words(row)
    told = [
        kind_words,
        record_words.not_fact_words(row),
        record_words.visit_words(row),
        "" if ongoing or not stated else state,
        listed.sureness,
        result_value_words(listed) if stated else "",
        listed.source_name,
        gone_words(row, now),
    ]
    detail = [part for part in told if part]
    spoken = [record_words.title_words(row), state if ongoing else "", *detail, date_words(row, now, long=True)]
    return RecordItem(
        main=record_words.title_words(row),
        detail=_DOT.join(detail),
        chip=state if ongoing else tr("New here") if listed.is_new else "",
        chip_tone=Tone.NEUTRAL if ongoing else Tone.ACCENT,
        date=date_words(row, now),
        sentence=_sentence([*spoken, tr("new here") if listed.is_new else ""]),
        exact=exact_date(row, now),
    )


def link_item(listed: ListedRecord, now: datetime, kind_words: str) -> RecordItem:
    """A record that another one names: what it is, and when."""
    row = listed.row
    told = (kind_words, record_words.not_fact_words(row), listed.sureness, gone_words(row, now))
    detail = [part for part in told if part]
    dated = row.date is not None
    return RecordItem(
        main=record_words.title_words(row),
        detail=_DOT.join(detail),
        date=date_words(row, now) if dated else "",
        sentence=_sentence([record_words.title_words(row), *detail, date_words(row, now, long=True) if dated else ""]),
        exact=exact_date(row, now) if dated else "",
    )


def hit_item(hit: SearchHit, now: datetime, kind_words: str, sureness: str = "") -> RecordItem:
    """A record that search found: whose it is comes first, since a family's records stand side by side."""
    row = hit.row
    stated = row.standing is Standing.STATED
    value = result_words.value_words(row.value) if stated else ""
    told = [hit.person_name, kind_words, record_words.not_fact_words(row), sureness, gone_words(row, now)]
    detail = [part for part in told if part]
    return RecordItem(
        main=record_words.title_words(row),
        detail=_DOT.join(detail),
        value=value,
        date=date_words(row, now),
        sentence=_sentence([record_words.title_words(row), value, *detail, date_words(row, now, long=True)]),
        exact=exact_date(row, now),
        tone=tone_of(row.value) if stated else Tone.NEUTRAL,
    )


def item_for(listed: ListedRecord, now: datetime, kind_words: str = "") -> RecordItem:
    """The row as its own list shows it."""
    if listed.row.kind in (Kind.RESULTS, Kind.MEASUREMENTS):
        return result_item(listed, now)
    return record_item(listed, now, kind_words)


def result_value_words(listed: ListedRecord) -> str:
    """What a finding says (smoking: never): words, since no laboratory stands behind it."""
    return result_words.value_words(listed.row.value) or result_words.part_words(listed.parts)


def _result_sentence(
    listed: ListedRecord, value: ObservationValue | None, by: str, told: list[str], now: datetime
) -> str:
    row = listed.row
    critical = result_words.marking(value) is Marking.CRITICAL
    spoken = [
        row.title,
        result_words.value_words(value),
        fill(tr("the %1 marked this critical"), by) if critical else "",
        result_words.mark_words(value, by),
        result_words.whose_range(value, by, spoken=True),
        *(part for part in told if part and part != result_words.remark(value, by)),
        date_words(row, now, long=True),
        tr("new here") if listed.is_new else "",
    ]
    return _sentence(spoken)


def _sentence(parts: list[str]) -> str:
    return ", ".join(part for part in parts if part)
