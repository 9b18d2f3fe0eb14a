"""Whose records a file holds: settled before anything stays stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from phr_desktop.domain.people import Person
from phr_desktop.domain.records import Extracted
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir import identity
from phr_desktop.fhir.identity import PatientNamed, Subject, without_version
from phr_desktop.fhir.references import identifiers_of, references_of
from phr_desktop.files.parsing import Parsed, Read

SAID = 6  # patients named in one sentence
# About nobody: a record of the one patient who is taken may need them to be understood.
SHARED = frozenset(
    {
        "Endpoint", "HealthcareService", "InsurancePlan", "Location", "Medication", "MedicationKnowledge",
        "Organization", "OrganizationAffiliation", "Practitioner", "PractitionerRole", "Questionnaire", "Substance",
    }
)  # fmt: skip


class Met:
    """Everyone met so far in what was read: the Patients, and how many records are about whom."""

    def __init__(self) -> None:
        self._patients: list[PatientNamed] = []
        self._counts: Counter[str | None] = Counter()

    def note(self, found: Sequence[Read]) -> None:
        for parsed, patient in [one for one in found if one[1].type == "Patient"]:
            self._patients.append(identity.read_patient(patient.body, parsed.full_url))
        self.note_plain([one for _, one in found if one.type != "Patient"])

    def note_plain(self, found: Sequence[Extracted]) -> None:
        """No Patients are among them."""
        self._counts.update([one.subject for one in found])

    def subjects(self) -> tuple[Subject, ...]:
        named = {subject: count for subject, count in self._counts.items() if subject is not None}
        return identity.subjects_of(self._patients, named)


def may_be(subject: Subject, person: Person, known: frozenset[str]) -> bool:
    """Whether a subject can be this person: by name and birth date; without a Patient, by the references that are
    `known` from the person's earlier files. Where there are none yet, anyone without a name can be."""
    if subject.patients:
        return identity.may_be(subject, person.name, person.birth_date)
    return not known or not subject.aliases.isdisjoint(known)


def refuse_others(everyone: Sequence[Subject], person: Person, known: frozenset[str], *, accept_mismatch: bool) -> None:
    """Raises patients-share-id, several-patients, other-person-file or unknown-patient-file; see `may_be`."""
    _refuse_shared_ids(everyone)
    if len(_apart(everyone, person, known)) > 1:
        raise UserFacingError("several-patients", patients=_listed(everyone))
    stranger = next((one for one in everyone if not may_be(one, person, known)), None)
    if stranger is None or accept_mismatch:
        return
    if stranger.patients:
        raise UserFacingError("other-person-file", found=_said(stranger, person), person=person.name)
    raise UserFacingError("unknown-patient-file", patient=_whom(stranger.reference), person=person.name)


def _refuse_shared_ids(everyone: Sequence[Subject]) -> None:
    for reference, times in Counter(one.reference for one in everyone).items():
        if times > 1:
            raise UserFacingError("patients-share-id", patient=_whom(reference))


def _apart(everyone: Sequence[Subject], person: Person, known: frozenset[str]) -> list[Subject]:
    """One subject for each of the people. References that earlier files knew mean this person, as often as they
    come."""
    familiar = [one for one in everyone if not one.patients and not one.aliases.isdisjoint(known)]
    rest = [one for one in everyone if one.patients or one.aliases.isdisjoint(known)]
    here = any(one.patients and may_be(one, person, known) for one in rest)
    return rest if here else rest + familiar[:1]


def _listed(everyone: Sequence[Subject]) -> str:
    said = ", ".join(_whom(one.reference) for one in everyone[:SAID])
    return said if len(everyone) <= SAID else f"{said} and {len(everyone) - SAID} more"


def _whom(reference: str) -> str:
    """A reference for the person's eyes. An identifier (a number of the insurance, of the state) is never shown."""
    return "a person known only by an identifier" if reference.startswith("identifier:") else reference


def _said(subject: Subject, person: Person) -> str:
    """Name and birth date, for the question to the person, of the Patient that differs."""
    other = next(
        (one for one in subject.patients if not identity.same_person(one, person.name, person.birth_date)),
        subject.patients[0],
    )
    born = f", born {other.birth_date}" if other.birth_date else ""
    return f"{other.name or 'someone without a name'}{born}"


def choose(everyone: Sequence[Subject], patient: str) -> Subject:
    """The subject that `patient` (an id or a reference) names; one with a Patient resource before one without.

    Raises patient-not-in-file, patients-share-id.
    """
    fitting = [one for one in everyone if _is_called(one, patient)]
    found = [one for one in fitting if one.patients] or fitting
    if not found:
        raise UserFacingError("patient-not-in-file")
    _refuse_shared_ids(found)
    exact = [one for one in found if patient in (one.reference, *one.aliases, *one.ids)]
    return (exact or found)[0]


def _is_called(subject: Subject, patient: str) -> bool:
    names = (subject.reference, *subject.aliases, *subject.ids)
    return any(patient in (name, name.rpartition("/")[2], name.rpartition(":")[2]) for name in names)


class Choice:
    """Takes one patient's records out of a file of several people, and what these need to be understood.

    `met` has only who was taken. `left_out` counts what was not.
    """

    def __init__(self, subject: Subject, everyone: Sequence[Subject]) -> None:
        self._aliases = subject.aliases
        self._others = frozenset(
            alias for one in everyone for alias in one.aliases.union(*(p.aliases for p in one.patients))
        )
        self._held: list[Read] = []
        self._referenced: set[str] = set()
        self.left_out = 0

    def take(self, parsed: Parsed, extracted: Extracted) -> bool:
        """Whether to take it now; what is about nobody is held back until `rest`."""
        about = self._is_about(parsed, extracted)
        if about is None and not self._names_other(extracted):
            about = extracted.type in SHARED
            if not about:
                self._held.append((parsed, extracted))
                return False
        if not about:
            self.left_out += 1
            return False
        self._note_references(extracted)
        return True

    def is_subject(self, extracted: Extracted) -> bool:
        """Whether it is about this patient first; an appointment may be another's too."""
        subject = extracted.subject
        return extracted.type == "Patient" or subject is None or without_version(subject) in self._aliases

    def rest(self) -> Iterator[Read]:
        """What was held back and is referred to by what was taken. Counts what is left."""
        while found := [held for held in self._held if self._is_referenced(*held)]:
            self._held = [held for held in self._held if not self._is_referenced(*held)]
            for parsed, extracted in found:
                self._note_references(extracted)
                yield parsed, extracted
        self.left_out += len(self._held)
        self._held = []

    def _is_about(self, parsed: Parsed, extracted: Extracted) -> bool | None:
        if extracted.type == "Patient":
            return not self._aliases.isdisjoint(identity.read_patient(extracted.body, parsed.full_url).aliases)
        return identity.is_about(extracted, self._aliases)

    def _names_other(self, extracted: Extracted) -> bool:
        references = (without_version(r) for r in references_of(extracted.body) | identifiers_of(extracted.body))
        return any(r in self._others or "Patient/" in r for r in references if r not in self._aliases)

    def _note_references(self, extracted: Extracted) -> None:
        urls = (link.url for link in extracted.attachments if link.url)
        for reference in (*references_of(extracted.body), *urls):
            plain = without_version(reference)
            self._referenced |= {plain, "/".join(plain.split("/")[-2:])}

    def _is_referenced(self, parsed: Parsed, extracted: Extracted) -> bool:
        names = {f"{extracted.type}/{extracted.fhir_id}", f"urn:uuid:{extracted.fhir_id}", parsed.full_url}
        return not self._referenced.isdisjoint(names)
