"""Locking while something runs: nothing is in flight when the vault shuts, and nothing starts on a shut one."""

from __future__ import annotations

import threading

import pytest

from phr_desktop.compose import Core
from phr_desktop.errors import PhrError, UserFacingError
from phr_desktop.vault import sources
from phr_desktop.vault.vault import Vault
from tests.sync.fake_portal import Connection, faking
from tests.vaults import PASSPHRASE


@pytest.fixture
def portal():
    with faking() as fake:
        yield fake


@pytest.fixture
def core(clock, vault, vault_folder):
    made = Core(clock, vault_folder)
    made.vault = vault
    yield made
    made.lock()


class Worker(threading.Thread):
    """One call on a thread of its own; `error` is how it ended."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self._call = call
        self.error = None
        self.start()

    def run(self):
        try:
            self._call()
        except PhrError as error:
            self.error = error

    def ends(self, seconds=20):
        self.join(seconds)
        return not self.is_alive()


def ignore(_what):
    pass


def test_locking_while_a_sign_in_is_renewed_keeps_the_new_one(core, portal, vault, vault_folder, clock, mina):
    connection = Connection(vault, clock, mina, portal)
    asked, answer = portal.renews_when_told()
    syncing = Worker(core.syncing.sync)
    assert asked.wait(10)
    locking = Worker(core.lock)
    assert not locking.ends(0.5)
    answer.set()
    assert locking.ends()
    assert locking.error is None
    assert syncing.ends()
    again = Vault.unlock(vault_folder, PASSPHRASE)
    grant = again.read(lambda db: sources.grant(db, connection.source))
    again.lock()
    assert (grant.refresh_token, grant.refreshing) == ("refresh-1", False)


def test_a_start_that_comes_after_the_lock_does_nothing(core):
    core.lock()
    before = set(threading.enumerate())
    core.start_background(ignore, ignore)
    assert set(threading.enumerate()) <= before
    with pytest.raises(UserFacingError) as caught:
        core.syncing.sync()
    assert caught.value.code == "vault-locked"


def test_starting_twice_starts_once(core):
    core.start_background(ignore, ignore)
    core.start_background(ignore, ignore)
    assert len([t for t in threading.enumerate() if t.name == "sync-runner"]) == 1
    core.lock()
    assert not [t for t in threading.enumerate() if t.name == "sync-runner"]


def test_locking_ends_a_sign_in_that_waits_for_its_person(core, mina, monkeypatch):
    waiting, ended = threading.Event(), []

    def connect(vault, *_given, cancelled, **_options):
        waiting.set()
        tick = threading.Event()
        while not cancelled():
            tick.wait(0.01)
        ended.append(vault.read(sources.everything))  # the vault is still open below it
        raise UserFacingError("cancelled")

    monkeypatch.setattr("phr_desktop.sync.connect.connect", connect)
    signing_in = Worker(lambda: core.syncing.connect(mina, "https://clinic.example/fhir", open_browser=ignore))
    assert waiting.wait(10)
    core.lock()
    assert ended == [[]]
    assert signing_in.ends()
    assert signing_in.error.code == "cancelled"
    with pytest.raises(UserFacingError) as caught:
        core.syncing.connect(mina, "https://clinic.example/fhir", open_browser=ignore)
    assert caught.value.code == "vault-locked"


def test_no_backup_begins_while_the_rest_is_being_ended(core, vault, monkeypatch, tmp_path):
    """It would hold a connection that the lock then stumbles over, and the vault would stay open."""
    stop = core.backups.stop
    said = []

    def stop_and_ask_anew():
        stop()
        with pytest.raises(PhrError) as caught:
            core.backups.back_up(tmp_path)
        said.append(caught.value.code)

    monkeypatch.setattr(core.backups, "stop", stop_and_ask_anew)
    core.lock()
    assert said == ["vault-locked"]
    assert vault.is_locked
