"""The sample beside a person's own vault: neither is ever taken for the other, and none is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from phr_desktop import paths, sample
from phr_desktop.clock import FixedClock
from phr_desktop.compose import Core
from phr_desktop.errors import Bug, EnvironmentProblem, UserFacingError
from phr_desktop.sample import Account, PortalProcess, open_sample, portal_command
from phr_desktop.vault import keys, migrate
from phr_desktop.vault.vault import Vault
from tests.vaults import PASSPHRASE


class FakePortal:
    """Stands for the portal's process."""

    running = 0

    def __init__(self, port: int = 0) -> None:
        self.fhir_base = "http://127.0.0.1:40000/fhir"
        FakePortal.running += 1

    def account(self, patient: str) -> Account:
        return Account(patient, "secret", patient, patient.title())

    def stop(self) -> None:
        FakePortal.running -= 1


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample's folder; no portal runs, and nothing is synced."""
    folder = tmp_path / "demo" / "vault"
    monkeypatch.setattr(paths, "demo_vault", lambda: folder)
    monkeypatch.setattr(sample, "PortalProcess", FakePortal)
    monkeypatch.setattr(FakePortal, "running", 0)
    monkeypatch.setattr(sample.Sample, "_sync", lambda _self, _patient: None)
    return folder


@pytest.fixture
def core(clock: FixedClock, vault_folder: Path):
    """The core of a person who has a vault of their own."""
    core = Core(clock, vault_folder)
    yield core
    core.lock()


def opened(core: Core) -> bytes:
    """The id of the sample vault, after it was opened and locked again."""
    here = core.place
    open_sample(core, lambda _said: None).close()
    found = core.open_vault.id
    assert core.is_sample
    core.move_to(here)
    return found


def own_still_opens(core: Core, folder: Path) -> bool:
    assert core.folder == folder
    assert not core.is_sample
    core.unlock(PASSPHRASE)
    core.lock()
    return FakePortal.running == 0


def test_the_sample_of_this_week_is_opened_again_and_made_anew_next_week(core: Core, clock: FixedClock) -> None:
    first = opened(core)
    assert opened(core) == first
    clock.move_to(clock.now() + timedelta(days=7))
    assert opened(core) != first


def test_a_sample_of_a_schema_that_was_edited_before_its_release_is_made_anew(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(core)
    edited = [(number, f"{sql}\nCREATE TABLE later (id INTEGER PRIMARY KEY);") for number, sql in migrate.known()]
    monkeypatch.setattr(migrate, "known", lambda: edited)
    second = opened(core)
    assert second != first
    assert opened(core) == second


@pytest.mark.parametrize("code", ["header", "database", "missing", "passphrase"])
def test_a_broken_sample_is_made_anew(code: str, core: Core, place: Path) -> None:
    first = opened(core)
    (database,) = place.glob("data-*.db")
    if code == "header":
        for name in ("vault.hdr", "vault.hdr2"):
            (place / name).write_bytes(b"rubbish")
    elif code == "database":
        database.write_bytes(b"rubbish" * 4096)
    elif code == "missing":
        database.unlink()
    else:
        sample.wipe.remove_vault(place)
        Vault.create(place, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
    assert opened(core) != first


def test_a_sample_that_another_window_has_open_is_left_alone(core: Core, place: Path, vault_folder: Path) -> None:
    first = opened(core)
    files = sorted(path.name for path in place.iterdir())
    other = Vault.unlock(place, sample.PASSPHRASE)
    with pytest.raises(UserFacingError, match="vault-in-use"):
        open_sample(core, lambda _said: None)
    other.lock()
    assert sorted(path.name for path in place.iterdir()) == files
    assert own_still_opens(core, vault_folder)
    assert opened(core) == first


def test_without_a_portal_the_persons_own_vault_is_there(
    core: Core, place: Path, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_port: int = 0) -> None:
        raise EnvironmentProblem("demo-portal-failed")

    monkeypatch.setattr(sample, "PortalProcess", failing)
    with pytest.raises(EnvironmentProblem, match="demo-portal-failed"):
        open_sample(core, lambda _said: None)
    assert own_still_opens(core, vault_folder)
    assert not place.exists()


def test_after_a_failed_sync_a_new_vault_is_made_where_the_person_wants_it(
    clock: FixedClock, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_self: object, _patient: str) -> None:
        raise EnvironmentProblem("portal-cut")

    monkeypatch.setattr(sample.Sample, "_sync", failing)
    core = Core(clock, tmp_path / "mine", kdf=keys.FLOOR)
    with pytest.raises(EnvironmentProblem, match="portal-cut"):
        open_sample(core, lambda _said: None)
    assert FakePortal.running == 0
    core.create_vault(PASSPHRASE)
    core.lock()
    Vault.unlock(tmp_path / "mine", PASSPHRASE).lock()


def test_nobodys_own_vault_is_made_in_the_samples_folder(core: Core, place: Path) -> None:
    started = open_sample(core, lambda _said: None)
    core.lock()
    with pytest.raises(Bug):
        core.create_vault(PASSPHRASE)
    started.close()


def test_nothing_in_the_folder_it_was_started_from_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json.py", "msgspec.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (tmp_path / "phr_desktop").mkdir()
    (tmp_path / "phr_desktop" / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    portal = PortalProcess()
    portal.stop()
    assert portal.fhir_base.startswith("http://127.0.0.1:")
    assert not (tmp_path / "ran").exists()


def test_a_built_program_starts_itself_as_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    _, *words = portal_command(0)
    command = [sys.executable, "-m", "phr_desktop"]  # what stands for the built program here
    program = subprocess.Popen([*command, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert json.loads(program.stdout.readline())["fhir_base"]
    program.stdin.close()
    assert program.wait(20) == 0
    program.stdout.close()
    assert subprocess.run([*command, "--demo-portal", "x"], check=False).returncode == 2
