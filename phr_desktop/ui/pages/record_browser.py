"""A long list with its filter, and what is withdrawn or not done one click away: the body of Results and of Records."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from phr_desktop.domain.results import ListedRecord
from phr_desktop.errors import PhrError
from phr_desktop.queries import results
from phr_desktop.ui.announce import announce
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.filter_field import FilterField
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.text import Text

_LEAST_ROWS = 4


@dataclass(frozen=True, slots=True)
class Loaded:
    """One list: ids in display order of what is stated, and of what is not; why it is empty, in words."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    not_facts: array[int] = field(default_factory=lambda: array("q"))
    why_empty: str = ""


class RecordBrowser(QWidget):
    """`opened` carries the id of a record that the person opens.

    `item` makes a row of a record. `name` is what the list holds ("Results"), `empty_title` what stands in its place
    when nothing was received.
    """

    opened = Signal(int)

    def __init__(
        self,
        context: PageContext,
        item: Callable[[ListedRecord], RecordItem],
        *,
        name: str,
        filter_words: str,
        empty_title: str,
    ) -> None:
        super().__init__()
        self.context = context
        self._item = item
        self._loaded: Loaded | None = None  # None: not asked yet, so nothing is said about emptiness
        self._asked = 0
        self.filter = FilterField(filter_words)
        self.filter.changed.connect(lambda _words: self._show_matching())
        self.filter.edit.moved.connect(lambda _key: self._into_list())
        self.filter.edit.returnPressed.connect(self._into_list)
        self.not_facts = LinkButton("", self._turn)
        self.not_facts.setCheckable(True)
        self.not_facts_note = Text(
            self.tr("These are not facts about you: the clinic took them back, or they did not happen."),
            "small",
            "muted",
            wrap=True,
        )
        self.model = RecordListModel(self._fetch, self)
        self.view = RecordListView(name)
        self.view.setModel(self.model)
        self.view.opened.connect(self.opened)
        self.empty = EmptyState(empty_title, "", icon="folder")
        self.no_match = EmptyState(self.tr("Nothing found"), "", icon="search")
        self._build()
        Theme.current().changed.connect(self._measure)
        self._measure()
        self.clear()

    # --- what the page says

    def show_loaded(self, loaded: Loaded) -> None:
        """Shows another list; filter and choice stay. A list with nothing withdrawn goes back to the facts."""
        same, self._loaded = loaded == self._loaded, loaded
        count = len(loaded.not_facts)
        self.not_facts.setVisible(count > 0)
        if not count:
            self.not_facts.setChecked(False)
        self.empty.why.setText(loaded.why_empty)
        self._name_turn()
        if same and self.model.rowCount():
            self.model.reread()
        else:
            self._show_matching()

    def show_facts(self) -> None:
        """Back to what is stated, without a filter: for another list."""
        self.not_facts.setChecked(False)
        self.filter.empty()

    def show_values(self, values: bool) -> None:
        """Whether rows have a value with its range, or a state in a column and a date."""
        delegate = self.view.itemDelegate()
        delegate.shows_range, delegate.shows_chip = values, not values

    def clear(self) -> None:
        """Forgets everything: on lock, and before another person is shown."""
        self.show_facts()
        self._loaded = None
        self.not_facts.hide()
        self.empty.why.setText("")
        self.no_match.why.setText("")
        self._name_turn()
        self._show_matching()

    # --- inside

    def _into_list(self) -> None:
        if self.model.rowCount():
            self.view.setFocus(Qt.FocusReason.TabFocusReason)

    def _fetch(self, ids: Sequence[int]) -> Sequence[RecordItem]:
        """Never raises: it is called while Qt paints."""
        services = self.context.services
        try:
            listed = results.listed(services.vault, services.clock, ids)
        except PhrError as error:
            return [RecordItem(self.tr("Could not be read"), sentence_of(error))] * len(ids)
        if len(listed) < len(ids):  # one went away since the list was read: the change that took it is on its way
            found = {each.row.id: each for each in listed}
            return [self._item(found[id_]) if id_ in found else RecordItem("") for id_ in ids]
        return _Items(listed, self._item)

    def _turn(self) -> None:
        self._name_turn()
        self._show_matching()

    def _name_turn(self) -> None:
        shown = self.not_facts.isChecked()
        count = len(self._loaded.not_facts) if self._loaded is not None else 0
        words = self.tr("Back to the list") if shown else fill(self.tr("Withdrawn or not done (%1)"), f"{count:,}")
        self.not_facts.setText(words)
        self.not_facts.setAccessibleName(words)
        self.not_facts_note.setVisible(shown)

    def _base(self) -> array[int]:
        if self._loaded is None:
            return array("q")
        return self._loaded.not_facts if self.not_facts.isChecked() else self._loaded.ids

    def _show_matching(self) -> None:
        """Shows the list, or what of it has the filter's words; an answer that comes too late is left out."""
        self._asked += 1
        asked, base, words, person = self._asked, self._base(), self.filter.words(), self.context.person
        if not words or person is None or not base:
            self._show_ids(base)
            return
        services, person_id = self.context.services, person.id
        self.context.bridge.run_query(
            lambda: results.matching_ids(services.vault, services.clock, person_id, base, words),
            lambda ids: self._show_found(ids, words) if asked == self._asked else None,
            owner=self,
            key="matching",
        )

    def _show_found(self, ids: array[int], words: str) -> None:
        self.no_match.why.setText(fill(self.tr("No record in this list has “%1”."), words))
        self._show_ids(ids, nothing=self.no_match)
        announce(self, self.tr("%n found", "", len(ids)).replace("%n", str(len(ids))))

    def _show_ids(self, ids: array[int], nothing: QWidget | None = None) -> None:
        self.model.set_ids(ids)
        unknown = self._loaded is None
        shown = self._frame if len(ids) or unknown else (nothing or self.empty).parentWidget()
        self._stack.setCurrentWidget(shown)
        self.filter.setVisible(unknown or len(self._base()) > 0)

    def _build(self) -> None:
        head = QWidget()
        line = FoldLayout(head, lead_width=320)
        line.addWidget(self.filter)
        line.addWidget(self.not_facts)
        frame = self._frame = QFrame()
        frame.setProperty("frame", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(4, 6, 4, 6)
        inside.addWidget(self.view)
        self._stack = QStackedWidget()
        for widget in (frame, _at_top(self.no_match), _at_top(self.empty)):
            self._stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addWidget(head)
        column.addWidget(self.not_facts_note)
        column.addWidget(self._stack, 1)

    def _measure(self) -> None:
        self.view.setMinimumHeight(_LEAST_ROWS * self.view.verticalHeader().defaultSectionSize())


class _Items(Sequence[RecordItem]):
    """The rows of a block; words are made only for those that come into view."""

    def __init__(self, listed: Sequence[ListedRecord], item: Callable[[ListedRecord], RecordItem]) -> None:
        self._listed = listed
        self._make = item
        self._made: dict[int, RecordItem] = {}

    def __len__(self) -> int:
        return len(self._listed)

    def __getitem__(self, place: int) -> RecordItem:
        if place not in self._made:
            self._made[place] = self._make(self._listed[place])
        return self._made[place]


def _at_top(widget: QWidget) -> QWidget:
    """As high as it wants to be, with the rest of the room below it."""
    frame = QWidget()
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    column.addStretch(1)
    return frame
