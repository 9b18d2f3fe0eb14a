"""What the program costs while nobody uses it: the window hidden, the vault open, reminders ahead.

`python -m benchmarks.idle 600` watches for ten minutes; not among those that run together, for its length.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import time as day_time
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.data import PASSPHRASE, finish, verdict
from phr_desktop.actions.doses import confirm_schedule
from phr_desktop.app import WindowCore, build
from phr_desktop.clock import SystemClock, today
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
from phr_desktop.settings import Settings
from phr_desktop.vault import keys
from phr_desktop.vault.vault import Vault

LIMIT_PERCENT = 0.1
SETTLING = 20.0  # seconds after the start that do not count


def main() -> None:
    watched = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory(prefix="phr-bench-") as folder:
        used = _watch(Path(folder), watched)
    finish(verdict(f"idle for {watched:.0f} s, window hidden", 100 * used / watched, LIMIT_PERCENT, "% of a core"))


def _watch(folder: Path, watched: float) -> float:
    """Seconds of CPU in that time."""
    Vault.create(folder / "vault", PASSPHRASE, kdf=keys.FLOOR).vault.lock()
    settings = Settings.load(folder / "settings.json", folder / "vault")
    settings.lock_minutes = 0
    app = QApplication([])
    core = WindowCore(SystemClock(), settings)
    core.unlock(PASSPHRASE)
    _take_something(core)
    window = build(app, core)
    window.main.enter()
    window.main.hide()
    began: list[float] = []
    QTimer.singleShot(int(SETTLING * 1000), lambda: began.append(time.process_time()))
    QTimer.singleShot(int((SETTLING + watched) * 1000), app.quit)
    app.setQuitOnLastWindowClosed(False)
    app.exec()
    used = time.process_time() - began[0]
    window.close()
    return used


def _take_something(core: WindowCore) -> None:
    person = core.add_person("Mina Satterfield", None, None).person
    rhythm = AtTimes(EveryDay(), tuple(TimedDose(day_time(hour), Decimal(1)) for hour in (8, 14, 20)))
    made = Schedule("", person, "rxnorm:1", "Metformin", "tablet", rhythm, today(core.clock))
    confirm_schedule(core.open_vault, core.clock, made)


if __name__ == "__main__":
    main()
