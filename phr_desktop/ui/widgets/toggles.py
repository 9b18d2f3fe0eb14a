"""A check box, a radio button and a drop-down list whose marks grow with the text and follow the palette."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QRadioButton,
    QSizePolicy,
    QStyleOptionComboBox,
    QWidget,
)

from phr_desktop.ui import icons
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import BODY, SPACE_S

MARK = 20
_LEAST = 160  # pixels at 100 % to which a list may shrink; its words then end in dots


class CheckBox(QCheckBox):
    """`text` may carry a mnemonic; it wraps."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        _let_wrap(self)

    def sizeHint(self) -> QSize:
        return _toggle_size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(Theme.current().px(120), Theme.current().control_height())

    def heightForWidth(self, width: int) -> int:
        return _toggle_height(self, width)

    def hitButton(self, point) -> bool:
        return self.rect().contains(point)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, mark = _start(self)
        tokens = Theme.current().tokens
        painter.setPen(QPen(QColor(tokens.accent if self.isChecked() else tokens.field_border), 2))
        painter.setBrush(QColor(tokens.accent if self.isChecked() else tokens.surface))
        painter.drawRoundedRect(mark, 5, 5)
        if self.isChecked():
            side = round(mark.width())
            painter.drawPixmap(mark.topLeft(), icons.pixmap("check", tokens.on_accent, side, self.devicePixelRatioF()))
        _words(self, painter)


class RadioButton(QRadioButton):
    """`text` may carry a mnemonic; it wraps."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        _let_wrap(self)

    def sizeHint(self) -> QSize:
        return _toggle_size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(Theme.current().px(60), Theme.current().control_height())

    def heightForWidth(self, width: int) -> int:
        return _toggle_height(self, width)

    def hitButton(self, point) -> bool:
        return self.rect().contains(point)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, mark = _start(self)
        tokens = Theme.current().tokens
        painter.setPen(QPen(QColor(tokens.accent if self.isChecked() else tokens.field_border), 2))
        painter.setBrush(QColor(tokens.surface))
        painter.drawEllipse(mark)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(mark.center(), mark.width() * 0.26, mark.width() * 0.26)
        _words(self, painter)


class Choice(QComboBox):
    """A drop-down list, never editable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), Theme.current().px(_LEAST)), hint.height())

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        room = self.width() - Theme.current().px(8 + 18 + 8) - 2 * SPACE_S
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = Theme.current()
        side = theme.px(18)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = theme.px(8) if mirrored else self.width() - side - theme.px(8)
        glyph = icons.pixmap("chevron-down", theme.tokens.muted, side, self.devicePixelRatioF())
        QPainter(self).drawPixmap(QPointF(x, (self.height() - side) / 2), glyph)


def _let_wrap(button: QAbstractButton) -> None:
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    button.setSizePolicy(policy)


def _toggle_height(button: QAbstractButton, width: int) -> int:
    theme = Theme.current()
    flags = int(Qt.TextFlag.TextShowMnemonic) | int(Qt.TextFlag.TextWordWrap)
    room = QRect(0, 0, max(width - theme.px(MARK) - SPACE_S, 1), 10_000)
    return max(button.fontMetrics().boundingRect(room, flags, button.text()).height() + SPACE_S, theme.control_height())


def _toggle_size(button: QAbstractButton) -> QSize:
    theme = Theme.current()
    words = button.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, button.text()).width()
    return QSize(theme.px(MARK) + SPACE_S + words + 4, theme.control_height())


def _start(button: QAbstractButton) -> tuple[QPainter, QRectF]:
    painter = QPainter(button)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = Theme.current().px(MARK)
    mirrored = button.layoutDirection() == Qt.LayoutDirection.RightToLeft
    x = button.width() - side - 1 if mirrored else 1
    return painter, QRectF(x, (button.height() - side) / 2, side, side).adjusted(1, 1, -1, -1)


def _words(button: QAbstractButton, painter: QPainter) -> None:
    theme = Theme.current()
    room = QRectF(button.rect())
    gap = theme.px(MARK) + SPACE_S
    mirrored = button.layoutDirection() == Qt.LayoutDirection.RightToLeft
    room = room.adjusted(0, 0, -gap, 0) if mirrored else room.adjusted(gap, 0, 0, 0)
    painter.setFont(theme.font(BODY))
    painter.setPen(QColor(theme.tokens.text if button.isEnabled() else theme.tokens.muted))
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
    painter.drawText(
        room, int(flags) | int(Qt.TextFlag.TextShowMnemonic) | int(Qt.TextFlag.TextWordWrap), button.text()
    )
