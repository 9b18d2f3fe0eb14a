"""Guards the pin of PySide6: 6.12.0 on Python 3.11 aborts after some thousands of Qt calls (`none_dealloc`)."""

from __future__ import annotations

import os
import subprocess
import sys

CALLS = 200_000
PROGRAM = f"""
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel()
for number in range({CALLS}):
    label.setText(str(number % 7))
print(label.text())
"""


def test_two_hundred_thousand_calls():
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.strip() == str((CALLS - 1) % 7)
