"""What a new vault begins with: its header with two ways in, and its database."""

from __future__ import annotations

import os
import time
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import header, keys, migrate
from phr_desktop.vault.bodies import take_dictionary
from phr_desktop.vault.choices import RECOVERY_KEY_UNCHECKED, set_setting
from phr_desktop.vault.connection import Database, open_database
from phr_desktop.vault.header import Header
from phr_desktop.vault.keeper import in_transaction
from phr_desktop.vault.keys import KdfParameters
from phr_desktop.vault.opening import find_master
from phr_desktop.vault.rebuild import database_key

LONGEST_PATH = 512  # bytes, which is SQLite's own limit, for the longest name in the folder
LONGEST_NAME = 255
_LONGEST_IN_IT = "/data-4294967295-0123456789abcdef.db.part-journal"


def require_short_path(folder: Path) -> None:
    """Error folder-path-too-long where the system or SQLite could not open a database in this folder."""
    path = os.fsencode(folder.absolute())
    names = path.split(os.sep.encode())
    if len(path) + len(_LONGEST_IN_IT) > LONGEST_PATH or any(len(name) > LONGEST_NAME for name in names):
        raise UserFacingError("folder-path-too-long")


def first_header(secret: bytearray, recovery: bytearray, master: bytearray, kdf: KdfParameters) -> Header:
    """A header that the passphrase and the recovery key open."""
    vault_id, now = os.urandom(16), int(time.time())
    return Header(
        vault_id=vault_id,
        created=now,
        seq=1,
        key_epoch=1,
        active_db=header.new_database_name(1),
        db_salt=os.urandom(16),
        slots=(
            keys.make_slot("passphrase", secret, master, vault_id=vault_id, epoch=1, kdf=kdf, created=now),
            keys.make_slot("recovery", recovery, master, vault_id=vault_id, epoch=1, kdf=None, created=now),
        ),
        anchor=None,
    )


def prove_slots(folder: Path, secret: bytearray, recovery: bytearray) -> None:
    """Opens what was just written by both secrets, so that no vault is handed over that cannot be opened."""
    copies = header.read_copies(folder)
    for slot_type, value in (("passphrase", secret), ("recovery", recovery)):
        _, proven, _ = find_master(copies, slot_type, value, "header-damaged")
        keys.wipe(proven)


def make_database(folder: Path, head: Header, master: bytearray) -> None:
    """The database that the header names, with its first rows."""
    key_text = database_key(master, head)
    path = folder / head.active_db
    try:
        os.close(failpoints.open_new(path, "database", exclusive=True))  # SQLite takes the mode over to its WAL
        db = open_database(path, key_text, create=True)
        try:
            migrate.apply_all(db)
            in_transaction(db, lambda db: _first_rows(db, head.vault_id))
            with failpoints.around("checkpoint create"):
                db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            db.close()
    finally:
        keys.wipe(key_text)


def _first_rows(db: Database, vault_id: bytes) -> None:
    db.run("INSERT INTO sentinel VALUES (1, ?, 'open')", (vault_id,))
    take_dictionary(db)
    set_setting(db, RECOVERY_KEY_UNCHECKED, "1")
