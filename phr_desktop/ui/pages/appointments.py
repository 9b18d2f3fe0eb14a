"""Visits of the person shown: what is ahead, soonest first; what is over; and what was called off."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.clock import local_now
from phr_desktop.domain.appointments import Visit, Visits
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.words import count_words
from phr_desktop.queries.appointments import appointments
from phr_desktop.ui.fill import fill
from phr_desktop.ui.join_visit import join_button
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.models.visit_views import (
    away_words,
    day_words,
    exact_words,
    short_when,
    spoken,
    state_chip,
    time_words,
    video_words,
    with_whom,
)
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.tokens import SPACE_M, Tone
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.page_header import PageHeader, SectionTitle
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import Text

MOST_CARDS = 30


class AppointmentsPage(Page):
    """Opens one with `navigate("appointment", record=...)`."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.visits: Visits | None = None
        calendar = OutlineButton(self.tr("Calendar &files"), lambda: context.navigate("settings", section="calendar"))
        self.header = PageHeader(self.tr("Appointments"), buttons=[calendar])
        self.ahead = QWidget()
        self._ahead = QVBoxLayout(self.ahead)
        self._ahead.setContentsMargins(0, 0, 0, 0)
        self._ahead.setSpacing(SPACE_M)
        self.more = OutlineButton("", self._show_all)
        self.nothing_ahead = Text(
            self.tr(
                "Nothing is booked as far as the sources say. A visit that you arranged by telephone may be missing."
            ),
            "body",
            "muted",
            wrap=True,
        )
        self.past = _List(self.tr("Past visits"), self._open)
        self.withdrawn = _List(self.tr("Called off or not kept"), self._open, folded=True)
        self.empty = EmptyState(
            self.tr("No appointments received"),
            self.tr("No source has sent any. Many portals do not offer them: Sources & sync says which."),
            button=self.tr("Connect a portal..."),
            clicked=context.connect_portal,
            icon="appointments",
        )
        self._build()
        self.clear()

    def refresh(self) -> None:
        services, person = self.context.services, self.person_id
        if person is None:
            return
        vault, clock = services.vault, services.clock
        self.ask(lambda: appointments(vault, clock, person), self._show)

    def clear(self) -> None:
        self.visits = None
        self.header.set_subtitle("")
        self._clear_ahead()
        for each in (self.past, self.withdrawn):
            each.show_items(())
            each.hide()
        for widget in (self.ahead_title, self.ahead, self.nothing_ahead, self.more, self.empty):
            widget.hide()

    # --- inside

    def _build(self) -> None:
        body = ScrollPage()
        self.ahead_title = SectionTitle(self.tr("Coming up"))
        for widget in (self.header, self.empty, self.ahead_title, self.nothing_ahead, self.ahead):
            body.add(widget)
        body.column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeading)
        for each in (self.past, self.withdrawn):
            body.add(each)
        body.end()
        self.whole.addWidget(body)

    def _show(self, visits: Visits) -> None:
        self.visits = visits
        everything = (*visits.upcoming, *visits.past, *visits.withdrawn)
        now = local_now(self.context.services.clock)
        self.empty.setVisible(not everything)
        self.ahead_title.setVisible(bool(everything))
        self.nothing_ahead.setVisible(bool(everything) and not visits.upcoming)
        self.header.set_subtitle(self._counted(visits) if everything else "")
        self._show_ahead(visits.upcoming, now, MOST_CARDS)
        self.past.show_items([(visit.record, _item(visit, now)) for visit in visits.past])
        self.withdrawn.show_items([(visit.record, _item(visit, now)) for visit in visits.withdrawn])

    def _show_ahead(self, upcoming: Sequence[Visit], now: datetime, most: int) -> None:
        self._clear_ahead()
        for visit in upcoming[:most]:
            self._ahead.addWidget(self._card(visit, now))
        self.ahead.setVisible(bool(upcoming))
        rest = len(upcoming) - most
        self.more.setVisible(rest > 0)
        self.more.setText(fill(self.tr("Show %1 more"), f"{rest:,}"))

    def _show_all(self) -> None:
        if self.visits is not None:
            now = local_now(self.context.services.clock)
            self._show_ahead(self.visits.upcoming, now, len(self.visits.upcoming))

    def _card(self, visit: Visit, now: datetime) -> Card:
        card = Card()
        card.setAccessibleName(spoken(visit, now))
        right: list[QWidget] = []
        chip, tone = state_chip(visit)
        if chip:
            right.append(Chip(chip, tone))
        away = away_words(visit, now)
        if away:
            right.append(Chip(away, Tone.ACCENT if away in (self.tr("today"), self.tr("tomorrow")) else Tone.NEUTRAL))
        join = join_button(visit)
        if join is not None:
            right.append(join)
        details = OutlineButton(self.tr("Details"), lambda: self._open(visit.record))
        details.setAccessibleName(f"{self.tr('Details')}: {spoken(visit, now)}")
        right.append(details)
        when = ", ".join(part for part in (day_words(visit, now), time_words(visit, now)) if part)
        about = "\n".join(part for part in (visit.title, with_whom(visit), video_words(visit)) if part)
        card.add(Row(when, about, right=right, sentence=spoken(visit, now), wrap=True, strong=True))
        return card

    def _counted(self, visits: Visits) -> str:
        ahead = count_words(len(visits.upcoming), self.tr("visit ahead"), self.tr("visits ahead"))
        past = count_words(len(visits.past), self.tr("past visit"), self.tr("past visits"))
        return f"{ahead} \u00b7 {past}"

    def _open(self, record: int) -> None:
        self.context.navigate("appointment", record=record)

    def _clear_ahead(self) -> None:
        while self._ahead.count():
            card = self._ahead.takeAt(0).widget()
            card.hide()
            card.deleteLater()


