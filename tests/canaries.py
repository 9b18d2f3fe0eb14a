"""Finds planted strings in files, in any form in which a program might leave them."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import zstandard

SHORTEST = 4  # bytes that a beginning common to all must have to be looked for alone
MOST = 64 * 1024 * 1024  # bytes that an archive may unfold to


def forms(canary: str) -> Iterator[bytes]:
    """The string as bytes a file could hold, always in the same order: plain and in each case, UTF-16, JSON, percent,
    hex, base64 at each alignment (of UTF-8 and of UTF-16)."""
    plain, wide = canary.encode(), canary.encode("utf-16-le")
    yield plain
    yield canary.upper().encode()
    yield canary.lower().encode()
    yield wide
    yield canary.encode("utf-16-be")
    yield json.dumps(canary)[1:-1].encode()
    yield "".join(f"\\u{unit:04x}" for unit in _units(canary)).encode()
    yield "".join(f"\\u{unit:04X}" for unit in _units(canary)).encode()
    yield quote(canary, safe="").encode()
    yield quote_plus(canary, safe="").encode()
    for coded in (plain, wide):
        yield coded.hex().encode()
        yield coded.hex().upper().encode()
        yield from _base64(coded)


def key_forms(key: bytes) -> Iterator[bytes]:
    """A key as bytes a file or a text could hold."""
    yield key
    yield key.hex().encode()
    yield key.hex().upper().encode()
    yield from _base64(key)
    yield repr(key)[2:-1].encode()


def _units(text: str) -> list[int]:
    wide = text.encode("utf-16-be")
    return [int.from_bytes(wide[place : place + 2], "big") for place in range(0, len(wide), 2)]


def _base64(data: bytes) -> Iterator[bytes]:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            coded = encode(b"\0" * shift + data)
            first = (shift * 8 + 5) // 6  # characters that the shift itself touches
            yield coded[first : len(coded.rstrip(b"=")) - 1]


def found_in(folders: Iterable[Path], canaries: Iterable[str]) -> list[tuple[str, str]]:
    """(file name, canary) for every canary in every file of the folders, and in the names of files themselves; also
    inside gzip, zlib, deflate, bzip2, xz, zstd and zip."""
    search = Search({canary: list(forms(canary)) for canary in canaries})
    return [
        (path.name, canary)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        for text in ([path.name.encode()] + (list(_readings(path.read_bytes())) if path.is_file() else []))
        for canary in search.found(text)
    ]


class Search:
    """Looks for many strings at once: first for what all of one form begin with, so that 200 cost little more than
    one."""

    def __init__(self, needles: dict[str, list[bytes]]) -> None:
        self._groups = []
        for place in range(max(map(len, needles.values()), default=0)):
            group = [(name, found[place]) for name, found in needles.items() if place < len(found)]
            stem = _common_beginning([form for _, form in group])
            self._groups.append((stem if len(stem) >= SHORTEST else b"", group))

    def found(self, text: bytes) -> list[str]:
        hits = [name for stem, group in self._groups if stem in text for name, form in group if form in text]
        return list(dict.fromkeys(hits))


def _common_beginning(texts: list[bytes]) -> bytes:
    first, last = min(texts), max(texts)
    length = next((place for place, byte in enumerate(first) if last[place : place + 1] != bytes([byte])), len(first))
    return first[:length]


def _readings(content: bytes) -> Iterator[bytes]:
    """The bytes, and what they unfold to."""
    yield content
    unpackers = (gzip.decompress, zlib.decompress, _deflated, bz2.decompress, lzma.decompress, _zstd)
    for unpack in unpackers:
        try:
            yield unpack(content)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError):
            continue
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)


def _deflated(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(-15)
    return unpacker.decompress(content, MOST)


def _zstd(content: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(content, max_output_size=MOST)
