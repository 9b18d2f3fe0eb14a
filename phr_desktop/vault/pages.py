"""Reading a damaged database page by page, without SQLite: it stops at the first broken page, this does not.

SQLCipher 4 encrypts each page of 4096 bytes by itself (AES-256-CBC) and signs it with its number (HMAC-SHA-512); the
last 80 bytes of a page are the initial vector and the signature. What is not signed right is never used: one flipped
bit could be another dose. The form of a page's content is SQLite's (sqlite.org/fileformat2.html).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from phr_desktop.vault import keys

SIZE = 4096
USABLE = SIZE - 80
_VECTOR, _SIGNATURE = 16, 64
_MASK = 0x3A
_ROUNDS = 2
TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR = 0x0D, 0x05, 0x0A, 0x02
LEAVES_OF_ROWS = (TABLE_LEAF, INDEX_LEAF, INDEX_INTERIOR)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_SMALLEST_KEPT = (USABLE - 12) * 32 // 255 - 23
_LARGEST_KEPT = {TABLE_LEAF: USABLE - 35, INDEX_LEAF: (USABLE - 12) * 64 // 255 - 23}
_LARGEST_KEPT[INDEX_INTERIOR] = _LARGEST_KEPT[INDEX_LEAF]
_LONGEST_CHAIN = 300_000  # pages of one value: SQLite's own limit is 1 GB

Value = int | float | str | bytes | None


class Unreadable(Exception):
    """A page, or a row that goes on in one, cannot be read."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One row: its rowid (None in an index or a table WITHOUT ROWID) and its values as they are stored."""

    rowid: int | None
    values: tuple[Value, ...]


