"""Which of several lists or sections is shown: words, with their counts, in lines that wrap, one of them marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import BODY, SMALL, SPACE_S
from phr_desktop.ui.widgets.flow_layout import FlowLayout

_PAD = 14


@dataclass(frozen=True, slots=True)
class Tab:
    """One list or section: its key, its words, how many there are in it (None: they are not counted)."""

    key: str
    words: str
    count: int | None = None


class SectionTabs(QWidget):
    """`chosen` carries the key of the list that the person chose. Left, Right, Home and End go through them."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._line = FlowLayout(self, spacing=SPACE_S)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, _TabButton] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_tabs(self, tabs: Sequence[Tab]) -> None:
        """Shows these; the one that is marked stays marked if it is still there, else the first is."""
        if [tab.key for tab in tabs] != list(self._buttons):
            self._rebuild(tabs)
        for tab in tabs:
            self._buttons[tab.key].show_count(tab.count)

    def current(self) -> str:
        """The key of the marked one; "" while there is none."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def choose(self, key: str) -> None:
        """Marks one, as a click would, without saying `chosen`."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def button(self, key: str) -> QAbstractButton:
        return self._buttons[key]

    def _rebuild(self, tabs: Sequence[Tab]) -> None:
        marked = self.current()
        for button in self._buttons.values():
            self._group.removeButton(button)
            self._line.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = {tab.key: _TabButton(tab.words, self) for tab in tabs}
        for key, button in self._buttons.items():
            self._group.addButton(button)
            self._line.addWidget(button)
            button.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
        self.choose(marked if marked in self._buttons else next(iter(self._buttons), ""))


class _TabButton(QAbstractButton):
    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        self._count = ""
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        Theme.current().changed.connect(self.updateGeometry)

    def show_count(self, count: int | None) -> None:
        self._count = "" if count is None else f"{count:,}"
        self.setAccessibleName(f"{self._words}, {self._count}" if self._count else self._words)
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A group of buttons takes the arrows itself, but only marks; here the list follows as by a click."""
        buttons = self.group().buttons()
        here = buttons.index(self)
        back = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        steps = {
            Qt.Key.Key_Left: here + 1 if back else here - 1,
            Qt.Key.Key_Right: here - 1 if back else here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(buttons) - 1,
        }
        if event.key() not in steps:
            super().keyPressEvent(event)
            return
        other = buttons[min(max(steps[Qt.Key(event.key())], 0), len(buttons) - 1)]
        other.setFocus(Qt.FocusReason.TabFocusReason)
        if other is not self:
            other.click()

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        words = QFontMetrics(theme.font(BODY, strong=True)).horizontalAdvance(self._words)
        count = QFontMetrics(theme.font(SMALL)).horizontalAdvance(self._count)
        gap = theme.px(8) if self._count else 0
        return QSize(words + gap + count + 2 * theme.px(_PAD), theme.control_height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = Theme.current()
        tokens = theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.isChecked()
        line = tokens.border_width
        edge = tokens.accent if marked else tokens.control_border
        ground = tokens.soft_accent if marked else tokens.hover if self.underMouse() else tokens.surface
        painter.setPen(QPen(QColor(edge), line))
        painter.setBrush(QColor(ground))
        box = QRectF(self.rect()).adjusted(line / 2, line / 2, -line / 2, -line / 2)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        inside = self.rect().adjusted(theme.px(_PAD), 0, -theme.px(_PAD), 0)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.font(BODY, strong=marked))
        painter.setPen(QColor(tokens.accent if marked else tokens.text))
        painter.drawText(inside, middle | int(Qt.AlignmentFlag.AlignLeading), self._words)
        painter.setFont(theme.font(SMALL))
        painter.setPen(QColor(tokens.accent if marked else tokens.muted))
        painter.drawText(inside, middle | int(Qt.AlignmentFlag.AlignTrailing), self._count)
