"""Full-text search as a person types, newest first."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.results import Found
from phr_desktop.vault import records
from phr_desktop.vault.vault import Vault

LIMIT = 40
SHORTEST = 2  # letters: one letter begins a word in nearly every record, and its newest forty help nobody


def find(vault: Vault, _clock: Clock, words: str, *, person: int | None, limit: int = LIMIT) -> Found:
    """The newest records in which every word (or one that starts with it) occurs, of one person or of everyone.

    Nothing is looked for until a word of SHORTEST letters is there.
    """
    if max((len(word) for word in words.split()), default=0) < SHORTEST:
        return Found((), more=False)
    hits = vault.read(lambda db: records.search(db, words, person=person, limit=limit + 1))
    return Found(tuple(hits[:limit]), more=len(hits) > limit)
