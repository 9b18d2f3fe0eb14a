"""The ways into an unlocked vault: added, renamed, exchanged and taken away.

Each is one new header. It takes the old one's place only after what was read back from the disk was opened with the
new secret, so that an end at any point leaves a vault that the old way or the new one opens. There is always a
passphrase.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.errors import Bug, UserFacingError
from phr_desktop.vault import choices, keys
from phr_desktop.vault.header import MAXIMUM_SLOTS, Header, StoredHeader
from phr_desktop.vault.keychain import DEVICE_KEY, Keychain
from phr_desktop.vault.keys import KdfParameters, Slot
from phr_desktop.vault.vault import Vault


def listed(vault: Vault) -> list[WayIn]:
    """Every way in: passphrases first, then the recovery key, then this computer; each kind by age."""

    def question(head: Header, master: bytearray) -> list[WayIn]:
        return [
            WayIn(
                id=slot.id.hex(),
                kind=WayKind(slot.type),
                label=keys.label_of(slot, master, vault_id=head.vault_id),
                made_at=slot.created,
            )
            for slot in head.slots
        ]

    order = list(WayKind)
    return sorted(vault.with_keys(question), key=lambda way: (order.index(way.kind), way.made_at))


def passphrase_slot(vault: Vault, passphrase: str) -> str | None:
    """The id of the way that this passphrase is; None where it is none. Costs one Argon2id for each passphrase."""
    head = vault.with_keys(lambda head, _master: head)
    secret = keys.passphrase_bytes(passphrase)
    try:
        for slot in head.slots:
            if slot.type == WayKind.PASSPHRASE and _opens(slot, secret, head):
                return slot.id.hex()
        return None
    finally:
        keys.wipe(secret)


def change_passphrase(vault: Vault, way: str, passphrase: str, *, kdf: KdfParameters, now: int) -> None:
    """Puts a new passphrase in the place of an old one, which opens the vault no more. Its label stays.

    Errors: way-missing, passphrase-too-short, no-memory, disk-full.
    """
    _check(passphrase)
    _exchange(vault, way, passphrase, lambda _old: (kdf, now))


def add_passphrase(vault: Vault, passphrase: str, label: str, *, kdf: KdfParameters, now: int) -> None:
    """Adds one more passphrase, for somebody else.

    Errors: too-many-ways, slot-label-too-long, passphrase-too-short, no-memory, disk-full.
    """
    _check(passphrase)
    with _Secret(keys.passphrase_bytes(passphrase)) as secret:

        def change(head: Header, master: bytearray) -> Header:
            _require_room(head)
            return _with(head, _made(head, master, WayKind.PASSPHRASE, secret, kdf, now, label))

        vault.change_header(change, _proof(WayKind.PASSPHRASE, secret))


def rename(vault: Vault, way: str, label: str) -> None:
    """Errors: way-missing, slot-label-too-long, disk-full."""

    def change(head: Header, master: bytearray) -> Header:
        renamed = keys.with_label(_slot(head, way), label, master, vault_id=head.vault_id)
        return replace(head, slots=tuple(renamed if slot.id == renamed.id else slot for slot in head.slots))

    vault.change_header(change)


def remove(vault: Vault, way: str) -> None:
    """Takes a way in away. Errors: way-missing, last-passphrase, disk-full."""

    def change(head: Header, _master: bytearray) -> Header:
        removed = _slot(head, way)
        left = tuple(slot for slot in head.slots if slot is not removed)
        if not any(slot.type == WayKind.PASSPHRASE for slot in left):
            raise UserFacingError("last-passphrase")
        return replace(head, slots=left)

    vault.change_header(change)
    if not any(each.kind is WayKind.RECOVERY_KEY for each in listed(vault)):
        mark_recovery_key(vault, checked=True)  # there is none any more


def set_recovery_key(vault: Vault, key: str, *, now: int) -> None:
    """Makes this the recovery key, in the place of any other. The person has typed groups of it back already.

    Errors: recovery-key-malformed, too-many-ways, disk-full.
    """
    with _Secret(keys.parse_recovery_key(key)) as secret:

        def change(head: Header, master: bytearray) -> Header:
            old = tuple(slot for slot in head.slots if slot.type == WayKind.RECOVERY_KEY)
            if not old:
                _require_room(head)
            return _with(head, _made(head, master, WayKind.RECOVERY_KEY, secret, None, now), instead_of=old)

        vault.change_header(change, _proof(WayKind.RECOVERY_KEY, secret))
    mark_recovery_key(vault, checked=True)


def mark_recovery_key(vault: Vault, *, checked: bool) -> None:
    """Keeps whether the person has typed the recovery key back: until then nobody is known to have it."""
    vault.write(lambda db: choices.set_setting(db, choices.RECOVERY_KEY_UNCHECKED, "" if checked else "1"))


def recovery_key_is_unchecked(vault: Vault) -> bool:
    return vault.read(lambda db: bool(choices.setting(db, choices.RECOVERY_KEY_UNCHECKED)))


def turn_device_on(vault: Vault, keychain: Keychain, *, now: int) -> None:
    """Lets this computer's keychain open the vault, instead of any other computer's.

    The keychain has the key before the header knows of it. Errors: those of `Keychain.store`, too-many-ways,
    disk-full.
    """
    with _Secret(keys.new_device_key()) as secret:

        def make(head: Header, master: bytearray) -> Slot:
            _require_room(head, exchanged=WayKind.DEVICE)
            return _made(head, master, WayKind.DEVICE, secret, None, now)

        def change(head: Header, _master: bytearray) -> Header:
            return _with(head, new, instead_of=tuple(slot for slot in head.slots if slot.type == WayKind.DEVICE))

        new, former = vault.with_keys(make), vault.device_slot
        keychain.store(DEVICE_KEY, new.id, secret)
        try:
            vault.change_header(change, _proof(WayKind.DEVICE, secret))
        except BaseException:
            keychain.forget_all([new.id])
            raise
        keychain.forget_all([former] if former is not None else [])


def turn_device_off(vault: Vault, keychain: Keychain) -> None:
    """Takes the keychain's way in away; what the keychain still holds then opens nothing. Again does nothing."""

    def change(head: Header, _master: bytearray) -> Header:
        return replace(head, slots=tuple(slot for slot in head.slots if slot.type != WayKind.DEVICE))

    former = vault.device_slot
    vault.change_header(change)
    keychain.forget_all([former] if former is not None else [])


