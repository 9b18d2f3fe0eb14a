"""Whose the pages of a damaged database are: which table or index each readable one belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from phr_desktop.vault import pages
from phr_desktop.vault.connection import Database
from phr_desktop.vault.pages import Cell, Pages, Unreadable


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the new file: how its rows are stored, and what may stand in each column."""

    name: str
    columns: tuple[str, ...]  # in the order in which they are stored
    kinds: tuple[tuple[type, ...], ...]
    required: tuple[bool, ...]
    rowid_at: int | None  # the column that is the rowid; None where there is none
    has_rowid: bool

    def fits(self, cell: Cell) -> bool:
        """Whether a row could be one of this table's."""
        if len(cell.values) != len(self.columns) or (cell.rowid is None) is self.has_rowid:
            return False
        return all(self._may_stand(place, value) for place, value in enumerate(cell.values))

    def _may_stand(self, place: int, value: object) -> bool:
        if place == self.rowid_at or value is None:
            return value is None and (place == self.rowid_at or not self.required[place])
        return isinstance(value, self.kinds[place])

    def row(self, cell: Cell) -> list[object]:
        """Its values in the columns' order; those of columns that came later are left away."""
        values: list[object] = list(cell.values)
        if self.rowid_at is not None:
            values[self.rowid_at] = cell.rowid
        return values


class PageMap:
    """Which table or index every readable page belongs to: by the trees where they can be walked, else by the form of
    its rows."""

    def __init__(self, source: Pages, tables: dict[str, Table]) -> None:
        self._source, self._tables = source, tables
        self._owners: dict[int, str] = {}
        self._unreadable: Counter[str] = Counter()
        self._claimed: set[int] = set()

    def owners(self) -> tuple[dict[int, str], Counter[str]]:
        """Page to table or index, in the order of the pages; and unreadable pages by table ("": in the whole file)."""
        for name, root in self._roots().items():
            self._walk(name, root)
        for number in range(1, self._source.count + 1):
            try:
                page = self._source.page(number)
            except Unreadable:
                self._unreadable[""] += 1
                continue
            if number not in self._claimed and pages.kind(number, page) in pages.LEAVES_OF_ROWS:
                owner = self._by_form(number, page)
                if owner is not None:
                    self._owners[number] = owner
        return dict(sorted(self._owners.items())), self._unreadable

    def _roots(self) -> dict[str, int]:
        """Where each tree begins: from the schema's own rows, on whatever readable page they stand."""
        roots: dict[str, int] = {}
        for number in range(1, self._source.count + 1):
            try:
                page = self._source.page(number)
            except Unreadable:
                continue
            if pages.kind(number, page) != pages.TABLE_LEAF:
                continue
            for cell in pages.cells(self._source, number, page):
                if cell is None or not _is_of_schema(cell):
                    break
                self._claimed.add(number)
                roots[str(cell.values[1])] = int(cell.values[3] or 0)
        return {name: root for name, root in roots.items() if root}  # a virtual table has none

    def _walk(self, name: str, root: int) -> None:
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in self._claimed:
                continue
            self._claimed.add(number)
            try:
                page = self._source.page(number)
            except Unreadable:
                self._unreadable[name] += 1
                continue
            sort = pages.kind(number, page)
            if sort in (pages.TABLE_INTERIOR, pages.INDEX_INTERIOR):
                waiting += pages.children(number, page)
            if sort in pages.LEAVES_OF_ROWS:
                self._owners[number] = name

    def _by_form(self, number: int, page: bytes) -> str | None:
        """The one table that all rows of the page fit; None where there is none, or more than one."""
        found = [cell for cell in pages.cells(self._source, number, page) if cell is not None]
        fitting = [table.name for table in self._tables.values() if found and all(map(table.fits, found))]
        return fitting[0] if len(fitting) == 1 else None


_KINDS: dict[str, tuple[type, ...]] = {"INTEGER": (int,), "TEXT": (str,), "BLOB": (bytes,)}


def tables_of(db: Database) -> Iterator[Table]:
    """The tables of the new file, without full text's own."""
    for (name,) in db.rows(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    ):
        columns = db.rows(f'PRAGMA table_info("{name}")')
        has_rowid = not db.value("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (name,))
        alias = [c[0] for c in columns if c[5] == 1 and c[2] == "INTEGER"] if has_rowid else []
        alone = len([c for c in columns if c[5]]) == 1
        if not has_rowid:  # stored by its key first
            columns = sorted(columns, key=lambda column: (not column[5], column[5] or column[0]))
        yield Table(
            name=name,
            columns=tuple(column[1] for column in columns),
            kinds=tuple(_KINDS.get(column[2], (int, float, str, bytes)) for column in columns),
            required=tuple(bool(column[3] or (column[5] and not has_rowid)) for column in columns),
            rowid_at=alias[0] if alias and alone else None,
            has_rowid=has_rowid,
        )


def _is_of_schema(cell: Cell) -> bool:
    values = cell.values
    return len(values) == 5 and values[0] in ("table", "index") and isinstance(values[3], int)
