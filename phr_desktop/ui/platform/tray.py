"""The icon beside the desktop's clock, where there is such a place: it tells of reminders and brings the window back.

The window is never hidden into it, so nothing is lost where a desktop has none.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from phr_desktop.ui import icons
from phr_desktop.ui.main_window import TITLE, MainWindow
from phr_desktop.ui.tokens import LIGHT

_SIZES = (16, 22, 32, 48)


class Tray(QObject):
    """A channel for reminders (`reminders.notifier.TrayNotifier`). Made and closed on the window's thread."""

    _wanted = Signal(str, str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        # Asked once, here: these may only be asked on the window's thread, and `show` comes from another.
        self._is_there = QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()
        self._icon: QSystemTrayIcon | None = None
        self._wanted.connect(self._show, Qt.ConnectionType.QueuedConnection)
        if self._is_there:
            self._icon = self._make_icon()

    def show(self, title: str, text: str) -> bool:
        """Shows a message soon; from any thread. False where there is no tray that shows messages.

        Both texts are seen by everyone near a locked screen: they must say nothing private.
        """
        if not self._is_there:
            return False
        self._wanted.emit(title, text)
        return True

    def close(self) -> None:
        """Takes the icon away; from then on `show` shows nothing."""
        self._is_there = False
        if self._icon is not None:
            self._icon.hide()

    def _make_icon(self) -> QSystemTrayIcon:
        picture = QIcon()
        for size in _SIZES:
            picture.addPixmap(icons.pixmap("shield", LIGHT.accent, size))
        icon = QSystemTrayIcon(picture, self)
        icon.setToolTip(TITLE)
        icon.activated.connect(self._clicked)
        icon.messageClicked.connect(self._window.come_forward)
        icon.show()
        return icon

    def _clicked(self, _reason: QSystemTrayIcon.ActivationReason) -> None:
        self._window.come_forward()

    def _show(self, title: str, text: str) -> None:
        if self._is_there and self._icon is not None:
            self._icon.showMessage(title, text, self._icon.icon())
