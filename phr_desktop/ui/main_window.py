"""The window: first run, unlock or the record; keys, files dropped anywhere, sync, lock, and its size remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QKeyEvent,
    QKeySequence,
    QPixmapCache,
    QShortcut,
)
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget, QWidget

from phr_desktop.domain.people import Person, Source
from phr_desktop.domain.reminders import Occurrence, ReminderTarget
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.clipboard import ClipboardGuard
from phr_desktop.ui.closing import Closing
from phr_desktop.ui.dialogs.add_person import AddPerson
from phr_desktop.ui.dialogs.base import CalmDialog, lock_key
from phr_desktop.ui.dialogs.connect_portal import ConnectPortal
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.first_run_steps import Beginning
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.file_dialogs import ask_files
from phr_desktop.ui.fill import fill
from phr_desktop.ui.leaving import Leaving
from phr_desktop.ui.pages.base import PageContext, PageSpec
from phr_desktop.ui.platform.network import NetworkWatch
from phr_desktop.ui.platform.session import SessionWatch
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.services import Services
from phr_desktop.ui.shell import Shell
from phr_desktop.ui.syncing import NetworkBack, Syncing
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.widgets.drop_hint import DropHint
from phr_desktop.ui.widgets.focus_ring import FocusRing

if TYPE_CHECKING:
    from phr_desktop.ui.reminding import Alarms

TITLE = "PHR Desktop"
_SIZE = (1280, 860)
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
        self.network = network or NetworkWatch(self)
        self._network_back = NetworkBack(services, bridge, self.network, self)
        self._closing_confirmed = False
        self._alarms: Alarms | None = None
        self._wanted: ReminderTarget | None = None  # what a notification led to while the record was locked
        self.closing = Closing(self, services)
        self.clipboard = ClipboardGuard(self)
        self.leaving = Leaving(services, session or SessionWatch(self), self, self.lock)
        self.setWindowTitle(TITLE)
        self.setMinimumSize(*_LEAST)
        self.stack = QStackedWidget()
        self.setCentralWidget(self.stack)
        self._drop_hint = DropHint(self, lambda: self.shell is not None, self.import_files)
        self._focus_ring = FocusRing(self)
        problems.told.connect(self._tell)
        theme.changed.connect(self._look_changed)
        self._make_keys()
        self._restore_size()

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
        context = PageContext(
            services=self.services,
            bridge=self.bridge,
            theme=self.theme,
            navigate=self.navigate,
            back=self.back,
            say=lambda text, undo=None: self.shell and self.shell.say(text, undo),
            sync=self.sync,
            sync_source=self.sync_source,
            import_files=self.choose_files,
            connect_portal=self.connect_portal,
            sign_in_again=self.sign_in_again,
            add_person=self.add_person,
            restore_backup=self.restore_backup,
            remove_person=self.remove_person,
            remove_record=self.remove_record,
            session=self.leaving.session,
            network=self.network,
        )
        shell = self.shell = Shell(context, self._specs)
        shell.lock_wanted.connect(self.lock)
        shell.header.search_wanted.connect(self.search)
        shell.status.cancelled.connect(self._syncing.cancel)
        self._syncing.opened(shell)
        shell.autostart_offer.known.connect(lambda any_planned: setattr(self.closing, "reminds", any_planned))
        shell.copy_notice.save_wanted.connect(self.save_instead)
        self._show_only(shell)

        def people_known() -> None:
            self._open_first_page()
            shell.refresh_status()
            shell.access.look(self.problems)
            shell.copy_notice.look()
            shell.autostart_offer.look()
            self._start_background()
            wanted, self._wanted = self._wanted, None
            if wanted is not None:
                self.open_reminder(wanted)
            if then is not None:
                then()

        shell.ask_people(people_known)

    def lock(self, why: str = "", *, removing: Callable[[], object] | None = None) -> None:
        """Empties the screen at once, stops what runs and shuts the vault; Unlock is shown in the same window, and says
        `why` and what was lost by it: what was typed and not sent off is not kept (docs/decisions/0003). `removing`
        shuts the vault and takes it away; then there is a first run again."""
        self.leaving.locking()
        if self.shell is None:
            door = self.stack.currentWidget()
            if isinstance(door, Unlock):
                door.clear()
                self._close_what_waits()
            return
        self._network_back.locking()
        self._remember()
        lost = self._close_what_is_open()
        self.shell.clear()
        self.bridge.forget()
        self.services.detach_reader()
        self._syncing.forget()
        self.shell = self._alarms = None
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

    def reminders_wait(self, count: int) -> None:
        """So many reminders fell due since the lock: Unlock says so."""
        door = self.stack.currentWidget()
        if isinstance(door, Unlock):
            door.show_waiting(count)

    def come_forward(self) -> None:
        """Puts the window before the others, also from the task bar: the person called for it."""
        self.show()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def open_reminder(self, target: ReminderTarget | None) -> None:
        """A notification was pressed: shows what it told of, once the record is open."""
        from phr_desktop.ui.reminding import nothing_marked, open_target

        self.come_forward()
        if self.shell is not None and target is not None:
            open_target(self.shell, target)
            return
        self._wanted = target
        door = self.stack.currentWidget()
        if target is not None and target.unmarked and isinstance(door, Unlock):
            door.say(nothing_marked())

    # --- navigation, for pages and keys

    def navigate(self, key: str, **arguments: Any) -> None:
        if self.shell is not None:
            self.shell.navigate(key, **arguments)

    def back(self) -> None:
        step = self.stack.currentWidget()
        if isinstance(step, Shell | FirstRun):
            step.back()

    # --- verbs of the whole window

    def sync(self) -> None:
        """Brings every portal up to date; F5. A second press while it runs does nothing."""
        if self.shell is not None:
            self._syncing.start(self.shell)

    def sync_source(self, source: Source) -> None:
        """Brings one portal up to date."""
        if self.shell is not None:
            self._syncing.start(self.shell, source.id)

    def search(self) -> None:
        """Searches records and actions; Ctrl+K. Its module is read when it is first opened."""
        if self.shell is None:
            return
        from phr_desktop.ui.commands import commands
        from phr_desktop.ui.dialogs.search import SearchDialog

        shell = self.shell
        rail = [shell.specs[each] for each in shell.rail_keys]
        offered = commands(shell.context, rail, shell.show_person, self.lock)
        dialog = SearchDialog(shell.context, offered, shell.show_person, self)
        lock_key(dialog).activated.connect(self.lock)
        dialog.open()

    def choose_files(self) -> None:
        """Asks which files to add."""
        ours = self.tr("Health records and calendars (*.json *.ndjson *.gz *.xml *.zip *.ics)")
        ask_files(self, self.tr("Add files"), [ours, self.tr("All files (*)")], self.import_files)

    def import_files(self, paths: Sequence[Path]) -> None:
        """Shows what is in files and asks whose record they belong to."""
        if self.shell is None or not paths:
            return
        context = self.shell.context
        if not context.people:
            self.add_person(lambda: self.import_files(paths))
            return
        ImportFiles(self.services, self.bridge, self.problems, context.people, context.person, paths, self).open()

    def connect_portal(self) -> None:
        """Connects a portal for the person shown."""
        if self.shell is None:
            return
        person = self.shell.context.person
        if person is None:
            self.add_person(self.connect_portal)
            return
        ConnectPortal(self.services, self.bridge, self.problems, person, self).open()

    def sign_in_again(self, source: Source) -> None:
        """Signs in anew at a portal of the person shown."""
        person = self.shell.context.person if self.shell is not None else None
        if person is not None and person.id == source.person:
            ConnectPortal(self.services, self.bridge, self.problems, person, self, known=source).open()

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

    def add_person(self, then: Callable[[], object] | None = None) -> None:
        """Adds a person and shows that record."""
        if self.shell is None:
            return
        shell = self.shell
        dialog = AddPerson(self.services, self.bridge, self.problems, self)

        def added(person: int) -> None:
            def known() -> None:
                shell.show_person(person)
                self._open_first_page()
                if then is not None:
                    then()

            shell.ask_people(known)

        dialog.added.connect(added)
        dialog.open()

    def remove_person(self, person: Person) -> None:
        """Asks whether a person is to go, and says what goes with them."""
        from phr_desktop.ui.dialogs.remove import RemovePerson

        dialog = RemovePerson(self.services, self.bridge, person, self)
        said = fill(self.tr("%1 was removed from this record."), person.name)
        dialog.removed.connect(lambda: self.shell and self.shell.say(said))
        dialog.open()

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
        door = self.stack.currentWidget()
        if isinstance(door, Unlock):
            door.save_instead()

    def set_text_scale(self, scale: float) -> None:
        self.services.settings.text_scale = scale
        self.theme.apply(self.services.settings.palette, scale)

    # --- Qt's own

    def closeEvent(self, event: QCloseEvent) -> None:
        first_run = self.stack.currentWidget()
        if isinstance(first_run, FirstRun) and first_run.key_is_unconfirmed and not self._closing_confirmed:
            event.ignore()
            self._ask_before_losing_the_key()
            return
        if not self._closing_confirmed and not self.closing.may_close():
            event.ignore()
            return
        self._remember()
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

    def _make_keys(self) -> None:
        def key(sequence: str | QKeySequence.StandardKey, call: Callable[[], object]) -> None:
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.activated.connect(call)

        def in_shell(call: Callable[[Shell], object]) -> Callable[[], object]:
            return lambda: call(self.shell) if self.shell is not None else None

        key("Ctrl+K", self.search)
        lock_key(self).activated.connect(self.lock)
        key("F5", self.sync)
        key("Ctrl+Z", in_shell(lambda shell: shell.toast.take_back()))
        key("Escape", self.back)
        key("Alt+Left", self.back)
        for plus in ("Ctrl++", "Ctrl+="):
            key(plus, lambda: self.set_text_scale(self.theme.next_scale(1)))
        key("Ctrl+-", lambda: self.set_text_scale(self.theme.next_scale(-1)))
        key("Ctrl+0", lambda: self.set_text_scale(1.0))
        for place in range(9):
            key(f"Ctrl+{place + 1}", in_shell(lambda shell, place=place: shell.open_at(place)))
            key(f"Ctrl+Shift+{place + 1}", in_shell(lambda shell, place=place: shell.show_person_at(place)))

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
        afterwards = {Beginning.FILES: self.choose_files, Beginning.PORTAL: self.connect_portal}
        self.enter(afterwards.get(Beginning(beginning)))

    def _open_first_page(self) -> None:
        if self.shell is None or (self.shell.key and self.shell.page() is not None):
            return
        wanted = self.services.settings.page
        keys = self.shell.rail_keys
        if keys:
            self.shell.navigate(wanted if wanted in keys else keys[0])

    def _start_background(self) -> None:
        def on_reminder(occurrences: Sequence[Occurrence]) -> None:
            self.bridge.post(lambda: self.shell and self.shell.show_reminders(occurrences))

        def on_alarm(occurrences: Sequence[Occurrence]) -> None:
            self.bridge.post(lambda: self._ring(occurrences))

        self.bridge.run_query(
            lambda: self.services.start_background(self.bridge.post_change, on_reminder, on_alarm),
            lambda _nothing: None,
            owner=self,
        )

    def _ring(self, alarms: Sequence[Occurrence]) -> None:
        """With a sound, and a card that stays until each alarm is answered."""
        from phr_desktop.ui.reminding import Alarms

        if self.shell is None:
            return
        if self._alarms is None:
            self._alarms = Alarms(self.shell)
        self.come_forward()
        self._alarms.ring(alarms)

    def _tell(self, sentence_: str) -> None:
        if self.shell is not None:
            self.shell.tell_problem(sentence_)
        else:
            Message(self.tr("That did not work"), sentence_, self).open()

    def _ask_before_losing_the_key(self) -> None:
        def close() -> None:
            self._closing_confirmed = True
            self.close()

        question = Message(
            self.tr("Write down the recovery key first"),
            self.tr(
                "The record is made, but its recovery key is not checked yet. It cannot be shown again. Without it a"
                " forgotten passphrase means that the record is lost."
            ),
            self,
            close=self.tr("&Back to the key"),
            action=self.tr("&Close all the same"),
            acted=close,
        )
        question.open()

    def _look_changed(self) -> None:
        settings = self.services.settings
        settings.text_scale, settings.palette = self.theme.text_scale, self.theme.palette_name
        self.bridge.run_query(settings.save, lambda _nothing: None, owner=self, key="settings")

    def _remember(self) -> None:
        settings = self.services.settings
        settings.geometry = bytes(self.saveGeometry().data())
        if self.shell is not None and self.shell.key:
            spec = self.shell.specs[self.shell.key]
            settings.page = spec.parent or spec.key

    def _restore_size(self) -> None:
        geometry = self.services.settings.geometry
        if geometry is None or not self.restoreGeometry(QByteArray(geometry)):
            self.resize(*_SIZE)

    def _underline(self, on: bool) -> None:
        self.setProperty("show-mnemonics", on)
        if self.shell is not None:
            self.shell.rail.update_entries()
