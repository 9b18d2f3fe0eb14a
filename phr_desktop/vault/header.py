"""The vault's header: two copies of one small file that say which database is live and hold the key slots.

A copy is three lines: the magic with the format's number, canonical JSON, and the SHA-256 of both. The hash finds a
torn write before any passphrase is asked; the HMAC inside, under a key from the master key, finds an edited one.
No names and no portals are in it.
"""

from __future__ import annotations

import binascii
import errno
import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from phr_desktop import failpoints
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import keys
from phr_desktop.vault.keys import KdfParameters, Slot

FORMAT = 1
COPIES = ("vault.hdr", "vault.hdr2")
CIPHER_PROFILE = "sqlcipher-4/4096/hmac-sha512"
MAXIMUM_BYTES = 16 * 1024
MAXIMUM_SLOTS = 8
MAXIMUM_FORMER = 64

_MAGIC = re.compile(rb"PHRV(\d{1,6})\n")
_DATABASE_NAME = re.compile(r"data-\d+-[0-9a-f]{16}\.db")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last transaction that the header knows of."""

    seq: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """The database's file as a lock left it."""

    sha256: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. `seq` grows with every write; the valid copy with the highest is the one that counts."""

    vault_id: bytes
    created: int
    seq: int
    key_epoch: int
    active_db: str
    db_salt: bytes
    slots: tuple[Slot, ...]
    anchor: Anchor | None
    closed: ClosedFile | None = None  # None: the database was open when this was written
    former: tuple[str, ...] = ()  # databases that came before the active one, and may still lie in the folder

    def after(self, before: Header, never_used: Iterable[str] = ()) -> Header:
        """The same as the successor of another one, whose database is done with; so are those `never_used`."""
        former = (*before.former, *sorted({*never_used} - {*before.former}), before.active_db)[-MAXIMUM_FORMER:]
        return replace(self, seq=max(self.seq, before.seq) + 1, former=former)


class _SlotForm(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    commitment: str
    created: int
    id: str
    kdf: list[int] | None
    kdf_salt: str
    label: str
    nonce: str
    slot_salt: str
    type: str
    wrapped: str


class _AnchorForm(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    nonce: str
    seq: int


class _ClosedForm(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    sha256: str
    size: int


class _Form(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The JSON as it is written: bytes as lower-case hex, keys in order."""

    active_db: str
    anchor: _AnchorForm | None
    cipher_profile: str
    closed: _ClosedForm | None
    created: int
    db_salt: str
    format: int
    former: list[str]
    key_epoch: int
    mac: str
    seq: int
    slots: list[_SlotForm]
    vault_id: str


class DamagedCopy(Exception):
    """One copy cannot be used: torn, edited, or not a header at all."""


@dataclass(frozen=True, slots=True)
class StoredHeader:
    """A copy as read: its meaning, and what its HMAC must be checked against once the master key is known."""

    header: Header
    mac: bytes
    signed: bytes

    def is_authentic(self, master: bytearray) -> bool:
        return hmac.compare_digest(_mac(master, self.header.vault_id, self.signed), self.mac)


def read_copies(folder: Path) -> list[StoredHeader]:
    """The copies that are whole, newest first.

    Errors: vault-missing where there is none at all, vault-newer where one is of a later format, header-damaged
    where none is whole.
    """
    texts = [_read(folder / name) for name in COPIES]
    if all(text is None for text in texts):
        raise UserFacingError("vault-missing")
    copies = []
    for text in texts:
        try:
            copies.append(_parse(text or b""))
        except DamagedCopy:
            continue
    if not copies:
        raise UserFacingError("header-damaged")
    return sorted(copies, key=lambda copy: copy.header.seq, reverse=True)


def write(folder: Path, header: Header, master: bytearray, prove: Callable[[StoredHeader], None] | None = None) -> None:
    """Writes both copies, the second first, each by a temporary file that was brought to disk and read back.

    `prove` gets the header as read back from the disk before it takes the place of any copy; by raising it keeps both.
    """
    text = _format(header, master)
    if _parse(text).header != header:  # also refuses what could not be opened again
        raise DamagedCopy
    for name in reversed(COPIES):
        _write_copy(folder / name, text, prove)
        prove = None  # the other copy is the same bytes


