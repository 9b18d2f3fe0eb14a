"""The next visit on Today: when, where and with whom, and the way in to a video visit."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.domain.appointments import Visit
from phr_desktop.domain.today import Today
from phr_desktop.ui.join_visit import join_button
from phr_desktop.ui.models.visit_views import (
    away_words,
    day_words,
    exact_words,
    spoken,
    state_chip,
    time_words,
    video_words,
    with_whom,
)
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.tokens import SPACE_M, SPACE_XS
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.text import Text, literal

_DOT = " \u00b7 "


class TodayVisit(QObject):
    """Makes the card."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._context = page.context

    def card(self, today: Today, now: datetime) -> Card:
        card = Card(
            self.tr("Next visit"), link=self.tr("All visits"), opened=lambda: self._context.navigate("appointments")
        )
        visit = today.next_visit
        if visit is None:
            card.add(Text(self.tr("Nothing is booked as far as the sources say."), ink="muted", wrap=True))
            return card
        card.add(self._words(visit, now, today.visits_asked))
        card.add(self._buttons(visit, now))
        return card

    def _words(self, visit: Visit, now: datetime, asked: int) -> QWidget:
        words = QWidget()
        words.setAccessibleName(spoken(visit, now))
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        when = Text(", ".join(part for part in (day_words(visit, now), time_words(visit, now)) if part), wrap=True)
        when.setToolTip(literal(exact_words(visit, now)))
        column.addWidget(when)
        chip, tone = state_chip(visit)
        others = self.tr("another visit was asked for and is not confirmed") if asked and not chip else ""
        for line in (
            _DOT.join(part for part in (visit.title, away_words(visit, now)) if part),
            with_whom(visit),
            video_words(visit),
            visit.instructions or "",
            others,
        ):
            if line:
                column.addWidget(Text(line, "small", "muted", wrap=True))
        if chip:
            column.addWidget(Chip(chip, tone), 0, Qt.AlignmentFlag.AlignLeading)
        return words

    def _buttons(self, visit: Visit, now: datetime) -> QWidget:
        box = QWidget()
        line = FlowLayout(box, spacing=SPACE_M)
        is_today = visit.start is not None and visit.start.astimezone(now.tzinfo).date() == now.date()
        join = join_button(visit, main=is_today)
        if join is not None:
            line.addWidget(join)
        details = self.tr("Details")
        line.addWidget(
            OutlineButton(
                details,
                lambda: self._context.navigate("appointment", record=visit.record),
                name=f"{details}: {spoken(visit, now)}",
            )
        )
        return box
