"""A record that comes back from a backup: safe beside the old one, and never in its place without the old one kept."""

from __future__ import annotations

import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from phr_desktop import failpoints
from phr_desktop.domain.people import Grant
from phr_desktop.vault import backup_state, header, keys, people, rebuild, restore, slots, sources
from phr_desktop.vault.backup import make_backup
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.vaults import NOW, PASSPHRASE

OUTBOX = """INSERT INTO outbox (id, source, person, kind, class, method, path, body, body_sha256, state, created_at)
  VALUES (?, ?, ?, 'refill', 'C', 'POST', '/Task', x'7b7d', x'00', ?, 1)"""


@pytest.fixture
def made(vault, mina, clock, stick) -> Path:
    """A backup of a vault with a portal, its tokens, requests and reminders; the vault is locked afterwards."""
    source = vault.write(lambda db: sources.add_portal(db, mina, "Harbor", "https://h.invalid/fhir", "1", 1))
    gone = vault.write(lambda db: sources.add_portal(db, mina, "Bay", "https://b.invalid/fhir", "1", 1))
    grant = Grant(source, "https://h.invalid/token", "phr", "access", "refresh", 9, "launch", "1", None, False)
    vault.write(lambda db: sources.set_grant(db, grant))
    vault.write(lambda db: sources.set_state(db, gone, connected=False, needs_sign_in=False))
    for state in ("draft", "waiting", "sending", "unknown", "accepted", "rejected", "expired", "cancelled"):
        vault.write(lambda db, state=state: db.run(OUTBOX, (state, source, mina, state)))
    vault.write(
        lambda db: db.run(
            "INSERT INTO reminders (id, person, kind, subject, lead, at, title, evidence, state, delivered_at)"
            " VALUES ('a', ?, 'visit', 'record:1', '1d', 5, 'Visit', 'why', 'delivered', 6)",
            (mina,),
        )
    )
    path = make_backup(vault, clock, stick).path
    vault.write(lambda db: people.add(db, "After the backup", None, None, 0))
    vault.lock()
    return path


def names(folder: Path, passphrase: str = PASSPHRASE) -> list[str]:
    vault = Vault.unlock(folder, passphrase)
    try:
        return [one.name for one in vault.read(people.everyone)]
    finally:
        vault.lock()


def beside(path: Path, folder: Path, secret: str = PASSPHRASE) -> None:
    with restore.opened(path, secret) as found:
        restore.restore_beside(found, folder)


def in_place(path: Path, folder: Path, clock, secret: str = PASSPHRASE) -> Path:
    with restore.opened(path, secret) as found:
        return restore.restore_in_place(found, folder, clock)


class TestBeside:
    def test_what_the_old_vault_may_have_gone_on_with_is_not_done_twice(self, made, tmp_path):
        beside(made, tmp_path / "new")
        vault = Vault.unlock(tmp_path / "new", PASSPHRASE)
        portals = {one.name: one for one in vault.read(sources.everything)}
        grants = vault.read(lambda db: db.rows("SELECT * FROM grants"))
        states = dict(vault.read(lambda db: db.rows("SELECT id, state FROM outbox")))
        reminder = vault.read(lambda db: db.one("SELECT state, delivered_at FROM reminders"))
        noted = vault.read(backup_state.state)
        vault.lock()
        assert portals["Harbor"].needs_sign_in
        assert not portals["Bay"].needs_sign_in, "the person had disconnected it"
        assert grants == []
        assert {states[each] for each in ("draft", "waiting", "sending", "unknown")} == {"held"}
        assert all(states[each] == each for each in ("accepted", "rejected", "expired", "cancelled"))
        assert reminder == ("delivered", 6)
        assert (noted.folder, noted.verified_at) == (None, None), "a copy in another place has no backups yet"

    def test_the_old_vault_is_untouched(self, made, vault_folder, tmp_path):
        before = {path.name: path.read_bytes() for path in vault_folder.iterdir()}
        beside(made, tmp_path / "new")
        assert {path.name: path.read_bytes() for path in vault_folder.iterdir()} == before
        assert names(tmp_path / "new") == ["Mina Satterfield"]
        assert names(vault_folder) == ["Mina Satterfield", "After the backup"]

    def test_never_into_a_folder_that_holds_something(self, made, vault_folder, tmp_path):
        (tmp_path / "papers").mkdir()
        (tmp_path / "papers" / "letter.txt").write_text("Dear Mina")
        for folder in (tmp_path / "papers", vault_folder, made):
            assert code_of(lambda folder=folder: beside(made, folder)) == "folder-not-empty"
        assert [path.name for path in (tmp_path / "papers").iterdir()] == ["letter.txt"]

    def test_a_wrong_passphrase_changes_nothing(self, made, tmp_path):
        assert code_of(lambda: beside(made, tmp_path / "new", "wrong horse battery")) == "wrong-passphrase"
        assert not (tmp_path / "new").exists()

    def test_cancelled_or_full_leaves_nothing(self, made, tmp_path):
        with restore.opened(made, PASSPHRASE) as found:
            assert code_of(lambda: restore.restore_beside(found, tmp_path / "new", ended=lambda: True)) == "cancelled"
            assert not (tmp_path / "new").exists()
            failpoints.install(_full("before fsync restored database"))
            try:
                assert code_of(lambda: restore.restore_beside(found, tmp_path / "new")) == "backup-no-room-here"
            finally:
                failpoints.install(None)
        assert not (tmp_path / "new").exists()

    def test_a_damaged_backup_leaves_nothing(self, made, tmp_path):
        whole = bytearray(made.read_bytes())
        whole[-1000] ^= 1
        made.write_bytes(whole)
        assert code_of(lambda: beside(made, tmp_path / "new")) == "backup-damaged"
        assert not (tmp_path / "new").exists()


