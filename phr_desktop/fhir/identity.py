"""Whose resources these are: comparing a Patient with a person, and telling one patient's references from another's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from phr_desktop.domain.records import Extracted
from phr_desktop.fhir.concepts import first
from phr_desktop.fhir.dates import parse_date
from phr_desktop.fhir.decode import Json, decode
from phr_desktop.fhir.envelope import Entry
from phr_desktop.fhir.names import family_name, given_names, human_names, name_in_words
from phr_desktop.fhir.problems import MalformedResource

_PREFIXES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev", "hon"})
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd", "dds", "rn", "esq", "do", "jd"})
# What synthetic data append to names: Verna423 Satterfield116.
_DIGITS = re.compile(r"\d+")


class PatientNamed(NamedTuple):
    """Who a Patient resource says it is. `names` are all its names as words lists: (given names, family name)."""

    id: str | None
    name: str | None
    birth_date: str | None  # a FHIR date, may be partial
    names: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    aliases: frozenset[str]  # references by which other resources of the same source point to it
    replaced_by: str | None  # the reference of the record that took this one's place


class Subject(NamedTuple):
    """A patient that a batch of entries speaks about; `patient` is None where no Patient resource came along."""

    reference: str  # "Patient/<id>", or the reference as written
    patient: PatientNamed | None
    records: int


def patient_of(resource: Json, full_url: str | None = None) -> PatientNamed:
    """Reads a decoded Patient. `full_url` is its Bundle entry's."""
    id_ = resource.get("id")
    id_ = id_ if isinstance(id_, str) and id_ else None
    birth_date = resource.get("birthDate")
    return PatientNamed(
        id_,
        name_in_words(resource.get("name")),
        birth_date if isinstance(birth_date, str) and birth_date else None,
        tuple(_name_words(name) for name in human_names(resource.get("name"))),
        _aliases(resource, id_, full_url),
        replaced_by(resource),
    )


def same_person(patient: PatientNamed, name: str, birth_date: str | None) -> bool:
    """Whether a Patient can be the person `name`, born `birth_date`.

    The family name and the first given name must agree, whatever their case, accents, order, prefix or suffix; the
    birth dates must agree as far as both are given. Where the Patient has no name at all, it is not the person.
    """
    if not _same_birth_date(patient.birth_date, birth_date):
        return False
    wanted = _words(name)
    return any(_same_name(given, family, wanted) for given, family in patient.names)


def replaced_by(patient: Json) -> str | None:
    """The reference of the Patient that replaces this one (`link.type` replaced-by), if any."""
    links = patient.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("type") == "replaced-by":
            other = link.get("other")
            reference = other.get("reference") if isinstance(other, dict) else None
            if isinstance(reference, str) and reference:
                return reference
    return None


def subjects(entries: Iterable[tuple[Entry, Extracted]]) -> tuple[Subject, ...]:
    """The distinct patients of a batch, the one with most records first.

    References that name one Patient resource in different ways (id, fullUrl, identifier) count as one.
    """
    patients: list[PatientNamed] = []
    counts: dict[str, int] = {}
    for entry, extracted in entries:
        if extracted.type == "Patient":
            patients.append(patient_of(decode(entry.raw), entry.full_url))
        elif extracted.subject and names_a_patient(extracted.subject):
            counts[extracted.subject] = counts.get(extracted.subject, 0) + 1
    return _merged(patients, counts)


def _merged(patients: list[PatientNamed], counts: dict[str, int]) -> tuple[Subject, ...]:
    found: list[Subject] = []
    left = dict(counts)
    for index, patient in enumerate(patients):
        if any(patient.aliases & earlier.aliases for earlier in patients[:index]):
            continue
        mine = [reference for reference in left if reference in patient.aliases]
        reference = f"Patient/{patient.id}" if patient.id else next(iter(sorted(patient.aliases)), "Patient")
        found.append(Subject(reference, patient, sum(left.pop(r) for r in mine)))
    found.extend(Subject(reference, None, count) for reference, count in left.items())
    return tuple(sorted(found, key=lambda subject: -subject.records))


