"""Which copy of the header a secret opens, and whether the database is this header's."""

from __future__ import annotations

from phr_desktop.errors import UserFacingError
from phr_desktop.vault import keys, migrate
from phr_desktop.vault.connection import Database, mapped_errors
from phr_desktop.vault.header import Header, StoredHeader
from phr_desktop.vault.keys import Slot


def device_slot(head: Header) -> bytes | None:
    """The id of the slot that a computer's keychain opens."""
    return next((slot.id for slot in head.slots if slot.type == "device"), None)


def find_master(
    copies: list[StoredHeader], slot_type: str, secret: bytearray, wrong: str
) -> tuple[StoredHeader, bytearray, Slot]:
    """The newest copy that the secret opens and whose HMAC holds, with the master key and the slot.

    A copy that the secret does not open is passed over where it may be damaged or another vault's; where the key shows
    that it is a newer one of this vault, its ways in are those that count, and a former one opens nothing.
    Equal slots of both copies are tried once: each try of a passphrase costs a whole Argon2id.
    """
    tried: dict[object, bytearray | None] = {}
    damaged = False
    epoch = max(copy.header.key_epoch for copy in copies)
    for copy in copies:
        if copy.header.key_epoch < epoch:
            continue  # a re-key was cut off between the copies: what the former keys open is no longer the record
        for slot in copy.header.slots:
            if slot.type != slot_type:
                continue
            bound = (slot, copy.header.vault_id, copy.header.key_epoch)
            try:
                if bound not in tried:
                    tried[bound] = keys.open_slot(
                        slot, secret, vault_id=copy.header.vault_id, epoch=copy.header.key_epoch
                    )
            except keys.SlotDamaged:
                damaged = True
                continue
            master = tried[bound]
            if master is None:
                continue
            if not copy.is_authentic(master):
                damaged = True
                continue
            if any(newer.is_authentic(master) for newer in copies[: copies.index(copy)]):
                keys.wipe(master)
                raise UserFacingError(wrong)
            return copy, master, slot
    raise UserFacingError("header-damaged" if damaged else wrong)


def check_database(db: Database, vault_id: bytes) -> None:
    """Errors: vault-newer, database-damaged."""
    with mapped_errors():
        migrate.refuse_newer(db)
        row = db.one("SELECT vault_id, word FROM sentinel WHERE id = 1")
        if row is None or row[0] != vault_id or row[1] != "open":
            raise UserFacingError("database-damaged")
