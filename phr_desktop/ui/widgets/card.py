"""Cards on the quiet ground, the line between their rows, and cards side by side."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_M, SPACE_S
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.text import Text


class Divider(QFrame):
    """A hairline between two rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("frame", "line")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class Card(QFrame):
    """A group of things that belong together, with a title and at most one link at its right."""

    def __init__(
        self,
        title: str = "",
        *,
        link: str = "",
        opened: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(20, SPACE_L, 20, SPACE_L)
        self._whole.setSpacing(0)
        self.body = QVBoxLayout()
        self.body.setSpacing(SPACE_M)
        self._whole.addLayout(self.body)
        self._whole.addStretch(1)
        self.link: LinkButton | None = None
        if title or link:
            self._head(title, link, opened)

    def add(self, widget: QWidget) -> QWidget:
        """Puts a widget below the others and gives it back."""
        self.body.addWidget(widget)
        return widget

    def fill(self, widget: QWidget) -> QWidget:
        """Puts a long list below the others: it takes all the height there is, close to the card's edges."""
        self._whole.setStretch(0, 1)
        self._whole.setStretch(1, 0)
        self._whole.setContentsMargins(6, 6, 6, 6)
        self.body.addWidget(widget, 1)
        return widget

    def add_row(self, row: QWidget) -> QWidget:
        """Puts a row below the others, with a hairline where a row stands above it."""
        last = self.body.itemAt(self.body.count() - 1) if self.body.count() else None
        if last is not None and last.widget() is not None and last.widget().property("row"):
            self.body.addWidget(Divider())
        row.setProperty("row", True)
        self.body.addWidget(row)
        return row

    def empty(self) -> None:
        """Removes everything below the head."""
        first = 1 if self.property("head") else 0
        while self.body.count() > first:
            item = self.body.takeAt(first)
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()

    def _head(self, title: str, link: str, opened: Callable[[], object] | None) -> None:
        head = QWidget()
        line = FoldLayout(head)
        self.title = Text(title, "section", wrap=True)
        line.addWidget(self.title)
        if link:
            self.link = LinkButton(link, opened, flush=True)
            self.link.setAccessibleName(f"{link}: {title}" if title else link)
            line.addWidget(self.link)
            self._whole.setContentsMargins(20, SPACE_S, 20, SPACE_L)
        self.setProperty("head", True)
        self.body.addWidget(head)


class CardColumns(QWidget):
    """Two or more cards side by side, one below the other where there is no room.

    `fold_below` is the width (pixels at 100 %) under which they stack.
    """

    def __init__(self, *, fold_below: int = 760, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold_below = fold_below
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(SPACE_L)
        Theme.current().changed.connect(self._fold)

    def add(self, card: QWidget, share: int = 1) -> QWidget:
        """Adds a column that takes `share` parts of the width."""
        card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._line.addWidget(card, share)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        stacked = self.width() < Theme.current().px(self._fold_below)
        wanted = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != wanted:
            self._line.setDirection(wanted)