def _full(name: str):
    def hook(point: str) -> None:
        if point == name:
            raise OSError(28, "No space left on device")

    return hook


class TestInPlace:
    def test_what_was_there_is_kept_as_a_vault_of_its_own(self, made, vault_folder, clock):
        kept = in_place(made, vault_folder, clock)
        assert names(vault_folder) == ["Mina Satterfield"]
        assert names(kept) == ["Mina Satterfield", "After the backup"]

    def test_it_goes_only_with_a_verified_backup_after_a_week(self, made, vault_folder, clock, stick):
        """The first backup is made by itself, seconds after the unlock that shows that it was the wrong restore."""
        kept = in_place(made, vault_folder, clock)
        names(vault_folder)
        assert kept.is_dir(), "a clean open alone is not enough"
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        assert vault.read(backup_state.state).verified_file == made
        make_backup(vault, clock, stick)
        assert kept.is_dir()
        clock.move_to(clock.now() + timedelta(days=7))
        make_backup(vault, clock, stick)
        vault.lock()
        assert not kept.exists()

    @pytest.mark.parametrize("days", [-365, 365])
    def test_a_clock_that_stood_wrong_at_the_restore_takes_nothing_early(self, made, vault_folder, clock, stick, days):
        right = clock.now()
        clock.move_to(right + timedelta(days=days))
        kept = in_place(made, vault_folder, clock)
        clock.move_to(right)  # the battery was empty; the network has told the time
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        for day in (0, 1, 6):
            clock.move_to(right + timedelta(days=day))
            make_backup(vault, clock, stick)
            assert kept.is_dir()
        clock.move_to(right + timedelta(days=max(days, 0) + 7))
        make_backup(vault, clock, stick)
        vault.lock()
        assert not kept.exists()

    def test_the_restored_one_is_not_taken_for_an_older_copy(self, made, vault_folder, clock):
        anchor = header.read_copies(vault_folder)[0].header.anchor
        in_place(made, vault_folder, clock)
        restored = header.read_copies(vault_folder)[0].header.anchor
        assert restored.seq > anchor.seq

    def test_never_the_backup_of_another_vault(self, made, clock, tmp_path):
        other = Vault.create(tmp_path / "other", PASSPHRASE, kdf=keys.FLOOR).vault
        other.lock()
        before = {path.name: path.read_bytes() for path in (tmp_path / "other").iterdir()}
        assert code_of(lambda: in_place(made, tmp_path / "other", clock)) == "backup-of-other-vault"
        assert {path.name: path.read_bytes() for path in (tmp_path / "other").iterdir()} == before

    def test_never_while_it_is_open(self, made, vault_folder, clock):
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        assert code_of(lambda: in_place(made, vault_folder, clock)) == "vault-in-use"
        vault.lock()

    def test_killed_at_any_point_it_is_the_old_or_the_new_one(self, made, vault_folder, clock, tmp_path):
        points = _points_of(made, vault_folder, clock, tmp_path)
        assert len(points) > 20
        flipped = []
        # Every fifth, and all from where the header is written on: the others only write into files nobody names yet.
        turning = next(place for place, name in enumerate(points) if name.endswith("open vault.hdr2"))
        for number in sorted({*range(0, len(points), 5), *range(turning, len(points), 2), len(points) - 1}):
            folder = Path(shutil.copytree(vault_folder, tmp_path / f"k{number}"))
            child = os.fork()
            if child == 0:
                failpoints.install(_Killer(number))
                in_place(made, folder, clock)
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
            found = names(folder)
            assert found in (["Mina Satterfield", "After the backup"], ["Mina Satterfield"]), points[number]
            flipped.append(found == ["Mina Satterfield"])
            kept = list(folder.glob("before-restore-*"))
            if flipped[-1]:
                assert names(kept[0]) == ["Mina Satterfield", "After the backup"]
            shutil.rmtree(folder)
        assert flipped == sorted(flipped)
        assert True in flipped

    @pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
    def test_killed_twice_before_anybody_opened_it_no_database_is_left_to_be_told_of(self, made, vault_folder, clock):
        for point in ("after replace database", "before write vault.hdr2", "before replace vault.hdr2"):
            child = os.fork()
            if child == 0:
                failpoints.install(lambda name, point=point: name == point and os.kill(os.getpid(), signal.SIGKILL))
                in_place(made, vault_folder, clock)
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert names(vault_folder) == ["Mina Satterfield", "After the backup"]
        assert len(list(vault_folder.glob("data-*.db"))) == 1


