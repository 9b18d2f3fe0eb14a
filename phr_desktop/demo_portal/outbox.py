"""The mails that a real portal would have sent; they never leave this computer, and stand on the outbox page."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from phr_desktop.clock import Clock

_KEPT = 100


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: `code` and `link` are shown so that they can be copied or followed."""

    at: datetime
    user: str
    address: str
    subject: str
    text: str
    code: str = ""
    link: str = ""


class Outbox:
    """The newest hundred mails."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._mails: deque[Mail] = deque(maxlen=_KEPT)

    def send(self, user: str, address: str, subject: str, text: str, *, code: str = "", link: str = "") -> None:
        with self._lock:
            self._mails.appendleft(Mail(self._clock.now(), user, address, subject, text, code, link))

    @property
    def mails(self) -> list[Mail]:
        """The newest first."""
        with self._lock:
            return list(self._mails)
