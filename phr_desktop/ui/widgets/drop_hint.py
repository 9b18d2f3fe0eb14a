"""What is shown over the window while files are dragged onto it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import RADIUS_CARD, SECTION


class DropHint(QWidget):
    """Covers its parent; sees no mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(theme.tokens.ground)
        veil.setAlphaF(0.88)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(theme.tokens.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(20, 20, -20, -20), RADIUS_CARD, RADIUS_CARD)
        painter.setPen(QColor(theme.tokens.text))
        painter.setFont(theme.font(SECTION, strong=True))
        words = self.tr("Drop the files here. You will see what is in them before anything is added.")
        painter.drawText(
            self.rect().adjusted(60, 60, -60, -60),
            int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap),
            words,
        )
