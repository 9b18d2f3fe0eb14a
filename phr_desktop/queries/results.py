"""Laboratory results and reports: the list in display order, its rows in blocks, and what is new here."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from phr_desktop.clock import Clock
from phr_desktop.domain.records import Kind, RecordRow
from phr_desktop.domain.results import ListedRecord
from phr_desktop.queries.row_words import sureness_of, with_names
from phr_desktop.queries.search import matching
from phr_desktop.vault import records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

NEW_FOR = 30 * 86_400  # seconds after its arrival in which a record that nobody opened is called new here
NEW_LIMIT = 200


def result_ids(vault: Vault, _clock: Clock, person: int, *, facts: bool = True) -> array[int]:
    """Ids of the person's results, newest first; or else of those withdrawn or not done."""
    return vault.read(lambda db: records.ids_of_kind(db, person, Kind.RESULTS, facts=facts))


def listed(vault: Vault, clock: Clock, ids: Sequence[int]) -> list[ListedRecord]:
    """The rows of a block of a list, in its order; an id that is not there is left out. Quick: columns, and of problems
    and allergies how sure their source is."""
    since = new_since(clock)
    return vault.read(lambda db: listed_rows(db, ids, since))


def listed_rows(db: Database, ids: Sequence[int], since: int) -> list[ListedRecord]:
    """As `listed`, inside a question to the vault. `since`: arrivals from then on may be new here."""
    found = with_names(db, records.rows(db, ids))
    panels = [row.id for row in found if row.value is not None and row.value.kind == "none"]
    parts = records.components(db, panels) if panels else {}
    new = records.new_among(db, ids, since)
    names = {source.id: source.name for source in sources.everything(db)}
    unsure = sureness_of(db, found)
    return [
        ListedRecord(row, tuple(parts.get(row.id, ())), names[row.source], row.id in new, unsure.get(row.id, ""))
        for row in found
    ]


def new_here(vault: Vault, clock: Clock, person: int, kind: Kind = Kind.RESULTS) -> list[RecordRow]:
    """What arrived in the last thirty days and was not opened yet, newest first, at most NEW_LIMIT."""
    since = new_since(clock)
    return vault.read(lambda db: records.new_since(db, person, kind, since, NEW_LIMIT))


def matching_ids(vault: Vault, _clock: Clock, person: int, ids: array[int], words: str) -> array[int]:
    """Those of a list, in its order, in which all the words (or words that start with them) occur.

    Words that say nothing to look for (a lone sign) leave the list as it is.
    """
    found = vault.read(lambda db: matching(db, words, person))
    return ids if found is None else array("q", (id_ for id_ in ids if id_ in found))


def new_since(clock: Clock) -> int:
    """From when on what arrived counts as new here, seconds since 1970 UTC."""
    return int(clock.now().timestamp()) - NEW_FOR
