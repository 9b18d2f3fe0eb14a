"""One result: its value in its own laboratory's range, its parts, its course over time, where it comes from."""

from __future__ import annotations

from array import array
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.actions import records as record_actions
from phr_desktop.clock import local_now
from phr_desktop.domain import plain_tests, result_words
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.records import Kind, ObservationValue, RecordRow, Standing, ValueKind
from phr_desktop.domain.results import ListedRecord, Phone, RangeGiven, ResultPage
from phr_desktop.domain.words import count_words
from phr_desktop.queries.result_page import result_page
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_items import (
    date_words,
    exact_date,
    inner_item,
    part_item,
    place_of,
    result_item,
    tone_of,
)
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.record_cards import (
    copyable,
    details_card,
    linked_card,
    page_of,
    short_list,
    source_card,
    standing_banner,
    versions_card,
    with_title,
)
from phr_desktop.ui.tokens import SPACE_L, SPACE_S, Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.bars import RangeBar
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.flow_layout import FlowLayout, in_line
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import LineText, Text
from phr_desktop.ui.widgets.trend_card import TrendCard

_LONG_VALUE = 24  # characters after which a value is text to read, not a figure to see


class ResultDetailPage(Page):
    """Opened with `record`, the vault's own id of a result or a measurement. Opening it ends "new here"."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._record: int | None = None
        self._as_table = False
        self.trend: TrendCard | None = None
        self.body = ScrollPage()
        self.whole.addWidget(self.body)

    def opened(self, record: int = 0, **_arguments: Any) -> None:
        self.clear()
        self._record = record

    def refresh(self) -> None:
        record = self._record
        if record is None:
            return
        services = self.context.services
        vault, clock = services.vault, services.clock
        self.ask(lambda: result_page(vault, clock, record), self._show)

    def clear(self) -> None:
        self._record = None
        self._empty()

    # --- what is shown

    def _show(self, page: ResultPage) -> None:
        if page.record.person.id != self.person_id or page.record.listed.row.id != self._record:
            return
        place = self.body.verticalScrollBar().value()
        self._empty()
        now = local_now(self.context.services.clock)
        row = page.record.listed.row
        self.body.add(self._header(page))
        for banner in (standing_banner(page.record, now), self._critical(page)):
            if banner is not None:
                self.body.add(banner)
        for card in self._cards(page, now):
            self.body.add(card)
        self.body.end()
        self.body.verticalScrollBar().setValue(place)
        if page.record.listed.is_new:
            self._mark_opened(row)

    def _cards(self, page: ResultPage, now: datetime) -> list[QWidget]:
        """The cards of the page, from the value down to where it comes from."""
        record = page.record
        stated = record.listed.row.standing is Standing.STATED
        cards = [
            self._value_card(page, now),
            self._parts_card(page) if stated else None,
            self._members_card(page, now),
            self._trend_card(page, now) if stated else None,
            versions_card(record, now, self),
            details_card(self.tr("More about this result"), record.details),
            linked_card(self._linked(page), now, self.context),
            source_card(record, now, self, laboratory=page.laboratory),
        ]
        return [card for card in cards if card is not None]

    def _header(self, page: ResultPage) -> PageHeader:
        row = page.record.listed.row
        measured = row.kind is Kind.MEASUREMENTS
        above = self.tr("Measurements") if measured else self.tr("Results")
        buttons = []
        if page.documents:
            open_report = self.tr("Open the report")
            buttons.append(OutlineButton(open_report, lambda: self.context.navigate("document", record=row.id)))
        return PageHeader(
            row.title,
            self._subtitle(page),
            buttons=buttons,
            back=above,
            went_back=lambda: self._go_up(measured),
        )

    def _subtitle(self, page: ResultPage) -> str:
        row = page.record.listed.row
        what = self.tr("Test report") if row.type == "DiagnosticReport" else ""
        date = date_words(row, local_now(self.context.services.clock), long=True) if _stands_alone(page) else ""
        return " \u00b7 ".join(part for part in (date, what or plain_tests.measures(row.system, row.code)) if part)

    def _critical(self, page: ResultPage) -> Banner | None:
        """The one warning that is the laboratory's own, with the number to call where there is one."""
        if not page.critical:
            return None
        return Banner(self._critical_words(page.phone), Tone.ERROR, dismissible=False)

    def _critical_words(self, phone: Phone | None) -> str:
        marked = self.tr("The lab marked this critical. If nobody has called you, call now")
        if phone is None:
            return f"{marked}: {self.tr('your doctor, or the clinic that ordered the test.')}"
        return fill("%1: %2, %3.", marked, phone.name, phone.number)

    def _value_card(self, page: ResultPage, now: datetime) -> Card | None:
        """Date, value, range and what the laboratory said of it."""
        row, values = page.record.listed.row, page.record.values
        value = values[0] if values else None
        if _stands_alone(page):
            return None
        card = Card(date_words(row, now, long=True))
        card.title.setToolTip(exact_date(row, now))
        stage = result_words.stage_words(row.status)
        if stage:
            card.add(in_line(Chip(stage, Tone.WARNING)))
        said = result_words.value_words(value)
        if row.standing is not Standing.STATED:
            card.add(Text(self.tr("The value is in the original record."), "body", "muted", wrap=True))
        elif value is not None and said:
            card.add(self._value_line(value, said, result_words.owner(row.category)))
            self._add_ranges(card, page, value)
        elif not stage:
            card.add(Text(self.tr("No value was given with this result."), "body", "muted", wrap=True))
        return card

    def _value_line(self, value: ObservationValue, said: str, by: str) -> QWidget:
        if len(said) > _LONG_VALUE or value.kind in (ValueKind.STRING, ValueKind.ABSENT):
            return self._worded_value(value, said, by)
        line = QWidget()
        flow = FlowLayout(line, spacing=SPACE_L)
        figure = copyable(LineText(said, "title"))
        told = self._told(value, by)
        figure.setAccessibleName(", ".join(part for part in (said, told) if part))
        flow.addWidget(figure)
        number = result_words.number(value)
        if number is not None and place_of(value) is not None:
            low, high = result_words.limit(value.low), result_words.limit(value.high)
            flow.addWidget(RangeBar(number, low, high, told, tone=tone_of(value), comparator=value.comparator or ""))
        if told:
            flow.addWidget(LineText(told, "body", "muted"))
        return line

    def _worded_value(self, value: ObservationValue, said: str, by: str) -> QWidget:
        """A value to read, and below it what its source said of it: "the lab marked it abnormal"."""
        text = copyable(Text(said, "section", wrap=True))
        told = self._told(value, by)
        if not told:
            return text
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(text)
        column.addWidget(Text(f"{told[0].upper()}{told[1:]}", "body", "muted", wrap=True))
        return both

    def _told(self, value: ObservationValue, by: str) -> str:
        """ "the lab marked it high; its range is 4.0 to 5.6"."""
        mark, given = result_words.mark_words(value, by), result_words.spoken_range(value)
        marked = f"the {mark}" if mark and by == "lab" else mark
        if given and by == "lab":
            return (
                fill(self.tr("%1; its range is %2"), marked, given)
                if marked
                else fill(self.tr("the lab's range is %1"), given)
            )
        ranged = fill(self.tr("the range given with it is %1"), given) if given else ""
        return "; ".join(part for part in (marked, ranged) if part)

    def _add_ranges(self, card: Card, page: ResultPage, value: ObservationValue) -> None:
        """All ranges where there are several, none chosen; and that a person's own goal may differ."""
        if len(page.ranges) > 1:
            card.add(Text(self.tr("Several ranges came with this result:"), "body", wrap=True))
            for given in page.ranges:
                card.add(Text(_range_with_whom(given), "body", "muted", wrap=True))
        elif page.ranges and (page.ranges[0].applies_to or not result_words.range_words(value)):
            said = fill(self.tr("Range given with it: %1"), _range_with_whom(page.ranges[0]))
            card.add(Text(said, "body", "muted", wrap=True))
        elif more := result_words.more_of_range(value):
            card.add(Text(more, "small", "muted", wrap=True))
        if result_words.range_words(value) or page.ranges:
            lab = result_words.owner(page.record.listed.row.category) == "lab"
            whose = self.tr("Range given by the laboratory on this result.") if lab else ""
            goal = self.tr("Your own goal may differ: ask your doctor.")
            card.add(Text(f"{whose} {goal}".strip(), "small", "muted", wrap=True))

    def _parts_card(self, page: ResultPage) -> QWidget | None:
        """The components of a panel, or the results that a report carries inside itself."""
        row = page.record.listed.row
        by = result_words.owner(row.category)
        items = [part_item(part, by) for part in page.record.values[1:]] + [inner_item(each) for each in page.inner]
        if not items:
            return None
        view = short_list(fill(self.tr("Parts of %1"), row.title), array("q", range(len(items))), items)
        return with_title(self.tr("Its parts"), view)

    def _members_card(self, page: ResultPage, now: datetime) -> QWidget | None:
        """The results that a report or a panel is made of; each opens."""
        if not page.members and not page.members_missing:
            return None
        missing = count_words(page.members_missing, self.tr("result"), self.tr("results"))
        sentence = self.tr("%1 of this report did not come. That does not mean that they were not done.")
        note = fill(sentence, missing) if page.members_missing else ""
        if not page.members:
            return with_title(self.tr("In this report"), Text(note, "body", "muted", wrap=True))
        rows = {member.row.id: member.row for member in page.members}
        view = short_list(
            self.tr("Results in this report"), array("q", rows), [result_item(each, now) for each in page.members]
        )
        view.opened.connect(lambda record: self.context.navigate(page_of(rows[record]), record=record))
        return with_title(self.tr("In this report"), view, note)

    def _trend_card(self, page: ResultPage, now: datetime) -> TrendCard | None:
        if not page.trend:
            return None
        self.trend = TrendCard(page.trend, page.record.listed.row.id, page.source_names, now)
        here = "measurement" if page.record.listed.row.kind is Kind.MEASUREMENTS else "result"
        self.trend.chosen.connect(lambda record: self.context.navigate(here, record=record))
        if self._as_table:
            self.trend.turn()
        return self.trend

    # --- inside

    def _linked(self, page: ResultPage) -> list[ListedRecord]:
        """What the record names besides the results that stand above."""
        shown = {member.row.id for member in page.members}
        return [each for each in page.record.linked if each.row.id not in shown]

    def _go_up(self, measured: bool) -> None:
        if measured:
            self.context.navigate("records", section=Kind.MEASUREMENTS.value)
        else:
            self.context.navigate("results")

    def _empty(self) -> None:
        self._as_table = self.trend is not None and self.trend.shows_table and self._record is not None
        self.trend = None
        self.body.empty()

    def _mark_opened(self, row: RecordRow) -> None:
        services = self.context.services
        vault, clock = services.vault, services.clock
        self.context.bridge.run_action(lambda: record_actions.mark_opened(vault, clock, row.person, row.id))


def _range_with_whom(given: RangeGiven) -> str:
    return f"{given.words} ({given.applies_to})" if given.applies_to else given.words


def _stands_alone(page: ResultPage) -> bool:
    """A report or panel of which nothing is to be said but what its parts say: its date stands under its title."""
    row, values = page.record.listed.row, page.record.values
    silent = not (values and result_words.value_words(values[0])) and not result_words.stage_words(row.status)
    return silent and row.standing is Standing.STATED and bool(page.members or page.inner or len(values) > 1)
