"""An older file, an old page, a cut WAL: noticed, shown read-only, never refused; and never a false alarm."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from phr_desktop.domain.outbox import OutboxState, PendingAction, SendClass
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import freshness, header, keys, migrate, outbox, people, read_only, rebuild, slots, sources
from phr_desktop.vault.backup import make_backup
from phr_desktop.vault.freshness import WitnessedAnchor
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.vault.damage_scenarios import cheap_passphrases, database, grow, grow_and_die
from tests.vaults import PASSPHRASE

PAGE = 4096


def add(vault: Vault, name: str) -> int:
    return vault.write(lambda db: people.add(db, name, None, None, 0))


def names(vault: Vault) -> list[str]:
    return [person.name for person in vault.read(people.everyone)]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A locked vault of this module: its passphrase is cheap, for the many times that it is opened here."""
    with cheap_passphrases():
        folder = tmp_path_factory.mktemp("cheap") / "vault"
        Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
        yield folder


@pytest.fixture
def vault_folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "vault"))


@contextmanager
def opened(folder: Path):
    vault = Vault.unlock(folder, PASSPHRASE)
    try:
        yield vault
    finally:
        vault.lock()


def state_of(folder: Path) -> VaultState:
    with opened(folder) as vault:
        return vault.judged()


class Memory:
    """A witness that remembers."""

    def __init__(self, kept: WitnessedAnchor | None = None) -> None:
        self.kept = kept

    def read(self) -> WitnessedAnchor | None:
        return self.kept

    def write(self, anchor: WitnessedAnchor) -> None:
        self.kept = anchor


class TestNoFalseAlarm:
    def test_an_ordinary_life(self, vault_folder):
        for name in ("Mina", "Omid", "Leo"):
            grow(vault_folder, name)
            assert state_of(vault_folder) is VaultState.OK

    def test_a_new_vault(self, tmp_path):
        vault = Vault.create(tmp_path / "v", PASSPHRASE, kdf=keys.FLOOR).vault
        add(vault, "Mina")
        assert vault.judged() is VaultState.OK
        vault.lock()
        assert state_of(tmp_path / "v") is VaultState.OK

    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    @pytest.mark.parametrize("anchored", [True, False])
    def test_a_database_ahead_of_its_anchor_after_a_kill(self, vault_folder, anchored):
        grow(vault_folder, "Mina")
        grow_and_die(vault_folder, "Omid", "Leo", anchored=anchored)
        with opened(vault_folder) as vault:
            assert vault.judged() is VaultState.OK
            assert names(vault) == ["Mina", "Omid", "Leo"]
        assert state_of(vault_folder) is VaultState.OK

    def test_a_kill_between_closing_and_writing_the_header(self, vault_folder):
        """The file is another one than the header's hash, and no WAL is left to tell of it."""
        grow(vault_folder, "Mina")
        copies = {name: (vault_folder / name).read_bytes() for name in header.COPIES}
        grow(vault_folder, "Omid")
        for name, text in copies.items():
            (vault_folder / name).write_bytes(text)
        assert not list(vault_folder.glob("*-wal"))
        with opened(vault_folder) as vault:
            assert vault.judged() is VaultState.OK
            assert names(vault) == ["Mina", "Omid"]

    def test_the_wal_of_the_last_session_come_back_after_a_power_failure(self, vault_folder, tmp_path):
        """It holds what the file holds already; its close writes the same pages anew, with other bytes."""
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        add(vault, "Mina")
        wal = next(vault_folder.glob("*-wal")).read_bytes()
        vault.lock()
        Path(f"{database(vault_folder)}-wal").write_bytes(wal)
        for _ in range(3):
            assert state_of(vault_folder) is VaultState.OK

    def test_a_write_that_failed(self, vault_folder):
        grow(vault_folder, "Mina")
        with opened(vault_folder) as vault:

            def large_and_failing(db):
                for number in range(30_000):
                    people.add(db, f"{number} " * 40, None, None, 0)
                raise UserFacingError("cancelled")

            assert code_of(lambda: vault.write(large_and_failing)) == "cancelled"
        assert state_of(vault_folder) is VaultState.OK

    def test_the_header_changed_and_nothing_else(self, vault_folder):
        grow(vault_folder, "Mina")
        with opened(vault_folder) as vault:
            vault.change_header(lambda head, _master: head)
        assert header.read_copies(vault_folder)[0].header.closed is not None
        assert state_of(vault_folder) is VaultState.OK


