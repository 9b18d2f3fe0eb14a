"""The body of a page: cards on the quiet ground, in one column of a readable width."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_XL

MAX_WIDTH = 1040
_TOP = 24


def side_margin(width: int) -> int:
    """The margin at each side that keeps a column within its greatest width, which grows with the text size."""
    return max(SPACE_XL, (width - Theme.current().px(MAX_WIDTH)) // 2)


class PageColumn(QWidget):
    """The column itself, for a page that does not scroll as a whole (a long list fills its height)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SPACE_XL, _TOP, SPACE_XL, SPACE_L)
        self.column.setSpacing(SPACE_L)
        Theme.current().changed.connect(self._keep_width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_width()

    def _keep_width(self) -> None:
        margins = self.column.contentsMargins()
        side = side_margin(self.width())
        self.column.setContentsMargins(side, margins.top(), side, margins.bottom())


class ScrollPage(QScrollArea):
    """The column in a page that scrolls up and down, never sideways. Put cards into `column`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = PageColumn()
        self.column = self._inside.column
        self.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)

    def add(self, widget: QWidget) -> QWidget:
        """Puts a widget below the others and gives it back."""
        self.column.addWidget(widget)
        return widget

    def empty(self) -> None:
        """Removes everything from the column."""
        while self.column.count():
            item = self.column.takeAt(0)
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()

    def end(self) -> None:
        """Keeps the cards at the top when they do not fill the page; call after the last one."""
        self.column.addStretch(1)

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        focused = self.focusWidget()
        if focused is not None and self._inside.isAncestorOf(focused):
            self.ensureWidgetVisible(focused, 0, SPACE_XL)
        return moved
