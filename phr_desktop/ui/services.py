"""What the window asks of the composition root. Structural: compose.py answers without importing anything from here.

Methods said to block are called from the bridge's workers only; all others answer at once, on the window's thread.
Every method may raise a PhrError of errors.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from phr_desktop.clock import Clock
from phr_desktop.domain.backups import Backup, BackupContents
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.long_work import Cancelled, PortalProgress, Progress
from phr_desktop.domain.people import Person
from phr_desktop.domain.portals import Brand
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, ReminderKind
from phr_desktop.domain.reports import ImportReport, SyncReport
from phr_desktop.domain.vault_state import Finding, VaultState
from phr_desktop.ui.access import Access
from phr_desktop.ui.upkeep import Upkeep


class Settings(Protocol):
    """What is known before unlock (phr_desktop/settings.py)."""

    text_scale: float  # 1.0 to 2.0
    palette: str  # "system" or the name of a palette in tokens.py
    language: str
    geometry: bytes | None
    page: str
    vault_folder: Path
    lock_minutes: int  # without a touch until the record locks; 0: never
    remind_before_unlock: bool  # the times of reminders may be kept outside the vault
    sync_metered: bool  # by itself too over a network that costs by the byte
    autostart_offered: bool
    tray_told: bool
    heard: dict[str, tuple[bool, str]]  # way of reminding: whether it was noticed, and the day (ISO)

    def save(self) -> None: ...


class FileSubject(Protocol):
    """Someone whose records are in a file. `reference` is what `Files.add(patient=...)` takes."""

    @property
    def reference(self) -> str: ...

    @property
    def name(self) -> str | None: ...

    @property
    def birth_date(self) -> str | None: ...

    @property
    def records(self) -> int: ...

    @property
    def people(self) -> frozenset[int]:
        """The people of the vault who may be that: name and birth date agree with the file's; where it names nobody,
        the person's earlier files spoke of the same patient, or there are none."""
        ...


class FilePreview(Protocol):
    """What files hold, said before anything is added."""

    @property
    def files(self) -> int: ...

    @property
    def counts(self) -> Mapping[str, int]:
        """FHIR resource type -> how many."""
        ...

    @property
    def malformed(self) -> int: ...

    @property
    def subjects(self) -> Sequence[FileSubject]: ...


class Files(Protocol):
    """Files in and out. All methods block. What is written is NOT encrypted."""

    def inspect(self, paths: Sequence[Path]) -> FilePreview:
        """Looks into files without storing anything."""
        ...

    def export_doses(self, person: int, first: date, last: date, target: Path, medicine: str = "") -> int:
        """Writes the log of a person's doses of these days; how many."""
        ...

    def add(
        self,
        paths: Sequence[Path],
        person_id: int,
        *,
        progress: Progress,
        cancelled: Cancelled,
        accept_name_mismatch: bool = False,
        patient: str | None = None,
    ) -> ImportReport:
        """Adds files to a person's record, all or nothing.

        `patient` takes one subject's records out of files of several people. Errors: several-patients,
        patients-share-id, other-person-file (its parameters `found` and `person` say who), unknown-patient-file,
        cancelled.
        """
        ...

    def export_calendar(self, person_id: int, target: Path) -> int:
        """Writes a person's calendar file with what the person chose; how many entries it has.

        Errors: person-missing, no-permission, disk-full, disk-problem.
        """
        ...


class SyncStatus(Protocol):
    """What the line at the foot says, for one person or for all."""

    @property
    def last_synced_at(self) -> int | None:
        """The end of the last sync that ran through, seconds since 1970 UTC; None: never."""
        ...

    @property
    def portals(self) -> int:
        """How many portals are connected."""
        ...

    @property
    def waiting(self) -> int:
        """How many requests wait to be sent."""
        ...

    @property
    def offline(self) -> bool:
        """Whether the last try met no network or no answering portal."""
        ...

    @property
    def needs_sign_in(self) -> bool: ...

    @property
    def incomplete(self) -> bool:
        """Whether some kinds of record did not come from a connected portal, or not all of them."""
        ...


