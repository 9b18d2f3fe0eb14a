"""Re-key, and what every writing-anew shares: fully old or fully new, and nothing lost on the way."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from phr_desktop import failpoints
from phr_desktop.errors import PhrError
from phr_desktop.sentences import SENTENCES
from phr_desktop.vault import header, keys, people, rebuild, soundness
from phr_desktop.vault.vault import Vault
from tests.vaults import PASSPHRASE


class Unlucky(OSError):
    """What a test makes a point of the program raise."""


def code_of(action) -> str:
    with pytest.raises(PhrError) as caught:
        action()
    assert caught.value.code in SENTENCES
    return caught.value.code


def databases(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("data-*.db"))


def counts(vault: Vault) -> dict[str, int]:
    found = vault.read(soundness.counts)
    del found["freshness"]
    return found


def same_slots(secret: str):
    def make(head: header.Header, master: bytearray, epoch: int):
        return (
            keys.make_slot("passphrase", keys.passphrase_bytes(secret), master, vault_id=head.vault_id, epoch=epoch,
                           kdf=keys.FLOOR, created=1),
        )  # fmt: skip

    return make


def test_writing_anew_keeps_every_row_and_leaves_the_former_file_until_the_next_opening(vault, mina, vault_folder):
    before, former = counts(vault), databases(vault_folder)
    rebuild.rewrite(vault)
    assert counts(vault) == before
    assert len(databases(vault_folder)) == 2
    vault.write(lambda db: people.add(db, "Leo", None, None, 0))
    vault.lock()
    again = Vault.unlock(vault_folder, PASSPHRASE)
    assert [one.name for one in again.read(people.everyone)] == ["Mina Satterfield", "Leo"]
    assert len(databases(vault_folder)) == 1
    assert databases(vault_folder) != former
    again.lock()


def test_rekey(vault, mina, vault_folder):
    before = counts(vault)
    rebuild.rekey(vault, same_slots("another good passphrase"))
    assert counts(vault) == before
    vault.lock()
    assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "wrong-passphrase"
    again = Vault.unlock(vault_folder, "another good passphrase")
    assert again.read(lambda db: db.value("PRAGMA user_version")) >= 1
    assert again.read(lambda db: soundness.counts(db))["people"] == 1
    again.lock()
