"""Re-key, and what every writing-anew shares: fully old or fully new, and nothing lost on the way."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest

from phr_desktop import failpoints
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import PhrError
from phr_desktop.sentences import explain
from phr_desktop.vault import backup, backup_state, keys, migrate, people, rebuild, slots, soundness
from phr_desktop.vault.backup_runner import BackupRunner
from phr_desktop.vault.connection import open_database
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.sample_vault import fill
from tests.vaults import PASSPHRASE


def databases(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("data-*.db"))


def counts(vault: Vault) -> dict[str, int]:
    found = vault.read(soundness.counts)
    del found["freshness"]
    return found


NEW = "another good passphrase"


def rekeyed(vault: Vault, **more) -> str:
    """Re-keys to NEW; the new recovery key."""
    key = keys.new_recovery_key()
    text = keys.format_recovery_key(key)
    rebuild.rekey(vault, slots.slots_of_new_keys(NEW, text, kdf=keys.FLOOR, now=1), **more)
    return text


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


def test_a_reader_of_the_window_sees_the_new_file_at_its_next_question(vault, mina):
    vault.attach_reader()
    before = vault.read(lambda db: db.value("PRAGMA database_list"))
    rebuild.rewrite(vault)
    vault.write(lambda db: people.add(db, "Leo", None, None, 0))
    assert len(vault.read(people.everyone)) == 2
    assert before == 0
    vault.detach_reader()


class TestRekey:
    def test_only_the_new_secrets_open_it_and_all_is_there(self, vault, vault_folder):
        fill(vault)
        before = counts(vault)
        head = vault.with_keys(lambda head, _master: head)
        former_master = vault.with_keys(lambda _head, master: bytearray(master))
        recovery = rekeyed(vault)
        assert counts(vault) == before
        assert vault.read(lambda db: db.value("PRAGMA user_version")) == migrate.latest()
        new = vault.with_keys(lambda head, _master: head)
        assert new.key_epoch == head.key_epoch + 1
        assert new.db_salt != head.db_salt
        assert new.vault_id == head.vault_id
        assert vault.with_keys(lambda _head, master: bytearray(master)) != former_master
        vault.lock()
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "wrong-passphrase"
        Vault.unlock_with_recovery_key(vault_folder, recovery).lock()
        again = Vault.unlock(vault_folder, NEW)
        assert counts(again) == before
        assert len(databases(vault_folder)) == 1
        again.lock()

    def test_the_former_keys_do_not_open_the_new_file(self, vault, mina, vault_folder):
        former = vault.with_keys(lambda head, master: rebuild.database_key(master, head))
        rekeyed(vault)
        name = vault.with_keys(lambda head, _master: head.active_db)
        assert code_of(lambda: open_database(vault_folder / name, former)) == "database-damaged"

    def test_a_former_header_put_back_beside_the_new_one_is_not_taken(self, vault, mina, vault_folder):
        old = (vault_folder / "vault.hdr").read_bytes()
        rekeyed(vault)
        vault.lock()
        (vault_folder / "vault.hdr").write_bytes(old)
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "wrong-passphrase"
        Vault.unlock(vault_folder, NEW).lock()

    def test_cancelled_it_is_as_it_was(self, vault, mina, vault_folder):
        before = databases(vault_folder)
        with pytest.raises(PhrError) as caught:
            rekeyed(vault, cancelled=lambda: True)
        assert caught.value.code == "cancelled"
        assert databases(vault_folder) == before
        vault.lock()
        Vault.unlock(vault_folder, PASSPHRASE).lock()

    def test_no_key_is_in_what_moves(self, vault):
        master = bytearray(b"k" * 32)
        move = rebuild.Move(vault.with_keys(lambda head, _master: head), master)
        assert "k" * 8 not in repr(move)

    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    def test_killed_at_any_point_one_of_the_two_passphrases_opens_all_of_it(self, vault, vault_folder, tmp_path):
        fill(vault, labs=10)
        vault.lock()
        points = self.run(Path(shutil.copytree(vault_folder, tmp_path / "whole")), 0)
        assert points > 15
        opened_by = set()
        for at in sorted({*range(1, points, 9), points - 1, points}):  # every point: tests/faults
            folder = Path(shutil.copytree(vault_folder, tmp_path / str(at)))
            assert self.run(folder, at) == -signal.SIGKILL
            opened_by.add(self.look(folder))
        assert opened_by == {PASSPHRASE, NEW}

    def run(self, folder: Path, at: int) -> int:
        """Re-keys in a child that dies at this point; how many points there were, or the signal."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self.die_at(folder, at, writing)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        status = os.waitpid(child, 0)[1]
        return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else int(said)

    def die_at(self, folder: Path, at: int, writing: int) -> None:
        count = 0

        def die(_name: str) -> None:
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

        vault = Vault.unlock(folder, PASSPHRASE)
        failpoints.install(die)
        rekeyed(vault)
        os.write(writing, str(count).encode())
        os._exit(0)

    def look(self, folder: Path) -> str:
        try:
            vault, word = Vault.unlock(folder, PASSPHRASE), PASSPHRASE
        except PhrError:
            vault, word = Vault.unlock(folder, NEW), NEW
        assert len(vault.read(people.everyone)) == 2
        vault.write(lambda db: people.add(db, "Nora", None, None, 0))
        vault.lock()
        assert len(databases(folder)) == 1
        return word


