"""Backups count only when they prove themselves; nothing half, damaged or foreign is ever taken for one."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from phr_desktop import failpoints
from phr_desktop.domain.backups import BackupState, Rhythm
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.vault import backup, backup_file, backup_state, people, restore, retention
from phr_desktop.vault.backup import make_backup
from phr_desktop.vault.connection import open_database
from phr_desktop.vault.keychain import Keychain
from phr_desktop.vault.slots import turn_device_on
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.vault.backup_scenarios import run
from tests.vault.test_keychain import DictBackend
from tests.vaults import NOW, PASSPHRASE


@pytest.fixture
def failing():
    """Has a failpoint of this name raise an error."""

    def at(name: str, error: Exception) -> None:
        def hook(point: str) -> None:
            if point == name:
                raise error

        failpoints.install(hook)

    yield at
    failpoints.install(None)


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(("-shm", "-wal")))


def open_contents(path: Path, vault: Vault) -> backup_file.Manifest:
    """Reads a backup to its end, with the vault's own key (a passphrase would cost an Argon2id each time)."""
    with path.open("rb") as file:
        prologue = backup_file.read_prologue(file)
        file_key = vault.with_keys(lambda _head, master: backup_file.open_file_key(prologue, master))
        content = backup_file.Content(file, file_key, prologue.bound)
        for _ in content.database():
            pass
        return content.manifest


def test_changing_vaults_come_back_equal_in_every_table():
    assert run(4, seed=7) == (4, 0)


def test_a_backup_says_what_is_in_it_and_is_noted(vault, mina, clock, stick):
    before = files_of(vault.folder)
    made = make_backup(vault, clock, stick)
    assert files_of(stick) == ["health-record-20261121T163000Z.phrbackup"]
    assert made.path.stat().st_size == made.size
    assert made.path.stat().st_mode & 0o777 == 0o600
    manifest = open_contents(made.path, vault)
    assert manifest.counts["people"] == 1
    assert manifest.created == int(NOW.timestamp())
    state = vault.read(backup_state.state)
    assert (state.verified_at, state.verified_file) == (manifest.created, made.path)
    assert files_of(vault.folder) == before, "nothing of the proof is left beside the vault"


def test_neither_file_nor_scratch_holds_plain_text(vault, mina, clock, stick, monkeypatch):
    seen: list[bytes] = []
    check = backup.check_database

    def look(path, *rest):
        seen.append(path.read_bytes())
        check(path, *rest)

    monkeypatch.setattr(backup, "check_database", look)
    made = make_backup(vault, clock, stick)
    for content in (*seen, made.path.read_bytes()):
        assert b"Satterfield" not in content
        assert b"SQLite format 3" not in content
        assert b"people" not in content
    assert seen


def test_the_header_copy_names_no_keychain(vault, clock, stick):
    backend = DictBackend()
    turn_device_on(vault, Keychain(lambda: backend), now=0)
    assert vault.device_slot is not None
    made = make_backup(vault, clock, stick)
    with made.path.open("rb") as file:
        slots = backup_file.read_prologue(file).stored.header.slots
    assert {slot.type for slot in slots} == {"passphrase", "recovery"}


