"""One HTTP exchange, by this program's rules and nobody else's: what requests would do on its own is off.

No redirect is followed, no cookie kept, no proxy, `.netrc` or environment read, nothing sent again, nothing but gzip
decoded. An answer has a cap in bytes, decoded, and a deadline by the wall, not by the packet. The layers above decide
where a token may go.
"""

from __future__ import annotations

import functools
import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError
from urllib3.exceptions import HTTPError as Urllib3Error

from phr_desktop import __version__, failpoints
from phr_desktop.errors import Bug, EnvironmentProblem, UserFacingError

MIB = 1024 * 1024
_PIECE = 64 * 1024
_LOOK = 0.2  # seconds between two looks at whether the person cancelled

# Its messages hold whole addresses, and a query holds the patient's id.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes of one exchange. `ratio` is decoded bytes to received ones, once `ratio_from` are decoded."""

    connect: float = 10.0
    stall: float = 30.0  # without a single byte
    total: float = 60.0
    stream: float = 600.0  # of a document that is stored as it comes
    body: int = 32 * MIB
    ratio: int = 200
    ratio_from: int = MIB


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def media_type(self) -> str:
        """Content-Type without its parameters, lower case; "" where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Into(Protocol):
    """Takes the body of an answer piece by piece."""

    @property
    def most(self) -> int:
        """Bytes that it takes."""

    def takes(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether it takes the body of this answer; else the answer has it."""

    def write(self, piece: bytes) -> None: ...


class WireProblem(EnvironmentProblem):
    """No usable answer: offline, portal-untrusted, portal-slow, portal-cut, portal-too-large, portal-answer-broken.

    `sent` says whether a byte of the request left: if not, nothing can have happened at the portal.
    """

    def __init__(self, code: str, *, sent: bool) -> None:
        super().__init__(code)
        self.sent = sent


@dataclass
class _Exchange:
    """What one request may still do."""

    ends: float
    stall: float
    cancelled: Callable[[], bool]
    sent: bool = False
    seen: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Seconds until the deadline or the end of patience. Raises TimeoutError, or "cancelled"."""
        if self.cancelled():
            raise UserFacingError("cancelled")
        left = min(self.ends, self.seen + self.stall) - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Current(threading.local):
    """The exchange of each thread."""

    exchange: _Exchange | None = None

    def get(self) -> _Exchange:
        if self.exchange is None:
            raise Bug("no-exchange")
        return self.exchange


def _never() -> bool:
    return False


class Wire:
    """Sends requests and keeps connections open between them. May be used by several threads.

    `cancelled` is asked a few times a second while an answer is awaited.
    """

    def __init__(self, *, limits: Limits | None = None, cancelled: Callable[[], bool] | None = None) -> None:
        self._limits = limits or Limits()
        self._cancelled = cancelled or _never
        self._current = _Current()
        self._kept = _Adapter(self._current)

    def is_cancelled(self) -> bool:
        return self._cancelled()

    def get(self, url: str, headers: Mapping[str, str], *, into: Into | None = None) -> Answer:
        """`into` may take the body as it comes; the answer's own is then empty. Raises WireProblem, and
        UserFacingError("cancelled")."""
        return self._exchange(self._kept, "GET", url, headers, None, self._cancelled, into)

    def post_form(self, url: str, form: str, headers: Mapping[str, str]) -> Answer:
        """Sends a form over a connection of its own: one that was kept may be dead, and the form must not get lost.

        For the same reason nobody cancels it on its way: an answer that nobody reads may hold the only good token.
        Raises WireProblem.
        """
        return self._post(url, form.encode("ascii"), {**headers, "Content-Type": "application/x-www-form-urlencoded"})

    def post_json(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The same with JSON."""
        return self._post(url, body, {"Accept": "application/json", **headers, "Content-Type": "application/json"})

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        with closing(_Adapter(self._current)) as adapter:
            return self._exchange(adapter, "POST", url, headers, body, _never)

    def close(self) -> None:
        """Closes the kept connections."""
        self._kept.close()

    def _exchange(
        self,
        adapter: _Adapter,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        cancelled: Callable[[], bool],
        into: Into | None = None,
    ) -> Answer:
        coding = "gzip" if into is None else "identity"  # a part is counted in the bytes as they were sent
        fixed = {"User-Agent": f"phr-desktop/{__version__}", "Accept-Encoding": coding}
        limits = self._limits
        exchange = _Exchange(time.monotonic() + limits.total, limits.stall, cancelled)
        self._current.exchange = exchange
        failpoints.point("before request")
        try:
            with _told(exchange):
                exchange.left()
                prepared = requests.Request(method, url, headers={**headers, **fixed}, data=body).prepare()
                timeout = (min(limits.connect, limits.total), limits.stall)
                with closing(adapter.send(prepared, stream=True, timeout=timeout, proxies={})) as response:
                    names = {name.lower(): value for name, value in response.headers.items()}
                    taken = into if into is not None and into.takes(response.status_code, names) else None
                    if taken is not None:
                        exchange.ends = time.monotonic() + limits.stream
                    body_read = _body(response.raw, names, limits, exchange, taken)
                    _refuse_cut(response.status_code, names, body_read)
                    answer = Answer(response.status_code, names, body_read, url)
        finally:
            self._current.exchange = None
        failpoints.point("after request")
        return answer


