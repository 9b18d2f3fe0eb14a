"""An empty page says why it is empty and offers one button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from phr_desktop.ui.tokens import SPACE_M, SPACE_S, SPACE_XL
from phr_desktop.ui.widgets.buttons import PrimaryButton
from phr_desktop.ui.widgets.icon_label import IconLabel
from phr_desktop.ui.widgets.text import Text


class EmptyState(QFrame):
    """Why there is nothing here, in one sentence, and the one thing to do about it (if there is one)."""

    def __init__(
        self,
        title: str,
        why: str,
        *,
        button: str = "",
        clicked: Callable[[], object] | None = None,
        icon: str = "folder",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("frame", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XL, SPACE_XL + SPACE_M, SPACE_XL, SPACE_XL + SPACE_M)
        column.setSpacing(SPACE_S)
        column.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(IconLabel(icon, 36, "muted"), 0, centre)
        self.title = Text(title, "section", wrap=True)
        self.why = Text(why, "body", "muted", wrap=True)
        for text in (self.title, self.why):
            text.setAlignment(centre)
            column.addWidget(text)
        self.button: PrimaryButton | None = None
        if button:
            self.button = PrimaryButton(button, clicked)
            column.addSpacing(SPACE_S)
            column.addWidget(self.button, 0, centre)
        column.addStretch(1)
