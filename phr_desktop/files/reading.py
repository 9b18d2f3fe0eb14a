"""Reading FHIR and calendar files: unpacked, taken apart, each resource read once; large files by a child process.

One JSON decode holds the interpreter about 1 ms a megabyte, and reading a resource costs about as much as storing it.
So a large file is read by a child process, which hands over what it read in batches: the window's thread never waits
for a decode, and reading and storing go on side by side.
"""

from __future__ import annotations

import gc
import gzip
import io
import multiprocessing
import os
import signal
import stat
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec

from phr_desktop.domain.records import Extracted
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.fhir import stream
from phr_desktop.fhir.envelope import Entry, read_content
from phr_desktop.fhir.extract import Pack, extract
from phr_desktop.fhir.invitations import appointment, is_calendar
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.vault.bodies import PLAIN, Bodies
from phr_desktop.vault.hardening import forbid_core_dumps

MAXIMUM_BYTES = 2 * 1024**3
IN_PROCESS_BYTES = 8 * 1024**2
CHUNK = 1024**2
BATCH = 100  # entries of a message: few, so that they are still in the processor's cache when they are sent
AHEAD = 20  # messages
GZIP_MAGIC = b"\x1f\x8b"
_NO_RECORDS = ("outcome", "deleted")  # a Bundle's entries that tell of the answer, and hold no record
_READ, _PAGE, _FAILED, _END = b"R", b"P", b"F", b"E"  # the first byte of a child's message


class Given(NamedTuple):
    """A file to read; with its content where it can be read only once, such as a pipe."""

    path: Path
    content: bytes | None = None


class Parsed(NamedTuple):
    """One entry of a file: what was read from it; or else its bytes and a reason code, for the quarantine."""

    full_url: str | None
    extracted: Extracted | None
    raw: bytes  # empty where `extracted` has them
    problem: str | None
    revised: bool = False  # of a calendar file: it counts only where it is newer than what is stored
    series: str = ""  # the start of the ids of all dates of its series, of which the file tells every one


class _Failure(NamedTuple):
    code: str
    parameters: dict[str, str | int]


_encoder = msgspec.msgpack.Encoder()


def given(path: Path) -> Given:
    """Takes in what can be read only once. Errors: those of `read_bytes`."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return Given(path)  # said in words where the file is read
    return Given(path) if regular else Given(path, read_bytes(path))


@contextmanager
def collector_paused() -> Iterator[None]:
    """Holds Python's cycle collector for the length of an import: reading and storing make no cycles, and its passes
    over what they make cost a seventh of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_file(
    file: Given, note_page: Callable[[], None] = lambda: None, dictionary: bytes | None = None
) -> Iterator[Parsed]:
    """What one file holds, entry by entry. `note_page` is called where the file is one page of several.

    With the `dictionary` of the vault that is to store it, a large file's bodies come packed (not those of Patients,
    who are read again).

    Errors: file-missing, file-unreadable, file-too-large, file-gzip-broken, file-not-fhir, file-broken; of a calendar
    file, those of `ics_import.read_calendar`.
    """
    if file.content is None and _is_large(file.path):
        return _read_by_child(file.path, note_page, dictionary)
    return _read_here(file, note_page)


def _read_here(file: Given, note_page: Callable[[], None]) -> Iterator[Parsed]:
    return _read_whole(read_bytes(file.path) if file.content is None else file.content, note_page)


def _read_whole(data: bytes, note_page: Callable[[], None], pack: Pack | None = None) -> Iterator[Parsed]:
    if is_calendar(data):
        return _visits(data)
    content = read_content(data)
    if content.more:
        note_page()
    return _parsed(content.entries, pack)


def _visits(data: bytes) -> Iterator[Parsed]:
    from phr_desktop.files.ics_import import read_calendar

    for one in read_calendar(data):
        if one.invitation is None:
            yield Parsed(None, None, one.raw, one.problem)
        else:
            yield Parsed(None, extract(appointment(one.invitation)), b"", None, True, one.series)


def _parsed(entries: Iterable[Entry], pack: Pack | None = None) -> Iterator[Parsed]:
    return (_parse(entry, pack) for entry in entries if entry.mode not in _NO_RECORDS)


def _read_large(path: Path, note_page: Callable[[], None], pack: Pack | None = None) -> Iterator[Parsed]:
    """A Bundle a chunk at a time; anything else as a whole."""
    with ExitStack() as closing:
        source = _Source(path, closing)
        head = source.read(stream.CHUNK)
        entries = stream.entries(head, source.read, note_page)
        if entries is None:
            yield from _read_whole(head + source.rest(), note_page, pack)
        else:
            yield from _parsed(entries, pack)


class _Source:
    """A file's content from its start, unpacked where it is gzip. Errors: those of `read_bytes`."""

    def __init__(self, path: Path, closing: ExitStack) -> None:
        self._path = path
        self._left = MAXIMUM_BYTES
        try:
            file: io.BufferedIOBase = closing.enter_context(path.open("rb"))
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
        except (OSError, ValueError):
            raise EnvironmentProblem("file-unreadable", name=_name(path)) from None
        self._file = closing.enter_context(gzip.GzipFile(fileobj=file)) if packed else file
        self._problem = UserFacingError if packed else EnvironmentProblem
        self._code = "file-gzip-broken" if packed else "file-unreadable"

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


def _is_large(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if file.read(2) == GZIP_MAGIC:
                size = max(size, _unpacked_size(file))
    except (OSError, ValueError):
        return False  # said in words where the file is read
    return size > IN_PROCESS_BYTES


def _unpacked_size(file: io.BufferedIOBase) -> int:
    """What the end of a gzip file says (RFC 1952, ISIZE): the size modulo 2**32, of its last part alone."""
    file.seek(-4, os.SEEK_END)
    return int.from_bytes(file.read(4), "little")


def _parse(entry: Entry, pack: Pack | None) -> Parsed:
    if entry.problem is not None:
        return Parsed(entry.full_url, None, entry.raw, entry.problem)
    try:
        return Parsed(entry.full_url, extract(entry.raw, entry.full_url, pack), b"", None)
    except MalformedResource as problem:
        return Parsed(entry.full_url, None, entry.raw, problem.reason_code)


def _packing(dictionary: bytes) -> Pack:
    """As the vault packs; a Patient stays as it is, for it is read again."""
    pack = Bodies(dictionary).pack

    def packed(type_: str, raw: bytes) -> tuple[bytes, int]:
        if type_ == "Patient":
            return raw, PLAIN
        codec, body = pack(raw)
        return body, codec

    return packed


def _read_by_child(path: Path, note_page: Callable[[], None], dictionary: bytes | None) -> Iterator[Parsed]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_serve, args=(path, dictionary, theirs), daemon=True)
    child.start()
    theirs.close()
    receiving = ThreadPoolExecutor(1, "phr-receiving")
    try:
        yield from _received(_ahead(receiving, ours), note_page)
    except EOFError:  # the system ended the child: a decode of this size did not fit into the memory
        raise EnvironmentProblem("no-memory") from None
    finally:
        child.terminate()
        child.join()
        receiving.shutdown(cancel_futures=True)
        ours.close()
        child.close()


def _ahead(receiving: Executor, connection: Connection) -> Iterator[bytes]:
    """The child's messages. Some are taken in before they are asked for: a pipe alone holds so little that the child
    would wait for the parent, who stores many at a time, and then the parent for the child."""
    coming = deque(receiving.submit(connection.recv_bytes) for _ in range(AHEAD))
    while True:
        message = coming.popleft().result()
        coming.append(receiving.submit(connection.recv_bytes))
        yield message


def _received(messages: Iterator[bytes], note_page: Callable[[], None]) -> Iterator[Parsed]:
    decode = msgspec.msgpack.Decoder(list[Parsed]).decode
    while (message := next(messages))[:1] != _END:
        if message[:1] == _FAILED:
            failure = msgspec.msgpack.decode(message[1:], type=_Failure)
            raise UserFacingError(failure.code, **failure.parameters)
        if message[:1] == _PAGE:
            note_page()
        else:
            yield from decode(memoryview(message)[1:])


def _serve(path: Path, dictionary: bytes | None, connection: Connection) -> None:
    """The child: reads the file and sends what it read."""
    forbid_core_dumps()
    gc.disable()  # as in `collector_paused`; the process ends with the file
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C goes to both processes; the import ends, and ends this one
    try:
        pack = None if dictionary is None else _packing(dictionary)
        parsed = _read_large(path, lambda: connection.send_bytes(_PAGE), pack)
        while batch := list(islice(parsed, BATCH)):
            connection.send_bytes(_READ + _encoder.encode(batch))
        connection.send_bytes(_END)
    except PhrError as error:
        connection.send_bytes(_FAILED + _encoder.encode(_Failure(error.code, error.parameters)))  # type: ignore[arg-type]
    except BrokenPipeError:
        return  # the import was cancelled
