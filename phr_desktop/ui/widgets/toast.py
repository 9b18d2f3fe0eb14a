"""What was just done, with an Undo that stays long enough to be found."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_M, SPACE_XL
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.text import Text

SHOWN_FOR_MS = 12_000


class Toast(QFrame):
    """One at a time, over the foot of `frame`. It waits while the mouse or the focus is on it.

    `undo` is called once, by its button or by `take_back()` (Ctrl+Z); a new text forgets the old one's undo.
    """

    def __init__(self, frame: QWidget) -> None:
        super().__init__(frame)
        self.text = Text("", wrap=False)
        self.undo_button = OutlineButton(self.tr("&Undo"), self.take_back)
        self._undo: Callable[[], object] | None = None
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_FOR_MS)
        self._timer.timeout.connect(self._time_is_up)
        line = QHBoxLayout(self)
        line.setContentsMargins(SPACE_L, SPACE_M - 4, SPACE_M - 4, SPACE_M - 4)
        line.setSpacing(SPACE_L)
        line.addWidget(self.text, 1)
        line.addWidget(self.undo_button)
        frame.installEventFilter(self)
        Theme.current().changed.connect(self._place)
        self.hide()

    def say(self, text: str, undo: Callable[[], object] | None = None) -> None:
        """Shows and announces `text`."""
        self._undo = undo
        self.text.setText(text)
        self.undo_button.setVisible(undo is not None)
        self.undo_button.setAccessibleName(f"{self.tr('Undo')}: {text}")
        self.show()
        self._place()
        self.raise_()
        self._timer.start()
        announce(self, text)

    def take_back(self) -> bool:
        """Undoes what the toast speaks of; False where there is nothing to undo."""
        undo, self._undo = self._undo, None
        self._end()
        if undo is None:
            return False
        undo()
        return True

    def forget(self) -> None:
        """Hides it and forgets its undo: on lock, and when another person is shown."""
        self._undo = None
        self.text.setText("")
        self._end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._place()
        return False

    def _time_is_up(self) -> None:
        if self.underMouse() or self.undo_button.hasFocus():
            self._timer.start()
        else:
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        self.hide()

    def _place(self) -> None:
        frame = self.parentWidget()
        self.text.setWordWrap(False)
        wanted = self.sizeHint().width()
        most = frame.width() - 2 * SPACE_XL
        self.text.setWordWrap(wanted > most)
        width = min(wanted, most)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry((frame.width() - width) // 2, frame.height() - height - SPACE_XL, width, height)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
