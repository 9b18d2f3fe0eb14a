"""The icon beside the desktop's clock, where there is such a place: it tells of reminders and brings the window back.

Closing the window hides it where this icon is (`ui/closing.py`), and only there.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from phr_desktop.domain.reminders import ReminderTarget
from phr_desktop.ui import icons
from phr_desktop.ui.main_window import TITLE, MainWindow
from phr_desktop.ui.tokens import LIGHT

_SIZES = (16, 22, 32, 48)


class _Opening(Protocol):
    opens: ReminderTarget | None


class Tray(QObject):
    """A channel for reminders (`reminders.notifier.TrayNotifier`). Made and closed on the window's thread."""

    _wanted = Signal(str, str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        # Asked once, here: these may only be asked on the window's thread, and `show` comes from another.
        self.is_there = QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()
        self._opens: ReminderTarget | None = None
        self._icon: QSystemTrayIcon | None = None
        self._wanted.connect(self._show, Qt.ConnectionType.QueuedConnection)
        if self.is_there:
            self._icon = self._make_icon()

    def show(self, title: str, text: str, about: _Opening | None = None) -> bool:
        """Shows a message soon; from any thread. False where there is no tray that shows messages.

        A press on it opens what the last message was about. Both texts are seen by everyone near a locked screen: they
        must say nothing private.
        """
        if not self.is_there:
            return False
        self._opens = None if about is None else about.opens
        self._wanted.emit(title, text)
        return True

    def close(self) -> None:
        """Takes the icon away; from then on `show` shows nothing."""
        self.is_there = False
        if self._icon is not None:
            self._icon.hide()

    def _make_icon(self) -> QSystemTrayIcon:
        picture = QIcon()
        for size in _SIZES:
            picture.addPixmap(icons.pixmap("shield", LIGHT.accent, size))
        icon = QSystemTrayIcon(picture, self)
        icon.setToolTip(TITLE)
        self._menu = QMenu(self._window)
        self._menu.addAction(self.tr("&Open"), self._window.come_forward)
        self._menu.addAction(self.tr("&Quit, without reminders"), lambda: self._window.closing.quit(reminders=False))
        icon.setContextMenu(self._menu)
        icon.activated.connect(self._clicked)
        icon.messageClicked.connect(lambda: self._window.reminders.open(self._opens))
        icon.show()
        return icon

    def _clicked(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self._window.come_forward()

    def _show(self, title: str, text: str) -> None:
        if self.is_there and self._icon is not None:
            self._icon.showMessage(title, text, self._icon.icon())
