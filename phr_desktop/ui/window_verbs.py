"""What can be done from every page of the open record: sync, search, files, portals, people. Mostly a dialog each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from phr_desktop.domain.people import Person, Source
from phr_desktop.ui.dialogs.add_person import AddPerson
from phr_desktop.ui.dialogs.base import lock_key, quit_key
from phr_desktop.ui.dialogs.connect_portal import ConnectPortal
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.file_dialogs import ask_files
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.syncing import Syncing

if TYPE_CHECKING:
    from phr_desktop.ui.main_window import MainWindow


class WindowVerbs(QObject):
    """While the record is locked each of them does nothing; files that come then wait for the unlock."""

    def __init__(self, window: MainWindow, syncing: Syncing) -> None:
        super().__init__(window)
        self._window, self._syncing = window, syncing
        self._core = (window.services, window.bridge, window.problems)
        self._waiting: list[Path] = []  # files with which the program was called while the record was locked

    def opened(self) -> None:
        """The first page is shown."""
        waiting, self._waiting = self._waiting, []
        self.import_files(waiting)

    def sync(self) -> None:
        """Brings every portal up to date; F5. A second press while it runs does nothing."""
        if self._window.shell is not None:
            self._syncing.start(self._window.shell)

    def sync_source(self, source: Source) -> None:
        """Brings one portal up to date."""
        if self._window.shell is not None:
            self._syncing.start(self._window.shell, source.id)

    def search(self) -> None:
        """Searches records and actions; Ctrl+K. Its module is read when it is first opened."""
        shell = self._window.shell
        if shell is None:
            return
        from phr_desktop.ui.commands import commands
        from phr_desktop.ui.dialogs.search import SearchDialog

        rail = [shell.specs[each] for each in shell.rail_keys]
        offered = commands(shell.context, rail, shell.show_person, self._window.lock, self._window.closing.quit)
        dialog = SearchDialog(shell.context, offered, shell.show_person, self._window)
        lock_key(dialog).activated.connect(self._window.lock)
        quit_key(dialog).activated.connect(self._window.closing.quit)
        dialog.open()

    def choose_files(self) -> None:
        """Asks which files to add."""
        ours = self.tr("Health records and calendars (*.json *.ndjson *.gz *.xml *.zip *.ics)")
        ask_files(self._window, self.tr("Add files"), [ours, self.tr("All files (*)")], self.import_files)

    def import_files(self, paths: Sequence[Path]) -> None:
        """Shows what is in files and asks whose record they belong to."""
        if not paths:
            return
        if self._window.shell is None:
            self._waiting = [*self._waiting, *paths]
            if self._window.door is not None:
                self._window.door.say(self.tr("Unlock your record to add the files."))
            return
        context = self._window.shell.context
        if not context.people:
            self.add_person(lambda: self.import_files(paths))
            return
        ImportFiles(*self._core, context.people, context.person, paths, self._window).open()

    def connect_portal(self) -> None:
        """Connects a portal for the person shown."""
        if self._window.shell is None:
            return
        person = self._window.shell.context.person
        if person is None:
            self.add_person(self.connect_portal)
            return
        ConnectPortal(*self._core, person, self._window).open()

    def sign_in_again(self, source: Source) -> None:
        """Signs in anew at a portal of the person shown."""
        person = self._window.shell.context.person if self._window.shell is not None else None
        if person is not None and person.id == source.person:
            ConnectPortal(*self._core, person, self._window, known=source).open()

    def add_person(self, then: Callable[[], object] | None = None) -> None:
        """Adds a person and shows that record."""
        shell = self._window.shell
        if shell is None:
            return
        dialog = AddPerson(*self._core, self._window)

        def added(person: int) -> None:
            def known() -> None:
                shell.show_person(person)
                self._window.memory.open_first_page()
                if then is not None:
                    then()

            shell.ask_people(known)

        dialog.added.connect(added)
        dialog.open()

    def remove_person(self, person: Person) -> None:
        """Asks whether a person is to go, and says what goes with them."""
        from phr_desktop.ui.dialogs.remove import RemovePerson

        window = self._window
        dialog = RemovePerson(window.services, window.bridge, person, window)
        said = fill(self.tr("%1 was removed from this record."), person.name)
        dialog.removed.connect(lambda: window.shell and window.shell.say(said))
        dialog.open()


def page_context(window: MainWindow) -> PageContext:
    """What the window's pages may use; of nobody yet."""
    verbs = window.verbs
    return PageContext(
        services=window.services,
        bridge=window.bridge,
        theme=window.theme,
        navigate=window.navigate,
        back=window.back,
        say=lambda text, undo=None: window.shell and window.shell.say(text, undo),
        sync=verbs.sync,
        sync_source=verbs.sync_source,
        import_files=verbs.choose_files,
        connect_portal=verbs.connect_portal,
        sign_in_again=verbs.sign_in_again,
        add_person=verbs.add_person,
        restore_backup=window.restore_backup,
        remove_person=verbs.remove_person,
        remove_record=window.remove_record,
        session=window.leaving.session,
        network=window.network,
    )
