"""A TCP relay between the program and a portal that cuts the connection at a chosen byte of what the portal says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Relay:
    """Passes bytes on between whoever connects and `target`. May be told once to cut: see `cut_at`.

    `said` counts the bytes that the portal said since the last `cut_at`; `cuts` how often a connection was cut.
    """

    def __init__(self, target: int, port: int = 0) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", port))
        self._lock = threading.Lock()
        self._left: int | None = None
        self._for_good = self._dead = False
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.said = self.cuts = 0
        self._accepting = threading.Thread(target=self._accept, name="relay")
        self._accepting.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def cut_at(self, byte: int | None, *, for_good: bool = False) -> None:
        """From now on, the connection that carries this byte of what the portal says (from 0) is cut before it; once,
        or for good with every connection that follows. None: nothing is cut."""
        with self._lock:
            self._left, self.said = byte, 0
            self._for_good, self._dead = for_good, False

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            _shut(connection)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._dead:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            left = threading.Thread(target=self._pass, args=(near, far, False), name="relay-up")
            right = threading.Thread(target=self._pass, args=(far, near, True), name="relay-down")
            self._threads = [thread for thread in self._threads if thread.is_alive()] + [left, right]
            left.start()
            right.start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while piece := source.recv(65536):
                allowed = self._allowed(len(piece)) if counted else len(piece)
                target.sendall(piece[:allowed])
                if allowed < len(piece):
                    break
        except OSError:
            pass
        finally:
            _shut(source)
            _shut(target)
            with self._lock:
                self._open.discard(source)
            source.close()

    def _allowed(self, size: int) -> int:
        """How many of the next bytes may pass."""
        with self._lock:
            if self._dead:
                return 0
            if self._left is None or self.said + size <= self._left:
                self.said += size
                return size
            allowed = self._left - self.said
            self._left, self._dead = None, self._for_good
            self.said += allowed
            self.cuts += 1
            return allowed


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relaying(target: int) -> Iterator[Relay]:
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.stop()