class _List(QWidget):
    """A heading over a list in a card; `folded` ones open by a press of the heading."""

    def __init__(self, title: str, opened, *, folded: bool = False) -> None:
        super().__init__()
        self._title = title
        self._items: dict[int, RecordItem] = {}
        self.turn = LinkButton("", self._turn, icon="chevron-right", flush=True) if folded else None
        self.heading = None if folded else SectionTitle("")
        self.model = RecordListModel(lambda ids: [self._items[each] for each in ids], self)
        self.view = RecordListView(title)
        self.view.setModel(self.model)
        self.view.opened.connect(opened)
        self.card = Card()
        self.card.fill(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        if self.turn is not None:
            self.turn.setCheckable(True)
            column.addWidget(self.turn, 0, Qt.AlignmentFlag.AlignLeading)
        if self.heading is not None:
            column.addWidget(self.heading)
        column.addWidget(self.card)

    def show_items(self, items: Sequence[tuple[int, RecordItem]]) -> None:
        """Shows these, each with its record's id; nothing at all where there are none."""
        self._items = dict(items)
        self.model.set_ids(array("q", self._items))
        self.view.show_rows(len(items))
        self.setVisible(bool(items))
        words = fill(self.tr("%1 (%2)"), self._title, f"{len(items):,}")
        if self.heading is not None:
            self.heading.setText(words)
        if self.turn is not None:
            self.turn.setText(words)
            self._turn()

    def _turn(self) -> None:
        shown = self.turn is None or self.turn.isChecked()
        self.card.setVisible(shown)
        if self.turn is not None:
            state = self.tr("shown") if shown else self.tr("hidden")
            self.turn.setAccessibleName(f"{self.turn.text()}, {state}")


def _item(visit: Visit, now: datetime) -> RecordItem:
    chip, tone = state_chip(visit)
    return RecordItem(
        visit.title,
        with_whom(visit),
        chip=chip,
        chip_tone=tone,
        date=short_when(visit),
        sentence=spoken(visit, now),
        exact=exact_words(visit, now),
    )
