"""The three kinds of button: filled (one in a card at most), outlined, and a link in the accent."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from phr_desktop.ui import icons
from phr_desktop.ui.theme import Theme

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Button(QPushButton):
    """A push button of at least 40 pixels.

    `text` may carry a mnemonic (`&Save`); foreign text goes through `literal()`. `name` is what a screen reader says
    where the text alone does not say on what the button works ("Taken" -> "Taken: metformin 500 mg, for Mina").
    """

    ink = "text"

    def __init__(
        self,
        text: str,
        clicked: Callable[[], object] | None = None,
        *,
        icon: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon = icon
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if name:
            self.setAccessibleName(name)
        if clicked is not None:
            self.clicked.connect(lambda _checked=False: clicked())
        if icon:
            Theme.current().changed.connect(self._draw_icon)
            self._draw_icon()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it, once however long it is held down, where what it stands in `takes_enter`: dialogs, and what
        comes before the record. In its pages the Enter that opened the record a moment ago must not mark a dose.

        It is the key that came to this button: one that a field took, and that led on to a button, presses nothing.
        """
        if event.key() in _ENTER and self._takes_enter():
            if not event.isAutoRepeat():
                self.click()
        else:
            super().keyPressEvent(event)

    def _takes_enter(self) -> bool:
        whole = self.parentWidget()
        while whole is not None and not hasattr(whole, "takes_enter"):
            whole = whole.parentWidget()
        return whole is not None and whole.takes_enter

    def _draw_icon(self) -> None:
        theme = Theme.current()
        size = theme.px(18)
        self.setIcon(icons.icon(self._icon, getattr(theme.tokens, self.ink), size, self.devicePixelRatioF()))
        self.setIconSize(QSize(size, size))


class PrimaryButton(_Button):
    """The one thing to do here."""

    ink = "on_accent"


class OutlineButton(_Button):
    """Everything else that can be done here."""


class LinkButton(_Button):
    """Leads somewhere; stands at a card's right. A `flush` one has no room at its sides, to line up with text."""

    ink = "accent"

    def __init__(
        self,
        text: str,
        clicked: Callable[[], object] | None = None,
        *,
        icon: str = "",
        name: str = "",
        flush: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, clicked, icon=icon, name=name, parent=parent)
        self.setProperty("flush", flush)
