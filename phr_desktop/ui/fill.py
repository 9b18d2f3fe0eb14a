"""Fills a translated sentence with foreign words, in one pass: a `%2` inside a title stays a `%2`."""

from __future__ import annotations

import re

_PLACE = re.compile(r"%(\d)")


def fill(sentence: str, *parts: object) -> str:
    """ "%1 of %2" with its parts, counted from 1; a place without a part stays as it is."""

    def part(found: re.Match[str]) -> str:
        place = int(found[1])
        return str(parts[place - 1]) if 1 <= place <= len(parts) else found[0]

    return _PLACE.sub(part, sentence)