class TestOlderCopy:
    @pytest.fixture
    def older(self, vault_folder: Path, tmp_path: Path) -> Path:
        """A vault whose database was put back to before Omid."""
        grow(vault_folder, "Mina")
        old = database(vault_folder).read_bytes()
        grow(vault_folder, "Omid")
        database(vault_folder).write_bytes(old)
        return vault_folder

    def test_it_is_opened_and_read_and_nothing_is_stored(self, older):
        with opened(older) as vault:
            assert vault.state is VaultState.OLDER_COPY  # known at once, before anything behind the unlock
            assert vault.judged() is VaultState.OLDER_COPY
            assert names(vault) == ["Mina"]
            assert code_of(lambda: add(vault, "Leo")) == "vault-older-copy"
            assert code_of(vault.anchor) == "vault-older-copy"

    def test_no_way_in_is_changed_half(self, older):
        """A new recovery key would be in force, and be said to have failed."""
        with opened(older) as vault:
            before = (older / "vault.hdr").read_bytes()
            new = keys.format_recovery_key(keys.new_recovery_key())
            assert code_of(lambda: slots.set_recovery_key(vault, new, now=0)) == "vault-older-copy"
            assert (older / "vault.hdr").read_bytes() == before

    def test_looking_at_it_changes_no_file(self, older):
        before = {path.name: path.read_bytes() for path in older.iterdir()}
        assert state_of(older) is VaultState.OLDER_COPY
        assert {path.name: path.read_bytes() for path in older.iterdir()} == before

    def test_the_right_file_put_back_is_right_again(self, vault_folder):
        grow(vault_folder, "Mina")
        old = database(vault_folder).read_bytes()
        grow(vault_folder, "Omid")
        right = database(vault_folder).read_bytes()
        database(vault_folder).write_bytes(old)
        assert state_of(vault_folder) is VaultState.OLDER_COPY
        database(vault_folder).write_bytes(right)
        assert state_of(vault_folder) is VaultState.OK

    def test_nothing_is_made_of_it(self, older, clock, tmp_path):
        """No backup that would push a good one out, no other file that the header would then name."""
        target = tmp_path / "stick"
        target.mkdir()
        with opened(older) as vault:
            assert code_of(lambda: make_backup(vault, clock, target)) == "vault-older-copy"
            assert code_of(lambda: vault.move_to_database(lambda *_all: None)) == "vault-older-copy"
        assert not list(target.iterdir())

    def test_accepting_it_makes_it_the_record(self, older):
        with opened(older) as vault:
            vault.accept_as_is()
            assert vault.state is VaultState.OK
            add(vault, "Leo")
        with opened(older) as vault:
            assert vault.judged() is VaultState.OK
            assert names(vault) == ["Mina", "Leo"]

    def test_what_was_set_aside_is_older_from_then_on(self, vault_folder):
        grow(vault_folder, "Mina")
        old = database(vault_folder).read_bytes()
        grow(vault_folder, "Omid", "Leo", "Ada")
        set_aside = database(vault_folder).read_bytes()
        database(vault_folder).write_bytes(old)
        with opened(vault_folder) as vault:
            vault.accept_as_is()
        database(vault_folder).write_bytes(set_aside)
        assert state_of(vault_folder) is VaultState.OLDER_COPY

    def test_accepting_holds_what_waits_to_be_sent_and_gives_tokens_up(self, vault_folder):
        with opened(vault_folder) as vault:
            person = add(vault, "Mina")
            source = vault.write(
                lambda db: sources.add_portal(db, person, "Clinic", "https://clinic.example/fhir", "1", 0)
            )
            action = PendingAction(
                id="urn:uuid:1", source=source, person=person, kind="refill", send_class=SendClass("C"), method="POST",
                path="Task", body=b"{}", state=OutboxState("waiting"), created_at=0, expires_at=None, attempts=0,
                last_error=None,
            )  # fmt: skip
            vault.write(lambda db: outbox.add(db, action))
        old = database(vault_folder).read_bytes()
        grow(vault_folder, "Omid")
        database(vault_folder).write_bytes(old)
        with opened(vault_folder) as vault:
            vault.accept_as_is()
            assert [one.state.value for one in vault.read(lambda db: outbox.of_person(db, person))] == ["held"]
            assert [one.needs_sign_in for one in vault.read(sources.everything)] == [True]

    def test_accepting_a_vault_that_is_right_changes_nothing_of_the_record(self, vault_folder):
        grow(vault_folder, "Mina")
        with opened(vault_folder) as vault:
            vault.accept_as_is()
            assert names(vault) == ["Mina"]
        assert state_of(vault_folder) is VaultState.OK

    def test_no_database_that_the_header_does_not_name_is_swept_away(self, older):
        """An old folder put back may lack the name of the newer database that lies in it."""
        other = older / "data-2-0123456789abcdef.db"
        other.write_bytes(b"newer")
        assert state_of(older) is VaultState.OLDER_COPY
        assert other.exists()

    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    def test_a_cut_wal(self, vault_folder):
        grow(vault_folder, "Mina")
        grow_and_die(vault_folder, "Omid", "Leo")
        wal = next(vault_folder.glob("*-wal"))
        wal.write_bytes(wal.read_bytes()[:-PAGE])
        assert state_of(vault_folder) is VaultState.OLDER_COPY

    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    def test_a_removed_wal(self, vault_folder):
        grow(vault_folder, "Mina")
        grow_and_die(vault_folder, "Omid")
        next(vault_folder.glob("*-wal")).unlink()
        assert state_of(vault_folder) is VaultState.OLDER_COPY

    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    def test_the_wal_of_another_session(self, vault_folder):
        """An old WAL laid over a newer file takes its pages back."""
        grow(vault_folder, "Mina")
        grow_and_die(vault_folder, "Omid")
        wal = next(vault_folder.glob("*-wal"))
        old = wal.read_bytes()
        grow(vault_folder, "Leo", "Ada")
        wal.write_bytes(old)
        assert state_of(vault_folder) is VaultState.OLDER_COPY


