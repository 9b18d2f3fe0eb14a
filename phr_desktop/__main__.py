"""Starts the window: arguments, logging, and errors that nobody caught."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys

from phr_desktop.errors import name_uncaught

log = logging.getLogger("phr_desktop")
DEMO_PORTAL = "--demo-portal"


def main() -> None:
    """The `phr-desktop` command.

    As `phr-desktop --demo-portal PORT` it is the sample's portal: a built program has no Python beside it that could
    run a module, so it starts itself anew.
    """
    multiprocessing.freeze_support()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    name_uncaught(log.error)
    if sys.argv[1:2] == [DEMO_PORTAL]:
        _serve_demo_portal(sys.argv[2:])
        return
    _check_display()
    from phr_desktop.app import main as start

    raise SystemExit(start(sys.argv[1:]))


def _serve_demo_portal(words: list[str]) -> None:
    if len(words) != 1 or not words[0].isascii() or not words[0].isdigit() or int(words[0]) > 65535:
        raise SystemExit(2)
    from phr_desktop.clock import SystemClock
    from phr_desktop.demo_portal.process import run

    run(int(words[0]), SystemClock())


def _check_display() -> None:
    """Says in one line that there is no screen, before Qt ends the process with a riddle."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        print(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). Start the program on a desktop,"
            " or set QT_QPA_PLATFORM=offscreen.",
            file=sys.stderr,
        )
        raise SystemExit(1)


if __name__ == "__main__":
    main()
