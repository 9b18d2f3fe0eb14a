"""What closing the window and quitting do: the window hides beside the clock where it can, else it says what stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject

from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.message import Message

if TYPE_CHECKING:
    from phr_desktop.ui.main_window import MainWindow


def tr(text: str) -> str:
    return QCoreApplication.translate("closing", text)


class TrayIcon(Protocol):
    """What is needed of the icon beside the clock."""

    is_there: bool

    def show(self, title: str, text: str) -> bool: ...


class Closing(QObject):
    """`tray` is set once there is one. `reminds`: a reminder is to come, as far as was known while the record was open.
    `for_good` ends the program whatever comes: the person or the system said so. `key_given_up`: also with a recovery
    key that nobody has written down yet."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.services.settings
        self.reminds = False
        self.tray: TrayIcon | None = None
        self.for_good = self.key_given_up = False

    def may_close(self) -> bool:
        """Whether the window closes now, and the program ends; else it is hidden or has asked."""
        first_run = self._window.stack.currentWidget()
        if isinstance(first_run, FirstRun) and first_run.key_is_unconfirmed and not self.key_given_up:
            self._ask_before_losing_the_key()
            return False
        if self.for_good or not self.reminds:
            return True
        if self.tray is not None and self.tray.is_there:
            self._hide(self.tray)
        else:
            self._ask()
        return False

    def end(self) -> None:
        """Ends the program."""
        self.for_good = True
        self._window.close()

    def ending(self, _session: object = None) -> None:
        """The program or the system's session ends: the next close is for good."""
        self.for_good = True

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """The system's own "Quit" is not a press on the window's cross."""
        if event.type() == QEvent.Type.Quit:
            self.for_good = True
        return False

    def _hide(self, tray: TrayIcon) -> None:
        self._window.hide()
        if not self._settings.tray_told:
            self._settings.tray_told = True
            tray.show(
                tr("PHR Desktop goes on running here"),
                tr("So reminders come. To open or to end it, press this icon beside the clock."),
            )

    def _ask(self) -> None:
        Message(
            tr("Reminders stop when you close this"),
            tr(
                "This computer has no place beside the clock where the program could go on. Nothing reminds you until"
                " you start it again. You can put the window out of the way instead: make it small."
            ),
            self._window,
            close=tr("&Keep it open"),
            action=tr("&Close all the same"),
            acted=self.end,
        ).open()

    def _ask_before_losing_the_key(self) -> None:
        def close() -> None:
            self.key_given_up = True
            self.end()

        Message(
            tr("Write down the recovery key first"),
            tr(
                "The record is made, but its recovery key is not checked yet. It cannot be shown again. Without it a"
                " forgotten passphrase means that the record is lost."
            ),
            self._window,
            close=tr("&Back to the key"),
            action=tr("&Close all the same"),
            acted=close,
        ).open()
