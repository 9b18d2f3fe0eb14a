"""What a resource points to: the literal references in it, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from phr_desktop.fhir.decode import Json, decode
from phr_desktop.fhir.problems import MalformedResource

# Inside a string every quotation mark has a backslash before it: what matches here is a name and its value.
_REFERENCE = re.compile(rb'"reference"[ \t\r\n]*:[ \t\r\n]*"([^"\\]*(?:\\.[^"\\]*)*)"')
_ESCAPED_LETTER = b"\\u00"  # a name may be written with it


def references_of(raw: bytes) -> frozenset[str]:
    """Every `reference` of a resource as written, without those into itself ("#..."); `raw` is known to be JSON."""
    if _ESCAPED_LETTER in raw:
        found = (part.get("reference") for part in _objects(raw, b"eference"))
        return frozenset(r for r in found if isinstance(r, str) and r and not r.startswith("#"))
    written = [_text(value) for value in set(_REFERENCE.findall(raw))]
    return frozenset([r for r in written if r and r[0] != "#"])


def _text(value: bytes) -> str:
    """A JSON string without its quotation marks."""
    try:
        return str(msgspec.json.decode(b'"%s"' % value)) if b"\\" in value else value.decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def identifiers_of(raw: bytes) -> frozenset[str]:
    """Every reference by identifier, as "identifier:system|value"; empty where it is malformed."""
    found = (part.get("identifier") for part in _objects(raw, b'"identifier"'))
    return frozenset(
        f"identifier:{i.get('system') or ''}|{i['value']}"
        for i in found
        if isinstance(i, dict) and isinstance(i.get("value"), str)
    )


def _objects(raw: bytes, word: bytes) -> Iterator[Json]:
    """Every object in a resource; none where the word does not stand in its bytes, or they are malformed."""
    try:
        todo: list[Any] = [decode(raw)] if word in raw else []
    except MalformedResource:
        return
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            yield value
            todo.extend(v for v in value.values() if isinstance(v, list | dict))
        else:
            todo.extend(v for v in value if isinstance(v, list | dict))
