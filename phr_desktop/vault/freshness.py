"""Whether a database is the one that was locked: SQLCipher itself notices neither an old page nor an old file nor a
cut WAL (docs/decisions/0004-freshness.md).

Every transaction leaves a mark (seq, nonce) in the table `freshness`. The header's anchor is the last mark that it was
told of, `closed` the SHA-256 of the file as the last lock left it. A database with more marks than the anchor is what
a crash leaves, and normal; one without the anchor's mark is an older copy; one with other bytes and no other mark was
changed by something else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Timer
from typing import Protocol

from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import PhrError, UserFacingError
from phr_desktop.vault.connection import Database, mapped_errors
from phr_desktop.vault.header import Anchor, ClosedFile, Header

ANCHOR_SECONDS = 30.0  # after a commit, at the latest
_BLOCK = 1024 * 1024
_BINARY = getattr(os, "O_BINARY", 0)
_FTS_CHECK = "INSERT INTO search (search) VALUES ('integrity-check')"


class AnchorWitness(Protocol):
    """Keeps the anchor in another place than the vault's folder (the keychain), so that a whole old folder is noticed.

    Both calls end within 10 seconds whatever the keychain does, and raise nothing: without an answer there is no
    witness.
    """

    def read(self) -> WitnessedAnchor | None: ...

    def write(self, anchor: WitnessedAnchor) -> None: ...


@dataclass(frozen=True, slots=True)
class WitnessedAnchor:
    """An anchor with the number of the keys under which its transaction was written."""

    key_epoch: int
    seq: int
    nonce: bytes


def last(db: Database) -> Anchor | None:
    """The mark of the last transaction."""
    row = db.one("SELECT seq, nonce FROM freshness ORDER BY seq DESC LIMIT 1")
    return None if row is None else Anchor(int(row[0]), bytes(row[1]))


def compare(db: Database, anchor: Anchor | None) -> VaultState:
    """What the header's anchor says of the database: OK, OLDER_COPY or ALTERED."""
    newest = last(db)
    if anchor is None:
        return VaultState.OK
    if newest is None or newest.seq < anchor.seq:
        return VaultState.OLDER_COPY
    mark = db.one("SELECT nonce FROM freshness WHERE seq = ?", (anchor.seq,))
    return VaultState.OK if mark is not None and mark[0] == anchor.nonce else VaultState.ALTERED


def compare_witness(db: Database, witness: WitnessedAnchor, key_epoch: int) -> VaultState:
    """The same for an anchor of elsewhere, which may be older than the oldest mark that is still kept."""
    if witness.key_epoch != key_epoch:
        return VaultState.OLDER_COPY if witness.key_epoch > key_epoch else VaultState.OK
    oldest = db.value("SELECT min(seq) FROM freshness")
    if oldest is not None and witness.seq < oldest:
        return VaultState.OK
    return compare(db, Anchor(witness.seq, witness.nonce))


def forget_before(db: Database, seq: int) -> None:
    """Keeps the marks from the anchor on. Inside a transaction."""
    db.run("DELETE FROM freshness WHERE seq < ?", (seq,))


def leap(db: Database, beyond: int) -> None:
    """Leaves a mark after every one that was ever given, so that what was set aside is older from now on. Inside a
    transaction: for an older copy that is taken as it is, and for a backup that is restored."""
    newest = last(db)
    db.run(
        "INSERT INTO freshness (seq, nonce) VALUES (?, randomblob(16))",
        (max(beyond, newest.seq if newest is not None else 0) + 1,),
    )


def sound(db: Database, ended: Callable[[], bool]) -> bool:
    """Whether the pages fit together, and the search index in itself; after a crash there is no hash to go by.

    Errors: cancelled.
    """
    try:
        with mapped_errors(), db.watched(ended):
            return db.rows("PRAGMA integrity_check(1)") == [("ok",)] and search_fits(db)
    except UserFacingError as error:
        if error.code != "database-damaged":
            raise
        return False


def search_fits(db: Database) -> bool:
    """FTS5's own check of its index. On a writing connection, outside a transaction; it changes nothing."""
    try:
        with mapped_errors():
            _check_search(db)
    except UserFacingError as error:
        if error.code != "database-damaged":
            raise
        return False
    return True


def _check_search(db: Database) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.run(_FTS_CHECK)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def open_file(path: Path) -> int:
    """The database's file, to be hashed while SQLite has it open. It must stay open as long as SQLite's connections:
    closing it would take their locks away (POSIX)."""
    return os.open(path, os.O_RDONLY | _BINARY)


def hash_file(descriptor: int, ended: Callable[[], bool]) -> ClosedFile:
    """The SHA-256 of a whole file. Error: cancelled."""
    digest, size = hashlib.sha256(), 0
    os.lseek(descriptor, 0, os.SEEK_SET)
    while block := os.read(descriptor, _BLOCK):
        if ended():
            raise UserFacingError("cancelled")
        digest.update(block)
        size += len(block)
    return ClosedFile(digest.digest(), size)


