"""Whose resources these are: comparing a Patient with a person, and telling one patient's references from another's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from phr_desktop.domain.records import Extracted
from phr_desktop.fhir.concepts import first
from phr_desktop.fhir.dates import parse_date
from phr_desktop.fhir.decode import Json, decode
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
    """A patient that a batch of entries speaks about; without `patients` no Patient resource came along."""

    reference: str  # "Patient/<id>", or the reference as written
    records: int
    patients: tuple[PatientNamed, ...]  # one Patient resource, or several that agree, the one with a name first
    aliases: frozenset[str]  # the references that mean this subject and no other of the batch

    @property
    def patient(self) -> PatientNamed | None:
        return self.patients[0] if self.patients else None

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(patient.id for patient in self.patients if patient.id)


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


def may_be(subject: Subject, name: str, birth_date: str | None) -> bool:
    """Whether every Patient of a subject can be this person; one without a name has to agree in its birth date."""
    named = [patient for patient in subject.patients if _has_name(patient)]
    born = all(_same_birth_date(patient.birth_date, birth_date) for patient in subject.patients)
    return bool(named) and born and all(same_person(patient, name, birth_date) for patient in named)


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


def subjects_of(patients: Iterable[PatientNamed], counts: Mapping[str, int]) -> tuple[Subject, ...]:
    """The distinct patients of a batch, the one with most records first. `counts`: records by their subject.

    References that name one Patient in different ways (id, address, identifier) count as one. Patients whose names or
    birth dates disagree are never one, whatever id or identifier they share; a reference that fits both fits neither.
    """
    groups = _grouped(patients)
    owners = _owners(groups)
    mine: list[set[str]] = [{alias for alias in _all_aliases(group) if len(owners[alias]) == 1} for group in groups]
    records = [0] * len(groups)
    alone: dict[str, int] = {}
    for written, count in counts.items():
        reference = without_version(written)
        owner = _owner(reference, groups, owners)
        if owner is None and names_a_patient(reference):
            alone[reference] = alone.get(reference, 0) + count
        elif owner is not None and owner >= 0:
            records[owner] += count
            mine[owner].add(reference)
    named = [
        Subject(_reference_of(group[0]), records[n], tuple(group), frozenset(mine[n])) for n, group in enumerate(groups)
    ]
    others = [Subject(reference, count, (), frozenset({reference})) for reference, count in alone.items()]
    return tuple(sorted([*named, *others], key=lambda subject: -subject.records))


def _grouped(patients: Iterable[PatientNamed]) -> list[list[PatientNamed]]:
    """Patients that share an alias and do not disagree, together; those with a name first."""
    groups: list[list[PatientNamed]] = []
    owners: dict[str, list[int]] = {}
    for patient in patients:
        near = sorted({n for alias in patient.aliases for n in owners.get(alias, ())})
        home = next((n for n in near if all(_agree(patient, other) for other in groups[n])), len(groups))
        if home == len(groups):
            groups.append([])
        groups[home].append(patient)
        for alias in patient.aliases:
            homes = owners.setdefault(alias, [])
            if home not in homes:
                homes.append(home)
    for group in groups:
        group.sort(key=lambda patient: not _has_name(patient))
    return groups


def _agree(one: PatientNamed, other: PatientNamed) -> bool:
    """Whether two Patients can be one: unknown agrees with all."""
    if not _same_birth_date(one.birth_date, other.birth_date):
        return False
    if not (_has_name(one) and _has_name(other)):
        return True
    pairs = ((a, b) for a in one.names for b in other.names)
    return any(_same_name(*a, b[0] + b[1]) or _same_name(*b, a[0] + a[1]) for a, b in pairs)


def _has_name(patient: PatientNamed) -> bool:
    return any(given or family for given, family in patient.names)


def _all_aliases(group: list[PatientNamed]) -> frozenset[str]:
    return frozenset().union(*(patient.aliases for patient in group))


def _owners(groups: list[list[PatientNamed]]) -> dict[str, list[int]]:
    """Alias to the groups that it fits."""
    owners: dict[str, list[int]] = {}
    for n, group in enumerate(groups):
        for alias in _all_aliases(group):
            owners.setdefault(alias, []).append(n)
    return owners


def _owner(reference: str, groups: list[list[PatientNamed]], owners: dict[str, list[int]]) -> int | None:
    """The group that a reference means: -1 where it fits several, None where it fits none.

    "<any address>/Patient/<id>" fits the one group with this id, unless that came from another address itself.
    """
    base, _, id_ = reference.rpartition("/Patient/")
    fits = owners.get(reference, [])
    if not fits and base and id_:
        fits = [n for n in owners.get(f"Patient/{id_}", []) if not _has_address(groups[n], id_)]
    return fits[0] if len(fits) == 1 else -1 if fits else None


def _has_address(group: list[PatientNamed], id_: str) -> bool:
    return any(alias.startswith("http") and alias.endswith(f"/Patient/{id_}") for alias in _all_aliases(group))


def _reference_of(patient: PatientNamed) -> str:
    return f"Patient/{patient.id}" if patient.id else next(iter(sorted(patient.aliases)), "Patient")


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
    if without_version(subject) in aliases or subject in aliases:
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
    return {form for r in references if isinstance(r, str) for form in (r, without_version(r))}


def without_version(reference: str) -> str:
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
