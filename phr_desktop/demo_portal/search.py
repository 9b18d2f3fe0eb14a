"""Search over one type for one patient: parameters, order, and pages behind opaque links."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo

from phr_desktop.demo_portal.fhirdates import Moment, matches, parse, split_prefix
from phr_desktop.demo_portal.flavours import Flavour
from phr_desktop.demo_portal.outcome import Refusal
from phr_desktop.demo_portal.rules import TYPES, TypeRules
from phr_desktop.demo_portal.scopes import Permission
from phr_desktop.demo_portal.store import Key, Store, Stored

PAGES_KEPT = 512

Test = Callable[[Stored], bool]


@dataclass(slots=True)
class Query:
    """A search as understood: the tests that all must hold, and what is said about the rest."""

    type: str
    flavour: Flavour
    count: int
    newest_first: bool = True
    by_update: bool = False
    tests: list[Test] = field(default_factory=list)
    with_provenance: bool = False
    with_medication: bool = False
    used: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer. `link` and `next_link` are opaque words for the address."""

    query: Query
    total: int
    matches: list[Stored]
    included: list[Stored]
    link: str
    next_link: str | None


def understand(name: str, arguments: Iterable[tuple[str, str]], patient: str, zone: tzinfo, flavour: Flavour) -> Query:
    """Reads a search's parameters. Unknown ones are noted in `ignored`, as FHIR's lenient handling says.

    Raises Refusal: 400 for a value that cannot be read or what this flavour does not take, 403 for another patient.
    """
    query, rules = Query(name, flavour, flavour.default_count), TYPES[name]
    for parameter, value in arguments:
        if _control(query, rules, parameter, value) or _filter(query, rules, parameter, value, patient, zone):
            query.used.append((parameter, value))
        else:
            query.ignored.append(parameter)
    _hold_to_flavour(query, rules)
    return query


def _hold_to_flavour(query: Query, rules: TypeRules) -> None:
    """Refuses what a portal of this flavour refuses. Raises Refusal 400."""
    flavour, given = query.flavour, {parameter for parameter, _ in query.used}
    if query.ignored and flavour.unknown_parameters == "refuse":
        raise Refusal(400, "not-supported", "Unknown search parameters: " + ", ".join(query.ignored))
    if "_id" in given:
        return
    if flavour.patient_needed and rules.in_compartment and query.type != "Patient" and "patient" not in given:
        raise Refusal(400, "required", "The parameter patient is needed.")
    needed = flavour.asks_for(query.type)
    if needed and given.isdisjoint(needed):
        raise Refusal(400, "required", "One of these parameters is needed: " + ", ".join(needed))


def _control(query: Query, rules: TypeRules, parameter: str, value: str) -> bool:
    """Takes a parameter that shapes the answer; False where it is none of those, or not in this flavour."""
    flavour = query.flavour
    if parameter == "_count":
        query.count = min(_whole_number(value), flavour.largest_count)
    elif parameter == "_sort" and flavour.sorts and value.lstrip("-") in ("date", "_lastUpdated"):
        query.newest_first, query.by_update = value.startswith("-"), value.endswith("_lastUpdated")
    elif parameter == "_revinclude" and flavour.includes and value == "Provenance:target" and rules.provenance:
        query.with_provenance = True
    elif parameter == "_include" and flavour.includes and value in rules.includes:
        query.with_medication = True
    else:
        return parameter in ("_format", "_total")
    return True


def _filter(query: Query, rules: TypeRules, parameter: str, value: str, patient: str, zone: tzinfo) -> bool:
    """Takes a parameter that chooses records; False where the type has none of that name."""
    if parameter == "patient" and rules.in_compartment and query.type != "Patient":
        if value.removeprefix("Patient/") != patient:
            raise Refusal(403, "forbidden", "This sign-in opens another person's record than the one asked for.")
    elif parameter == "_id":
        wanted = frozenset(value.split(","))
        query.tests.append(lambda stored: stored.id in wanted)
    elif parameter == "_lastUpdated" and query.flavour.last_updated:
        query.tests.append(_date_test(value, zone, lambda stored: (stored.updated,)))
    elif parameter in (rules.dates or {}):
        query.tests.append(_date_test(value, zone, lambda stored: stored.dates[parameter]))
    elif parameter in (rules.tokens or {}):
        if "," in value and not query.flavour.several_values:
            raise Refusal(400, "value", f"The parameter {parameter} takes one value.")
        query.tests.append(_token_test(parameter, value))
    else:
        return False
    return True


