"""Reading FHIR files: unpacked, taken apart, each resource read once; large files by a child process.

One JSON decode holds the interpreter about 1 ms a megabyte, and reading a resource costs about as much as storing it.
So a large file is read by a child process, which hands over what it read in batches: the window's thread never waits
for a decode, and reading and storing go on side by side.
"""

from __future__ import annotations

import gzip
import io
import multiprocessing
import zlib
from collections.abc import Iterator
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec

from phr_desktop.domain.records import Extracted
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.fhir.envelope import Entry, read_entries
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.problems import MalformedResource

MAXIMUM_BYTES = 2 * 1024**3
IN_PROCESS_BYTES = 8 * 1024**2
PACKED = 10  # about how many times larger a gzip file of FHIR is when unpacked
BATCH = 500
GZIP_MAGIC = b"\x1f\x8b"
_READ, _FAILED, _END = b"R", b"F", b"E"  # the first byte of a child's message


class Parsed(NamedTuple):
    """One entry of a file: what was read from it; or else its bytes and a reason code, for the quarantine."""

    full_url: str | None
    extracted: Extracted | None
    raw: bytes  # empty where `extracted` has them
    problem: str | None

    def entry(self) -> Entry:
        """As `fhir.identity` takes it."""
        return Entry(self.full_url, self.extracted.body if self.extracted else self.raw, self.problem)


class _Failure(NamedTuple):
    code: str
    parameters: dict[str, str | int]


_encoder = msgspec.msgpack.Encoder()


def read_file(path: Path) -> Iterator[Parsed]:
    """What one file holds, entry by entry.

    Errors: file-missing, file-unreadable, file-too-large, file-gzip-broken, file-not-fhir, file-broken.
    """
    if _is_large(path):
        return _read_by_child(path)
    return _read_here(path)


def _read_here(path: Path) -> Iterator[Parsed]:
    return map(_parse, read_entries(read_bytes(path)))


def read_bytes(path: Path) -> bytes:
    """A file's content, unpacked where it is gzip (by its magic number, whatever its name)."""
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise UserFacingError("file-too-large", name=path.name)
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserFacingError("file-missing", name=path.name) from None
    except (PermissionError, IsADirectoryError):
        raise EnvironmentProblem("file-unreadable", name=path.name) from None
    return _unpack(content, path) if content.startswith(GZIP_MAGIC) else content


def _unpack(packed: bytes, path: Path) -> bytes:
    """Unpacks with a cap, so that a small file cannot fill the memory."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as unpacking:
            content = unpacking.read(MAXIMUM_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UserFacingError("file-gzip-broken", name=path.name) from None
    if len(content) > MAXIMUM_BYTES:
        raise UserFacingError("file-too-large", name=path.name)
    return content


def _is_large(path: Path) -> bool:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
    except OSError:
        return False  # said in words where the file is read
    return size * (PACKED if packed else 1) > IN_PROCESS_BYTES


def _parse(entry: Entry) -> Parsed:
    if entry.problem is not None:
        return Parsed(entry.full_url, None, entry.raw, entry.problem)
    try:
        return Parsed(entry.full_url, extract(entry.raw, entry.full_url), b"", None)
    except MalformedResource as problem:
        return Parsed(entry.full_url, None, entry.raw, problem.reason_code)


def _read_by_child(path: Path) -> Iterator[Parsed]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_serve, args=(path, theirs), daemon=True)
    child.start()
    theirs.close()
    decode = msgspec.msgpack.Decoder(list[Parsed]).decode
    try:
        while (message := ours.recv_bytes())[:1] == _READ:
            yield from decode(memoryview(message)[1:])
        if message[:1] == _FAILED:
            failure = msgspec.msgpack.decode(message[1:], type=_Failure)
            raise UserFacingError(failure.code, **failure.parameters)
    except EOFError:  # the system ended the child: a decode of this size did not fit into the memory
        raise EnvironmentProblem("no-memory") from None
    finally:
        ours.close()
        child.terminate()
        child.join()
        child.close()


def _serve(path: Path, connection: Connection) -> None:
    """The child: reads the file and sends what it read."""
    try:
        parsed = _read_here(path)
        while batch := list(islice(parsed, BATCH)):
            connection.send_bytes(_READ + _encoder.encode(batch))
        connection.send_bytes(_END)
    except PhrError as error:
        connection.send_bytes(_FAILED + _encoder.encode(_Failure(error.code, error.parameters)))  # type: ignore[arg-type]
    except BrokenPipeError:
        return  # the import was cancelled
