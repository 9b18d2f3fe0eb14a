"""The ways in as window and command line use them: nobody makes one at an unlocked screen."""

from __future__ import annotations

import pytest

from phr_desktop import failpoints
from phr_desktop.compose import Core
from phr_desktop.domain.access import WayKind
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.vault import calibrate, header, keys
from phr_desktop.vault.keychain import Keychain
from tests.refused import code_of
from tests.vault.test_keychain import DictBackend
from tests.vaults import PASSPHRASE

NEW = "gaining crazy perfume pulp scholar traitor"
OTHER = "Ana's own long passphrase"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(keys, "stretch", lambda secret, _kdf, salt: keys.derive(secret, salt, b"test"))


@pytest.fixture
def backend():
    return DictBackend()


@pytest.fixture
def core(clock, tmp_path, backend):
    core = Core(clock, tmp_path / "v", keychain=Keychain(lambda: backend))
    core.recovery = core.create_vault(PASSPHRASE)
    yield core
    core.lock()


def ways(core, kind=WayKind.PASSPHRASE):
    return [way for way in core.access.ways() if way.kind is kind]


@pytest.mark.parametrize("present", [None, "", "a wrong passphrase"])
def test_every_new_way_in_asks_for_the_present_passphrase(core, present):
    access = core.access
    before = access.ways()
    never = {"progress": lambda _done, _total: None, "cancelled": lambda: False}
    for action in (
        lambda: access.change_passphrase(present, NEW),
        lambda: access.add_passphrase(present, NEW, "Ana"),
        lambda: access.new_recovery_key(present),
        lambda: access.set_recovery_key(present, core.recovery),
        lambda: access.turn_device_on(present),
        lambda: access.rekey(present, NEW, core.recovery, **never),
    ):
        assert code_of(action) == "wrong-passphrase"
    assert access.ways() == before


def test_whoever_came_by_the_recovery_key_needs_no_passphrase(core):
    core.lock()
    core.unlock_with_recovery_key(core.recovery)
    assert core.access.opened_with is WayKind.RECOVERY_KEY
    core.access.change_passphrase(None, NEW)
    core.lock()
    assert code_of(lambda: core.unlock(PASSPHRASE)) == "wrong-passphrase"
    core.unlock(NEW)
    assert core.access.opened_with is WayKind.PASSPHRASE


def test_of_several_forgotten_ones_it_must_be_said_which_goes(core):
    core.access.add_passphrase(PASSPHRASE, OTHER, "Ana")
    core.lock()
    core.unlock_with_recovery_key(core.recovery)
    assert code_of(lambda: core.access.change_passphrase(None, NEW)) == "way-missing"
    core.access.change_passphrase(None, NEW, way=next(way.id for way in ways(core) if way.label == ""))
    core.lock()
    core.unlock(OTHER)
    core.lock()
    core.unlock(NEW)


def test_nobody_changes_the_others_passphrase_by_mistake(core):
    core.access.add_passphrase(PASSPHRASE, OTHER, "Ana")
    hers = next(way.id for way in ways(core) if way.label == "Ana")
    assert code_of(lambda: core.access.change_passphrase(PASSPHRASE, NEW, way=hers)) == "other-passphrase"
    core.access.change_passphrase(OTHER, NEW, way=hers)
    core.lock()
    core.unlock(PASSPHRASE)


def test_this_computer_opens_it_keeps_a_witness_and_can_be_turned_off(core, backend):
    assert not core.can_unlock_with_device()
    core.access.turn_device_on(PASSPHRASE)
    core.lock()
    assert core.can_unlock_with_device()
    core.unlock_with_device()
    core.open_vault.judged()
    core.add_person("Mina", None, None)
    core.lock()
    assert len(backend.kept) == 2, "the key and the anchor"
    core.unlock(PASSPHRASE)
    core.open_vault.judged()
    (device,) = ways(core, WayKind.DEVICE)
    core.access.remove(device.id)
    assert backend.kept == {}
    core.lock()
    assert not core.can_unlock_with_device()