def _whole_number(value: str) -> int:
    if not value.isdecimal():
        raise Refusal(400, "value", "_count must be a whole number.")
    return int(value)


def _date_test(value: str, zone: tzinfo, found: Callable[[Stored], tuple[Moment, ...]]) -> Test:
    alternatives = []
    for text in value.split(","):
        prefix, written = split_prefix(text)
        wanted = parse(written.replace(" ", "+"), zone)
        if wanted is None:
            raise Refusal(400, "value", "A date in the search could not be read.")
        alternatives.append((prefix, wanted))
    return lambda stored: any(
        matches(prefix, wanted, moment) for moment in found(stored) for prefix, wanted in alternatives
    )


def _token_test(parameter: str, value: str) -> Test:
    wanted = [word.rpartition("|") for word in value.split(",")]

    def test(stored: Stored) -> bool:
        for system, bar, code in wanted:
            for found_system, found_code in stored.tokens[parameter]:
                if code in ("", found_code) and (not bar or system == found_system):
                    return True
        return False

    return test


@dataclass(frozen=True, slots=True)
class _Answer:
    query: Query
    keys: tuple[Key, ...]
    patient: str


class Searches:
    """Runs searches and keeps their answers for the pages to come, the newest `PAGES_KEPT` of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def first_page(self, query: Query, patient: str, permission: Permission) -> Page:
        """Runs the search. Only this patient's records, and those of types without a patient, can be in it."""
        found = [
            stored
            for stored in self._store.open_to(query.type, patient)
            if permission.covers("s", stored) and all(test(stored) for test in query.tests)
        ]
        found.sort(key=lambda stored: stored.id)
        found.sort(
            key=lambda stored: stored.updated.low.timestamp() if query.by_update else stored.order,
            reverse=query.newest_first,
        )
        answer = _Answer(query, tuple(stored.key for stored in found), patient)
        word = secrets.token_urlsafe(16)
        if query.count and len(answer.keys) > query.count:
            self._keep(word, answer)
        return self._page(word, answer, 0, patient, permission)

    def page(self, name: str, link: str, patient: str, permission: Permission) -> Page:
        """A further page. Raises Refusal 410 for a link no longer known, or made for another patient or type."""
        word, _, start = link.partition(".")
        answer = self._answers.get(word)
        if answer is None or not start.isdecimal() or answer.patient != patient or answer.query.type != name:
            raise Refusal(410, "expired", "This page of the search is no longer known. Search again.")
        return self._page(word, answer, int(start), patient, permission)

    def _keep(self, word: str, answer: _Answer) -> None:
        with self._lock:
            self._answers[word] = answer
            while len(self._answers) > PAGES_KEPT:
                self._answers.popitem(last=False)

    def _page(self, word: str, answer: _Answer, start: int, patient: str, permission: Permission) -> Page:
        query = answer.query
        after = start + query.count
        found = [
            stored
            for key in answer.keys[start:after]
            if (stored := self._store.get(*key)) is not None
            and stored.is_open_to(patient)
            and not self._store.is_withheld(stored)
            and permission.covers("s", stored)
        ]
        more = query.count > 0 and after < len(answer.keys)
        included = [
            stored for stored in self._included(query, found, patient) if _may_come_along(stored, patient, permission)
        ]
        return Page(query, len(answer.keys), found, included, f"{word}.{start}", f"{word}.{after}" if more else None)

    def _included(self, query: Query, found: list[Stored], patient: str) -> list[Stored]:
        included: dict[Key, Stored] = {}
        if query.with_medication:
            for name in sorted({reference for stored in found for reference in stored.references}):
                medication = self._store.get(*name.split("/", 1))
                if medication is not None:
                    included[medication.key] = medication
        if query.with_provenance and found:
            names = {f"{stored.type}/{stored.id}" for stored in found}
            for provenance in self._store.open_to("Provenance", patient):
                if not names.isdisjoint(provenance.references):
                    included[provenance.key] = provenance
        return list(included.values())


def _may_come_along(stored: Stored, patient: str, permission: Permission) -> bool:
    return stored.is_open_to(patient) and permission.covers("r", stored)
