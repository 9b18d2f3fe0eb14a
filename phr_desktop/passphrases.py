"""Passphrases drawn by lot: six words of the EFF's long list, 77 bits (resources/wordlists/README.md)."""

from __future__ import annotations

import secrets
from functools import cache

from phr_desktop import paths

WORDS = 6


def suggest(words: int = WORDS) -> str:
    """Words parted by spaces, each drawn by the system's own randomness."""
    known = word_list()
    return " ".join(secrets.choice(known) for _ in range(words))


@cache
def word_list() -> tuple[str, ...]:
    """All 7,776 of them."""
    return tuple((paths.resources() / "wordlists" / "eff_large.txt").read_text(encoding="ascii").split())
