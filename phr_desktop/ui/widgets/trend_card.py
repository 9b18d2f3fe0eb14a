"""Values over time: a chart for each line that may be drawn, and the same values as a table, one click away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from phr_desktop.domain.result_words import owner
from phr_desktop.domain.results import TrendSeries
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.trend_table import TrendTableModel
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_S
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.trend_chart import TrendChart

_ROWS = 10  # of a table before it scrolls


class TrendCard(Card):
    """`chosen` carries the record of a value that was opened in a table."""

    chosen = Signal(int)

    def __init__(
        self,
        series: Sequence[TrendSeries],
        shown: int,
        source_names: Mapping[int, str],
        now: datetime,
        parent: QWidget | None = None,
    ) -> None:
        charted = any(len(each.points) > 1 for each in series)
        words = self.tr("Show as table")
        super().__init__(self.tr("Over time"), link=words if charted else "", opened=self.turn, parent=parent)
        self.shows_table = not charted
        self.charts: list[TrendChart] = []
        self.tables: list[TrendTable] = []
        self._lines = [_Line(each, shown, source_names, now, named=len(series) > 1) for each in series]
        for line in self._lines:
            self.add(line)
            self.charts += [line.chart] if line.chart is not None else []
            self.tables.append(line.table)
            line.table.chosen.connect(self.chosen)
        if len(series) > 1:
            apart = self.tr("Values of different units, methods or kinds of measuring are never joined in one line.")
            self.add(Text(apart, "small", "muted", wrap=True))
        self._show()

    def turn(self) -> None:
        """From charts to tables and back."""
        self.shows_table = not self.shows_table
        self._show()

    def _show(self) -> None:
        for line in self._lines:
            line.show_table(self.shows_table)
        if self.link is not None:
            words = self.tr("Show as chart") if self.shows_table else self.tr("Show as table")
            self.link.setText(words)
            self.link.setAccessibleName(f"{words}: {self.tr('Over time')}")


class _Line(QWidget):
    """One series: its name where there are several, its chart, its table, and what cannot be drawn."""

    def __init__(
        self, series: TrendSeries, shown: int, source_names: Mapping[int, str], now: datetime, *, named: bool
    ) -> None:
        super().__init__()
        self.chart = TrendChart(series, shown, now) if len(series.points) > 1 else None
        self.table = TrendTable(series, source_names, now)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        if named:
            column.addWidget(Text(self._name(series), "strong", wrap=True))
        if self.chart is not None:
            column.addWidget(self.chart)
        column.addWidget(self.table)
        self.note = Text(self._note(series), "small", "muted", wrap=True)
        column.addWidget(self.note)
        self.note.setVisible(bool(self.note.text()))

    def show_table(self, table: bool) -> None:
        if self.chart is not None:
            self.chart.setVisible(not table)
        self.table.setVisible(table or self.chart is None)

    def _name(self, series: TrendSeries) -> str:
        origin = {
            "laboratory": self.tr("measured by a laboratory"),
            "vital-signs": self.tr("measured at a visit or at home"),
        }.get(series.category or "", "")
        by = self.tr("entered by the patient") if series.by_patient else origin
        method = fill(self.tr("method: %1"), series.method) if series.method else ""
        return " \u00b7 ".join(part for part in (series.title, series.unit, method, by) if part)

    def _note(self, series: TrendSeries) -> str:
        notes = []
        if self.chart is not None and self.chart.band is None and self.chart.has_ranges:
            whose = self.tr("The bars show the lab's range that came with each value.")
            notes.append(whose if owner(series.category) == "lab" else self.tr("The bars show each value's own range."))
        if self.chart is not None and any(point.value.comparator for point in series.points):
            notes.append(self.tr("An open mark is a limit, such as “<5”: the value itself is not known."))
        if self.chart is not None and series.untimed:
            count = len(series.untimed)
            notes.append(
                self.tr("%n values have no number or no date: they are in the table.", "", count).replace(
                    "%n", str(count)
                )
            )
        return " ".join(notes)


class TrendTable(QTableView):
    """The twin of a chart. Enter or a double click opens the value's own record."""

    chosen = Signal(int)

    def __init__(self, series: TrendSeries, source_names: Mapping[int, str], now: datetime) -> None:
        super().__init__()
        self.setAccessibleName(fill(self.tr("%1, values over time, newest first"), series.title))
        model = TrendTableModel(series, source_names, now, self)
        self.setModel(model)
        for column in range(model.columnCount()):
            self.setColumnHidden(column, model.is_blank(column))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.activated.connect(lambda index: self.chosen.emit(self.model().record_at(index.row())))
        self.horizontalScrollBar().rangeChanged.connect(self._fit_height)
        Theme.current().changed.connect(self._measure)
        self._measure()

    def keyboardSearch(self, _letters: str) -> None:
        """Nothing: rows are read, not searched by typing."""

    def _measure(self) -> None:
        theme = Theme.current()
        row = theme.control_height()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(row)
        self.horizontalHeader().setFixedHeight(row)
        for column in range(self.model().columnCount()):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setResizeContentsPrecision(_ROWS * 4)
        self._fit_last()
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_last()

    def _fit_last(self) -> None:
        """The last column takes the room that is left over; where there is none the table scrolls, and no word is
        cut."""
        header = self.horizontalHeader()
        shown = [column for column in range(self.model().columnCount()) if not self.isColumnHidden(column)]
        needed = sum(max(self.sizeHintForColumn(column), header.sectionSizeHint(column)) for column in shown)
        header.setStretchLastSection(needed <= self.viewport().width())

    def _fit_height(self) -> None:
        """As high as its rows, up to ten, with the scroll bar below them where the columns need one."""
        rows = min(self.model().rowCount(), _ROWS)
        bar = 0 if self.horizontalScrollBar().maximum() == 0 else self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(Theme.current().control_height() * (rows + 1) + bar + 2 * self.frameWidth())
