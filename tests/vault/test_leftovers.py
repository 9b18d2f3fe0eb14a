"""Nothing that may still be needed goes by itself: of the databases that the header does not name only those go that a
step of our own is proven to have left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from phr_desktop import failpoints
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.vault import header, keys, leftovers, people, rebuild, slots, wipe
from phr_desktop.vault.vault import Vault
from tests.vault.test_rebuild import NEW, code_of, databases, rekeyed
from tests.vaults import PASSPHRASE


def names(vault: Vault) -> list[str]:
    return [one.name for one in vault.read(people.everyone)]


def store(vault: Vault, name: str) -> None:
    vault.write(lambda db: people.add(db, name, None, None, 0))


def put_back(old: Path, folder: Path) -> None:
    for path in old.iterdir():
        shutil.copy2(path, folder / path.name)


@pytest.fixture
def older(vault, mina, vault_folder, tmp_path) -> Path:
    """A copy of the whole folder from before the database was written anew, and grew."""
    vault.lock()
    return Path(shutil.copytree(vault_folder, tmp_path / "older"))


@pytest.mark.parametrize(
    ("write_anew", "passphrase"),
    [(rebuild.rewrite, PASSPHRASE), (lambda vault: rebuild.rewrite(vault, leaves_nothing=True), PASSPHRASE),
     (rekeyed, NEW)],
    ids=["migration", "removal", "re-key"],
)  # fmt: skip
@pytest.mark.parametrize("opened_since", [False, True])
def test_older_key_files_with_their_database_never_cost_the_newer_one(
    older, vault_folder, write_anew, passphrase, opened_since
):
    newer = Vault.unlock(vault_folder, PASSPHRASE)
    write_anew(newer)
    store(newer, "Leo")
    newer.lock()
    if opened_since:
        Vault.unlock(vault_folder, passphrase).lock()
    kept = {name: (vault_folder / name).read_bytes() for name in header.COPIES}

    put_back(older, vault_folder)
    for known in (["Mina Satterfield"], ["Mina Satterfield", "Nora"]):  # nor at the next opening
        opened = Vault.unlock(vault_folder, PASSPHRASE)
        assert names(opened) == known
        found = leftovers.unnamed_databases(vault_folder)
        assert len(found) == 1
        assert set(found) <= set(wipe.put_aside(vault_folder))
        store(opened, "Nora")
        opened.lock()

    for name, text in kept.items():
        (vault_folder / name).write_bytes(text)
    right = Vault.unlock(vault_folder, passphrase)
    assert names(right) == ["Mina Satterfield", "Leo"]
    assert right.judged() is VaultState.OK
    right.lock()


def test_what_the_older_record_was_used_for_meanwhile_stays_too(older, vault_folder):
    newer = Vault.unlock(vault_folder, PASSPHRASE)
    rebuild.rewrite(newer)
    newer.lock()
    Vault.unlock(vault_folder, PASSPHRASE).lock()  # the former database is gone, and no header speaks of it any more
    kept = {name: (vault_folder / name).read_bytes() for name in header.COPIES}
    put_back(older, vault_folder)
    used = Vault.unlock(vault_folder, PASSPHRASE)
    store(used, "Nora")
    used.lock()
    for name, text in kept.items():
        (vault_folder / name).write_bytes(text)
    Vault.unlock(vault_folder, PASSPHRASE).lock()
    assert [path.name for path in leftovers.unnamed_databases(vault_folder)] == databases(older)


def test_what_is_done_with_is_not_told_of_and_goes_at_the_next_opening(vault, mina, vault_folder):
    rebuild.rewrite(vault)
    rebuild.rewrite(vault)
    assert len(databases(vault_folder)) == 3
    assert leftovers.unnamed(vault_folder) == []
    vault.lock()
    Vault.unlock(vault_folder, PASSPHRASE).lock()
    assert len(databases(vault_folder)) == 1
    assert header.read_copies(vault_folder)[0].header.former == ()


def test_what_was_being_written_goes_and_nothing_else(vault, vault_folder):
    vault.lock()
    half = ["data-1-0123456789abcdef.db.part", "data-1-0123456789abcdef.db.part-wal", "vault.hdr.tmp", "vault.hdr2.tmp"]
    others = ["data-1-aaaaaaaaaaaaaaaa.db", "data-1-aaaaaaaaaaaaaaaa.db-wal", "data-9-bbbbbbbbbbbbbbbb.db", "notes.txt"]
    for name in (*half, *others):
        (vault_folder / name).write_bytes(b"x")
    Vault.unlock(vault_folder, PASSPHRASE).lock()
    left = {path.name for path in vault_folder.iterdir()}
    assert left >= set(others)
    assert not left & set(half)
    assert [path.name for path in leftovers.unnamed(vault_folder)] == sorted(others[:3])
    wipe.remove_put_aside(vault_folder)
    assert leftovers.unnamed(vault_folder) == []
    Vault.unlock(vault_folder, PASSPHRASE).lock()


def test_a_header_that_was_being_written_later_proves_nothing(older, vault_folder):
    """Any header that is written names the database in use: only the very next one tells of one that never was."""
    newer = Vault.unlock(vault_folder, PASSPHRASE)
    rebuild.rewrite(newer)
    store(newer, "Leo")
    newer.lock()
    shutil.copy2(vault_folder / "vault.hdr", vault_folder / "vault.hdr2.tmp")  # as a kill may leave it
    put_back(older, vault_folder)
    Vault.unlock(vault_folder, PASSPHRASE).lock()
    assert len(leftovers.unnamed_databases(vault_folder)) == 1


@pytest.mark.parametrize(
    "at", ["write vault.hdr2", "fsync vault.hdr2", "replace database", "replace vault.hdr2", "write vault.hdr"]
)
@pytest.mark.parametrize("write_anew", [rebuild.rewrite, rekeyed])
def test_a_disk_that_is_full_at_the_last_step_leaves_one_database(vault, mina, vault_folder, at, write_anew):
    def full(name: str) -> None:
        if name == f"before {at}":
            raise OSError(28, "full")

    failpoints.install(full)
    try:
        if at == "write vault.hdr":
            write_anew(vault)  # the other copy says so already
        else:
            assert code_of(lambda: write_anew(vault)) == "disk-full"
            assert len(databases(vault_folder)) == 1
    finally:
        failpoints.install(None)
    store(vault, "Leo")
    name = vault.with_keys(lambda head, _master: head.active_db)
    vault.lock()
    assert not list(vault_folder.glob("*.part*"))
    assert header.read_copies(vault_folder)[0].header.active_db == name


def test_a_leftover_that_cannot_be_removed_keeps_nobody_out(vault, mina, vault_folder, monkeypatch):
    rebuild.rewrite(vault)
    vault.lock()

    def held(name: str) -> None:
        if name == "before unlink leftover":
            raise OSError(13, "held by another program")

    failpoints.install(held)
    try:
        opened = Vault.unlock(vault_folder, PASSPHRASE)
        assert names(opened) == ["Mina Satterfield"]
        opened.lock()
    finally:
        failpoints.install(None)
    assert len(databases(vault_folder)) == 2
    Vault.unlock(vault_folder, PASSPHRASE).lock()
    assert len(databases(vault_folder)) == 1


def test_a_full_disk_keeps_nobody_out(vault, mina, vault_folder):
    vault.lock()
    (vault_folder / "vault.hdr").write_bytes(b"torn")

    def full(name: str) -> None:
        if name.startswith(("before open", "before write", "before fsync")) and "vault.hdr" in name:
            raise OSError(28, "full")

    failpoints.install(full)
    try:
        opened = Vault.unlock(vault_folder, PASSPHRASE)
        assert names(opened) == ["Mina Satterfield"]
    finally:
        failpoints.install(None)
    opened.lock()


def test_a_way_in_that_is_made_while_the_record_is_written_anew_opens_it(vault, mina, vault_folder):
    done = []

    def add(_share: float) -> None:
        if not done:
            done.append(True)
            slots.add_passphrase(vault, "another long passphrase", "Ana", kdf=keys.FLOOR, now=0)

    rebuild.rewrite(vault, progress=add)
    vault.lock()
    again = Vault.unlock(vault_folder, "another long passphrase")
    assert names(again) == ["Mina Satterfield"]
    again.lock()
