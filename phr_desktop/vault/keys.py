"""Keys: Argon2id for passphrases, HKDF for everything else, and slots that wrap the vault master key.

Every key lives in a bytearray and is wiped after use. What a slot binds, and why the commitment is compared before
the cipher is asked, is said in docs/architecture.md ("Vault") and design `vault.md`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import unicodedata
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from phr_desktop.errors import Bug, EnvironmentProblem, UserFacingError

MAGIC = b"PHRV"
KEY_BYTES = 32
RECOVERY_BYTES = 20
LABEL_BYTES = 64  # UTF-8; a shorter label is filled up, so that its length is not told
SEALED_LABEL_BYTES = 12 + LABEL_BYTES + 16
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MINIMUM_PASSPHRASE = 8


@dataclass(frozen=True, slots=True)
class KdfParameters:
    """Argon2id cost: memory in KiB, iterations, lanes (RFC 9106)."""

    memory_kib: int
    iterations: int
    lanes: int

    def acceptable(self) -> bool:
        """Whether a header may ask for this: not below the floor, not so much that opening hangs."""
        return (
            FLOOR.memory_kib <= self.memory_kib <= 2 * 1024 * 1024
            and FLOOR.iterations <= self.iterations <= 64
            and 1 <= self.lanes <= 16
        )

    def at_least(self, other: KdfParameters) -> KdfParameters:
        """The dearer of both in every part; lanes stay."""
        return KdfParameters(max(self.memory_kib, other.memory_kib), max(self.iterations, other.iterations), self.lanes)


FLOOR = KdfParameters(64 * 1024, 3, 4)
DEFAULT = KdfParameters(256 * 1024, 3, 4)


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to open the vault: the master key wrapped by a passphrase, the recovery key or a computer's keychain."""

    id: bytes
    type: str  # "passphrase", "recovery" or "device"
    kdf: KdfParameters | None  # None: the secret has full entropy, HKDF only
    kdf_salt: bytes
    slot_salt: bytes
    commitment: bytes = field(repr=False)
    nonce: bytes
    wrapped: bytes = field(repr=False)
    created: int  # seconds since 1970 UTC
    label: bytes = field(repr=False)  # what the person calls it, under a key from the master key


class SlotDamaged(Exception):
    """The secret is right (its commitment matches) but what it wraps cannot be read."""


def wipe(key: bytearray) -> None:
    """Overwrites a key in place."""
    key[:] = bytes(len(key))


def passphrase_bytes(passphrase: str) -> bytearray:
    """UTF-8 of the passphrase in NFC, so that it opens the vault from any keyboard; nothing is trimmed."""
    return bytearray(unicodedata.normalize("NFC", passphrase).encode())


def derive(secret: bytearray, salt: bytes, info: bytes, length: int = KEY_BYTES) -> bytearray:
    """HKDF-SHA-256 into a fresh bytearray."""
    key = bytearray(length)
    HKDF(hashes.SHA256(), length, salt, info).derive_into(secret, key)
    return key


def make_slot(
    slot_type: str,
    secret: bytearray,
    master: bytearray,
    *,
    vault_id: bytes,
    epoch: int,
    kdf: KdfParameters | None,
    created: int,
    label: str = "",
) -> Slot:
    """Wraps the master key under a secret (a passphrase's bytes, the recovery key's, or the keychain's).

    `created` is in seconds since 1970 UTC. Errors: no-memory, slot-label-too-long.
    """
    slot_id, kdf_salt, slot_salt, nonce = os.urandom(16), os.urandom(16), os.urandom(32), os.urandom(12)
    keys = _wrap_keys(slot_type, secret, kdf, kdf_salt, slot_salt)
    try:
        bound = _bound(vault_id, epoch, slot_id, slot_type, kdf, kdf_salt, slot_salt)
        wrapped = AESGCMSIV(memoryview(keys)[:KEY_BYTES]).encrypt(nonce, master, bound)
        return Slot(
            slot_id, slot_type, kdf, kdf_salt, slot_salt, bytes(keys[KEY_BYTES:]), nonce, wrapped, created,
            _sealed_label(label, master, vault_id, slot_id),
        )  # fmt: skip
    finally:
        wipe(keys)


def with_label(slot: Slot, label: str, master: bytearray, *, vault_id: bytes) -> Slot:
    """The slot under another label. Error: slot-label-too-long."""
    return replace(slot, label=_sealed_label(label, master, vault_id, slot.id))


def label_of(slot: Slot, master: bytearray, *, vault_id: bytes) -> str:
    """What the person calls the slot; "" for nothing."""
    key = derive(master, vault_id, b"phr/v1/label")
    plain = bytearray(LABEL_BYTES)
    try:
        AESGCMSIV(key).decrypt_into(slot.label[:12], slot.label[12:], slot.id, plain)
    except InvalidTag as error:
        raise Bug("slot-label") from error  # the header's HMAC was right, so we wrote it so
    finally:
        wipe(key)
    return plain.rstrip(b"\0").decode()


