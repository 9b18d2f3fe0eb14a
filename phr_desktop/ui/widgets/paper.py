"""A page or a picture on the quiet ground, larger and smaller, scrolled by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_S

ZOOMS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
FIT = 0.0  # as wide as there is room


class _Canvas(QWidget):
    """The image at a size of its own, drawn smoothly."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()

    def show_image(self, image: QImage, size: QSize) -> None:
        self.image = image
        self.setFixedSize(size)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self.image, QRect(0, 0, self.image.width(), self.image.height()))
        painter.setPen(QPen(QColor(Theme.current().tokens.border), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


class Paper(QScrollArea):
    """`turned` asks for the page before (-1) or after (1); `zoomed` for a step smaller or larger, or to fit (0);
    `resized` tells that there is more or less room."""

    turned = Signal(int)
    zoomed = Signal(int)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = _Canvas()
        self.setWidget(self._canvas)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        Theme.current().changed.connect(self._canvas.update)

    @property
    def image(self) -> QImage:
        return self._canvas.image

    def show_image(self, image: QImage, size: QSize, words: str) -> None:
        """Shows the image `size` large (device-independent pixels); `words` is what a screen reader says."""
        self.setAccessibleName(words)
        self._canvas.show_image(image, size)

    def clear(self) -> None:
        self.setAccessibleName("")
        self.setAccessibleDescription("")
        self._canvas.show_image(QImage(), QSize(0, 0))

    def room(self) -> int:
        """The width that a page may take without scrolling sideways."""
        bar = self.verticalScrollBar().sizeHint().width() if not self.verticalScrollBar().isVisible() else 0
        return max(120, self.viewport().width() - bar - SPACE_S)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        zoom = {"+": 1, "=": 1, "-": -1, "0": 0}.get(event.text())
        bar = self.verticalScrollBar()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if zoom is not None and plain | bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier):
            self.zoomed.emit(zoom)
        elif event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_Space) and bar.value() == bar.maximum():
            self.turned.emit(1)
        elif event.key() == Qt.Key.Key_PageUp and bar.value() == bar.minimum():
            self.turned.emit(-1)
        elif event.key() == Qt.Key.Key_Space:
            bar.triggerAction(bar.SliderAction.SliderPageStepAdd)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            bar.setValue(bar.minimum() if event.key() == Qt.Key.Key_Home else bar.maximum())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.resized.emit()


def next_zoom(zoom: float, step: int) -> float:
    """The zoom a step smaller or larger; 0 fits again."""
    if not step:
        return FIT
    if step > 0:
        return next((each for each in ZOOMS if each > zoom + 0.01), ZOOMS[-1])
    return next((each for each in reversed(ZOOMS) if each < zoom - 0.01), ZOOMS[0])
