"""A calm line across the page: something to know, seldom something to do, and it can be put away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from phr_desktop.ui.tokens import SPACE_M, Tone
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.icon_label import IconLabel
from phr_desktop.ui.widgets.text import Text, restyle

_INK = {Tone.WARNING: "warning", Tone.ERROR: "error", Tone.NEUTRAL: "muted"}


class Banner(QFrame):
    """One sentence, at most one action, and "Close" where `dismissible`."""

    dismissed = Signal()

    def __init__(
        self,
        text: str,
        tone: Tone = Tone.ACCENT,
        *,
        action: str = "",
        acted: Callable[[], object] | None = None,
        dismissible: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("tone", tone.value)
        self.text = Text(text, wrap=True)
        self.action = OutlineButton(action, acted)
        if not action:
            self.action.hide()
        self.close_button = LinkButton(self.tr("Close"), self.dismiss)
        if not dismissible:
            self.close_button.hide()
        line = QHBoxLayout(self)
        line.setContentsMargins(SPACE_M, 6, 6, 6)
        line.setSpacing(SPACE_M)
        icon = "warning" if tone in (Tone.WARNING, Tone.ERROR) else "info"
        line.addWidget(IconLabel(icon, 20, _INK.get(tone, "accent")))
        fold = FoldLayout(lead_width=320)
        fold.addWidget(self.text)
        fold.addWidget(self.action)
        fold.addWidget(self.close_button)
        line.addLayout(fold, 1)

    def say(self, text: str) -> None:
        """Shows another sentence, also after it was put away."""
        self.text.setText(text)
        restyle(self)
        self.show()

    def dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()
