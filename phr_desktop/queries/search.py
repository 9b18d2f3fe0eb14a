"""Full-text search as a person types, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from phr_desktop.clock import Clock
from phr_desktop.domain.records import Kind, SearchHit
from phr_desktop.domain.results import Found
from phr_desktop.domain.search_words import guesses, says_something, spellings
from phr_desktop.fhir.titles import MEDICATION_NAME_NOT_RECEIVED
from phr_desktop.queries.row_words import medication_of, sureness_of, with_names
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

LIMIT = 40
_DAY = 86_400  # seconds


def find(vault: Vault, _clock: Clock, words: str, *, person: int | None, limit: int = LIMIT) -> Found:
    """The newest records in which every word (or one that starts with it) occurs, of one person or of everyone.

    Nothing is looked for until there is a word of two letters.
    """
    if not says_something(words):
        return Found((), more=False)

    def question(db: Database) -> Found:
        hits = hits_of(db, words, person=person, limit=limit + 1)
        rows = with_names(db, [hit.row for hit in hits[:limit]])
        named = tuple(replace(hit, row=row) for hit, row in zip(hits, rows, strict=False))
        return Found(named, len(hits) > limit, sureness_of(db, rows))

    return vault.read(question)


def hits_of(db: Database, words: str, *, person: int | None, limit: int) -> list[SearchHit]:
    """The newest records that the words find in any of their spellings, inside a question to the vault. With a
    Medication come the orders and dispenses that have no name but that one's."""
    found = _any_of(db, spellings(words), person, limit) or _any_of(db, guesses(words), person, limit)
    medications = {hit.row.id: hit for hit in found if hit.row.type == "Medication"}
    nameless = (
        SearchHit(row, hit.person_name)
        for hit in {hit.row.person: hit for hit in medications.values()}.values()
        for row in records.titled(db, hit.row.person, Kind.MEDICATIONS, MEDICATION_NAME_NOT_RECEIVED)
        if (named_by := medication_of(db, row)) is not None and named_by.id in medications
    )
    return _newest({hit.row.id: hit for hit in (*found, *nameless)}, limit)


def matching(db: Database, words: str, person: int) -> set[int] | None:
    """Ids of all records that `hits_of` would find; None where the words say nothing to look for."""
    ways = spellings(words)
    found = [ids for way in ways if (ids := records.matching(db, way, person)) is not None]
    if not found or any(found):
        return set().union(*found) if found else None
    return set().union(*(records.matching(db, way, person) or () for way in guesses(words)))


def _any_of(db: Database, ways: Iterable[str], person: int | None, limit: int) -> list[SearchHit]:
    found = {hit.row.id: hit for way in ways for hit in records.search(db, way, person=person, limit=limit)}
    return _newest(found, limit)


def _newest(found: dict[int, SearchHit], limit: int) -> list[SearchHit]:
    return sorted(found.values(), key=_newest_first)[:limit]


def _newest_first(hit: SearchHit) -> tuple[bool, int, int]:
    """By the day, as full text gives them; those without a date last."""
    when = hit.row.date_utc
    return (when is None, -(when // _DAY) if when is not None else 0, -hit.row.id)
