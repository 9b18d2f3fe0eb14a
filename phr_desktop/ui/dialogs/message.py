"""A calm message: what happened, and one or two ways on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.text import Text


class Message(CalmDialog):
    """One sentence and a button that closes it; with `action`, a second button that does something."""

    def __init__(
        self,
        title: str,
        sentence: str,
        parent: QWidget | None,
        *,
        close: str = "",
        action: str = "",
        acted: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.sentence = Text(sentence, wrap=True).selectable()
        self.sentence.setAccessibleName(sentence)
        self.column.addWidget(self.sentence)
        self.column.addStretch(1)
        self.acted = acted
        close = close or self.tr("&Close")
        if action:
            self.set_buttons([OutlineButton(action, self._act), PrimaryButton(close, self.reject)])
        else:
            self.set_buttons([PrimaryButton(close, self.accept)])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.findChild(PrimaryButton).setFocus()
        announce(self, self.sentence.text(), at_once=True)

    def _act(self) -> None:
        self.accept()
        if self.acted is not None:
            self.acted()
