"""What closing the window and quitting do: the window hides beside the clock where it can, else it says what stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.fill import fill

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
        self._question: Message | None = None

    def may_close(self) -> bool:
        """Whether the window closes now, and the program ends; else it is hidden or has asked."""
        first_run = self._window.stack.currentWidget()
        if isinstance(first_run, FirstRun) and first_run.key_is_unconfirmed and not self.key_given_up:
            self.for_good = False
            self._ask_before_losing_the_key()
            return False
        if self.for_good or not self.reminds:
            return True
        if self.tray is not None and self.tray.is_there:
            self._hide(self.tray)
        else:
            self._ask()
        return False

    def quit(self, *, reminders: bool = True) -> None:
        """Ends the program, hidden or not; asks first where that stops something. `reminders`: say that they stop."""
        stops = self._begun()
        if reminders and self.reminds:
            stops.append(self._reminders_stop())
        if not stops:
            self.end()
        elif self._question is None:
            self._window.come_forward()
            above = QApplication.activeModalWidget() or self._window
            self._question = Message(
                tr("Quit PHR Desktop?"),
                " ".join(stops),
                above,
                close=tr("&Keep it open"),
                action=tr("&Quit all the same"),
                acted=self.end,
            )
            self._question.finished.connect(self._asked)
            self._question.open()

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

    def _begun(self) -> list[str]:
        """A sentence for each dialog that works, or in which something was typed."""
        said = tr("\u201c%1\u201d is still open. What is not finished there is not kept.")
        return [
            fill(said, dialog.windowTitle())
            for dialog in self._window.findChildren(CalmDialog)
            if dialog.isVisible() and (dialog.is_working() or dialog.lost_by_lock())
        ]

    def _reminders_stop(self) -> str:
        said = tr("Nothing reminds you until you start it again.")
        if self.tray is None or not self.tray.is_there:
            return said
        return f"{said} {tr('Where you only close the window, it goes on beside the clock, and reminders come.')}"

    def _asked(self) -> None:
        self._question = None

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
