"""Whom to call: people and places that a record names, with the telephone number that their own record gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phr_desktop.domain.directory import Location, Organization, Practitioner, PractitionerRole
from phr_desktop.domain.fhir_types import ContactPoint, Reference
from phr_desktop.fhir.read import read
from phr_desktop.queries.references import PEOPLE_AND_PLACES, References
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database

_REACHABLE = (Organization, Practitioner, PractitionerRole, Location)


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone to call; `number` None where no source gave one."""

    name: str
    number: str | None


def contacts(db: Database, source: int, actors: Iterable[Reference | None]) -> list[Contact]:
    """Those of a source's references that have a name, each once, in their order; patients are left out."""
    references = References(db, source)
    found: dict[str, Contact] = {}
    for actor in actors:
        name = references.name(actor, PEOPLE_AND_PLACES)
        if name is None or name in found:
            continue
        record = references.find(actor, PEOPLE_AND_PLACES)
        body = None if record is None else records.body(db, record)
        who = None if body is None else read(body)
        if who is None or isinstance(who, _REACHABLE):
            found[name] = Contact(name, _number(who.telecom) if isinstance(who, _REACHABLE) else None)
    return list(found.values())


def _number(telecom: Sequence[ContactPoint]) -> str | None:
    return next((point.value for point in telecom if point.system == "phone" and point.value), None)