class TestAltered:
    @pytest.fixture
    def paged(self, vault_folder: Path) -> tuple[Path, bytes]:
        """A vault of many pages, and the file as it was one transaction before."""
        grow(vault_folder, *(f"{number} " * 300 for number in range(60)))
        old = database(vault_folder).read_bytes()
        with opened(vault_folder) as vault:
            vault.write(lambda db: db.run("UPDATE people SET relation = 'mother'"))
        return vault_folder, old

    def test_one_old_page_put_back_is_noticed_behind_the_unlock(self, paged):
        folder, old = paged
        _put_one_page_back(folder, old)
        with opened(folder) as vault:
            assert vault.judged() is VaultState.ALTERED
            assert code_of(lambda: add(vault, "Leo")) == "vault-altered"
        assert state_of(folder) is VaultState.ALTERED  # and again

    def test_another_history_of_the_same_length(self, vault_folder):
        """The folder was copied, both went on, and one's database came into the other's folder."""
        grow(vault_folder, "Mina")
        twin = vault_folder.with_name("twin")
        shutil.copytree(vault_folder, twin)
        grow(vault_folder, "Omid")
        grow(twin, "Ada", "Leo")
        shutil.copyfile(database(twin), database(vault_folder))
        assert state_of(vault_folder) is VaultState.ALTERED

    def test_a_write_waits_for_the_finding(self, paged, monkeypatch):
        """Nothing is stored in a file that is found altered a moment later."""
        folder, _ = paged
        _flip_last_bit(folder)
        go_on, right = threading.Event(), freshness.hash_file

        def slow(descriptor, ended):
            assert go_on.wait(10)
            return right(descriptor, ended)

        monkeypatch.setattr(freshness, "hash_file", slow)
        vault = Vault.unlock(folder, PASSPHRASE)
        writing = vault.submit_write(lambda db: people.add(db, "Leo", None, None, 0))
        go_on.set()
        with pytest.raises(UserFacingError) as caught:
            writing.result()
        assert caught.value.code == "vault-altered"
        vault.lock()

    def test_writing_anew_waits_for_the_finding(self, paged, monkeypatch):
        """Else the altered file would be copied, and the copy be taken for right from then on."""
        folder, old = paged
        _put_one_page_back(folder, old)
        go_on, right = threading.Event(), freshness.hash_file

        def slow(descriptor, ended):
            assert go_on.wait(10)
            return right(descriptor, ended)

        monkeypatch.setattr(freshness, "hash_file", slow)
        vault = Vault.unlock(folder, PASSPHRASE)
        hand_in = vault._connections.writer.submit

        def and_go_on(work):
            handed_in = hand_in(work)
            go_on.set()
            return handed_in

        monkeypatch.setattr(vault._connections.writer, "submit", and_go_on)
        assert code_of(lambda: rebuild.rewrite(vault)) == "vault-altered"
        vault.lock()
        assert state_of(folder) is VaultState.ALTERED

    def test_an_altered_file_is_not_migrated(self, paged, monkeypatch):
        folder, old = paged
        _put_one_page_back(folder, old)
        later = [*migrate.known(), (migrate.latest() + 1, "CREATE TABLE later (id INTEGER PRIMARY KEY);")]
        monkeypatch.setattr(migrate, "known", lambda: later)
        for _ in range(2):
            assert state_of(folder) is VaultState.ALTERED
        assert len(list(folder.glob("data-*.db"))) == 1

    def test_locked_before_the_file_was_looked_at_it_is_looked_at_next_time(self, paged, monkeypatch):
        folder, _ = paged
        _flip_last_bit(folder)
        looking = threading.Event()

        def until_locked(_descriptor, ended):
            looking.set()
            while not ended():
                pass
            raise UserFacingError("cancelled")

        with monkeypatch.context() as patched:
            patched.setattr(freshness, "hash_file", until_locked)
            vault = Vault.unlock(folder, PASSPHRASE)
            assert looking.wait(10)
            vault.lock()
        assert state_of(folder) is VaultState.ALTERED


