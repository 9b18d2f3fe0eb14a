"""Backups by themselves: when they are due, soon after an unlock that missed one, never two at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from phr_desktop import failpoints
from phr_desktop.actions.backups import choose_backup_folder, choose_backup_rhythm
from phr_desktop.backups import Backups
from phr_desktop.domain.backups import Rhythm
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.queries.backups import backups
from phr_desktop.vault import backup_runner
from phr_desktop.vault.backup_runner import BackupRunner
from tests.refused import code_of

PATIENCE = 30.0


class Told:
    """Collects what the runner announces, and waits for it."""

    def __init__(self) -> None:
        self.changes: list[ChangeSet] = []
        self._came = threading.Semaphore(0)

    def __call__(self, change: ChangeSet) -> None:
        self.changes.append(change)
        self._came.release()

    def wait(self) -> None:
        assert self._came.acquire(timeout=PATIENCE)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def runner(vault, clock, told):
    made = BackupRunner(vault, clock, told, first=0.01)
    yield made
    made.stop()


def test_a_missed_one_is_made_soon_after_the_unlock_and_is_told(vault, clock, stick, told, runner):
    choose_backup_folder(vault, clock, stick)
    runner.start()
    told.wait()
    assert told.changes == [ChangeSet.of(Topic.SETTINGS)]
    assert backups(vault, clock).verified_at == int(clock.now().timestamp())
    assert len(list(stick.iterdir())) == 1


def test_the_next_one_follows_after_a_day(vault, clock, stick, told, monkeypatch):
    monkeypatch.setattr(backup_runner, "LOOK", 0.02)
    choose_backup_folder(vault, clock, stick)
    runner = BackupRunner(vault, clock, told, first=0.01)
    runner.start()
    try:
        told.wait()
        clock.move_to(clock.now() + timedelta(hours=25))
        told.wait()
    finally:
        runner.stop()
    assert len(list(stick.iterdir())) == 2


def test_a_failure_is_kept_to_be_shown_and_not_tried_again_at_once(vault, clock, stick, told, runner):
    choose_backup_folder(vault, clock, stick)
    stick.rename(stick.with_name("pulled-out"))
    runner.start()
    told.wait()
    failure = backups(vault, clock).failure
    assert failure.code == "backup-folder-missing"
    assert failure.parameters == {"folder": str(stick)}
    assert not runner._is_due()
    clock.move_to(clock.now() + timedelta(hours=1))
    assert runner._is_due()
    stick.with_name("pulled-out").rename(stick)
    runner.back_up()
    assert backups(vault, clock).failure is None


def test_nothing_by_itself_without_a_folder_or_by_hand(vault, clock, stick, runner):
    assert not runner._is_due()
    assert code_of(runner.back_up) == "backup-folder-not-chosen"
    choose_backup_folder(vault, clock, stick)
    assert runner._is_due()
    choose_backup_rhythm(vault, clock, Rhythm.BY_HAND)
    assert not runner._is_due()


def test_never_two_at_once_and_a_lock_ends_the_one(vault, clock, stick, runner):
    writing, go_on = threading.Event(), threading.Event()

    def hook(point: str) -> None:
        if point == "after snapshot":
            writing.set()
            assert go_on.wait(PATIENCE)

    codes: list[str] = []
    failpoints.install(hook)
    try:
        worker = threading.Thread(target=lambda: codes.append(code_of(lambda: runner.back_up(stick))))
        worker.start()
        assert writing.wait(PATIENCE)
        assert code_of(lambda: runner.back_up(stick)) == "backup-running"
        stopping = threading.Thread(target=runner.stop)
        stopping.start()
        go_on.set()
        stopping.join(PATIENCE)
        worker.join(PATIENCE)
    finally:
        failpoints.install(None)
    assert codes == ["cancelled"]
    assert list(stick.iterdir()) == []


def test_the_folder_beside_is_new_unless_there_is_nothing_yet(vault, clock, tmp_path):
    places = Backups(clock, lambda: vault.folder, lambda: vault)
    first = places.folder_beside()
    assert first == vault.folder.with_name("vault-restored-2026-11-21")
    first.mkdir()
    assert places.folder_beside() == vault.folder.with_name("vault-restored-2026-11-21-2")
    empty = Backups(clock, lambda: tmp_path / "none", lambda: vault)
    assert empty.folder_beside() == tmp_path / "none"


def test_a_folder_that_would_be_lost_with_the_vault_is_not_taken(vault, clock, tmp_path):
    assert code_of(lambda: choose_backup_folder(vault, clock, vault.folder)) == "backup-folder-is-vault"
    assert code_of(lambda: choose_backup_folder(vault, clock, tmp_path / "none")) == "backup-folder-missing"
