"""Taking a record back out of a backup: into a folder of its own, or in the present vault's place.

Nothing is overwritten. A restored vault opens with what opened the backup: the slots, the keys' epoch and the salt
are those of the backup's header copy, so that a backup from before a change of keys or passphrase opens by its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from phr_desktop import failpoints
from phr_desktop.clock import Clock
from phr_desktop.domain.backups import BackupContents
from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.vault import backup_file, backup_state, freshness, header, keys, leftovers, migrate
from phr_desktop.vault.backup import KEPT, Steps, check_database, extract, no_room_here, size_words
from phr_desktop.vault.backup_file import Content, Prologue
from phr_desktop.vault.connection import mapped_errors, open_database
from phr_desktop.vault.hardening import forbid_core_dumps
from phr_desktop.vault.header import Anchor, Header
from phr_desktop.vault.lockfile import LockFile
from phr_desktop.vault.making import require_short_path
from phr_desktop.vault.older_copy import make_safe
from phr_desktop.vault.opening import find_master
from phr_desktop.vault.rebuild import bring_to_disk, database_key, make_file, remove_database
from phr_desktop.vault.vault import LOCK_NAME, Vault

_STEPS = 2  # written, checked
_SPARE = 8 * 1024 * 1024


class OpenBackup:
    """A backup that its passphrase or recovery key has opened. To be closed: it holds keys and the file."""

    def __init__(self, path: Path, file: BinaryIO, prologue: Prologue, head: Header, master: bytearray) -> None:
        self.path = path
        self._file, self._prologue, self._master = file, prologue, master
        self.header = head
        self._file_key = backup_file.open_file_key(prologue, master)
        self._start = file.tell()
        self.manifest = self.content().manifest

    def content(self) -> Content:
        """The content from its beginning."""
        self._file.seek(self._start)
        return Content(self._file, self._file_key, self._prologue.bound)

    def database_key(self) -> bytearray:
        """The key of the database inside; the caller's to wipe."""
        return database_key(self._master, self.header)

    def turn_to(self, folder: Path, head: Header) -> None:
        """Makes the database that was brought in the vault's."""
        leftovers.turn_to(folder, head, self._master)

    def contents(self, present: Path) -> BackupContents:
        """What is in it, and how it stands to the vault in the folder `present`."""
        counts, manifest = self.manifest.counts, self.manifest
        found = _header_in(present)
        same = found is not None and found.vault_id == self.header.vault_id
        return BackupContents(
            created=manifest.created,
            size=manifest.database_bytes,
            people=counts.get("people", 0),
            sources=counts.get("sources", 0),
            records=counts.get("records", 0),
            documents=counts.get("attachments", 0),
            app_version=manifest.app_version,
            is_of_present_vault=same,
        )

    def close(self) -> None:
        keys.wipe(self._file_key)
        keys.wipe(self._master)
        self._file.close()


@contextmanager
def opened(path: Path, secret: str, *, by_recovery_key: bool = False) -> Iterator[OpenBackup]:
    """Opens a backup for as long as the block runs.

    Errors: file-missing (name), backup-not-one, backup-newer, backup-damaged, wrong-passphrase, wrong-recovery-key,
    recovery-key-malformed, no-memory.
    """
    forbid_core_dumps()
    key = keys.parse_recovery_key(secret) if by_recovery_key else keys.passphrase_bytes(secret)
    try:
        backup = _open(path, "recovery" if by_recovery_key else "passphrase", key)
    finally:
        keys.wipe(key)
    try:
        yield backup
    finally:
        backup.close()


def _open(path: Path, slot_type: str, secret: bytearray) -> OpenBackup:
    wrong = "wrong-recovery-key" if slot_type == "recovery" else "wrong-passphrase"
    try:
        with mapped_errors():
            file = path.open("rb")
    except EnvironmentProblem as error:
        raise UserFacingError("file-unreadable" if path.exists() else "file-missing", name=path.name) from error
    try:
        prologue = backup_file.read_prologue(file)
        try:
            stored, master, _ = find_master([prologue.stored], slot_type, secret, wrong)
        except UserFacingError as error:
            raise UserFacingError("backup-damaged" if error.code == "header-damaged" else error.code) from error
        return OpenBackup(path, file, prologue, stored.header, master)
    except BaseException:
        file.close()
        raise


def restore_beside(
    backup: OpenBackup,
    folder: Path,
    *,
    progress: Progress = no_progress,
    ended: Cancelled = never,
) -> None:
    """Makes a vault of the backup in a folder that is not there yet, or is empty.

    Errors: folder-not-empty, folder-path-too-long, backup-no-room-here, backup-not-sound, backup-damaged, vault-newer,
    cancelled, no-permission.
    """
    require_short_path(folder)
    with mapped_errors():
        was_there = folder.is_dir()
        if folder.exists() and (not was_there or not _may_fill(folder)):
            raise UserFacingError("folder-not-empty")
        failpoints.make_folder(folder, "restored vault")
        folder.chmod(0o700)
        lock_file = LockFile(folder / LOCK_NAME)
    try:
        with mapped_errors():
            leftovers.begin_filling(folder)
            restored = _bring_in(backup, folder, progress, ended, own_backups=False, beyond=0)
            with _undone(folder, restored):
                backup.turn_to(folder, restored)
            leftovers.end_filling(folder)
    except BaseException:
        lock_file.release()
        _leave_nothing(folder, was_there)
        raise
    lock_file.release()


