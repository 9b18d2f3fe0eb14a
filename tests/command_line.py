"""The command line for tests: `phr` run in this process, over the vault of this test."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from phr_desktop import cli
from tests.vaults import PASSPHRASE


class Phr:
    """Runs `phr` in this process; keeps what it said."""

    def __init__(self, monkeypatch, capfdbinary, folder: Path, passphrase_file: Path) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capfdbinary
        self.folder = passphrase_file.parent
        monkeypatch.setenv("PHR_VAULT", str(folder))
        monkeypatch.setenv("PHR_PASSPHRASE_FILE", str(passphrase_file))
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        monkeypatch.setattr(threading, "excepthook", threading.excepthook)

    def __call__(self, *words: str) -> int:
        self._monkeypatch.setattr(sys, "argv", ["phr", *words])
        status = 0
        try:
            cli.main()
        except SystemExit as ending:
            status = int(ending.code or 0)
        captured = self._capture.readouterr()
        self.out, self.err = captured.out, captured.err.decode()
        return status

    def json(self, *words: str):
        assert self("--json", *words) == 0, self.err
        assert self.err == ""
        return json.loads(self.out)

    def answer(self, *words: str) -> tuple[int, Any, str]:
        """Status, answer (None for none), complaint."""
        status = self("--json", *words)
        return status, json.loads(self.out) if self.out else None, self.err


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    return path


@pytest.fixture
def phr(monkeypatch, capfdbinary, vault_folder: Path, passphrase_file: Path) -> Phr:
    return Phr(monkeypatch, capfdbinary, vault_folder, passphrase_file)
