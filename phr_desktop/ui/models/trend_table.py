"""The same values as a trend's chart, as a table: date, value, what its source said of it, where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from phr_desktop.domain import result_words, words
from phr_desktop.domain.records import TrendPoint
from phr_desktop.domain.results import TrendSeries

DATE, _VALUE, _RANGE, _MARK, _STATE, _SOURCE = range(6)


class TrendTableModel(QAbstractTableModel):
    """Newest first. `source_names`: by id of the source."""

    def __init__(
        self, series: TrendSeries, source_names: Mapping[int, str], now: datetime, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        points = sorted((*series.points, *series.untimed), key=lambda point: point.date_utc or 0, reverse=True)
        self._points: tuple[TrendPoint, ...] = tuple(points)
        self._by = result_words.owner(series.category)
        self._source_names = source_names
        self._now = now
        whose = self.tr("Lab's range") if self._by == "lab" else self.tr("Range given")
        self._heads = (
            self.tr("Date"),
            self.tr("Value"),
            whose,
            self.tr("Marked by the lab") if self._by == "lab" else self.tr("Marked"),
            self.tr("State"),
            self.tr("From"),
        )

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._points)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        point = self._points[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(point, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._heads[index.column()]}: {self._words(point, index.column()) or self.tr('not given')}"
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == DATE:
            return words.exact_date(point.date, point.date_utc, point.date_precision, point.zone, self._now)
        return None

    def is_blank(self, column: int) -> bool:
        """Whether no source said anything for this column."""
        return not any(self._words(point, column) for point in self._points)

    def record_at(self, row: int) -> int:
        return self._points[row].record

    def _words(self, point: TrendPoint, column: int) -> str:
        value = point.value
        if column == DATE:
            return words.written_date(point.date, point.date_utc, point.date_precision, point.zone, self._now)
        if column == _VALUE:
            return result_words.value_words(value)
        if column == _RANGE:
            return result_words.range_words(value)
        if column == _MARK:
            return result_words.mark_word(value)
        if column == _STATE:
            return result_words.stage_words(point.status)
        return self._source_names.get(point.source, "")
