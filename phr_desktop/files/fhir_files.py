"""Import of FHIR files: Bundles (transaction, batch, collection, searchset, document) and NDJSON, plain or gzip.

One import is one transaction, so it is all there or not at all. Whose record a file holds is settled before anything
is stored: several people in one file, or another name or birth date than the person's, stop and ask.
"""

from __future__ import annotations

import gzip
import io
import multiprocessing
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Person, SourceKind
from phr_desktop.domain.records import Extracted
from phr_desktop.domain.reports import Applied, ImportReport
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.fhir import envelope, identity
from phr_desktop.fhir.envelope import Entry
from phr_desktop.fhir.extract import EXTRACT_VERSION, extract
from phr_desktop.fhir.identity import PatientNamed, Subject
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.vault import people, quarantine, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.records import RecordWriter
from phr_desktop.vault.vault import Vault

MAXIMUM_BYTES = 2 * 1024**3
# One JSON decode holds the interpreter about 0.9 ms a megabyte: a larger envelope is decoded in a child process,
# so that the window's thread never waits a frame for it.
IN_PROCESS_BYTES = 8 * 1024**2
BATCH = 500
GZIP_MAGIC = b"\x1f\x8b"

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

    def note(self, entry: Entry, extracted: Extracted) -> None:
        reference = extracted.subject
        if extracted.type == "Patient":
            self.witnesses.append((entry, extracted))
        elif reference is not None and reference not in self.references:
            self.references.add(reference)
            self.witnesses.append((entry, extracted))

    def subjects(self) -> tuple[Subject, ...]:
        return identity.subjects(self.witnesses)


def inspect(paths: Sequence[Path]) -> FilePreview:
    """Looks into files without storing anything."""
    counts: Counter[str] = Counter()
    reading = _Reading()
    malformed = 0
    for path in paths:
        for entry in read_file(path):
            extracted = _extract(entry)
            if extracted is None:
                malformed += 1
            else:
                counts[extracted.type] += 1
                reading.note(entry, extracted)
    return FilePreview(len(paths), dict(counts), malformed, reading.subjects())


def import_files(
    vault: Vault,
    clock: Clock,
    paths: Sequence[Path],
    person: int,
    *,
    accept_name_mismatch: bool = False,
    patient: str | None = None,
    in_child: bool = False,
    progress: Progress = lambda _done: None,
    cancelled: Cancelled = lambda: False,
) -> ImportReport:
    """Stores the files' resources in the person's "Files" source.

    `patient` takes only the records of this Patient id out of a file of several people. `in_child` decodes large
    files in a child process (for a program with a window). `progress` gets the count of resources so far. An entry
    that cannot be read is kept in quarantine with its bytes and counted.

    Errors (nothing is stored): file-missing, file-not-fhir, file-broken, file-too-large, several-patients,
    other-person-file, patient-not-in-file, cancelled.
    """
    contents = [(path, read_bytes(path)) for path in paths]
    aliases = None if patient is None else _aliases(paths, patient)

    def verb(db: Database) -> Applied:
        importing = _Import(db, clock, _person(db, person), aliases)
        for path, data in contents:
            for entry in _entries(path, data, in_child):
                importing.take(entry)
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

    def take(self, entry: Entry) -> None:
        self.taken += 1
        extracted = _extract(entry)
        if extracted is None:
            self._quarantine(entry)
        elif self._aliases is None or _is_about(entry, extracted, self._aliases):
            self._reading.note(entry, extracted)
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

    def _quarantine(self, entry: Entry) -> None:
        reason = entry.problem or _reason(entry)
        quarantine.add(
            self._db, person=self._person.id, source=self._source, reason=reason, body=entry.raw, now=self._now
        )
        self._quarantined += 1


def read_file(path: Path) -> Iterator[Entry]:
    """The resources of one file."""
    return envelope.read_entries(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """A file's content, unpacked where it is gzip (by its magic number, whatever its name)."""
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise UserFacingError("file-too-large", name=path.name)
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            return _unpack(file.read(), path) if packed else file.read()
    except FileNotFoundError:
        raise UserFacingError("file-missing", name=path.name) from None
    except (PermissionError, IsADirectoryError):
        raise EnvironmentProblem("file-unreadable", name=path.name) from None


def _unpack(packed: bytes, path: Path) -> bytes:
    """Unpacks with a cap, so that a small file cannot fill the memory."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as unpacking:
            content = unpacking.read(MAXIMUM_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UserFacingError("file-gzip-broken", name=path.name) from None
    if len(content) > MAXIMUM_BYTES:
        raise UserFacingError("file-too-large", name=path.name)
    return content


def _entries(path: Path, data: bytes, in_child: bool) -> Iterator[Entry]:
    if in_child and len(data) > IN_PROCESS_BYTES:
        return _entries_by_child(path)
    return envelope.read_entries(data)


def _entries_by_child(path: Path) -> Iterator[Entry]:
    """The entries of a large file, decoded by a child process that hands them over in batches."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_decode_in_child, args=(path, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        while True:
            batch = ours.recv()
            if batch is None:
                return
            if isinstance(batch, tuple):
                raise UserFacingError(batch[0], **batch[1])
            yield from (Entry(*values) for values in batch)
    except EOFError:
        raise EnvironmentProblem("no-memory") from None
    finally:
        ours.close()
        child.terminate()
        child.join()
        child.close()


def _decode_in_child(path: Path, connection: Connection) -> None:
    try:
        batch: list[tuple[object, ...]] = []
        for entry in read_file(path):
            batch.append(tuple(entry))
            if len(batch) == BATCH:
                connection.send(batch)
                batch = []
        connection.send(batch)
        connection.send(None)
    except PhrError as error:
        connection.send((error.code, error.parameters))


def _extract(entry: Entry) -> Extracted | None:
    if entry.problem is not None:
        return None
    try:
        return extract(entry.raw, entry.full_url)
    except MalformedResource:
        return None


def _reason(entry: Entry) -> str:
    try:
        extract(entry.raw, entry.full_url)
    except MalformedResource as problem:
        return problem.reason_code
    return "unreadable"


def _aliases(paths: Sequence[Path], patient: str) -> frozenset[str]:
    """How the files' records refer to the one patient who is to be taken."""
    for one in inspect(paths).subjects:
        names = one.patient.aliases if one.patient is not None else frozenset({one.reference})
        if any(patient in (name, name.rpartition("/")[2], name.rpartition(":")[2]) for name in names):
            return names
    raise UserFacingError("patient-not-in-file")


def _is_about(entry: Entry, extracted: Extracted, aliases: frozenset[str]) -> bool:
    """Whether a record is this patient's, or nobody's (a place, a practitioner)."""
    if extracted.type == "Patient":
        return not aliases.isdisjoint(identity.read_patient(entry.raw, entry.full_url).aliases)
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
