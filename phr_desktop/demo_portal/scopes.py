"""SMART scopes: what a client asked for, what a person granted, what that allows.

Both spellings are understood: v2 `patient/Observation.rs?category=system|code` and v1 `patient/Observation.read`.
Source: SMART App Launch 2.2, Scopes and Launch Context.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.rules import CATEGORIES, TYPES
from phr_desktop.demo_portal.store import Stored, Token

LAUNCH = ("openid", "fhirUser", "launch/patient", "offline_access")
_SCOPE = re.compile(r"patient/(?P<type>\*|[A-Za-z]+)\.(?P<what>read|write|\*|c?r?u?d?s?)(\?(?P<query>.+))?")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_LETTERS = "cruds"


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """One scope over a type; `letters` are some of "cruds", `category` narrows it to records that have it."""

    word: str
    type: str  # "*" is every type
    letters: str
    category: Token | None
    v1: bool

    @property
    def reads(self) -> str:
        return "".join(letter for letter in self.letters if letter in "rs")

    @property
    def writes(self) -> str:
        return "".join(letter for letter in self.letters if letter in "cud")

    def with_letters(self, letters: str) -> str:
        """The scope's word for some of its letters."""
        if set(letters) == set(self.letters):
            return self.word
        what = next((name for name, meant in _V1.items() if self.v1 and set(meant) == set(letters)), None)
        query = self.word.partition("?")[2]
        kept = what or "".join(letter for letter in _LETTERS if letter in letters)
        return f"patient/{self.type}.{kept}" + (f"?{query}" if query else "")


def parse(scope: str) -> ResourceScope | None:
    """The scope over records that a word of the scope list means; None for any other word."""
    found = _SCOPE.fullmatch(scope)
    if found is None or not found["what"] or (found["type"] != "*" and found["type"] not in TYPES):
        return None
    query = dict(parse_qsl(found["query"] or ""))
    if query.keys() - {"category"} or (query and found["type"] not in CATEGORIES):
        return None
    system, _, code = query.get("category", "").rpartition("|")
    what = found["what"]
    return ResourceScope(
        scope, found["type"], _V1.get(what, what), (system, code) if code else None, v1=what in ("read", "write", "*")
    )


def offered(scope: str, front: Front, *, read_only: bool = False) -> list[str]:
    """The part of a client's scope list that this front can grant, in its order; [] where it refuses the list.

    `read_only`: the person may look at the record and change nothing, so no writing is granted.
    """
    granted: list[str] = []
    for word in scope.split():
        parsed = parse(word)
        if parsed is not None and parsed.type == "*" and not front.flavour.wildcard_scopes:
            return []
        kept = word if word in LAUNCH else _grantable(parsed, front, read_only)
        if kept and kept not in granted:
            granted.append(kept)
    return granted


def _grantable(scope: ResourceScope | None, front: Front, read_only: bool) -> str | None:
    """The scope with the letters taken out that cannot be granted; None where nothing is left."""
    if scope is None or (not scope.v1 and not front.flavour.v2_scopes):
        return None
    if scope.type != "*" and not front.declares(scope.type):
        return None
    writable = "" if read_only else _writable(scope.type, front)
    letters = "".join(letter for letter in scope.letters if letter in "rs" or letter in writable)
    return scope.with_letters(letters) if letters else None


def _writable(name: str, front: Front) -> str:
    names = TYPES if name == "*" else (name,)
    return "".join(letter for letter in "cud" if any(letter in front.writable(each) for each in names))


class Permission:
    """What the scopes of one token allow."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self._scopes = [scope for word in scopes if (scope := parse(word)) is not None]
        self._found: dict[tuple[str, str], list[ResourceScope]] = {}

    def may(self, letter: str, name: str) -> bool:
        """Whether some records of the type may be c(reated), r(ead), u(pdated), d(eleted), s(earched)."""
        return bool(self._for(letter, name))

    def covers(self, letter: str, stored: Stored) -> bool:
        """Whether this record may be."""
        categories = stored.tokens.get("category", ())
        return any(scope.category is None or scope.category in categories for scope in self._for(letter, stored.type))

    def words(self, letter: str, name: str) -> str:
        """The granted scopes by which something was allowed, for the log."""
        return " ".join(scope.word for scope in self._for(letter, name))

    def _for(self, letter: str, name: str) -> list[ResourceScope]:
        """The scopes that mean this; kept, since a search asks it of every record."""
        found = self._found.get((letter, name))
        if found is None:
            found = [scope for scope in self._scopes if letter in scope.letters and scope.type in ("*", name)]
            self._found[letter, name] = found
        return found