def _sealed_label(label: str, master: bytearray, vault_id: bytes, slot_id: bytes) -> bytes:
    text = unicodedata.normalize("NFC", " ".join(label.split())).encode()
    if len(text) > LABEL_BYTES or not label.isprintable():
        raise UserFacingError("slot-label-too-long")
    key, nonce = derive(master, vault_id, b"phr/v1/label"), os.urandom(12)
    try:
        return nonce + AESGCMSIV(key).encrypt(nonce, text.ljust(LABEL_BYTES, b"\0"), slot_id)
    finally:
        wipe(key)


def open_slot(slot: Slot, secret: bytearray, *, vault_id: bytes, epoch: int) -> bytearray | None:
    """The master key; None where the secret is not this slot's; SlotDamaged where it is and the slot is broken."""
    keys = _wrap_keys(slot.type, secret, slot.kdf, slot.kdf_salt, slot.slot_salt)
    try:
        if not hmac.compare_digest(memoryview(keys)[KEY_BYTES:], slot.commitment):
            return None
        master = bytearray(KEY_BYTES)
        bound = _bound(vault_id, epoch, slot.id, slot.type, slot.kdf, slot.kdf_salt, slot.slot_salt)
        try:
            AESGCMSIV(memoryview(keys)[:KEY_BYTES]).decrypt_into(slot.nonce, slot.wrapped, bound, master)
        except (InvalidTag, ValueError) as error:
            raise SlotDamaged from error
        return master
    finally:
        wipe(keys)


def _wrap_keys(
    slot_type: str, secret: bytearray, kdf: KdfParameters | None, kdf_salt: bytes, slot_salt: bytes
) -> bytearray:
    """Wrapping key and commitment, 32 bytes each."""
    stretched = bytearray(secret) if kdf is None else stretch(secret, kdf, kdf_salt)
    try:
        return derive(stretched, slot_salt, b"phr/v1/slot/" + slot_type.encode(), 2 * KEY_BYTES)
    finally:
        wipe(stretched)


def stretch(secret: bytearray, kdf: KdfParameters, salt: bytes) -> bytearray:
    """Argon2id (RFC 9106, version 1.3) into a fresh bytearray. Error: no-memory."""
    key = bytearray(KEY_BYTES)
    try:
        Argon2id(
            salt=salt,
            length=KEY_BYTES,
            iterations=kdf.iterations,
            lanes=kdf.lanes,
            memory_cost=kdf.memory_kib,
        ).derive_into(secret, key)  # type: ignore[arg-type]  # takes any buffer; the stub says bytes
    except MemoryError as error:
        raise EnvironmentProblem("no-memory") from error
    return key


def _bound(
    vault_id: bytes,
    epoch: int,
    slot_id: bytes,
    slot_type: str,
    kdf: KdfParameters | None,
    kdf_salt: bytes,
    slot_salt: bytes,
) -> bytes:
    """Everything about a slot that must not be exchanged under the wrapped key, each part with its length."""
    cost = b"hkdf" if kdf is None else f"argon2id:{kdf.memory_kib}:{kdf.iterations}:{kdf.lanes}".encode()
    parts = (
        MAGIC,
        b"1",
        vault_id,
        str(epoch).encode(),
        slot_id,
        slot_type.encode(),
        cost,
        kdf_salt,
        slot_salt,
    )
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def new_device_key() -> bytearray:
    """256 random bits."""
    return bytearray(secrets.token_bytes(KEY_BYTES))


def new_recovery_key() -> bytearray:
    """160 random bits."""
    return bytearray(secrets.token_bytes(RECOVERY_BYTES))


def format_recovery_key(key: bytearray) -> str:
    """Eight groups of four Crockford base32 characters and a ninth that checks them."""
    text = _base32(int.from_bytes(key, "big"), 32) + _checksum(key)
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def parse_recovery_key(text: str) -> bytearray:
    """Reads what a person typed: case, spaces and hyphens do not matter, O is 0, I and L are 1."""
    plain = "".join(character for character in text.upper() if character.isalnum())
    plain = plain.translate(str.maketrans("OIL", "011"))
    if len(plain) != 36 or any(character not in CROCKFORD for character in plain):
        raise UserFacingError("recovery-key-malformed")
    number = 0
    for character in plain[:32]:
        number = number * 32 + CROCKFORD.index(character)
    key = bytearray(number.to_bytes(RECOVERY_BYTES, "big"))
    if _checksum(key) != plain[32:]:
        wipe(key)
        raise UserFacingError("recovery-key-malformed")
    return key


def _checksum(key: bytearray) -> str:
    """Twenty bits of SHA-256: finds a mistyped group, says nothing about the key."""
    return _base32(int.from_bytes(hashlib.sha256(b"phr/v1/recovery-check" + key).digest()[:3], "big") >> 4, 4)


def _base32(number: int, length: int) -> str:
    return "".join(CROCKFORD[(number >> (5 * place)) & 31] for place in reversed(range(length)))
