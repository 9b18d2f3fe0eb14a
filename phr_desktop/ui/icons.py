"""One set of SVG icons, recoloured from the palette. An icon always stands beside a word."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from phr_desktop.ui.theme import Theme


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon `name` in `colour`, `size` device-independent pixels wide and high."""
    return _rendered(Theme.current().icon_folder / f"{name}.svg", colour, size, ratio)


def icon(name: str, colour: str, size: int, ratio: float = 1.0) -> QIcon:
    """The same for a button or a menu; it does not fade when disabled, since its word does."""
    return QIcon(pixmap(name, colour, size, ratio))


@lru_cache(maxsize=256)
def _rendered(path: Path, colour: str, size: int, ratio: float) -> QPixmap:
    source = path.read_text(encoding="utf-8").replace("currentColor", colour)
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image
