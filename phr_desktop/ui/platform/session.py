"""When the person leaves the computer: it goes to sleep, its screen is locked, another user takes it over.

One form for all systems; `session_watch` gives the one that fits. What each has been run on is said at its head.
"""

from __future__ import annotations

import sys
from enum import StrEnum

from PySide6.QtCore import QObject, Signal


class Departure(StrEnum):
    """How the person left."""

    SLEEP = "sleep"
    SCREEN_LOCK = "screen-lock"
    AWAY = "away"  # another user's turn at this computer, or the remote session was cut


class SessionWatch(QObject):
    """Emits `left` (a Departure) between `start` and `close`. Made, used and closed on the window's thread.

    This one hears nothing: it stands for a system that tells programs nothing.
    """

    left = Signal(object)

    @property
    def hears(self) -> bool:
        """Whether this system tells of anything."""
        return False

    def start(self) -> None:
        """Begins to listen, without waiting for anybody."""

    def hold_sleep(self) -> None:
        """The vault is open: asks the system to wait for `let_sleep` before it sleeps, where it can be asked. Before
        `start` too."""

    def let_sleep(self) -> None:
        """The vault is locked: the system may sleep."""

    def close(self) -> None:
        """Stops listening; again does nothing."""


def session_watch(parent: QObject | None = None) -> SessionWatch:
    """The one for this system; not started yet."""
    if sys.platform == "win32":
        from phr_desktop.ui.platform.session_windows import WindowsSession

        return WindowsSession(parent)
    if sys.platform == "darwin":
        from phr_desktop.ui.platform.session_mac import MacSession

        return MacSession(parent)
    from phr_desktop.ui.platform.session_linux import LinuxSession

    return LinuxSession(parent)
