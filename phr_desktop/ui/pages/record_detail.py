"""Any record's own page: what it says in its own words, what it said before, where it comes from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from phr_desktop.actions import records as record_actions
from phr_desktop.clock import local_now
from phr_desktop.domain import record_words
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.records import Kind, RecordRow, Standing
from phr_desktop.domain.results import DetailLine, RecordPage
from phr_desktop.queries import records
from phr_desktop.ui.models.record_items import date_words, exact_date
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.record_cards import details_card, linked_card, source_card, standing_banner, versions_card
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.scroll_page import ScrollPage


class RecordDetailPage(Page):
    """Opened with `record`, the vault's own id. Opening it ends "new here"."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._record: int | None = None
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
        self.ask(lambda: records.record_page(vault, clock, record), self._show)

    def clear(self) -> None:
        self._record = None
        self.body.empty()

    def _show(self, page: RecordPage) -> None:
        row = page.listed.row
        if page.person.id != self.person_id or row.id != self._record:
            return
        place = self.body.verticalScrollBar().value()
        self.body.empty()
        now = local_now(self.context.services.clock)
        self.body.add(self._header(row))
        banner = standing_banner(page, now)
        if banner is not None:
            self.body.add(banner)
        cards = (
            details_card(self._head(row, now), self._lines(page)),
            versions_card(page, now, self),
            linked_card(page.linked, now, self.context),
            source_card(page, now, self),
        )
        for card in cards:
            if card is not None:
                self.body.add(card)
        self.body.end()
        self.body.verticalScrollBar().setValue(place)
        if page.listed.is_new:
            services = self.context.services
            vault, clock = services.vault, services.clock
            self.context.bridge.run_action(lambda: record_actions.mark_opened(vault, clock, row.person, row.id))

    def _header(self, row: RecordRow) -> PageHeader:
        state = record_words.status_words(row) if row.standing is Standing.STATED else ""
        chips = [Chip(state, Tone.ACCENT if record_words.is_ongoing(row) else Tone.NEUTRAL)] if state else []
        return PageHeader(
            record_words.title_words(row),
            records.type_words(row),
            buttons=chips,
            back=self.tr("Records"),
            went_back=lambda: self.context.navigate("records", section=_section(row).value),
        )

    def _head(self, row: RecordRow, now: datetime) -> str:
        """The date; that none was given is said only of what has one: a clinic or a doctor has none."""
        dated = row.date is not None or row.kind is not Kind.RECORDS
        return date_words(row, now, long=True) if dated else self.tr("Details")

    def _lines(self, page: RecordPage) -> list[DetailLine]:
        """What the record says; its exact date where nothing else is said."""
        now = local_now(self.context.services.clock)
        return list(page.details) or [DetailLine(self.tr("Date"), exact_date(page.listed.row, now))]


def _section(row: RecordRow) -> Kind:
    """The list of the Records page in which the record stands."""
    return row.kind if row.kind in records.SECTIONS else Kind.RECORDS
