"""Which lines are one because the person said so, and by which key what is kept of a line is found again.

What the person keeps of a line (a choice, schedules, stock, notes) is kept by the key that the line had then. Codes
that arrive later, and what the person joins, may give the line another one: so a line goes by the key under which
something is kept, and knows all its others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from phr_desktop.queries.medicine_codes import Coded, own_keys
from phr_desktop.queries.medicine_facts import MedicineFact
from phr_desktop.vault.medicines import Pair

_BEST_FIRST = ("rxnorm:", "ndc:", "source:", "record:")


@dataclass(frozen=True, slots=True)
class Group:
    """The facts of one line. `parts` are its lines before the person joined them, by key; `keys` all its keys."""

    key: str
    keys: frozenset[str]
    parts: Mapping[str, Sequence[MedicineFact]]

    @property
    def facts(self) -> list[MedicineFact]:
        return [fact for part in self.parts.values() for fact in part]


def groups(by_key: Mapping[str, Sequence[MedicineFact]], pairs: Iterable[Pair], kept: Sequence[str]) -> list[Group]:
    """One a line. `by_key` are the lines that codes alone make; `kept` the keys in use, the most telling first."""
    known = {key: _keys_of(key, facts) for key, facts in by_key.items()}
    owner = _owners(known)
    of = {key: {key} for key in by_key}
    for pair in pairs:
        one, other = owner.get(pair.one), owner.get(pair.other)
        if pair.same and one is not None and other is not None and of[one] is not of[other]:
            of[one] |= of[other]
            for key in of[other]:
                of[key] = of[one]
    in_use: dict[str, list[str]] = {}
    for key in kept:
        if key in owner:
            in_use.setdefault(owner[key], []).append(key)
    different = {id(parts): parts for parts in of.values()}.values()
    return [_group(sorted(parts, key=_best), by_key, known, in_use, kept) for parts in different]


def _group(
    parts: Sequence[str],
    by_key: Mapping[str, Sequence[MedicineFact]],
    known: Mapping[str, Set[str]],
    in_use: Mapping[str, list[str]],
    kept: Sequence[str],
) -> Group:
    mine = {key for part in parts for key in in_use.get(part, ())}
    key = next((one for one in kept if one in mine), parts[0])
    keys = frozenset(parts).union(*(known[part] for part in parts), mine)
    return Group(key, keys, {part: by_key[part] for part in parts})


def _keys_of(key: str, facts: Iterable[MedicineFact]) -> frozenset[str]:
    coded = (Coded(fact.row.id, fact.row.source, fact.codings, fact.words) for fact in facts)
    return frozenset({key}).union(*(own_keys(one) for one in coded))


def _owners(known: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The line of each key: the one that has it now, else the only one that may have had it."""
    claimed: dict[str, list[str]] = {}
    for key, every in known.items():
        for one in every:
            claimed.setdefault(one, []).append(key)
    return {one: one if one in known else lines[0] for one, lines in claimed.items() if one in known or len(lines) == 1}


def _best(key: str) -> tuple[int, str]:
    return next((place for place, start in enumerate(_BEST_FIRST) if key.startswith(start)), len(_BEST_FIRST)), key