def _put_one_page_back(folder: Path, old: bytes) -> None:
    """One page as it was in the file's former state: SQLCipher finds nothing wrong with it."""
    now = database(folder).read_bytes()
    page = next(
        place
        for place in range(0, min(len(old), len(now)), PAGE)
        if old[place : place + PAGE] != now[place : place + PAGE] and place > 10 * PAGE
    )
    database(folder).write_bytes(now[:page] + old[page : page + PAGE] + now[page + PAGE :])


def _flip_last_bit(folder: Path) -> None:
    content = bytearray(database(folder).read_bytes())
    content[-1] ^= 1
    database(folder).write_bytes(content)


def test_a_vault_that_is_right_loses_nothing_by_being_accepted(vault_folder, mina_with_portal):
    with opened(vault_folder) as vault:
        vault.accept_as_is()
        (portal,) = vault.read(sources.everything)
        assert not portal.needs_sign_in


@pytest.fixture
def mina_with_portal(vault_folder: Path) -> None:
    grow(vault_folder, "Mina")
    with opened(vault_folder) as vault:
        vault.write(
            lambda db: db.run(
                "INSERT INTO sources (person, kind, name, connected, created_at) VALUES (1, 'portal', 'North', 1, 0)"
            )
        )


class TestDamagedAfterACrash:
    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    def test_a_broken_page_is_found_by_the_structure(self, vault_folder):
        grow(vault_folder, *(f"{number} " * 300 for number in range(60)))
        grow_and_die(vault_folder, "Omid")
        content = bytearray(database(vault_folder).read_bytes())
        content[len(content) - 5 * PAGE + 100] ^= 1  # among the people, whom no unlock reads
        database(vault_folder).write_bytes(content)
        with opened(vault_folder) as vault:
            assert vault.judged() is VaultState.DAMAGED
            assert code_of(lambda: add(vault, "Leo")) == "vault-damaged"
            assert code_of(vault.accept_as_is) == "vault-damaged"
        assert state_of(vault_folder) is VaultState.DAMAGED


