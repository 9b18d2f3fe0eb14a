"""The strip that stands over every page while sample people are shown."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from phr_desktop.ui.tokens import SPACE_M
from phr_desktop.ui.widgets.text import Text


class Ribbon(QFrame):
    """Says "Sample" in a word, not by its colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 5, 24, 5)
        line.setSpacing(SPACE_M)
        line.addWidget(Text(self.tr("Sample"), "strong", "warning"))
        line.addWidget(Text(self.tr("These people are made up. Nothing here is about you."), wrap=True), 1)
