"""The line at the foot of the window: one sentence at the left; at the right what is being done, with a Cancel."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from phr_desktop.ui.tokens import SPACE_M
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.text import ElidedText


class StatusLine(QFrame):
    """`cancelled` is emitted when the person stops the work shown at the right."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = ElidedText("", "small", "muted")
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.work = ElidedText("", "small", "muted")
        self.cancel = LinkButton(self.tr("Cancel"), self.cancelled.emit)
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 4, 24, 4)
        line.setSpacing(SPACE_M)
        line.addWidget(self.sentence, 1)
        line.addWidget(self.work)
        line.addWidget(self.cancel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.end_work()

    def say(self, sentence: str) -> None:
        self.sentence.setText(sentence)

    def show_work(self, words: str, *, can_cancel: bool) -> None:
        """Shows what is being done; call it again as the count goes on."""
        self.work.setText(words)
        self.work.show()
        self.cancel.setVisible(can_cancel)

    def end_work(self) -> None:
        self.work.hide()
        self.cancel.hide()