class TestAnchor:
    def test_it_follows_a_commit_by_itself(self, vault_folder, monkeypatch):
        monkeypatch.setattr(freshness, "ANCHOR_SECONDS", 0.0)
        written = threading.Event()
        right = header.write

        def write(*arguments, **named):
            right(*arguments, **named)
            written.set()

        monkeypatch.setattr(header, "write", write)
        with opened(vault_folder) as vault:
            before = header.read_copies(vault_folder)[0].header.anchor
            add(vault, "Mina")
            assert written.wait(10)
            after = header.read_copies(vault_folder)[0].header
            assert after.anchor.seq > before.seq
            assert after.closed is None

    def test_before_something_is_sent(self, vault_folder):
        with opened(vault_folder) as vault:
            add(vault, "Mina")
            vault.anchor()
            assert header.read_copies(vault_folder)[0].header.anchor == vault.read(freshness.last)

    def test_many_commits_are_one_anchor(self, vault_folder, monkeypatch):
        written = []
        right = header.write
        monkeypatch.setattr(header, "write", lambda *all_, **named: (written.append(1), right(*all_, **named)))
        with opened(vault_folder) as vault:
            for number in range(50):
                add(vault, str(number))
            assert not written
            vault.anchor()
            vault.anchor()
            assert len(written) == 1
        assert len(written) == 2  # and the lock's

    def test_marks_are_kept_back_to_the_anchor(self, vault_folder):
        """A kill between the lock's last commit and its header must find the anchor's mark still there."""
        grow(vault_folder, "Mina", "Omid")
        anchored = header.read_copies(vault_folder)[0].header.anchor.seq
        grow(vault_folder, "Leo", "Ada")
        with opened(vault_folder) as vault:
            assert vault.read(lambda db: db.value("SELECT min(seq) FROM freshness")) == anchored


