"""Backups: a snapshot in one encrypted file, which counts only when it was read back, opened and compared.

What is written lies beside the target under another name until it passed; what is read back lies in the vault's own
folder, as encrypted as the vault, under a name that the next opening sweeps. So nothing half is ever taken for a
backup, whatever is pulled out or killed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from phr_desktop import __version__, failpoints
from phr_desktop.clock import Clock
from phr_desktop.domain.backups import Backup
from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.vault import backup_file, backup_state, header, keys, migrate, retention, soundness
from phr_desktop.vault.backup_file import AnchorForm, Content, Manifest
from phr_desktop.vault.connection import Database, mapped_errors, open_database
from phr_desktop.vault.header import Header
from phr_desktop.vault.rebuild import database_key, make_file, remove_database, size_of
from phr_desktop.vault.vault import Vault

NAME = "health-record"
ENDING = ".phrbackup"
HALF = ".part"
KEPT = "before-restore-"  # folders that a restore left with what was there before
KEPT_FOR = timedelta(days=7)
PERSONS_SLOTS = ("passphrase", "recovery")
_KEPT_NAME = re.compile(re.escape(KEPT) + r"(\d{8}T\d{6}Z)-[0-9a-f]{4}")
_STEPS = 4  # copied, written, read back, checked: each counts the database's size once
_BLOCK = 1024 * 1024
_SPARE = 8 * 1024 * 1024


class Steps:
    """Counts bytes over the steps of a long work, and ends it where it was asked to."""

    def __init__(self, progress: Progress, ended: Cancelled, total: int) -> None:
        self._progress, self.ended, self._total = progress, ended, max(total, 1)
        self._before = 0

    def at(self, done: int) -> None:
        """So much of the present step is done. Error: cancelled."""
        if self.ended():
            raise UserFacingError("cancelled")
        self._progress(min(self._before + done, self._total), self._total)

    def next(self, size: int) -> None:
        """The present step, of this size, is done."""
        self._before += size
        self.at(0)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What one backup needs of the vault's keys; wiped with it."""

    head: Header
    header_text: bytes
    backup: bytearray
    database: bytearray


def make_backup(
    vault: Vault,
    clock: Clock,
    folder: Path,
    *,
    progress: Progress = no_progress,
    ended: Cancelled = never,
) -> Backup:
    """Makes a backup in the folder, proves that it can be restored, notes it in the vault, and removes needless ones.

    Errors: backup-folder-missing, backup-folder-not-writable, backup-folder-is-vault, backup-no-room (needed, free),
    backup-no-room-here (needed), backup-target-lost, backup-of-damaged, backup-failed-check, cancelled, vault-locked,
    vault-busy.
    """
    if ended():
        raise UserFacingError("cancelled")
    vault.check_writable()  # an older copy is not to push good backups out
    size = _size(vault)
    _check_target(vault, folder, size)
    steps = Steps(progress, ended, _STEPS * size)
    with vault.steady(), _keys(vault) as own, _scratch(vault.folder, own.head) as snapshot:
        manifest = _take_snapshot(vault, clock, own, snapshot, steps, size)
        path = _free_name(folder, manifest.created)
        half = path.with_name(f"{path.name}.{vault.id.hex()[:8]}{HALF}")
        try:
            with _target_errors(folder, manifest.database_bytes):
                _write(half, own, manifest, snapshot, steps)
            remove_database(vault.folder, snapshot.name)
            prove(half, vault, own, manifest, steps)
            with _target_errors(folder, manifest.database_bytes):
                written = half.stat().st_size
                failpoints.replace(half, path, "backup")
        except BaseException:
            _remove_half(half)
            raise
    vault.write(lambda db: backup_state.set_verified(db, path, manifest.created))
    _forget_replaced(vault, clock.now())
    return Backup(path, manifest.created, written, retention.prune(folder, vault.id, path))


def _size(vault: Vault) -> int:
    """Bytes that a snapshot takes at most."""
    name = vault.with_keys(lambda head, _master: head.active_db)
    with mapped_errors():
        return size_of(vault.folder, name)


def _check_target(vault: Vault, folder: Path, size: int) -> None:
    if not _is_there(folder):
        raise EnvironmentProblem("backup-folder-missing", folder=folder)
    if folder.resolve().is_relative_to(vault.folder.resolve()):
        raise UserFacingError("backup-folder-is-vault")
    with _target_errors(folder, size):
        retention.sweep_half(folder, vault.id)
        free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise EnvironmentProblem("backup-no-room", needed=size_words(size + _SPARE), free=size_words(free))
    if shutil.disk_usage(vault.folder).free < size + _SPARE:
        raise EnvironmentProblem("backup-no-room-here", needed=size_words(size + _SPARE))