def test_a_copy_restored_beside_has_its_own_place_in_the_keychain(core, clock, tmp_path, backend):
    """Both are the same vault by their id; neither shuts the other out, nor makes it an older copy."""
    core.access.turn_device_on(PASSPHRASE)
    core.lock()
    core.unlock_with_device()
    (tmp_path / "stick").mkdir()
    made = core.backups.back_up(tmp_path / "stick")
    for name in ("Mina", "Omid", "Leo"):
        core.add_person(name, None, None)
    core.backups.restore_beside(made.path, PASSPHRASE, tmp_path / "beside")
    beside = Core(clock, tmp_path / "beside", keychain=Keychain(lambda: backend))
    beside.unlock(PASSPHRASE)
    beside.access.turn_device_on(PASSPHRASE)
    core.lock()
    beside.lock()
    for turn in range(2):
        for each in (core, beside):
            each.unlock_with_device()
            assert each.vault_state() is VaultState.OK
            each.add_person(f"Ana {turn}", None, None)
            each.lock()
    beside.unlock_with_device()
    beside.upkeep.remove_vault(with_backups=False)
    assert len(backend.kept) == 2, "the other's key and anchor"
    core.unlock_with_device()
    core.upkeep.remove_vault(with_backups=False)
    assert backend.kept == {}


def test_what_a_failed_turning_on_left_in_the_keychain_is_taken_out(core, backend):
    core.access.turn_device_on(PASSPHRASE)
    before = dict(backend.kept)

    def full(name: str) -> None:
        if name == "before write vault.hdr2":
            raise OSError(28, "full")

    failpoints.install(full)
    try:
        assert code_of(lambda: core.access.turn_device_on(PASSPHRASE)) == "disk-full"
    finally:
        failpoints.install(None)
    assert backend.kept == before
    core.lock()
    core.unlock_with_device()


def test_a_rekey_leaves_the_new_passphrase_and_the_new_key_only(core, backend):
    core.access.turn_device_on(PASSPHRASE)
    core.access.add_passphrase(PASSPHRASE, OTHER, "Ana")
    key = core.access.new_recovery_key(PASSPHRASE)
    told = []
    core.access.rekey(PASSPHRASE, NEW, key, progress=lambda *each: told.append(each), cancelled=lambda: False)
    assert told[-1] == (1000, 1000)
    assert [way.kind for way in core.access.ways()] == [WayKind.PASSPHRASE, WayKind.RECOVERY_KEY]
    assert not core.access.recovery_key_is_unchecked()
    assert not core.can_unlock_with_device()
    core.lock()
    for gone in (PASSPHRASE, OTHER):
        assert code_of(lambda gone=gone: core.unlock(gone)) == "wrong-passphrase"
    core.unlock_with_recovery_key(key)
    core.lock()
    core.unlock(NEW)


class TestCost:
    def test_a_new_vault_takes_what_this_computer_bears(self, clock, tmp_path, monkeypatch):
        chosen = keys.KdfParameters(300 * 1024, 4, 4)
        measured = []
        monkeypatch.setattr(calibrate, "calibrated", lambda: measured.append(1) or chosen)
        core = Core(clock, tmp_path / "v", kdf=None)
        core.create_vault(PASSPHRASE)
        core.access.add_passphrase(PASSPHRASE, OTHER, "Ana")
        core.lock()
        slots = header.read_copies(tmp_path / "v")[0].header.slots
        assert [slot.kdf for slot in slots] == [chosen, None, chosen]
        assert len(measured) == 1

    def test_an_old_cost_is_raised_at_unlock_without_a_word(self, core, clock, monkeypatch):
        core.lock()
        monkeypatch.setattr(calibrate, "raised", lambda _present, seconds: keys.DEFAULT if seconds > 0 else None)
        again = Core(clock, core.folder, kdf=None)
        again.unlock(PASSPHRASE)
        again.lock()
        assert header.read_copies(core.folder)[0].header.slots[-1].kdf == keys.DEFAULT
        core.unlock(PASSPHRASE)

    def test_where_it_cannot_be_raised_the_vault_is_open_all_the_same(self, core, clock, monkeypatch):
        from phr_desktop import failpoints

        core.lock()
        monkeypatch.setattr(calibrate, "raised", lambda _present, _seconds: keys.DEFAULT)
        again = Core(clock, core.folder, kdf=None)

        def full(name):
            if name == "before write vault.hdr2":
                raise OSError(28, "full")

        failpoints.install(full)
        try:
            again.unlock(PASSPHRASE)
        finally:
            failpoints.install(None)
        assert not again.open_vault.is_locked
        again.lock()
