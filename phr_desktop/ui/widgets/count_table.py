"""Many short "what: how many" side by side, in as many columns as there is room for; read downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_S, SPACE_XL
from phr_desktop.ui.widgets.text import Text, literal

_COLUMN = 280  # pixels at 100 % that a column needs
_MOST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """One cell. `beside` stands muted after the words; `sentence` is all of it, for a screen reader and the tooltip."""

    words: str
    beside: str
    count: str
    sentence: str


class CountTable(QWidget):
    """Shows cells in the order given, down the first column, then down the next."""

    def __init__(self, cells: Sequence[Counted], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = [_Cell(cell) for cell in cells]
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_XL)
        self._grid.setVerticalSpacing(SPACE_S)
        Theme.current().changed.connect(self._arrange)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(_MOST_COLUMNS, self.width() // Theme.current().px(_COLUMN)))
        if columns == self._columns:
            return
        self._columns = columns
        rows = -(-len(self.cells) // columns)
        for place, cell in enumerate(self.cells):
            self._grid.addWidget(cell, place % rows, place // rows)
        for column in range(_MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


class _Cell(QWidget):
    def __init__(self, cell: Counted) -> None:
        super().__init__()
        self.setAccessibleName(cell.sentence)
        self.setToolTip(literal(cell.sentence))
        words = f"{cell.words} ({cell.beside})" if cell.beside else cell.words
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_S)
        line.addWidget(Text(words, wrap=True), 1)
        line.addWidget(Text(cell.count, "strong"), 0, Qt.AlignmentFlag.AlignTop)
