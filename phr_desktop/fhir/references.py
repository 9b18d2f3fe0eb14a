"""What a resource points to: the literal references in it, wherever they stand."""

from __future__ import annotations

from typing import Any

from phr_desktop.fhir.decode import decode
from phr_desktop.fhir.problems import MalformedResource


def references_of(raw: bytes) -> frozenset[str]:
    """Every `reference` of a resource as written, without those into itself ("#..."); empty where it is malformed."""
    if b"eference" not in raw:
        return frozenset()
    try:
        tree = decode(raw)
    except MalformedResource:
        return frozenset()
    found: set[str] = set()
    todo: list[Any] = [tree]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo.extend(value)
        elif isinstance(value, dict):
            reference = value.get("reference")
            if isinstance(reference, str) and reference and not reference.startswith("#"):
                found.add(reference)
            todo.extend(v for v in value.values() if isinstance(v, list | dict))
    return frozenset(found)