def hash_closed(path: Path) -> ClosedFile:
    """The same of a file that SQLite has closed."""
    descriptor = open_file(path)
    try:
        return hash_file(descriptor, lambda: False)
    finally:
        os.close(descriptor)


def has_wal(database: Path) -> bool:
    """Whether a WAL lies beside the database that the next close would bring into it."""
    try:
        return database.with_name(database.name + "-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


class Later:
    """Has the anchor written some time after a commit: once, however many commits come meanwhile."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._door = Lock()
        self._timer: Timer | None = None
        self._over = Event()

    def ask(self) -> None:
        with self._door:
            if self._timer is not None or self._over.is_set():
                return
            self._timer = Timer(ANCHOR_SECONDS, self._fire)
            self._timer.name, self._timer.daemon = "phr-anchor", True
            self._timer.start()

    def end(self) -> None:
        """Nothing comes after this; waits for what has begun."""
        with self._door:
            self._over.set()
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()

    def _fire(self) -> None:
        with self._door:
            if self._over.is_set():
                return
            self._timer = None
        with suppress(PhrError):  # a full disk: tried again after the next commit, and at lock, which says it
            self._act()


class Guard:
    """What is known of an open vault's database: first by its anchor, then, behind the unlock, by its file's hash or,
    after a crash, by its structure; and by the witness, where there is one. A worse finding replaces a better one."""

    def __init__(self, database: Path, *, read_only: bool, anchor_now: Callable[[], None]) -> None:
        self.is_judged = False
        self.read_only = read_only
        self._found = VaultState.OK
        self._path = database
        self._file: int | None = None
        self._ended = Event()
        self._witness: AnchorWitness | None = None
        self._witnessed: WitnessedAnchor | None = None
        self.later = Later(anchor_now)

    @property
    def state(self) -> VaultState:
        return VaultState.READ_ONLY if self._found is VaultState.OK and self.read_only else self._found

    def check_writable(self) -> None:
        """Errors: vault-older-copy, vault-altered, vault-damaged, vault-read-only."""
        if self.state is not VaultState.OK:
            raise UserFacingError(f"vault-{self.state.value}")

    def ended(self) -> bool:
        return self._ended.is_set()

    def begin(self, db: Database, head: Header) -> None:
        """By the anchor, at unlock. A database that is ahead is anchored soon."""
        self._found = compare(db, head.anchor)
        self._file = open_file(self._path)
        if self.state is VaultState.OK and last(db) != head.anchor:
            self.later.ask()

    def trust(self) -> None:
        """Of a database that was made, moved to or taken as it is just now."""
        self._found, self.is_judged = VaultState.OK, True

    def judge(self, db: Database, head: Header) -> None:
        """On the writing thread, so that no checkpoint changes the file meanwhile. Error: cancelled."""
        if self._found is VaultState.OK:
            if head.closed is not None and last(db) == head.anchor and self._file is not None:
                same = hash_file(self._file, self.ended) == head.closed
                self._found = VaultState.OK if same else VaultState.ALTERED
            elif not sound(db, self.ended):
                self._found = VaultState.DAMAGED
        self.is_judged = True

    def judge_by_witness(
        self, db: Database, key_epoch: int, witness: AnchorWitness, said: WitnessedAnchor | None
    ) -> None:
        """By what the witness said. From here on it is told, and not before: else it would be told of an older copy."""
        if self._found is VaultState.OK and said is not None:
            self._found = compare_witness(db, said, key_epoch)
        self._witness, self._witnessed = witness, said

    def tell_witness(self, anchor: Anchor | None, key_epoch: int) -> None:
        if self._witness is None or anchor is None or self.state is not VaultState.OK:
            return
        told = WitnessedAnchor(key_epoch, anchor.seq, anchor.nonce)
        if told != self._witnessed:
            self._witness.write(told)
            self._witnessed = told

    def kept_from(self, head: Header) -> int:
        """The oldest mark that may still be asked for."""
        seqs = [head.anchor.seq if head.anchor is not None else 0]
        if self._witnessed is not None and self._witnessed.key_epoch == head.key_epoch:
            seqs.append(self._witnessed.seq)
        return min(seqs)

    def beyond(self, head: Header) -> int:
        """The newest mark that header or witness know of."""
        witnessed = self._witnessed.seq if self._witnessed is not None else 0
        return max(head.anchor.seq if head.anchor is not None else 0, witnessed)

    def check_acceptable(self, db: Database) -> None:
        """Errors: vault-read-only, and vault-damaged where the copy does not fit together."""
        if self.read_only:
            raise UserFacingError("vault-read-only")
        if self._found is VaultState.DAMAGED or not sound(db, self.ended):
            self._found = VaultState.DAMAGED
            self.check_writable()

    def end(self) -> None:
        """Cuts short what still looks at the file; nothing is anchored later."""
        self._ended.set()
        self.later.end()

    def release(self) -> None:
        """After SQLite's connections are closed."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
