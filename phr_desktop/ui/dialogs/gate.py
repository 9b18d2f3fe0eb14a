"""The calm middle of an empty window, for what comes before the record: first run and unlock."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_XL

_WIDTH = 560


class Gate(QScrollArea):
    """One column of a readable width in the middle; put widgets into `column`."""

    takes_enter = True  # for the button that has the focus

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._whole = QVBoxLayout(inside)
        self._whole.addStretch(2)
        self.column = QVBoxLayout()
        self._whole.addLayout(self.column)
        self._whole.addStretch(3)
        self.setWidget(inside)
        Theme.current().changed.connect(self._keep_width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_width()

    def _keep_width(self) -> None:
        side = max(SPACE_XL, (self.viewport().width() - Theme.current().px(_WIDTH)) // 2)
        self._whole.setContentsMargins(side, SPACE_XL, side, SPACE_XL)
