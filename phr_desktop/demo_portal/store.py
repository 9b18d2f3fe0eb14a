"""The portal's records in memory: versions, owners and what a search looks at, made once when a record is stored."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.fhirdates import Moment, moment_of
from phr_desktop.demo_portal.rules import TYPES

Resource = dict[str, Any]
Key = tuple[str, str]
# Decimals keep the digits they were sent with: 5.60 is not 5.6.
_ENCODER = msgspec.json.Encoder(decimal_format="number")
Token = tuple[str, str]  # (system, code); a plain code has the system ""


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one record: its bytes as they are sent, and what searches compare."""

    type: str
    id: str
    version: int
    updated: Moment
    body: bytes
    resource: Resource
    patients: frozenset[str]
    references: frozenset[str]  # "Type/id" of the elements that includes follow
    dates: dict[str, tuple[Moment, ...]]
    tokens: dict[str, frozenset[Token]]
    order: float  # seconds since 1970 of the type's own date; newest first in an answer
    created: str  # lastUpdated of the first version

    @property
    def key(self) -> Key:
        return (self.type, self.id)

    def is_open_to(self, patient: str) -> bool:
        """Whether who opened this patient's record may see it: nobody else is named in it, or nobody can be."""
        return self.patients == {patient} if TYPES[self.type].in_compartment else True


@dataclass(frozen=True, slots=True)
class Gone:
    """That a record was deleted: a last line in its history."""

    at: datetime
    before: Stored

    @property
    def patients(self) -> frozenset[str]:
        return self.before.patients


