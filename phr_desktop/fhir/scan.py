"""Finds the parts of JSON that no decoder takes as a whole, by brackets and quotation marks alone.

One bad text or number then costs the part it stands in and not the file. It is slow beside a decoder, so only what was
refused comes here; whether a part is sound is for the decoder to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIGN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},:]', re.DOTALL)
_CLOSING = {ord("["): ord("]"), ord("{"): ord("}")}
_WHITE = b" \t\r\n"


class BrokenJson(Exception):
    """Brackets or quotation marks do not close, or not what was expected stands there."""


def members(raw: bytes) -> dict[str, bytes]:
    """Name to bytes of each member of one JSON object; the last counts of several of one name. Raises BrokenJson."""
    found: dict[str, bytes] = {}
    for part, colon in _parts(raw, b"{"):
        name = part[: max(colon, 0)].strip(_WHITE)
        if colon < 0 or name[:1] != b'"' or len(name) < 2:
            raise BrokenJson
        found[name[1:-1].decode("utf-8", "replace")] = part[colon + 1 :].strip(_WHITE)
    return found


def elements(raw: bytes) -> list[bytes]:
    """The bytes of each element of one JSON list. Raises BrokenJson."""
    return [part.strip(_WHITE) for part, _colon in _parts(raw, b"[")]


def _parts(raw: bytes, opening: bytes) -> Iterator[tuple[bytes, int]]:
    """What stands between the commas of the outermost brackets, with the place of the first colon of each, or -1."""
    raw = raw.strip(_WHITE)
    if raw[:1] != opening:
        raise BrokenJson
    open_brackets = bytearray()
    start, colon = 1, -1
    for sign in _SIGN.finditer(raw):
        byte, at = raw[sign.start()], sign.start()
        outermost = len(open_brackets) == 1
        if byte in _CLOSING:
            open_brackets.append(_CLOSING[byte])
        elif byte in b"]}":
            if not open_brackets or open_brackets.pop() != byte:
                raise BrokenJson
            if not open_brackets:
                if at != len(raw) - 1:
                    raise BrokenJson
                if raw[start:at].strip(_WHITE):
                    yield raw[start:at], colon
                return
        elif outermost and byte == ord(":") and colon < 0:
            colon = at - start
        elif outermost and byte == ord(","):
            yield raw[start:at], colon
            start, colon = at + 1, -1
        elif byte == ord('"') and sign.end() - at == 1:
            raise BrokenJson
    raise BrokenJson