class TestADamagedFile:
    """Every one of these must be noticed by whoever opens it: no part of a backup can be changed, cut or moved."""

    @pytest.fixture
    def made(self, vault, mina, clock, stick) -> Path:
        return make_backup(vault, clock, stick).path

    def test_a_changed_bit_anywhere(self, vault, made):
        whole = made.read_bytes()
        places = [*range(0, 3000, 97), *range(3000, len(whole), 5003), len(whole) - 1]
        for place in places:
            made.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            code = code_of(lambda: open_contents(made, vault))
            assert code in ("backup-damaged", "backup-not-one", "backup-newer", "vault-newer"), place
        made.write_bytes(whole)
        open_contents(made, vault)

    def test_a_cut_at_any_length(self, vault, made):
        whole = made.read_bytes()
        chunk = backup_file.CHUNK + backup_file.TAG
        start = len(whole) % chunk
        cuts = {0, 5, 500, 2000, len(whole) - 1, *range(start, len(whole), chunk), *range(7, len(whole), 9001)}
        for cut in sorted(cuts):
            made.write_bytes(whole[:cut])
            assert code_of(lambda: open_contents(made, vault)) in ("backup-damaged", "backup-not-one"), cut

    def test_chunks_in_another_order_or_twice(self, vault, made):
        whole = made.read_bytes()
        with made.open("rb") as file:
            backup_file.read_prologue(file)
            start = file.tell()
        chunk = backup_file.CHUNK + backup_file.TAG
        head, parts = whole[:start], [whole[at : at + chunk] for at in range(start, len(whole), chunk)]
        assert len(parts) >= 3
        for other in ([parts[1], parts[0], *parts[2:]], [parts[0], *parts], [*parts, parts[-1]], parts[1:], parts[:-1]):
            made.write_bytes(head + b"".join(other))
            assert code_of(lambda: open_contents(made, vault)) == "backup-damaged"

    def test_the_stream_of_another_backup_of_the_same_vault(self, made, vault, clock, stick):
        clock.move_to(clock.now() + timedelta(days=1))
        other = make_backup(vault, clock, stick).path
        with made.open("rb") as first, other.open("rb") as second:
            backup_file.read_prologue(first)
            backup_file.read_prologue(second)
            mixed = made.read_bytes()[: first.tell()] + other.read_bytes()[second.tell() :]
        made.write_bytes(mixed)
        assert code_of(lambda: open_contents(made, vault)) == "backup-damaged"

    def test_what_is_no_backup_and_what_is_newer(self, vault, made, tmp_path):
        (tmp_path / "letter.txt").write_text("Dear Mina")
        assert code_of(lambda: open_contents(tmp_path / "letter.txt", vault)) == "backup-not-one"
        gone = restore.opened(tmp_path / "gone.phrbackup", PASSPHRASE)
        assert code_of(gone.__enter__) == "file-missing"
        made.write_bytes(made.read_bytes().replace(b"PHRBACKUP1\n", b"PHRBACKUP2\n", 1))
        assert code_of(lambda: open_contents(made, vault)) == "backup-newer"


