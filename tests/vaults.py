"""Vaults for tests: copies of one template made once a session at the Argon2id floor."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from phr_desktop import compose
from phr_desktop.clock import FixedClock
from phr_desktop.vault import keys, people
from phr_desktop.vault.vault import Vault

PASSPHRASE = "correct horse battery staple"
NOW = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")
# What `cheap_cores` does, for the script of a process of its own.
CHEAP = """
from phr_desktop import compose
from phr_desktop.vault import keys
compose.Core.__init__.__kwdefaults__["kdf"] = keys.FLOOR
"""


@pytest.fixture(scope="session", autouse=True)
def each_passphrase_stretched_once() -> Iterator[None]:
    """Argon2id takes a fifth of a second and gives the same key for the same passphrase, salt and cost: for the copies
    of the template, one that it gave before will do. A test that is about Argon2id itself puts its own in place."""
    real, given = keys.stretch, {}

    def remembering(secret: bytearray, kdf: keys.KdfParameters, salt: bytes) -> bytearray:
        asked = (hashlib.sha256(secret).digest(), kdf, salt, keys.Argon2id)
        if asked not in given:
            given[asked] = bytes(real(secret, kdf, salt))
        return bytearray(given[asked])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "stretch", remembering)
        yield


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Where backups go."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def vault_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A locked, empty vault's folder: copy it, never open it."""
    folder = tmp_path_factory.mktemp("template") / "vault"
    Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
    return folder


@pytest.fixture(autouse=True)
def cheap_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A core in a test guards passphrases at the floor, and measures nothing, unless it is told otherwise."""
    monkeypatch.setitem(compose.Core.__init__.__kwdefaults__, "kdf", keys.FLOOR)


@pytest.fixture
def vault_folder(vault_template: Path, tmp_path: Path) -> Path:
    """A locked, empty vault of this test's own; opens with PASSPHRASE."""
    return Path(shutil.copytree(vault_template, tmp_path / "vault"))


@pytest.fixture
def vault(vault_folder: Path) -> Iterator[Vault]:
    """An unlocked, empty vault; locked again at the end."""
    unlocked = Vault.unlock(vault_folder, PASSPHRASE)
    yield unlocked
    unlocked.lock()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at 2026-11-21 8:30 in Los Angeles."""
    return FixedClock(NOW, ZONE)


@pytest.fixture
def mina(vault: Vault) -> int:
    """A person in the vault."""
    return vault.write(lambda db: people.add(db, "Mina Satterfield", "1949-05-04", "mother", int(NOW.timestamp())))
