"""A person at a glance: initials in a circle of the person's own colour; the name always stands beside it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from phr_desktop.ui.theme import Theme


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[:1].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def paint_avatar(painter: QPainter, rect: QRectF, name: str, person_id: int) -> None:
    theme = Theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.tokens.avatars[person_id % len(theme.tokens.avatars)]))
    painter.drawEllipse(rect)
    font = theme.font(15, strong=True)
    font.setPixelSize(round(rect.height() * 0.4))
    painter.setFont(font)
    painter.setPen(QColor(theme.tokens.on_avatar))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initials(name))


def avatar_pixmap(name: str, person_id: int, size: int, ratio: float) -> QPixmap:
    """The same as a picture, for menus."""
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_avatar(painter, QRectF(0, 0, size, size), name, person_id)
    painter.end()
    return image


class Avatar(QWidget):
    """The circle. `size` is pixels at 100 %."""

    def __init__(self, name: str, person_id: int, size: int = 36, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        Theme.current().changed.connect(self.updateGeometry)
        self.show_person(name, person_id)

    def show_person(self, name: str, person_id: int) -> None:
        self._name, self._person_id = name, person_id
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        side = Theme.current().px(self._size)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_avatar(QPainter(self), QRectF(self.rect()), self._name, self._person_id)
