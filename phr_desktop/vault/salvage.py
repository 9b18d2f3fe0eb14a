"""Saving what can be read of a damaged database into a new one.

Every page that is signed right is read by itself (`pages`), so that neither a broken page nor a lost first page nor a
lost salt stops it. What stands beside a record and is derived from its bytes (components, full text) is made anew from
them. The damaged file is only read; the vault turns to the new one when the person says so, and the damaged one is kept
under another name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from phr_desktop import failpoints
from phr_desktop.domain.long_work import Cancelled, never, no_progress
from phr_desktop.domain.records import Extracted
from phr_desktop.domain.salvage import SalvagedTable, SalvageReport
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import attachments, header, keys, leftovers, migrate, pages, rebuild
from phr_desktop.vault.bodies import Bodies, take_dictionary
from phr_desktop.vault.connection import Database, Row, mapped_errors, open_database
from phr_desktop.vault.hardening import forbid_core_dumps
from phr_desktop.vault.header import Header
from phr_desktop.vault.lockfile import LockFile
from phr_desktop.vault.older_copy import HOLD
from phr_desktop.vault.opening import find_master
from phr_desktop.vault.pages import Cell, Pages
from phr_desktop.vault.record_writer import write_satellites
from phr_desktop.vault.salvage_map import PageMap, Table, tables_of
from phr_desktop.vault.vault import LOCK_NAME

T = TypeVar("T")
Extract = Callable[[bytes, str | None], Extracted]

KEPT_AS = "damaged-"
BLOCK = 500
_READ = 0.5  # of the work, when the rows are in the new file
_FULL_URL = "url:"
_DEPTH = 4  # references of references
# Made anew here, or of no use in another file.
_NOT_COPIED = frozenset({"sentinel", "freshness", "observation_components"})
_RECORD_OF = {"observation_components": 0, "record_attachments": 0, "versions": 1, "opened": 0}
NAMELESS_PERSON = "INSERT INTO people (id, name, created_at) VALUES (?, ?, 0)"
NAMELESS_SOURCE = """INSERT INTO sources (id, person, kind, name, connected, created_at)
  VALUES (?, ?, 'portal', ?, 0, 0)"""
NOT_WHOLE = """SELECT hash FROM attachments a
  WHERE size <> (SELECT coalesce(sum(length(bytes)), -1) FROM attachment_chunks c WHERE c.hash = a.hash)"""
UNNAMED_CHUNKS = "SELECT DISTINCT hash FROM attachment_chunks WHERE hash NOT IN (SELECT hash FROM attachments)"
ORPHANED_HASHES = """UPDATE record_attachments SET hash = NULL
  WHERE hash IS NOT NULL AND hash NOT IN (SELECT hash FROM attachments)"""


class Salvaged:
    """A damaged vault with what was saved of it, not taken yet. Ended by `accept` or `discard`; holds keys and lock."""

    def __init__(self, folder: Path, head: Header, new: Header, master: bytearray, lock_file: LockFile) -> None:
        self.folder = folder
        self.report = SalvageReport((), 0)
        self._head, self._new, self._master, self._lock_file = head, new, master, lock_file

    def __repr__(self) -> str:
        return "Salvaged()"

    def accept(self) -> Path:
        """Turns the vault to what was saved. Where the damaged file lies from now on.

        Errors: disk-full, no-permission; the vault is then as it was.
        """
        try:
            with mapped_errors():
                kept = self._keep_damaged()
                leftovers.turn_to(self.folder, leftovers.following(self.folder, self._new, self._head), self._master)
                rebuild.remove_database(self.folder, self._head.active_db)
                return kept
        except BaseException:
            if not leftovers.is_named(self.folder, self._new.active_db):
                rebuild.remove_database(self.folder, self._new.active_db)
            raise
        finally:
            self._end()

    def discard(self) -> None:
        """Throws away what was saved; the vault is as it was."""
        rebuild.remove_database(self.folder, self._new.active_db)
        self._end()

    def _keep_damaged(self) -> Path:
        """Gives the damaged file a second name, which no sweep takes away."""
        found = [p for p in self.folder.glob(f"{self._head.active_db}*") if not p.name.endswith("-shm")]
        for path in found:
            target = path.with_name(KEPT_AS + path.name)
            target.unlink(missing_ok=True)
            try:
                with failpoints.around("link damaged database"):
                    os.link(path, target)
            except OSError:  # this kind of disk has no second names
                with failpoints.around("write damaged database"):
                    shutil.copy2(path, target)
                rebuild.bring_to_disk(target)
        failpoints.sync_folder(self.folder)
        return self.folder / (KEPT_AS + self._head.active_db)

    def _end(self) -> None:
        keys.wipe(self._master)
        self._lock_file.release()


def salvage(
    folder: Path,
    secret: str,
    extract: Extract,
    *,
    by_recovery_key: bool = False,
    progress: rebuild.Progress = no_progress,
    cancelled: Cancelled = never,
) -> Salvaged:
    """Reads what can be read of a locked vault's database into a new file. `extract` reads one resource.

    Errors: vault-missing, wrong-passphrase, wrong-recovery-key, header-damaged, database-missing, vault-in-use,
    vault-newer, no-room, cancelled, nothing-readable.
    """
    forbid_core_dumps()
    typed = keys.parse_recovery_key(secret) if by_recovery_key else keys.passphrase_bytes(secret)
    way, wrong = ("recovery", "wrong-recovery-key") if by_recovery_key else ("passphrase", "wrong-passphrase")
    with mapped_errors():
        header.read_copies(folder)
        lock_file = LockFile(folder / LOCK_NAME)
        try:
            stored, master, _slot = find_master(header.read_copies(folder), way, typed, wrong)
        except BaseException:
            lock_file.release()
            raise
        finally:
            keys.wipe(typed)
        head = stored.header
        saved = Salvaged(
            folder, head, replace(head, active_db=header.new_database_name(head.key_epoch), closed=None), master,
            lock_file,
        )  # fmt: skip
        try:
            _save(saved, extract, progress, cancelled)
        except BaseException:
            saved.discard()
            raise
        return saved


def _save(saved: Salvaged, extract: Extract, progress: rebuild.Progress, cancelled: Cancelled) -> None:
    damaged = saved.folder / saved._head.active_db
    if not damaged.exists():
        raise UserFacingError("database-missing")
    rebuild.require_room(saved.folder, rebuild.size_of(saved.folder, saved._head.active_db))
    key_text = rebuild.database_key(saved._master, saved._head)
    source = None
    try:
        source = Pages(damaged, key_text)
        path = rebuild.make_file(saved.folder, saved._new.active_db)
        db = open_database(path, key_text, create=True)
        try:
            work = _Work(db, source, saved._head, extract, progress, cancelled)
            saved.report = work.run()
            saved._new = replace(saved._new, anchor=rebuild.new_transaction(db, saved._head))
            rebuild.require_whole(db, saved._head.vault_id, None)
            with failpoints.around("checkpoint salvage"):
                db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            db.close()
        rebuild.bring_to_disk(path)
    finally:
        keys.wipe(key_text)
        if source is not None:
            source.close()


class _Work:
    """One salvage, from the pages into the new database."""

    def __init__(
        self,
        db: Database,
        source: Pages,
        head: Header,
        extract: Extract,
        progress: rebuild.Progress,
        cancelled: Cancelled,
    ) -> None:
        self._db, self._source, self._head, self._extract = db, source, head, extract
        self._progress, self._cancelled = progress, cancelled
        self._unreadable: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()  # rows that go on in an unreadable page, or that contradict
        self._seen: set[int] = set()  # records that something tells of
        self._types: dict[int, str] = {}
        self._lost_names = 0

    def run(self) -> SalvageReport:
        """Fills the new database; what became of everything."""
        self._db.execute("PRAGMA foreign_keys = OFF")
        migrate.apply_all(self._db)
        self._db.run("INSERT INTO sentinel VALUES (1, ?, 'open')", (self._head.vault_id,))
        tables = {table.name: table for table in tables_of(self._db)}
        owners, unreadable = PageMap(self._source, tables).owners()
        if not owners:
            raise UserFacingError("nothing-readable")
        self._unreadable.update(unreadable)
        self._copy(owners, tables)
        self._in_one(self._dictionary)
        self._in_one(self._references)
        lost_documents = self._in_one(self._documents)
        self._anew()
        self._db.execute("PRAGMA foreign_keys = ON")
        return self._report(tables, lost_documents)

    # --- rows

    def _copy(self, owners: dict[int, str], tables: dict[str, Table]) -> None:
        waiting: dict[str, list[list[object]]] = {}
        for done, (number, owner) in enumerate(owners.items()):
            self._keep_on(_READ * done / len(owners))
            for cell in self._cells(number, owner):
                self._note(owner, cell)
                table = tables.get(owner)
                if table is None or owner in _NOT_COPIED:
                    continue
                rows = waiting.setdefault(owner, [])
                rows.append(table.row(cell))
                if len(rows) >= BLOCK:
                    self._store(table, waiting.pop(owner))
        for name, rows in waiting.items():
            self._store(tables[name], rows)

    def _cells(self, number: int, owner: str) -> Iterator[Cell]:
        for cell in pages.cells(self._source, number, self._source.page(number)):
            if cell is None:
                self._broken[owner] += 1
            else:
                yield cell

    def _note(self, owner: str, cell: Cell) -> None:
        """Keeps which records there were: full text, indexes and what hangs on a record tell of lost ones too."""
        if owner == "search_docsize" and cell.rowid is not None:
            self._seen.add(cell.rowid & 0xFFFFFFFF)
        elif owner == "records_by_identity" and len(cell.values) == 4:
            self._seen.add(int(cell.values[3] or 0))
            self._types[int(cell.values[3] or 0)] = str(cell.values[1])
        elif owner in _RECORD_OF and cell.values:
            place = _RECORD_OF[owner]
            value = cell.rowid if owner == "opened" else cell.values[place] if place < len(cell.values) else None
            if isinstance(value, int):
                self._seen.add(value)

    def _store(self, table: Table, rows: list[list[object]]) -> None:
        width = max(map(len, rows))
        columns = ", ".join(f'"{name}"' for name in table.columns[:width])
        sql = f'INSERT OR IGNORE INTO "{table.name}" ({columns}) VALUES ({", ".join("?" * width)})'

        def store() -> None:
            for row in rows:
                if len(row) != width or not self._db.count(sql, row):
                    self._broken[table.name] += 1

        self._in_one(store)

    # --- what hangs together

    def _dictionary(self) -> None:
        """The vault's own, else the program's: the same, unless the vault was made by an older program."""
        if self._db.one("SELECT 1 FROM body_dictionary") is None:
            take_dictionary(self._db)

    def _references(self) -> None:
        """Nothing that is left hangs on what is lost."""
        db = self._db
        self._name_people()
        for source, person in db.rows(
            "SELECT source, min(person) FROM records WHERE source NOT IN (SELECT id FROM sources) GROUP BY source"
        ):
            db.run(NAMELESS_SOURCE, (source, person, f"Name lost ({source})"))
            self._lost_names += 1
        for (digest,) in db.rows(UNNAMED_CHUNKS):
            self._name_content(digest)
        db.run(ORPHANED_HASHES)
        for _ in range(_DEPTH):
            for name, rowid in {(row[0], row[1]) for row in db.rows("PRAGMA foreign_key_check")}:
                self._drop(name, rowid)

    def _name_content(self, digest: bytes) -> None:
        """A document whose own row is lost is known by the hash of its contents, where they are whole."""
        content = attachments.content(self._db, digest)
        if hashlib.sha256(content).digest() == digest:
            self._db.run("INSERT INTO attachments (hash, size) VALUES (?, ?)", (digest, len(content)))

    def _name_people(self) -> None:
        """A person whose own row is lost keeps the records, under a number."""
        ids = self._db.rows(
            "SELECT person FROM records UNION SELECT person FROM sources EXCEPT SELECT id FROM people ORDER BY 1"
        )
        for (person,) in ids:
            self._db.run(NAMELESS_PERSON, (person, f"Name lost ({person})"))
            self._lost_names += 1

    def _drop(self, name: str, rowid: int | None) -> None:
        """A row that hangs on a lost one; in a table WITHOUT ROWID they are found by their column."""
        if rowid is not None:
            self._broken[name] += self._db.count(f'DELETE FROM "{name}" WHERE rowid = ?', (rowid,))
            return
        for _, _, of, column, to, *_ in self._db.rows(f'PRAGMA foreign_key_list("{name}")'):
            self._broken[name] += self._db.count(
                f'DELETE FROM "{name}" WHERE "{column}" IS NOT NULL AND "{column}" NOT IN (SELECT "{to}" FROM "{of}")'
            )

    def _documents(self) -> int:
        """Takes out contents that are not whole: where a portal has them, they are fetched again. How many."""
        lost = self._db.rows(NOT_WHOLE)
        for (digest,) in lost:
            self._db.run("UPDATE record_attachments SET hash = NULL WHERE hash = ?", (digest,))
            self._db.run("DELETE FROM attachment_chunks WHERE hash = ?", (digest,))
            self._db.run("DELETE FROM attachments WHERE hash = ?", (digest,))
        self._db.run(HOLD)
        return len(lost)

    def _anew(self) -> None:
        """Values and full text, from the records' own bytes."""
        unpack = Bodies(bytes(self._db.value("SELECT bytes FROM body_dictionary"))).unpack
        total = max(1, int(self._db.value("SELECT count(*) FROM records")))
        done = last = 0
        sql = "SELECT id, person, identity, codec, body FROM records WHERE id > ? ORDER BY id LIMIT ?"
        while rows := self._db.rows(sql, (last, BLOCK)):
            last = rows[-1][0]
            done += len(rows)
            self._keep_on(_READ + (1 - _READ) * done / total)
            self._read_again(rows, unpack)

    def _read_again(self, rows: Sequence[Row], unpack: Callable[[int, bytes], bytes]) -> None:
        found: list[tuple[int, int, Extracted]] = []
        self._db.execute("BEGIN IMMEDIATE")
        for record, person, identity, codec, body in rows:
            url = identity.removeprefix(_FULL_URL) if identity.startswith(_FULL_URL) else None
            try:
                found.append((record, person, self._extract(unpack(codec, body), url)))
            except Exception:  # noqa: BLE001 (whatever it is: bytes that cannot be read again are not shown)
                self._broken["records"] += 1
                self._db.run("DELETE FROM record_attachments WHERE record = ?", (record,))
                for table, column in (("versions", "record"), ("opened", "record"), ("records", "id")):
                    self._db.run(f"DELETE FROM {table} WHERE {column} = ?", (record,))
        write_satellites(self._db, found)
        failpoints.commit(self._db, "salvage")

    # --- inside

    def _in_one(self, act: Callable[[], T]) -> T:
        self._db.execute("BEGIN IMMEDIATE")
        result = act()
        failpoints.commit(self._db, "salvage")
        return result

    def _keep_on(self, share: float) -> None:
        if self._cancelled():
            raise UserFacingError("cancelled")
        self._progress(share)

    def _report(self, tables: dict[str, Table], lost_documents: int) -> SalvageReport:
        saved = {name: int(self._db.value(f'SELECT count(*) FROM "{name}"')) for name in tables}
        held = {row[0] for row in self._db.rows("SELECT id FROM records")}
        lost = Counter(self._types.get(record, "") for record in self._seen - held)
        shown = [
            SalvagedTable(name, saved[name], self._broken[name], self._unreadable[name])
            for name in tables
            if name not in ("sentinel", "freshness") and (saved[name] or self._broken[name] or self._unreadable[name])
        ]
        return SalvageReport(
            tables=tuple(shown),
            records=saved["records"],
            lost_records=dict(sorted(lost.items())),
            documents=saved["attachments"],
            lost_documents=lost_documents,
            lost_names=self._lost_names,
            unreadable=self._unreadable[""],
            pages=self._source.count,
        )
