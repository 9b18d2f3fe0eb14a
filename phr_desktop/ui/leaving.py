"""Locks when the person leaves: after a while without a touch, with a warning; at once when the computer says so."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.lock_warning import LockWarning
from phr_desktop.ui.fill import fill
from phr_desktop.ui.idle import IdleWatch
from phr_desktop.ui.platform.session import Departure, SessionWatch
from phr_desktop.ui.services import Services


class Leaving(QObject):
    """Between `opened` and `locking` it calls `lock` with a sentence that says why."""

    def __init__(
        self, services: Services, session: SessionWatch, window: QWidget, lock: Callable[[str], object]
    ) -> None:
        super().__init__(window)
        self._settings, self._window, self._lock = services.settings, window, lock
        self.session = session
        self.idle = IdleWatch(services.clock, lambda: self._settings.lock_minutes, self)
        self.warning: LockWarning | None = None
        self.idle.warned.connect(self._warn)
        self.idle.touched_again.connect(self._take_back)
        self.idle.left.connect(self._nobody_is_there)
        session.left.connect(self._left)

    def opened(self) -> None:
        """The vault is open: it counts from now on, and the computer waits for the lock before it sleeps."""
        self.idle.start()
        self.session.hold_sleep()

    def locking(self) -> None:
        """The screen is being emptied; again does nothing."""
        self.idle.stop()

    def locked(self) -> None:
        """The vault is shut: the computer may sleep."""
        self.session.let_sleep()

    def _warn(self, seconds: int) -> None:
        """A window that nobody sees warns nobody: it locks without. It does not lock what somebody waits for."""
        if any(each.is_working() for each in self._window.findChildren(CalmDialog)):
            self.idle.touch()
            return
        warning = self._shown()
        if warning is not None:
            warning.show_seconds(seconds)
        elif self._window.isVisible() and not self._window.isMinimized():
            above = QApplication.activeModalWidget() or self._window
            self.warning = LockWarning(seconds, self.idle.touch, lambda: self._lock(""), above)
            self.warning.finished.connect(self._gone)
            self.warning.show()

    def _gone(self) -> None:
        self.warning = None

    def _take_back(self) -> None:
        warning = self._shown()
        if warning is not None:
            warning.accept()

    def _shown(self) -> LockWarning | None:
        """The dialog under it may have closed by itself meanwhile, and taken the warning with it."""
        if self.warning is not None and not (isValid(self.warning) and self.warning.isVisible()):
            self.warning = None
        return self.warning

    def _nobody_is_there(self) -> None:
        minutes = self._settings.lock_minutes
        words = self.tr("It locked because nobody used it for %1 minutes.")
        self._lock(fill(words, minutes) if minutes > 1 else self.tr("It locked because nobody used it for a minute."))

    def _left(self, departure: Departure) -> None:
        if departure is Departure.SLEEP:
            self._lock(self.tr("It locked because the computer went to sleep."))
        else:
            self._lock(self.tr("It locked because the computer's screen was locked."))
