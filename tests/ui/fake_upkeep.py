"""Removing and saving as the window sees them, in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.domain.salvage import SalvagedTable, SalvageReport

REPORT = SalvageReport(
    tables=(SalvagedTable("records", 12_004, 13, 2),),
    records=12_004,
    lost_records={"": 1, "MedicationRequest": 1, "Observation": 11},
    documents=38,
    lost_documents=1,
    lost_names=0,
    unreadable=4,
    pages=15_210,
)


class FakeSalvaged:
    """Says what became of it."""

    def __init__(self, services: Any, report: SalvageReport) -> None:
        self._services = services
        self.report = report

    def accept(self) -> Path:
        self._services._called("accept", None)
        return Path("/vault/damaged-data-1-00.db")

    def discard(self) -> None:
        self._services._called("discard", None)


class FakeUpkeep:
    """Of the services it belongs to."""

    def __init__(self, services: Any) -> None:
        self._services = services
        self.goes = WhatGoes(2, 6_660, 14, 1, 1)
        self.backups: tuple[Path, ...] = (Path("/media/stick/health-record-20261121T162500Z.phrbackup"),)
        self.report = REPORT
        self.aside: tuple[Path, ...] = ()
        self.others: tuple[Path, ...] = ()
        self.calendar: tuple[Path, ...] = ()

    def put_aside(self) -> tuple[Path, ...]:
        return self.aside

    def other_databases(self) -> tuple[Path, ...]:
        return self.others

    def remove_put_aside(self) -> None:
        self._services._called("remove_put_aside", None)
        self.aside = ()

    def kept_calendar(self, person) -> tuple[Path, ...]:
        return self.calendar

    def what_goes(self, *, person=None, source=None) -> WhatGoes:
        self._services._called("what_goes", person or source)
        return self.goes

    def remove_person(self, person, *, progress, cancelled) -> ChangeSet:
        self._services._called("remove_person", person)
        progress(430, 1000)
        self._services._wait(cancelled)
        self._services.known_people = [one for one in self._services.known_people if one.id != person]
        return ChangeSet.of(*Topic)

    def remove_source(self, source, *, progress, cancelled) -> ChangeSet:
        self._services._called("remove_source", source)
        progress(430, 1000)
        self._services._wait(cancelled)
        return ChangeSet.of(*Topic)

    def known_backups(self) -> tuple[Path, ...]:
        return self.backups

    def remove_vault(self, *, with_backups) -> None:
        self._services._called("remove_vault", with_backups)
        self._services.background = self._services.opened = self._services.exists = False

    def salvage(self, secret, *, by_recovery_key, progress, cancelled) -> FakeSalvaged:
        self._services._called("salvage", by_recovery_key)
        progress(430, 1000)
        self._services._wait(cancelled)
        return FakeSalvaged(self._services, self.report)
