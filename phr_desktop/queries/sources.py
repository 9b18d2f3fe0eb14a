"""The account of every source: what came, what did not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from phr_desktop.clock import Clock
from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.people import Person, Source, SourceKind
from phr_desktop.domain.source_states import HeldBack, KindLine, Sources, SourceState
from phr_desktop.vault import attachments, ledger, people, quarantine, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

# Codes of sync/merge.py; every other reason says that the bytes could not be read.
_HELD_BACK = {"other-patient": HeldBack.OTHER_PERSON, "no-patient": HeldBack.NO_PERSON}


def sources_of(vault: Vault, _clock: Clock, person: int) -> Sources:
    """The sources of one person, portals first, and the names of everyone else's."""

    def question(db: Database) -> Sources:
        everyone = {one.id: one for one in people.everyone(db)}
        found = sorted(sources.everything(db), key=lambda source: source.kind is not SourceKind.PORTAL)
        return Sources(
            tuple(_state(db, source, everyone[source.person]) for source in found if source.person == person),
            tuple((source, everyone[source.person]) for source in found if source.person != person),
        )

    return vault.read(question)


def _state(db: Database, source: Source, person: Person) -> SourceState:
    portal = source.kind is SourceKind.PORTAL
    lines = _lines(ledger.entries(db, source.id)) if portal else _held(records.counts_by_type(db, source.id))
    return SourceState(
        source,
        person,
        lines,
        _held_back(quarantine.counts(db, source.id)),
        attachments.not_received(db, source.id),
    )


def _held_back(counts: dict[str, int]) -> dict[HeldBack, int]:
    total: Counter[HeldBack] = Counter()
    for reason, count in counts.items():
        total[_HELD_BACK.get(reason, HeldBack.UNREADABLE)] += count
    return dict(total)


def _held(counts: Iterable[tuple[str, int]]) -> tuple[KindLine, ...]:
    """What files brought: nobody was asked, so there is nothing that did not come."""
    return tuple(
        KindLine(name, "", False, LedgerState.COMPLETE, count, 0, None, None, None, False) for name, count in counts
    )


def _lines(entries: Sequence[LedgerEntry]) -> tuple[KindLine, ...]:
    """A line a type; a line a category where not all of them say the same. `entries` are in the order of types."""
    found: list[KindLine] = []
    for _, group in groupby(entries, key=lambda entry: entry.type):
        asked = list(group)
        alike = len({(entry.state, entry.reason) for entry in asked}) == 1
        found.extend([_merged(asked)] if alike else [_line(entry, asked) for entry in asked])
    return tuple(found)


def _merged(asked: Sequence[LedgerEntry]) -> KindLine:
    """A type all of whose questions were answered in the same way: the oldest answer says how good it is."""
    first = asked[0]
    whole = [entry.count for entry in asked if not entry.category]
    answered = [entry.last_good_at for entry in asked if entry.last_good_at is not None]
    return KindLine(
        first.type,
        "",
        False,
        first.state,
        whole[0] if whole else sum(entry.count for entry in asked),
        sum(entry.new for entry in asked),
        min(answered) if len(answered) == len(asked) else None,
        min((entry.last_try_at for entry in asked if entry.last_try_at is not None), default=None),
        first.reason,
        any(entry.resume_url is not None for entry in asked),
    )


def _line(entry: LedgerEntry, asked: Sequence[LedgerEntry]) -> KindLine:
    """One question of several. The ledger counts all of a type where no category is named: the rest is told here."""
    rest = not entry.category
    elsewhere = sum(other.count for other in asked if other.category) if rest else 0
    return KindLine(
        entry.type,
        entry.category,
        rest,
        entry.state,
        max(0, entry.count - elsewhere),
        entry.new,
        entry.last_good_at,
        entry.last_try_at,
        entry.reason,
        entry.resume_url is not None,
    )
