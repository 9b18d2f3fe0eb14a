"""Import of FHIR files: Bundles (transaction, batch, collection, searchset, document) and NDJSON, plain or gzip; and of
the visits of calendar files.

One import is one transaction, so it is all there or not at all. Whose record a file holds is settled before anything
is stored: several people in one file, or another name or birth date than the person's, stop and ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Person, SourceKind
from phr_desktop.domain.records import DatePrecision
from phr_desktop.domain.reports import Applied, ImportReport
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir import identity
from phr_desktop.fhir.dates import parse_date
from phr_desktop.fhir.extract import EXTRACT_VERSION
from phr_desktop.fhir.identity import Subject
from phr_desktop.files.ics_visits import CalendarVisits
from phr_desktop.files.parsing import Batch, Parsed, Read
from phr_desktop.files.reading import Given, collector_paused, given, read_file
from phr_desktop.files.whose import Choice, Met, choose, may_be, refuse_others
from phr_desktop.vault import bodies, people, quarantine, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.record_writer import RecordWriter
from phr_desktop.vault.vault import Vault

_DAYS = (DatePrecision.YEAR, DatePrecision.MONTH, DatePrecision.DAY)

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What files hold, said before anything is added."""

    files: int
    counts: dict[str, int]  # resource type -> how many
    malformed: int
    subjects: tuple[Subject, ...]  # everyone the records are about


def inspect(paths: Sequence[Path]) -> FilePreview:
    """Looks into files without storing anything."""
    return _inspect([given(path) for path in paths])


def _inspect(files: Sequence[Given]) -> FilePreview:
    counts: Counter[str] = Counter()
    met = Met()
    malformed = 0
    for file in files:
        for batch in read_file(file):
            malformed += len(batch.unread())
            found = batch.read()
            counts.update(one.type for _, one in found)
            counts.update(one.type for one in batch.plain)
            met.note(found)
            met.note_plain(batch.plain)
    return FilePreview(len(files), dict(counts), malformed, met.subjects())


def who_may_be(vault: Vault, subjects: Sequence[Subject]) -> list[frozenset[int]]:
    """For each subject of a preview the people of the vault whose record it can be."""

    def question(db: Database) -> list[frozenset[int]]:
        everyone = [(one, sources.file_patients(db, one.id)) for one in people.everyone(db)]
        return [frozenset(one.id for one, known in everyone if may_be(each, one, known)) for each in subjects]

    return vault.read(question)


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

    `patient` takes only the records of this Patient id out of a file of several people, and what these refer to that
    is nobody's (a place, a practitioner); the rest is counted. `progress` gets the count of resources so far. An entry
    that cannot be read is kept in quarantine with its bytes and counted. `accept_name_mismatch` says that someone of
    another name, or someone unnamed of whom the person's earlier files did not speak, is this person.

    Errors (nothing is stored): those of `reading.read_file`, `whose.refuse_others` and `whose.choose`, cancelled.
    """
    files = [given(path) for path in paths]
    choice = None if patient is None else _choice(files, patient)

    def verb(db: Database) -> _Import:
        importing = _Import(db, clock, _person(db, person), choice)
        dictionary = None if choice is not None else bodies.dictionary(db)  # a choice looks into what it takes
        with db.large_cache():
            for file in files:
                for batch in read_file(file, importing.note_page, dictionary, full_urls=choice is not None):
                    importing.take(batch)
                    progress(importing.seen)
                    if cancelled():
                        raise UserFacingError("cancelled")
            importing.finish(accept_name_mismatch)
        return importing

    with collector_paused():
        done = vault.write(verb)
    changes = ChangeSet.of(Topic.RECORDS, Topic.SOURCES, Topic.PEOPLE, person=person)
    left_out = 0 if choice is None else choice.left_out
    return ImportReport(done.applied, len(files), changes, left_out=left_out, pages=done.pages)


def _choice(files: Sequence[Given], patient: str) -> Choice:
    everyone = _inspect(files).subjects
    return Choice(choose(everyone, patient), everyone)


class _Import:
    """One import in its transaction."""

    def __init__(self, db: Database, clock: Clock, person: Person, choice: Choice | None) -> None:
        self._db = db
        self._now = int(clock.now().timestamp())
        self._person = person
        self._choice = choice  # None takes everything
        self._known = sources.file_patients(db, person.id)
        self._source = sources.own_source(db, person.id, SourceKind.FILES, self._now)
        self._writer = RecordWriter(
            db,
            person=person.id,
            source=self._source,
            now=self._now,
            extract_version=EXTRACT_VERSION,
            in_any_order=True,
        )
        self._met = Met()
        self._visits = CalendarVisits(db, self._source)
        self.applied = Applied()
        self.seen = 0
        self.pages = 0

    def note_page(self) -> None:
        self.pages += 1

    def take(self, batch: Batch) -> None:
        self.seen += batch.size
        if batch.others:
            self._take_others(batch)
        self._met.note_plain(batch.plain)
        self._writer.add(batch.plain)

    def finish(self, accept_name_mismatch: bool) -> None:
        """Stores the rest; stops where the files hold several people's records, or another person's."""
        if self._choice is not None:
            self._store(list(self._choice.rest()))
        everyone = self._met.subjects()
        refuse_others(everyone, self._person, self._known, accept_mismatch=accept_name_mismatch)
        self._learn(everyone)
        self._writer.add(self._visits.called_off())
        self.applied += self._writer.finish()

    def _take_others(self, batch: Batch) -> None:
        self._quarantine(batch.unread())
        choice = self._choice
        self._store([one for one in batch.read() if choice is None or choice.take(*one)])

    def _store(self, found: Sequence[Read]) -> None:
        choice = self._choice
        self._met.note(found if choice is None else [one for one in found if choice.is_subject(one[1])])
        newer = [one for parsed, one in found if not parsed.revised or self._visits.is_newer(one, parsed.series)]
        self.applied += Applied(unchanged=len(found) - len(newer))
        self._writer.add(newer)

    def _learn(self, everyone: Sequence[Subject]) -> None:
        """Keeps how these files refer to the person, and takes a birth date that was not known."""
        sources.add_file_patients(self._db, self._source, frozenset().union(*(one.aliases for one in everyone)))
        if self._person.birth_date is None:
            mine = (one for one in everyone if identity.may_be(one, self._person.name, None))
            born = next(filter(None, (_birth_date(one) for one in mine)), None)
            if born is not None:
                people.set_birth_date(self._db, self._person.id, born)

    def _quarantine(self, unread: Sequence[Parsed]) -> None:
        for one in unread:
            quarantine.add(
                self._db,
                person=self._person.id,
                source=self._source,
                reason=one.problem or "unreadable",
                body=one.raw,
                now=self._now,
            )
        self.applied += Applied(quarantined=len(unread))


def _birth_date(subject: Subject) -> str | None:
    """The first that is a date; none is taken from what only stands in a date's place."""
    given_dates = (patient.birth_date for patient in subject.patients if patient.birth_date)
    return next((date for date in given_dates if parse_date(date).precision in _DAYS), None)


def _person(db: Database, person: int) -> Person:
    found = people.one(db, person)
    if found is None:
        raise UserFacingError("person-missing")
    return found
