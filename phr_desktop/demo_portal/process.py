"""The demo portal as a process of its own: one line when ready, and an end on SIGTERM or closed standard input."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from types import FrameType
from typing import IO

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.portal import DemoPortal


def run(port: int, clock: Clock) -> None:
    """Serves until SIGTERM, Ctrl+C or the end of standard input; prints where it is and who may sign in.

    Called from the main thread. Raises OSError where the port is taken.
    """
    over = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with DemoPortal(clock=clock, port=port) as portal:
        ready = {"fhir_base": portal.fhir_base, "accounts": portal.accounts}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        threading.Thread(target=_watch, args=(sys.stdin, over), name="demo-portal-stdin", daemon=True).start()
        while not over.wait(60):
            portal.tick()


def _watch(stream: IO[str] | None, over: threading.Event) -> None:
    """Sets `over` at the end of the stream. A terminal is left alone: there Ctrl+C is the way."""
    if stream is None:
        return
    while os.read(stream.fileno(), 4096):
        pass
    over.set()
