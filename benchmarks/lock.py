"""Locking and unlocking the window on 100,000 records: the lock against one second, unlock against Argon2id's own time.

The lock is measured twice: until nothing of the record is on the screen, and until the vault is shut, its file hashed
and the keys wiped. Before each one a result was marked as opened, so that there is something to bring into the file.
Unlock ends with the first painted page, as in benchmarks/startup.py; Argon2id alone is measured in the same round.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.data import PASSPHRASE, finish, median, percentile, verdict
from benchmarks.large_vault import fill
from phr_desktop.actions.records import mark_opened
from phr_desktop.vault import keys
from phr_desktop.vault.vault import Vault

COUNT = 100_000
ROUNDS = 7
LOCK_LIMIT = 1.0  # seconds
EMPTY_LIMIT = 0.2  # seconds until the screen is empty
UNLOCK_MARGIN = 0.5  # seconds beside Argon2id


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(tempfile.mkdtemp(prefix="phr-bench-"))
    try:
        vault = Vault.create(folder / "vault", PASSPHRASE).vault
        person = fill(vault, COUNT)
        vault.lock()
        size = sum(each.stat().st_size for each in (folder / "vault").glob("data-*")) / 1e6
        emptied, locked, unlocked, alone = measure(folder / "vault", person)
    finally:
        shutil.rmtree(folder)
    beside = [whole - kdf for whole, kdf in zip(unlocked, alone, strict=True)]
    print(f"{COUNT:,} records, file of {size:.0f} MB, Argon2id {median(alone):.3f} s, medians of {ROUNDS}")
    print(f"slowest lock {percentile(locked, 1):.3f} s, slowest unlock {percentile(unlocked, 1):.3f} s")
    finish(
        verdict("lock, until the screen is empty", median(emptied), EMPTY_LIMIT, "s"),
        verdict("lock, until the vault is shut", median(locked), LOCK_LIMIT, "s"),
        verdict("unlock to the first page, beside Argon2id", median(beside), UNLOCK_MARGIN, "s"),
    )


def measure(folder: Path, person: int) -> tuple[list[float], list[float], list[float], list[float]]:
    """Seconds of each round: screen empty, vault shut, first page after unlock, Argon2id alone."""
    from PySide6.QtWidgets import QApplication

    from phr_desktop.app import WindowCore, build
    from phr_desktop.clock import SystemClock
    from phr_desktop.settings import Settings
    from phr_desktop.ui.tour import wait_for

    app = QApplication([])
    core = WindowCore(SystemClock(), Settings.load(folder.parent / "settings.json", folder))
    window = build(app, core)
    main = window.main
    main.start()
    main.show()
    emptied, locked, unlocked, alone = [], [], [], []

    def page_is_shown() -> bool:
        return main.shell is not None and main.shell.page() is not None and main.shell.page().isVisible()

    for number in range(ROUNDS):
        alone.append(_argon2id())
        door = main.stack.currentWidget()
        door.passphrase.edit.setText(PASSPHRASE)
        begin = time.perf_counter()
        door.button.click()
        wait_for(page_is_shown)
        main.repaint()
        unlocked.append(time.perf_counter() - begin)
        wait_for(lambda: window.bridge.is_idle)
        main.navigate("results")
        wait_for(lambda: window.bridge.is_idle)
        mark_opened(core.vault, core.clock, person, number + 1)
        begin = time.perf_counter()
        main.lock()
        app.processEvents()
        emptied.append(time.perf_counter() - begin)
        wait_for(lambda: main.stack.currentWidget().isEnabled())
        locked.append(time.perf_counter() - begin)
    window.close()
    return emptied, locked, unlocked, alone


def _argon2id() -> float:
    begin = time.perf_counter()
    keys.wipe(keys.stretch(keys.passphrase_bytes(PASSPHRASE), keys.DEFAULT, os.urandom(16)))
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
