"""Ctrl+K: one field that finds records as a person types, and what can be done. Every record names its person."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QVBoxLayout, QWidget

from phr_desktop.clock import local_now
from phr_desktop.domain.records import SearchHit
from phr_desktop.domain.results import Found
from phr_desktop.domain.search_words import says_something
from phr_desktop.domain.words import count_words
from phr_desktop.queries import records, search
from phr_desktop.ui.announce import announce
from phr_desktop.ui.commands import Command
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_items import hit_item
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.record_cards import page_of
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_M, SPACE_S
from phr_desktop.ui.widgets.filter_field import SearchEdit
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox

_COMMANDS_AT_MOST = 4  # beside records; without any word typed all of them are shown


class SearchDialog(QDialog):
    """Searches the shown person's records, or everyone's where that is chosen.

    `show_person` shows another person, before a record of that person is opened.
    """

    def __init__(
        self,
        context: PageContext,
        commands: Sequence[Command],
        show_person: Callable[[int], object],
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._commands = tuple(commands)
        self._show_person = show_person
        self._found = Found((), more=False)
        self._rows: dict[int, RecordItem] = {}
        self._offered: list[Command] = []
        self.setWindowTitle(self.tr("Search"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.edit = SearchEdit(self.tr("Search records and actions"))
        self.edit.textEdited.connect(lambda _text: self._ask())
        self.edit.textChanged.connect(lambda text: None if text else self._ask())
        self.edit.moved.connect(self._move)
        self.edit.returnPressed.connect(self._open_current)
        self.everyone = CheckBox(self.tr("Search &everyone's records"))
        self.everyone.toggled.connect(lambda _on: self._ask())
        self.whose = Text("", "small", "muted", wrap=True)
        self.model = RecordListModel(lambda ids: [self._rows[each] for each in ids], self)
        self.view = RecordListView(self.tr("Found"), shows_chip=False)
        self.view.setModel(self.model)
        self.frame = QFrame()  # hidden where nothing is found: an empty one says nothing
        self.view.opened.connect(self._open)
        self.note = Text("", "small", "muted", wrap=True)
        self._build()
        self.resize(self.sizeHint())  # Qt would open it at two thirds of the screen at most, and cut large text
        self._ask()

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        room = self.screen().availableSize() * 0.92
        return QSize(theme.px(720), theme.px(600)).boundedTo(room)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    # --- asking

    def _ask(self) -> None:
        """Offers the actions at once, and the records as soon as they are found; late answers are dropped."""
        words = self.edit.text().strip()
        person = self.context.person
        only = None if self.everyone.isChecked() or person is None else person.id
        self.whose.setText(self._whose())
        if not words or not self.context.people:
            self._show(Found((), more=False), words)
            return
        services = self.context.services
        self.context.bridge.run_query(
            lambda: search.find(services.vault, services.clock, words, person=only),
            lambda found: self._take(found, words),
            owner=self,
            key="search",
        )

    def _take(self, found: Found, words: str) -> None:
        if words == self.edit.text().strip():
            self._show(found, words)

    def _show(self, found: Found, words: str) -> None:
        """Actions first: they are few and have their own words; then records, newest first."""
        self._found = found
        fitting = [command for command in self._commands if command.matches(words)]
        self._offered = fitting[:_COMMANDS_AT_MOST] if words else fitting
        now = local_now(self.context.services.clock)
        self._rows = {-1 - place: _command_item(command) for place, command in enumerate(self._offered)}
        for hit in found.hits:
            self._rows[hit.row.id] = hit_item(hit, now, records.type_words(hit.row), found.sureness.get(hit.row.id, ""))
        self.model.set_ids(array("q", self._rows))
        self.frame.setVisible(bool(self._rows))
        if self._rows:
            self.view.selectRow(0)
        self.note.setText(self._said(words))
        announce(self.edit, self.note.text())

    # --- choosing

    def _move(self, key: int) -> None:
        last = self.model.rowCount() - 1
        if last < 0:
            return
        page = max(1, self.view.viewport().height() // max(1, self.view.verticalHeader().defaultSectionSize()) - 1)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        row = min(max(self.view.currentIndex().row() + steps[Qt.Key(key)], 0), last)
        self.view.selectRow(row)
        announce(self.edit, self.model.item_at(row).spoken())

    def _open_current(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self._open(self.model.id_at(index.row()))

    def _open(self, chosen: int) -> None:
        """Runs an action (a negative number) or opens a record, of another person only once that person is shown."""
        command = self._offered[-1 - chosen] if chosen < 0 else None
        hit = next((hit for hit in self._found.hits if hit.row.id == chosen), None)
        self.accept()
        if command is not None:
            command.run()
        elif hit is not None:
            self._open_hit(hit)

    def _open_hit(self, hit: SearchHit) -> None:
        shown = self.context.person
        if shown is None or shown.id != hit.row.person:
            self._show_person(hit.row.person)
        self.context.navigate(page_of(hit.row), record=hit.row.id)

    # --- words

    def _whose(self) -> str:
        person = self.context.person
        if self.everyone.isChecked() or person is None:
            return self.tr("Searching everyone's records.")
        return fill(self.tr("Searching %1's records."), person.name)

    def _said(self, words: str) -> str:
        if not words:
            return self.tr("Type a word: a medicine, a test, a clinic. Up and Down choose, Enter opens, Escape closes.")
        if not says_something(words):
            return self.tr("Type one more letter to search records.")
        if self._found.more:
            return fill(self.tr("The newest %1 are shown. Type more words to narrow it down."), len(self._found.hits))
        if self._found.hits:
            return fill(self.tr("%1 found."), count_words(len(self._found.hits), "record", "records"))
        return fill(self.tr("No record has “%1”."), words)

    def _build(self) -> None:
        self.frame.setProperty("frame", "card")
        inside = QVBoxLayout(self.frame)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self.view)
        scope = QWidget()
        line = FlowLayout(scope, spacing=SPACE_L)
        line.addWidget(self.everyone)
        self.everyone.setVisible(len(self.context.people) > 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_M)
        column.setSpacing(SPACE_S)
        column.addWidget(self.edit)
        column.addWidget(self.whose)
        column.addWidget(scope)
        column.addWidget(self.frame, 1)
        column.addWidget(self.note)
        column.addStretch()


def _command_item(command: Command) -> RecordItem:
    said = QCoreApplication.translate("SearchDialog", "action")
    return RecordItem(
        main=command.words, detail=said, date=command.key, sentence=f"{command.words}, {said}, {command.key}"
    )
