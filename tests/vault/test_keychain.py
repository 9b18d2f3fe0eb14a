"""The keychain: what it keeps, and that one which hangs, refuses or is the wrong one never holds the program up."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from phr_desktop import failpoints
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.sentences import SENTENCES
from phr_desktop.vault import keychain as module
from phr_desktop.vault.freshness import WitnessedAnchor
from phr_desktop.vault.keychain import ANCHOR, DEVICE_KEY, Keychain, KeychainWitness, system_backend

VAULT = bytes(range(16))
SECRET = bytearray(range(100, 132))


class DictBackend:
    """A keychain in memory."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self._refuses = refuses

    def _answer(self) -> None:
        if self._refuses:
            raise RuntimeError("the prompt was dismissed")

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        del self.kept[service, username]


class HangingBackend(DictBackend):
    """Asks on a screen that nobody sees, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.asked = 0

    def _answer(self) -> None:
        self.asked += 1
        self.let_go.wait(60)


def code_of(action) -> str:
    with pytest.raises(EnvironmentProblem) as caught:
        action()
    assert caught.value.code in SENTENCES
    return caught.value.code


def test_it_gives_back_what_it_keeps_and_forgets():
    backend = DictBackend()
    keychain = Keychain(lambda: backend)
    assert keychain.read(DEVICE_KEY, VAULT) is None
    keychain.store(DEVICE_KEY, VAULT, SECRET)
    assert keychain.read(DEVICE_KEY, VAULT) == SECRET
    assert keychain.read(DEVICE_KEY, bytes(16)) is None
    assert keychain.read(ANCHOR, VAULT) is None
    keychain.forget(DEVICE_KEY, VAULT)
    keychain.forget(DEVICE_KEY, VAULT)
    assert backend.kept == {}


def test_nothing_of_a_person_is_in_its_names():
    backend = DictBackend()
    Keychain(lambda: backend).store(DEVICE_KEY, VAULT, SECRET)
    ((service, user),) = backend.kept
    assert (service, user) == (f"PHR Desktop key {VAULT.hex()}", VAULT.hex())


def test_one_that_hangs_is_given_up_and_leaves_one_thread_however_often_it_is_asked():
    backend = HangingBackend()
    keychain = Keychain(lambda: backend, seconds=0.2)
    before = time.monotonic()
    for _ in range(20):
        assert code_of(lambda: keychain.read(DEVICE_KEY, VAULT)) == "keychain-slow"
    assert not keychain.is_there()
    assert time.monotonic() - before < 5
    assert backend.asked == 1
    stuck = [each for each in threading.enumerate() if each.name == "keychain"]
    assert len(stuck) == 1
    assert stuck[0].daemon
    backend.let_go.set()
    stuck[0].join(10)
    keychain.store(DEVICE_KEY, VAULT, SECRET)
    assert keychain.read(DEVICE_KEY, VAULT) == SECRET


def test_the_limit_is_ten_seconds():
    assert Keychain()._seconds == module.SECONDS == 10.0


def test_one_that_is_locked_or_dismissed_says_so_without_its_own_words():
    keychain = Keychain(lambda: DictBackend(refuses=True))
    for action in (
        lambda: keychain.read(DEVICE_KEY, VAULT),
        lambda: keychain.store(DEVICE_KEY, VAULT, SECRET),
        lambda: keychain.forget(DEVICE_KEY, VAULT),
    ):
        with pytest.raises(EnvironmentProblem) as caught:
            action()
        assert caught.value.code == "keychain-refused"
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


def test_one_that_keeps_something_else_than_it_was_given_is_refused():
    class Forgetful(DictBackend):
        def set_password(self, service, username, password):
            self.kept[service, username] = password[:10]

    backend = Forgetful()
    assert code_of(lambda: Keychain(lambda: backend).store(DEVICE_KEY, VAULT, SECRET)) == "keychain-refused"


def test_what_is_not_ours_counts_as_nothing():
    backend = DictBackend()
    keychain = Keychain(lambda: backend)
    backend.set_password(f"PHR Desktop key {VAULT.hex()}", VAULT.hex(), "not base64!")
    assert keychain.read(DEVICE_KEY, VAULT) is None


def test_without_a_keychain_it_says_so():
    keychain = Keychain(lambda: None)
    assert code_of(lambda: keychain.read(DEVICE_KEY, VAULT)) == "keychain-missing"
    assert not keychain.is_there()


def test_every_call_passes_a_failpoint_that_can_fail_it():
    passed = []

    def fail(name):
        passed.append(name)
        raise OSError(5, "I/O error")

    failpoints.install(fail)
    try:
        assert code_of(lambda: Keychain(DictBackend).read(DEVICE_KEY, VAULT)) == "keychain-refused"
        assert code_of(lambda: Keychain(DictBackend).store(DEVICE_KEY, VAULT, SECRET)) == "keychain-refused"
    finally:
        failpoints.install(None)
    assert passed == ["before keychain read", "before keychain store"]


class TestWhichBackend:
    @pytest.fixture
    def backends(self, monkeypatch):
        """Stands for the modules of the keyring library on this system."""

        class Good(DictBackend):
            viable = True

        class Absent(DictBackend):
            viable = False

        made = type(sys)("fake_backends")
        made.Good, made.Absent = Good, Absent
        monkeypatch.setitem(sys.modules, "fake_backends", made)

        def use(*names):
            monkeypatch.setitem(module._BACKENDS, sys.platform, tuple(("fake_backends", name) for name in names))

        return use

    def test_the_first_that_works_is_taken(self, backends):
        backends("Absent", "Good")
        assert type(system_backend()).__name__ == "Good"
        backends("Absent")
        assert system_backend() is None

    def test_the_environment_does_not_redirect_it(self, backends, monkeypatch):
        backends("Good")
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        assert type(system_backend()).__name__ == "Good"
        monkeypatch.setenv("KEYRING_PROPERTY_PREFERRED_COLLECTION", "/tmp/elsewhere")
        assert system_backend() is None

    def test_only_four_are_ever_named(self):
        named = {f"{place}.{name}" for several in module._BACKENDS.values() for place, name in several}
        assert named == {
            "keyring.backends.Windows.WinVaultKeyring",
            "keyring.backends.macOS.Keyring",
            "keyring.backends.SecretService.Keyring",
            "keyring.backends.kwallet.DBusKeyring",
        }

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="D-Bus")
    def test_without_a_session_there_is_none(self, monkeypatch):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
        assert system_backend() is None


class TestWitness:
    def test_it_gives_back_the_anchor(self):
        backend = DictBackend()
        witness = KeychainWitness(Keychain(lambda: backend), VAULT)
        assert witness.read() is None
        anchor = WitnessedAnchor(3, 2**40, bytes(range(16)))
        witness.write(anchor)
        assert KeychainWitness(Keychain(lambda: backend), VAULT).read() == anchor

    @pytest.mark.parametrize("backend", [lambda: None, lambda: DictBackend(refuses=True)])
    def test_no_keychain_is_no_witness_and_no_error(self, backend):
        witness = KeychainWitness(Keychain(backend), VAULT)
        witness.write(WitnessedAnchor(1, 1, bytes(16)))
        assert witness.read() is None

    def test_one_that_did_not_answer_at_the_unlock_is_not_written_to(self):
        """It may hold a newer anchor, by which this copy would have been known as older."""
        backend, answers = DictBackend(), []
        first = KeychainWitness(Keychain(lambda: backend), VAULT)
        assert first.read() is None
        newer = WitnessedAnchor(1, 9, bytes(range(16)))
        first.write(newer)
        later = KeychainWitness(Keychain(lambda: backend if answers else None), VAULT)
        assert later.read() is None
        answers.append(True)
        later.write(WitnessedAnchor(1, 2, bytes(16)))
        assert first.read() == newer

    def test_what_is_not_an_anchor_is_none(self):
        backend = DictBackend()
        keychain = Keychain(lambda: backend)
        keychain.store(ANCHOR, VAULT, b"1 2 xyz")
        assert KeychainWitness(keychain, VAULT).read() is None
