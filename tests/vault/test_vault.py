"""Create, unlock, lock: what a person relies on when they close the lid."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from phr_desktop import failpoints
from phr_desktop.errors import Bug, PhrError, UserFacingError
from phr_desktop.vault import connection, header, keys, leftovers, people, rebuild
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.vaults import PASSPHRASE


def database(folder: Path) -> Path:
    return next(folder.glob("data-*.db"))


def test_a_vault_gives_back_after_lock_what_was_written(vault_folder):
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    person = vault.write(lambda db: people.add(db, "Mina", None, None, 0))
    vault.lock()
    again = Vault.unlock(vault_folder, PASSPHRASE)
    assert again.read(lambda db: people.one(db, person)).name == "Mina"
    again.lock()


def test_the_recovery_key_opens_it_however_it_is_typed(tmp_path):
    created = Vault.create(tmp_path / "v", PASSPHRASE, kdf=keys.FLOOR)
    created.vault.lock()
    groups = created.recovery_key.split("-")
    assert [len(group) for group in groups] == [4] * 9
    Vault.unlock_with_recovery_key(tmp_path / "v", created.recovery_key.lower().replace("-", " ")).lock()
    wrong = ("0" if groups[0][0] != "0" else "2") + created.recovery_key[1:]
    assert code_of(lambda: Vault.unlock_with_recovery_key(tmp_path / "v", wrong)) == "recovery-key-malformed"
    other = keys.format_recovery_key(keys.new_recovery_key())
    assert code_of(lambda: Vault.unlock_with_recovery_key(tmp_path / "v", other)) == "wrong-recovery-key"


def test_a_passphrase_opens_it_from_a_keyboard_that_composes_accents_otherwise(tmp_path):
    Vault.create(tmp_path / "v", "café au lait chaud", kdf=keys.FLOOR).vault.lock()
    Vault.unlock(tmp_path / "v", "cafe\u0301 au lait chaud").lock()


def test_the_default_cost_is_the_designed_one(tmp_path):
    Vault.create(tmp_path / "v", PASSPHRASE).vault.lock()
    slot = header.read_copies(tmp_path / "v")[0].header.slots[0]
    assert slot.kdf == keys.KdfParameters(256 * 1024, 3, 4)
    Vault.unlock(tmp_path / "v", PASSPHRASE).lock()


class TestSixDifferentErrors:
    def test_wrong_passphrase(self, vault_folder):
        assert code_of(lambda: Vault.unlock(vault_folder, "wrong horse battery")) == "wrong-passphrase"

    def test_damaged_header(self, vault_folder):
        for name in header.COPIES:
            text = bytearray((vault_folder / name).read_bytes())
            text[200] ^= 1
            (vault_folder / name).write_bytes(text)
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "header-damaged"

    def test_damaged_database(self, vault_folder):
        path = database(vault_folder)
        content = bytearray(path.read_bytes())
        content[100:4096] = os.urandom(3996)
        path.write_bytes(content)
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "database-damaged"

    def test_no_vault(self, tmp_path):
        assert code_of(lambda: Vault.unlock(tmp_path, PASSPHRASE)) == "vault-missing"
        assert list(tmp_path.iterdir()) == []

    def test_missing_database_is_never_a_new_empty_vault(self, vault_folder):
        database(vault_folder).unlink()
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "database-missing"
        assert list(vault_folder.glob("data-*")) == []

    def test_an_emptied_database_is_damaged_and_not_written_to(self, vault_folder):
        database(vault_folder).write_bytes(b"")
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "database-damaged"
        assert database(vault_folder).read_bytes() == b""

    def test_what_the_system_refuses_is_said_and_nothing_stays_locked(self, vault_folder):
        (vault_folder / "data-9-0123456789abcdef.db").mkdir()
        Vault.unlock(vault_folder, PASSPHRASE).lock()
        (vault_folder / "vault.lock").unlink()
        (vault_folder / "vault.lock").mkdir()
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "disk-problem"

    def test_newer_header(self, vault_folder):
        import hashlib

        for name in header.COPIES:
            body = (vault_folder / name).read_bytes()[:-65].replace(b"PHRV1\n", b"PHRV2\n")
            (vault_folder / name).write_bytes(body + hashlib.sha256(body).hexdigest().encode() + b"\n")
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "vault-newer"

    def test_newer_schema(self, vault_folder):
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        vault.write(lambda db: db.run("PRAGMA user_version = 9999"))
        vault.lock()
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "vault-newer"

    def test_already_open_here(self, vault, vault_folder):
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "vault-in-use"

    def test_already_open_in_another_process(self, vault, vault_folder):
        script = (
            "import sys, pathlib\nfrom phr_desktop.vault.vault import Vault\nfrom phr_desktop.errors import PhrError\n"
            "try:\n Vault.unlock(pathlib.Path(sys.argv[1]), sys.stdin.read())\n"
            "except PhrError as error:\n print(error.code)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(vault_folder)], input=PASSPHRASE, capture_output=True, text=True
        )
        assert done.stdout.strip() == "vault-in-use"


def test_a_folder_whose_path_is_too_long_is_said_before_anything_is_made(vault_folder, tmp_path):
    deep = tmp_path.joinpath(*["d" * 150] * 3)
    for folder in (deep / "v", tmp_path / ("d" * 300)):
        assert code_of(lambda folder=folder: Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR)) == "folder-path-too-long"
        assert not folder.parent.joinpath("v").exists()
    deep.mkdir(parents=True)
    moved = vault_folder.rename(deep / "v")
    assert code_of(lambda: Vault.unlock(moved, PASSPHRASE)) == "folder-path-too-long"
    Vault.unlock(moved.rename(vault_folder), PASSPHRASE).lock()


@pytest.mark.parametrize("name", ["with  spaces ", "ünïcödé 日本語", "\U0001fa7a", "it's 50 %23 #1?&", '"quoted"'])
@pytest.mark.skipif(os.name != "posix", reason="names that Windows does not know")
def test_whatever_the_folder_is_called(vault_folder, tmp_path, name):
    (tmp_path / name).mkdir()
    vault = Vault.unlock(vault_folder.rename(tmp_path / name / "vault"), PASSPHRASE)
    rebuild.rewrite(vault)
    vault.write(lambda db: people.add(db, "Mina", None, None, 0))
    vault.lock()
    again = Vault.unlock(vault.folder, PASSPHRASE)
    assert [one.name for one in again.read(people.everyone)] == ["Mina"]
    again.lock()


def test_a_second_vault_is_not_made_over_the_first(vault_folder):
    assert code_of(lambda: Vault.create(vault_folder, PASSPHRASE, kdf=keys.FLOOR)) == "vault-exists"
    assert code_of(lambda: Vault.create(vault_folder / "new", "short", kdf=keys.FLOOR)) == "passphrase-too-short"


def test_no_vault_is_made_over_one_whose_key_files_are_gone(vault_folder):
    """Its database would be swept; a copy of the key files may yet be found, or be in a backup."""
    copies = {name: (vault_folder / name).read_bytes() for name in header.COPIES}
    for name in copies:
        (vault_folder / name).unlink()
    assert code_of(lambda: Vault.create(vault_folder, PASSPHRASE, kdf=keys.FLOOR)) == "vault-without-keys"
    for name, text in copies.items():
        (vault_folder / name).write_bytes(text)
    Vault.unlock(vault_folder, PASSPHRASE).lock()


def test_what_a_cut_off_making_left_is_no_vault_and_is_taken_away(tmp_path):
    folder = tmp_path / "v"

    def full(name: str) -> None:
        if name == "before replace vault.hdr2":
            raise OSError(28, "full")

    failpoints.install(full)
    try:
        assert code_of(lambda: Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR)) == "disk-full"
    finally:
        failpoints.install(None)
    assert list(folder.glob("data-*.db"))
    Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
    assert len(list(folder.glob("data-*.db"))) == 1
    assert not (folder / leftovers.UNFINISHED).exists()


def test_a_header_never_asks_for_less_than_the_floor(tmp_path):
    with pytest.raises(Bug):
        Vault.create(tmp_path / "v", PASSPHRASE, kdf=keys.KdfParameters(1024, 1, 1))


@pytest.mark.parametrize(
    ("cost", "acceptable"),
    [
        ((64 * 1024, 3, 4), True),
        ((2 * 1024 * 1024, 64, 16), True),
        ((64 * 1024 - 1, 3, 4), False),
        ((64 * 1024, 2, 4), False),
        ((64 * 1024, 3, 0), False),
        ((2 * 1024 * 1024 + 1, 3, 4), False),
        ((64 * 1024, 65, 4), False),
        ((64 * 1024, 3, 17), False),
    ],
)
def test_each_part_of_the_cost_has_a_floor_and_a_ceiling(cost, acceptable):
    """Below, a passphrase is cheaper to guess; above, opening hangs."""
    assert keys.KdfParameters(*cost).acceptable() is acceptable


def add_mina(folder: Path) -> None:
    vault = Vault.unlock(folder, PASSPHRASE)
    vault.write(lambda db: people.add(db, "Mina", None, None, 0))
    vault.lock()


class TestHeaderCopies:
    @pytest.mark.parametrize("name", header.COPIES)
    def test_one_torn_copy_is_healed_from_the_other(self, vault_folder, name):
        (vault_folder / name).write_bytes((vault_folder / name).read_bytes()[:300])
        Vault.unlock(vault_folder, PASSPHRASE).lock()
        first, second = ((vault_folder / copy).read_bytes() for copy in header.COPIES)
        assert first == second

    def test_the_copy_with_the_highest_seq_counts(self, vault_folder):
        old = (vault_folder / "vault.hdr").read_bytes()
        add_mina(vault_folder)
        newest = header.read_copies(vault_folder)[0].header.seq
        (vault_folder / "vault.hdr").write_bytes(old)
        add_mina(vault_folder)
        assert header.read_copies(vault_folder)[0].header.seq == newest + 1

    def test_a_session_that_stores_nothing_leaves_every_file_as_it_was(self, vault_folder):
        before = {path.name: path.read_bytes() for path in vault_folder.iterdir()}
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        vault.read(people.everyone)
        vault.lock()
        assert {path.name: path.read_bytes() for path in vault_folder.iterdir()} == before

    def test_an_edited_header_with_a_right_hash_is_refused_by_its_mac(self, vault_folder):
        """Someone who can write the folder points both copies at another cost or another database."""
        import hashlib

        for name in header.COPIES:
            body = (vault_folder / name).read_bytes()[:-65]
            edited = body.replace(b'"created":1', b'"created":2')
            assert edited != body
            (vault_folder / name).write_bytes(edited + hashlib.sha256(edited).hexdigest().encode() + b"\n")
        assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "header-damaged"

    def test_every_flipped_byte_of_a_copy_is_noticed_before_any_passphrase(self, vault_folder):
        text = (vault_folder / "vault.hdr").read_bytes()
        for place in range(len(text)):
            flipped = text[:place] + bytes([text[place] ^ 4]) + text[place + 1 :]
            with pytest.raises(header.DamagedCopy):
                header._parse(flipped)

    def test_no_name_is_in_the_header(self, vault_folder):
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        vault.write(lambda db: people.add(db, "Zebediah Quill", None, None, 0))
        vault.lock()
        assert b"Zebedi" not in b"".join((vault_folder / name).read_bytes() for name in header.COPIES)


class TestConnections:
    def test_every_setting_is_read_back(self, vault):
        for name, _, expected in connection.PRAGMAS:
            assert vault.read(lambda db, name=name: db.value(f"PRAGMA {name}")) == expected

    def test_the_settings_are_those_of_the_design(self):
        settings = {name: value for name, value, _ in connection.PRAGMAS}
        assert settings.items() >= {
            "journal_mode": "WAL", "synchronous": "FULL", "fullfsync": "ON", "checkpoint_fullfsync": "ON",
            "temp_store": "MEMORY", "secure_delete": "ON", "foreign_keys": "ON", "trusted_schema": "OFF",
            "cell_size_check": "ON", "mmap_size": "0", "cipher_memory_security": "OFF",
        }.items()  # fmt: skip
        assert int(settings["busy_timeout"]) > 0

    def test_no_extension_is_loaded(self, vault):
        with pytest.raises(Bug) as caught:
            vault.read(lambda db: db.value("SELECT load_extension('nothing')"))
        assert caught.value.parameters["detail"] == "not authorized"

    def test_the_library_says_nothing_of_what_it_meets(self, vault_folder, capfd):
        with database(vault_folder).open("r+b") as file:
            file.seek(4096 + 100)
            file.write(b"\xff" * 16)
        with pytest.raises(PhrError):
            Vault.unlock(vault_folder, PASSPHRASE)
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("version", [None, ("",), ("4.16.0 community",), ("3.99.9",)])
    def test_without_its_cipher_or_with_an_older_one_nothing_is_opened(self, vault_folder, monkeypatch, version):
        class Library:
            def __init__(self, *_place):
                pass

            def execute(self, _sql):
                return self

            def fetchone(self):
                return version

            def close(self):
                pass

        monkeypatch.setattr(connection.sqlcipher, "connect", Library)
        for open_it in (
            lambda: Vault.unlock(vault_folder, PASSPHRASE),
            lambda: Vault.create(vault_folder.parent / "new", PASSPHRASE, kdf=keys.FLOOR),
        ):
            assert code_of(open_it) == "cipher-missing"
        assert not (vault_folder.parent / "new").exists()

    def test_everything_is_stored_on_one_thread(self, vault):
        seen = set()
        threads = [
            threading.Thread(target=vault.write, args=(lambda db: seen.add(threading.get_ident()),)) for _ in range(4)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(seen) == 1
        assert threading.get_ident() not in seen

    def test_readers_cannot_write(self, vault):
        with pytest.raises(PhrError):
            vault.read(lambda db: people.add(db, "Mina", None, None, 0))

    def test_attach_is_denied(self, vault, tmp_path):
        with pytest.raises(PhrError):
            vault.write(lambda db: db.run("ATTACH ? AS other KEY ''", (str(tmp_path / "plain.db"),)))
        assert not (tmp_path / "plain.db").exists()

    @pytest.mark.parametrize("length", [62, 64, 95, 97])
    def test_a_key_of_another_length_is_refused(self, tmp_path, length):
        with pytest.raises(Bug):
            connection.open_database(tmp_path / "x.db", bytearray(b"x'" + b"0" * length + b"'"), create=True)
        assert not (tmp_path / "x.db").exists()

    def test_the_database_file_is_not_plain(self, vault, vault_folder):
        assert not database(vault_folder).read_bytes().startswith(b"SQLite format 3")

    def test_a_failed_write_leaves_nothing(self, vault):
        def half(db):
            people.add(db, "Mina", None, None, 0)
            raise UserFacingError("cancelled")

        with pytest.raises(UserFacingError):
            vault.write(half)
        assert vault.read(people.everyone) == []

    def test_an_attached_reader_answers_on_its_own_thread_and_must_be_gone_at_lock(self, vault):
        vault.attach_reader()
        seen = vault.read(lambda db: threading.get_ident())
        assert seen == threading.get_ident()
        with pytest.raises(Bug):
            vault.lock()
        vault.detach_reader()
        assert vault.read(lambda db: threading.get_ident()) != seen

    def test_a_locked_vault_answers_nothing_and_forgets_its_keys(self, vault):
        vault.lock()
        assert code_of(lambda: vault.read(people.everyone)) == "vault-locked"
        assert code_of(lambda: vault.write(people.everyone)) == "vault-locked"
        assert not any(vault._head.master)
        assert not any(vault._connections._key_text)

    def test_nothing_comes_after_lock(self, vault, vault_folder):
        """Work that is handed in while the vault locks is either done or refused; no connection comes back."""
        writing, reading = vault._connections.writer, vault._connections.reader
        began, go_on = threading.Event(), threading.Event()

        def slow(db):
            began.set()
            assert go_on.wait(10)
            return people.add(db, "Mina", None, None, 0)

        first = vault.submit_write(slow)
        assert began.wait(10)
        locking = threading.Thread(target=vault.lock)
        locking.start()
        go_on.set()
        locking.join(10)
        assert first.result() == 1
        for keeper in (writing, reading):
            assert code_of(lambda keeper=keeper: keeper.submit(people.everyone)) == "vault-locked"
            assert keeper._db is None
        assert not list(vault_folder.glob("*-wal"))
        again = Vault.unlock(vault_folder, PASSPHRASE)
        assert [person.name for person in again.read(people.everyone)] == ["Mina"]
        again.lock()

    @pytest.mark.skipif(os.name != "posix", reason="modes")
    def test_only_its_owner_may_read_a_vault(self, tmp_path):
        (tmp_path / "v").mkdir(mode=0o755)
        vault = Vault.create(tmp_path / "v", PASSPHRASE, kdf=keys.FLOOR).vault
        vault.write(lambda db: people.add(db, "Mina", None, None, 0))
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "v").iterdir()}
        assert set(modes.values()) == {0o600}, modes
        assert (tmp_path / "v").stat().st_mode & 0o777 == 0o700
        vault.lock()

    def test_lock_leaves_no_wal(self, vault, vault_folder):
        vault.write(lambda db: people.add(db, "Mina", None, None, 0))
        vault.lock()
        assert {path.name for path in vault_folder.iterdir()} == {
            "vault.hdr", "vault.hdr2", "vault.lock", database(vault_folder).name,
        }  # fmt: skip

    def test_a_full_disk_is_said_and_loses_nothing(self, vault):
        def full(name: str) -> None:
            if name == "before commit write":
                raise OSError(28, "No space left on device")

        failpoints.install(full)
        try:
            assert code_of(lambda: vault.write(lambda db: people.add(db, "Mina", None, None, 0))) == "disk-full"
        finally:
            failpoints.install(None)
        assert vault.read(people.everyone) == []
        vault.write(lambda db: people.add(db, "Leo", None, None, 0))


def test_a_connection_is_refused_to_another_thread(vault):
    """SQLite takes no locks of its own (connection.OPENING): two threads at once would damage the database."""
    for lend in (vault.write, vault.read):
        db = lend(lambda db: db)
        with pytest.raises(sqlcipher.ProgrammingError, match="thread"):
            db.rows("SELECT 1")
        with pytest.raises(sqlcipher.ProgrammingError, match="thread"):
            db.many("INSERT INTO people (name, created_at) VALUES (?, 0)", [("Mina",)])


def test_no_key_is_in_a_repr_or_an_exception(vault, tmp_path):
    created = Vault.create(tmp_path / "v", PASSPHRASE, kdf=keys.FLOOR)
    assert created.recovery_key not in repr(created)
    assert PASSPHRASE not in repr(created.vault)
    created.vault.lock()
    with pytest.raises(UserFacingError) as caught:
        Vault.unlock(tmp_path / "v", "a wrong passphrase")
    assert "wrong passphrase" not in str(caught.value)
    assert not caught.value.parameters


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_GET_DUMPABLE")
def test_the_process_leaves_no_core_dump(vault):
    import ctypes
    import resource

    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
    assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0