def to_bytes(header: Header, master: bytearray) -> bytes:
    """A copy as it would be written, for a backup."""
    return _format(header, master)


def from_bytes(text: bytes) -> StoredHeader:
    """Reads a copy that came in a backup. Errors: DamagedCopy, vault-newer."""
    return _parse(text)


def heal(folder: Path, header: Header, master: bytearray) -> None:
    """Makes both copies say the same again, where one was torn or left behind."""
    text = _format(header, master)
    for name in reversed(COPIES):
        if _read(folder / name) != text:
            _write_copy(folder / name, text)


def intended(folder: Path, head: Header) -> set[str]:
    """Databases that the very next header tells of, where its writing was cut off: the one it was to name, in which
    nothing was stored, and those it knew to be done with."""
    for name in COPIES:
        try:
            following = _parse(_read(folder / (name + ".tmp")) or b"").header
        except (DamagedCopy, UserFacingError):
            continue
        if (following.vault_id, following.seq) == (head.vault_id, head.seq + 1) and head.active_db in following.former:
            return {following.active_db, *following.former} - {head.active_db}
    return set()


def broken_copies(folder: Path) -> tuple[str, ...]:
    """Which copies are missing or not whole. No kill leaves one: something else is at the folder, or the disk fails."""
    return tuple(name for name in COPIES if not _is_whole(_read(folder / name)))


def odd_copies(folder: Path) -> tuple[str, ...]:
    """Which copies are missing, not whole, or not the same as the first."""
    texts = [_read(folder / name) for name in COPIES]
    different = (COPIES[1],) if texts[0] != texts[1] else ()
    return broken_copies(folder) or different


def _is_whole(text: bytes | None) -> bool:
    try:
        _parse(text or b"")
    except DamagedCopy:
        return False
    return True


def new_database_name(epoch: int) -> str:
    return f"data-{epoch}-{os.urandom(8).hex()}.db"


def database_in(name: str) -> str | None:
    """The database that a file's name begins with: its own, or that of the one it belongs to."""
    found = _DATABASE_NAME.match(name)
    return found and found.group()


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        return None


def _write_copy(path: Path, text: bytes, prove: Callable[[StoredHeader], None] | None = None) -> None:
    temporary = path.with_name(path.name + ".tmp")
    failpoints.write_file(temporary, text, path.name)
    if _read(temporary) != text:
        raise OSError(errno.EIO, "read back otherwise")
    if prove is not None:
        prove(_parse(text))
    failpoints.replace(temporary, path, path.name)


def _format(header: Header, master: bytearray) -> bytes:
    form = _to_form(header, mac="")
    mac = _mac(master, header.vault_id, _canonical(form))
    body = b"PHRV%d\n" % FORMAT + _canonical(msgspec.structs.replace(form, mac=mac.hex())) + b"\n"
    return body + hashlib.sha256(body).hexdigest().encode() + b"\n"


def _mac(master: bytearray, vault_id: bytes, signed: bytes) -> bytes:
    key = keys.derive(master, vault_id, b"phr/v1/hdr")
    try:
        return hmac.digest(key, signed, "sha256")
    finally:
        keys.wipe(key)


def _canonical(form: _Form) -> bytes:
    return msgspec.json.encode(form, order="deterministic")


def _parse(text: bytes) -> StoredHeader:
    magic = _MAGIC.match(text)
    if magic is None or len(text) > MAXIMUM_BYTES or text.count(b"\n") != 3 or not text.endswith(b"\n"):
        raise DamagedCopy
    body, digest = text[:-65], text[-65:-1]
    if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), digest):
        raise DamagedCopy
    if int(magic.group(1)) > FORMAT:
        raise UserFacingError("vault-newer")
    try:
        form = msgspec.json.decode(body[magic.end() :], type=_Form)
        if _canonical(form) + b"\n" != body[magic.end() :]:
            raise DamagedCopy  # another spelling of the same: duplicate keys, white space
        return StoredHeader(
            _from_form(form), bytes.fromhex(form.mac), _canonical(msgspec.structs.replace(form, mac=""))
        )
    except (msgspec.MsgspecError, ValueError, binascii.Error) as error:
        raise DamagedCopy from error


