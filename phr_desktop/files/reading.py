"""Reading FHIR and calendar files: large ones by a child process.

One JSON decode holds the interpreter about 1 ms a megabyte, and reading a resource costs about as much as storing it.
So a large file is read by a child process, which hands over what it read in batches: the window's thread never waits
for a decode, and reading and storing go on side by side.
"""

from __future__ import annotations

import gc
import multiprocessing
import stat
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec

from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.files.contents import is_large, read_bytes
from phr_desktop.files.parsing import Batch, Packing, batches, parsed, read_head, read_whole
from phr_desktop.files.reading_child import END, FAILED, PAGE, Failure, serve

if sys.platform == "linux":
    import fcntl

IN_PROCESS_BYTES = 8 * 1024**2
AHEAD = 20  # messages
PIPE = 1024**2  # bytes: the most that Linux gives anyone


class Given(NamedTuple):
    """A file to read; with its content where it can be read only once, such as a pipe."""

    path: Path
    content: bytes | None = None


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
    file: Given,
    note_page: Callable[[], None] = lambda: None,
    dictionary: bytes | None = None,
    *,
    full_urls: bool = False,
) -> Iterator[Batch]:
    """What one file holds, some entries at a time; `full_urls` as in `parsing.parsed`. `note_page` is called where the
    file is one page of several.

    With the `dictionary` of the vault that is to store it, a large file's bodies come packed (not those of Patients,
    who are read again).

    Errors: file-missing, file-unreadable, file-too-large, file-gzip-broken, file-not-fhir, file-broken; of a calendar
    file, those of `ics_import.read_calendar`.
    """
    if file.content is None and is_large(file.path, IN_PROCESS_BYTES):
        return _read_by_child(file.path, note_page, dictionary, full_urls)
    content = read_bytes(file.path) if file.content is None else file.content
    return batches(read_whole(content, note_page, full_urls=full_urls))


def _read_by_child(
    path: Path, note_page: Callable[[], None], dictionary: bytes | None, full_urls: bool
) -> Iterator[Batch]:
    head = read_head(path)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    order = (path, len(head.entries), head.stamp, dictionary, full_urls, theirs)
    child = context.Process(target=serve, args=order, daemon=True)
    receiving = None if _widen(ours) else ThreadPoolExecutor(1, "phr-receiving")
    child.start()
    theirs.close()
    messages = iter(ours.recv_bytes, None) if receiving is None else _ahead(receiving, ours)
    try:
        pack = None if dictionary is None else Packing(dictionary)
        yield from batches(parsed(head.entries, pack, full_urls=full_urls))  # while the child starts
        yield from _received(messages, note_page)
    except EOFError:  # the system ended the child: a decode of this size did not fit into the memory
        raise EnvironmentProblem("no-memory") from None
    finally:
        child.terminate()
        child.join()
        if receiving is not None:
            receiving.shutdown(cancel_futures=True)
        ours.close()
        child.close()


def _widen(connection: Connection) -> bool:
    """Where the system can (Linux): a pipe that holds many messages, so that the processes wait less for each other."""
    if sys.platform != "linux":
        return False
    try:
        return fcntl.fcntl(connection.fileno(), fcntl.F_SETPIPE_SZ, PIPE) >= PIPE
    except OSError:
        return False


def _ahead(receiving: Executor, connection: Connection) -> Iterator[bytes]:
    """The child's messages. Some are taken in before they are asked for, from now on: a narrow pipe holds so little
    that the child would wait for the parent, who stores many at a time, and then the parent for the child. (Where the
    pipe is wide this thread would only take the interpreter from the one that stores, a twentieth of the time.)"""
    coming = deque(receiving.submit(connection.recv_bytes) for _ in range(AHEAD))

    def messages() -> Iterator[bytes]:
        while True:
            message = coming.popleft().result()
            coming.append(receiving.submit(connection.recv_bytes))
            yield message

    return messages()


def _received(messages: Iterator[bytes], note_page: Callable[[], None]) -> Iterator[Batch]:
    decode = msgspec.msgpack.Decoder(Batch).decode
    while (message := next(messages))[:1] != END:
        if message[:1] == FAILED:
            failure = msgspec.msgpack.decode(message[1:], type=Failure)
            raise UserFacingError(failure.code, **failure.parameters)
        if message[:1] == PAGE:
            note_page()
        else:
            yield decode(memoryview(message)[1:])
