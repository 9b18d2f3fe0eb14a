"""The demo portal as a process of its own: one line when ready, and an end on SIGTERM or closed standard input."""

from __future__ import annotations

import json
import os
import queue
import signal
import stat
import sys
import threading
from types import FrameType

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.portal import DemoPortal

_TICK_SECONDS = 60


def run(port: int, clock: Clock) -> None:
    """Serves until SIGTERM, Ctrl+C or the end of a piped standard input; prints where it is and who may sign in.

    Called from the main thread. Raises OSError where the port is taken.
    """
    # A SimpleQueue, since a signal handler may put into it at any moment; an Event could lock itself out.
    over: queue.SimpleQueue[None] = queue.SimpleQueue()

    def end(_signal: int, _frame: FrameType | None) -> None:
        over.put(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with DemoPortal(clock=clock, port=port) as portal:
        ready = {
            "fhir_base": portal.fhir_base,
            "accounts": portal.accounts,
            "outbox": portal.addresses.outbox,
            "admin": portal.addresses.admin,
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        _watch_input(over)
        while not _ended(over):
            portal.tick()


def _ended(over: queue.SimpleQueue[None]) -> bool:
    try:
        over.get(timeout=_TICK_SECONDS)
    except queue.Empty:
        return False
    return True


def _watch_input(over: queue.SimpleQueue[None]) -> None:
    """Ends with the parent that holds the other side of the pipe. A terminal, a file or nothing is left alone."""
    if sys.stdin is None:
        return
    number = sys.stdin.fileno()
    kind = os.fstat(number).st_mode
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        threading.Thread(target=_read_to_end, args=(number, over), name="demo-portal-stdin", daemon=True).start()


def _read_to_end(number: int, over: queue.SimpleQueue[None]) -> None:
    while os.read(number, 4096):
        pass
    over.put(None)