class Backups(Protocol):
    """Backups and restoring. All methods block. `secret` is the passphrase that the vault had when the backup was
    made, or its recovery key. Progress is in bytes."""

    def back_up(self, folder: Path | None = None, *, progress: Progress, cancelled: Cancelled) -> Backup:
        """Makes one now, and proves that it can be restored; it announces its change by itself.

        Errors: backup-running, backup-folder-not-chosen, cancelled, and what is in the way of writing it.
        """
        ...

    def look_into(self, path: Path, secret: str, *, by_recovery_key: bool = False) -> BackupContents:
        """What a backup holds. Errors: wrong-passphrase, wrong-recovery-key, recovery-key-malformed, backup-not-one,
        backup-damaged, backup-newer."""
        ...

    def folder_beside(self) -> Path:
        """Where a restored record would be put. Answers at once."""
        ...

    def restore_beside(
        self,
        path: Path,
        secret: str,
        folder: Path,
        *,
        by_recovery_key: bool,
        progress: Progress,
        cancelled: Cancelled,
    ) -> BackupContents:
        """Makes a vault of a backup in a new or empty folder."""
        ...

    def restore_in_place(
        self, path: Path, secret: str, *, by_recovery_key: bool, progress: Progress, cancelled: Cancelled
    ) -> BackupContents:
        """Puts a backup in the place of the present vault, which is locked and of which it was made."""
        ...


class SignIn(Protocol):
    """A sign-in at a portal that waits for its person; from any thread, until it has ended."""

    @property
    def seconds_left(self) -> float:
        """Until it is given up."""
        ...

    def extend(self) -> None:
        """Gives the person fifteen minutes from now."""
        ...

    def finish_with_address(self, pasted: str) -> None:
        """Takes the address at which the browser ended, where it could not come back by itself.

        Errors: pasted-address-not-understood; the sign-in then goes on waiting.
        """
        ...


class PersonAdded(Protocol):
    @property
    def person(self) -> int:
        """The id."""
        ...

    @property
    def changes(self) -> ChangeSet: ...


class Disconnected(Protocol):
    @property
    def told(self) -> bool:
        """Whether the portal has taken its permission back."""
        ...

    @property
    def changes(self) -> ChangeSet: ...


class Portals(Protocol):
    """Portals to choose from, and leaving one. All methods block."""

    def count(self) -> int:
        """How many there are to choose from."""
        ...

    def find(self, words: str) -> Sequence[Brand]:
        """Those in whose name or places every word begins a word, fifty at most."""
        ...

    def add_list(self, path: Path) -> tuple[int, ChangeSet]:
        """Adds a list of clinics and plans; how many it names. Errors: file-missing, file-unreadable,
        brands-not-understood."""
        ...

    def disconnect(self, source: int) -> Disconnected:
        """Has the portal take its permission back where it offers that, and forgets it; what came stays.

        Errors: source-missing.
        """
        ...


class Syncing(Protocol):
    """Signing in at a portal, and syncing."""

    def connect(
        self,
        person_id: int,
        url: str,
        *,
        open_browser: Callable[[str], None],
        on_sign_in: Callable[[SignIn], None],
        progress: PortalProgress,
        cancelled: Cancelled,
        name: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
    ) -> SyncReport:
        """Signs in to a portal in the system's browser, anew where it is known already, and syncs. Blocks.

        From the worker, `on_sign_in` gets the sign-in, then `open_browser` the address of the portal's own page; then
        `progress` counts, first with "Patient" and none. `client_id` and `client_secret` are a registration that the
        person brought.
        """
        ...

    def sync(
        self, person_id: int | None, *, source: int | None, progress: PortalProgress, cancelled: Cancelled
    ) -> tuple[SyncReport, ...]:
        """Brings the portals of one person (or of all), or that of one source, up to date; `progress` as above.
        Blocks."""
        ...

    def watch(self, progress: PortalProgress, ended: Callable[[], object]) -> None:
        """Says who is told of syncs that run by themselves: how much has come, and when one has ended. From workers."""
        ...

    def cancel(self) -> None:
        """Ends a sync that runs by itself. Does nothing where none runs."""
        ...

    def set_metered(self, is_metered: Callable[[], bool]) -> None:
        """Says whether the network costs so that nothing is to be synced unasked; asked from any thread."""
        ...

    def network_back(self, *, surely: bool = False) -> None:
        """Makes up for a sync that failed without a network, where a portal can be reached again. Blocks.

        `surely`: the system said so. Does nothing while locked.
        """
        ...

    def status(self, person_id: int | None) -> SyncStatus:
        """What is known of the portals of one person (or of all). Blocks, without the network."""
        ...


class Autostart(Protocol):
    """Whether the program starts when the person signs in to the computer, and changing that. OSError where the system
    does not let it."""

    def is_on(self) -> bool: ...

    def turn(self, *, on: bool) -> None: ...


