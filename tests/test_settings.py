"""What is kept before unlock: which vault is opened, and what of it is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from phr_desktop import app, paths
from phr_desktop.settings import Settings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings' file of a person who has a home, and no PHR_VAULT."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PHR_VAULT", raising=False)
    return paths.settings_file()


def started(*words: str) -> Settings:
    """The settings with which the window starts; at its end it saves them."""
    settings = app._settings(app._parse(words))
    settings.save()
    return settings


def test_a_vault_named_for_one_run_is_opened_in_that_run_alone(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = paths.user_data() / "vault"
    assert started().vault_folder == usual
    assert started("--vault", str(tmp_path / "a")).vault_folder == tmp_path / "a"
    assert started().vault_folder == usual
    monkeypatch.setenv("PHR_VAULT", str(tmp_path / "b"))
    assert started().vault_folder == tmp_path / "b"
    assert started("--vault", str(tmp_path / "a")).vault_folder == tmp_path / "a"
    monkeypatch.setenv("PHR_VAULT", str(tmp_path / "c"))
    assert started().vault_folder == tmp_path / "c"
    monkeypatch.delenv("PHR_VAULT")
    assert started().vault_folder == usual


def test_a_saved_vault_stays_saved(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"vault_folder": "{tmp_path / "mine"}", "text_scale": 1.5}}')
    monkeypatch.setenv("PHR_VAULT", str(tmp_path / "b"))
    assert started().vault_folder == tmp_path / "b"
    monkeypatch.delenv("PHR_VAULT")
    assert started().vault_folder == tmp_path / "mine"
    assert started().text_scale == 1.5
