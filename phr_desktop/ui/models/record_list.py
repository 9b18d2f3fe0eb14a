"""A long list as ids in display order; rows are read in blocks when they come into view."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from phr_desktop.ui.tokens import Tone

_BLOCK = 64
_BLOCKS_KEPT = 32


class RecordRole(IntEnum):
    """What the delegate asks a model for."""

    ITEM = Qt.ItemDataRole.UserRole + 1  # the whole RecordItem
    ID = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True)
class RecordItem:
    """One row as it is painted. `sentence` is the whole of it as a screen reader says it.

    `range_place` (see widgets.bars) draws the lab's range beside the value; `tone` colours value and marker and is
    NEUTRAL unless the source itself marked the value.
    """

    main: str
    detail: str = ""
    value: str = ""
    chip: str = ""
    chip_tone: Tone = Tone.NEUTRAL
    date: str = ""
    sentence: str = ""
    exact: str = ""  # the tooltip: the exact value behind words like "in 3 days"
    tone: Tone = Tone.NEUTRAL
    range_place: object | None = None
    hollow: bool = False

    def spoken(self) -> str:
        parts = (self.main, self.value, self.chip, self.detail, self.date)
        return self.sentence or ", ".join(part for part in parts if part)


class RecordListModel(QAbstractListModel):
    """`fetch` gives the items of some ids, in their order; it is called on the window's thread and must be quick."""

    def __init__(self, fetch: Callable[[Sequence[int]], Sequence[RecordItem]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._ids: Sequence[int] = array("q")
        self._blocks: OrderedDict[int, Sequence[RecordItem]] = OrderedDict()

    def set_ids(self, ids: Sequence[int]) -> None:
        """Shows these records in this order; ids are read off the window's thread before."""
        self.beginResetModel()
        self._ids = ids
        self._blocks.clear()
        self.endResetModel()

    def reread(self) -> None:
        """Reads the rows anew where they are shown; which rows there are stays as it is."""
        self._blocks.clear()
        if len(self._ids):
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    def clear(self) -> None:
        """Forgets everything: on lock."""
        self.set_ids(array("q"))

    def id_at(self, row: int) -> int:
        return self._ids[row]

    def row_of(self, record: int) -> int:
        """The row of a record, or -1."""
        try:
            return self._ids.index(record)
        except ValueError:
            return -1

    def item_at(self, row: int) -> RecordItem:
        block, place = divmod(row, _BLOCK)
        if block not in self._blocks:
            self._blocks[block] = self._fetch(self._ids[block * _BLOCK : (block + 1) * _BLOCK])
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(block)
        return self._blocks[block][place]

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == RecordRole.ID:
            return self._ids[index.row()]
        if role == RecordRole.ITEM:
            return self.item_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.item_at(index.row()).main
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.item_at(index.row()).spoken()
        return None
