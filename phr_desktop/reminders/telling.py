"""The ways by which this desktop is told of reminders, and who uses them: the runner, or what ticks while locked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from phr_desktop.clock import Clock
from phr_desktop.domain.reminder_choices import Moment
from phr_desktop.domain.reminders import DeliveredBy, ReminderTarget

if TYPE_CHECKING:
    from phr_desktop.reminders.locked import LockedReminders, Rang
    from phr_desktop.reminders.notifier import DesktopChannel, Notifications, TrayNotifier


def _nothing(*_words: object) -> None: ...


class Telling:
    """Not for two threads at once: the core calls it while it holds its own door.

    The desktop's channel lives from the first use to `close`, locked or not, so that a click on a notification is
    heard whenever it comes. `on_clicked` and `on_waiting` are called on threads of their own.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tray: TrayNotifier | None = None
        self._on_clicked: Callable[[ReminderTarget | None], None] = _nothing
        self._on_waiting: Callable[[int], None] = _nothing
        self._desktop: DesktopChannel | None = None
        self._locked: LockedReminders | None = None

    def set_ways(
        self,
        tray: TrayNotifier | None,
        on_clicked: Callable[[ReminderTarget | None], None],
        on_waiting: Callable[[int], None],
    ) -> None:
        """`on_clicked` gets what a press on a notification leads to, None where that is the window alone; `on_waiting`
        gets how many reminders were told since the vault was locked."""
        self._tray, self._on_clicked, self._on_waiting = tray, on_clicked, on_waiting

    def clicked(self, target: ReminderTarget | None = None) -> None:
        """As if a notification had been pressed: the window comes forward."""
        self._on_clicked(target)

    def locked(self, moments: Mapping[Moment, int], ends: datetime | None = None) -> None:
        """From now on only these moments are known, and how often each rings again; what still shows a name goes.
        `ends` as `LockedReminders` has it."""
        from phr_desktop.reminders.locked import LockedReminders

        self._withdraw_private(wait=False)
        before = self._stop()
        notifier = self._notifications("reminder-locked-one", "reminder-locked-many")
        self._locked = LockedReminders(self._clock, notifier, moments, self._on_waiting, before, ends)
        self._locked.start()

    def unlocked(self) -> tuple[Notifications, Rang]:
        """The notifier for the runner, and what it has to settle. What is still shown of reminders is withdrawn: the
        program itself shows them now."""
        rang = self._stop()
        notifications = self._notifications("reminder-one", "reminder-many")
        if rang.told_at and self._desktop is not None:
            self._desktop.withdraw()
        return notifications, rang

    def try_out(self, by: DeliveredBy | None = None, *, alarm: bool = False) -> DeliveredBy:
        """A notification that is only a test: by this way alone, else by the first that shows it. `alarm`: with a
        sound. LIST: no way showed it."""
        from phr_desktop.reminders.notifier import About

        every = self._notifications("reminder-one", "reminder-many")
        return (every if by is None else every.only(by)).tell("reminder-test", About(alarm=alarm))

    def close(self) -> None:
        """Ends what ticks and what shows, and takes back what still shows a name; again does nothing."""
        self._stop()
        self._withdraw_private(wait=True)
        desktop, self._desktop = self._desktop, None
        if desktop is not None:
            desktop.close()

    def _withdraw_private(self, *, wait: bool) -> None:
        if self._desktop is not None:
            self._desktop.withdraw_private(wait=wait)

    def _stop(self) -> Rang:
        from phr_desktop.reminders.locked import Rang

        locked, self._locked = self._locked, None
        return Rang() if locked is None else locked.stop()

    def _notifications(self, one: str, many: str) -> Notifications:
        from phr_desktop.reminders.notifier import DesktopChannel, Notifications

        if self._desktop is None:
            self._desktop = DesktopChannel(self.clicked)
        return Notifications(self._desktop, self._tray, one=one, many=many)
