"""What every stage of one sync needs, passed from hand to hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from phr_desktop.clock import Clock
from phr_desktop.domain.ledger import LedgerEntry
from phr_desktop.domain.people import Source
from phr_desktop.domain.records import Extracted
from phr_desktop.domain.reports import Applied
from phr_desktop.fhir.capability import Capability
from phr_desktop.fhir.extract import EXTRACT_VERSION
from phr_desktop.sync import ledger as lines
from phr_desktop.sync.addresses import Base
from phr_desktop.sync.directory import PortalEntry
from phr_desktop.sync.fetch import Fetcher
from phr_desktop.sync.merge import Met, Patient
from phr_desktop.sync.plan import Line, Plan
from phr_desktop.sync.scopes import Granted
from phr_desktop.sync.together import together
from phr_desktop.sync.wire import Answer
from phr_desktop.vault import quarantine
from phr_desktop.vault.connection import Database
from phr_desktop.vault.record_writer import RecordWriter
from phr_desktop.vault.vault import Vault

Progress = Callable[[str, int], None]
T = TypeVar("T")
R = TypeVar("R")


class Tallying(Protocol):
    def __call__(self, applied: Applied, *, records: bool) -> None: ...


@dataclass(slots=True)
class Run:
    """One sync of one source."""

    vault: Vault
    clock: Clock
    source: Source
    is_proxy: bool  # somebody else signed in for the person
    base: Base
    entry: PortalEntry
    capability: Capability
    granted: Granted
    patient: Patient
    plan: Plan
    fetcher: Fetcher
    known: Mapping[Line, LedgerEntry]  # the ledger as it stood before this sync
    progress: Progress
    tally: Tallying
    stop: Callable[[], None]  # ends every request of this sync
    came_along: dict[str, Applied] = field(default_factory=dict)  # types that were not asked for themselves
    met: Met = field(default_factory=dict)
    _patient_answer: Answer | None = None
    _counts: dict[Line, int] = field(default_factory=dict)
    _door: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def before(self, line: Line) -> LedgerEntry:
        return lines.before(self.known, self.source.id, line)

    def came(self, line: Line, count: int) -> None:
        """Tells how many records of a type have come; its categories come side by side."""
        with self._door:
            self._counts[line] = count
            self.progress(line[0], sum(known for (name, _), known in self._counts.items() if name == line[0]))

    def together(self, items: Iterable[T], work: Callable[[T], R]) -> Iterator[list[tuple[T, R]]]:
        """As `together.together`, with as many threads as this portal gets requests at once."""
        return together(items, work, at_once=self.entry.at_once, stop=self.stop)

    def first_patient(self) -> Answer:
        """The answer about the bound Patient, asked once a sync. Raises as `Fetcher.get`, PageFailed excepted."""
        if self._patient_answer is None:
            address = next(plan.asks[0].address for plan in self.plan.types if plan.type == "Patient")
            self._patient_answer = self.fetcher.get(address)
        return self._patient_answer

    def store(self, db: Database, extracted: list[Extracted]) -> Applied:
        """Stores resources of this source, inside a transaction."""
        writer = RecordWriter(
            db, person=self.source.person, source=self.source.id, now=self.now(), extract_version=EXTRACT_VERSION
        )
        writer.add(extracted)
        return writer.finish()

    def set_aside(self, db: Database, refused: list[tuple[str, bytes]]) -> int:
        """Keeps what is no record of this patient, inside a transaction; how much of it is new."""
        before = sum(quarantine.counts(db, self.source.id).values())
        for reason, body in refused:
            quarantine.add(
                db, person=self.source.person, source=self.source.id, reason=reason, body=body, now=self.now()
            )
        return sum(quarantine.counts(db, self.source.id).values()) - before
