"""Re-key, salvage and removal from the command line, as a script uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from phr_desktop.vault import backup_state, pages, people
from phr_desktop.vault.vault import Vault
from tests.sample_vault import LEO, MINA, fill
from tests.vaults import PASSPHRASE

NEW = "quite another passphrase here"


@pytest.fixture
def folder(vault_folder) -> Path:
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    fill(vault, labs=30)
    vault.lock()
    return vault_folder


@pytest.fixture
def phr(phr, folder, tmp_path):
    """Runs `phr` with JSON: status, answer, what was complained of."""
    (tmp_path / "new").write_text(NEW)
    return phr.answer


def names(folder: Path, passphrase: str = PASSPHRASE) -> list[str]:
    vault = Vault.unlock(folder, passphrase)
    try:
        return [one.name for one in vault.read(people.everyone)]
    finally:
        vault.lock()


def test_rekey(phr, folder, tmp_path):
    status, answer, _ = phr("rekey", "--new-passphrase-file", str(tmp_path / "new"))
    assert status == 0
    assert names(folder, NEW) == [MINA, LEO]
    Vault.unlock_with_recovery_key(folder, answer["recovery_key"]).lock()
    assert phr("person", "list")[0] == 1


def test_remove_person_asks_or_is_told(phr, folder):
    assert phr("remove-person", LEO)[0] == 2
    assert names(folder) == [MINA, LEO]
    status, answer, _ = phr("remove-person", LEO, "--yes")
    assert status == 0
    assert answer["records"] == 18
    assert names(folder) == [MINA]


def test_remove_source(phr, folder):
    status, answer, _ = phr("remove-source", "2", "--yes")
    assert (status, answer["records"]) == (0, 1)
    assert [one["id"] for one in phr("sources")[1]] == [1, 3]
    assert phr("remove-source", "99", "--yes")[0] == 1


def test_remove_vault_with_its_backups_only(phr, folder, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    vault = Vault.unlock(folder, PASSPHRASE)
    vault.write(lambda db: backup_state.set_folder(db, stick))
    vault.lock()
    assert phr("backup")[0] == 0
    (stick / "health-record-20200101T000000Z.phrbackup").write_bytes(b"somebody else's")
    status, answer, said = phr("remove-vault", "--with-backups", "--yes")
    assert status == 0, said
    assert len(answer["backups"]) == 1
    assert not folder.exists()
    assert [path.name for path in stick.iterdir()] == ["health-record-20200101T000000Z.phrbackup"]


def test_salvage_says_first_and_takes_only_when_told(phr, folder):
    database = next(folder.glob("data-*.db"))
    content = bytearray(database.read_bytes())
    content[: pages.SIZE] = bytes(pages.SIZE)
    database.write_bytes(content)
    status, _, said = phr("person", "list")
    assert status == 1
    assert "damaged" in said
    status, answer, _ = phr("salvage")
    assert (status, answer["kept"], answer["unreadable"]) == (0, None, 1)
    assert phr("person", "list")[0] == 1
    status, answer, _ = phr("salvage", "--accept")
    assert status == 0
    assert Path(answer["kept"]).read_bytes() == content
    assert names(folder) == [MINA, LEO]
