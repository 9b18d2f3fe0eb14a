"""Photographs every page of the sample in light, dark, high contrast and at 200 % text into build/screenshots.

The pictures are taken offscreen with Inter, as the aim's are; look at them as a person of seventy would.
"""

from __future__ import annotations

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "screenshots"
LOOKS = (
    ("light", "light", 1.0),
    ("dark", "dark", 1.0),
    ("contrast", "high-contrast-dark", 1.0),
    ("large", "light", 2.0),
)


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from phr_desktop import paths
    from phr_desktop.app import WindowCore, build
    from phr_desktop.clock import SystemClock
    from phr_desktop.settings import Settings
    from phr_desktop.ui.tour import settle, tour

    app = QApplication(["screenshots"])
    wanted = sys.argv[1:]
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "settings.json").unlink(missing_ok=True)  # every run begins with the window's own size
    settings = Settings.load(TARGET / "settings.json", paths.default_vault())
    core = WindowCore(SystemClock(), settings, say=print)
    core.load_sample_people()
    window = build(app, core, font_family="Inter")
    window.main.start()
    window.main.show()
    for name, palette, scale in LOOKS:
        if wanted and name not in wanted:
            continue
        window.theme.apply(palette, scale)
        settle(window.bridge)
        pictures = tour(window.main, window.bridge, TARGET / name)
        print(f"{name}: {len(pictures)} pictures in {TARGET / name}")
    window.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
