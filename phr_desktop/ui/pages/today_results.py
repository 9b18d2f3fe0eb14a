"""The results on Today: what the lab marked critical first, then figures, and of all else only that it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from phr_desktop.domain import result_words
from phr_desktop.domain.records import RecordRow
from phr_desktop.domain.results import ListedRecord
from phr_desktop.domain.today import NewResults
from phr_desktop.domain.words import count_words, short_day
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_items import date_words, result_item, tone_of
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.bars import RangeBar
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.row import LinkRow
from phr_desktop.ui.widgets.text import Text

MOST_RESULTS = 5
MOST_CRITICAL = 3
MOST_QUIET_DAYS = 3


class TodayResults(QObject):
    """Makes the card."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._context = page.context

    def card(self, found: NewResults, now: datetime) -> Card:
        card = Card(
            self.tr("Results new here"), link=self.tr("All results"), opened=lambda: self._context.navigate("results")
        )
        for row in found.critical[:MOST_CRITICAL]:
            card.add(self._critical(row, row in found.shown, now))
        if len(found.critical) > MOST_CRITICAL:
            card.add(self._more_critical(len(found.critical) - MOST_CRITICAL))
        if not found.total:
            said = self.tr("Nothing new in the last 30 days. Portals hold back some results by law or policy.")
            card.add(Text(said, ink="muted", wrap=True))
        first = sorted(found.shown, key=lambda row: row not in found.critical)
        for row in first[:MOST_RESULTS]:
            card.add_row(self._result(row, now))
        more = len(first) - MOST_RESULTS
        if more > 0:
            said = count_words(more, self.tr("more result with a figure"), self.tr("more results with figures"))
            card.add_row(LinkRow(said, self.tr("in Results"), opened=lambda: self._context.navigate("results")))
        for row in self._quiet(found, now):
            card.add_row(row)
        return card

    def _critical(self, row: RecordRow, named: bool, now: datetime) -> Banner:
        """The lab's own mark, with what it stands on where that may be told; its page has the number to call."""
        day = date_words(row, now)
        if named:
            words = self.tr("%1, %2: the lab marked this critical. If nobody has called you, call now.")
            said = fill(words, row.title, day)
        elif row.date is None:
            said = self.tr(
                "A result without a date was marked critical by the lab. If nobody has called you, call now."
            )
        else:
            words = self.tr("A result of %1 was marked critical by the lab. If nobody has called you, call now.")
            said = fill(words, day)
        return self._critical_banner(said, lambda: self._context.navigate("result", record=row.id))

    def _more_critical(self, count: int) -> Banner:
        marked = count_words(count, self.tr("more result was"), self.tr("more results were"))
        said = fill(self.tr("%1 marked critical by the lab. If nobody has called you, call now."), marked)
        return self._critical_banner(said, lambda: self._context.navigate("results"))

    def _critical_banner(self, said: str, opened: Callable[[], None]) -> Banner:
        return Banner(
            said,
            Tone.ERROR,
            action=self.tr("Open it"),
            acted=opened,
            dismissible=False,
        )

    def _result(self, row: RecordRow, now: datetime) -> LinkRow:
        item = result_item(ListedRecord(row, (), "", is_new=False), now)
        value = row.value
        number = result_words.number(value)
        right: list[QWidget] = []
        if number is not None and value is not None and item.range_place is not None:
            low, high = result_words.limit(value.low), result_words.limit(value.high)
            right.append(
                RangeBar(number, low, high, item.sentence, tone=tone_of(value), comparator=value.comparator or "")
            )
        return LinkRow(
            item.main,
            item.detail,
            value=item.value,
            right=right,
            sentence=item.spoken(),
            opened=lambda: self._context.navigate("result", record=row.id),
        )

    def _quiet(self, found: NewResults, now: datetime) -> list[LinkRow]:
        """Date and count, never a value: pathology, imaging, genetics, and whatever is no plain figure."""
        rows = []
        shown, rest = found.quiet[:MOST_QUIET_DAYS], found.quiet[MOST_QUIET_DAYS:]
        for one in shown:
            count = count_words(one.count, self.tr("other result or report"), self.tr("other results or reports"))
            when = short_day(one.day, now.date()) if one.day is not None else self.tr("no day given")
            rows.append(self._quiet_row(count, when))
        if rest:
            left = sum(one.count for one in rest)
            count = count_words(left, self.tr("other result or report"), self.tr("other results or reports"))
            rows.append(self._quiet_row(count, self.tr("older")))
        return rows

    def _quiet_row(self, count: str, when: str) -> LinkRow:
        said = fill(self.tr("%1. Open Results to read, when you want to."), when)
        return LinkRow(count, said, opened=lambda: self._context.navigate("results"))