class TestWitness:
    def watched(self, folder: Path, witness: Memory) -> Vault:
        vault = Vault.unlock(folder, PASSPHRASE)
        vault.watch_by(witness)
        return vault

    def test_a_whole_old_folder_is_noticed(self, vault_folder, tmp_path):
        witness = Memory()
        vault = self.watched(vault_folder, witness)
        add(vault, "Mina")
        vault.lock()
        old = tmp_path / "old"
        shutil.copytree(vault_folder, old)
        vault = self.watched(vault_folder, witness)
        add(vault, "Omid")
        vault.lock()
        assert state_of(old) is VaultState.OK  # nothing in the folder itself can tell
        vault = self.watched(old, witness)
        assert vault.judged() is VaultState.OLDER_COPY
        vault.accept_as_is()
        vault.lock()
        vault = self.watched(old, witness)
        assert vault.judged() is VaultState.OK
        vault.lock()
        vault = self.watched(vault_folder, witness)
        assert vault.judged() is not VaultState.OK
        vault.lock()

    def test_a_witness_that_was_not_told_the_last_is_no_alarm(self, vault_folder):
        witness = Memory()
        vault = self.watched(vault_folder, witness)
        add(vault, "Mina")
        vault.lock()
        told = witness.kept
        for name in ("Omid", "Leo", "Ada"):
            grow(vault_folder, name)  # without the keychain
        assert witness.kept == told
        vault = self.watched(vault_folder, witness)
        assert vault.judged() is VaultState.OK
        add(vault, "Ben")
        vault.lock()
        assert witness.kept.seq > told.seq

    def test_locked_before_it_was_compared_it_is_told_nothing(self, vault_folder, monkeypatch):
        """Else an older copy that was open for a moment would be taken for right ever after."""
        newer = WitnessedAnchor(1, 99, bytes(16))
        witness = Memory(newer)
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        add(vault, "Mina")
        hand_in = vault._connections.writer.submit

        def lock_first(work):
            vault.lock()
            return hand_in(work)

        monkeypatch.setattr(vault._connections.writer, "submit", lock_first)
        vault.watch_by(witness)
        assert code_of(vault._watching.result) == "vault-locked"
        assert witness.kept == newer

    def test_no_key_waits_for_a_keychain(self, vault_folder):
        """One that is locked may hang for ten seconds."""
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        master, held = vault._head.master, []

        class Slow(Memory):
            def write(self, anchor):
                held.append(any(master))
                super().write(anchor)

        witness = Slow()
        vault.watch_by(witness)
        vault.judged()
        add(vault, "Mina")
        vault.lock()
        assert held == [False]
        assert witness.kept is not None

    def test_of_former_keys_it_says_nothing_and_of_later_ones_all(self, vault_folder):
        grow(vault_folder, "Mina")
        for epoch, expected in ((0, VaultState.OK), (2, VaultState.OLDER_COPY)):
            vault = self.watched(vault_folder, Memory(WitnessedAnchor(epoch, 1, bytes(16))))
            assert vault.judged() is expected
            vault.lock()


class TestFolderThatMayNotBeWrittenTo:
    @pytest.fixture
    def closed_folder(self, vault_folder: Path, monkeypatch) -> Path:
        """As a read-only disk answers; a mode would not stop an administrator's account, under which tests may run."""
        grow(vault_folder, "Mina")
        right, right_access = os.open, os.access

        def refuse(path, flags, *more, **named):
            if Path(path).parent == vault_folder and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                raise OSError(30, "Read-only file system")
            return right(path, flags, *more, **named)

        monkeypatch.setattr(os, "open", refuse)
        monkeypatch.setattr(os, "access", lambda path, mode: right_access(path, mode) and not mode & os.W_OK)
        return vault_folder

    def test_it_is_opened_and_read_and_nothing_is_written(self, closed_folder):
        before = {path.name: path.read_bytes() for path in closed_folder.iterdir()}
        vault = Vault.unlock(closed_folder, PASSPHRASE)
        assert vault.judged() is VaultState.READ_ONLY
        assert names(vault) == ["Mina"]
        assert code_of(lambda: add(vault, "Leo")) == "vault-read-only"
        assert code_of(vault.accept_as_is) == "vault-read-only"
        aside = vault._aside
        assert aside is not None
        assert not aside.read_bytes().startswith(b"SQLite")
        vault.lock()
        assert not aside.parent.exists()
        assert {path.name: path.read_bytes() for path in closed_folder.iterdir()} == before

    def test_an_older_copy_is_noticed_there_too(self, vault_folder, monkeypatch):
        old = database(vault_folder).read_bytes()
        grow(vault_folder, "Omid")
        database(vault_folder).write_bytes(old)
        monkeypatch.setattr(read_only, "may_write", lambda _folder, _database: False)
        assert state_of(vault_folder) is VaultState.OLDER_COPY

    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    def test_what_is_in_the_wal_is_shown(self, vault_folder, monkeypatch):
        grow_and_die(vault_folder, "Mina", "Omid")
        monkeypatch.setattr(read_only, "may_write", lambda _folder, _database: False)
        before = {path.name: path.read_bytes() for path in vault_folder.iterdir()}
        with opened(vault_folder) as vault:
            assert names(vault) == ["Mina", "Omid"]
        assert {path.name: path.read_bytes() for path in vault_folder.iterdir()} == before
