"""Import of FHIR files: Bundles (transaction, batch, collection, searchset, document) and NDJSON, plain or gzip.

One import is one transaction, so it is all there or not at all. Whose record a file holds is settled before anything
is stored: several people in one file, or another name or birth date than the person's, stop and ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Person, SourceKind
from phr_desktop.domain.records import Extracted
from phr_desktop.domain.reports import Applied, ImportReport
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir import identity
from phr_desktop.fhir.envelope import Entry
from phr_desktop.fhir.extract import EXTRACT_VERSION
from phr_desktop.fhir.identity import PatientNamed, Subject
from phr_desktop.files.reading import Parsed, read_file
from phr_desktop.vault import people, quarantine, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.records import RecordWriter
from phr_desktop.vault.vault import Vault

BATCH = 500

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What files hold, said before anything is added."""

    files: int
    counts: dict[str, int]  # resource type -> how many
    malformed: int
    subjects: tuple[Subject, ...]  # everyone the records are about


@dataclass(slots=True)
class _Reading:
    """Whose records were met so far: every Patient, and one record for each reference to a person."""

    witnesses: list[tuple[Entry, Extracted]] = field(default_factory=list)
    references: set[str] = field(default_factory=set)

    def note(self, parsed: Parsed, extracted: Extracted) -> None:
        reference = extracted.subject
        if extracted.type == "Patient":
            self.witnesses.append((parsed.entry(), extracted))
        elif reference is not None and reference not in self.references:
            self.references.add(reference)
            self.witnesses.append((parsed.entry(), extracted))

    def subjects(self) -> tuple[Subject, ...]:
        return identity.subjects(self.witnesses)


def inspect(paths: Sequence[Path]) -> FilePreview:
    """Looks into files without storing anything."""
    counts: Counter[str] = Counter()
    reading = _Reading()
    malformed = 0
    for path in paths:
        for parsed in read_file(path):
            if parsed.extracted is None:
                malformed += 1
            else:
                counts[parsed.extracted.type] += 1
                reading.note(parsed, parsed.extracted)
    return FilePreview(len(paths), dict(counts), malformed, reading.subjects())


def import_files(
    vault: Vault,
    clock: Clock,
    paths: Sequence[Path],
    person: int,
    *,
    accept_name_mismatch: bool = False,
    patient: str | None = None,
    progress: Progress = lambda _done: None,
    cancelled: Cancelled = lambda: False,
) -> ImportReport:
    """Stores the files' resources in the person's "Files" source.

    `patient` takes only the records of this Patient id out of a file of several people. `progress` gets the count of
    resources so far. An entry that cannot be read is kept in quarantine with its bytes and counted.

    Errors (nothing is stored): those of `reading.read_file`, several-patients, other-person-file,
    patient-not-in-file, cancelled.
    """
    aliases = None if patient is None else _aliases(paths, patient)

    def verb(db: Database) -> Applied:
        importing = _Import(db, clock, _person(db, person), aliases)
        with db.large_cache():
            for parsed in chain.from_iterable(map(read_file, paths)):
                importing.take(parsed)
                if importing.taken % BATCH == 0:
                    progress(importing.taken)
                    if cancelled():
                        raise UserFacingError("cancelled")
            importing.check_whose(accept_name_mismatch)
            return importing.finish()

    applied = vault.write(verb)
    return ImportReport(applied, len(paths), ChangeSet.of(Topic.RECORDS, Topic.SOURCES, Topic.PEOPLE, person=person))


class _Import:
    """One import in its transaction."""

    def __init__(self, db: Database, clock: Clock, person: Person, aliases: frozenset[str] | None) -> None:
        self._db = db
        self._now = int(clock.now().timestamp())
        self._person = person
        self._aliases = aliases  # of the one patient to take; None takes all
        self._source = sources.own_source(db, person.id, SourceKind.FILES, self._now)
        self._writer = RecordWriter(
            db, person=person.id, source=self._source, now=self._now, extract_version=EXTRACT_VERSION
        )
        self._reading = _Reading()
        self._quarantined = 0
        self.taken = 0

    def take(self, parsed: Parsed) -> None:
        self.taken += 1
        extracted = parsed.extracted
        if extracted is None:
            self._quarantine(parsed)
        elif self._aliases is None or _is_about(parsed, extracted, self._aliases):
            self._reading.note(parsed, extracted)
            self._writer.add(extracted)

    def check_whose(self, accept_name_mismatch: bool) -> None:
        """Stops where the files hold several people's records, or another person's."""
        everyone = self._reading.subjects()
        if len(everyone) > 1:
            raise UserFacingError("several-patients", patients=", ".join(one.reference for one in everyone))
        for patient in (one.patient for one in everyone if one.patient is not None):
            same = identity.same_person(patient, self._person.name, self._person.birth_date)
            if not same and not accept_name_mismatch:
                raise UserFacingError("other-person-file", found=_said(patient), person=self._person.name)
            if same and self._person.birth_date is None and patient.birth_date:
                people.set_birth_date(self._db, self._person.id, patient.birth_date)

    def finish(self) -> Applied:
        return self._writer.finish() + Applied(quarantined=self._quarantined)

    def _quarantine(self, parsed: Parsed) -> None:
        quarantine.add(
            self._db,
            person=self._person.id,
            source=self._source,
            reason=parsed.problem or "unreadable",
            body=parsed.raw,
            now=self._now,
        )
        self._quarantined += 1


def _aliases(paths: Sequence[Path], patient: str) -> frozenset[str]:
    """How the files' records refer to the one patient who is to be taken."""
    for one in inspect(paths).subjects:
        names = one.patient.aliases if one.patient is not None else frozenset({one.reference})
        if any(patient in (name, name.rpartition("/")[2], name.rpartition(":")[2]) for name in names):
            return names
    raise UserFacingError("patient-not-in-file")


def _is_about(parsed: Parsed, extracted: Extracted, aliases: frozenset[str]) -> bool:
    """Whether a record is this patient's, or nobody's (a place, a practitioner)."""
    if extracted.type == "Patient":
        return not aliases.isdisjoint(identity.read_patient(extracted.body, parsed.full_url).aliases)
    return identity.is_about(extracted, aliases) is not False


def _said(patient: PatientNamed) -> str:
    """Name and birth date for the question to the person."""
    born = f", born {patient.birth_date}" if patient.birth_date else ""
    return f"{patient.name or 'someone without a name'}{born}"


def _person(db: Database, person: int) -> Person:
    found = people.one(db, person)
    if found is None:
        raise UserFacingError("person-missing")
    return found
