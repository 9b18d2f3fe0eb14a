"""Writing the vault's database anew into another file, and turning to it once it is proven whole.

A re-key, a migration and a removal are all done like this; a salvage and a restore end in the same way. The present
file is only read. Until the header names the new file, nothing has happened; what an end in the middle leaves is swept
at the next start.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Protocol, TypeVar

from phr_desktop import failpoints
from phr_desktop.domain.long_work import Cancelled, never, no_progress
from phr_desktop.errors import Bug, EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.vault import freshness, header, keys, leftovers, migrate, soundness
from phr_desktop.vault.connection import Database, mapped_errors, open_database
from phr_desktop.vault.header import Anchor, Header
from phr_desktop.vault.keys import Slot

Progress = Callable[[float], None]  # 0.0 to 1.0
Change = Callable[[Database], None]
T = TypeVar("T")

ROOM = 2.2  # times the database's size that must be free: two copies, and what is written meanwhile
_COPIED = 0.6  # of the work, when the copy is written
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """Another database, whole and checked, for a vault to turn to: the header that names it, and the master key that
    this header is of, where it is a new one."""

    header: Header
    master: bytearray | None = None

    def __repr__(self) -> str:
        return "Move()"


class Movable(Protocol):
    """An unlocked vault (`vault.Vault`)."""

    @property
    def folder(self) -> Path: ...

    @property
    def is_locked(self) -> bool: ...

    def read(self, question: Callable[[Database], T]) -> T: ...

    def move_to_database(self, build: Callable[[Database, Header, bytearray], Move]) -> None: ...


def database_key(master: bytearray, head: Header) -> bytearray:
    """SQLCipher's raw key text: key and salt as 96 hex characters, so that a lost first page costs only itself."""
    key = keys.derive(master, head.vault_id, b"phr/v1/db/%d" % head.key_epoch)
    text = bytearray(b"x'" + b"0" * 96 + b"'")
    for place, byte in enumerate(chain(key, head.db_salt)):
        text[2 + 2 * place : 4 + 2 * place] = b"%02x" % byte
    keys.wipe(key)
    return text


def rewrite(
    vault: Movable,
    change: Change | None = None,
    *,
    leaves_nothing: bool = False,
    progress: Progress = no_progress,
    cancelled: Cancelled = never,
) -> None:
    """Writes the database anew under the same keys, carries out `change` in the new file, and turns the vault to it.

    `change` gets a connection outside a transaction. `leaves_nothing` writes the changed file once more, so that
    nothing that `change` took away is left in free pages, and removes the former file at once; else that one stays
    until the vault is next opened. Errors: cancelled, no-room, copy-not-whole, disk-full, vault-busy, database-damaged.
    """
    former: list[str] = []
    cancelled = _or_locked(vault, cancelled)

    def build(db: Database, head: Header, master: bytearray) -> Move:
        former.append(head.active_db)
        key_text = database_key(master, head)
        new = replace(head, active_db=header.new_database_name(head.key_epoch))
        try:
            with _new_file(vault.folder, head, new) as path:
                with _watched(db, path, size_of(vault.folder, head.active_db), progress, cancelled):
                    db.vacuum_into(path)
                anchor = _prove(path, key_text, head, soundness.counts(db), change, cancelled)
                if leaves_nothing:
                    anchor = _once_more(path, key_text, head, cancelled)
                bring_to_disk(path)
                progress(1.0)
                return Move(replace(new, anchor=anchor, closed=None))
        finally:
            keys.wipe(key_text)

    vault.move_to_database(build)
    if leaves_nothing:
        remove_database(vault.folder, former[0])


def rekey(
    vault: Movable,
    make_slots: Callable[[Header, bytearray, int], tuple[Slot, ...]],
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never,
) -> None:
    """Gives the vault a new master key: the database is written anew under it.

    `make_slots` gets the present header, the new master key, which must not leave it, and the new key epoch, and gives
    the slots of the new header. The former file stays until the vault is next opened. Errors as `rewrite`.
    """

    cancelled = _or_locked(vault, cancelled)

    def build(db: Database, head: Header, _master: bytearray) -> Move:
        master = bytearray(os.urandom(keys.KEY_BYTES))
        epoch = head.key_epoch + 1
        new = replace(
            head,
            key_epoch=epoch,
            active_db=header.new_database_name(epoch),
            db_salt=os.urandom(16),
            slots=make_slots(head, master, epoch),
        )
        key_text = database_key(master, new)
        try:
            with _new_file(vault.folder, head, new) as path:
                with _watched(db, path, size_of(vault.folder, head.active_db), progress, cancelled):
                    db.export_into(path, key_text)
                anchor = _prove(path, key_text, head, soundness.counts(db), None, cancelled)
                bring_to_disk(path)
                progress(1.0)
                return Move(replace(new, anchor=anchor, closed=None), master)
        except BaseException:
            keys.wipe(master)
            raise
        finally:
            keys.wipe(key_text)

    vault.move_to_database(build)