class Store:
    """Every record of every person. Safe to change from any thread while the portal answers.

    `lock` may be held over several calls, so that what was looked at still holds when it is changed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lock = threading.RLock()
        self._clear()

    def _clear(self) -> None:
        self._records: dict[str, dict[str, Stored]] = {name: {} for name in TYPES}
        self._by_patient: dict[tuple[str, str], dict[str, Stored]] = {}
        self._past: dict[Key, list[Stored | Gone]] = {}
        self._withheld: set[Key] = set()

    def load(self, resources: Iterable[Resource]) -> None:
        """Takes records as they are, with the `meta` they bring; what is missing of it is added."""
        waiting = []
        with self.lock:
            for resource in resources:
                if resource["resourceType"] == "Provenance":
                    waiting.append(resource)  # belongs to whom its targets belong to: they come first
                else:
                    self._keep(resource)
            for resource in waiting:
                self._keep(resource)

    def reset(self, resources: Iterable[Resource]) -> None:
        """Forgets everything, histories too, and takes these records."""
        with self.lock:
            self._clear()
            self.load(resources)

    def put(self, resource: Resource) -> Stored:
        """Stores a new version, updated now, and gives it back. Raises KeyError for a type the portal has not."""
        with self.lock:
            name, ident = resource["resourceType"], resource["id"]
            known, past = self._records[name].get(ident), self._past.get((name, ident), [])
            version = 1
            if known is not None:
                version = known.version + 1
                self._past.setdefault((name, ident), []).append(known)
            elif past and isinstance(past[-1], Gone):
                version = past[-1].before.version + 1
            meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": _instant(self._clock.now())}
            return self._keep({**resource, "meta": meta})

    def delete(self, name: str, ident: str) -> None:
        """Removes a record; reading it answers 410 from now on. Raises KeyError where there is none."""
        with self.lock:
            stored = self._records[name].pop(ident)
            self._shelf(stored).pop(ident, None)
            self._past.setdefault((name, ident), []).extend((stored, Gone(self._clock.now(), stored)))
            self._withheld.discard((name, ident))

    def withhold(self, name: str, ident: str) -> None:
        """Keeps a record from everybody until it is released. Raises KeyError where there is none."""
        with self.lock:
            self._withheld.add(self._records[name][ident].key)

    def release(self, name: str, ident: str, *, keep_date: bool = False) -> Stored:
        """Shows a withheld record. With `keep_date` it keeps its old lastUpdated, as at some portals; else it is now.

        Raises KeyError where it was not withheld.
        """
        with self.lock:
            self._withheld.remove((name, ident))
            stored = self._records[name][ident]
            if keep_date:
                return stored
            meta = {**stored.resource["meta"], "lastUpdated": _instant(self._clock.now())}
            return self._keep({**stored.resource, "meta": meta})

    def withheld(self, name: str | None = None, patient: str | None = None) -> list[Stored]:
        """The records not released: all, of a type, of a patient."""
        with self.lock:
            found = [self._records[key[0]][key[1]] for key in sorted(self._withheld)]
        return [
            stored
            for stored in found
            if name in (None, stored.type) and (patient is None or stored.patients == {patient})
        ]

    def is_withheld(self, stored: Stored) -> bool:
        return stored.key in self._withheld

    def history(self, name: str, ident: str) -> list[Stored | Gone]:
        """Every version of a record and its deletions, the newest first; empty where there never was one."""
        with self.lock:
            now = self._records[name].get(ident)
            past = self._past.get((name, ident), [])
            return ([now] if now else []) + past[::-1]

    def get(self, name: str, ident: str) -> Stored | None:
        return self._records.get(name, {}).get(ident)

    def was_deleted(self, name: str, ident: str) -> bool:
        past = self._past.get((name, ident))
        return past is not None and isinstance(past[-1], Gone) and self.get(name, ident) is None

    def of_type(self, name: str) -> list[Stored]:
        """Every record of a type, in no order; a copy."""
        with self.lock:
            return list(self._records[name].values())

    def open_to(self, name: str, patient: str) -> list[Stored]:
        """The records of a type that who opened this patient's record may see at all; a copy, withheld ones left out.

        Of a type inside the patient compartment these are the records that name this patient and nobody else.
        """
        if not TYPES[name].in_compartment:
            return self.of_type(name)
        with self.lock:
            found = list(self._by_patient.get((name, patient), {}).values())
            return [stored for stored in found if stored.key not in self._withheld] if self._withheld else found

    def _keep(self, resource: Resource) -> Stored:
        name, ident = resource["resourceType"], resource["id"]
        meta = {"versionId": "1", "lastUpdated": _instant(self._clock.now()), **resource.get("meta", {})}
        resource = {"resourceType": name, "id": ident, "meta": meta} | {
            key: value for key, value in resource.items() if key not in ("resourceType", "id", "meta")
        }
        before = self._records[name].get(ident)
        stored = self._index(resource, meta, before.created if before else meta["lastUpdated"])
        if before is not None:
            self._shelf(before).pop(ident, None)
        self._records[name][ident] = self._shelf(stored)[ident] = stored
        return stored

    def _shelf(self, stored: Stored) -> dict[str, Stored]:
        """Where a record stands beside the others of its one patient; those of several patients stand apart."""
        patient = next(iter(stored.patients)) if len(stored.patients) == 1 else ""
        return self._by_patient.setdefault((stored.type, patient), {})

    def _index(self, resource: Resource, meta: dict[str, str], created: str) -> Stored:
        rules = TYPES[resource["resourceType"]]
        zone = self._clock.zone()
        dates = {
            parameter: tuple(
                moment
                for value in _values(resource, paths)
                if isinstance(value, (str, dict)) and (moment := moment_of(value, zone)) is not None
            )
            for parameter, paths in (rules.dates or {}).items()
        }
        updated = moment_of(meta["lastUpdated"], zone)
        if updated is None:
            raise ValueError("meta.lastUpdated is no instant")
        first = next(iter(dates.values()), ())
        return Stored(
            type=resource["resourceType"],
            id=resource["id"],
            version=int(meta["versionId"]),
            updated=updated,
            body=_ENCODER.encode(resource),
            resource=resource,
            patients=self._owners(resource, rules.patient),
            references=frozenset(_references(resource)),
            dates=dates,
            tokens={
                parameter: frozenset(token for value in _values(resource, paths) for token in _tokens(value))
                for parameter, paths in (rules.tokens or {}).items()
            },
            order=max((moment.low.timestamp() for moment in first), default=updated.low.timestamp()),
            created=created,
        )

    def owners_of(self, resource: Resource) -> frozenset[str]:
        """The ids of the patients that a record of a known type names."""
        return self._owners(resource, TYPES[resource["resourceType"]].patient)

    def _owners(self, resource: Resource, paths: tuple[str, ...]) -> frozenset[str]:
        if paths == ("id",):
            return frozenset({str(resource.get("id", ""))})
        found = (value.get("reference") for value in _values(resource, paths) if isinstance(value, dict))
        references = [reference for reference in found if isinstance(reference, str)]
        owners = {reference.partition("/")[2] for reference in references if reference.startswith("Patient/")}
        if resource["resourceType"] == "Provenance":
            for reference in references:
                target = self.get(*reference.split("/", 1)) if "/" in reference else None
                owners |= target.patients if target else set()
        return frozenset(owners)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _values(resource: Resource, paths: tuple[str, ...]) -> Iterator[Any]:
    """Every value found at the dotted paths, lists opened."""
    for path in paths:
        yield from _walk(resource, path.split("."))


def _walk(value: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        yield from _walk(value.get(steps[0]), steps[1:])


def _tokens(value: Any) -> Iterator[Token]:
    """The codes of a code, Coding, CodeableConcept or Identifier; none of anything else."""
    if isinstance(value, str):
        yield ("", value)
    elif not isinstance(value, dict):
        return
    elif "coding" in value or "text" in value:
        coded = value.get("coding")
        for coding in coded if isinstance(coded, list) else ():
            if isinstance(coding, dict):
                yield (str(coding.get("system", "")), str(coding.get("code", "")))
    elif "code" in value or "value" in value:
        yield (str(value.get("system", "")), str(value.get("code", value.get("value", ""))))


def _references(resource: Resource) -> Iterator[str]:
    """What `_include` and `_revinclude` follow."""
    if resource["resourceType"] == "Provenance":
        yield from (target.get("reference", "") for target in resource.get("target", ()))
    reference = resource.get("medicationReference", {}).get("reference", "")
    if reference.startswith("Medication/"):
        yield reference
