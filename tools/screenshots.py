"""Photographs every page of the sample, and every dialog, in light, dark, high contrast and at 200 % text into
build/screenshots.

The pictures are taken offscreen with Inter, as the aim's are; look at them as a person of seventy would.
"""

from __future__ import annotations

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "screenshots"


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(ROOT))
    from PySide6.QtWidgets import QApplication

    from phr_desktop import paths
    from phr_desktop.app import WindowCore, build
    from phr_desktop.clock import SystemClock
    from phr_desktop.settings import Settings
    from phr_desktop.ui.tour import settle, tour
    from tests.ui import gallery
    from tests.ui.camera import LOOKS

    app = QApplication(["screenshots"])
    wanted = sys.argv[1:] or list(LOOKS)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "settings.json").unlink(missing_ok=True)  # every run begins with the window's own size
    settings = Settings.load(TARGET / "settings.json", paths.default_vault())
    core = WindowCore(SystemClock(), settings, say=print)
    core.load_sample_people()
    window = build(app, core, font_family="Inter")
    window.main.start()
    window.main.show()
    for name in wanted:
        window.theme.apply(*LOOKS[name])
        settle(window.bridge)
        pictures = tour(window.main, window.bridge, TARGET / name)
        print(f"{name}: {len(pictures)} pictures in {TARGET / name}")
    window.close()
    gallery.photograph(app, window.theme, TARGET, wanted)
    print(f"dialogs: in {TARGET}/*/dialogs")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
