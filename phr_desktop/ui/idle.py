"""Knows how long nobody has touched the program, warns a minute before it locks, and says when the time is up.

Keys, clicks, the wheel and real moves of the mouse count, in any window of the program. They are seen at the windows
of the system, not at the application: there Python would run for every event inside every widget.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import SIGNAL, SLOT, QEvent, QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent
from shiboken6 import isValid

from phr_desktop.clock import Clock

WARNING = 60.0  # seconds before the lock; half the time where that is less than two minutes
CHECKED_EVERY = 15.0  # seconds
ASLEEP = 90.0  # seconds that a check comes late: the computer slept, and nobody was told
_TOUCHES = {
    QEvent.Type.KeyPress,
    QEvent.Type.KeyRelease,  # a shortcut's press never reaches the window
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.TouchUpdate,
    QEvent.Type.TabletPress,
}


class IdleWatch(QObject):
    """Works between `start` and `stop`. `minutes` is asked at every check; 0 is never.

    `warned` carries how many seconds are left, every second; `touched_again` takes the warning back. `left` says that
    the time is up, or that the computer slept unannounced.
    """

    warned = Signal(int)
    touched_again = Signal()
    left = Signal()

    def __init__(self, clock: Clock, minutes: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock, self._minutes = clock, minutes
        self._touched = self._checked = self._now()
        self._pointer = QPointF()
        self._runs = self._warns = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.check)
        later = QTimer(self, singleShot=True, interval=0)  # no Python runs while Qt is still moving the focus
        later.timeout.connect(self._attach)
        QObject.connect(QGuiApplication.instance(), SIGNAL("focusWindowChanged(QWindow*)"), later, SLOT("start()"))

    def start(self) -> None:
        """Counts from now on."""
        self._runs = True
        self._checked = self._now()
        self.touch()
        self.check()

    def stop(self) -> None:
        """Counts no more; again does nothing."""
        self._runs = self._warns = False
        self._timer.stop()

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._now()
        if self._warns:
            self._warns = False
            self.touched_again.emit()
            self.check()

    def check(self) -> None:
        """Looks at the clocks, and says what is to be said; it sees to its own repeating."""
        if not self._runs:
            return
        self._attach()
        slept = _seconds(self._checked, self._now()) > CHECKED_EVERY + ASLEEP
        self._checked = self._now()
        limit = self._minutes() * 60.0
        rest = limit - _seconds(self._touched, self._now()) if limit else math.inf
        if slept or rest <= 0:
            self.stop()
            self.left.emit()
            return
        before = min(WARNING, limit / 2)
        if rest <= before:
            self._warns = True
            self.warned.emit(math.ceil(rest))
        self._timer.start(round(1000 * (1.0 if rest <= before else min(rest - before, CHECKED_EVERY))))

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        if self._runs and (event.type() in _TOUCHES or self._is_move(event)):
            self.touch()
        return False

    def _is_move(self, event: QEvent) -> bool:
        """Systems also send a move when a window appears under a mouse that lies still."""
        if event.type() != QEvent.Type.MouseMove or not isinstance(event, QMouseEvent):
            return False
        before, self._pointer = self._pointer, event.globalPosition()
        return before != self._pointer

    def _attach(self) -> None:
        """Follows every window that is there by now; one that is followed already is not followed twice."""
        for window in QGuiApplication.topLevelWindows():
            if isValid(window):
                window.installEventFilter(self)

    def _now(self) -> tuple[float, datetime]:
        return self._clock.monotonic(), self._clock.now()


def _seconds(since: tuple[float, datetime], now: tuple[float, datetime]) -> float:
    """By the clock that went further: one does not count sleep, the other can be set back."""
    return max(now[0] - since[0], (now[1] - since[1]).total_seconds())
