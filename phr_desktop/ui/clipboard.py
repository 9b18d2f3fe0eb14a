"""What was copied out of the program does not stay on the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

KEPT_FOR = 30_000  # milliseconds


class ClipboardGuard(QObject):
    """Clears a copy of ours after KEPT_FOR, unless something else was copied since. One for the program.

    `is_ours` is Qt's own answer; a test, on a system that gives none, passes another.
    """

    def __init__(self, parent: QObject | None = None, is_ours: Callable[[], bool] | None = None) -> None:
        super().__init__(parent)
        self._clipboard = QGuiApplication.clipboard()
        self._is_ours = is_ours or self._clipboard.ownsClipboard
        self._timer = QTimer(self, singleShot=True, interval=KEPT_FOR)
        self._timer.timeout.connect(self.clear)
        self._clipboard.dataChanged.connect(self._changed)

    def clear(self) -> None:
        """Clears it now where it is ours, also what is only marked with the mouse (X11): on lock, and at the end."""
        self._timer.stop()
        if self._is_ours():
            self._clipboard.clear()
        if self._clipboard.supportsSelection() and self._clipboard.ownsSelection():
            self._clipboard.clear(QClipboard.Mode.Selection)

    def _changed(self) -> None:
        if self._is_ours() and self._clipboard.mimeData() is not None and self._clipboard.mimeData().formats():
            self._timer.start()
        else:
            self._timer.stop()
