"""One program at a time: an operating-system lock held while the vault is unlocked."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.errors import UserFacingError


class LockFile:
    """An exclusive lock on `vault.lock`; freed by the system when the process ends, however it ends.

    In a folder that may not be written to the file is only opened, and may be missing: `read_only` says so.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor, self.read_only = _open(path)
        if self._descriptor is None:
            return
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise UserFacingError("vault-in-use") from error

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(path: Path) -> tuple[int | None, bool]:
    """The lock file's descriptor, and whether it may only be read."""
    try:
        with failpoints.around("open lock"):
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600), False
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
    try:
        return os.open(path, os.O_RDONLY), True
    except FileNotFoundError:
        return None, True


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
