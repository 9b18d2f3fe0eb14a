"""One visit: when, where, with whom, what to bring, how to join, whom to call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from phr_desktop.clock import local_now
from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.results import DetailLine
from phr_desktop.domain.words import joined
from phr_desktop.queries.visit_page import VisitPage, visit_page
from phr_desktop.ui.fill import fill
from phr_desktop.ui.join_visit import join_button
from phr_desktop.ui.models.visit_views import away_words, day_words, state_chip, time_words, video_host, video_words
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.record_cards import LabelledLine, copyable
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import Text


class AppointmentPage(Page):
    """Opened with `record`, the vault's own id of the visit."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._record: int | None = None
        self.page: VisitPage | None = None
        self.body = ScrollPage()
        self.whole.addWidget(self.body)

    def opened(self, record: int = 0, **_arguments: Any) -> None:
        self.clear()
        self._record = record

    def refresh(self) -> None:
        services, person, record = self.context.services, self.person_id, self._record
        if person is None or record is None:
            return
        vault, clock = services.vault, services.clock
        self.ask(lambda: visit_page(vault, clock, person, record), self._show)

    def clear(self) -> None:
        self._record = self.page = None
        self.body.empty()

    # --- inside

    def _show(self, page: VisitPage) -> None:
        visit = page.visit
        if visit.person != self.person_id or visit.record != self._record:
            return
        self.page = page
        self.body.empty()
        now = local_now(self.context.services.clock)
        away = away_words(visit, now)
        who = fill(self.tr("for %1"), visit.person_name)
        self.body.add(
            PageHeader(
                visit.title,
                " \u00b7 ".join(part for part in (away, who) if part),
                buttons=[] if page.past else [button for button in (join_button(visit, main=True),) if button],
                back=self.tr("Appointments"),
                went_back=self.context.back,
            )
        )
        warning = self._warning(visit)
        if warning is not None:
            self.body.add(warning)
        self.body.add(self._what(visit, now))
        if visit.instructions:
            card = Card(self.tr("What the clinic asks of you"))
            card.add(copyable(Text(visit.instructions, wrap=True)))
            self.body.add(card)
        if page.contacts and not page.past:
            self.body.add(self._contacts(page))
        self.body.add(self._source(visit))
        self.body.end()
        self.focus_inside()

    def _warning(self, visit: Visit) -> Banner | None:
        chip, _ = state_chip(visit)
        if visit.state is VisitState.ASKED:
            said = self.tr("This was asked for, and the clinic has not confirmed it (%1). Call if you hear nothing.")
            return Banner(fill(said, chip), Tone.WARNING, dismissible=False)
        if visit.state is VisitState.WITHDRAWN:
            said = self.tr("This visit does not take place, or did not: %1.")
            return Banner(fill(said, chip), Tone.ERROR, dismissible=False)
        return None

    def _what(self, visit: Visit, now: datetime) -> Card:
        when = ", ".join(part for part in (day_words(visit, now), time_words(visit, now)) if part)
        video = video_words(visit)
        lines = [
            DetailLine(self.tr("When"), when),
            DetailLine(self.tr("Where"), visit.where or ("" if video else self.tr("no place received"))),
            DetailLine(self.tr("With"), joined(list(visit.who))),
            DetailLine(self.tr("Video"), self._video(visit)),
            DetailLine(self.tr("Why"), visit.reason or ""),
            DetailLine(self.tr("State"), visit.status_words),
        ]
        card = Card()
        for line in lines:
            if line.words:
                card.add_row(LabelledLine(line))
        return card

    def _video(self, visit: Visit) -> str:
        """The link itself can be read and copied, so that nobody has to trust a button."""
        return f"{video_words(visit)}\n{visit.video_link}" if video_host(visit) else video_words(visit)

    def _contacts(self, page: VisitPage) -> Card:
        card = Card(self.tr("To change or cancel it, call"))
        for contact in page.contacts:
            number = copyable(Text(contact.number or "", "section"))
            card.add_row(Row(contact.name, right=[number], wrap=True))
        return card

    def _source(self, visit: Visit) -> Card:
        card = Card(self.tr("Where this comes from"))
        record = LinkButton(
            self.tr("The whole record"), lambda: self.context.navigate("record", record=visit.record), flush=True
        )
        card.add(Row(visit.source_name, right=[record]))
        return card