def test_a_full_disk_is_said_with_the_figure_before_anything_is_written(vault, mina, vault_folder, monkeypatch):
    before = sorted(path.name for path in vault_folder.iterdir())
    free = shutil.disk_usage(vault_folder)._replace(free=1_200_000)
    monkeypatch.setattr(rebuild.shutil, "disk_usage", lambda _folder: free)
    with pytest.raises(PhrError) as caught:
        rebuild.rewrite(vault)
    assert caught.value.code == "no-room"
    assert caught.value.parameters["free"] == 1
    assert caught.value.parameters["needed"] >= 2
    assert "MB are needed" in explain(caught.value)
    assert sorted(path.name for path in vault_folder.iterdir()) == before


def test_a_copy_that_lacks_a_row_is_not_taken(vault, mina, vault_folder, monkeypatch):
    whole = soundness.counts
    before = vault.with_keys(lambda head, _master: head.active_db)
    calls = iter([7, 8])
    monkeypatch.setattr(rebuild.soundness, "counts", lambda db: whole(db) | {"people": next(calls)})
    assert code_of(lambda: rebuild.rewrite(vault)) == "copy-not-whole"
    assert vault.with_keys(lambda head, _master: head.active_db) == before


def test_a_backup_in_the_making_is_not_disturbed(vault, mina):
    with vault.connection_of_own():
        assert code_of(lambda: rebuild.rewrite(vault)) == "vault-busy"
    rebuild.rewrite(vault)


@pytest.mark.parametrize("point", ["before snapshot", "before write backup", "before write restored database"])
def test_nor_is_one_that_is_being_written_or_read_back(vault, mina, clock, tmp_path, point):
    """Else it would be compared with other keys, and be said to have come back different from the stick."""
    said = []

    def hook(name: str) -> None:
        if name == point:
            said.append(code_of(lambda: rekeyed(vault)))

    failpoints.install(hook)
    try:
        backup.make_backup(vault, clock, tmp_path)
    finally:
        failpoints.install(None)
    assert said == ["vault-busy"]
    rekeyed(vault)


def test_a_backup_waits_for_another_day_where_the_vault_is_being_written_anew(vault, mina, clock, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    runner = BackupRunner(vault, clock, lambda _change: None)
    said = []
    rebuild.rewrite(vault, progress=lambda _share: said.append(code_of(lambda: runner.back_up(stick))))
    assert set(said) == {"vault-busy"}
    assert vault.read(backup_state.state).failure is None
    assert list(stick.iterdir()) == []


@pytest.mark.parametrize("write_anew", [rebuild.rewrite, rekeyed])
def test_a_lock_does_not_wait_for_it(vault, mina, vault_folder, write_anew):
    before = databases(vault_folder)
    locking = threading.Thread(target=vault.lock)

    def lock(_share: float) -> None:
        if locking.ident is None:
            locking.start()
            while not vault.is_locked:
                pass

    assert code_of(lambda: write_anew(vault, progress=lock)) == "cancelled"
    locking.join()
    assert databases(vault_folder) == before
    again = Vault.unlock(vault_folder, PASSPHRASE)
    assert again.judged() is VaultState.OK
    again.lock()


def test_the_file_before_put_back_under_the_new_name_is_noticed(vault, mina, vault_folder):
    vault.lock()
    old = (vault_folder / databases(vault_folder)[0]).read_bytes()
    again = Vault.unlock(vault_folder, PASSPHRASE)
    rebuild.rewrite(again, leaves_nothing=True)
    again.lock()
    (vault_folder / databases(vault_folder)[0]).write_bytes(old)
    older = Vault.unlock(vault_folder, PASSPHRASE)
    assert older.state is VaultState.OLDER_COPY
    older.lock()
