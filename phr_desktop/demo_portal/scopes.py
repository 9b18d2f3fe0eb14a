"""SMART scopes: what a client asked for, what a person granted, what that allows.

Both spellings are understood: v2 `patient/Observation.rs?category=system|code` and v1 `patient/Observation.read`.
Source: SMART App Launch 2.2, Scopes and Launch Context.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from phr_desktop.demo_portal.rules import CATEGORIES, TYPES
from phr_desktop.demo_portal.store import Stored, Token

LAUNCH = ("openid", "fhirUser", "launch/patient", "offline_access")
_SCOPE = re.compile(r"patient/(?P<type>\*|[A-Za-z]+)\.(?P<what>read|write|\*|c?r?u?d?s?)(\?(?P<query>.+))?")


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """One granted scope over a type; `category` narrows it."""

    type: str  # "*" is every type
    read: bool
    search: bool
    category: Token | None


def parse(scope: str) -> ResourceScope | None:
    """The scope over records that a word of the scope list means; None for any other word."""
    found = _SCOPE.fullmatch(scope)
    if found is None or (found["type"] != "*" and found["type"] not in TYPES):
        return None
    query = dict(parse_qsl(found["query"] or ""))
    if query.keys() - {"category"} or (query and found["type"] not in CATEGORIES):
        return None
    system, _, code = query.get("category", "").rpartition("|")
    what = found["what"]
    everything = what in ("read", "*")
    return ResourceScope(
        found["type"], everything or "r" in what, everything or "s" in what, (system, code) if code else None
    )


def offered(scope: str) -> list[str]:
    """The part of a client's scope list that this portal can grant, in its order; writing is taken out of it."""
    granted = []
    for word in scope.split():
        kept = word if word in LAUNCH else _readable(word)
        if kept and kept not in granted:
            granted.append(kept)
    return granted


def _readable(word: str) -> str | None:
    """The word with its write letters taken out; None where nothing is left."""
    scope, found = parse(word), _SCOPE.fullmatch(word)
    if scope is None or found is None or not (scope.read or scope.search):
        return None
    query = f"?{found['query']}" if found["query"] else ""
    if found["what"] == "read":
        return word
    letters = "rs" if found["what"] == "*" else "".join(letter for letter in found["what"] if letter in "rs")
    return f"patient/{found['type']}.{letters}{query}"


class Permission:
    """What the scopes of one token allow."""

    def __init__(self, scopes: Iterable[str]) -> None:
        parsed = [scope for word in scopes if (scope := parse(word)) is not None]
        self._read = _by_type(scope for scope in parsed if scope.read)
        self._search = _by_type(scope for scope in parsed if scope.search)

    def may_search(self, name: str) -> bool:
        return name in self._search

    def may_read(self, name: str) -> bool:
        return name in self._read

    def covers_search(self, stored: Stored) -> bool:
        return _covers(self._search, stored)

    def covers_read(self, stored: Stored) -> bool:
        return _covers(self._read, stored)


def _by_type(scopes: Iterable[ResourceScope]) -> dict[str, frozenset[Token] | None]:
    """The categories allowed of each type; None is all of it."""
    allowed: dict[str, frozenset[Token] | None] = {}
    for scope in scopes:
        for name in TYPES if scope.type == "*" else (scope.type,):
            before = allowed.get(name, frozenset())
            allowed[name] = None if before is None or scope.category is None else before | {scope.category}
    return allowed


def _covers(allowed: dict[str, frozenset[Token] | None], stored: Stored) -> bool:
    categories = allowed.get(stored.type, frozenset())
    return categories is None or not categories.isdisjoint(stored.tokens.get("category", ()))
