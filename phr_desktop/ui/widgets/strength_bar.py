"""How well a passphrase would hold, in a word with four steps beside it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M, SPACE_XS, Tone
from phr_desktop.ui.widgets.text import Text

_STEPS = 4
_TONES = (Tone.ERROR, Tone.ERROR, Tone.WARNING, Tone.FINE, Tone.FINE)


class StrengthBar(QWidget):
    """Hidden until there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = _Steps()
        self.word = Text("", "strong")
        self.advice = Text("", "small", "muted", wrap=True)
        line = QHBoxLayout()
        line.setSpacing(SPACE_M)
        line.addWidget(self._steps, 1)
        line.addWidget(self.word)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addLayout(line)
        column.addWidget(self.advice)
        self.hide()

    def say(self, score: int, advice: str) -> None:
        """`score` 0 to 4."""
        words = (self.tr("Very weak"), self.tr("Weak"), self.tr("Fair"), self.tr("Good"), self.tr("Strong"))
        self.word.setText(words[score])
        self.word.set_ink(_TONES[score].value)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self._steps.score = score
        self._steps.setAccessibleName(words[score])
        self._steps.update()
        self.show()


class _Steps(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.score = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(Theme.current().px(120), Theme.current().px(8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = Theme.current().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        gap = 4
        width = (self.width() - gap * (_STEPS - 1)) / _STEPS
        for step in range(_STEPS):
            reached = step < max(self.score, 1)
            painter.setBrush(QColor(tokens.tone(_TONES[self.score]) if reached else tokens.track))
            box = QRectF(step * (width + gap), 0, width, self.height())
            painter.drawRoundedRect(box, self.height() / 2, self.height() / 2)