def restore_in_place(
    backup: OpenBackup,
    folder: Path,
    clock: Clock,
    *,
    progress: Progress = no_progress,
    ended: Cancelled = never,
) -> Path:
    """Turns the locked vault in the folder to what the backup holds, by its pointer. What was there before is put into
    a folder inside it, itself a vault that opens with what opened it before; a verified backup after a week removes it.

    The folder with what was there before. Errors: backup-of-other-vault, vault-in-use, header-damaged, and those of
    `restore_beside`.
    """
    with mapped_errors():
        present = _present(backup, folder)
        lock_file = LockFile(folder / LOCK_NAME)
        try:
            beyond = present.anchor.seq if present.anchor is not None else 0
            restored = _bring_in(backup, folder, progress, ended, own_backups=True, beyond=beyond)
            with _undone(folder, restored), _kept(folder, present, restored, clock) as kept:
                backup.turn_to(folder, leftovers.following(folder, restored, present))
            remove_database(folder, present.active_db)
            return kept
        finally:
            lock_file.release()


def _present(backup: OpenBackup, folder: Path) -> Header:
    present = header.read_copies(folder)[0].header
    if present.vault_id != backup.header.vault_id:
        raise UserFacingError("backup-of-other-vault")
    return present


def _header_in(folder: Path) -> Header | None:
    try:
        return header.read_copies(folder)[0].header
    except PhrError:
        return None


def _bring_in(
    backup: OpenBackup, folder: Path, progress: Progress, ended: Cancelled, *, own_backups: bool, beyond: int
) -> Header:
    """Writes the backup's database into the folder, proves it and settles it; the header that will name it."""
    size = backup.manifest.database_bytes
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise EnvironmentProblem("backup-no-room-here", needed=size_words(size + _SPARE))
    head = replace(backup.header, active_db=header.new_database_name(backup.header.key_epoch), closed=None)
    key_text, steps = backup.database_key(), Steps(progress, ended, _STEPS * size)
    try:
        with _undone(folder, head), no_room_here(size):
            path = make_file(folder, head.active_db)
            extract(backup.content(), path, steps)
            steps.next(size)
            check_database(path, key_text, head.vault_id, backup.manifest, ended)
            anchor = _settle(path, key_text, backup, own_backups=own_backups, beyond=beyond)
            bring_to_disk(path)
            steps.next(size)
    finally:
        keys.wipe(key_text)
    return replace(head, anchor=anchor)


def _settle(path: Path, key_text: bytearray, backup: OpenBackup, *, own_backups: bool, beyond: int) -> Anchor | None:
    """Makes the copy safe to use beside or after the vault that it was taken of; its last transaction."""
    db = open_database(path, key_text)
    try:
        migrate.apply_all(db)
        db.execute("BEGIN IMMEDIATE")
        make_safe(db)
        if own_backups:
            backup_state.set_verified(db, backup.path, backup.manifest.created)
        else:
            backup_state.forget(db)
        freshness.leap(db, beyond)
        anchor = freshness.last(db)
        freshness.forget_before(db, anchor.seq if anchor is not None else 0)  # no older witness finds fault with it
        failpoints.commit(db, "restore")
        with failpoints.around("checkpoint restore"):
            db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return anchor
    finally:
        db.close()


@contextmanager
def _undone(folder: Path, head: Header) -> Iterator[None]:
    """Takes the new database away again where the block fails."""
    try:
        yield
    except BaseException:
        if not leftovers.is_named(folder, head.active_db):
            remove_database(folder, head.active_db)
        raise


def _may_fill(folder: Path) -> bool:
    """Whether nothing is in the folder but what a restore left that was cut off."""
    names = {path.name for path in folder.iterdir()}
    return names <= {LOCK_NAME} or (leftovers.UNFINISHED in names and not Vault.exists(folder))


def _leave_nothing(folder: Path, was_there: bool) -> None:
    if not Vault.exists(folder):
        leftovers.clear(folder)
        (folder / LOCK_NAME).unlink(missing_ok=True)
        if not was_there and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def _kept(folder: Path, present: Header, restored: Header, clock: Clock) -> Iterator[Path]:
    """Makes a vault of its own, inside the folder, of what is there now: without a copy where the disk can give a file
    a second name. It goes again where the block fails and what is there now stays the vault."""
    moment = datetime.fromtimestamp(int(clock.now().timestamp()), UTC)
    kept = folder / f"{KEPT}{moment:%Y%m%dT%H%M%SZ}-{os.urandom(2).hex()}"
    failpoints.make_folder(kept, "kept vault")
    try:
        for path in (*folder.glob(present.active_db + "*"), *(folder / name for name in header.COPIES)):
            if path.is_file() and not path.name.endswith("-shm"):
                _second_name(path, kept / path.name, may_link=path.name.startswith(present.active_db))
        failpoints.sync_folder(kept)
        yield kept
    except BaseException:
        if not leftovers.is_named(folder, restored.active_db):
            shutil.rmtree(kept, ignore_errors=True)
        raise


def _second_name(path: Path, target: Path, *, may_link: bool) -> None:
    if may_link:
        try:
            with failpoints.around("link kept vault"):
                os.link(path, target)
            return
        except OSError:
            pass  # this kind of disk has no second names
    with failpoints.around("write kept vault"):
        shutil.copy2(path, target)
    bring_to_disk(target)