class TestWhatIsInTheWay:
    def test_a_folder_that_is_not_there_is_never_made(self, vault, clock, tmp_path):
        assert code_of(lambda: make_backup(vault, clock, tmp_path / "unplugged")) == "backup-folder-missing"
        assert not (tmp_path / "unplugged").exists()

    def test_a_folder_inside_the_vault_is_refused(self, vault, clock):
        assert code_of(lambda: make_backup(vault, clock, vault.folder)) == "backup-folder-is-vault"

    def test_a_stick_that_fails_at_any_step(self, vault, clock, stick, failing):
        meanings = {
            errno.ENOSPC: "backup-no-room",
            errno.EIO: "backup-target-lost",
            errno.EACCES: "backup-folder-not-writable",
        }
        for point in ("before open backup", "after write backup", "before fsync backup", "before replace backup"):
            for number, code in meanings.items():
                failing(point, OSError(number, os.strerror(number)))
                assert code_of(lambda: make_backup(vault, clock, stick)) == code
                assert files_of(stick) == [], "nothing half is left"
                assert vault.read(backup_state.state).verified_at is None

    def test_a_stick_that_is_pulled_out(self, vault, clock, stick):
        def hook(point: str) -> None:
            if point == "before fsync backup":
                shutil.rmtree(stick)
                raise OSError(errno.EIO, "gone")

        failpoints.install(hook)
        try:
            assert code_of(lambda: make_backup(vault, clock, stick)) == "backup-target-lost"
        finally:
            failpoints.install(None)

    @pytest.mark.skipif(os.name != "posix", reason="an open file keeps its name there")
    def test_a_stick_that_is_gone_while_its_folder_still_stands(self, vault, clock, stick):
        """As an unmounted drive leaves it: the file is written to the end, and is not there to be read back."""

        def hook(point: str) -> None:
            if point == "after open backup":
                for path in stick.iterdir():
                    path.unlink()

        failpoints.install(hook)
        try:
            assert code_of(lambda: make_backup(vault, clock, stick)) == "backup-target-lost"
        finally:
            failpoints.install(None)

    def test_a_full_stick_says_what_is_needed(self, vault, clock, stick, monkeypatch):
        usage = shutil.disk_usage(stick)._replace(free=1_000_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
        with pytest.raises(EnvironmentProblem) as caught:
            make_backup(vault, clock, stick)
        assert caught.value.code == "backup-no-room"
        assert caught.value.parameters == {"needed": "9 MB", "free": "1 MB"}

    def test_what_comes_back_otherwise_does_not_count(self, vault, clock, stick, monkeypatch):
        """A stick that keeps fewer bytes than it is given (a forged one): the read back finds it."""
        forget = backup._forget_cache

        def forged(file) -> None:
            forget(file)
            os.ftruncate(file.fileno(), os.fstat(file.fileno()).st_size - 4096)

        monkeypatch.setattr(backup, "_forget_cache", forged)
        assert code_of(lambda: make_backup(vault, clock, stick)) == "backup-failed-check"
        assert files_of(stick) == []
        assert vault.read(backup_state.state).verified_at is None

    def test_cancelled_at_any_step_leaves_nothing(self, vault, clock, stick):
        before = files_of(vault.folder)
        steps: list[int] = []
        make_backup(vault, clock, stick, progress=lambda done, _total: steps.append(done))
        first = files_of(stick)
        for stop in sorted(set(steps))[:-1]:
            reached: list[int] = []
            with pytest.raises(UserFacingError) as caught:
                make_backup(
                    vault,
                    clock,
                    stick,
                    progress=lambda done, _total, reached=reached: reached.append(done),
                    ended=lambda stop=stop, reached=reached: bool(reached) and reached[-1] >= stop,
                )
            assert caught.value.code == "cancelled"
            assert files_of(stick) == first
            assert files_of(vault.folder) == before

    def test_a_killed_programs_half_file_is_swept_and_anothers_is_not(self, vault, clock, stick):
        name = "health-record-20261120T163000Z.phrbackup"
        mine, other = stick / f"{name}.{vault.id.hex()[:8]}.part", stick / f"{name}.00000000.part"
        mine.write_bytes(b"half")
        other.write_bytes(b"half")
        make_backup(vault, clock, stick)
        assert not mine.exists()
        assert other.exists()


def test_attach_is_denied_but_of_the_one_file_that_is_armed(vault, tmp_path):
    armed, other = tmp_path / "armed.db", tmp_path / "other.db"
    with vault.connection_of_own() as db:
        for path in (armed, other):
            path.touch()
        with pytest.raises(sqlcipher.DatabaseError, match="not authorized"):
            db.execute(f"ATTACH '{other}' AS x KEY ''")
        with db.attachable(armed):
            for path in (other, armed):  # the one statement that was allowed is used up by the first
                with pytest.raises(sqlcipher.DatabaseError, match="not authorized"):
                    db.execute(f"ATTACH '{path}' AS x KEY ''")
        db.vacuum_into(armed)
        with pytest.raises(sqlcipher.DatabaseError, match="not authorized"):
            db.execute(f"ATTACH '{armed}' AS x")  # armed for one statement only
    assert armed.read_bytes()[:6] != b"SQLite"
    assert other.read_bytes() == b""


class TestRetention:
    def test_seven_days_four_weeks_six_months(self, tmp_path):
        end = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # the seventh day is not the last of its week
        moments = [end - timedelta(hours=12 * step) for step in range(2 * 400)]
        paths = [tmp_path / f"health-record-{moment:%Y%m%dT%H%M%SZ}.phrbackup" for moment in moments]
        kept = sorted(retention.kept(paths), reverse=True)
        days = [retention.moment_of(path) for path in kept]
        assert [moment.date() for moment in days[:7]] == [(end - timedelta(days=day)).date() for day in range(7)]
        assert {moment.strftime("%Y-%m") for moment in days} == {
            "2026-11", "2026-10", "2026-09", "2026-08", "2026-07", "2026-06",
        }  # fmt: skip
        assert len(kept) == 7 + 2 + 5  # two of the four weeks and one of the six months are among the days
        assert paths[0] in kept

    def test_only_this_vaults_own_and_never_the_verified_one(self, vault, clock, stick, tmp_path, vault_template):
        made = [self._later(vault, clock, stick) for _ in range(4)]  # four in one day
        assert [path.exists() for path in made] == [False, False, False, True]
        kept = stick / "kept by me.phrbackup"
        made[3].rename(kept)
        foreign = stick / "health-record-20261121T000000Z.phrbackup"
        foreign.write_bytes(b"PHRBACKUP1\nnot a whole one")
        last = self._later(vault, clock, stick)
        assert kept.exists()
        assert foreign.exists()
        assert last.exists()

    def test_nothing_goes_where_the_new_one_did_not_pass(self, vault, clock, stick, monkeypatch):
        first = self._later(vault, clock, stick)
        monkeypatch.setattr(backup, "check_database", _not_sound)
        clock.move_to(clock.now() + timedelta(hours=1))
        assert code_of(lambda: make_backup(vault, clock, stick)) == "backup-of-damaged"
        assert files_of(stick) == [first.name]

    def test_a_stick_that_goes_once_the_new_one_is_proven_takes_nothing_from_it(self, vault, clock, stick, monkeypatch):
        made = self._later(vault, clock, stick)
        with monkeypatch.context() as patched:
            patched.setattr(Path, "iterdir", _gone)
            assert retention.prune(stick, vault.id, made) == 0

    def test_a_stick_that_answers_with_errors_is_said_to_be_missing(self, vault, clock, stick, monkeypatch):
        right = Path.is_dir
        monkeypatch.setattr(Path, "is_dir", lambda path: _gone(path) if path == stick else right(path))
        assert code_of(lambda: make_backup(vault, clock, stick)) == "backup-folder-missing"

    @staticmethod
    def _later(vault, clock, stick) -> Path:
        clock.move_to(clock.now() + timedelta(minutes=30))
        return make_backup(vault, clock, stick).path


def _gone(_path) -> None:
    raise OSError(5, "Input/output error")


def _not_sound(*_arguments) -> None:
    raise EnvironmentProblem("backup-not-sound")


def test_two_in_one_second_do_not_meet(vault, clock, stick):
    first, second = make_backup(vault, clock, stick).path, stick / "health-record-20261121T163001Z.phrbackup"
    first.rename(stick / "mine.phrbackup")
    (stick / "health-record-20261121T163000Z.phrbackup").write_bytes(b"somebody else's")
    assert make_backup(vault, clock, stick).path == second
    assert (stick / "health-record-20261121T163000Z.phrbackup").read_bytes() == b"somebody else's"


class TestWhenOneIsDue:
    STATE = BackupState(folder=Path("/media/stick"), verified_at=int(NOW.timestamp()))

    @pytest.mark.parametrize(
        ("rhythm", "hours", "due", "late"),
        [
            (Rhythm.DAILY, 23, False, False),
            (Rhythm.DAILY, 24, True, False),
            (Rhythm.DAILY, 49, True, True),
            (Rhythm.WEEKLY, 6 * 24, False, False),
            (Rhythm.WEEKLY, 7 * 24, True, False),
            (Rhythm.WEEKLY, 8 * 24, True, True),
            (Rhythm.BY_HAND, 20 * 24, False, False),
            (Rhythm.BY_HAND, 40 * 24, False, True),
            (Rhythm.DAILY, -48, True, True),  # the clock was set back: such a backup proves nothing
        ],
    )
    def test_by_its_age(self, rhythm, hours, due, late):
        state, now = replace(self.STATE, rhythm=rhythm), NOW + timedelta(hours=hours)
        assert (state.is_due(now), state.is_late(now)) == (due, late)

    def test_never(self):
        assert not BackupState().is_due(NOW)
        assert BackupState().is_late(NOW)
        assert replace(self.STATE, verified_at=None).is_due(NOW)


def test_the_snapshot_is_of_one_moment_while_others_write(vault, clock, stick):
    """Writers go on during a backup; what it holds is what stood at one commit."""
    for number in range(50):
        vault.write(lambda db, number=number: people.add(db, f"A{number}", None, None, 0))
    writes = []

    def hook(point: str) -> None:
        if point in ("before snapshot", "after snapshot"):
            writes.append(vault.submit_write(lambda db: people.add(db, f"B{len(writes)}", None, None, 0)))
            writes[-1].result()

    failpoints.install(hook)
    try:
        made = make_backup(vault, clock, stick)
    finally:
        failpoints.install(None)
    assert open_contents(made.path, vault).counts["people"] == 51
    assert len(vault.read(people.everyone)) == 52


def test_a_vault_that_is_being_backed_up_is_not_locked_under_it(vault, clock, stick):
    assert isinstance(vault, Vault)
    with vault.connection_of_own(), pytest.raises(PhrError) as caught:
        vault.lock()
    assert caught.value.code == "reader-still-attached"


def test_the_snapshots_key_is_the_vaults_own(vault, clock, tmp_path):
    path = tmp_path / "copy.db"
    path.touch()
    with vault.connection_of_own() as db:
        db.vacuum_into(path)
    with pytest.raises(UserFacingError):
        open_database(path, bytearray(b"x'" + b"0" * 96 + b"'"))
