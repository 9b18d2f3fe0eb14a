"""The window's inside once the vault is open: rail, header, pages, status line. Shell and navigation only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Person
from phr_desktop.domain.reminders import Occurrence
from phr_desktop.ui.access_notice import AccessNotice
from phr_desktop.ui.announce import announce
from phr_desktop.ui.autostart_offer import AutostartOffer
from phr_desktop.ui.copy_notice import CopyNotice
from phr_desktop.ui.dialogs.person_menu import PersonMenu
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import FOOT, Page, PageContext, PageSpec
from phr_desktop.ui.status import status_words
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.nav_rail import NavItem, NavRail
from phr_desktop.ui.widgets.notes import Notes
from phr_desktop.ui.widgets.person_header import PersonHeader
from phr_desktop.ui.widgets.ribbon import Ribbon
from phr_desktop.ui.widgets.scroll_page import PageColumn
from phr_desktop.ui.widgets.status_line import StatusLine
from phr_desktop.ui.widgets.toast import Toast

_REMINDERS_SAID = 3
_HISTORY = 50


class Shell(QWidget):
    """Knows who is shown and which page; asks for people and status, and for nothing else."""

    lock_wanted = Signal()

    def __init__(self, context: PageContext, pages: Sequence[PageSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.specs = {spec.key: spec for spec in pages}
        self.key = ""
        self._pages: dict[str, Page] = {}
        self._history: list[tuple[str, dict[str, Any]]] = []
        self._arguments: dict[str, Any] = {}
        self._after_people: list[Callable[[], object]] = []
        self.rail_keys = [spec.key for spec in pages if spec.group is not None]
        self.rail = self._make_rail(pages)
        self.header = PersonHeader()
        self.banner = Banner("")
        self.problem = Banner("", Tone.WARNING)
        self.access = AccessNotice(context.services, context.bridge)
        self.copy_notice = CopyNotice(context.services, context.bridge, context.restore_backup)
        self.autostart_offer = AutostartOffer(context.services, context.bridge)
        self.stack = QStackedWidget()
        self.stack.setMinimumHeight(1)  # pages scroll
        self.nobody = self._make_nobody()
        self.stack.addWidget(self.nobody)
        self.status = StatusLine()
        self._build()
        self.toast = Toast(self.stack)
        context.bridge.changed.connect(self._on_change)
        self.header.change_wanted.connect(self.choose_person)
        context.theme.changed.connect(self._fit)

    # --- who

    def ask_people(self, then: Callable[[], object] | None = None) -> None:
        """Asks who is in the vault; keeps who is shown, else shows the first. `then` follows the newest answer."""
        if then is not None:
            self._after_people.append(then)
        self.context.bridge.run_query(self.context.services.people, self._take_people, owner=self, key="people")

    def show_person(self, person_id: int) -> None:
        """Shows another person, on the same page; pages under another page go back to it."""
        person = next((each for each in self.context.people if each.id == person_id), None)
        if person is None or person == self.context.person:
            return
        self._set_person(person)
        announce(self, fill(self.tr("Now shown: %1"), person.name))

    def show_person_at(self, place: int) -> None:
        """The person at a place (from 0), for Ctrl+Shift+1 to 9."""
        if place < len(self.context.people):
            self.show_person(self.context.people[place].id)

    def choose_person(self) -> None:
        """Opens the menu of people; with nobody in the vault, the form for the first."""
        if not self.context.people:
            self.context.add_person()
            return
        shown = self.context.person.id if self.context.person else None
        menu = PersonMenu(
            self.context.people, shown, self.show_person, self.context.add_person, self.context.remove_person, self
        )
        menu.aboutToHide.connect(menu.deleteLater)
        button = self.header.change
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    # --- where

    def navigate(self, key: str, **arguments: Any) -> None:
        """Shows a page; what was shown is kept for `back`."""
        if key not in self.specs:
            return
        if self.key and (self.key, self._arguments) != (key, arguments):
            self._history = [*self._history[-_HISTORY:], (self.key, self._arguments)]
        self._show(key, arguments)

    def back(self) -> None:
        """The page before; from a page under another one with nothing before it, that one."""
        if self._history:
            key, arguments = self._history.pop()
            self._show(key, arguments)
        elif self.key and self.specs[self.key].parent:
            self._show(self.specs[self.key].parent, {})

    def open_at(self, place: int) -> None:
        """The page at a place of the rail (from 0), for Ctrl+1 to 9."""
        if place < len(self.rail_keys):
            self.navigate(self.rail_keys[place])
            self.take_focus()

    def take_focus(self) -> None:
        """Moves the focus from the rail into the page."""
        page = self._pages.get(self.key)
        if page is not None and page.isVisible():
            page.take_focus()

    def page(self) -> Page | None:
        """The page that is shown."""
        return self._pages.get(self.key)

    # --- what is told

    def say(self, text: str, undo: Callable[[], object] | None = None) -> None:
        self.toast.say(text, undo)

    def tell_problem(self, sentence: str) -> None:
        """A problem that the person can act on; it stays until it is put away."""
        self.problem.say(sentence)
        announce(self, sentence, at_once=True)

    def show_reminders(self, occurrences: Sequence[Occurrence]) -> None:
        """Reminders that the desktop could not show, all in one banner, each with its person's name."""
        said = [f"{each.person_name}: {each.said}" for each in occurrences[:_REMINDERS_SAID]]
        more = len(occurrences) - len(said)
        if more > 0:
            said.append(self.tr("%n more", "", more).replace("%n", str(more)))
        if said:
            self.banner.say(fill(self.tr("Reminder. %1"), "; ".join(said)))
            announce(self, self.banner.text.text())

    def refresh_status(self) -> None:
        """Asks for the sentence at the foot."""
        services = self.context.services
        self.context.bridge.run_query(
            lambda: services.syncing.status(None),
            lambda status: self.status.say(status_words(status, services.clock)),
            owner=self,
            key="status",
        )

    def clear(self) -> None:
        """Forgets everything that a person's eye could still find: on lock."""
        for page in self._pages.values():
            page.clear()
        self.toast.forget()
        self.banner.hide()
        self.problem.hide()
        self.access.hide()
        self.copy_notice.hide()
        self.autostart_offer.hide()
        self.context.person, self.context.people = None, ()
        self.header.show_person(None)
        self.status.say("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # --- inside

    def _fit(self) -> None:
        """Gives the page more room where the text is large and the window small."""
        self.rail.fit(self.width())
        self.header.fit(self.width())
        self.notes.fit(self.height())

    def _make_rail(self, pages: Sequence[PageSpec]) -> NavRail:
        groups: dict[int, list[NavItem]] = {}
        for spec in pages:
            if spec.group is not None:
                place = self.rail_keys.index(spec.key) + 1
                key = f"Ctrl+{place}" if place <= 9 else ""
                groups.setdefault(spec.group, []).append(NavItem(spec.key, spec.title, spec.icon, key))
        lock = NavItem("lock", self.tr("&Lock"), "lock", "Ctrl+L", show_hint=True)
        foot = groups.pop(FOOT, [])
        rail = NavRail([groups[place] for place in sorted(groups)], [*foot, lock], foot_pages={i.key for i in foot})
        rail.chosen.connect(self._chosen)
        return rail

    def _chosen(self, key: str) -> None:
        if key == "lock":
            self.lock_wanted.emit()
        else:
            self.navigate(key)

    def _make_nobody(self) -> QWidget:
        body = PageColumn()
        body.column.addWidget(
            EmptyState(
                self.tr("Nobody is in this record yet"),
                self.tr("Records belong to a person, so add one first."),
                button=self.tr("Add a person..."),
                clicked=lambda: self.context.add_person(),
                icon="person",
            )
        )
        return body

    def _build(self) -> None:
        self.notes = Notes((self.copy_notice, self.problem, self.access, self.autostart_offer, self.banner))
        right = QVBoxLayout()
        right.setSpacing(0)
        self.ribbon = Ribbon()
        if not self.context.services.is_sample:
            self.ribbon.hide()
        for widget in (self.header, self.ribbon, self.notes):
            right.addWidget(widget)
        right.addWidget(self.stack, 1)
        right.addWidget(self.status)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.rail)
        across.addLayout(right, 1)

    def _take_people(self, people: tuple[Person, ...]) -> None:
        self.context.people = people
        shown = self.context.person
        still = next((each for each in people if shown is not None and each.id == shown.id), None)
        self._set_person(still or (people[0] if people else None))
        self.ribbon.setVisible(self.context.services.is_sample)
        waiting, self._after_people = self._after_people, []
        for then in waiting:
            then()

    def _set_person(self, person: Person | None) -> None:
        other = (person.id if person else None) != (self.context.person.id if self.context.person else None)
        self.context.person = person
        self.header.show_person(person)
        if not other:
            return
        self.toast.forget()
        self._history.clear()
        if self.key and self.specs[self.key].parent:
            self.key, self._arguments = self.specs[self.key].parent, {}
        for page in self._pages.values():
            page.show_person(person.id if person else None)
        if self.key:
            self._show(self.key, self._arguments)

    def _show(self, key: str, arguments: dict[str, Any]) -> None:
        changed = (key, arguments) != (self.key, self._arguments)
        self.key, self._arguments = key, arguments
        spec = self.specs[key]
        self.rail.select(spec.parent or key)
        if self.context.person is None and not spec.of_nobody:
            self.stack.setCurrentWidget(self.nobody)
            return
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = spec.factory(self.context)
            self.stack.addWidget(page)
        if changed and arguments:
            page.opened(**arguments)
            page.ask_again()
        self.stack.setCurrentWidget(page)
        announce(self, spec.title.replace("&&", "\0").replace("&", "").replace("\0", "&"))

    def _on_change(self, change: ChangeSet) -> None:
        if change.concerns(None, Topic.PEOPLE):
            self.ask_people()
        if change.concerns(None, Topic.SOURCES, Topic.OUTBOX, Topic.PEOPLE):
            self.refresh_status()
