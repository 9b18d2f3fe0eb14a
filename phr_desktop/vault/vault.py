"""The door of the vault: create, unlock, read, write, lock.

One thread owns the writing connection and one the reading connection; a window's thread may attach a reader of its
own for questions that stay well within a frame. What is passed to `read` and `write` runs on such a thread, inside
one transaction, with a `Database` that must not leave it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from phr_desktop import failpoints
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import Bug, UserFacingError
from phr_desktop.vault import connection, freshness, header, keys, leftovers, making, opening, read_only
from phr_desktop.vault.connection import Database, mapped_errors
from phr_desktop.vault.connections import Connections
from phr_desktop.vault.freshness import AnchorWitness, Guard
from phr_desktop.vault.hardening import forbid_core_dumps
from phr_desktop.vault.header import Anchor, Header, StoredHeader
from phr_desktop.vault.header_in_use import HeaderInUse
from phr_desktop.vault.keeper import in_transaction
from phr_desktop.vault.keychain import DEVICE_KEY, Keychain
from phr_desktop.vault.keys import DEFAULT, KdfParameters, Slot
from phr_desktop.vault.lockfile import LockFile
from phr_desktop.vault.older_copy import make_safe
from phr_desktop.vault.rebuild import Move, bring_up_to_date, database_key

T = TypeVar("T")
LOCK_NAME = "vault.lock"


@dataclass(frozen=True, slots=True)
class Created:
    """A new, unlocked vault and the recovery key, shown once and never stored."""

    vault: Vault
    recovery_key: str

    def __repr__(self) -> str:
        return "Created()"


class Vault:
    """An unlocked vault. Made by `create`, `unlock` or `unlock_with_recovery_key`; ended by `lock`."""

    def __init__(
        self, folder: Path, head: Header, master: bytearray, lock_file: LockFile, opened_by: Slot | None = None
    ) -> None:
        self.folder = folder
        self.opened_by = opened_by  # None: just made
        self._head = HeaderInUse(folder, head, master)
        self._connections = Connections(folder / head.active_db, database_key(master, head))
        self._lock_file = lock_file
        self._steady = threading.Lock()  # held while file and keys must stay, or are being exchanged
        self._locked = False
        self.repaired: tuple[str, ...] = ()  # copies of the header that were not whole at unlock
        self._aside: Path | None = None  # the copy that is open in place of a database that may not be written to
        self._guard = Guard(
            folder / head.active_db,
            read_only=lock_file.read_only or not read_only.may_write(folder, folder / head.active_db),
            anchor_now=self._anchor,
        )
        self._judging: Future[None] | None = None  # what looks at the file behind the unlock
        self._watching: Future[None] | None = None

    # --- opening

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether a vault's header, whole or not, is in the folder."""
        return any((folder / name).exists() for name in header.COPIES)

    @staticmethod
    def create(folder: Path, passphrase: str, *, kdf: KdfParameters = DEFAULT) -> Created:
        """Makes a vault in a folder that has none.

        Errors: vault-exists, vault-without-keys, passphrase-too-short, folder-path-too-long, disk-full, no-permission.
        """
        if len(passphrase) < keys.MINIMUM_PASSPHRASE:
            raise UserFacingError("passphrase-too-short", minimum=keys.MINIMUM_PASSPHRASE)
        if not kdf.acceptable():
            raise Bug("kdf-parameters")
        making.require_short_path(folder)
        _prepare()
        with mapped_errors():
            failpoints.make_folder(folder, "vault")
            folder.chmod(0o700)  # also where it was there before
            lock_file = LockFile(folder / LOCK_NAME)
            try:
                return _create_locked(folder, passphrase, kdf, lock_file)
            except BaseException:
                lock_file.release()
                raise

    @staticmethod
    def unlock(folder: Path, passphrase: str) -> Vault:
        """Opens a vault by passphrase.

        Errors: vault-missing, wrong-passphrase, header-damaged, database-damaged, database-missing, vault-newer,
        vault-in-use, no-memory.
        """
        return _unlock(folder, "passphrase", keys.passphrase_bytes(passphrase), "wrong-passphrase")

    @staticmethod
    def unlock_with_recovery_key(folder: Path, recovery_key: str) -> Vault:
        """Opens a vault by its recovery key; errors as `unlock`, and recovery-key-malformed."""
        return _unlock(folder, "recovery", keys.parse_recovery_key(recovery_key), "wrong-recovery-key")

    @staticmethod
    def unlock_with_device(folder: Path, keychain: Keychain) -> Vault:
        """Opens a vault by what this computer's keychain keeps for it.

        Errors as `unlock`, those of `Keychain.read`, and device-key-missing, wrong-device-key.
        """
        with mapped_errors():
            slot = opening.device_slot(header.read_copies(folder)[0].header)
        secret = None if slot is None else keychain.read(DEVICE_KEY, slot)
        if secret is None:
            raise UserFacingError("device-key-missing")
        return _unlock(folder, "device", secret, "wrong-device-key")

    @staticmethod
    def device_slot_in(folder: Path) -> bool:
        """Whether the header, as it lies there, has a slot for a computer's keychain."""
        try:
            return opening.device_slot(header.read_copies(folder)[0].header) is not None
        except (UserFacingError, OSError):
            return False  # what is wrong with it is said when it is opened

    # --- using

    @property
    def id(self) -> bytes:
        return self._head.now.vault_id

    @property
    def device_slot(self) -> bytes | None:
        """The id of the slot that a computer's keychain opens, under which it keeps what it keeps; None without one."""
        return opening.device_slot(self._head.now)

    @property
    def _database(self) -> Path:
        return self.folder / self._head.now.active_db

    @property
    def is_locked(self) -> bool:
        return self._locked

    def write(self, verb: Callable[[Database], T]) -> T:
        """Runs the verb on the vault's writing thread in one transaction; all of it is stored, or nothing."""
        return self.submit_write(verb).result()

    def submit_write(self, verb: Callable[[Database], T]) -> Future[T]:
        """As `write`, without waiting."""
        self.check_writable()
        return self._connections.writer.submit(lambda db: self._write(db, verb))

    def _write(self, db: Database, verb: Callable[[Database], T]) -> T:
        self._guard.check_writable()  # what was found meanwhile
        result = in_transaction(db, verb)
        self._guard.later.ask()
        return result

    def read(self, question: Callable[[Database], T]) -> T:
        """Runs the question over one unchanging view of the vault: on this thread's attached reader, where there is
        one, else on the vault's reading thread."""
        self._check_unlocked()
        return self._connections.read(question)

    def attach_reader(self) -> None:
        """Gives the calling thread (the window's) a reading connection of its own, until `detach_reader`."""
        self._check_unlocked()
        self._connections.attach()

    def detach_reader(self) -> None:
        self._connections.detach()

    def change_header(
        self, change: Callable[[Header, bytearray], Header], prove: Callable[[StoredHeader], None] | None = None
    ) -> None:
        """Writes the header's successor. `change` gets the present header and the master key, neither of which may
        leave it, and gives the header as it is to be; its `seq` is seen to here. `prove` gets what was read back from
        the disk before it takes the old one's place, and keeps the old one by raising. Errors as `write`."""
        self.check_writable()  # an older copy's ways in are not changed before it is known which copy stays
        self._head.change(change, prove)

    def with_keys(self, use: Callable[[Header, bytearray], T]) -> T:
        """Gives `use` the present header and the master key, which must not leave it."""
        self._check_unlocked()
        return self._head.use(use)

    @contextmanager
    def connection_of_own(self) -> Iterator[Database]:
        """A connection for the calling thread alone, outside any transaction: for what takes long and must hold up
        neither the writer nor the reader. It is to be ended before `lock`."""
        self._check_unlocked()
        with self._connections.lend() as db:
            yield db

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Inside, the vault keeps its file and its keys: for a backup, which needs both to its end.

        Error: vault-busy while another backup is made or the vault is written anew.
        """
        if not self._steady.acquire(blocking=False):
            raise UserFacingError("vault-busy")
        try:
            yield
        finally:
            self._steady.release()

    def move_to_database(self, build: Callable[[Database, Header, bytearray], Move]) -> None:
        """Turns the vault to another database file: the one way by which a re-key, a migration, a restore and a
        removal take effect.

        `build` runs on the writing thread, outside a transaction, while nothing else writes. It gets the connection,
        the present header and the master key, none of which may leave it, and has written and checked the new file
        when it returns. Then the header is written and every connection opened anew. Where it raises, or the program
        ends before the header is written, the vault is as it was. Errors: those of `build`; vault-busy while a backup
        is made, disk-full, no-permission.
        """
        self.check_writable()
        if self._connections.any_lent:
            raise UserFacingError("vault-busy")
        with self.steady():
            self._connections.writer.submit(lambda db: self._move(db, build)).result()

    def _move(self, db: Database, build: Callable[[Database, Header, bytearray], Move]) -> None:
        self._guard.check_writable()  # what was found meanwhile
        with mapped_errors():
            self._head.turn_to(build(db, self._head.now, self._head.master), self._use_database)
        self._guard.trust()

    def _use_database(self, head: Header, master: bytearray) -> None:
        self._connections.turn_to(self.folder / head.active_db, database_key(master, head))

    # --- freshness

    @property
    def state(self) -> VaultState:
        """What is known by now; see `judged`."""
        return self._guard.state

    def judged(self) -> VaultState:
        """The state, once what looks at the file behind an unlock is done. Blocks. Errors: cancelled by `lock`."""
        for looking in (self._judging, self._watching):
            if looking is not None:
                looking.result()
        return self.state

    def check_writable(self) -> None:
        """Errors: vault-locked, vault-older-copy, vault-altered, vault-damaged, vault-read-only."""
        self._check_unlocked()
        self._guard.check_writable()

    def anchor(self) -> None:
        """Has the header, and the witness, know of the last transaction: before something leaves the computer that
        must not be forgotten. Blocks; from any thread but the writing one. Errors as `write`."""
        self.check_writable()
        self._anchor()

    def watch_by(self, witness: AnchorWitness) -> None:
        """Compares with what another place than the folder knows, behind the unlock, and keeps it told from now on."""
        self._check_unlocked()
        self._watching = Future()
        threading.Thread(target=self._watch, args=(witness, self._watching), name="phr-witness", daemon=True).start()

    def search_fits(self, ended: Callable[[], bool]) -> bool:
        """Whether the search index fits together, which only a writing connection may ask. Blocks. Error: cancelled."""
        self._check_unlocked()

        def ask(db: Database) -> bool:
            with db.watched(ended):
                return freshness.search_fits(db)

        return self._connections.writer.submit(ask).result()

    def accept_as_is(self) -> None:
        """Takes an older or altered copy for the record from now on, and opens it for writing: the person's own act.

        What waits to be sent is held, and the portals are to be signed in to anew: what was sent and which tokens were
        used since this copy was made is not known. Does nothing where the vault is right. Blocks.
        Errors: vault-damaged, vault-read-only, disk-full.
        """
        self._check_unlocked()
        self._connections.writer.submit(self._accept).result()
        self._tell_witness(self._head.now.anchor)

    def _begin(self) -> None:
        """Opens the database and compares it with the anchor; the rest is looked at behind the unlock."""
        database = self.folder / self._head.now.active_db
        if self._guard.read_only and database.exists():
            self._aside = read_only.copy_aside(database)
            self._connections.open_instead(self._aside)
        self._connections.writer.submit(self._look).result()
        if self.state is VaultState.OK:
            self.repaired = header.broken_copies(self.folder)
            self._tidy()
        self._judging = self._connections.writer.submit(self._judge)
        if self.state is VaultState.OK:
            self._bring_up_to_date()

    def _tidy(self) -> None:
        """What cannot be tidied now, such as on a full disk, waits for the next opening: the record opens all the
        same."""
        with suppress(OSError):
            self._head.tidy()

    def _bring_up_to_date(self) -> None:
        """A file that is found altered meanwhile is not written anew: it would be taken for right from then on."""
        try:
            bring_up_to_date(self)
        except UserFacingError:
            if self.state is VaultState.OK:
                raise

    def _look(self, db: Database) -> None:
        with mapped_errors():
            opening.check_database(db, self.id)
            self._guard.begin(db, self._head.now)

    def _judge(self, db: Database) -> None:
        """Where a WAL is left, the next close brings it into the file, whose hash then means nothing any more."""
        with mapped_errors():
            self._guard.judge(db, self._head.now)
            if self.state is VaultState.OK and freshness.has_wal(self._database):
                self._head.set(lambda head: replace(head, closed=None))

    def _watch(self, witness: AnchorWitness, watching: Future[None]) -> None:
        try:
            said = witness.read()
            self._connections.writer.submit(
                lambda db: self._guard.judge_by_witness(db, self._head.now.key_epoch, witness, said)
            ).result()
            watching.set_result(None)
        except BaseException as error:  # noqa: BLE001 - `judged` raises it
            watching.set_exception(error)

    def _anchor(self) -> None:
        self._connections.writer.submit(self._anchor_header).result()
        self._tell_witness(self._head.now.anchor)

    def _anchor_header(self, db: Database) -> None:
        """On the writing thread: the vault does not turn to another database meanwhile."""
        with mapped_errors():
            anchor = freshness.last(db)
        if self.state is VaultState.OK:
            self._head.set(lambda head: head if anchor == head.anchor else replace(head, anchor=anchor, closed=None))

    def _tell_witness(self, anchor: Anchor | None) -> None:
        self._guard.tell_witness(anchor, self._head.now.key_epoch)

    def _accept(self, db: Database) -> None:
        if self.state is VaultState.OK:
            return
        with mapped_errors():
            self._guard.check_acceptable(db)
            beyond = self._guard.beyond(self._head.now)
            in_transaction(db, lambda db: _take_as_is(db, beyond))
            anchor = freshness.last(db)
            self._head.set(lambda head: replace(head, anchor=anchor, closed=None))
            self._guard.trust()

    def lock(self) -> None:
        """Closes every connection, the writer last after a truncating checkpoint, anchors the header, wipes the keys.

        The caller has stopped sync, import and tick, and detached its readers. Locking twice does nothing.
        """
        if self._locked:
            return
        if self._connections.any_of_others:
            raise Bug("reader-still-attached")
        self._locked = True
        self._guard.end()
        anchor = None
        try:
            self._connections.reader.close()
            anchor = self._connections.writer.close(self._last_work)
            if anchor is not None:
                self._seal(anchor)
        finally:
            self._abandon()
        self._tell_witness(anchor)  # a keychain may hang: no key waits for it

    def _last_work(self, db: Database) -> Anchor | None:
        """Brings all of the WAL into the file. The mark to anchor; None where nothing is to be written."""
        if self.state is not VaultState.OK:
            return None
        with mapped_errors():
            anchor = freshness.last(db)
            hashed = self._head.now.closed is not None and not freshness.has_wal(self._database)
            if hashed and anchor == self._head.now.anchor:
                return None  # nothing was stored: the file is still the one that was hashed
            _check_point(db, self._guard.kept_from(self._head.now))
            return anchor

    def _seal(self, anchor: Anchor) -> None:
        """Writes into the header what the closed file is."""
        with mapped_errors():
            whole = self._guard.is_judged and not freshness.has_wal(self._database)
            closed = freshness.hash_closed(self._database) if whole else None
        self._head.set(lambda head: replace(head, anchor=anchor, closed=closed))

    def _abandon(self) -> None:
        """Closes what is open, wipes the keys and frees the folder, without another write."""
        self._guard.end()
        self._connections.close()
        self._guard.release()
        if self._aside is not None:
            read_only.remove_copy(self._aside)
        self._head.wipe()
        self._lock_file.release()

    def _check_unlocked(self) -> None:
        if self._locked:
            raise UserFacingError("vault-locked")


def _prepare() -> None:
    forbid_core_dumps()
    connection.check_cipher()


def _create_locked(folder: Path, passphrase: str, kdf: KdfParameters, lock_file: LockFile) -> Created:
    if Vault.exists(folder):
        raise UserFacingError("vault-exists")
    master, recovery = bytearray(os.urandom(keys.KEY_BYTES)), keys.new_recovery_key()
    secret = keys.passphrase_bytes(passphrase)
    try:
        head = making.first_header(secret, recovery, master, kdf)
        leftovers.begin_filling(folder)
        making.make_database(folder, head, master)
        header.write(folder, head, master)
        leftovers.end_filling(folder)
        making.prove_slots(folder, secret, recovery)
        vault = Vault(folder, head, master, lock_file)
        vault._guard.trust()
        return Created(vault, keys.format_recovery_key(recovery))
    except BaseException:
        keys.wipe(master)
        raise
    finally:
        keys.wipe(recovery)
        keys.wipe(secret)


def _unlock(folder: Path, slot_type: str, secret: bytearray, wrong: str) -> Vault:
    _prepare()
    try:
        making.require_short_path(folder)  # it may have been moved
        with mapped_errors():
            header.read_copies(folder)  # says "no vault here" before a lock file is left there
            lock_file = LockFile(folder / LOCK_NAME)
            try:
                stored, master, slot = opening.find_master(header.read_copies(folder), slot_type, secret, wrong)
            except BaseException:
                lock_file.release()
                raise
            vault = Vault(folder, stored.header, master, lock_file, slot)
            try:
                vault._begin()
            except BaseException:
                vault._abandon()
                raise
            return vault
    finally:
        keys.wipe(secret)


def _take_as_is(db: Database, beyond: int) -> None:
    make_safe(db)
    freshness.leap(db, beyond)


def _check_point(db: Database, kept_from: int) -> None:
    """Forgets the marks that nothing asks for any more, and brings all of the WAL into the file."""
    db.execute("BEGIN IMMEDIATE")
    freshness.forget_before(db, kept_from)
    failpoints.commit(db, "lock")
    with failpoints.around("checkpoint lock"):
        db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
