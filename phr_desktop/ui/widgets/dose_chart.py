"""What was taken, day by day: a bar for each day, parted by what became of its doses; the same as a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolTip, QWidget

from phr_desktop.domain.words import count_words, short_day, weekday_day
from phr_desktop.queries.dose_log import DayCount
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SMALL, SPACE_S, Tokens
from phr_desktop.ui.widgets.text import Text

_HEIGHT = 220


def tr(text: str) -> str:
    return QCoreApplication.translate("dose_chart", text)


def parts(count: DayCount) -> list[tuple[str, int]]:
    """What became of a day's doses: the word and how many, none left out but those of which there are none."""
    named = [
        (tr("taken"), count.taken),
        (tr("skipped"), count.skipped),
        (tr("not sure"), count.unsure),
        (tr("not marked"), count.unmarked),
    ]
    return [(word, number) for word, number in named if number]


def said(count: DayCount) -> str:
    """ "Monday, November 23: 2 taken, 1 skipped"."""
    return f"{weekday_day(count.day)}: {', '.join(f'{number} {word}' for word, number in parts(count))}"


class DoseChart(QWidget):
    """Bars from the first day to the last. Filled is taken; the others are outlined, so that no colour stands alone."""

    def __init__(self, counts: Sequence[DayCount], first: date, last: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = {count.day: count for count in counts}
        self._first, self._last = first, last
        self._most = max((count.total for count in counts), default=1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Doses day by day"))
        self.setAccessibleDescription("; ".join(said(count) for count in counts))
        Theme.current().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(480, Theme.current().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            count = self._at(event.pos().x())
            QToolTip.showText(event.globalPos(), said(count) if count is not None else "", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = Theme.current()
        painter = QPainter(self)
        painter.setFont(theme.font(SMALL))
        plot = self._plot()
        self._paint_axis(painter, plot, theme.tokens)
        width = plot.width() / self._days()
        for place in range(self._days()):
            count = self._counts.get(self._first + timedelta(days=place))
            if count is not None:
                gap = min(width * 0.2, 4.0)
                box = QRectF(plot.left() + place * width + gap / 2, plot.top(), max(1.0, width - gap), plot.height())
                self._paint_bar(painter, box, count, theme.tokens)
        self._paint_days(painter, plot, theme.tokens)

    def _plot(self) -> QRectF:
        metrics = QFontMetricsF(Theme.current().font(SMALL))
        left = metrics.horizontalAdvance(str(self._most)) + SPACE_S * 2
        below = metrics.height() + SPACE_S
        return QRectF(left, SPACE_S, max(1.0, self.width() - left - SPACE_S), max(1.0, self.height() - below - SPACE_S))

    def _days(self) -> int:
        return (self._last - self._first).days + 1

    def _at(self, x: float) -> DayCount | None:
        plot = self._plot()
        place = int((x - plot.left()) / (plot.width() / self._days()))
        return self._counts.get(self._first + timedelta(days=place)) if 0 <= place < self._days() else None

    def _paint_axis(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        height = painter.fontMetrics().height()
        for number in sorted({0, self._most // 2, self._most}):
            y = round(plot.bottom() - plot.height() * number / self._most) + 0.5
            painter.setPen(QPen(QColor(tokens.border), 1))
            painter.drawLine(round(plot.left()), round(y), round(plot.right()), round(y))
            painter.setPen(QColor(tokens.muted))
            box = QRectF(0, y - height / 2, plot.left() - SPACE_S, height)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(number))

    def _paint_bar(self, painter: QPainter, box: QRectF, count: DayCount, tokens: Tokens) -> None:
        """From below: taken, filled; then skipped, not sure and not marked, outlined."""
        bottom = box.bottom()
        shapes = (
            (count.taken, tokens.accent, tokens.accent),
            (count.skipped, tokens.hover, tokens.muted),
            (count.unsure, tokens.warning_ground, tokens.warning),
            (count.unmarked, tokens.surface, tokens.warning),
        )
        for number, ground, edge in shapes:
            if number:
                height = box.height() * number / self._most
                painter.setBrush(QColor(ground))
                painter.setPen(QPen(QColor(edge), 1))
                painter.drawRect(
                    QRectF(box.left(), bottom - height, box.width(), height).adjusted(0.5, 0.5, -0.5, -0.5)
                )
                bottom -= height

    def _paint_days(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        painter.setPen(QColor(tokens.muted))
        metrics = painter.fontMetrics()
        width = plot.width() / self._days()
        wanted = metrics.horizontalAdvance(short_day(self._last, self._last)) * 1.6
        step = max(1, round(wanted / width + 0.5))
        for place in range(0, self._days(), step):
            text = short_day(self._first + timedelta(days=place), self._last)
            middle = plot.left() + (place + 0.5) * width
            advance = metrics.horizontalAdvance(text) + 2
            left = min(max(middle - advance / 2, 0.0), self.width() - advance)
            box = QRectF(left, plot.bottom() + SPACE_S / 2, advance, metrics.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


class DoseTable(QWidget):
    """The twin of the chart, newest day first."""

    def __init__(self, counts: Sequence[DayCount], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Doses day by day, newest first"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(SPACE_S)
        heads = (tr("Day"), tr("Taken"), tr("Skipped"), tr("Not sure"), tr("Not marked"))
        for column, head in enumerate(heads):
            grid.addWidget(Text(head, "small", "muted", wrap=True), 0, column, Qt.AlignmentFlag.AlignBottom)
            grid.setColumnStretch(column, 2 if column == 0 else 1)
        for row, count in enumerate(reversed(counts), 1):
            cells = (weekday_day(count.day), count.taken, count.skipped, count.unsure, count.unmarked)
            for column, cell in enumerate(cells):
                text = Text(str(cell), wrap=column == 0)
                if column == 0:
                    text.setAccessibleName(said(count))
                grid.addWidget(text, row, column)


def total_words(counts: Sequence[DayCount]) -> str:
    """ "20 taken, 1 skipped" over all days: counts, and nothing made of them."""
    whole = DayCount(
        date.min, *(sum(getattr(one, name) for one in counts) for name in ("taken", "skipped", "unsure", "unmarked"))
    )
    found = ", ".join(f"{number} {word}" for word, number in parts(whole))
    return found or count_words(0, tr("dose"), tr("doses"))
