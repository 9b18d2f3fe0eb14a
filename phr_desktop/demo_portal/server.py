"""waitress in a thread, with a stop that leaves no thread and no socket behind."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from waitress import wasyncore
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

_THREADS = 8
_STOP_SECONDS = 10.0

# waitress warns of each moment with more requests than threads; for a handful of local clients that means nothing.
_quiet = logging.getLogger(f"{__name__}.queue")
_quiet.setLevel(logging.ERROR)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """waitress's own, which also remembers its threads so that they can be waited for."""

    queue_logger = _quiet

    def __init__(self) -> None:
        super().__init__()
        self._started: list[threading.Thread] = []

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        thread = threading.Thread(target=target, name=f"demo-portal-{thread_no}", args=(thread_no,), daemon=True)
        self._started.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self._started:
            thread.join(_STOP_SECONDS)


def listen(port: int) -> socket.socket:
    """A bound loopback socket; port 0 is any free one. Raises OSError where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


class Server:
    """One run of the portal over one socket, which it owns and closes."""

    def __init__(self, app: WsgiApp, listener: socket.socket) -> None:
        self._sockets: dict[int, Any] = {}
        self._dispatcher = _Dispatcher()
        self._dispatcher.set_thread_count(_THREADS)
        self._server = create_server(
            app,
            map=self._sockets,
            _dispatcher=self._dispatcher,
            sockets=[listener],
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=1 << 20,
        )
        self._thread = threading.Thread(target=self._server.run, name="demo-portal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Lets running requests end, then closes every connection. Returns when all threads have ended."""
        self._dispatcher.shutdown(timeout=_STOP_SECONDS)
        self._server.trigger.pull_trigger(self._close_all)
        self._thread.join(_STOP_SECONDS)
        self._dispatcher.join()

    def _close_all(self) -> None:
        """Runs in the server's own thread, whose loop ends when nothing is left to watch."""
        wasyncore.close_all(self._sockets, ignore_all=True)