@contextmanager
def _keys(vault: Vault) -> Iterator[_Keys]:
    """The header copy names only what a person holds (passphrase, recovery key): a computer's keychain is not where
    a backup will be needed, and a key that was taken out of it later must not open older backups."""

    def derive(head: Header, master: bytearray) -> _Keys:
        slots = tuple(slot for slot in head.slots if slot.type in PERSONS_SLOTS)
        text = header.to_bytes(replace(head, slots=slots, anchor=None, closed=None, former=()), master)
        return _Keys(head, text, backup_file.backup_key(head, master), database_key(master, head))

    own = vault.with_keys(derive)
    try:
        yield own
    finally:
        keys.wipe(own.backup)
        keys.wipe(own.database)


@contextmanager
def _scratch(folder: Path, head: Header) -> Iterator[Path]:
    """A new empty file for a database, gone at the end with what SQLite puts beside it."""
    with mapped_errors():
        name = header.new_database_name(head.key_epoch)
        path = make_file(folder, name)
    try:
        yield path
    finally:
        remove_database(folder, name)


# --- the snapshot


def _take_snapshot(vault: Vault, clock: Clock, own: _Keys, path: Path, steps: Steps, size: int) -> Manifest:
    with no_room_here(size), vault.connection_of_own() as db, db.watched(_asking(steps, path)), mapped_errors():
        failpoints.point("before snapshot")
        db.vacuum_into(path)
        failpoints.point("after snapshot")
    steps.next(size)
    return _describe(path, own.database, int(clock.now().timestamp()))


def _asking(steps: Steps, path: Path) -> Cancelled:
    """Tells how far the growing file is whenever SQLite asks whether to go on."""

    def ended() -> bool:
        if not steps.ended():
            steps.at(path.stat().st_size)
        return steps.ended()

    return ended


def _describe(path: Path, key_text: bytearray, created: int) -> Manifest:
    with mapped_errors():
        db = open_database(path, key_text)
        try:
            counts, anchor, schema = soundness.counts(db), _anchor(db), migrate.version(db)
        finally:
            db.close()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Manifest(__version__, schema, created, counts, anchor, path.stat().st_size, digest)


def _anchor(db: Database) -> AnchorForm | None:
    row = db.one("SELECT seq, hex(nonce) FROM freshness ORDER BY seq DESC LIMIT 1")
    return None if row is None else AnchorForm(row[0], row[1].lower())


# --- writing


def _write(half: Path, own: _Keys, manifest: Manifest, snapshot: Path, steps: Steps) -> None:
    file_key = bytearray(os.urandom(keys.KEY_BYTES))
    try:
        prologue = backup_file.new_prologue(own.header_text, own.backup, file_key)
        with os.fdopen(failpoints.open_new(half, "backup", exclusive=True), "wb") as file:
            with failpoints.around("write backup"):
                file.write(prologue)
                _seal(file, file_key, prologue, manifest, snapshot, steps)
                file.flush()
            failpoints.fsync(file.fileno(), "backup")
            _forget_cache(file)
    finally:
        keys.wipe(file_key)
    steps.next(manifest.database_bytes)


def _seal(
    file: BinaryIO, file_key: bytearray, prologue: bytes, manifest: Manifest, snapshot: Path, steps: Steps
) -> None:
    sealer = backup_file.Sealer(file, file_key, backup_file.bound_to(prologue))
    sealer.add(backup_file.manifest_bytes(manifest))
    with snapshot.open("rb") as source:
        done = 0
        while data := source.read(_BLOCK):
            sealer.add(data)
            done += len(data)
            steps.at(done)
    sealer.end()


def _forget_cache(file: BinaryIO) -> None:
    """So that what is read back comes from the medium, where the system can be told so."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _free_name(folder: Path, created: int) -> Path:
    """A name that says the moment; the next second's where that one is taken."""
    moment = datetime.fromtimestamp(created, UTC)
    while True:
        path = folder / f"{NAME}-{moment:%Y%m%dT%H%M%SZ}{ENDING}"
        if not path.exists():
            return path
        moment += timedelta(seconds=1)


# --- the proof


def prove(path: Path, vault: Vault, own: _Keys, manifest: Manifest, steps: Steps) -> None:
    """Reads a written backup back as a restore would, and compares it with what went in.

    Errors: backup-failed-check where it differs, backup-target-lost where it is gone, backup-of-damaged where the vault
    itself is not whole.
    """
    with _scratch(vault.folder, own.head) as copy, no_room_here(manifest.database_bytes):
        try:
            with path.open("rb") as file:
                prologue = backup_file.read_prologue(file)
                master = vault.with_keys(lambda _head, master: backup_file.open_file_key(prologue, master))
                try:
                    content = Content(file, master, prologue.bound)
                    extract(content, copy, steps)
                finally:
                    keys.wipe(master)
        except (UserFacingError, OSError) as error:
            if isinstance(error, PhrError) and error.code != "backup-damaged":
                raise
            if not _is_file(path):
                raise EnvironmentProblem("backup-target-lost", folder=path.parent) from error
            raise EnvironmentProblem("backup-failed-check") from error
        if content.manifest != manifest:
            raise EnvironmentProblem("backup-failed-check")
        steps.next(manifest.database_bytes)
        try:
            check_database(copy, own.database, vault.id, manifest, steps.ended)
        except EnvironmentProblem as error:
            if error.code != "backup-not-sound":
                raise
            raise EnvironmentProblem("backup-of-damaged") from error  # its bytes are those that went in
        steps.next(manifest.database_bytes)


