"""The twin of a chart: the same values as a table, whose words wrap where its columns have no room side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from phr_desktop.domain.results import TrendSeries
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.trend_table import DATE, TrendTableModel
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import BODY, SMALL

_ROWS = 10  # before it scrolls
_ROWS_MEASURED = 4 * _ROWS
_STEP = 4  # pixels by which the widest columns give way
_ABOVE_AND_BELOW, _MARGINS = 16, 8
_BOUNDLESS = 10_000


class TrendTable(QTableView):
    """Enter or a double click opens the value's own record."""

    chosen = Signal(int)

    def __init__(self, series: TrendSeries, source_names: Mapping[int, str], now: datetime) -> None:
        super().__init__()
        self.setAccessibleName(fill(self.tr("%1, values over time, newest first"), series.title))
        model = TrendTableModel(series, source_names, now, self)
        self.setModel(model)
        for column in range(model.columnCount()):
            self.setColumnHidden(column, model.is_blank(column))
        self._shown = [column for column in range(model.columnCount()) if not self.isColumnHidden(column)]
        self._wanted: list[int] = []
        self._least: list[int] = []
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        left = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        header.setDefaultAlignment(left | Qt.Alignment(Qt.TextFlag.TextWordWrap.value))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        self.activated.connect(lambda index: self.chosen.emit(self.model().record_at(index.row())))
        self.horizontalScrollBar().rangeChanged.connect(self._fit_height)
        Theme.current().changed.connect(self._measure)
        self._measure()

    def keyboardSearch(self, _letters: str) -> None:
        """Nothing: rows are read, not searched by typing."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _measure(self) -> None:
        """Reads anew how wide each column's words are in one line, and how wide what is never broken is."""
        self.horizontalHeader().setResizeContentsPrecision(_ROWS_MEASURED)
        self.verticalHeader().setMinimumSectionSize(1)
        wide = [self._widths(column) for column in self._shown]
        self._wanted, self._least = [wanted for wanted, _least in wide], [least for _wanted, least in wide]
        self._fit()

    def _widths(self, column: int) -> tuple[int, int]:
        """In one line, and broken as often as can be: between words, of a date only before the year."""
        theme = Theme.current()
        body, small = QFontMetrics(theme.font(BODY)), QFontMetrics(theme.font(SMALL))
        cells = [self._cell(row, column) for row in range(min(self.model().rowCount(), _ROWS_MEASURED))]
        parts = [part for words in cells for part in (words.rsplit(" ", 1) if column == DATE else words.split())]
        least = max(small.horizontalAdvance(word) for word in self._head(column).split())
        least = max([least, *(body.horizontalAdvance(part) for part in parts)]) + self._beside()
        wanted = max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column), least)
        return wanted, least

    def _cell(self, row: int, column: int) -> str:
        return str(self.model().index(row, column).data())

    def _head(self, column: int) -> str:
        return str(self.model().headerData(column, Qt.Orientation.Horizontal))

    def _beside(self) -> int:
        """What a cell keeps free at both sides of its words: the stylesheet's padding, and Qt's own margin."""
        return 2 * Theme.current().px(8) + _MARGINS

    def _fit(self) -> None:
        """Each column as wide as its words; where there is no room for that, the widest ones wrap, and no word is cut:
        what then has no room still is scrolled to."""
        room = self.viewport().width()
        cap = max(self._wanted)
        widths = list(self._wanted)
        while sum(widths) > room and cap > 0:
            cap -= _STEP
            widths = [max(min(wanted, cap), least) for wanted, least in zip(self._wanted, self._least, strict=True)]
        wrapped = widths != self._wanted
        widths[-1] += max(room - sum(widths), 0)
        for column, width in zip(self._shown, widths, strict=True):
            self.setColumnWidth(column, width)
        self._fit_rows(wrapped=wrapped)
        self._fit_height()

    def _fit_rows(self, *, wrapped: bool) -> None:
        """Each row, and the heads, as high as their lines."""
        theme = Theme.current()
        body, small = QFontMetrics(theme.font(BODY)), QFontMetrics(theme.font(SMALL))
        for row in range(self.model().rowCount()):
            lines = max(self._lines(self._cell(row, column), column, body) for column in self._shown) if wrapped else 0
            self.setRowHeight(row, max(lines + _ABOVE_AND_BELOW, theme.control_height()))
        heads = max(self._lines(self._head(column), column, small) for column in self._shown)
        self.horizontalHeader().setFixedHeight(max(heads + self._beside(), theme.control_height()))

    def _lines(self, words: str, column: int, metrics: QFontMetrics) -> int:
        """How high these words are in their column."""
        room = self.columnWidth(column) - self._beside()
        return metrics.boundingRect(0, 0, room, _BOUNDLESS, Qt.TextFlag.TextWordWrap.value, words).height()

    def _fit_height(self) -> None:
        """As high as its rows, up to ten, with the scroll bar below them where the columns need one."""
        rows = sum(self.rowHeight(row) for row in range(min(self.model().rowCount(), _ROWS)))
        bar = 0 if self.horizontalScrollBar().maximum() == 0 else self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(self.horizontalHeader().height() + rows + bar + 2 * self.frameWidth())
