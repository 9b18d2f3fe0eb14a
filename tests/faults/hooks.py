"""What happens at a failpoint: counted, killed, failed, or cut. Each is a hook for `failpoints.install`."""

from __future__ import annotations

import errno
import os
import resource
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import sqlcipher3.dbapi2 as sqlcipher

Hook = Callable[[str], None]

FILES = ("open", "write", "fsync", "replace", "link", "unlink", "mkdir")
DATABASE = ("commit", "checkpoint")
SOCKETS = ("connect", "send", "receive")
# By operation, what the system may answer there.
ANSWERS = {
    "full": (errno.ENOSPC, ("open", "write", "fsync", "replace", "link", "mkdir", *DATABASE)),
    "broken": (errno.EIO, ("write", "fsync", "replace", "unlink", *DATABASE)),
    "forbidden": (errno.EACCES, ("open", "replace", "unlink", "mkdir", *DATABASE)),
}
# urllib3 goes on to read where a send was reset: the real socket would tell it, this one is not really cut.
_CUTS = {"connect": errno.ECONNREFUSED, "send": errno.ECONNABORTED, "receive": errno.ECONNRESET}
_DATABASE_WORDS = {
    errno.ENOSPC: "database or disk is full",
    errno.EIO: "disk I/O error",
    errno.EACCES: "attempt to write a readonly database",
}


def operation(point: str) -> str:
    """ "fsync" of "before fsync settings"."""
    words = point.split()
    return words[1] if len(words) > 1 and words[0] in ("before", "after") else ""


def may_fail(point: str, kind: str) -> bool:
    """Whether a hook of this kind does anything at the point: calls fail before they did their work."""
    if not point.startswith("before "):
        return False
    if kind == "cut":
        return operation(point) in SOCKETS
    if kind == "no room":
        return operation(point) in (*FILES, *DATABASE)
    return operation(point) in ANSWERS[kind][1]


class Counting:
    """Writes down every point passed."""

    def __init__(self) -> None:
        self.points: list[str] = []
        self._door = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._door:
            self.points.append(name)
            self.passed(name, len(self.points))

    def passed(self, name: str, number: int) -> None:
        """Does nothing."""


class DyingAt(Counting):
    """Kills the process, as the system would, at the N-th point."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def passed(self, name: str, number: int) -> None:
        if number == self._number:
            os.kill(os.getpid(), signal.SIGKILL)


class FailingAt(Counting):
    """Fails once, at the first point from the N-th on at which the kind can: "full", "broken", "forbidden", "cut"."""

    def __init__(self, number: int, kind: str, *, die_at: int = 0) -> None:
        super().__init__()
        self._number, self._kind, self._die_at = number, kind, die_at
        self.failed = False

    def passed(self, name: str, number: int) -> None:
        if number == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if not self.failed and number >= self._number and may_fail(name, self._kind):
            self.failed = True
            raise _problem(name, self._kind)


class NoRoomFrom(Counting):
    """From the N-th point on the system itself refuses to let any file grow, as on a disk without room; for good."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.failed = False

    def passed(self, name: str, number: int) -> None:
        if number == self._number:
            self.failed = True
            with suppress(ValueError):
                resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _problem(name: str, kind: str) -> Exception:
    if kind == "cut":
        number = _CUTS[operation(name)]
        return OSError(number, os.strerror(number))
    number = ANSWERS[kind][0]
    if operation(name) in DATABASE:
        return sqlcipher.OperationalError(_DATABASE_WORDS[number])
    return OSError(number, os.strerror(number))