class Services(Protocol):
    """The core, as the window sees it."""

    clock: Clock
    settings: Settings
    access: Access
    upkeep: Upkeep
    is_sample: bool  # the vault holds sample people: the window says so on every page

    @property
    def sample_passphrase(self) -> str | None:
        """The sample's public passphrase, for its Unlock screen; None where the vault is a person's own."""
        ...

    @property
    def vault(self) -> Any:
        """The open vault, for queries and actions; None while locked."""
        ...

    # --- the vault

    @property
    def backups(self) -> Backups: ...

    def turn_to(self, folder: Path) -> None:
        """From now on, and after the next start, the program's vault is the one in this folder. Blocks."""
        ...

    def vault_exists(self) -> bool:
        """Whether there is a vault in the settings' folder."""
        ...

    def create_vault(self, passphrase: str) -> str:
        """Makes a vault and leaves it open; returns the recovery key as groups with spaces or hyphens. Blocks."""
        ...

    def unlock(self, passphrase: str) -> None:
        """Opens the vault. Blocks. Errors: wrong-passphrase, and what else keeps it shut."""
        ...

    def unlock_with_recovery_key(self, text: str) -> None:
        """Opens the vault. Blocks. Errors: recovery-key-malformed, wrong-recovery-key, and what else keeps it shut."""
        ...

    def can_unlock_with_device(self) -> bool:
        """Whether this computer's keychain was made a way into the vault."""
        ...

    def unlock_with_device(self) -> None:
        """Opens the vault by this computer's keychain. Blocks, the keychain's own question included, 10 seconds at
        most. Errors: keychain-missing, keychain-slow, keychain-refused, device-key-missing, wrong-device-key."""
        ...

    def lock(self, *, ring: bool = False) -> None:
        """Ends what runs in the background, shuts the vault and forgets its keys. Blocks. With `ring`, notifications
        go on saying when a reminder is due, and only that."""
        ...

    def attach_reader(self) -> None:
        """Gives the window's thread a reading connection of its own, for lists that ask while they are scrolled."""
        ...

    def detach_reader(self) -> None:
        """Takes it away again, on the same thread, before `lock`; without one does nothing."""
        ...

    # --- whether the vault is right

    def vault_state(self) -> VaultState:
        """What the open vault is found to be, once its file was looked at. Blocks, after a crash for seconds.

        Only an OK vault stores anything: writes raise vault-older-copy, vault-altered, vault-damaged, vault-read-only.
        """
        ...

    def accept_as_is(self) -> None:
        """Takes an older or altered copy for the record from now on. Blocks. Errors: vault-damaged, vault-read-only."""
        ...

    def check_vault(self, *, progress: Progress, cancelled: Cancelled) -> tuple[Finding, ...]:
        """Looks at everything the vault is made of; `progress` counts steps. Blocks for seconds. Errors: cancelled."""
        ...

    def cloud_service(self, folder: Path | None = None) -> str | None:
        """The name of the cloud service that copies a folder (the vault's own) elsewhere; None where none is known."""
        ...

    # --- people

    def people(self) -> tuple[Person, ...]:
        """Everyone in the vault, in the order in which they were added. Blocks."""
        ...

    def add_person(self, name: str, birth_date: str | None, relation: str | None) -> PersonAdded:
        """Adds someone. `birth_date` is a FHIR date. Blocks.

        Errors: name-missing, birth-date-malformed, person-exists.
        """
        ...

    # --- files and portals

    @property
    def files(self) -> Files: ...

    @property
    def portals(self) -> Portals: ...

    @property
    def syncing(self) -> Syncing: ...

    @property
    def autostart(self) -> Autostart: ...

    def planned_kinds(self) -> frozenset[ReminderKind]:
        """Of which kinds a reminder is to come, for anybody. Blocks."""
        ...

    def try_reminder(self, by: DeliveredBy | None = None, *, alarm: bool = False) -> DeliveredBy:
        """Shows a notification that is only a test, by this way alone where one is named; by which way it was shown,
        LIST for none. `alarm`: with a sound. Blocks for some seconds at most."""
        ...

    # --- in the background

    def start_background(
        self,
        on_change: Callable[[ChangeSet], None],
        on_reminder: Callable[[Sequence[Occurrence]], None],
        on_alarm: Callable[[Sequence[Occurrence]], None] | None = None,
    ) -> None:
        """Starts the timer that syncs and the one that reminds. Blocks shortly.

        `on_alarm` gets alarms when they are told, and whenever they ring again. All callbacks come from other threads.
        `on_reminder` carries what the desktop could not show, or what fell due while the program was off: for the list
        inside the window.
        """
        ...

    def stop_background(self) -> None:
        """Stops both and waits for what they are doing. Blocks. Safe to call when nothing was started."""
        ...

    def load_sample_people(self) -> ChangeSet:
        """Fills the open vault with sample people and marks it as sample. Blocks."""
        ...
