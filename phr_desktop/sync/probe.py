"""Whether a portal's computer can be reached at all, before anything is asked of it."""

from __future__ import annotations

import socket

from phr_desktop.errors import PhrError
from phr_desktop.sync.addresses import fhir_base

_SECONDS = 5.0


def can_reach(base_url: str, seconds: float = _SECONDS) -> bool:
    """Whether the host of a FHIR base takes a connection, which is closed at once: not a byte is sent.

    A network that wants its own sign-in first may take it too; the sync that follows finds that out.
    """
    try:
        base = fhir_base(base_url)
        with socket.create_connection((base.host, base.port), seconds):
            return True
    except (OSError, PhrError):
        return False
