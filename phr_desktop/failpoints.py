"""Named points at which a test may make the program die or fail; a no-op in normal runs.

Every commit, checkpoint, file, fsync, rename, removal, socket, clock, keychain and notification call of the program
passes here, so that the fault harness (tests/faults) can count the points and interrupt the N-th. Whoever adds such a
call wires it by this convention, and the harness finds it by itself:

    commit(db, "write")                        the one way to end a transaction
    fsync, replace, unlink, make_folder        the call itself, with a point before and one after
    write_file(path, data, "settings")         a whole small file: opened, written, brought to the disk
    write_whole(target, data, "calendar")      the same, and renamed over the target
    with around("checkpoint lock"):            anything else: "before ..." and, where it did not fail, "after ..."
    point("page staged")                       a state between two calls that is worth dying in

A name is "before" or "after", the operation, and what it is for; the harness goes by the operation's word:
    commit, checkpoint, close; open, write, fsync, replace, link, unlink, mkdir; connect, send, receive; clock;
    keychain; notification.
What is raised at a point is what the call itself could raise there: OSError, or the database's own error.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

if os.name == "posix":
    import fcntl

    _FULL_FSYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)
else:
    _FULL_FSYNC = None

Hook = Callable[[str], None]

_hook: Hook | None = None
_NEW_FILE = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)


class Committing(Protocol):
    """A database connection that can end a transaction."""

    def execute(self, sql: str, /) -> object: ...


def point(name: str) -> None:
    """Passes the named point; only a test's hook makes anything happen here."""
    if _hook is not None:
        _hook(name)


def install(hook: Hook | None) -> None:
    """Sets the hook that every point calls with its name (it may raise or kill), or takes it away."""
    global _hook
    _hook = hook


@contextmanager
def around(name: str) -> Iterator[None]:
    """A point before the block, and one after it where it did not fail."""
    point(f"before {name}")
    yield
    point(f"after {name}")


def commit(connection: Committing, name: str) -> None:
    """Ends the connection's transaction, with a point before and one after."""
    point(f"before commit {name}")
    connection.execute("COMMIT")
    point(f"after commit {name}")


def fsync(descriptor: int, name: str) -> None:
    """Brings a file's bytes to the disk (on macOS past the drive's cache)."""
    point(f"before fsync {name}")
    if _FULL_FSYNC is not None:
        fcntl.fcntl(descriptor, _FULL_FSYNC)
    else:
        os.fsync(descriptor)
    point(f"after fsync {name}")


def open_new(path: Path, name: str, *, exclusive: bool = False) -> int:
    """A descriptor to write a file anew, readable by this account only. FileExistsError where it must not be there."""
    point(f"before open {name}")
    descriptor = os.open(path, _NEW_FILE | (os.O_EXCL if exclusive else os.O_TRUNC), 0o600)
    point(f"after open {name}")
    return descriptor


def write_file(path: Path, data: bytes, name: str, *, exclusive: bool = False) -> None:
    """Writes a whole file, readable by this account only, and brings its bytes to the disk."""
    with os.fdopen(open_new(path, name, exclusive=exclusive), "wb") as file:
        with around(f"write {name}"):
            file.write(data)
            file.flush()
        fsync(file.fileno(), name)


def replace(source: Path, target: Path, name: str) -> None:
    """Renames over the target and brings the folder to the disk."""
    point(f"before replace {name}")
    source.replace(target)
    sync_folder(target.parent)
    point(f"after replace {name}")


def write_whole(target: Path, data: bytes, name: str) -> None:
    """Writes a file that the person named, whole or not at all: beside it first, under the name with `.part` behind."""
    unfinished = target.with_name(target.name + ".part")
    try:
        write_file(unfinished, data, name)
        replace(unfinished, target, name)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def unlink(path: Path, name: str, *, missing_ok: bool = False) -> None:
    """Removes a file."""
    point(f"before unlink {name}")
    path.unlink(missing_ok=missing_ok)
    point(f"after unlink {name}")


def make_folder(path: Path, name: str) -> None:
    """Makes a folder and its parents, for this account only, and brings their names to the disk; one there stays."""
    point(f"before mkdir {name}")
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in missing:
        with suppress(PermissionError):  # a folder whose list of names may be written and not read
            sync_folder(folder.parent)
    point(f"after mkdir {name}")


def sync_folder(folder: Path) -> None:
    """Brings a folder's list of names to the disk, where the system has a call for it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