class _Killer:
    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, _name: str) -> None:
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _points_of(made: Path, folder: Path, clock, tmp_path: Path) -> list[str]:
    copy = Path(shutil.copytree(folder, tmp_path / "count"))
    points: list[str] = []
    failpoints.install(points.append)
    try:
        in_place(made, copy, clock)
    finally:
        failpoints.install(None)
    return points


class TestAfterAChange:
    """A backup opens by what opened the vault when it was made, whatever was changed since."""

    def test_of_the_passphrase(self, made, vault_folder, clock, tmp_path):
        vault = Vault.unlock(vault_folder, PASSPHRASE)
        way = slots.passphrase_slot(vault, PASSPHRASE)
        slots.change_passphrase(vault, way, "another long passphrase", kdf=keys.FLOOR, now=1)
        vault.lock()
        assert code_of(lambda: beside(made, tmp_path / "new", "another long passphrase")) == "wrong-passphrase"
        beside(made, tmp_path / "new")
        assert names(tmp_path / "new") == ["Mina Satterfield"]

    def test_of_all_keys(self, made, vault_folder, clock, tmp_path, stick):
        _rekey(vault_folder)
        after = Vault.unlock(vault_folder, "another long passphrase")
        clock.move_to(NOW.replace(day=22))
        second = make_backup(after, clock, stick).path
        after.lock()
        beside(made, tmp_path / "old-keys")
        beside(second, tmp_path / "new-keys", "another long passphrase")
        assert names(tmp_path / "old-keys") == ["Mina Satterfield"]
        assert names(tmp_path / "new-keys", "another long passphrase") == ["Mina Satterfield", "After the backup"]
        in_place(made, vault_folder, clock)
        assert names(vault_folder) == ["Mina Satterfield"]
        assert code_of(lambda: names(vault_folder, "another long passphrase")) == "wrong-passphrase"


def _rekey(folder: Path) -> None:
    """A full change of keys, by which also the passphrase becomes another one."""
    vault = Vault.unlock(folder, PASSPHRASE)
    secret = keys.passphrase_bytes("another long passphrase")

    def new_slots(head, master, epoch):
        return (
            keys.make_slot(
                "passphrase", secret, master, vault_id=head.vault_id, epoch=epoch, kdf=keys.FLOOR, created=1
            ),
        )

    rebuild.rekey(vault, new_slots)
    vault.lock()
