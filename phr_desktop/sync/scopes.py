"""SMART scopes: what is asked for, and what a grant allows; pure functions.

Source: SMART App Launch 2.2, Scopes and Launch Context. Both spellings are read: v2 `patient/Observation.rs?category=
system|code` and v1 `patient/Observation.read`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from phr_desktop.fhir.capability import SmartConfiguration

ALWAYS = ("launch/patient", "openid", "fhirUser")
OFFLINE = "offline_access"
_SCOPE = re.compile(r"patient/(?P<type>\*|[A-Za-z]+)\.(?P<what>read|write|\*|c?r?u?d?s?)(\?(?P<query>.+))?")


@dataclass(frozen=True, slots=True)
class _Scope:
    type: str  # "*" is every type
    read: bool
    search: bool
    category: str | None  # the code without its system; None: the whole type

    def covers(self, type_name: str) -> bool:
        return self.type in ("*", type_name)


class Granted:
    """What the scopes of a token allow."""

    def __init__(self, scope: str) -> None:
        self._scopes = [found for word in scope.split() if (found := _parse(word)) is not None]

    def may_search(self, type_name: str) -> bool:
        """Whether the whole type may be searched."""
        return any(s.search and s.category is None and s.covers(type_name) for s in self._scopes)

    def may_read(self, type_name: str) -> bool:
        """Whether single records of the type, all or of some categories, may be read."""
        return any(s.read and s.covers(type_name) for s in self._scopes)

    def categories(self, type_name: str) -> frozenset[str]:
        """The categories that may be searched where the whole type may not."""
        return frozenset(s.category for s in self._scopes if s.search and s.category and s.covers(type_name))


def scopes_to_ask(smart: SmartConfiguration, types: Iterable[str]) -> str:
    """The scope list of an authorization request: explicit types, in the spelling that the portal understands.

    Where the portal lists single types as supported, only those are asked: some refuse a list with an unknown one.
    """
    what = "rs" if smart.v2_scopes else "read"
    supported = [found for word in smart.scopes_supported if (found := _parse(word)) is not None]
    listed = {s.type for s in supported} - {"*"}
    known = [name for name in types if not listed or name in listed]
    offline = (OFFLINE,) if smart.offline_access else ()
    return " ".join([*ALWAYS, *offline, *(f"patient/{name}.{what}" for name in known)])


def _parse(word: str) -> _Scope | None:
    """A scope over records; None for any other, and for one narrowed by something else than category."""
    found = _SCOPE.fullmatch(word)
    if found is None:
        return None
    query = dict(parse_qsl(found["query"] or ""))
    if query.keys() - {"category"}:
        return None
    what = found["what"]
    everything = what in ("read", "*")
    category = query.get("category", "").rpartition("|")[2] or None
    return _Scope(found["type"], everything or "r" in what, everything or "s" in what, category)
