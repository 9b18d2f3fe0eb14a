"""The two bars: how much of a medicine is left, and where a value lies in the lab's own range."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import Tone

_THICK = 8
_THIN = 6


class _Bar(QWidget):
    """A painted bar; the words beside it carry the meaning, and it repeats them to a screen reader."""

    width_at_100 = 154
    height_at_100 = _THICK

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(words)
        Theme.current().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        px = Theme.current().px
        return QSize(px(self.width_at_100), px(self.height_at_100))

    def minimumSizeHint(self) -> QSize:
        return QSize(Theme.current().px(80), self.sizeHint().height())

    def _track(self, painter: QPainter, rect: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        _pill(painter, rect, Theme.current().tokens.track)

    def _mirror(self, painter: QPainter) -> None:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)


class SupplyBar(_Bar):
    """How much is left, 0.0 to 1.0; None where it is not known: then only the empty track is drawn."""

    def __init__(self, left: float | None, words: str, tone: Tone = Tone.ACCENT, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.left = None if left is None else min(max(left, 0.0), 1.0)
        self.tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._mirror(painter)
        rect = QRectF(self.rect())
        self._track(painter, rect)
        if self.left:
            rect.setWidth(max(rect.height(), rect.width() * self.left))
            _pill(painter, rect, Theme.current().tokens.tone(self.tone))


@dataclass(frozen=True, slots=True)
class RangePlace:
    """Where band and marker lie on a track of length 1. `beyond` is -1 or 1 where the value lies off the track."""

    band_start: float
    band_end: float
    marker: float
    beyond: int


def range_place(value: float, low: float | None, high: float | None) -> RangePlace | None:
    """Where a value and the lab's range are drawn; None without a range, or with one that ends before it starts.

    The track shows the band and as much again at both sides (half of it at rest, more if the value asks for it, at
    most two bands); a range with one end only is drawn open to the track's end.
    """
    if low is None and high is None:
        return None
    if low is not None and high is not None and high <= low:
        return None
    band = (high - low) if low is not None and high is not None else (abs(high or low or 0.0) or 1.0)
    start = low if low is not None else (high or 0.0) - band
    end = high if high is not None else (low or 0.0) + band
    first = start - min(max(0.5 * band, (start - value) * 1.15), 2 * band)
    last = end + min(max(0.5 * band, (value - end) * 1.15), 2 * band)
    length = last - first
    marker = (value - first) / length
    beyond = -1 if marker < 0 else 1 if marker > 1 else 0
    return RangePlace(
        0.0 if low is None else (start - first) / length,
        1.0 if high is None else (end - first) / length,
        min(max(marker, 0.0), 1.0),
        beyond,
    )


class RangeBar(_Bar):
    """The lab's own range as a band and the value as a marker.

    `tone` is NEUTRAL unless the lab itself marked the value. `comparator` (`<`, `>=` ...) draws an open marker, since
    the value is only a limit. A value far off the track is drawn as an arrow at its end. Without a range nothing is
    drawn but the space stays, so that rows line up.
    """

    height_at_100 = 16

    def __init__(
        self,
        value: float,
        low: float | None,
        high: float | None,
        words: str,
        *,
        tone: Tone = Tone.NEUTRAL,
        comparator: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(words, parent)
        self.place = range_place(value, low, high)
        self.tone = tone
        self.comparator = comparator
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.place is None:
            return
        painter = QPainter(self)  # never mirrored: low stands at the left in every language
        paint_range(painter, QRectF(self.rect()), self.place, self.tone, hollow=bool(self.comparator))


def paint_range(painter: QPainter, rect: QRectF, place: RangePlace, tone: Tone, *, hollow: bool) -> None:
    """Draws track, band and marker into `rect`: for the bar itself and for list rows."""
    theme = Theme.current()
    tokens = theme.tokens
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = theme.px(6)
    middle = rect.center().y()
    thin = theme.px(_THIN)
    track = QRectF(rect.left() + radius, middle - thin / 2, rect.width() - 2 * radius, thin)
    _pill(painter, track, tokens.track)
    band = QRectF(track)
    band.setLeft(track.left() + track.width() * place.band_start)
    band.setRight(track.left() + track.width() * place.band_end)
    _pill(painter, band, tokens.band)
    colour = QColor(tokens.text if tone is Tone.NEUTRAL else tokens.tone(tone))
    centre = QPointF(track.left() + track.width() * place.marker, middle)
    if place.beyond:
        _arrow(painter, centre, radius, place.beyond, colour)
        return
    surface = QColor(tokens.surface)
    painter.setBrush(surface)
    painter.drawEllipse(centre, radius + 2, radius + 2)
    painter.setBrush(surface if hollow else colour)
    painter.setPen(QPen(colour, theme.px(2)) if hollow else Qt.PenStyle.NoPen)
    inset = theme.px(1) if hollow else 0
    painter.drawEllipse(centre, radius - inset, radius - inset)


def _pill(painter: QPainter, rect: QRectF, colour: str) -> None:
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)


def _arrow(painter: QPainter, tip: QPointF, size: float, way: int, colour: QColor) -> None:
    painter.setBrush(colour)
    base = tip.x() - way * size
    end = tip.x() + way * size * 0.6
    painter.drawPolygon([QPointF(end, tip.y()), QPointF(base, tip.y() - size), QPointF(base, tip.y() + size)])
