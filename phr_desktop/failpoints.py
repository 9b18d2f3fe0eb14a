"""Named points at which a test may make the program die or fail; a no-op in normal runs.

Every commit, fsync, rename, socket, keychain and notification call of the program passes one of these helpers, so
that the fault harness can count them and interrupt the N-th.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

Hook = Callable[[str], None]

_hook: Hook | None = None


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


def commit(connection: Committing, name: str) -> None:
    """Ends the connection's transaction, with a point before and one after."""
    point(f"before commit {name}")
    connection.execute("COMMIT")
    point(f"after commit {name}")


def fsync(descriptor: int, name: str) -> None:
    """Brings a file's bytes to the disk (on macOS past the drive's cache)."""
    point(f"before fsync {name}")
    full = getattr(__import__("fcntl"), "F_FULLFSYNC", None) if os.name == "posix" else None
    if full is not None:
        import fcntl

        fcntl.fcntl(descriptor, full)
    else:
        os.fsync(descriptor)
    point(f"after fsync {name}")


def replace(source: Path, target: Path, name: str) -> None:
    """Renames over the target and brings the folder to the disk."""
    point(f"before replace {name}")
    source.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    point(f"after replace {name}")
