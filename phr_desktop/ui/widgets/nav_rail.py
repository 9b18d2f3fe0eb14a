"""The rail at the left: plain words in groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.ui import icons
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import BODY, RADIUS_CONTROL, SMALL, SPACE_M, SPACE_S

_NARROW_BELOW = 480  # pixels of the window at 100 %
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry. `title` may carry a mnemonic; `hint` is its key in words, shown where `show_hint`."""

    key: str
    title: str
    icon: str
    hint: str = ""
    show_hint: bool = False


class RailButton(QAbstractButton):
    """An entry: an icon, a word, and whether it is the page that is shown. Where it is narrow the word stands below."""

    stepped = Signal(object)  # the key that moves to another entry

    def __init__(self, item: NavItem, *, checkable: bool = True) -> None:
        super().__init__()
        self.item = item
        self._narrow = False
        self.setText(item.title)
        self.setAccessibleName(item.title.replace("&", ""))
        self.setAccessibleDescription(item.hint)
        self.setToolTip(item.hint)
        self.setCheckable(checkable)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        Theme.current().changed.connect(self.updateGeometry)

    def set_narrow(self, narrow: bool) -> None:
        self._narrow = narrow
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        self.ensurePolished()
        if self._narrow:
            small = QFontMetrics(theme.font(SMALL, strong=True))
            width = small.size(Qt.TextFlag.TextShowMnemonic, self.text()).width()
            return QSize(width + 2 * SPACE_S, theme.px(20) + small.height() + 2 * SPACE_S)
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text()).width()
        hint = self.fontMetrics().horizontalAdvance(self.item.hint) + SPACE_M if self.item.show_hint else 0
        return QSize(theme.px(12 + 20 + 12) + round(words * 1.08) + hint + 12, theme.control_height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (*_STEPS, Qt.Key.Key_Home, Qt.Key.Key_End):
            self.stepped.emit(event.key())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = Theme.current()
        tokens = theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        size = theme.px(20)
        glyph = icons.pixmap(
            self.item.icon, tokens.accent if self.isChecked() else tokens.muted, size, self.devicePixelRatioF()
        )
        painter.setPen(QColor(tokens.accent if self.isChecked() else tokens.text))
        if self._narrow:
            self._paint_below(painter, glyph, size)
        else:
            self._paint_beside(painter, glyph, size)

    def _paint_below(self, painter: QPainter, glyph: QPixmap, size: int) -> None:
        painter.drawPixmap(QPointF((self.width() - size) / 2, SPACE_S), glyph)
        painter.setFont(Theme.current().font(SMALL, strong=self.isChecked()))
        room = QRectF(self.rect()).adjusted(0, SPACE_S + size, 0, -SPACE_S)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter) | int(self._mnemonic_flag()), self.text())

    def _paint_beside(self, painter: QPainter, glyph: QPixmap, size: int) -> None:
        theme = Theme.current()
        left = theme.px(12)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = self.width() - left - size if mirrored else left
        painter.drawPixmap(QPointF(x, (self.height() - size) / 2), glyph)
        room = QRectF(self.rect()).adjusted(left + size + left, 0, -left, 0)
        if mirrored:
            room.translate(-(size + left), 0)
        painter.setFont(theme.font(BODY, strong=self.isChecked()))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(room, int(flags) | int(self._mnemonic_flag()), self.text())
        if self.item.show_hint:
            painter.setFont(theme.font(SMALL))
            painter.setPen(QColor(theme.tokens.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing, self.item.hint)

    def _paint_ground(self, painter: QPainter) -> None:
        tokens = Theme.current().tokens
        if not (self.isChecked() or self.underMouse()):
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.soft_accent if self.isChecked() else tokens.hover))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_CONTROL, RADIUS_CONTROL)
        if self.isChecked():
            bar = QRectF(0, self.height() * 0.25, 3, self.height() * 0.5)
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                bar.moveRight(self.width())
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def _mnemonic_flag(self) -> Qt.TextFlag:
        shown = bool(self.window().property("show-mnemonics"))
        return Qt.TextFlag.TextShowMnemonic if shown else Qt.TextFlag.TextHideMnemonic


class NavRail(QFrame):
    """Groups of entries from the top, and `foot` at the foot. Up, Down, Home and End move between them.

    Entries open pages and are marked by `select`, except those of `foot` that are not named in `foot_pages`.
    """

    chosen = Signal(str)

    def __init__(
        self,
        groups: Sequence[Sequence[NavItem]],
        foot: Sequence[NavItem] = (),
        *,
        foot_pages: Collection[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Sections"))
        self._buttons: dict[str, RailButton] = {}
        self._narrow = False
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(12, 16, 12, 12)
        self._column.setSpacing(2)
        for place, group in enumerate(groups):
            if place and group:
                self._column.addSpacing(12)
            self._add(group, {item.key for item in group})
        self._column.addStretch(1)
        self._add(foot, foot_pages)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        inside.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._area)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def button(self, key: str) -> RailButton:
        return self._buttons[key]

    def keys(self) -> list[str]:
        return list(self._buttons)

    def select(self, key: str) -> None:
        """Marks the entry of the page that is shown; a key that is not in the rail marks none."""
        for each, button in self._buttons.items():
            if button.isCheckable():
                button.setChecked(each == key)

    def update_entries(self) -> None:
        """Paints the entries anew, with or without their mnemonics."""
        for button in self._buttons.values():
            button.update()

    def fit(self, window_width: int) -> None:
        """Puts the words below the pictures where the text is so large that they would take half of the window."""
        narrow = window_width < Theme.current().px(_NARROW_BELOW)
        if narrow != self._narrow:
            self._narrow = narrow
            for button in self._buttons.values():
                button.set_narrow(narrow)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        wanted = max((each.sizeHint().width() for each in self._buttons.values()), default=0) + 24
        return QSize(wanted if self._narrow else max(wanted, 212), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.updateGeometry()

    def _step(self, from_button: RailButton, key: int) -> None:
        buttons = list(self._buttons.values())
        places = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(buttons) - 1}
        wanted = places.get(key, (buttons.index(from_button) + _STEPS.get(key, 0)) % len(buttons))
        buttons[wanted].setFocus(Qt.FocusReason.TabFocusReason)
        self._area.ensureWidgetVisible(buttons[wanted])

    def _add(self, items: Sequence[NavItem], pages: Collection[str]) -> None:
        for item in items:
            button = RailButton(item, checkable=item.key in pages)
            button.clicked.connect(lambda _checked=False, key=item.key: self._choose(key))
            button.stepped.connect(lambda key, button=button: self._step(button, key))
            self._buttons[item.key] = button
            self._column.addWidget(button)

    def _choose(self, key: str) -> None:
        button = self._buttons[key]
        if button.isCheckable():
            button.setChecked(True)
        self.chosen.emit(key)