def raise_cost(vault: Vault, passphrase: str, kdf: KdfParameters) -> bool:
    """Guards the passphrase that has just opened the vault at no less than this cost; whether anything was to do.

    No part of the cost is ever lowered. Errors: no-memory, disk-full.
    """
    opened_by = vault.opened_by
    if opened_by is None or opened_by.kdf is None:
        return False
    wanted = opened_by.kdf.at_least(kdf)
    if wanted == opened_by.kdf:
        return False
    _exchange(vault, opened_by.id.hex(), passphrase, lambda old: (wanted, old.created))
    return True


def slots_of_new_keys(
    passphrase: str, recovery_key: str, *, kdf: KdfParameters, now: int
) -> Callable[[Header, bytearray, int], tuple[Slot, ...]]:
    """What `rebuild.rekey` asks for: one passphrase and one recovery key. Every other way in is gone then, since what
    wraps it is not known.

    Errors: passphrase-too-short, recovery-key-malformed; when it is called: no-memory.
    """
    _check(passphrase)
    keys.wipe(keys.parse_recovery_key(recovery_key))

    def make(head: Header, master: bytearray, epoch: int) -> tuple[Slot, ...]:
        new = replace(head, key_epoch=epoch, slots=())
        with (
            _Secret(keys.passphrase_bytes(passphrase)) as secret,
            _Secret(keys.parse_recovery_key(recovery_key)) as key,
        ):
            return (
                _made(new, master, WayKind.PASSPHRASE, secret, kdf, now),
                _made(new, master, WayKind.RECOVERY_KEY, key, None, now),
            )

    return make


def _exchange(vault: Vault, way: str, passphrase: str, new: Callable[[Slot], tuple[KdfParameters, int]]) -> None:
    """A passphrase's slot made anew, in the old one's place and under its label; `new` says its cost and its age."""
    with _Secret(keys.passphrase_bytes(passphrase)) as secret:

        def change(head: Header, master: bytearray) -> Header:
            old = _slot(head, way, WayKind.PASSPHRASE)
            kdf, created = new(old)
            label = keys.label_of(old, master, vault_id=head.vault_id)
            return _with(head, _made(head, master, WayKind.PASSPHRASE, secret, kdf, created, label), instead_of=(old,))

        vault.change_header(change, _proof(WayKind.PASSPHRASE, secret))


class _Secret:
    """A secret for the length of a block; wiped at its end."""

    def __init__(self, secret: bytearray) -> None:
        self._secret = secret

    def __enter__(self) -> bytearray:
        return self._secret

    def __exit__(self, *_error: object) -> None:
        keys.wipe(self._secret)


def _check(passphrase: str) -> None:
    if len(passphrase) < keys.MINIMUM_PASSPHRASE:
        raise UserFacingError("passphrase-too-short", minimum=keys.MINIMUM_PASSPHRASE)


def _require_room(head: Header, *, exchanged: WayKind | None = None) -> None:
    kept = [slot for slot in head.slots if slot.type != exchanged]
    if len(kept) >= MAXIMUM_SLOTS:
        raise UserFacingError("too-many-ways", most=MAXIMUM_SLOTS)


def _slot(head: Header, way: str, kind: WayKind | None = None) -> Slot:
    for slot in head.slots:
        if slot.id.hex() == way and kind in (None, slot.type):
            return slot
    raise UserFacingError("way-missing")


def _made(
    head: Header,
    master: bytearray,
    kind: WayKind,
    secret: bytearray,
    kdf: KdfParameters | None,
    now: int,
    label: str = "",
) -> Slot:
    return keys.make_slot(
        kind.value, secret, master, vault_id=head.vault_id, epoch=head.key_epoch, kdf=kdf, created=now, label=label
    )


def _with(head: Header, new: Slot, *, instead_of: tuple[Slot, ...] = ()) -> Header:
    return replace(head, slots=(*(slot for slot in head.slots if slot not in instead_of), new))


def _proof(kind: WayKind, secret: bytearray) -> Callable[[StoredHeader], None]:
    """Opens what was read back from the disk by the newest slot of this kind."""

    def prove(stored: StoredHeader) -> None:
        slot = [slot for slot in stored.header.slots if slot.type == kind][-1]
        master = keys.open_slot(slot, secret, vault_id=stored.header.vault_id, epoch=stored.header.key_epoch)
        if master is None:
            raise Bug("slot-not-proven")
        try:
            if not stored.is_authentic(master):
                raise Bug("slot-not-proven")
        finally:
            keys.wipe(master)

    return prove


def _opens(slot: Slot, secret: bytearray, head: Header) -> bool:
    try:
        master = keys.open_slot(slot, secret, vault_id=head.vault_id, epoch=head.key_epoch)
    except keys.SlotDamaged as error:
        raise UserFacingError("header-damaged") from error
    if master is None:
        return False
    keys.wipe(master)
    return True