class Pages:
    """The pages of a database file and of the log beside it. Nothing is written. To be closed: it holds keys."""

    def __init__(self, path: Path, key_text: bytearray) -> None:
        raw = bytearray.fromhex(key_text[2:-1].decode())
        self._key, salt = raw[: keys.KEY_BYTES], bytes(raw[keys.KEY_BYTES :])
        keys.wipe(raw)
        masked = bytes(byte ^ _MASK for byte in salt)
        self._signing_key = bytearray(hashlib.pbkdf2_hmac("sha512", self._key, masked, _ROUNDS, keys.KEY_BYTES))
        self._file = path.open("rb")
        log = path.with_name(path.name + "-wal")
        self._log = log.open("rb") if log.exists() else None
        self._in_log: dict[int, int] = {}
        self.count = -(-path.stat().st_size // SIZE)
        if self._log is not None:
            self._in_log = self._read_log(self._log)
        self.count = max(self.count, self._count_told())

    def close(self) -> None:
        keys.wipe(self._key)
        keys.wipe(self._signing_key)
        self._file.close()
        if self._log is not None:
            self._log.close()

    def page(self, number: int) -> bytes:
        """The content of a page (from 1), 4016 bytes. Raises Unreadable."""
        if not 1 <= number <= self.count:
            raise Unreadable
        place = self._in_log.get(number)
        if place is not None and self._log is not None:
            self._log.seek(place)
            return self._open(number, self._log.read(SIZE))
        self._file.seek((number - 1) * SIZE)
        return self._open(number, self._file.read(SIZE))

    def _open(self, number: int, stored: bytes) -> bytes:
        if len(stored) != SIZE:
            raise Unreadable
        start = 16 if number == 1 else 0  # the salt stands where the file's own mark would
        signed, signature = stored[start:-_SIGNATURE], stored[-_SIGNATURE:]
        found = hmac.digest(self._signing_key, signed + struct.pack("<I", number), "sha512")
        if not hmac.compare_digest(found, signature):
            raise Unreadable
        body, vector = signed[:-_VECTOR], signed[-_VECTOR:]
        decryptor = Cipher(AES(bytes(self._key)), CBC(vector)).decryptor()
        content = decryptor.update(body) + decryptor.finalize()
        return (b"SQLite format 3\0" if start else b"") + content

    def _count_told(self) -> int:
        """How many pages the first one speaks of: a file that was cut off has fewer."""
        try:
            return int(struct.unpack_from(">I", self.page(1), 28)[0])
        except Unreadable:
            return 0

    def _read_log(self, log: BinaryIO) -> dict[int, int]:
        """Where the log holds the newest committed content of a page."""
        head = log.read(_WAL_HEADER)
        committed: dict[int, int] = {}
        waiting: dict[int, int] = {}
        place = _WAL_HEADER
        while len(frame := log.read(_FRAME_HEADER)) == _FRAME_HEADER and frame[8:16] == head[16:24]:
            number, size_after_commit = struct.unpack(">II", frame[:8])
            try:
                self._open(number, log.read(SIZE))
            except Unreadable:
                break
            waiting[number] = place + _FRAME_HEADER
            place += _FRAME_HEADER + SIZE
            if size_after_commit:
                committed |= waiting
                self.count, waiting = size_after_commit, {}
        return committed


def kind(number: int, page: bytes) -> int:
    """What sort of page it is, by its first byte; page 1 begins with the file's header."""
    return page[100 if number == 1 else 0]


def children(number: int, page: bytes) -> list[int]:
    """The pages below an interior page."""
    start = 100 if number == 1 else 0
    last = struct.unpack_from(">I", page, start + 8)[0]
    return [*(struct.unpack_from(">I", page, place)[0] for place in _places(number, page)), last]


def cells(pages: Pages, number: int, page: bytes) -> Iterator[Cell | None]:
    """The rows that stand on a page; None for one that goes on in a page that cannot be read."""
    for place in _places(number, page):
        try:
            yield _cell(pages, kind(number, page), page, place)
        except (Unreadable, IndexError, struct.error, UnicodeDecodeError):
            yield None


def _places(number: int, page: bytes) -> list[int]:
    start = 100 if number == 1 else 0
    count = struct.unpack_from(">H", page, start + 3)[0]
    head = start + (8 if page[start] in (TABLE_LEAF, INDEX_LEAF) else 12)
    if head + 2 * count > len(page):
        return []
    return list(struct.unpack_from(f">{count}H", page, head))


def _cell(pages: Pages, sort: int, page: bytes, place: int) -> Cell:
    if sort == INDEX_INTERIOR:
        place += 4
    length, place = _varint(page, place)
    rowid = None
    if sort == TABLE_LEAF:
        rowid, place = _varint(page, place)
    kept = _kept(length, _LARGEST_KEPT[sort])
    payload = page[place : place + kept]
    if kept < length:
        payload += _further(pages, struct.unpack_from(">I", page, place + kept)[0], length - kept)
    return Cell(None if rowid is None else _signed(rowid), _values(payload))


def _kept(length: int, largest: int) -> int:
    """How many bytes of a row stand on its own page."""
    if length <= largest:
        return length
    kept = _SMALLEST_KEPT + (length - _SMALLEST_KEPT) % (USABLE - 4)
    return kept if kept <= largest else _SMALLEST_KEPT


def _further(pages: Pages, number: int, length: int) -> bytes:
    parts: list[bytes] = []
    while length > 0 and len(parts) < _LONGEST_CHAIN:
        page = pages.page(number)
        parts.append(page[4 : 4 + min(length, USABLE - 4)])
        length -= len(parts[-1])
        number = struct.unpack_from(">I", page, 0)[0]
    return b"".join(parts)


def _values(payload: bytes) -> tuple[Value, ...]:
    size, place = _varint(payload, 0)
    at, found = size, []
    while place < size:
        sort, place = _varint(payload, place)
        value, at = _value(payload, sort, at)
        found.append(value)
    return tuple(found)


_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def _value(payload: bytes, sort: int, at: int) -> tuple[Value, int]:
    if sort in (0, 8, 9):
        return (None, 0, 1)[0 if sort == 0 else sort - 7], at
    if sort in _INTEGERS:
        end = at + _INTEGERS[sort]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if sort == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    end = at + (sort - 12) // 2
    if sort < 12 or end > len(payload):
        raise Unreadable
    return (payload[at:end].decode() if sort % 2 else payload[at:end]), end


def _varint(data: bytes, place: int) -> tuple[int, int]:
    number = 0
    for step in range(8):
        byte = data[place + step]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place + step + 1
    return number << 8 | data[place + 8], place + 9


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number
