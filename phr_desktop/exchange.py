"""Files in and out: FHIR and calendar files looked into and added, doses and visits written; for window and command
line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from phr_desktop.clock import Clock
from phr_desktop.domain.calendars import CalendarChoice
from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.domain.reports import ImportReport
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class PreviewSubject:
    """Someone whose records are in a file, and the people of the vault who may be that; see `who_may_be`."""

    reference: str
    name: str | None
    birth_date: str | None
    records: int
    people: frozenset[int]


@dataclass(frozen=True, slots=True)
class Preview:
    """What files hold, said before anything is added."""

    files: int
    counts: dict[str, int]  # resource type -> how many
    malformed: int
    subjects: list[PreviewSubject]


class Files:
    """All methods block; from any thread. What is written is NOT encrypted."""

    def __init__(self, clock: Clock, vault: Callable[[], Vault]) -> None:
        self._clock, self._vault = clock, vault

    def inspect(self, files: Sequence[Path]) -> Preview:
        """Looks into files without storing anything, and says which people of the vault each subject can be."""
        from phr_desktop.files.fhir_files import inspect, who_may_be

        found = inspect(files)
        fitting = who_may_be(self._vault(), found.subjects)
        subjects = [
            PreviewSubject(
                one.reference,
                one.patient.name if one.patient else None,
                one.patient.birth_date if one.patient else None,
                one.records,
                who,
            )
            for one, who in zip(found.subjects, fitting, strict=True)
        ]
        return Preview(found.files, found.counts, found.malformed, subjects)

    def add(
        self,
        files: Sequence[Path],
        person: int,
        *,
        accept_name_mismatch: bool = False,
        patient: str | None = None,
        progress: Progress = no_progress,
        cancelled: Cancelled = never,
    ) -> ImportReport:
        """As `files.fhir_files.import_files`."""
        from phr_desktop.files.fhir_files import import_files

        return import_files(
            self._vault(), self._clock, files, person, accept_name_mismatch=accept_name_mismatch, patient=patient,
            progress=lambda done: progress(done, 0), cancelled=cancelled,
        )  # fmt: skip

    def export_calendar(self, person: int, target: Path, choice: CalendarChoice | None = None) -> int:
        """As `calendars.export_calendar`."""
        from phr_desktop.calendars import export_calendar

        return export_calendar(self._vault(), self._clock, person, target, choice)

    def export_doses(self, person: int, first: date, last: date, target: Path, medicine: str = "") -> int:
        """Writes a person's doses of these local days, of one medicine or all, to a CSV file; how many. Errors as
        `files.dose_csv.write_doses`."""
        from phr_desktop.files.dose_csv import write_doses
        from phr_desktop.queries.dose_log import dose_log

        found = dose_log(self._vault(), self._clock, person, first, last, medicine).doses[::-1]
        write_doses(found, self._clock.zone(), target)
        return len(found)
