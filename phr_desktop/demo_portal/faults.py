"""Faults that can be switched on, for people who try the program and for tests: which requests they meet, and how.

`faults.switch("status", type="Observation", nth=2, status=503, retry_after=30)` makes the second search over
Observation answer 503. Cut connections are not made here: a relay between program and portal makes those.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

# Kind -> (what it does, the settings it takes with their defaults). The first group answers in the portal's place.
INSTEAD: dict[str, tuple[str, dict[str, Any]]] = {
    "status": (
        "Answer with a status (500)",
        {
            "status": 500,
            "body": "outcome",
            "code": "transient",
            "retry_after": None,
            "retry_date": None,
            "after": False,
        },
    ),
    "html": ("Answer with a web page, as a hotel's network does", {"status": 200, "after": False}),
    "empty": ("Answer 200 with nothing in it", {"status": 200, "after": False}),
    "no-content": ("Answer 204", {"after": False}),
    "outcome": ("Answer 200 with an error inside", {"code": "exception", "severity": "error", "after": False}),
    "redirect": ("Send elsewhere", {"to": "/fhir/metadata", "status": 302, "after": False}),
    "token-expired": ("Say that the sign-in has ended", {"after": False}),
}
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "warning": ("Say that the record may not be whole", {"code": "suppressed", "severity": "warning"}),
    "page-again": ("Give the first page twice", {}),
    "self-next": ("Let each page name itself as the next", {}),
    "foreign-next": ("Let the next page stand on another server", {"to": "http://127.0.0.1:9/fhir/next"}),
    "endless": ("Never end the pages", {}),
    "total": ("Count differently on each page", {"by": 1}),
    "wrong-patient": ("Put another person's record in", {"resource": None}),
    "new-ids": ("Give every record a new id", {"prefix": "r2-"}),
    "vanish": ("Leave records out", {"share": 1.0}),
    "malformed": ("Spoil one record", {"resource": None}),
    "content-type": ("Call the answer plain text", {"to": "text/plain"}),
    "truncated": ("Send half of the text", {"share": 0.5}),
    "gzip-broken": ("Pack the answer wrongly", {}),
    "gzip-length": ("Say a wrong length inside the packing", {}),
    "gzip-bomb": ("Send very much, packed small", {"mebibytes": 64}),
    "slow": ("Send drop by drop", {"bytes": 64, "seconds": 0.05}),
}
KINDS = INSTEAD | CHANGES


@dataclass(slots=True, eq=False)
class Fault:
    """One fault as switched. `met` counts the requests that it changed."""

    kind: str
    type: str | None
    path: str
    method: str | None
    nth: frozenset[int] | None
    times: int | None
    how: dict[str, Any]
    seen: int = 0
    met: int = 0
    _on: list[Fault] = field(default_factory=list, repr=False)

    def off(self) -> None:
        """Switches it off; does nothing when it is off."""
        if self in self._on:
            self._on.remove(self)

    def takes(self, method: str, path: str) -> bool:
        """Whether the request is one of those meant; counts it. Called with the registry's lock held."""
        meant = (
            (self.method in (None, method))
            and fnmatchcase(path, self.path)
            and (self.type is None or self.type in path.split("/"))
        )
        if not meant:
            return False
        self.seen += 1
        if (self.nth is not None and self.seen not in self.nth) or (self.times is not None and self.met >= self.times):
            return False
        self.met += 1
        return True


class Faults:
    """The faults that are on. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []

    @property
    def on(self) -> list[Fault]:
        return list(self._on)

    def switch(
        self,
        kind: str,
        *,
        type: str | None = None,  # noqa: A002 - FHIR's own word
        path: str | None = None,
        method: str | None = None,
        nth: int | Iterable[int] | None = None,
        times: int | None = None,
        **how: Any,
    ) -> Fault:
        """Switches a fault on and gives it back.

        It meets requests of the `method`, whose path fits the `path` pattern (shell marks; without it everything under
        a FHIR base but discovery and metadata) and names the FHIR `type`; of those the `nth` ones, counted from 1, and
        at most `times` of them. `after=True` lets the portal do what was asked before the false answer is given.
        Raises KeyError for a kind or a setting there is none of.
        """
        known = KINDS[kind][1]
        if unknown := how.keys() - known.keys():
            raise KeyError(", ".join(sorted(unknown)))
        counted = frozenset({nth} if isinstance(nth, int) else nth) if nth is not None else None
        fault = Fault(kind, type, path or "*/fhir/*", method, counted, times, {**known, **how}, _on=self._on)
        if path is None and type is None:
            fault.path = "*/fhir/[A-Z]*"
        with self._lock:
            self._on.append(fault)
        return fault

    def clear(self) -> None:
        """Switches every fault off."""
        with self._lock:
            self._on.clear()

    def meeting(self, method: str, path: str) -> list[Fault]:
        """The faults that this request meets; each counts it once."""
        with self._lock:
            return [fault for fault in self._on if fault.takes(method, path)]
