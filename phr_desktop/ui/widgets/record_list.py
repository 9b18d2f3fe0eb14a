"""A long list of two-line rows, painted by a delegate: instant at any length, one focus column, Enter opens."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from phr_desktop.ui.models.record_list import RecordItem, RecordRole
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import BODY, RADIUS_CONTROL, SMALL, SPACE_M, Tone
from phr_desktop.ui.widgets.bars import RangePlace, paint_range
from phr_desktop.ui.widgets.chip import chip_font, chip_size, paint_chip

_PAD_X, _PAD_Y, _LINES_GAP = 14, 10, 2
_CHIP_COLUMN = 92


class RecordDelegate(QStyledItemDelegate):
    """Paints a RecordItem: main over detail at the left; value, range, chip and date at the right, as columns.

    Without a column for chips (few rows have one) a chip stands beside the main words.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.shows_range = False
        self.shows_chip = True
        Theme.current().changed.connect(self.measure)
        self.measure()

    def measure(self) -> None:
        """Reads fonts and widths anew: at the start, and when text size or palette changed."""
        theme = Theme.current()
        self.body, self.small = theme.font(BODY), theme.font(SMALL)
        self.strong = theme.font(BODY, strong=True)
        self.chip_font = chip_font()
        self.body_metrics, self.small_metrics = QFontMetrics(self.body), QFontMetrics(self.small)
        self.strong_metrics = QFontMetrics(self.strong)
        self.date_width = self.small_metrics.horizontalAdvance("Wed, Nov 22, 2026")
        self.row_height = max(
            self.body_metrics.height() + self.small_metrics.height() + _LINES_GAP + 2 * _PAD_Y,
            theme.control_height(),
        )

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        return QSize(0, self.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        item: RecordItem = index.data(RecordRole.ITEM)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, index)
        room = option.rect.adjusted(_PAD_X, _PAD_Y, -_PAD_X, -_PAD_Y)
        mirror = _Mirror(option.direction, room)
        used = self._paint_right(painter, room, item, mirror)
        self._paint_words(painter, room, used, item, mirror)
        painter.restore()

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: QModelIndex
    ) -> bool:
        item = index.data(RecordRole.ITEM) if index.isValid() else None
        if not isinstance(item, RecordItem):
            return super().helpEvent(event, view, option, index)
        lines = [line for line in (item.main, item.value, item.detail, item.exact) if line]
        QToolTip.showText(event.globalPos(), "\n".join(lines).replace("<", "\u2039"), view)
        return True

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        tokens = Theme.current().tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        line = tokens.border_width
        if index.row() < index.model().rowCount() - 1:
            under = QRect(
                option.rect.left() + _PAD_X, option.rect.bottom() + 1 - line, option.rect.width() - 2 * _PAD_X, line
            )
            painter.fillRect(under, QColor(tokens.border))
        if not (selected or hovered):
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.soft_accent if selected else tokens.hover))
        ground = QRectF(option.rect).adjusted(3, 2, -3, -2 - line)
        painter.drawRoundedRect(ground, RADIUS_CONTROL, RADIUS_CONTROL)
        if selected:
            painter.setBrush(QColor(tokens.accent))
            bar = QRectF(ground.left(), ground.top() + ground.height() * 0.2, 3, ground.height() * 0.6)
            if option.direction == Qt.LayoutDirection.RightToLeft:
                bar.moveRight(ground.right())
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def _paint_right(self, painter: QPainter, room: QRect, item: RecordItem, mirror: _Mirror) -> int:
        """Paints from the right edge inwards and returns how much width is used."""
        theme = Theme.current()
        narrow = room.width() < theme.px(620)
        used = 0
        if item.date and not narrow:
            box = QRect(room.right() + 1 - self.date_width, room.top(), self.date_width, room.height())
            _draw(painter, mirror.rect(box), item.date, self.small, theme.tokens.muted, Qt.AlignmentFlag.AlignTrailing)
            used += self.date_width + SPACE_M
        if self.shows_chip:
            used += self._paint_chip(painter, room, used, item, mirror) + SPACE_M
        if self.shows_range and not narrow:
            width = theme.px(130)
            if isinstance(item.range_place, RangePlace):
                box = QRectF(room.right() + 1 - used - width, room.center().y() - theme.px(8), width, theme.px(16))
                paint_range(painter, mirror.rect_f(box), item.range_place, item.tone, hollow=item.hollow)
            used += width + SPACE_M
        if item.value:
            used += self._paint_value(painter, room, used, item, mirror) + SPACE_M
        return used

    def _paint_chip(self, painter: QPainter, room: QRect, used: int, item: RecordItem, mirror: _Mirror) -> int:
        """Chips stand in a column, so that values line up; a longer word takes what it needs."""
        column = Theme.current().px(_CHIP_COLUMN)
        if not item.chip:
            return column
        size = chip_size(item.chip, self.chip_font)
        top = room.center().y() - size.height() // 2
        box = QRect(QPoint(room.right() + 1 - used - size.width(), top), size)
        paint_chip(painter, QRectF(mirror.rect(box)), item.chip, item.chip_tone, self.chip_font)
        return max(column, size.width())

    def _paint_value(self, painter: QPainter, room: QRect, used: int, item: RecordItem, mirror: _Mirror) -> int:
        tokens = Theme.current().tokens
        figure = item.value[:1].isdigit() or item.value[:1] in "<>-"  # a figure that is cut off would be another one
        most = room.width() * 2 // 3 if figure else max(room.width() * 2 // 5, 60)
        lines = [item.value] if figure else two_lines(" ".join(item.value.split()), self.strong_metrics, most)
        lines = [self.strong_metrics.elidedText(line, Qt.TextElideMode.ElideRight, most) for line in lines]
        width = max(self.strong_metrics.horizontalAdvance(line) for line in lines) + 2
        height = self.strong_metrics.height()
        ink = tokens.text if item.tone is Tone.NEUTRAL else tokens.tone(item.tone)
        top = room.top() + (room.height() - height * len(lines)) // 2
        for place, line in enumerate(lines):
            box = QRect(room.right() + 1 - used - width, top + place * height, width, height)
            _draw(painter, mirror.rect(box), line, self.strong, ink, Qt.AlignmentFlag.AlignTrailing)
        return width

    def _paint_words(self, painter: QPainter, room: QRect, used: int, item: RecordItem, mirror: _Mirror) -> None:
        tokens = Theme.current().tokens
        narrow = room.width() < Theme.current().px(620)
        detail = " \u00b7 ".join(part for part in (item.date if narrow else "", item.detail) if part)
        width = room.width() - used
        main_height, small_height = self.body_metrics.height(), self.small_metrics.height()
        both = main_height + (small_height + _LINES_GAP if detail else 0)
        top = room.top() + (room.height() - both) // 2
        elide = Qt.TextElideMode.ElideRight
        chip = chip_size(item.chip, self.chip_font) if item.chip and not self.shows_chip else QSize(0, 0)
        left = width - chip.width() - SPACE_M if chip.width() else width
        main = self.body_metrics.elidedText(item.main, elide, left)
        box = QRect(room.left(), top, width, main_height)
        _draw(painter, mirror.rect(box), main, self.body, tokens.text, Qt.AlignmentFlag.AlignLeading)
        if chip.width():
            beside = room.left() + self.body_metrics.horizontalAdvance(main) + SPACE_M
            box = QRect(QPoint(beside, top + (main_height - chip.height()) // 2), chip)
            paint_chip(painter, QRectF(mirror.rect(box)), item.chip, item.chip_tone, self.chip_font)
        if detail:
            text = self.small_metrics.elidedText(detail, elide, width)
            box = QRect(room.left(), top + main_height + _LINES_GAP, width, small_height)
            _draw(painter, mirror.rect(box), text, self.small, tokens.muted, Qt.AlignmentFlag.AlignLeading)


def two_lines(words: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Words in one line, or broken between two of them into two lines; the second may still be too wide."""
    if metrics.horizontalAdvance(words) <= width:
        return [words]
    first, _space, rest = words.partition(" ")
    while rest:
        word, _space, after = rest.partition(" ")
        if metrics.horizontalAdvance(f"{first} {word}") > width:
            return [first, rest]
        first, rest = f"{first} {word}", after
    return [first]


class _Mirror:
    """Puts a rectangle meant for left-to-right where it belongs in the other direction."""

    def __init__(self, direction: Qt.LayoutDirection, room: QRect) -> None:
        self._direction, self._room = direction, room

    def rect(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self._direction, self._room, rect)

    def rect_f(self, rect: QRectF) -> QRectF:
        return QRectF(self.rect(rect.toAlignedRect()))


def _draw(painter: QPainter, box: QRect, text: str, font: QFont, ink: str, side: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    painter.setPen(QColor(ink))
    direction = painter.layoutDirection()
    side = QStyle.visualAlignment(direction, side) | Qt.AlignmentFlag.AlignAbsolute
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # "6.1 mg/dL" keeps its own order
    flags = int(side) | int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
    painter.drawText(box, flags, text)
    painter.setLayoutDirection(direction)


class RecordListView(QTableView):
    """One column, all rows equally high. `opened` carries the record's id: by Enter, Space or a click.

    A table view and not a list view: its rows' places are known without asking the model for each.
    """

    opened = Signal(int)

    def __init__(
        self, name: str, *, shows_range: bool = False, shows_chip: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._delegate = RecordDelegate(self)
        self._delegate.shows_range = shows_range
        self._delegate.shows_chip = shows_chip
        self._rows_shown = 0
        self._place: tuple[int, int] | None = None
        self.setItemDelegate(self._delegate)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(self.verticalHeader().ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._open)
        Theme.current().changed.connect(self._measure)
        self._measure()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in keys and self.currentIndex().isValid():
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Home:
            self.selectRow(0)
        elif event.key() == Qt.Key.Key_End:
            self.selectRow(self.model().rowCount() - 1)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _letters: str) -> None:
        """Nothing: it would read every row of a long list on the window's thread. Lists have a filter for it."""

    def focusInEvent(self, event: QEvent) -> None:
        super().focusInEvent(event)
        self._stand_somewhere()

    def setModel(self, model: QAbstractItemModel) -> None:
        super().setModel(model)
        model.modelAboutToBeReset.connect(self._remember_place)
        model.modelReset.connect(self._return_to_place)  # after the selection's own, which lets go of the place

    def _return_to_place(self) -> None:
        """After the list was asked anew: stays on the same record, where it still is."""
        row_of = getattr(self.model(), "row_of", None)
        row = row_of(self._place[0]) if self._place is not None and row_of is not None else -1
        if row >= 0:
            self.selectRow(row)
            self.verticalScrollBar().setValue(self._place[1])
        self._place = None
        if self.hasFocus():
            self._stand_somewhere()

    def _remember_place(self) -> None:
        current = self.currentIndex()
        self._place = (current.data(RecordRole.ID), self.verticalScrollBar().value()) if current.isValid() else None

    def _stand_somewhere(self) -> None:
        if not self.currentIndex().isValid() and self.model() is not None and self.model().rowCount():
            self.selectRow(0)

    def show_rows(self, rows: int) -> None:
        """Makes the view as high as so many rows, at any text size: for a short list inside a card."""
        self._rows_shown = rows
        self.setFixedHeight(rows * self._delegate.row_height + 2 * self.frameWidth())

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(RecordRole.ID))

    def _measure(self) -> None:
        self._delegate.measure()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self._delegate.row_height)
        if self._rows_shown:
            self.show_rows(self._rows_shown)
        self.viewport().update()
