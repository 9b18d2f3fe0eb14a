"""Starts the window: arguments, logging, and errors that nobody caught."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
from types import TracebackType

log = logging.getLogger("phr_desktop")


def main() -> None:
    """The `phr-desktop` command."""
    multiprocessing.freeze_support()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.excepthook = _uncaught
    _check_display()
    from phr_desktop.app import main as start

    raise SystemExit(start(sys.argv[1:]))


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


def _uncaught(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    """Names an error by its type and place only: its message may hold a person's data."""
    if issubclass(kind, KeyboardInterrupt):
        return
    place = "unknown place"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    log.error("unexpected %s at %s", kind.__name__, place)


if __name__ == "__main__":
    main()
