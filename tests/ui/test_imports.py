"""What the window costs before its first page: only what quality.md allows is imported."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import sys
import phr_desktop.ui.main_window, phr_desktop.ui.pages.settings, phr_desktop.ui.widgets
late = ["pyqtgraph", "numpy", "requests", "authlib", "joserfc", "apscheduler", "icalendar", "flask", "nh3", "zxcvbn",
        "pypdfium2", "segno", "desktop_notifier", "keyring", "fhir", "PySide6.QtNetwork", "PySide6.QtQml"]
print([name for name in late if name in sys.modules])
"""


def test_window_imports_only_what_it_must():
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.strip() == "[]"
