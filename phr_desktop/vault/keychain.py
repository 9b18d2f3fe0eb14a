"""What this computer's own keychain keeps for a vault: the device slot's key, and a copy of the freshness anchor.

The backend is one of four classes that we name, whatever the environment or a configuration file says: the keyring
library alone would take a plain file where one is installed. Every call runs in a thread of its own with a time limit:
a locked keychain asks on a screen that may not be there, and its call then never comes back (jaraco/keyring#735).

The keychain's interface takes text only, so that for the length of a call the key is in a str that cannot be wiped.
Any program of the same account may read a Linux keychain while it is unlocked.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from phr_desktop import failpoints
from phr_desktop.errors import EnvironmentProblem, PhrError
from phr_desktop.vault.freshness import WitnessedAnchor

T = TypeVar("T")
DEVICE_KEY = "key"
ANCHOR = "anchor"
SECONDS = 10.0  # for a keychain to answer, its own question to the person included

_ANCHOR = re.compile(rb"(\d{1,9}) (\d{1,19}) ([0-9a-f]{32})")
_BACKENDS = {
    "win32": (("keyring.backends.Windows", "WinVaultKeyring"),),
    "darwin": (("keyring.backends.macOS", "Keyring"),),
    "linux": (("keyring.backends.SecretService", "Keyring"), ("keyring.backends.kwallet", "DBusKeyring")),
}


class Backend(Protocol):
    """What the keyring library's backends answer."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class Keychain:
    """Keeps a few bytes under the id of a vault's device slot, which no other vault has, nor one restored beside it.

    Blocks at most `seconds`; from any thread. Errors of every call: keychain-missing, keychain-slow, keychain-refused.
    """

    def __init__(self, find: Callable[[], Backend | None] | None = None, *, seconds: float = SECONDS) -> None:
        self._find = find or system_backend
        self._seconds = seconds
        self._door = threading.Lock()
        self._running: threading.Thread | None = None  # a call that has not come back

    def read(self, what: str, slot: bytes) -> bytearray | None:
        """What is kept; None where there is nothing, or nothing of ours."""
        text = self._call("keychain read", lambda backend: backend.get_password(*_place(what, slot)))
        try:
            return None if text is None else bytearray(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            return None

    def store(self, what: str, slot: bytes, value: bytearray | bytes) -> None:
        """Keeps it in place of what was there, and reads it back."""
        text = base64.b64encode(value).decode()
        place = _place(what, slot)

        def keep(backend: Backend) -> bool:
            backend.set_password(*place, text)
            return backend.get_password(*place) == text

        if not self._call("keychain store", keep):
            raise EnvironmentProblem("keychain-refused")

    def forget(self, what: str, slot: bytes) -> None:
        """Removes it; again does nothing."""
        place = _place(what, slot)

        def remove(backend: Backend) -> None:
            if backend.get_password(*place) is not None:
                backend.delete_password(*place)

        self._call("keychain forget", remove)

    def forget_all(self, slots: Iterable[bytes]) -> None:
        """Removes whatever is kept for these slots, which no header has any more. A keychain that does not answer keeps
        what opens nothing."""
        with suppress(EnvironmentProblem):
            for slot in slots:
                self.forget(DEVICE_KEY, slot)
                self.forget(ANCHOR, slot)

    def is_there(self) -> bool:
        """Whether this computer has a keychain that we would use."""
        try:
            self._call("keychain look", lambda _backend: None)
        except PhrError:
            return False
        return True

    def _call(self, name: str, work: Callable[[Backend], T]) -> T:
        """What `work` gives, of a thread of its own. What a backend raises may hold what it was given: only a code of
        ours leaves the thread."""
        done: list[T] = []
        code = "keychain-refused"

        def run() -> None:
            nonlocal code
            try:
                with failpoints.around(name):
                    backend = self._find()
                    if backend is None:
                        code = "keychain-missing"
                    else:
                        done.append(work(backend))
            except Exception:  # noqa: BLE001 - every backend raises its own kinds; each means that it refused
                code = "keychain-refused"
                done.clear()

        with self._door:  # one at a time: where one hangs, no further threads are left behind with it
            if self._running is not None and self._running.is_alive():
                raise EnvironmentProblem("keychain-slow")
            self._running = threading.Thread(target=run, name="keychain", daemon=True)
            self._running.start()
            self._running.join(self._seconds)
            if self._running.is_alive():
                raise EnvironmentProblem("keychain-slow")
        if not done:
            raise EnvironmentProblem(code)
        return done[0]


class KeychainWitness:
    """The keychain's copy of a vault's anchor (`freshness.AnchorWitness`): one line "epoch seq nonce".

    Where the keychain did not answer (it may be unlocked only later), nothing is written to it: it may hold what an
    older copy would be known by.
    """

    def __init__(self, keychain: Keychain, slot: bytes) -> None:
        self._keychain = keychain
        self._slot = slot
        self._answered = False

    def read(self) -> WitnessedAnchor | None:
        """None where there is none, and where the keychain does not answer."""
        try:
            kept = self._keychain.read(ANCHOR, self._slot)
        except EnvironmentProblem:
            return None
        self._answered = True
        found = _ANCHOR.fullmatch(kept or b"")
        return found and WitnessedAnchor(int(found[1]), int(found[2]), bytes.fromhex(found[3].decode()))

    def write(self, anchor: WitnessedAnchor) -> None:
        """A keychain that does not answer keeps the anchor that it has: an older one raises no false alarm."""
        if not self._answered:
            return
        with suppress(EnvironmentProblem):
            text = f"{anchor.key_epoch} {anchor.seq} {anchor.nonce.hex()}".encode()
            self._keychain.store(ANCHOR, self._slot, text)


def system_backend() -> Backend | None:
    """The system's own keychain, if there is one that works. Properties that the environment would set are refused."""
    if any(name.startswith("KEYRING_PROPERTY_") for name in os.environ):
        return None
    for module, name in _BACKENDS.get(sys.platform, ()):
        kind = getattr(importlib.import_module(module), name)
        if kind.viable:
            backend: Any = kind()
            if name == "WinVaultKeyring":
                backend.persist = "local machine"  # not carried to the account's other computers
            if name == "DBusKeyring":
                backend.appid = "PHR Desktop"  # else the program's path
            found: Backend = backend
            return found
    return None


def _place(what: str, slot: bytes) -> tuple[str, str]:
    """Service and user name: neither names a person. Each service holds one entry, as Windows wants it."""
    return f"PHR Desktop {what} {slot.hex()}", slot.hex()
