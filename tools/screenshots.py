"""Photographs every page of the sample, and every dialog, in light, dark, high contrast and at 200 % text into
build/screenshots: LOOK/NN-NAME.png are the pages, LOOK/dialogs/NAME.png the dialogs and rarer states.

The pictures are taken offscreen with Inter, as the aim's are; look at them as a person of seventy would.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
from collections.abc import Iterable, Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "screenshots"


def main(arguments: Sequence[str]) -> int:
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

    looks = wanted_looks(arguments, LOOKS)
    app = QApplication(["screenshots"])
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "settings.json").unlink(missing_ok=True)  # every run begins with the window's own size
    settings = Settings.load(TARGET / "settings.json", paths.default_vault())
    core = WindowCore(SystemClock(), settings, say=print)
    core.load_sample_people()
    window = build(app, core, font_family="Inter")
    window.main.start()
    window.main.show()
    for look in looks:
        window.theme.apply(*LOOKS[look])
        settle(window.bridge)
        pictures = tour(window.main, window.bridge, TARGET / look)
        print(f"{look}: {len(pictures)} pictures in {TARGET / look}")
    window.close()
    gallery.photograph(app, window.theme, TARGET, looks)
    print(f"dialogs: in {TARGET}/*/dialogs")
    return 0


def wanted_looks(arguments: Sequence[str], known: Iterable[str]) -> list[str]:
    """Those that are named, else all. Ends the program where one is not known."""
    names = list(known)
    parser = argparse.ArgumentParser(
        prog="screenshots",
        description=__doc__,
        epilog="Only some pictures of the dialogs: python -m tests.ui.gallery DIR [LOOK [NAME]]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("looks", nargs="*", metavar="LOOK", help=f"one or more of {', '.join(names)}; else all of them")
    looks = parser.parse_args(arguments).looks
    unknown = [look for look in looks if look not in names]
    if unknown:
        parser.error(f"there is no look {unknown[0]!r}: choose from {', '.join(names)}")
    return looks or names


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
