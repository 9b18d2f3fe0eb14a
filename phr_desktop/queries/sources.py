"""The account of every source: what came, what did not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from phr_desktop.clock import Clock
from phr_desktop.domain.ledger import HELD, LedgerEntry, LedgerState
from phr_desktop.domain.people import Person, Rest, Source, SourceKind
from phr_desktop.domain.source_states import HeldBack, KindLine, SetAside, Sources, SourceState
from phr_desktop.fhir.decode import decode
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.vault import attachments, ledger, people, quarantine, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

MOST_ASIDE = 500
# Codes of sync/merge.py; every other reason says that the bytes could not be read.
_HELD_BACK = {"other-patient": HeldBack.OTHER_PERSON, "no-patient": HeldBack.NO_PERSON}


def sources_of(vault: Vault, clock: Clock, person: int) -> Sources:
    """The sources of one person, portals first, and the names of everyone else's."""

    def question(db: Database) -> Sources:
        everyone = {one.id: one for one in people.everyone(db)}
        now = int(clock.now().timestamp())
        found = sorted(sources.everything(db), key=lambda source: source.kind is not SourceKind.PORTAL)
        return Sources(
            tuple(_state(db, source, everyone[source.person], now) for source in found if source.person == person),
            tuple((source, everyone[source.person]) for source in found if source.person != person),
        )

    return vault.read(question)


def set_aside(vault: Vault, _clock: Clock, source: int) -> tuple[SetAside, ...]:
    """What came from a source and is no record, in the order in which it came, at most MOST_ASIDE.

    What is about somebody else comes without its contents: they are shown to nobody (safety.md, Whose data).
    """

    def question(db: Database) -> tuple[SetAside, ...]:
        return tuple(_aside(one) for one in quarantine.of_source(db, source, MOST_ASIDE))

    return vault.read(question)


def _aside(one: quarantine.Quarantined) -> SetAside:
    why = _HELD_BACK.get(one.reason, HeldBack.UNREADABLE)
    body = None if why is HeldBack.OTHER_PERSON else one.body
    return SetAside(one.id, why, _type_of(one.body), one.received_at, len(one.body), body)


def _type_of(body: bytes) -> str | None:
    try:
        name = decode(body).get("resourceType")
    except MalformedResource:
        return None
    return name if isinstance(name, str) and name.isalpha() else None


def _state(db: Database, source: Source, person: Person, now: int) -> SourceState:
    portal = source.kind is SourceKind.PORTAL
    held = dict(ledger.held_counts(db, source.id)) if portal else {}
    lines = _lines(ledger.entries(db, source.id), held) if portal else _held(records.counts_by_type(db, source.id))
    return SourceState(
        source,
        person,
        lines,
        _held_back(quarantine.counts(db, source.id)),
        attachments.not_received(db, source.id),
        acts_as(db, source),
        sources.waits_until(db, source, now),
        resting(db, source, now),
    )


def resting(db: Database, source: Source, now: int) -> Rest | None:
    """That a connected portal failed of late and is left in peace; None where it is not, or waits for its person."""
    rest = sources.rest(db, source.id)
    return rest if source.connected and not source.needs_sign_in and now < rest.until else None


def acts_as(db: Database, source: Source) -> str | None:
    """As `Grant.acts_as`; None too where there is no permission."""
    grant = sources.grant(db, source.id)
    return None if grant is None else grant.acts_as


def _held_back(counts: dict[str, int]) -> dict[HeldBack, int]:
    total: Counter[HeldBack] = Counter()
    for reason, count in counts.items():
        total[_HELD_BACK.get(reason, HeldBack.UNREADABLE)] += count
    return dict(total)


def _held(counts: Iterable[tuple[str, int]]) -> tuple[KindLine, ...]:
    """What files brought: nobody was asked, so there is nothing that did not come."""
    return tuple(
        KindLine(name, "", False, LedgerState.COMPLETE, count, 0, 0, 0, None, None, None, False)
        for name, count in counts
    )


def _lines(entries: Sequence[LedgerEntry], held: Mapping[str, int]) -> tuple[KindLine, ...]:
    """A line a type; a line a category where not all of them say the same. `entries` are in the order of types.

    What is held of a type stands at the first of its lines that says so; at its first one where another trouble came
    since.
    """
    found: list[KindLine] = []
    for type_name, group in groupby(entries, key=lambda entry: entry.type):
        asked = list(group)
        alike = len({(entry.state, entry.reason, entry.said) for entry in asked}) == 1
        lines = [_merged(asked)] if alike else [_line(entry, asked) for entry in asked]
        if held.get(type_name):
            place = next((place for place, line in enumerate(lines) if line.reason == HELD), 0)
            lines[place] = replace(lines[place], held=held[type_name])
        found.extend(lines)
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
        sum(entry.changed for entry in asked),
        sum(entry.gone for entry in asked),
        min(answered) if len(answered) == len(asked) else None,
        min((entry.last_try_at for entry in asked if entry.last_try_at is not None), default=None),
        first.reason,
        any(entry.resume_url is not None for entry in asked),
        said=first.said,
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
        entry.changed,
        entry.gone,
        entry.last_good_at,
        entry.last_try_at,
        entry.reason,
        entry.resume_url is not None,
        said=entry.said,
    )
