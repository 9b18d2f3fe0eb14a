"""What to make of an answer's resources: whose they are, what they point to, what cannot be read; pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from phr_desktop.domain.records import Extracted
from phr_desktop.fhir.envelope import Entry
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.identity import is_about
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.fhir.references import references_of
from phr_desktop.sync.addresses import Base
from phr_desktop.sync.directory import PortalEntry

MALFORMED, OTHER_PATIENT, NO_PATIENT = "malformed", "other-patient", "no-patient"
FEW = 5  # records that may be gone at once without a question
MUCH = 0.05  # part of a type that may be gone at once without a question
NEVER_ALONE = frozenset({"AllergyIntolerance"})  # of which a single one that is gone is asked about


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient that a connection is bound to, by every name that the portal's references may use."""

    id: str
    aliases: frozenset[str]


@dataclass(slots=True)
class Sorted:
    """A pull's resources, ready to be stored.

    `seen` are identities of the asked type that the portal has, whatever became of them here; it is None once one
    of them could not even be named.
    """

    own: list[Extracted] = field(default_factory=list)
    others: list[Extracted] = field(default_factory=list)  # what came along: other types
    quarantined: list[tuple[str, bytes]] = field(default_factory=list)  # (reason, bytes)
    wanted: set[tuple[str, str]] = field(default_factory=set)  # (type, FHIR id) of what they point to
    seen: set[str] | None = field(default_factory=set)


def bound_patient(base: Base, patient_id: str) -> Patient:
    """The patient of a connection to this base."""
    own = f"Patient/{patient_id}"
    return Patient(patient_id, frozenset({own, f"{base.url}/{own}"}))


class Reading(NamedTuple):
    """One resource as read: why it is refused, if it is, and what it points to."""

    extracted: Extracted
    reason: str | None
    wanted: frozenset[tuple[str, str]]


Met = dict[bytes, Reading]  # by SHA-256 of the bytes: what one sync has read of all that came along


def sort_entries(
    entries: Iterable[Entry],
    type_name: str,
    *,
    patient: Patient,
    base: Base,
    entry: PortalEntry,
    met: Met | None = None,
) -> Sorted:
    """Reads every resource once and keeps apart what is malformed or somebody else's."""
    found = Sorted()
    for one in entries:
        if one.mode == "deleted":
            continue
        try:
            read = _read_once(one, met, patient, base, entry)
        except MalformedResource:
            found.quarantined.append((MALFORMED, one.raw))
            _note_seen(found, _named_by(one.full_url, type_name))
            continue
        if read.extracted.type == type_name:
            _note_seen(found, read.extracted.identity)
        if read.reason is not None:
            found.quarantined.append((read.reason, read.extracted.body))
            continue
        (found.own if read.extracted.type == type_name else found.others).append(read.extracted)
        found.wanted |= read.wanted
    return found


def _read_once(entry_of: Entry, met: Met | None, patient: Patient, base: Base, entry: PortalEntry) -> Reading:
    """What is read of one entry. What comes along (a Provenance of everything) comes with many searches, and is read
    at the first."""
    if met is None or entry_of.mode != "include":
        return _reading(entry_of, patient, base, entry)
    digest = hashlib.sha256(entry_of.raw).digest()
    read = met.get(digest)
    if read is None:
        read = met[digest] = _reading(entry_of, patient, base, entry)
    return read


def _reading(entry_of: Entry, patient: Patient, base: Base, entry: PortalEntry) -> Reading:
    if entry_of.problem is not None:
        raise MalformedResource(entry_of.problem)
    extracted = extract(entry_of.raw, entry_of.full_url)
    reason = refusal(extracted, patient, base, entry)
    return Reading(extracted, reason, frozenset() if reason else frozenset(pointed_to(extracted.body, base, entry)))


def refusal(extracted: Extracted, patient: Patient, base: Base, entry: PortalEntry) -> str | None:
    """Why a resource is not this patient's record; None where it is, or is nobody's and may be."""
    if extracted.type == "Patient":
        return None if extracted.fhir_id == patient.id else OTHER_PATIENT
    about = is_about(extracted, patient.aliases)
    if about is not None:
        return None if about else OTHER_PATIENT
    named = _patients_named(extracted.body, base)
    if patient.id in named:
        return None
    if named:
        return OTHER_PATIENT
    free = extracted.type in entry.supporting or extracted.type in entry.without_patient
    return None if free else NO_PATIENT


def pointed_to(body: bytes, base: Base, entry: PortalEntry) -> set[tuple[str, str]]:
    """The clinicians, places and medicines of this portal that a resource points to."""
    found = set()
    for reference in references_of(body):
        own = base.reference(reference)
        if own is not None:
            type_name, _, ident = own.partition("/")
            if type_name in entry.supporting:
                found.add((type_name, ident))
    return found


def too_many_gone(gone: int, held: int) -> bool:
    """Whether so much is missing at once that a portal's fault is likelier than a fact."""
    return (gone == held and gone > 1) or (gone > FEW and gone > MUCH * held)


def _note_seen(found: Sorted, identity: str | None) -> None:
    if identity is None:
        found.seen = None
    elif found.seen is not None:
        found.seen.add(identity)


def _named_by(full_url: str | None, type_name: str) -> str | None:
    """The id in a fullUrl of the asked type."""
    if full_url is None:
        return None
    rest, _, ident = full_url.partition("/_history/")[0].rpartition("/")
    return ident if ident and rest.rpartition("/")[2] == type_name else None


def _patients_named(body: bytes, base: Base) -> set[str]:
    """Ids of the patients that a resource points to anywhere; a patient elsewhere counts by the whole reference."""
    found = set()
    for reference in references_of(body):
        own = base.reference(reference)
        if own is not None and own.startswith("Patient/"):
            found.add(own.removeprefix("Patient/"))
        elif own is None and "Patient/" in reference:
            found.add(reference)
    return found
