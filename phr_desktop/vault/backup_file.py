"""The form of a backup file: a prologue with a copy of the vault's header, then one authenticated stream.

    PHRBACKUP1\\n | length of the header copy, 2 bytes | header copy | nonce, 12 bytes | wrapped file key, 48 bytes
    then chunks of 64 KiB of the content (the last may be shorter), each followed by its 16-byte tag

The content is the manifest's length (4 bytes), the manifest (JSON), the database. Numbers are big-endian. The file key
is fresh for every file and wrapped (AES-256-GCM-SIV, bound to all before it) by the `backup` key from the master key.
The chunks are age's STREAM: ChaCha20-Poly1305, the nonce an 11-byte counter and a byte that is 1 for the last chunk
alone, each bound to the SHA-256 of the prologue; so a change, a cut, an exchange and an addition are all errors.
docs/vault-format.md says it for strangers.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV, ChaCha20Poly1305

from phr_desktop.errors import UserFacingError
from phr_desktop.vault import header, keys
from phr_desktop.vault.header import Header, StoredHeader

FORMAT = 1
CHUNK = 64 * 1024
TAG = 16
_NONCE = 12
_WRAPPED = keys.KEY_BYTES + TAG
_MAGIC = re.compile(rb"PHRBACKUP(\d{1,6})\n")
_LONGEST_MAGIC = len("PHRBACKUP\n") + 6
MAXIMUM_MANIFEST = CHUNK - 4  # it is all in the first chunk


class AnchorForm(msgspec.Struct, frozen=True):
    """The snapshot's last transaction; the nonce as hex."""

    seq: int
    nonce: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. `created` is in seconds since 1970 UTC; `counts` are rows by table."""

    app_version: str
    schema: int
    created: int
    counts: dict[str, int]
    anchor: AnchorForm | None
    database_bytes: int
    database_sha256: str


@dataclass(frozen=True, slots=True)
class Prologue:
    """What stands before the stream, as read: the header copy, the wrapped file key, and what the chunks are bound
    to."""

    stored: StoredHeader
    nonce: bytes
    wrapped: bytes
    before_key: bytes
    bound: bytes


def new_prologue(header_text: bytes, backup_key: bytearray, file_key: bytearray) -> bytes:
    """The bytes before the stream."""
    before = b"PHRBACKUP%d\n" % FORMAT + len(header_text).to_bytes(2, "big") + header_text
    nonce = os.urandom(_NONCE)
    return before + nonce + AESGCMSIV(memoryview(backup_key)).encrypt(nonce, file_key, before)


def read_prologue(file: BinaryIO) -> Prologue:
    """Reads up to where the stream begins.

    Errors: backup-not-one (it is no backup of this program), backup-newer, backup-damaged.
    """
    magic = _MAGIC.match(file.read(_LONGEST_MAGIC))
    if magic is None:
        raise UserFacingError("backup-not-one")
    if int(magic.group(1)) > FORMAT:
        raise UserFacingError("backup-newer")
    file.seek(magic.end())
    length = file.read(2)
    text = file.read(int.from_bytes(length, "big"))
    nonce, wrapped = file.read(_NONCE), file.read(_WRAPPED)
    if len(wrapped) != _WRAPPED:
        raise UserFacingError("backup-damaged")
    before = magic.group(0) + length + text
    try:
        stored = header.from_bytes(text)
    except header.DamagedCopy as error:
        raise UserFacingError("backup-damaged") from error
    return Prologue(stored, nonce, wrapped, before, bound_to(before + nonce + wrapped))


def bound_to(prologue: bytes) -> bytes:
    """What every chunk is bound to."""
    return hashlib.sha256(prologue).digest()


def backup_key(head: Header, master: bytearray) -> bytearray:
    """The key that wraps file keys; the caller's to wipe."""
    return keys.derive(master, head.vault_id, b"phr/v1/backup/%d" % head.key_epoch)


def open_file_key(prologue: Prologue, master: bytearray) -> bytearray:
    """The file's own key; the caller's to wipe. Error: backup-damaged."""
    wrapping, file_key = backup_key(prologue.stored.header, master), bytearray(keys.KEY_BYTES)
    try:
        AESGCMSIV(memoryview(wrapping)).decrypt_into(prologue.nonce, prologue.wrapped, prologue.before_key, file_key)
    except InvalidTag as error:
        raise UserFacingError("backup-damaged") from error
    finally:
        keys.wipe(wrapping)
    return file_key


class Sealer:
    """Encrypts what is added into a file; nothing is whole before `end`."""

    def __init__(self, file: BinaryIO, file_key: bytearray, bound: bytes) -> None:
        self._file, self._bound = file, bound
        self._cipher = ChaCha20Poly1305(memoryview(file_key))
        self._waiting = bytearray()
        self._count = 0

    def add(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > CHUNK:  # the last chunk, full or not, waits for `end`
            self._seal(CHUNK, last=False)

    def end(self) -> None:
        self._seal(len(self._waiting), last=True)

    def _seal(self, length: int, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_chunk_nonce(self._count, last), bytes(self._waiting[:length]), self._bound)
        self._file.write(sealed)
        self._count += 1
        del self._waiting[:length]


def unsealed(file: BinaryIO, file_key: bytearray, bound: bytes) -> Iterator[bytes]:
    """The content's chunks, each proven; the last one is known only when all came. Error: backup-damaged."""
    cipher = ChaCha20Poly1305(memoryview(file_key))
    sealed, count = file.read(CHUNK + TAG), 0
    while True:
        following = file.read(CHUNK + TAG)
        try:
            data = cipher.decrypt(_chunk_nonce(count, not following), sealed, bound)
        except (InvalidTag, ValueError) as error:
            raise UserFacingError("backup-damaged") from error
        if not data:
            raise UserFacingError("backup-damaged")
        yield data
        if not following:
            return
        sealed, count = following, count + 1


def _chunk_nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest with its length before it."""
    text = msgspec.json.encode(manifest, order="deterministic")
    return len(text).to_bytes(4, "big") + text


class Content:
    """A backup's content as it is read: the manifest first, then the database's bytes in order."""

    def __init__(self, file: BinaryIO, file_key: bytearray, bound: bytes) -> None:
        self._chunks = unsealed(file, file_key, bound)
        self._rest = b""
        length = int.from_bytes(self._take(4), "big")
        if length > MAXIMUM_MANIFEST:
            raise UserFacingError("backup-damaged")
        try:
            self.manifest = msgspec.json.decode(self._take(length), type=Manifest)
        except msgspec.MsgspecError as error:
            raise UserFacingError("backup-damaged") from error

    def database(self) -> Iterator[bytes]:
        """Its parts; error backup-damaged where they are not the bytes that the manifest tells of."""
        digest, length = hashlib.sha256(), 0
        for part in self._parts():
            digest.update(part)
            length += len(part)
            yield part
        if (digest.hexdigest(), length) != (self.manifest.database_sha256, self.manifest.database_bytes):
            raise UserFacingError("backup-damaged")

    def _parts(self) -> Iterator[bytes]:
        yield self._rest
        yield from self._chunks

    def _take(self, length: int) -> bytes:
        while len(self._rest) < length:
            part = next(self._chunks, None)
            if part is None:
                raise UserFacingError("backup-damaged")
            self._rest += part
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken
