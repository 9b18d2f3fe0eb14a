"""Full-text search as a person types, newest first."""

from __future__ import annotations

from dataclasses import replace

from phr_desktop.clock import Clock
from phr_desktop.domain.results import Found
from phr_desktop.queries.row_words import sureness_of, with_names
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

LIMIT = 40
SHORTEST = 2  # letters: one letter begins a word in nearly every record, and its newest forty help nobody


def find(vault: Vault, _clock: Clock, words: str, *, person: int | None, limit: int = LIMIT) -> Found:
    """The newest records in which every word (or one that starts with it) occurs, of one person or of everyone.

    Nothing is looked for until a word of SHORTEST letters is there.
    """
    if max((len(word) for word in words.split()), default=0) < SHORTEST:
        return Found((), more=False)

    def question(db: Database) -> Found:
        hits = records.search(db, words, person=person, limit=limit + 1)
        rows = with_names(db, [hit.row for hit in hits[:limit]])
        named = tuple(replace(hit, row=row) for hit, row in zip(hits, rows, strict=False))
        return Found(named, len(hits) > limit, sureness_of(db, rows))

    return vault.read(question)
