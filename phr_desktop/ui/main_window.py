"""The window: first run, unlock or the record; keys, files dropped anywhere, sync, lock, and its size remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPixmapCache
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget, QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.clipboard import ClipboardGuard
from phr_desktop.ui.closing import Closing
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.first_run_steps import Beginning
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.leaving import Leaving
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.platform.network import NetworkWatch
from phr_desktop.ui.platform.session import SessionWatch
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.services import Services
from phr_desktop.ui.shell import Shell
from phr_desktop.ui.syncing import NetworkBack, Syncing
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.widgets.drop_hint import DropHint
from phr_desktop.ui.widgets.focus_ring import FocusRing
from phr_desktop.ui.window_keys import make_keys
from phr_desktop.ui.window_memory import WindowMemory
from phr_desktop.ui.window_reminders import WindowReminders
from phr_desktop.ui.window_verbs import WindowVerbs, page_context

TITLE = "PHR Desktop"
_LEAST = (760, 560)


class MainWindow(QMainWindow):
    """Built from what is passed in; `start` shows what the vault's state asks for. `finish` before the program ends.

    Its title is the program's name and never anything of a person. `turned` carries the folder of another record that
    is the program's from now on; `closed` says that the window was closed, and not hidden.
    """

    turned = Signal(Path)
    closed = Signal()

    def __init__(
        self,
        services: Services,
        bridge: Bridge,
        problems: Problems,
        theme: Theme,
        pages: Sequence[PageSpec],
        session: SessionWatch | None = None,
        network: NetworkWatch | None = None,
    ) -> None:
        super().__init__()
        self.services, self.bridge, self.problems, self.theme = services, bridge, problems, theme
        self._specs = tuple(pages)
        self.shell: Shell | None = None
        self._syncing = Syncing(services, bridge, problems)
        self.verbs = WindowVerbs(self, self._syncing)
        self.network = network or NetworkWatch(self)
        self._network_back = NetworkBack(services, bridge, self.network, self)
        self.reminders = WindowReminders(self)
        self.memory = WindowMemory(self)
        self.closing = Closing(self)
        self.clipboard = ClipboardGuard(self)
        self.leaving = Leaving(services, session or SessionWatch(self), self, self.lock)
        self.setWindowTitle(TITLE)
        self.setMinimumSize(*_LEAST)
        self.stack = QStackedWidget()
        self.setCentralWidget(self.stack)
        self._drop_hint = DropHint(self, lambda: self.shell is not None, self.verbs.import_files)
        self._focus_ring = FocusRing(self)
        problems.told.connect(self._tell)
        make_keys(self)
        self.memory.restore_size()

    # --- first run, unlock, record

    def start(self) -> None:
        """First run where there is no vault, the record where it is open, else unlock."""
        if not self.services.vault_exists():
            first_run = FirstRun(self.services, self.bridge, self.problems, self.theme)
            first_run.finished.connect(self._begin)
            first_run.restore_wanted.connect(self.restore_backup)
            self._show_only(first_run)
        elif self.services.vault is not None:
            self.enter()
        else:
            silent = not self.services.settings.remind_before_unlock
            self._show_unlock([self.tr("No reminder comes before you unlock.")] if silent else [])

    def enter(self, then: Callable[[], object] | None = None) -> None:
        """Shows the record: the vault is open. The first page is painted before the background work starts."""
        self.services.attach_reader()
        self.leaving.opened()
        self._network_back.opened()
        shell = self.shell = Shell(page_context(self), self._specs)
        shell.lock_wanted.connect(self.lock)
        shell.header.search_wanted.connect(self.verbs.search)
        shell.status.cancelled.connect(self._syncing.cancel)
        self._syncing.opened(shell)
        shell.autostart_offer.known.connect(lambda any_planned: setattr(self.closing, "reminds", any_planned))
        shell.copy_notice.save_wanted.connect(self.save_instead)
        self._show_only(shell)

        def people_known() -> None:
            self.memory.open_first_page()
            shell.refresh_status()
            shell.access.look(self.problems)
            shell.copy_notice.look()
            shell.autostart_offer.look()
            self.reminders.opened()
            self.verbs.opened()
            if then is not None:
                then()

        shell.ask_people(people_known)

    def lock(self, why: str = "", *, removing: Callable[[], object] | None = None) -> None:
        """Empties the screen at once, stops what runs and shuts the vault; Unlock is shown in the same window, and says
        `why` and what was lost by it: what was typed and not sent off is not kept (docs/decisions/0003). `removing`
        shuts the vault and takes it away; then there is a first run again."""
        self.leaving.locking()
        if self.shell is None:
            if self.door is not None:
                self.door.clear()
                self._close_what_waits()
            return
        self._network_back.locking()
        self.memory.remember()
        lost = self._close_what_is_open()
        self.shell.clear()
        self.bridge.forget()
        self.services.detach_reader()
        self._syncing.forget()
        self.reminders.locking()
        self.shell = None
        QPixmapCache.clear()
        self.clipboard.clear()
        unlock = self._show_unlock([each for each in (why, *lost) if each])
        unlock.setEnabled(False)

        def ready(error: Exception | None = None) -> None:
            self.leaving.locked()
            unlock.setEnabled(True)
            unlock.passphrase.setFocus()
            announce(self, self.tr("Locked."))
            if error is not None:
                self.problems.show(error)
            if removing is not None:
                self.start()

        def shut() -> None:
            if removing is not None:
                removing()
                return
            self.services.lock(ring=True)
            self.services.settings.save()

        self.bridge.run_action(shut, ready, owner=unlock, failed=ready)

    def finish(self) -> None:
        """Waits for the workers and locks; after the event loop, before the program ends."""
        self.leaving.locking()
        self._network_back.locking()
        self.clipboard.clear()
        self.bridge.close()
        self.services.detach_reader()
        self.services.stop_background()
        self.services.lock()
        self.leaving.session.close()

    def come_forward(self) -> None:
        """Puts the window before the others, also from the task bar: the person called for it."""
        self.show()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    @property
    def door(self) -> Unlock | None:
        """Unlock, while it is what is shown."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, Unlock) else None

    # --- navigation, for pages and keys

    def navigate(self, key: str, **arguments: Any) -> None:
        if self.shell is not None:
            self.shell.navigate(key, **arguments)

    def back(self) -> None:
        step = self.stack.currentWidget()
        if isinstance(step, Shell | FirstRun):
            step.back()

    # --- ways in that are not the door, and the way out of everything

    def restore_backup(self) -> None:
        """Takes a record back out of a backup; what is open is locked first."""
        from phr_desktop.ui.dialogs.restore import Restore

        self.lock()
        dialog = Restore(self.services, self.bridge, self.problems, self)
        dialog.restored.connect(self._restored)
        dialog.open()

    def _restored(self, folder: Path | None) -> None:
        if folder is not None:
            self.turned.emit(folder)
        self.start()

    def remove_record(self, with_backups: bool) -> None:
        """Removes the whole record from this computer: the person has typed that it is to go."""
        upkeep = self.services.upkeep
        said = self.tr("The record is being removed.")
        self.lock(said, removing=lambda: upkeep.remove_vault(with_backups=with_backups))

    def save_damaged(self, secret: str, by_recovery_key: bool) -> None:
        """Offers to save what can be read of a damaged record, to whoever has just tried to unlock it."""
        from phr_desktop.ui.dialogs.salvage import Salvage

        dialog = Salvage(self.services, self.bridge, secret, self, by_recovery_key=by_recovery_key)
        dialog.taken.connect(self.start)
        dialog.restore_wanted.connect(self.restore_backup)
        dialog.open()

    def save_instead(self) -> None:
        """Locks a record that opened but is damaged; what is typed at the door then saves what can be read of it."""
        self.lock(
            self.tr("Type your passphrase. The program then looks for what can be saved, and changes nothing yet.")
        )
        if self.door is not None:
            self.door.save_instead()

    # --- Qt's own

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.closing.may_close():
            event.ignore()
            return
        self.memory.remember()
        self.services.settings.save()
        super().closeEvent(event)
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        """Mnemonics of the rail are underlined only while Alt is held."""
        alt = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Alt
        if alt and event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self._underline(event.type() == QEvent.Type.KeyPress)
        elif event.type() == QEvent.Type.WindowDeactivate:
            self._underline(False)
        return super().event(event)

    # --- inside

    def _close_what_is_open(self) -> list[str]:
        """Closes menus and dialogs; a sentence for each that had something in it."""
        menu = QApplication.activePopupWidget()
        if menu is not None:
            menu.close()
        lost = []
        for dialog in self.findChildren(QDialog):
            if isinstance(dialog, CalmDialog) and dialog.isVisible():
                lost.append(dialog.lost_by_lock())
            dialog.done(QDialog.DialogCode.Rejected)
        return lost

    def _close_what_waits(self) -> None:
        """Closes the dialogs over the door, which hold what was typed; one that restores or saves goes on."""
        for dialog in self.findChildren(CalmDialog):
            if dialog.isVisible() and not dialog.is_working():
                dialog.reject()

    def _show_only(self, widget: QWidget) -> None:
        """Shows this and lets go of what was shown before."""
        self.stack.addWidget(widget)
        self.stack.setCurrentWidget(widget)
        while self.stack.count() > 1:
            old = self.stack.widget(0)
            self.stack.removeWidget(old)
            old.deleteLater()

    def _show_unlock(self, told: Sequence[str] = ()) -> Unlock:
        unlock = Unlock(self.services, self.bridge, self.problems, told=told)
        unlock.unlocked.connect(self.enter)
        unlock.restore_wanted.connect(self.restore_backup)
        unlock.save_wanted.connect(self.save_damaged)
        self._show_only(unlock)
        return unlock

    def _begin(self, beginning: str) -> None:
        """After the first run."""
        if beginning == Beginning.SAMPLE:
            self.bridge.run_action(self.services.load_sample_people, lambda _change: self.enter(), owner=self)
            return
        afterwards = {Beginning.FILES: self.verbs.choose_files, Beginning.PORTAL: self.verbs.connect_portal}
        self.enter(afterwards.get(Beginning(beginning)))

    def _tell(self, sentence_: str) -> None:
        if self.shell is not None:
            self.shell.tell_problem(sentence_)
        else:
            Message(self.tr("That did not work"), sentence_, self).open()

    def _underline(self, on: bool) -> None:
        self.setProperty("show-mnemonics", on)
        if self.shell is not None:
            self.shell.rail.update_entries()
