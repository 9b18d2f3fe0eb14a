"""What every page is, and what the shell gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Person, Source
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.platform.network import NetworkWatch
from phr_desktop.ui.platform.session import SessionWatch
from phr_desktop.ui.services import Services
from phr_desktop.ui.theme import Theme

T = TypeVar("T")
FOOT = -1  # the group at the foot of the rail


class Navigate(Protocol):
    """Shows a page; `arguments` go to its `opened`."""

    def __call__(self, key: str, **arguments: Any) -> None: ...


@dataclass
class PageContext:
    """What a page may use. `person` is who is shown now; the shell changes it.

    `say(text, undo)` shows a toast, with an Undo where `undo` is given. `sync()` brings all portals up to date,
    `sync_source(source)` one of them.
    `import_files()` asks which files to add, `connect_portal()` for a portal, `sign_in_again(source)` signs in at a
    portal of the person shown that is known already, `add_person()` asks for a person. `remove_person(person)` asks
    whether that person is to go; `remove_record(with_backups)` removes the whole record at once. `session` knows
    whether this computer tells when it sleeps or its screen locks, `network` what it says of the network.
    """

    services: Services
    bridge: Bridge
    theme: Theme
    navigate: Navigate
    back: Callable[[], None]
    say: Callable[..., None]
    sync: Callable[[], None]
    sync_source: Callable[[Source], None]
    import_files: Callable[[], None]
    connect_portal: Callable[[], None]
    sign_in_again: Callable[[Source], None]
    add_person: Callable[[], None]
    restore_backup: Callable[[], None]
    remove_person: Callable[[Person], None]
    remove_record: Callable[[bool], None]
    session: SessionWatch
    network: NetworkWatch
    person: Person | None = None
    people: tuple[Person, ...] = field(default_factory=tuple)


class Page(QWidget):
    """A page asks for its data in `refresh`, through `ask`, and shows them.

    `refresh` is called when the page is shown and something of its `topics` changed for the person since it last
    asked, when another person is shown, and when it is opened with other arguments. A page changes for no other
    reason. `clear` must empty every model and label that holds a person's data: on lock, and before another person
    is shown, so that nobody's data ever stand under another's name.
    """

    topics: frozenset[Topic] = frozenset()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.context = context
        self._stale = True
        self.whole = QVBoxLayout(self)
        self.whole.setContentsMargins(0, 0, 0, 0)
        self.whole.setSpacing(0)
        context.bridge.changed.connect(self._on_change)

    @property
    def person_id(self) -> int | None:
        """Who is shown."""
        return self.context.person.id if self.context.person is not None else None

    def opened(self, **arguments: Any) -> None:
        """Takes the arguments of `navigate`; pages that have any override it. `refresh` follows."""

    def refresh(self) -> None:
        """Asks for what is shown."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forgets everything that was shown."""
        raise NotImplementedError

    def ask(self, query: Callable[[], T], then: Callable[[T], object], *, key: str = "") -> None:
        """`run_query` for this page; its answer counts only while the person is shown for whom it was asked."""
        person = self.person_id

        def take(answer: T) -> None:
            if self.person_id == person:
                then(answer)

        self.context.bridge.run_query(query, take, owner=self, key=key)

    def show_person(self, _person_id: int | None) -> None:
        """Another person is shown (already in `context.person`): what was asked for the one before is not shown."""
        self.context.bridge.drop(self)
        self.clear()
        self.ask_again()

    def ask_again(self) -> None:
        """Refreshes now, or when the page is next shown."""
        self._stale = not self.isVisible()
        if not self._stale:
            self.refresh()

    def take_focus(self) -> None:
        """Puts the focus on the first thing in the page that takes it by Tab."""
        step = self.nextInFocusChain()
        while step is not None and step is not self and self.isAncestorOf(step):
            if step.isVisible() and step.isEnabled() and step.focusPolicy() & Qt.FocusPolicy.TabFocus:
                step.setFocus(Qt.FocusReason.TabFocusReason)
                return
            step = step.nextInFocusChain()

    def focus_inside(self) -> None:
        """Moves the focus from the page itself into what it shows; call it when that has been filled.

        Qt gives the page the focus when it takes the place of one that had it, before there is anything in it; and
        none has it when what had it was hidden meanwhile.
        """
        lost = QApplication.focusWidget() is None and self.isActiveWindow()
        if self.hasFocus() or lost:
            self.context.bridge.post(self.take_focus)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()

    def _on_change(self, change: ChangeSet) -> None:
        if change.concerns(self.person_id, *self.topics):
            self.context.bridge.when_answered(self, self.ask_again)


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page as the shell is given it. Made when first opened.

    `title` may carry a mnemonic. `group` is its place in the rail: 0 the first group, 1 ..., or FOOT; None for a page
    that is reached from another one, its `parent`, whose entry stays marked. `icon` is a name in resources/icons.
    Ctrl+1 to Ctrl+9 follow the order in which the shell is given the pages of the rail. `of_nobody`: it tells of no
    person, and is shown while there is none in the vault too.
    """

    key: str
    title: str
    factory: Callable[[PageContext], Page]
    group: int | None = None
    icon: str = "folder"
    parent: str = ""
    of_nobody: bool = False
