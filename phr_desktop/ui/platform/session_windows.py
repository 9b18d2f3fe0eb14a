"""Windows: session changes by WTSRegisterSessionNotification, sleep by WM_POWERBROADCAST, both to a window of our own.

Documented at learn.microsoft.com under those names. How a message is read is tested everywhere; asking Windows for the
messages has never run. Windows gives a program about two seconds before it sleeps and cannot be asked to wait: what the
lock has not finished by then it finishes on waking.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import wintypes

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication, QObject
from PySide6.QtGui import QWindow

from phr_desktop.ui.platform.session import Departure, SessionWatch

WM_POWERBROADCAST = 0x0218
WM_WTSSESSION_CHANGE = 0x02B1
_NOTIFY_FOR_THIS_SESSION = 0
_DEVICE_NOTIFY_WINDOW_HANDLE = 0
_MEANINGS = {
    (WM_POWERBROADCAST, 0x4): Departure.SLEEP,  # PBT_APMSUSPEND
    (WM_WTSSESSION_CHANGE, 0x7): Departure.SCREEN_LOCK,  # WTS_SESSION_LOCK
    (WM_WTSSESSION_CHANGE, 0x2): Departure.AWAY,  # WTS_CONSOLE_DISCONNECT
    (WM_WTSSESSION_CHANGE, 0x4): Departure.AWAY,  # WTS_REMOTE_DISCONNECT
    (WM_WTSSESSION_CHANGE, 0x6): Departure.AWAY,  # WTS_SESSION_LOGOFF
}


class WindowsSession(SessionWatch):
    """Listens with a window that is never shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ear: QWindow | None = None
        self._filter = MessageFilter(self.left.emit)
        self._hears = False

    @property
    def hears(self) -> bool:
        return self._hears

    def start(self) -> None:
        self._ear = QWindow()
        self._ear.create()
        QCoreApplication.instance().installNativeEventFilter(self._filter)
        handle = wintypes.HWND(int(self._ear.winId()))
        sessions = ctypes.windll.wtsapi32.WTSRegisterSessionNotification(handle, _NOTIFY_FOR_THIS_SESSION)
        # Without this a machine with modern standby broadcasts no sleep.
        sleeps = ctypes.windll.user32.RegisterSuspendResumeNotification(handle, _DEVICE_NOTIFY_WINDOW_HANDLE)
        self._hears = bool(sessions) or bool(sleeps)

    def close(self) -> None:
        ear, self._ear = self._ear, None
        if ear is not None:
            QCoreApplication.instance().removeNativeEventFilter(self._filter)
            ctypes.windll.wtsapi32.WTSUnRegisterSessionNotification(wintypes.HWND(int(ear.winId())))
            ear.destroy()
            self._hears = False


class MessageFilter(QAbstractNativeEventFilter):
    """Reads the messages that Windows posts, and lets every one of them pass."""

    def __init__(self, tell: Callable[[Departure], object]) -> None:
        super().__init__()
        self._tell = tell

    def nativeEventFilter(self, kind: QByteArray | bytes, message: int) -> tuple[bool, int]:
        if bytes(kind).startswith(b"windows_"):
            posted = wintypes.MSG.from_address(int(message))
            departure = _MEANINGS.get((posted.message, posted.wParam or 0))
            if departure is not None:
                self._tell(departure)
        return False, 0
