"""An icon that stands beside a word and says nothing by itself."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from phr_desktop.ui import icons
from phr_desktop.ui.theme import Theme


class IconLabel(QWidget):
    """`ink` is the name of a colour of the tokens; `size` is pixels at 100 %."""

    def __init__(self, name: str, size: int = 18, ink: str = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._size, self._ink = name, size, ink
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        Theme.current().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        side = Theme.current().px(self._size)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colour = getattr(Theme.current().tokens, self._ink)
        image = icons.pixmap(self._name, colour, self.sizeHint().width(), self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, image)
