"""The address on this computer to which a browser comes back after sign-in (RFC 8252, 7.3)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

from phr_desktop.errors import EnvironmentProblem

HOST = "127.0.0.1"
PATH = "/callback"
_PATIENCE = 10.0  # seconds for one browser request

# Fixed pages: nothing of a request is ever written into them.
_PAGE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:20px/1.5 sans-serif;max-width:32em;margin:4em auto;padding:0 1em;color:#1a1a1a;background:#fff}}
@media(prefers-color-scheme:dark){{body{{color:#eee;background:#1a1a1a}}}}</style>
<h1>{title}</h1><p>{text}</p></html>"""
_ARRIVED = _PAGE.format(
    title="Back to PHR Desktop",
    text="The portal has answered. You can close this page and go back to PHR Desktop.",
)
_REFUSED = _PAGE.format(
    title="Nothing to do here",
    text="PHR Desktop is not waiting for this page, or it was opened before. Close it and go back to PHR Desktop.",
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Connection": "close",
}


class Loopback:
    """Listens on 127.0.0.1 until closed. `accept` gets the query of each visit to the one right path and host and
    says whether it was the awaited one; it is called from other threads.

    `ports` are tried in order, 0 being any free one. Raises EnvironmentProblem("sign-in-port-taken").
    """

    def __init__(self, accept: Callable[[str], bool], ports: Sequence[int] = (0,)) -> None:
        self._server = _listen(ports)
        self._server.accept = accept
        self._thread = threading.Thread(target=self._serve, name="sign-in-listener", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def redirect_uri(self) -> str:
        return f"http://{self._server.host_header}{PATH}"

    def close(self) -> None:
        """Stops listening; a page that is being sent is sent to its end. Closing twice does nothing."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.1)


class _Server(ThreadingTCPServer):
    daemon_threads = False
    allow_reuse_address = False
    accept: Callable[[str], bool]

    def __init__(self, port: int) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Visit)
        self.host_header = f"{HOST}:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Ends connections that a browser opened in advance and never used, then waits for the rest."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    continue  # the browser was faster
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is nothing to print; the traceback would hold the one-time code."""


class _Visit(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        # A page from elsewhere can reach this port under a name of its own, but then says so in Host.
        if self.headers.get_all("Host") != [self.server.host_header] or path != PATH:
            self._answer(404, _REFUSED)
        elif self.server.accept(query):
            self._answer(200, _ARRIVED)
        else:
            self._answer(400, _REFUSED)

    def _answer(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response_only(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: the line would hold the one-time code."""


def _listen(ports: Sequence[int]) -> _Server:
    for port in ports:
        try:
            return _Server(port)
        except OSError:
            continue
    raise EnvironmentProblem("sign-in-port-taken")
