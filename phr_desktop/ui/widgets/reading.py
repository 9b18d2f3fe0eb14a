"""Where the words of a document are read: plain text, and HTML that was made harmless before. Both load nothing."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QTextBrowser, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import BODY

_IN_COLUMNS = re.compile(r"\S {3,}\S|\t")
_LEAST_COLUMN_LINES = 3
# Qt makes its largest headings twice as large as text and its smallest smaller than it, whatever a style says.
_LARGE = re.compile(r"<(/?)h[12]>")
_SMALL = re.compile(r"<(/?)h[56]>")


class DocumentText(QPlainTextEdit):
    """Plain text, to read, mark and copy; in a fixed-width font where its author lined it up in columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._in_columns = False
        Theme.current().changed.connect(self._measure)
        self._measure()

    def show_text(self, text: str) -> None:
        lined_up = sum(1 for line in text.splitlines()[:2000] if _IN_COLUMNS.search(line))
        self._in_columns = lined_up >= _LEAST_COLUMN_LINES
        self._measure()
        self.setPlainText(text)

    def _measure(self) -> None:
        font = Theme.current().font(BODY)
        if self._in_columns:
            size = font.pixelSize()
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            font.setPixelSize(size)
        self.document().setDefaultFont(font)
        self.setTabStopDistance(8 * self.fontMetrics().horizontalAdvance("x"))


class DocumentHtml(QTextBrowser):
    """HTML out of `queries.safe_html`. Whatever were left in it, nothing is loaded and no link is followed.

    `asked_for` counts what the text tried to load.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.asked_for = 0
        self._html = ""
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        Theme.current().changed.connect(self._draw)

    def show_html(self, html: str) -> None:
        self._html = html
        self._draw()

    def clear(self) -> None:
        self._html = ""
        super().clear()

    def loadResource(self, _type: int, _name: QUrl) -> Any:
        self.asked_for += 1
        return None

    def setSource(self, _name: QUrl, _type: Any = None) -> None:
        """There is no other document to go to."""

    def _draw(self) -> None:
        theme = Theme.current()
        self.document().setDefaultFont(theme.font(BODY))
        self.document().setDefaultStyleSheet(
            f"table {{ border-collapse: collapse; margin: {theme.px(6)}px 0; }}"
            f"td, th {{ border: 1px solid {theme.tokens.border}; padding: {theme.px(4)}px {theme.px(8)}px; }}"
            f"th {{ text-align: left; }} blockquote, dd {{ margin-left: {theme.px(16)}px; }}"
        )
        if self._html:
            self.setHtml(_LARGE.sub(r"<\1h3>", _SMALL.sub(r"<\1h4>", self._html)))
