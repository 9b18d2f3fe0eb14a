"""One series over time: a real time axis, direct labels, the source's own range; the table twin has the same values."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from phr_desktop.domain import result_words, words
from phr_desktop.domain.records import TrendPoint
from phr_desktop.domain.results import Marking, TrendSeries
from phr_desktop.ui.announce import announce
from phr_desktop.ui.fill import fill
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SMALL, SPACE_S, Tokens
from phr_desktop.ui.widgets.chart_scale import common_band, date_label, free_places, limits_of, scale_of

_HEIGHT = 230  # pixels at 100 %
_DOT = 5
_CROWDED = 14  # pixels from value to value, on average, under which marks shrink to dots
_ALPHA = 110  # of the band, so that the lines of the axis stay visible through it


class TrendChart(QWidget):
    """The values of one series; Left and Right go from one to the next, with its exact date and value.

    `shown` is the record whose page this is: its value is written beside its mark. The series has two points or more.
    """

    def __init__(self, series: TrendSeries, shown: int, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series = series
        self._now = now
        self._limits = limits_of(series)
        self.band = common_band(self._limits)
        self.has_ranges = any(given is not None for given in self._limits)
        self.scale = scale_of(series, self._limits)
        self._values = [result_words.number(point.value) or 0.0 for point in series.points]
        self._shown = next((place for place, point in enumerate(series.points) if point.record == shown), -1)
        self.picked = -1
        self._laid_out: tuple[tuple[int, int, float], QRectF, list[QPointF]] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._in_words())
        Theme.current().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(Theme.current().px(480), Theme.current().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(Theme.current().px(200), Theme.current().px(_HEIGHT))

    def point_words(self, place: int) -> str:
        """One value with everything that its source said of it."""
        point = self.series.points[place]
        value = point.value
        by = result_words.owner(self.series.category)
        date = words.exact_date(point.date, point.date_utc, point.date_precision, point.zone, self._now)
        parts = [result_words.value_words(value), date]
        told = (result_words.mark_words(value, by), result_words.whose_range(value, by, spoken=True))
        parts += [words_ for words_ in told if words_]
        stage = result_words.stage_words(point.status)
        return ", ".join([*parts, stage] if stage else parts)

    # --- going from value to value

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.series.points) - 1
        here = self.picked if self.picked >= 0 else max(self._shown, 0)
        steps = {
            Qt.Key.Key_Left: here - 1 if self.picked >= 0 else here,
            Qt.Key.Key_Right: here + 1 if self.picked >= 0 else here,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() not in steps:
            super().keyPressEvent(event)
            return
        self.pick(min(max(steps[Qt.Key(event.key())], 0), last))
        spot = self.mapToGlobal(self._places()[1][self.picked].toPoint())
        QToolTip.showText(spot, self.point_words(self.picked), self)
        announce(self, self.point_words(self.picked))

    def pick(self, place: int) -> None:
        """Rings one value; -1 none."""
        if place != self.picked:
            self.picked = place
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        plot, spots = self._places()
        near = min(range(len(spots)), key=lambda place: abs(spots[place].x() - at.x()))
        close = abs(spots[near].x() - at.x()) <= Theme.current().px(24) and plot.contains(at)
        self.pick(near if close else -1)
        QToolTip.showText(event.globalPosition().toPoint(), self.point_words(near) if close else "", self)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self.pick(-1)

    # --- places

    def _places(self) -> tuple[QRectF, list[QPointF]]:
        """The plot and the place of each value, kept until size or text size change."""
        key = (self.width(), self.height(), Theme.current().text_scale)
        if self._laid_out is None or self._laid_out[0] != key:
            plot = self._plot()
            inset = Theme.current().px(_DOT) + 1
            wide, scale = plot.width() - 2 * inset, self.scale
            spots = [
                QPointF(
                    plot.left() + inset + scale.across(point.date_utc or 0) * wide,
                    plot.bottom() - scale.up(value) * plot.height(),
                )
                for point, value in zip(self.series.points, self._values, strict=True)
            ]
            self._laid_out = (key, plot, spots)
        return self._laid_out[1], self._laid_out[2]

    def _plot(self) -> QRectF:
        theme = Theme.current()
        small = QFontMetricsF(theme.font(SMALL))
        left = max(small.horizontalAdvance(self.scale.tick_words(tick)) for tick in self.scale.ticks) + SPACE_S * 2
        right = self._label_room(small)
        top, bottom = theme.px(14), small.height() + theme.px(12)
        return QRectF(left, top, max(self.width() - left - right, 40.0), self.height() - bottom - top)

    def _label_room(self, small: QFontMetricsF) -> float:
        strong = QFontMetricsF(Theme.current().font(SMALL, strong=True))
        lines = [small.horizontalAdvance(line) for line in self._band_words()]
        return max([strong.horizontalAdvance(self._value_label(-1)), *lines]) + SPACE_S * 2

    # --- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time runs to the right in every language
        tokens = Theme.current().tokens
        plot, spots = self._places()
        room = plot.width() / len(spots)
        self._paint_band(painter, plot, tokens)
        self._paint_axis(painter, plot, tokens)
        if self.band is None:
            self._paint_own_ranges(painter, plot, spots, tokens)
        self._paint_line(painter, spots, tokens)
        for place, spot in enumerate(spots):
            if room >= Theme.current().px(_CROWDED) or place in (self._shown, self.picked, len(spots) - 1):
                self._paint_mark(painter, place, spot, tokens)
            elif room >= 2:
                self._paint_dot(painter, place, spot, tokens)
        self._paint_dates(painter, plot, spots, tokens)
        self._paint_labels(painter, plot, spots, tokens)

    def _paint_band(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        if self.band is None:
            return
        colour = QColor(tokens.band)
        colour.setAlpha(_ALPHA)
        painter.fillRect(self._between(plot, plot.left(), plot.width(), self.band.low, self.band.high), colour)

    def _between(self, plot: QRectF, left: float, width: float, low: float | None, high: float | None) -> QRectF:
        bottom = plot.bottom() if low is None else plot.bottom() - self.scale.up(low) * plot.height()
        top = plot.top() if high is None else plot.bottom() - self.scale.up(high) * plot.height()
        return QRectF(left, top, width, bottom - top)

    def _paint_axis(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        painter.setFont(Theme.current().font(SMALL))
        height = painter.fontMetrics().height()
        for tick in self.scale.ticks:
            y = round(plot.bottom() - self.scale.up(tick) * plot.height()) + 0.5
            painter.setPen(QPen(QColor(tokens.border), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(tokens.muted))
            box = QRectF(0, y - height / 2, plot.left() - SPACE_S, height)
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self.scale.tick_words(tick)
            )

    def _paint_own_ranges(self, painter: QPainter, plot: QRectF, spots: list[QPointF], tokens: Tokens) -> None:
        width = Theme.current().px(10)
        colour = QColor(tokens.band)
        colour.setAlpha(_ALPHA + 60)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for spot, given in zip(spots, self._limits, strict=True):
            if given is not None:
                bar = self._between(plot, spot.x() - width / 2, width, given.low, given.high)
                painter.drawRoundedRect(bar, 3, 3)

    def _paint_line(self, painter: QPainter, spots: list[QPointF], tokens: Tokens) -> None:
        """Solid between values; dashed to and from a mere limit (`<5`), whose place is not known."""
        pen = QPen(QColor(tokens.accent), Theme.current().px(2))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        dashed = QPen(pen)
        dashed.setStyle(Qt.PenStyle.DotLine)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        run: list[QPointF] = []
        for place, spot in enumerate(spots):
            if self._is_limit(place) or (place and self._is_limit(place - 1)):
                _polyline(painter, run, pen)
                if place:
                    _polyline(painter, [spots[place - 1], spot], dashed)
                run = []
            run.append(spot)
        _polyline(painter, run, pen)

    def _paint_mark(self, painter: QPainter, place: int, spot: QPointF, tokens: Tokens) -> None:
        px = Theme.current().px
        colour = QColor(_mark_colour(self.series.points[place], tokens))
        surface = QColor(tokens.surface)
        radius = px(_DOT) + (1 if place == self._shown else 0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(surface)
        painter.drawEllipse(spot, radius + 2, radius + 2)
        if place == self.picked:
            painter.setPen(QPen(colour, 2))
            painter.drawEllipse(spot, radius + px(4), radius + px(4))
        hollow = self._is_limit(place)
        painter.setPen(QPen(colour, px(2)) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(surface if hollow else colour)
        painter.drawEllipse(spot, radius - (1 if hollow else 0), radius - (1 if hollow else 0))

    def _paint_dot(self, painter: QPainter, place: int, spot: QPointF, tokens: Tokens) -> None:
        colour = QColor(_mark_colour(self.series.points[place], tokens))
        hollow = self._is_limit(place)
        painter.setPen(QPen(colour, 1) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.surface) if hollow else colour)
        painter.drawEllipse(spot, Theme.current().px(3), Theme.current().px(3))

    def _paint_dates(self, painter: QPainter, plot: QRectF, spots: list[QPointF], tokens: Tokens) -> None:
        painter.setFont(Theme.current().font(SMALL))
        painter.setPen(QColor(tokens.muted))
        metrics = QFontMetricsF(painter.font())
        texts = [date_label(point.date_utc or 0, self.scale.last - self.scale.first) for point in self.series.points]
        first = {text: place for place, text in reversed(list(enumerate(texts)))}
        places = sorted(first.values())
        widths = [metrics.horizontalAdvance(texts[place]) for place in places]
        room = (0.0, float(self.width()))
        for chosen in free_places([spots[place].x() for place in places], widths, room, metrics.averageCharWidth() * 3):
            width = widths[chosen] + 2
            left = min(max(spots[places[chosen]].x() - width / 2, room[0]), room[1] - width)
            box = QRectF(left, plot.bottom() + Theme.current().px(10), width, metrics.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), texts[places[chosen]])

    def _paint_labels(self, painter: QPainter, plot: QRectF, spots: list[QPointF], tokens: Tokens) -> None:
        """The last value and the range at the right; the shown value, where it is not the last, above its mark."""
        theme = Theme.current()
        strong, small = theme.font(SMALL, strong=True), theme.font(SMALL)
        height = QFontMetricsF(strong).height()
        left = plot.right() + SPACE_S
        value_box = QRectF(left, spots[-1].y() - height / 2, self.width() - left, height)
        _write(painter, value_box, self._value_label(-1), strong, tokens.text)
        if 0 <= self._shown < len(spots) - 1:
            self._paint_shown(painter, plot, spots[self._shown], strong, tokens)
        lines = self._band_words()
        if lines:
            box = QRectF(left, 0, self.width() - left, QFontMetricsF(small).height() * len(lines))
            box.moveTop(self._clear_of(value_box, self._range_middle(plot), box.height()))
            _write(painter, box, "\n".join(lines), small, tokens.fine)

    def _paint_shown(self, painter: QPainter, plot: QRectF, spot: QPointF, font: QFont, tokens: Tokens) -> None:
        text = self._value_label(self._shown)
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(text) + SPACE_S
        left = min(max(spot.x() - width / 2, plot.left()), plot.right() - width)
        away = Theme.current().px(10)
        above = QRectF(left, max(spot.y() - away - metrics.height(), 0), width, metrics.height())
        below = QRectF(left, min(spot.y() + away, plot.bottom() - metrics.height()), width, metrics.height())
        box = min(above, below, key=lambda each: self._covered(each))
        ground = QColor(tokens.surface)
        ground.setAlpha(210)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 4, 4)
        _write(painter, box, text, font, tokens.text, Qt.AlignmentFlag.AlignCenter)

    def _covered(self, box: QRectF) -> int:
        """How much of the line a label would hide: marks, and steps between them, under it."""
        hidden = 0
        spots = self._places()[1][max(self._shown - 3, 0) : self._shown + 4]
        for here, following in zip(spots, [*spots[1:], spots[-1]], strict=True):
            hidden += sum(box.contains(here + (following - here) * (step / 8)) for step in range(8))
        return hidden

    def _range_middle(self, plot: QRectF) -> float:
        given = self.band or self._limits[-1]
        return self._between(plot, 0, 1, given.low, given.high).center().y() if given else plot.center().y()

    def _clear_of(self, value_box: QRectF, middle: float, height: float) -> float:
        """The top of the range's label: at the range's middle, or as near to it as the value's label lets it be."""
        top = middle - height / 2
        if top + height <= value_box.top() or top >= value_box.bottom():
            return top
        below, above = value_box.bottom() + 2, value_box.top() - 2 - height
        fits_below = below + height <= self.height()
        return below if (middle >= value_box.center().y() and fits_below) or above < 0 else above

    # --- words

    def _value_label(self, place: int) -> str:
        return result_words.value_words(self.series.points[place].value)

    def _band_words(self) -> list[str]:
        given = self.series.points[-1].value
        told = result_words.range_words(given) if self._limits[-1] is not None else ""
        if not told:
            return []
        whose = "lab's range" if result_words.owner(self.series.category) == "lab" else "range given"
        return [whose, told] if self.band is not None else [whose, "for this one", told]

    def _in_words(self) -> str:
        points = self.series.points
        ends = [
            words.written_date(p.date, p.date_utc, p.date_precision, p.zone, self._now, long=True)
            for p in (points[0], points[-1])
        ]
        sentence = self.tr("Chart of %1: %2 values from %3 to %4. Left and Right go through them.")
        named = f"{self.series.title} ({self.series.unit})" if self.series.unit else self.series.title
        return fill(sentence, named, len(points), *ends)

    def _is_limit(self, place: int) -> bool:
        return bool(self.series.points[place].value.comparator)


def _mark_colour(point: TrendPoint, tokens: Tokens) -> str:
    """Coloured only where the source itself marked the value."""
    colours = {Marking.MARKED: tokens.warning, Marking.CRITICAL: tokens.error}
    return colours.get(result_words.marking(point.value), tokens.accent)


def _polyline(painter: QPainter, spots: list[QPointF], pen: QPen) -> None:
    if len(spots) > 1:
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(thinned(spots)))


def thinned(spots: list[QPointF]) -> list[QPointF]:
    """The same line to the eye with at most four points a pixel across: first, lowest, highest and last of each."""
    if len(spots) <= 4 * (spots[-1].x() - spots[0].x() + 1):
        return spots
    kept: list[QPointF] = []
    for _, column in groupby(spots, key=lambda spot: int(spot.x())):
        members = list(column)
        places = {0, len(members) - 1}
        places.add(min(range(len(members)), key=lambda place: members[place].y()))
        places.add(max(range(len(members)), key=lambda place: members[place].y()))
        kept += [members[place] for place in sorted(places)]
    return kept


def _write(
    painter: QPainter,
    box: QRectF,
    text: str,
    font: QFont,
    ink: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), text)
