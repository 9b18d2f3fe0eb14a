"""What reminders do to the window: those that the desktop could not show, alarms that ring, a notification pressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from phr_desktop.domain.reminders import Occurrence, ReminderTarget

if TYPE_CHECKING:
    from phr_desktop.ui.main_window import MainWindow
    from phr_desktop.ui.reminding import Alarms


class WindowReminders(QObject):
    """Between `opened` and `locking` the record is shown. Used on the window's thread only."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.alarms: Alarms | None = None
        self._wanted: ReminderTarget | None = None  # what a notification led to while the record was locked

    def opened(self) -> None:
        """The first page is shown: starts what syncs and reminds, and shows what waited for the unlock."""
        window = self._window
        start, post = window.services.start_background, window.bridge.post

        def begin() -> None:
            start(
                window.bridge.post_change,
                lambda told: post(lambda: self.tell(told)),
                lambda alarms: post(lambda: self.ring(alarms)),
            )

        window.bridge.run_query(begin, lambda _nothing: None, owner=window)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.open(wanted)

    def locking(self) -> None:
        """The screen is being emptied."""
        self.alarms = None

    def tell(self, told: Sequence[Occurrence]) -> None:
        """The desktop could not show them: they stand in the window."""
        if self._window.shell is not None:
            self._window.shell.show_reminders(told)

    def ring(self, alarms: Sequence[Occurrence]) -> None:
        """With a sound, and a card that stays until each alarm is answered."""
        from phr_desktop.ui.reminding import Alarms

        if self._window.shell is None:
            return
        if self.alarms is None:
            self.alarms = Alarms(self._window.shell)
        self._window.come_forward()
        self.alarms.ring(alarms)

    def wait(self, count: int) -> None:
        """So many fell due since the lock: Unlock says so."""
        door = self._window.door
        if door is not None:
            door.show_waiting(count)

    def open(self, target: ReminderTarget | None) -> None:
        """A notification was pressed: shows what it told of, once the record is open."""
        from phr_desktop.ui.reminding import nothing_marked, open_target

        self._window.come_forward()
        if self._window.shell is not None and target is not None:
            open_target(self._window.shell, target)
            return
        self._wanted = target
        door = self._window.door
        if target is not None and target.unmarked and door is not None:
            door.say(nothing_marked())
