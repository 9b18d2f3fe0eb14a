"""From unlock to the first painted page on 100,000 records, against Argon2id's own time and twice a bare Qt window.

The bare window is a process that starts Python, imports Qt and paints an empty window. Unlock begins where the person
has pressed the button: the program's modules are loaded by then, as they are on a real Unlock screen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.data import PASSPHRASE, finish, median, verdict
from benchmarks.large_vault import fill
from phr_desktop.vault import keys
from phr_desktop.vault.vault import Vault

COUNT = 100_000
ROUNDS = 5
BARE = """
import time; begin = time.perf_counter()
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.perf_counter() - begin, flush=True)
        app.quit()
app = QApplication([])
window = Window()
window.resize(1280, 860)
window.show()
app.exec()
"""


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if len(sys.argv) > 1:
        ours(Path(sys.argv[1]))
        return
    folder = Path(tempfile.mkdtemp(prefix="phr-bench-"))
    try:
        vault = Vault.create(folder / "vault", PASSPHRASE).vault
        fill(vault, COUNT)
        vault.lock()
        bare, unlock, kdf = [], [], []
        for _ in range(ROUNDS):
            bare.append(_run("-c", BARE)[0])
            took = _run("-m", "benchmarks.startup", str(folder / "vault"))
            unlock.append(took[0])
            kdf.append(took[1])
    finally:
        shutil.rmtree(folder)
    print(f"bare window {median(bare):.3f} s, Argon2id {median(kdf):.3f} s (medians of {ROUNDS})")
    finish(verdict(f"unlock to first page, {COUNT:,} records", median(unlock), median(kdf) + 2 * median(bare), "s"))


def _run(*words: str) -> list[float]:
    done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def ours(folder: Path) -> None:
    """Prints seconds from unlock to the first painted page, and Argon2id's share."""
    from PySide6.QtWidgets import QApplication

    from phr_desktop.app import WindowCore, build
    from phr_desktop.clock import SystemClock
    from phr_desktop.settings import Settings
    from phr_desktop.ui.tour import wait_for

    app = QApplication([])
    core = WindowCore(SystemClock(), Settings.load(folder.parent / "settings.json", folder))
    window = build(app, core)
    window.main.start()
    window.main.show()
    app.processEvents()
    begin = time.perf_counter()
    core.unlock(PASSPHRASE)
    window.main.enter()
    wait_for(lambda: window.main.shell.page() is not None and window.main.shell.page().isVisible())
    window.main.repaint()
    took = time.perf_counter() - begin
    begin = time.perf_counter()
    keys.wipe(keys.stretch(keys.passphrase_bytes(PASSPHRASE), keys.DEFAULT, os.urandom(16)))
    print(took, time.perf_counter() - begin, flush=True)
    wait_for(lambda: window.bridge.is_idle)
    window.close()


if __name__ == "__main__":
    main()
