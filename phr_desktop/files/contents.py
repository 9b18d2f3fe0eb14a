"""The bytes of a file, unpacked, with a cap; whatever stops the reading is said by name."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from phr_desktop.errors import EnvironmentProblem, UserFacingError

MAXIMUM_BYTES = 2 * 1024**3
CHUNK = 1024**2
GZIP_MAGIC = b"\x1f\x8b"


class Stamp(NamedTuple):
    """What tells that a file is still the one that was opened before, as it was."""

    file: int
    size: int
    changed: int


class Source:
    """A file's content from its start, unpacked where it is gzip. Errors: those of `read_bytes`."""

    def __init__(self, path: Path, closing: ExitStack) -> None:
        self._path = path
        self._left = MAXIMUM_BYTES
        try:
            file: io.BufferedIOBase = closing.enter_context(path.open("rb"))
            found = os.fstat(file.fileno())
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
        except (OSError, ValueError):
            raise EnvironmentProblem("file-unreadable", name=_name(path)) from None
        self.stamp = Stamp(found.st_ino, found.st_size, found.st_mtime_ns)
        self._file = closing.enter_context(gzip.GzipFile(fileobj=file)) if packed else file
        self._problem = UserFacingError if packed else EnvironmentProblem
        self._code = "file-gzip-broken" if packed else "file-unreadable"

    def must_be(self, stamp: Stamp) -> None:
        """Raises file-changed where it is not the file any more that bore this stamp."""
        if self.stamp != stamp:
            raise UserFacingError("file-changed", name=_name(self._path))

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        try:
            data = self._file.read(min(size, self._left + 1))
        except (OSError, EOFError, zlib.error):
            raise self._problem(self._code, name=_name(self._path)) from None
        self._left -= len(data)
        if self._left < 0:
            raise UserFacingError("file-too-large", name=_name(self._path))
        return data

    def rest(self) -> bytes:
        return b"".join(iter(lambda: self.read(CHUNK), b""))


def read_bytes(path: Path) -> bytes:
    """A file's content, unpacked where it is gzip (by its magic number, whatever its name)."""
    try:
        with path.open("rb") as file:
            content = _capped(file, os.fstat(file.fileno()).st_size, path)
    except FileNotFoundError:
        raise UserFacingError("file-missing", name=_name(path)) from None
    except (OSError, ValueError):  # no permission, a folder, or a name that no file can have
        raise EnvironmentProblem("file-unreadable", name=_name(path)) from None
    return _unpack(content, path) if content.startswith(GZIP_MAGIC) else content


def _capped(file: io.BufferedIOBase, expected: int, path: Path) -> bytes:
    """All of it, at once where it is as long as expected. Raises file-too-large."""
    parts: list[bytes] = []
    size = 0
    while part := file.read(CHUNK if parts else min(expected or CHUNK, MAXIMUM_BYTES) + 1):
        size += len(part)
        if size > MAXIMUM_BYTES:
            raise UserFacingError("file-too-large", name=_name(path))
        parts.append(part)
    return b"".join(parts)


def _name(path: Path) -> str:
    """The file's name as text that can be said, whatever bytes it is made of."""
    return path.name.encode("utf-8", "replace").decode()


def _unpack(packed: bytes, path: Path) -> bytes:
    """Unpacks with a cap, so that a small file cannot fill the memory."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as unpacking:
            return _capped(unpacking, _unpacked_size(io.BytesIO(packed)), path)
    except (OSError, EOFError, zlib.error):
        raise UserFacingError("file-gzip-broken", name=_name(path)) from None


def is_large(path: Path, least: int) -> bool:
    """Whether it holds more bytes than `least`, unpacked; False for what cannot be read."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if file.read(2) == GZIP_MAGIC:
                size = max(size, _unpacked_size(file))
    except (OSError, ValueError):
        return False  # said in words where the file is read
    return size > least


def _unpacked_size(file: io.BufferedIOBase) -> int:
    """What the end of a gzip file says (RFC 1952, ISIZE): the size modulo 2**32, of its last part alone."""
    file.seek(-4, os.SEEK_END)
    return int.from_bytes(file.read(4), "little")
