"""A state as a word in a soft ground, never a colour alone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SMALL, Tone


class Chip(QLabel):
    """A short word: "ready", "was due 25 min ago"."""

    def __init__(self, word: str, tone: Tone = Tone.NEUTRAL, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(word)
        Theme.current().changed.connect(self.updateGeometry)

    def show_state(self, word: str, tone: Tone) -> None:
        self.tone = tone
        self.setText(word)
        self.update()

    def sizeHint(self) -> QSize:
        return chip_size(self.text(), chip_font())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_chip(painter, QRectF(self.rect()), self.text(), self.tone, chip_font())


def chip_font() -> QFont:
    return Theme.current().font(SMALL, strong=True)


def chip_size(word: str, font: QFont) -> QSize:
    metrics = QFontMetrics(font)
    return QSize(metrics.horizontalAdvance(word) + Theme.current().px(22), metrics.height() + Theme.current().px(4))


def paint_chip(painter: QPainter, box: QRectF, word: str, tone: Tone, font: QFont) -> None:
    """Draws a chip into `box`: for the widget and for list rows."""
    tokens = Theme.current().tokens
    ink = QColor(tokens.tone(tone))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(ink if tokens.border_width > 1 else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.tone_ground(tone)))
    inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextSingleLine), word)