@contextmanager
def _told(exchange: _Exchange) -> Iterator[None]:
    """Turns what requests and urllib3 raise into a WireProblem; their messages hold addresses and are dropped."""
    try:
        yield
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        raise WireProblem("portal-untrusted", sent=exchange.sent) from None
    except (requests.exceptions.ReadTimeout, ReadTimeoutError, TimeoutError):
        raise WireProblem("portal-slow", sent=exchange.sent) from None
    except (DecodeError, requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError):
        raise WireProblem("portal-answer-broken", sent=exchange.sent) from None
    except (requests.exceptions.ConnectionError, ProtocolError, OSError, Urllib3Error):
        raise WireProblem("portal-cut" if exchange.sent else "offline", sent=exchange.sent) from None


def _body(raw: Any, headers: Mapping[str, str], limits: Limits, exchange: _Exchange, into: Into | None = None) -> bytes:
    """The decoded body, or b"" where `into` took it. Raises WireProblem over a cap or another coding than gzip."""
    if headers.get("content-encoding", "identity").strip().lower() not in ("gzip", "identity", ""):
        raise WireProblem("portal-answer-broken", sent=True)
    pieces: list[bytes] = []
    size = 0
    while piece := _piece(raw):
        size += len(piece)
        bomb = size > limits.ratio_from and size > limits.ratio * max(1, raw.tell())
        if size > (limits.body if into is None else into.most) or bomb:
            raise WireProblem("portal-too-large", sent=True)
        exchange.left()
        if into is None:
            pieces.append(piece)
        else:
            into.write(piece)
    return b"".join(pieces)


def _piece(raw: Any) -> bytes:
    try:
        return bytes(raw.read(_PIECE, decode_content=True))
    except ValueError:  # as http.client has it where a chunk says that it is shorter than nothing
        raise WireProblem("portal-answer-broken", sent=True) from None


def _refuse_cut(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """An answer without a length may have been cut, even inside its headers: then only whole JSON is believed."""
    # A name whose value was cut off says nothing: "Content-Length:" alone ends where the connection does.
    framed = (
        headers.get("content-length", "").strip().isdecimal()
        or "chunked" in headers.get("transfer-encoding", "").lower()
    )
    if not framed and status not in (204, 304) and not body.rstrip().endswith(b"}"):
        raise WireProblem("portal-cut", sent=True)


class _Adapter(HTTPAdapter):
    """requests' adapter over connections that keep our deadline. Used without a Session: that would read the whole
    body of a redirect, uncapped, even where it is told not to follow it."""

    def __init__(self, current: _Current) -> None:
        self._current = current
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool_class(HTTPConnectionPool, _PlainConnection, self._current),
            "https": _pool_class(HTTPSConnectionPool, _TlsConnection, self._current),
        }


def _pool_class(pool: type, connection: type, current: _Current) -> type:
    return type(f"Timed{pool.__name__}", (pool,), {"ConnectionCls": functools.partial(connection, current=current)})


class _PlainConnection(HTTPConnection):
    """Its socket, once connected, is a timed one."""

    def __init__(self, *args: Any, current: _Current, **options: Any) -> None:
        super().__init__(*args, **options)
        self._current = current

    def connect(self) -> None:
        with failpoints.around("connect portal"):
            super().connect()
        self.sock = _TimedSocket(self.sock, self._current)


class _TlsConnection(_PlainConnection, HTTPSConnection):
    """The same, where `super()` is a connection by TLS."""


class _TimedSocket:
    """A connected socket whose reading ends at the deadline of the whole exchange.

    A timeout of the socket alone is one of each packet: a server that sends a byte now and then would hold us for
    as long as it likes.
    """

    def __init__(self, sock: socket.socket, current: _Current) -> None:
        self._sock = sock
        self._current = current
        self._readers = 0
        self._closing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, data: bytes) -> None:
        self._current.get().sent = True
        with failpoints.around("send portal"):
            self._sock.sendall(data)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        self._readers += 1
        return io.BufferedReader(_TimedReader(self))

    def recv_into(self, buffer: memoryview) -> int:
        exchange = self._current.get()
        failpoints.point("before receive portal")
        while True:
            self._sock.settimeout(min(exchange.left(), _LOOK))
            try:
                count = self._sock.recv_into(buffer)
            except TimeoutError:
                continue
            exchange.seen = time.monotonic()
            failpoints.point("after receive portal")
            return count

    def close(self) -> None:
        """Like a socket's own: what still reads from it goes on reading."""
        self._closing = True
        self._close_when_unused()

    def reader_closed(self) -> None:
        self._readers -= 1
        self._close_when_unused()

    def _close_when_unused(self) -> None:
        if self._closing and self._readers <= 0:
            self._sock.close()


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: _TimedSocket) -> None:
        self._timed = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._timed.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            self._timed.reader_closed()
        super().close()
