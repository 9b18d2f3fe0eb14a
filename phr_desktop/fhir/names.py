"""HumanName in words, and the name's parts for comparing people."""

from __future__ import annotations

from typing import Any

from phr_desktop.fhir.concepts import tidy
from phr_desktop.fhir.decode import Json

_USES = {"official": 0, "usual": 1, None: 2, "temp": 3, "nickname": 4, "anonymous": 5, "maiden": 6, "old": 7}


def human_names(value: Any) -> list[Json]:
    """The names of a person, the one to show first; a bare object counts as a list of one."""
    names = [n for n in (value if type(value) is list else [value]) if type(n) is dict]
    return sorted(names, key=_rank)


def _rank(name: Json) -> int:
    use = name.get("use")
    return _USES.get(use if type(use) is str else None, 2)


def given_names(name: Json) -> list[str]:
    given = name.get("given")
    return [g for g in (given if type(given) is list else [given]) if type(g) is str and g.strip()]


def family_name(name: Json) -> str | None:
    family = name.get("family")
    if type(family) is list:  # as in DSTU2
        family = " ".join(f for f in family if type(f) is str)
    return family if type(family) is str and family.strip() else None


def name_in_words(value: Any) -> str | None:
    """The name a reader sees, without prefix or suffix unless its author wrote the whole as text."""
    for name in human_names(value):
        text = name.get("text")
        parts = [*given_names(name), family_name(name) or ""]
        words = tidy(text) if type(text) is str and text.strip() else tidy(" ".join(parts))
        if words:
            return words
    return None
