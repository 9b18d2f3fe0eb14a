"""The entries of a Bundle that is too large to hold: a chunk at a time, by the same decoder as a small one's.

A chunk ends where one entry seems to end and the next begins; that it does is proved by its decode, for a list that
breaks off inside an entry is no JSON. What no chunk can be made of is read as a whole, to the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from phr_desktop.errors import UserFacingError
from phr_desktop.fhir import envelope
from phr_desktop.fhir.envelope import Entry

CHUNK = 256 * 1024
MAX_HEAD = 64 * 1024  # what stands before the entries: a link or two
TRIES = 8  # places at which a chunk may end, from its last; a nested Bundle has some that are none
TAIL = 64 * 1024  # of a chunk: where its end is looked for first

Read = Callable[[int], bytes]

_LIST = re.compile(rb'"entry"\s*:\s*\[')
_FIRST_NAME = re.compile(rb'\s*\{\s*("[A-Za-z]+")\s*:')
_HEAD = b'{"resourceType":"Bundle","entry":['


def entries(head: bytes, read: Read, note_page: Callable[[], None]) -> Iterator[Entry] | None:
    """The entries, as `envelope.read_content` gives them; None where `head`, the file's start, is not a Bundle's that
    says so before its entries. `note_page` is called, after the entries, where the Bundle is one page of several.

    Error, when the entries come to it: file-broken.
    """
    stream = _opened(head, read, note_page)
    return None if stream is None else stream.entries()


def first(head: bytes) -> list[Entry]:
    """The first of `entries`: those that are seen to be whole in the file's start."""
    stream = _opened(head, lambda _size: b"", lambda: None)
    return [] if stream is None else list(stream.chunk() or ())


def _opened(head: bytes, read: Read, note_page: Callable[[], None]) -> _Stream | None:
    found = _LIST.search(head, 0, MAX_HEAD)
    if found is None:
        return None
    try:
        before = envelope.open_envelope(head[: found.end()] + b"]}")
    except envelope.BrokenError:
        return None  # the word stood inside a text or deeper
    if before.resource_type != "Bundle":
        return None
    return _Stream(head[found.end() :], read, found.end(), before.has_next, note_page)


class _Stream:
    """`at` is where in the file what is waiting begins."""

    def __init__(self, waiting: bytes, read: Read, at: int, has_next: bool, note_page: Callable[[], None]) -> None:
        self._waiting = waiting
        self._read = read
        self._at = at
        self._has_next = has_next
        self._note_page = note_page
        name = _FIRST_NAME.match(waiting)
        # Entries begin alike; what begins otherwise only makes a chunk longer.
        self._between = None if name is None else re.compile(rb"\}(\s*,)\s*\{\s*" + name[1] + rb"\s*:")

    def entries(self) -> Iterator[Entry]:
        wanted = CHUNK
        while True:
            part = self._read(wanted)
            self._waiting += part
            if not part:
                yield from self._rest()
                return
            chunk = self.chunk()
            if chunk is None:
                wanted = len(self._waiting)  # twice as much
            else:
                yield from chunk
                wanted = CHUNK

    def chunk(self) -> Iterator[Entry] | None:
        """The whole entries that are waiting, but for the last ones; None where no end is found."""
        if self._between is None:
            return None
        tail = max(0, len(self._waiting) - TAIL)
        ends = list(self._between.finditer(self._waiting, tail)) or list(self._between.finditer(self._waiting))
        for end in reversed(ends[-TRIES:]):
            try:
                found = envelope.open_entries(b"[" + self._waiting[: end.start() + 1] + b"]")
            except envelope.BrokenError:
                continue
            self._at += end.end(1)
            self._waiting = self._waiting[end.end(1) :]
            return found
        return None

    def _rest(self) -> Iterator[Entry]:
        data, self._waiting = _HEAD + self._waiting, b""
        rest = self._open(data)
        yield from envelope.flat(rest.entries)
        if self._has_next or rest.has_next:
            self._note_page()

    def _open(self, data: bytes) -> envelope.Envelope:
        try:
            return envelope.open_envelope(data)
        except envelope.BrokenError as broken:
            damaged = envelope.open_damaged(data)
            if damaged is None:
                raise UserFacingError("file-broken", at=broken.moved(self._at - len(_HEAD)).at) from None
            return damaged
