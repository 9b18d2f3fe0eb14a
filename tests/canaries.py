"""Finds planted strings in files, in any form in which a program might leave them."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def forms(canary: str) -> Iterator[bytes]:
    """The string as bytes a file could hold: plain, in upper and lower case, UTF-16, hex, base64 at each alignment."""
    plain = canary.encode()
    yield plain
    yield plain.upper()
    yield plain.lower()
    yield canary.encode("utf-16-le")
    yield canary.encode("utf-16-be")
    yield plain.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + plain)
        first = (shift * 8 + 5) // 6  # characters that the shift itself touches
        yield coded[first : len(coded.rstrip(b"=")) - 1]


def found_in(folders: Iterable[Path], canaries: Iterable[str]) -> list[tuple[str, str]]:
    """(file name, canary) for every canary in every file of the folders, also inside gzip and zlib streams."""
    needles = [(canary, form) for canary in canaries for form in forms(canary)]
    return [
        (path.name, canary)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for text in _readings(path.read_bytes())
        for canary, form in needles
        if form in text
    ]


def _readings(content: bytes) -> Iterator[bytes]:
    yield content
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            yield unpack(content)
        except (OSError, EOFError, zlib.error):
            continue
