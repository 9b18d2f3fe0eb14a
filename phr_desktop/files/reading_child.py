"""The child process that reads a large file: it loads little, and hands over what it read in messages."""

from __future__ import annotations

import gc
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec

from phr_desktop.errors import PhrError
from phr_desktop.files.contents import Stamp
from phr_desktop.files.parsing import Packing, batches, read_after
from phr_desktop.vault.hardening import forbid_core_dumps

LOW = 256 * 1024  # bytes: with less before it the parent will soon wait, and packs the next entries itself
READ, PAGE, FAILED, END = b"R", b"P", b"F", b"E"  # the first byte of a message


if sys.platform == "linux":
    import fcntl
    import termios


class Failure(NamedTuple):
    code: str
    parameters: dict[str, str | int]


_encoder = msgspec.msgpack.Encoder()


def _is_awaited(connection: Connection) -> bool:
    """Whether the parent will soon wait for more; known of a wide pipe alone (a narrow one is emptied by a thread)."""
    if sys.platform != "linux" or fcntl.fcntl(connection.fileno(), fcntl.F_GETPIPE_SZ) <= LOW:
        return False
    return int.from_bytes(fcntl.ioctl(connection.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder) < LOW


def serve(
    path: Path, skipped: int, stamp: Stamp, dictionary: bytes | None, full_urls: bool, connection: Connection
) -> None:
    """The child: reads the file but for so many entries, and sends what it read."""
    forbid_core_dumps()
    gc.disable()  # as in `reading.collector_paused`; the process ends with the file
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C goes to both processes; the import ends, and ends this one
    try:
        pack = None if dictionary is None else Packing(dictionary)
        read = read_after(path, skipped, stamp, lambda: connection.send_bytes(PAGE), pack, full_urls=full_urls)
        for batch in batches(read):
            connection.send_bytes(READ + _encoder.encode(batch))
            if pack is not None:
                pack.resting = _is_awaited(connection)
        connection.send_bytes(END)
    except PhrError as error:
        connection.send_bytes(FAILED + _encoder.encode(Failure(error.code, error.parameters)))  # type: ignore[arg-type]
    except BrokenPipeError:
        return  # the import was cancelled
