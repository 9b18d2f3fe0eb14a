"""The core as the window sees it, in memory: people, files and portals that do as they are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from phr_desktop.actions.people import PersonAdded
from phr_desktop.clock import FixedClock
from phr_desktop.domain.backups import Backup, BackupContents, BackupState
from phr_desktop.domain.calendars import CalendarChoice
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Person
from phr_desktop.domain.portals import Brand
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, ReminderKind
from phr_desktop.domain.reports import Applied, ImportReport, SyncReport
from phr_desktop.domain.vault_state import Finding, VaultState
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.refill_ask import holiday_place
from phr_desktop.vault import backup_state
from tests.ui.fake_access import PASSPHRASE, RECOVERY_KEY, FakeAccess
from tests.ui.fake_upkeep import FakeUpkeep

NOW = datetime(2026, 11, 21, 16, 25, tzinfo=UTC)
MINA = Person(1, "Mina Satterfield", "1949-05-04", "mother")
OMID = Person(2, "Omid & Sons Satterfield", "1978-02-11", "self")
LEO = Person(3, "Leo Satterfield", "2017-09", "son")


@dataclass
class FakeSettings:
    text_scale: float = 1.0
    palette: str = "light"
    language: str = "en_US"
    geometry: bytes | None = None
    page: str = ""
    vault_folder: Path = Path("/home/mina/.local/share/phr-desktop/vault")
    lock_minutes: int = 10
    remind_before_unlock: bool = False
    sync_metered: bool = False
    autostart_offered: bool = False
    tray_told: bool = False
    heard: dict[str, tuple[bool, str]] = field(default_factory=dict)
    saved: int = 0

    def save(self) -> None:
        self.saved += 1


@dataclass(frozen=True)
class FakeSubject:
    reference: str
    name: str | None
    birth_date: str | None
    records: int
    people: frozenset[int]


@dataclass(frozen=True)
class FakePreview:
    files: int
    counts: Mapping[str, int]
    malformed: int
    subjects: Sequence[FakeSubject]


@dataclass(frozen=True)
class FakeStatus:
    last_synced_at: int | None = int(NOW.timestamp()) - 600
    portals: int = 1
    waiting: int = 0
    offline: bool = True
    needs_sign_in: bool = False
    incomplete: bool = False


def preview_of(person: Person) -> FakePreview:
    counts = {
        "Observation": 4210,
        "Encounter": 310,
        "MedicationRequest": 120,
        "Condition": 64,
        "Immunization": 41,
        "Procedure": 33,
        "DocumentReference": 12,
        "Patient": 1,
    }
    subject = FakeSubject("Patient/1", person.name, person.birth_date, sum(counts.values()), frozenset({person.id}))
    return FakePreview(1, counts, 0, [subject])


CONTENTS = BackupContents(int(NOW.timestamp()) - 86_400, 62_000_000, 3, 4, 6661, 58, "0.1.0", is_of_present_vault=True)


class FakeBackups:
    """Of the services it belongs to; one backup, which PASSPHRASE and RECOVERY_KEY open."""

    def __init__(self, services: FakeServices) -> None:
        self._services = services
        self.contents = CONTENTS

    def back_up(self, folder=None, *, progress, cancelled) -> Backup:
        self._services._called("back_up", folder)
        progress(20_000_000, 62_000_000)
        self._services._wait(cancelled)
        return Backup(Path("/media/stick/health-record-20261121T162500Z.phrbackup"), int(NOW.timestamp()), 62_000_000)

    def look_into(self, path, secret, *, by_recovery_key=False) -> BackupContents:
        self._services._called("look_into", path)
        if secret != (RECOVERY_KEY if by_recovery_key else PASSPHRASE):
            raise UserFacingError("wrong-recovery-key" if by_recovery_key else "wrong-passphrase")
        return self.contents

    def folder_beside(self) -> Path:
        folder = self._services.settings.vault_folder
        return folder.with_name(folder.name + "-restored-2026-11-21") if self._services.exists else folder

    def restore_beside(self, path, secret, folder, *, by_recovery_key, progress, cancelled) -> BackupContents:
        self._services._called("restore_beside", (path, folder))
        return self._restored(progress, cancelled)

    def restore_in_place(self, path, secret, *, by_recovery_key, progress, cancelled) -> BackupContents:
        assert not self._services.opened
        self._services._called("restore_in_place", path)
        return self._restored(progress, cancelled)

    def _restored(self, progress, cancelled) -> BackupContents:
        progress(20_000_000, 62_000_000)
        self._services._wait(cancelled)
        return self.contents


@dataclass
class FakeSignIn:
    """A sign-in that waits; `pasted` is what was pasted."""

    seconds_left: float = 900.0
    extended: int = 0
    pasted: str = ""

    def extend(self) -> None:
        self.extended += 1
        self.seconds_left = 900.0

    def finish_with_address(self, pasted: str) -> None:
        if "code=" not in pasted:
            raise UserFacingError("pasted-address-not-understood")
        self.pasted = pasted


@dataclass(frozen=True)
class FakeDisconnected:
    told: bool
    changes: ChangeSet


class FakePortals:
    """Of the services it belongs to; `listed` is what can be chosen from."""

    def __init__(self, services: FakeServices) -> None:
        self._services = services
        self.listed: list[Brand] = []
        self.told = True

    def count(self) -> int:
        return len(self.listed)

    def find(self, words: str) -> tuple[Brand, ...]:
        self._services._called("find", words)
        return tuple(brand for brand in self.listed if words.casefold() in brand.name.casefold())

    def add_list(self, path: Path) -> tuple[int, ChangeSet]:
        self._services._called("add_list", path)
        self.listed += [Brand("Hill Clinic", "https://hill.example/fhir", ("Long Beach CA",))]
        return 1, ChangeSet.of(Topic.SOURCES)

    def disconnect(self, source: int) -> FakeDisconnected:
        self._services._called("disconnect", source)
        return FakeDisconnected(self.told, ChangeSet.of(Topic.SOURCES))


class FakeFiles:
    """Of the services it belongs to."""

    def __init__(self, services: FakeServices) -> None:
        self._services = services

    def inspect(self, paths: Sequence[Path]) -> FakePreview:
        self._services._called("inspect_files", tuple(paths))
        return self._services.preview

    def export_doses(self, person, first, last, target, medicine="") -> int:
        self._services._called("export_doses", (person, first, last, target, medicine))
        return 1

    def add(self, paths, person_id, *, progress, cancelled, accept_name_mismatch=False, patient=None) -> ImportReport:
        self._services._called("import_files", (tuple(paths), person_id, accept_name_mismatch, patient))
        progress(2140, 6661)
        self._services._wait(cancelled)
        changes = ChangeSet.of(Topic.RECORDS, Topic.SOURCES, person=person_id)
        if self._services.report is not None:
            return self._services.report
        return ImportReport(Applied(added=6659, unchanged=1, quarantined=1), len(paths), changes)

    def export_calendar(self, person_id: int, target: Path) -> int:
        self._services._called("export_calendar", (person_id, target))
        return 12


class FakeSyncing:
    """Of the services it belongs to."""

    def __init__(self, services: FakeServices) -> None:
        self._services = services

    def connect(
        self, person_id, url, *, open_browser, on_sign_in, progress, cancelled, name=None, client_id=None,
        client_secret=None,
    ) -> SyncReport:  # fmt: skip
        self._services.registration = (client_id, client_secret)
        self._services._called("connect_portal", (person_id, url))
        on_sign_in(self._services.sign_in)
        open_browser("https://portal.invalid/authorize")
        self._services._wait(cancelled)
        progress("Observation", 3, 21)
        return SyncReport(1, (), Applied(added=412), ChangeSet.of(Topic.RECORDS, Topic.SOURCES, person=person_id))

    def watch(self, progress, ended) -> None:
        self.progress, self.ended = progress, ended

    def cancel(self) -> None:
        self._services._called("cancel_sync", None)

    def set_metered(self, is_metered) -> None:
        self._services.is_metered = is_metered

    def network_back(self, *, surely=False) -> None:
        self._services._called("network_back", surely)

    def sync(self, person_id, *, source, progress, cancelled) -> tuple[SyncReport, ...]:
        self._services._called("sync", person_id if source is None else {"source": source})
        progress("Observation", 3, 21)
        self._services._wait(cancelled)
        return (SyncReport(1, (), Applied(added=12), ChangeSet.of(Topic.RECORDS, Topic.SOURCES)),)

    def status(self, person_id) -> FakeStatus:
        return self._services.status


@dataclass
class FakeServices:
    """`gate` holds long works (import, sync, connect) until it is set; `fail` raises once, by method name."""

    known_people: list[Person] = field(default_factory=lambda: [MINA, OMID, LEO])
    exists: bool = True
    opened: bool = False
    is_sample: bool = False
    preview: FakePreview = field(default_factory=lambda: preview_of(MINA))
    report: ImportReport | None = None  # what adding files says; None for a usual one
    status: FakeStatus = field(default_factory=FakeStatus)
    fail: dict[str, Exception] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)
    calls: list[tuple[str, object]] = field(default_factory=list)
    state: VaultState = VaultState.OK
    findings: tuple[Finding, ...] = (Finding("history", True, "check-history-good"),)
    cloud: str | None = None  # the cloud service that copies the vault's folder

    def __post_init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.settings = FakeSettings()
        self.backups = FakeBackups(self)
        self.backup_state = BackupState()
        self.calendar = CalendarChoice()
        self.reminder_choices = ReminderChoices()
        self.starts_at_login = False
        self.kinds: frozenset[ReminderKind] = frozenset()
        self.ways = {each: each for each in (DeliveredBy.DESKTOP, DeliveredBy.TRAY)}
        self.access = FakeAccess(self)
        self.upkeep = FakeUpkeep(self)
        self.files = FakeFiles(self)
        self.portals = FakePortals(self)
        self.syncing = FakeSyncing(self)
        self.sign_in = FakeSignIn()
        self.is_metered: Callable[[], bool] = lambda: False
        self.gate.set()
        self.background = False
        self.on_change: Callable[[ChangeSet], None] | None = None
        self.on_reminder: Callable[[Sequence[object]], None] | None = None

    @property
    def sample_passphrase(self) -> str | None:
        return PASSPHRASE if self.is_sample else None

    def read(self, question: object) -> BackupState | CalendarChoice | ReminderChoices | tuple[str, str] | list[object]:
        """All that is asked of a vault in memory: backups, reminders, holidays, and a calendar."""
        if isinstance(question, partial):
            return self.reminder_choices
        if question is holiday_place:
            return "US", ""
        if getattr(question, "__qualname__", "").startswith(("reminded_about", "due_days")):
            return []
        return self.backup_state if question is backup_state.state else self.calendar

    @property
    def vault(self) -> object | None:
        return self if self.opened else None

    def turn_to(self, folder: Path) -> None:
        self._called("turn_to", folder)
        self.settings.vault_folder, self.exists = folder, True

    def vault_exists(self) -> bool:
        return self.exists

    def attach_reader(self) -> None:
        self._called("attach_reader", None)

    def detach_reader(self) -> None:
        self._called("detach_reader", None)

    def create_vault(self, passphrase: str) -> str:
        self._called("create_vault", passphrase)
        self.exists = self.opened = True
        return RECOVERY_KEY

    def unlock(self, passphrase: str) -> None:
        self._called("unlock", passphrase)
        if passphrase != PASSPHRASE:
            raise UserFacingError("wrong-passphrase")
        self.opened = True

    def unlock_with_recovery_key(self, text: str) -> None:
        self._called("unlock_with_recovery_key", text)
        if text != RECOVERY_KEY:
            raise UserFacingError("wrong-recovery-key")
        self.opened = True

    def can_unlock_with_device(self) -> bool:
        return self.access.device_is_on

    def unlock_with_device(self) -> None:
        self._called("unlock_with_device", None)
        self.opened = True

    def lock(self, *, ring: bool = False) -> None:
        self._called("lock", ring)
        self.opened = self.background = False

    def vault_state(self) -> VaultState:
        return self.state

    def accept_as_is(self) -> None:
        self._called("accept_as_is", None)
        self.state = VaultState.OK

    def check_vault(self, *, progress, cancelled) -> tuple[Finding, ...]:
        self._called("check_vault", None)
        progress(0, len(self.findings))
        self._wait(cancelled)
        progress(len(self.findings), len(self.findings))
        return self.findings

    def cloud_service(self, folder: Path | None = None) -> str | None:
        return self.cloud

    def people(self) -> tuple[Person, ...]:
        self._called("people", None)
        return tuple(self.known_people)

    def add_person(self, name: str, birth_date: str | None, relation: str | None) -> PersonAdded:
        self._called("add_person", (name, birth_date, relation))
        person = Person(len(self.known_people) + 1, name, birth_date, relation)
        self.known_people.append(person)
        return PersonAdded(person.id, ChangeSet.of(Topic.PEOPLE))

    @property
    def autostart(self) -> FakeServices:
        return self

    def is_on(self) -> bool:
        return self.starts_at_login

    def turn(self, *, on: bool) -> None:
        self.starts_at_login = on

    def planned_kinds(self) -> frozenset[ReminderKind]:
        return self.kinds

    def try_reminder(self, by: DeliveredBy | None = None, *, alarm: bool = False) -> DeliveredBy:
        self._called("try_reminder", (by, alarm))
        return self.ways.get(by, DeliveredBy.LIST) if by is not None else DeliveredBy.DESKTOP

    def start_background(self, on_change, on_reminder, on_alarm=None) -> None:
        self._called("start_background", None)
        self.on_alarm = on_alarm
        self.background, self.on_change, self.on_reminder = True, on_change, on_reminder

    def stop_background(self) -> None:
        self.background = False

    def load_sample_people(self) -> ChangeSet:
        self._called("load_sample_people", None)
        self.is_sample = True
        return ChangeSet.of(Topic.PEOPLE, Topic.RECORDS)

    def called(self, name: str) -> list[object]:
        return [what for each, what in self.calls if each == name]

    def _called(self, name: str, what: object) -> None:
        self.calls.append((name, what))
        if name in self.fail:
            raise self.fail.pop(name)

    def _wait(self, cancelled: Callable[[], bool]) -> None:
        self.started.set()
        while not self.gate.wait(0.01):
            if cancelled():
                raise UserFacingError("cancelled")
