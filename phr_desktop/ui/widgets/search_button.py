"""What looks like a search field in the header and opens search."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_S
from phr_desktop.ui.widgets.icon_label import IconLabel
from phr_desktop.ui.widgets.text import ElidedText, Text


class SearchButton(QPushButton):
    """`words` as in a search field, its key at the right."""

    def __init__(self, words: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{words}, {key}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 0, 14, 0)
        line.setSpacing(SPACE_S)
        for part, share in ((IconLabel("search", 18), 0), (ElidedText(words, "body", "muted"), 1)):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            line.addWidget(part, share)
        hint = Text(key, "small", "muted")
        hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        line.addWidget(hint)

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        return QSize(min(theme.px(300), 320), theme.control_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(Theme.current().px(120), Theme.current().control_height())
