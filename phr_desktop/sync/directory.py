"""The directory of portals: what is known of each beside what it declares itself, read from `resources/portals`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from phr_desktop.errors import Bug

GENERIC = "generic"
VENDOR = "vendor"
BEFORE, AFTER = "before", "after"
ASK_WHOLE, ASK_CATEGORIES, ASK_BOTH = "whole", "categories", "both"


@dataclass(frozen=True, slots=True)
class TypeRules:
    """How one resource type is asked for."""

    ask: str = ASK_WHOLE
    categories: tuple[str, ...] = ()
    include: str | None = None  # of `_include`, used where it is declared
    compare_days: int | None = None  # None: the portal's own
    parameters: tuple[tuple[str, str], ...] = ()  # added to every search of the type


@dataclass(frozen=True, slots=True)
class PortalEntry:
    """One portal of the directory, or the rules for any other."""

    id: str
    name: str
    fhir_base: str | None
    software: str | None  # CapabilityStatement.software.name, for a portal whose address is not fixed
    kind: str  # "clinic", "plan", "demo"; "vendor" for rules alone, which nobody is to choose
    places: tuple[str, ...]  # cities and states, for the search
    client_id: str
    client_secret: str | None
    registration: str  # "none", "before" or "after" sign-in, where the portal offers it
    forward: str | None  # the https page that sends the browser on, where a portal refuses addresses on this computer
    phone: str | None
    handover: Mapping[str, str]  # what is done on the portal's own pages: word to address
    ports: tuple[int, ...]
    page_link: str
    page_size: int
    compare_days: int
    at_once: int  # requests that the portal gets at the same time
    per_minute: int | None  # requests that its host gets in a minute; None: as many as it answers
    binary_accept: str
    supporting: frozenset[str]
    without_patient: frozenset[str]
    types: Mapping[str, TypeRules]

    def compare_seconds(self, type_name: str) -> int:
        """How long a full compare of the type is good for."""
        rules = self.types.get(type_name, TypeRules())
        return 86400 * (rules.compare_days or self.compare_days)


@cache
def load_directory(folder: Path) -> tuple[PortalEntry, ...]:
    """Every entry of the folder; the generic one last."""
    written = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))}
    names = sorted(written, key=lambda name: name == GENERIC)
    return tuple(_entry(name, _extended(name, written)) for name in names)


def find_entry(entries: Iterable[PortalEntry], base_url: str, software: str | None) -> PortalEntry:
    """The entry of a FHIR base: by its address, else by what its software calls itself, else the generic one."""
    generic: PortalEntry | None = None
    for entry in entries:
        by_address = entry.fhir_base is not None and entry.fhir_base.rstrip("/") == base_url
        if by_address or (entry.software is not None and entry.software == software):
            return entry
        generic = entry if entry.id == GENERIC else generic
    if generic is None:
        raise Bug("no-generic-portal")
    return generic


def search_portals(entries: Iterable[PortalEntry], words: str) -> list[PortalEntry]:
    """The entries that a person may choose and in whose name or places every word begins a word, by name."""
    wanted = words.casefold().split()
    chosen = [entry for entry in entries if entry.fhir_base is not None and entry.kind != VENDOR]
    found = [entry for entry in chosen if all(_begins(word, entry) for word in wanted)]
    return sorted(found, key=lambda entry: entry.name.casefold())


def _begins(word: str, entry: PortalEntry) -> bool:
    text = " ".join((entry.name, *entry.places)).casefold()
    return any(part.startswith(word) for part in text.replace(",", " ").split())


def _extended(name: str, written: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """An entry with what it takes over from the one it extends; a type's table is laid over the other's."""
    own = dict(written[name])
    parent = own.pop("extends", None)
    if parent is None:
        return own
    base = _extended(parent, written)
    types = {**base.get("types", {})}
    for type_name, rules in own.pop("types", {}).items():
        types[type_name] = {**types.get(type_name, {}), **rules}
    return {**base, **own, "types": types}


def _entry(name: str, tree: dict[str, Any]) -> PortalEntry:
    types = {type_name: _rules(rules) for type_name, rules in tree.pop("types").items()}
    unknown = tree.keys() - {field.name for field in fields(PortalEntry)}
    if unknown:
        raise Bug("portal-directory-unknown-word", words=", ".join(sorted(unknown)))
    return PortalEntry(
        id=name,
        name=tree["name"],
        fhir_base=tree.get("fhir_base"),
        software=tree.get("software"),
        kind=tree.get("kind", "clinic"),
        places=tuple(tree.get("places", ())),
        client_id=tree["client_id"],
        client_secret=tree.get("client_secret"),
        registration=tree["registration"],
        forward=tree.get("forward"),
        phone=tree.get("phone"),
        handover=dict(tree.get("handover", {})),
        ports=tuple(tree["ports"]),
        page_link=tree["page_link"],
        page_size=tree["page_size"],
        compare_days=tree["compare_days"],
        at_once=tree["at_once"],
        per_minute=tree.get("per_minute"),
        binary_accept=tree["binary_accept"],
        supporting=frozenset(tree["supporting"]),
        without_patient=frozenset(tree["without_patient"]),
        types=types,
    )


def _rules(tree: dict[str, Any]) -> TypeRules:
    parameters = tuple(sorted(tree.get("parameters", {}).items()))
    ask = tree.get("ask", ASK_WHOLE)
    if tree.keys() - {field.name for field in fields(TypeRules)} or ask not in (ASK_WHOLE, ASK_CATEGORIES, ASK_BOTH):
        raise Bug("portal-directory-unknown-word")
    return TypeRules(ask, tuple(tree.get("categories", ())), tree.get("include"), tree.get("compare_days"), parameters)
