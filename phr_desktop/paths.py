"""The only place that finds our own files and the folders that belong to the person."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

APPLICATION = "phr-desktop"
VAULT_VARIABLE = "PHR_VAULT"


def resources() -> Path:
    """The folder of icons, portal directory and demo data: in a frozen build, in a wheel, or in a checkout."""
    here = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "resources"] if frozen else []
    candidates += [here / "_resources", here.parent / "resources"]
    return next(folder for folder in candidates if folder.is_dir())


def user_data() -> Path:
    """Where this program keeps a person's files, by the system's own habit."""
    return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))


def named_vault() -> Path | None:
    """The vault's folder that PHR_VAULT says for this run, if it says one."""
    named = os.environ.get(VAULT_VARIABLE)
    return Path(named) if named else None


def default_vault() -> Path:
    """The vault's folder: as PHR_VAULT says, else inside the user's data folder."""
    return named_vault() or user_data() / "vault"


def demo_vault() -> Path:
    """The sample vault's folder; never opened as a real vault."""
    return user_data() / "demo" / "vault"


def settings_file() -> Path:
    """The few settings that are needed before a vault is unlocked."""
    return Path(platformdirs.user_config_dir(APPLICATION, appauthor=False)) / "settings.json"