def extract(content: Content, target: Path, steps: Steps) -> None:
    """Writes the database of a backup into an empty file made by the caller, and brings it to the disk."""
    done = 0
    with target.open("wb") as file:
        with failpoints.around("write restored database"):
            for part in content.database():
                file.write(part)
                done += len(part)
                steps.at(done)
            file.flush()
        failpoints.fsync(file.fileno(), "restored database")


def check_database(path: Path, key_text: bytearray, vault_id: bytes, manifest: Manifest, ended: Cancelled) -> None:
    """Opens an extracted database and makes sure that it is whole and holds what the manifest says.

    Errors: backup-not-sound, backup-failed-check, vault-newer, cancelled.
    """
    with mapped_errors():
        try:
            db = open_database(path, key_text)
            try:
                with db.watched(ended):
                    _compare(db, vault_id, manifest)
            finally:
                db.close()
        except UserFacingError as error:
            if error.code == "database-damaged":
                raise EnvironmentProblem("backup-not-sound") from error
            raise


def _compare(db: Database, vault_id: bytes, manifest: Manifest) -> None:
    migrate.refuse_newer(db)
    if soundness.problems(db, vault_id):
        raise EnvironmentProblem("backup-not-sound")
    found = (soundness.counts(db), _anchor(db), migrate.version(db))
    if found != (manifest.counts, manifest.anchor, manifest.schema):
        raise EnvironmentProblem("backup-failed-check")


# --- what can be in the way


@contextmanager
def _target_errors(folder: Path, size: int) -> Iterator[None]:
    """Tells a full stick, one that may not be written and one that was pulled out apart."""
    try:
        with mapped_errors():
            yield
    except EnvironmentProblem as error:
        raise _meaning(error, folder, size) from None


def _meaning(error: EnvironmentProblem, folder: Path, size: int) -> EnvironmentProblem:
    if not _is_there(folder):
        return EnvironmentProblem("backup-target-lost", folder=folder)
    if error.code == "disk-full":
        return EnvironmentProblem("backup-no-room", needed=size_words(size + _SPARE), free=_free_words(folder))
    if error.code == "no-permission":
        return EnvironmentProblem("backup-folder-not-writable", folder=folder)
    return EnvironmentProblem("backup-target-lost", folder=folder) if error.code == "disk-problem" else error


def _is_there(folder: Path) -> bool:
    """Also where asking fails: a stick that was pulled out may answer with an error for a while."""
    try:
        return folder.is_dir()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _free_words(folder: Path) -> str:
    try:
        return size_words(shutil.disk_usage(folder).free)
    except OSError:
        return size_words(0)


@contextmanager
def no_room_here(size: int) -> Iterator[None]:
    """A full disk on the vault's own side: says how much is needed."""
    try:
        with mapped_errors():
            yield
    except EnvironmentProblem as error:
        if error.code == "disk-full":
            raise EnvironmentProblem("backup-no-room-here", needed=size_words(size + _SPARE)) from None
        raise


def size_words(size: int) -> str:
    """A size as people say it: "120 MB", never less than 1 MB."""
    megabytes = max(1, -(-size // 1_000_000))
    return f"{megabytes:,} MB" if megabytes < 10_000 else f"{megabytes / 1000:,.1f} GB"


def _remove_half(half: Path) -> None:
    try:
        half.unlink(missing_ok=True)
    except OSError:
        return  # the stick is gone, and with it the half file; the next backup there sweeps it


def _forget_replaced(vault: Vault, now: datetime) -> None:
    """What a restore put aside goes once the restored vault has had a verified backup for a week, and not before: the
    first one follows an unlock by itself within seconds, before anybody has seen that it was the wrong restore. The
    moment in the name does not decide alone, since the clock may have stood wrong at the restore."""
    done_with = [kept for kept in vault.folder.glob(KEPT + "*") if _is_done_with(vault, kept.name, now)]
    for kept in done_with:
        failpoints.point("kept vault goes")
        shutil.rmtree(kept, ignore_errors=True)
    if done_with:
        vault.write(lambda db: backup_state.forget_kept(db, [kept.name for kept in done_with]))


def _is_done_with(vault: Vault, name: str, now: datetime) -> bool:
    found = _KEPT_NAME.fullmatch(name)
    if found is None:
        return False
    since = vault.write(lambda db: backup_state.kept_since(db, name, int(now.timestamp())))
    restored = datetime.strptime(found[1], "%Y%m%dT%H%M%S%z")
    return now - max(restored, datetime.fromtimestamp(since, UTC)) >= KEPT_FOR