def _to_form(header: Header, mac: str) -> _Form:
    return _Form(
        active_db=header.active_db,
        anchor=None if header.anchor is None else _AnchorForm(header.anchor.nonce.hex(), header.anchor.seq),
        cipher_profile=CIPHER_PROFILE,
        closed=None if header.closed is None else _ClosedForm(header.closed.sha256.hex(), header.closed.size),
        created=header.created,
        db_salt=header.db_salt.hex(),
        format=FORMAT,
        former=list(header.former),
        key_epoch=header.key_epoch,
        mac=mac,
        seq=header.seq,
        slots=[_slot_to_form(slot) for slot in header.slots],
        vault_id=header.vault_id.hex(),
    )


def _slot_to_form(slot: Slot) -> _SlotForm:
    return _SlotForm(
        commitment=slot.commitment.hex(),
        created=slot.created,
        id=slot.id.hex(),
        kdf=None if slot.kdf is None else [slot.kdf.memory_kib, slot.kdf.iterations, slot.kdf.lanes],
        kdf_salt=slot.kdf_salt.hex(),
        label=slot.label.hex(),
        nonce=slot.nonce.hex(),
        slot_salt=slot.slot_salt.hex(),
        type=slot.type,
        wrapped=slot.wrapped.hex(),
    )


def _from_form(form: _Form) -> Header:
    sound = (
        form.format == FORMAT
        and form.cipher_profile == CIPHER_PROFILE
        and form.seq > 0
        and all(_DATABASE_NAME.fullmatch(name) is not None for name in (form.active_db, *form.former))
        and form.active_db not in form.former
        and len(form.former) <= MAXIMUM_FORMER
        and 1 <= len(form.slots) <= MAXIMUM_SLOTS
        and any(slot.type == "passphrase" for slot in form.slots)
        and len({slot.id for slot in form.slots}) == len(form.slots)
    )
    if not sound:
        raise DamagedCopy
    return Header(
        vault_id=_bytes(form.vault_id, 16),
        created=form.created,
        seq=form.seq,
        key_epoch=form.key_epoch,
        active_db=form.active_db,
        db_salt=_bytes(form.db_salt, 16),
        slots=tuple(_slot_from_form(slot) for slot in form.slots),
        anchor=None if form.anchor is None else Anchor(form.anchor.seq, _bytes(form.anchor.nonce, 16)),
        closed=None if form.closed is None else ClosedFile(_bytes(form.closed.sha256, 32), form.closed.size),
        former=tuple(form.former),
    )


def _slot_from_form(form: _SlotForm) -> Slot:
    kdf = None if form.kdf is None else KdfParameters(*_three(form.kdf))
    if (form.type, kdf is None) not in {("passphrase", False), ("recovery", True), ("device", True)}:
        raise DamagedCopy
    if kdf is not None and not kdf.acceptable():
        raise DamagedCopy
    return Slot(
        id=_bytes(form.id, 16),
        type=form.type,
        kdf=kdf,
        kdf_salt=_bytes(form.kdf_salt, 16),
        slot_salt=_bytes(form.slot_salt, 32),
        commitment=_bytes(form.commitment, 32),
        nonce=_bytes(form.nonce, 12),
        wrapped=_bytes(form.wrapped, 48),
        created=form.created,
        label=_bytes(form.label, keys.SEALED_LABEL_BYTES),
    )


def _three(numbers: list[int]) -> tuple[int, int, int]:
    if len(numbers) != 3:
        raise DamagedCopy
    return numbers[0], numbers[1], numbers[2]


def _bytes(text: str, length: int) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != length:
        raise DamagedCopy
    return value
