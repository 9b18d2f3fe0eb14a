"""What a sync asks a portal for, and what it does not ask and why: a pure function of what is declared and granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.fhir.capability import Capability, TypeCapability
from phr_desktop.sync.directory import ASK_CATEGORIES, ASK_WHOLE, PortalEntry, TypeRules
from phr_desktop.sync.scopes import Granted

PROVENANCE = "Provenance:target"
Line = tuple[str, str]  # (type, category): one line of the ledger


@dataclass(frozen=True, slots=True)
class Ask:
    """One search, from its first page to its last. `full` gives everything; else what changed since the cursor."""

    type: str
    category: str
    address: str
    full: bool
    optional: bool = False  # for what has no category: a portal that refuses it has said nothing wrong

    @property
    def line(self) -> Line:
        return (self.type, self.category)

    def with_smaller_pages(self) -> Ask | None:
        """The same with a tenth of the records a page, for records that carry whole files; None from one on."""
        rest, found, count = self.address.rpartition("&_count=")
        if not found or int(count) <= 1:
            return None
        return replace(self, address=f"{rest}&_count={max(1, int(count) // 10)}")


@dataclass(frozen=True, slots=True)
class TypePlan:
    """Everything that is asked of one type. `whole` says that nothing of it is left out by the grant."""

    type: str
    asks: tuple[Ask, ...]
    whole: bool

    @property
    def compares(self) -> bool:
        """Whether the answers together show what the portal no longer has."""
        return self.whole and all(ask.full for ask in self.asks)


@dataclass(frozen=True, slots=True)
class Plan:
    """The asks in their order, and the lines that are not asked with the reason."""

    types: tuple[TypePlan, ...]
    left_out: Mapping[Line, tuple[LedgerState, str]]

    @property
    def lines(self) -> frozenset[Line]:
        """Every line that the ledger has after this sync."""
        return frozenset(self.left_out) | {ask.line for plan in self.types for ask in plan.asks}


def make_plan(
    entry: PortalEntry,
    capability: Capability,
    granted: Granted,
    ledger: Mapping[Line, LedgerEntry],
    patient: str,
    now: int,
) -> Plan:
    """`ledger` are the lines of the last syncs, `patient` the bound patient's id, `now` seconds since 1970 UTC."""
    types: list[TypePlan] = []
    left_out: dict[Line, tuple[LedgerState, str]] = {}
    brings_provenance = any(t.reverse_includes(PROVENANCE) for t in capability.types.values())
    for name, rules in entry.types.items():
        declared = capability.types.get(name)
        if name == "Provenance" and brings_provenance:
            continue  # it comes with the records that it is about
        if declared is None or _search(name, declared, patient) is None:
            left_out[name, ""] = (LedgerState.NOT_OFFERED, "not-offered")
            continue
        wanted, refused = _lines(name, rules, granted)
        left_out.update({(name, category): (LedgerState.NOT_ALLOWED, "not-granted") for category in refused})
        if wanted:
            whole_again = _compare_due(entry, name, wanted, ledger, now) or "_lastUpdated" not in declared.search_params
            asks = tuple(
                _ask(entry, rules, declared, category, None if whole_again else ledger.get((name, category)), patient)
                for category in wanted
            )
            types.append(TypePlan(name, asks, whole=not refused))
    return Plan(tuple(types), left_out)


def _lines(name: str, rules: TypeRules, granted: Granted) -> tuple[list[str], list[str]]:
    """The categories to ask for ("": the whole type) and those that the grant leaves out."""
    if name == "Patient":
        return ([""], []) if granted.may_read(name) else ([], [""])
    if granted.may_search(name):
        if rules.ask == ASK_WHOLE or not rules.categories:
            return [""], []
        return ([*rules.categories], []) if rules.ask == ASK_CATEGORIES else ([*rules.categories, ""], [])
    some = granted.categories(name)
    if not some:
        return [], [""]
    others = sorted(some - set(rules.categories))
    return (
        [*(c for c in rules.categories if c in some), *others],
        [*(c for c in rules.categories if c not in some), ""],  # what has no category is not granted with any of them
    )


def _compare_due(
    entry: PortalEntry, name: str, categories: list[str], ledger: Mapping[Line, LedgerEntry], now: int
) -> bool:
    """Whether it is time to ask for all of the type again, to find what is gone and what came under an old date."""
    lines = [line for category in categories if (line := ledger.get((name, category))) is not None and line.cursor]
    good_for = entry.compare_seconds(name)
    return any(line.full_compare_at is None or now - line.full_compare_at >= good_for for line in lines)


def _ask(
    entry: PortalEntry,
    rules: TypeRules,
    declared: TypeCapability,
    category: str,
    line: LedgerEntry | None,
    patient: str,
) -> Ask:
    """`line` is where the last sync stood, or None to ask for everything."""
    name = declared.type
    if name == "Patient":
        return Ask(name, "", f"Patient/{quote(patient, safe='')}", full=True)
    parameters = [*(_search(name, declared, patient) or ()), *rules.parameters]
    if category:
        parameters.append(("category", category))
    cursor = line.cursor if line is not None else None
    if cursor is not None:
        parameters.append(("_lastUpdated", f"ge{cursor}"))
    if rules.include and declared.includes_reference(rules.include):
        parameters.append(("_include", rules.include))
    if declared.reverse_includes(PROVENANCE):
        parameters.append(("_revinclude", PROVENANCE))
    if "_sort" in declared.search_params and "date" in declared.search_params:
        parameters.append(("_sort", "-date"))
    parameters.append(("_count", str(entry.page_size)))
    optional = not category and rules.ask != ASK_WHOLE and bool(rules.categories)
    return Ask(name, category, f"{name}?{urlencode(parameters, safe=':,|')}", cursor is None, optional)


def _search(name: str, declared: TypeCapability, patient: str) -> list[tuple[str, str]] | None:
    """The parameters that keep a search to this patient; None where the type cannot be asked for."""
    if name == "Patient":
        return [] if declared.readable else None
    if not declared.searchable:
        return None
    # A portal that declares no parameters at all is asked by the one that FHIR defines for all these types.
    parameter = declared.patient_parameter or (None if declared.search_params else "patient")
    if parameter is None:
        return None
    return [(parameter, patient if parameter == "patient" else f"Patient/{patient}")]
