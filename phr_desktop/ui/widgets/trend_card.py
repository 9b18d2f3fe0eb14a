"""Values over time: a chart for each line that may be drawn, and the same values as a table, one click away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.domain.result_words import owner
from phr_desktop.domain.results import TrendSeries
from phr_desktop.ui.fill import fill
from phr_desktop.ui.tokens import SPACE_S
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.trend_chart import TrendChart
from phr_desktop.ui.widgets.trend_table import TrendTable


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
