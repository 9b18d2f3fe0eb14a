"""Says that the record locks soon, and how it stays open: by touching anything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.text import Text

_SAID_AT = (30, 10)  # seconds left, beside the first time: a screen reader that counts every second says nothing else


class LockWarning(CalmDialog):
    """Not modal, so that a click anywhere in the program reaches its window and counts. It closes by `accept`."""

    def __init__(self, seconds: int, stay: Callable[[], object], lock: Callable[[], object], parent: QWidget) -> None:
        super().__init__(self.tr("Your record locks soon"), parent)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not parent.isActiveWindow())
        self._stay = stay
        self.count = Text("", "section", wrap=True)
        self.column.addWidget(self.count)
        how = self.tr("Press any key or move the mouse to keep it open. What you have not finished would be lost.")
        self.column.addWidget(Text(how, "body", "muted", wrap=True))
        self.column.addStretch(1)
        self.stay_button = PrimaryButton(self.tr("&Stay open"), self.reject)
        self.stay_button.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Lock now"), lock), self.stay_button])
        self.show_seconds(seconds)
        announce(self, f"{self.count.text()} {how}", at_once=True)
        self.stay_button.setFocus()
        self.fit()

    def show_seconds(self, seconds: int) -> None:
        """Counts down."""
        words = self.tr("It locks in %1 seconds.") if seconds != 1 else self.tr("It locks in %1 second.")
        self.count.setText(fill(words, seconds))
        if seconds in _SAID_AT:
            announce(self, self.count.text(), at_once=True)

    def reject(self) -> None:
        """By its button, Escape or the window's cross: somebody is there."""
        super().reject()
        self._stay()