def names_a_patient(reference: str) -> bool:
    """Whether a subject's reference can be a patient's: not a contained one, nor one that names another type."""
    if reference.startswith("#"):
        return False
    if reference.startswith(("urn:", "identifier:")):
        return True
    return "Patient/" in reference or "/" not in reference


def is_about(extracted: Extracted, aliases: frozenset[str]) -> bool | None:
    """Whether a record is about the patient of these aliases; None where it names no patient at all.

    An Appointment may have several patients: it is about each of them.
    """
    subject = extracted.subject
    if subject is None or not names_a_patient(subject):
        return None
    if _alias(subject) in aliases or subject in aliases:
        return True
    if extracted.type == "Appointment":
        return not aliases.isdisjoint(_participants(extracted.body))
    return False


def _participants(raw: bytes) -> set[str]:
    try:
        participants = decode(raw).get("participant")
    except MalformedResource:
        return set()
    actors = [p.get("actor") for p in (participants if isinstance(participants, list) else ()) if isinstance(p, dict)]
    references = [a.get("reference") for a in actors if isinstance(a, dict)]
    return {form for r in references if isinstance(r, str) for form in (r, _alias(r))}


def _alias(reference: str) -> str:
    """A reference without its version: "Patient/1/_history/2" points to the same patient as "Patient/1"."""
    return reference.partition("/_history/")[0]


def _aliases(resource: Json, id_: str | None, full_url: str | None) -> frozenset[str]:
    aliases = {f"Patient/{id_}", f"urn:uuid:{id_}"} if id_ else set()
    if full_url:
        aliases.add(full_url)
    identifiers = resource.get("identifier")
    for identifier in identifiers if isinstance(identifiers, list) else ():
        if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
            aliases.add(f"identifier:{identifier.get('system') or ''}|{identifier['value']}")
    return frozenset(aliases)


def _name_words(name: Json) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Given and family name as plain words; a name that is text alone has its last word as family name."""
    given, family = _words(" ".join(given_names(name))), _words(family_name(name) or "")
    text = first(name.get("text"))
    if not given and not family and isinstance(text, str):
        words = _words(text)
        return words[:-1], words[-1:]
    return given, family


def _words(name: str) -> tuple[str, ...]:
    """A name's words without case, accents, punctuation, digits, prefixes and suffixes."""
    if "," in name:  # "Satterfield, Verna"
        family, _, given = name.partition(",")
        name = f"{given} {family}"
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = re.split(r"[^\w]+", _DIGITS.sub("", plain).replace("'", "").replace("’", ""))
    kept = [w for w in words if w and w not in _PREFIXES and w not in _SUFFIXES]
    return tuple(kept or [w for w in words if w])


def _same_name(given: tuple[str, ...], family: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Every word of the family name is in the wanted name, and so is the first given name.

    A middle name alone is not enough: twins may share one, and asking costs little.
    """
    rest = list(wanted)
    for word in family:
        if word not in rest:
            return False
        rest.remove(word)
    if not given:
        return bool(family) and not rest
    return given[0] in rest


def _same_birth_date(one: str | None, other: str | None) -> bool:
    """Whether two FHIR dates agree at the precision both have; unknown agrees with all."""
    if not one or not other:
        return True
    if parse_date(one).precision is None or parse_date(other).precision is None:
        return one == other
    length = min(len(one), len(other), len("2000-01-01"))
    return one[:length] == other[:length]


def read_patient(raw: bytes, full_url: str | None = None) -> PatientNamed:
    """`patient_of` for bytes. Raises MalformedResource, also for another type than Patient."""
    resource: dict[str, Any] = decode(raw)
    if resource["resourceType"] != "Patient":
        raise MalformedResource("not-a-patient")
    return patient_of(resource, full_url)