def bring_up_to_date(
    vault: Movable,
    migrations: migrate.Migrations | None = None,
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never,
) -> bool:
    """Brings an older vault to the latest schema; whether there was anything to do. Errors as `rewrite`: the vault is
    then as it was."""
    wanted = migrate.known() if migrations is None else migrations
    if vault.read(migrate.version) >= wanted[-1][0]:
        return False
    rewrite(vault, lambda db: migrate.apply_all(db, wanted), progress=progress, cancelled=cancelled)
    return True


def size_of(folder: Path, name: str) -> int:
    """Bytes of a database with what its log holds."""
    return sum(path.stat().st_size for path in folder.glob(f"{name}*") if not path.name.endswith("-shm"))


def require_room(folder: Path, size: int) -> None:
    """Error no-room where a database of `size` bytes could not be written anew there."""
    needed, free = int(size * ROOM) + _MEGABYTE, shutil.disk_usage(folder).free
    if free < needed:
        raise EnvironmentProblem("no-room", needed=-(-needed // _MEGABYTE), free=free // _MEGABYTE)


def make_file(folder: Path, name: str) -> Path:
    """An empty file to write the new database of this name in, readable by this account only."""
    path = leftovers.part_of(folder, name)
    os.close(failpoints.open_new(path, "database", exclusive=True))
    return path


def new_transaction(db: Database, head: Header) -> Anchor:
    """Marks a new file as the vault's next state, so that the former one put back is known as older."""
    db.execute("BEGIN IMMEDIATE")
    freshness.leap(db, head.anchor.seq if head.anchor is not None else 0)
    failpoints.commit(db, "rebuild")
    found = freshness.last(db)
    if found is None:
        raise Bug("freshness-missing")
    return found


def require_whole(db: Database, vault_id: bytes, expected: Mapping[str, int] | None) -> None:
    """Error copy-not-whole unless a new file is sound and, where `expected` is given, holds as many rows."""
    try:
        wrong = soundness.problems(db, vault_id)
    except PhrError as error:
        if error.code == "cancelled":
            raise
        raise EnvironmentProblem("copy-not-whole") from error
    if wrong or (expected is not None and soundness.counts(db) != dict(expected)):
        raise EnvironmentProblem("copy-not-whole")


def bring_to_disk(path: Path) -> None:
    """Has the file and its name survive a power cut."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        failpoints.fsync(descriptor, "database")
    finally:
        os.close(descriptor)
    failpoints.sync_folder(path.parent)


def remove_database(folder: Path, name: str) -> None:
    """Removes a database that no header names any more. Where the system still keeps it, the next start does."""
    for path in sorted(folder.glob(f"{name}*")):
        with suppress(OSError):
            failpoints.unlink(path, "former database")


def _or_locked(vault: Movable, cancelled: Cancelled) -> Cancelled:
    """A lock does not wait for a file to be written anew: the vault is then as it was."""
    return lambda: cancelled() or vault.is_locked


@contextmanager
def _new_file(folder: Path, head: Header, new: Header) -> Iterator[Path]:
    """An empty file for the new database; removed again where the block fails."""
    with mapped_errors():
        require_room(folder, size_of(folder, head.active_db))
        path = make_file(folder, new.active_db)
        try:
            yield path
        except BaseException:
            remove_database(folder, new.active_db)
            raise


@contextmanager
def _watched(db: Database, path: Path, size: int, progress: Progress, cancelled: Cancelled) -> Iterator[None]:
    """While the copy is written: tells how far it is by its size, and ends it where that is wanted."""
    said = 0.0

    def ended() -> bool:
        nonlocal said
        now = time.monotonic()
        if now - said > 0.1:
            said = now
            progress(min(1.0, path.stat().st_size / max(size, 1)) * _COPIED)
        return cancelled()

    with db.watched(ended):
        yield
    if cancelled():
        raise UserFacingError("cancelled")
    progress(_COPIED)


def _prove(
    path: Path,
    key_text: bytearray,
    head: Header,
    counts: Mapping[str, int],
    change: Change | None,
    cancelled: Cancelled,
) -> Anchor:
    """Checks the copy against what it was made of, changes it, and checks it again; its last transaction."""
    db = open_database(path, key_text)
    try:
        with mapped_errors(), db.watched(cancelled):
            if change is None:
                require_whole(db, head.vault_id, counts)
            else:
                if soundness.counts(db) != dict(counts):
                    raise EnvironmentProblem("copy-not-whole")
                change(db)
                require_whole(db, head.vault_id, None)
        if cancelled():
            raise UserFacingError("cancelled")
        anchor = new_transaction(db, head)
        with failpoints.around("checkpoint rebuild"):
            db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return anchor
    finally:
        db.close()


def _once_more(path: Path, key_text: bytearray, head: Header, cancelled: Cancelled) -> Anchor:
    """Writes the file anew in its own place, page by page, without what was deleted from it."""
    name = header.new_database_name(head.key_epoch)
    second = make_file(path.parent, name)
    try:
        db = open_database(path, key_text)
        try:
            counts = soundness.counts(db)
            with db.watched(cancelled):
                db.vacuum_into(second)
        finally:
            db.close()
        anchor = _prove(second, key_text, head, counts, None, cancelled)
        failpoints.replace(second, path, "database")
        return anchor
    except BaseException:
        remove_database(path.parent, name)
        raise
