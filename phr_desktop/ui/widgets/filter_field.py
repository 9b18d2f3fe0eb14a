"""The field over a long list: words narrow it as they are typed; Escape or "Clear" brings all of it back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from phr_desktop.ui import icons
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_S
from phr_desktop.ui.widgets.buttons import OutlineButton

_LONGEST = 200
_GLYPH = 18
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class SearchEdit(QLineEdit):
    """A line with a magnifying glass at its start, over a list.

    `moved` carries Up, Down, PageUp or PageDown (Qt.Key), which mean the list; Enter is Qt's own `returnPressed`.
    """

    moved = Signal(int)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(words)
        self.setAccessibleName(words)
        self.setMaxLength(_LONGEST)
        Theme.current().changed.connect(self._measure)
        self._measure()

    def event(self, event: QEvent) -> bool:
        """Escape empties the field before it means anything else in the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._empties(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._empties(event):
            self.clear()
        elif event.key() in _MOVES:
            self.moved.emit(event.key())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = Theme.current()
        side = theme.px(_GLYPH)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = self.width() - side - theme.px(12) if mirrored else theme.px(12)
        glyph = icons.pixmap("search", theme.tokens.muted, side, self.devicePixelRatioF())
        QPainter(self).drawPixmap(QPointF(x, (self.height() - side) / 2), glyph)

    def _empties(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape and bool(self.text())

    def _measure(self) -> None:
        room = Theme.current().px(_GLYPH + 10)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setTextMargins(0 if mirrored else room, 0, room if mirrored else 0, 0)


class FilterField(QWidget):
    """`changed` carries the words, trimmed."""

    changed = Signal(str)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = SearchEdit(words)
        self.edit.textChanged.connect(self._say)
        self.clear_button = OutlineButton(self.tr("Clear"), self.edit.clear)
        self.clear_button.setAccessibleName(f"{self.tr('Clear')}: {words}")
        self.clear_button.hide()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_S)
        line.addWidget(self.edit, 1)
        line.addWidget(self.clear_button)
        self.setFocusProxy(self.edit)

    def words(self) -> str:
        return self.edit.text().strip()

    def empty(self) -> None:
        """Without saying `changed`."""
        self.blockSignals(True)
        self.edit.clear()
        self.blockSignals(False)

    def _say(self, text: str) -> None:
        if not text and self.clear_button.hasFocus():
            self.edit.setFocus()
        self.clear_button.setVisible(bool(text))
        self.changed.emit(text.strip())
