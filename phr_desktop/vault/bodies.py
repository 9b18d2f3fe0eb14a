"""How the sources' bytes are kept: codec 0 as they came, codec 1 packed with the dictionary that the vault holds.

The program brings a dictionary (`resources/fhir.zdict`, made by tools/make_dictionary.py); a new vault takes it over
and keeps it, so that a later program with another one still reads every byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import zstandard

from phr_desktop import paths

if TYPE_CHECKING:  # a child that only packs loads no database
    from phr_desktop.vault.connection import Database

PLAIN = 0
ZSTD = 1
LEVEL = 1


class Bodies:
    """Packs and unpacks with one dictionary; for one thread."""

    def __init__(self, dictionary: bytes) -> None:
        known = zstandard.ZstdCompressionDict(dictionary)
        known.precompute_compress(level=LEVEL)
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=known)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=known)

    def pack(self, body: bytes) -> tuple[int, bytes]:
        """Codec and the bytes to store; what does not get smaller stays as it is."""
        packed = self._compressor.compress(body)
        return (ZSTD, packed) if len(packed) < len(body) else (PLAIN, body)

    def unpack(self, codec: int, stored: bytes) -> bytes:
        """The source's bytes, unchanged."""
        return self._decompressor.decompress(stored) if codec == ZSTD else stored


_of_connections: WeakKeyDictionary[Database, Bodies] = WeakKeyDictionary()


def bodies(db: Database) -> Bodies:
    """The connection's own."""
    found = _of_connections.get(db)
    if found is None:
        found = _of_connections[db] = Bodies(dictionary(db))
    return found


def dictionary(db: Database) -> bytes:
    """For a process that packs what this vault is to store."""
    return bytes(db.value("SELECT bytes FROM body_dictionary"))


def take_dictionary(db: Database) -> None:
    """Gives a new vault the program's dictionary."""
    db.run("INSERT INTO body_dictionary VALUES (1, ?)", ((paths.resources() / "fhir.zdict").read_bytes(),))
