"""Builds the core (vault, portals, sync, reminders) for the window and for the command line.

Qt-free: what the core needs of a desktop (a notifier, a tray) is passed in. Rooms that cost time to import are
imported when they are first used.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from phr_desktop.access import Access
from phr_desktop.actions.people import PersonAdded, add_person
from phr_desktop.backups import Backups
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.doses import Dose
from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.domain.people import Person
from phr_desktop.domain.reminder_choices import Moment
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, ReminderKind, ReminderTarget
from phr_desktop.domain.vault_state import Finding, VaultState
from phr_desktop.errors import Bug, PhrError, UserFacingError
from phr_desktop.exchange import Files
from phr_desktop.portals import Portals
from phr_desktop.reminders.telling import Telling
from phr_desktop.syncing import Syncing
from phr_desktop.upkeep import Upkeep
from phr_desktop.vault import keys, people
from phr_desktop.vault.keychain import Keychain, KeychainWitness
from phr_desktop.vault.vault import Vault

if TYPE_CHECKING:
    from phr_desktop.calendars import CalendarFeeds
    from phr_desktop.reminders.notifier import TrayNotifier
    from phr_desktop.reminders.runner import ReminderRunner


@dataclass(frozen=True, slots=True)
class Place:
    """A vault's folder, at what cost its passphrases are guarded (None: as this computer bears it), and whether it is
    the sample's."""

    folder: Path
    kdf: keys.KdfParameters | None
    is_sample: bool


def _reminder_moments(vault: Vault, clock: Clock) -> dict[Moment, int]:
    """As `reminders.locked.moments_ahead`. A vault that cannot be read is locked all the same."""
    from phr_desktop.reminders.locked import moments_ahead

    try:
        return moments_ahead(vault, clock)
    except PhrError:
        return {}


class Core:
    """The program without its face. One vault, locked or unlocked; blocking calls, from any thread."""

    def __init__(
        self,
        clock: Clock,
        folder: Path,
        *,
        kdf: keys.KdfParameters | None = None,
        keychain: Keychain | None = None,
    ) -> None:
        self.clock = clock
        self.folder = folder
        self.is_sample = False
        self.vault: Vault | None = None
        self._kdf = kdf
        self._running = threading.RLock()  # held while what runs in the background is started or stopped
        self.access = Access(clock, keychain or Keychain(), lambda: self.open_vault, lambda: self._kdf)
        self.backups = Backups(clock, lambda: self.folder, lambda: self.open_vault)
        self.files = Files(clock, lambda: self.open_vault)
        self.portals = Portals(clock, lambda: self.open_vault)
        self.syncing = Syncing(clock, lambda: self.open_vault, self.portals, door=self._running, tell=self._tell)
        self.upkeep = Upkeep(
            clock, self.access.keychain, lambda: self.folder, lambda: self.open_vault, quiet=self.syncing.quiet,
            shut=self._shut_for_good,
        )  # fmt: skip
        self._telling = Telling(clock)
        self._on_change: Callable[[ChangeSet], None] | None = None
        self._reminders: ReminderRunner | None = None
        self._feeds: CalendarFeeds | None = None

    # --- the vault

    @property
    def open_vault(self) -> Vault:
        """The vault; error vault-locked where it is not unlocked."""
        if self.vault is None:
            raise UserFacingError("vault-locked")
        return self.vault

    def vault_exists(self) -> bool:
        return Vault.exists(self.folder)

    @property
    def place(self) -> Place:
        """Where the core's vault is, or will be made."""
        return Place(self.folder, self._kdf, self.is_sample)

    def move_to(self, place: Place) -> None:
        """Turns to the vault in another folder; the present one is locked."""
        try:
            self.lock()
        finally:
            self.folder, self._kdf, self.is_sample = place.folder, place.kdf, place.is_sample

    def check_exists(self) -> None:
        """Error vault-missing before a passphrase is asked for."""
        if not self.vault_exists():
            raise UserFacingError("vault-missing")

    def create_vault(self, passphrase: str, *, sample: bool = False) -> str:
        """Makes the vault and leaves it unlocked; the recovery key. Only the sample's own is made in its folder."""
        if sample is not self.is_sample:
            raise Bug("vault-in-sample-folder")
        created = Vault.create(self.folder, passphrase, kdf=self.access.cost())
        self.vault = created.vault
        if sample:
            self.access.recovery_key_was_checked()  # it is for nobody
        return created.recovery_key

    def unlock(self, passphrase: str) -> None:
        self._opened(self.access.unlock(self.folder, passphrase))

    def unlock_with_recovery_key(self, text: str) -> None:
        self._opened(Vault.unlock_with_recovery_key(self.folder, text))

    def can_unlock_with_device(self) -> bool:
        """Whether this computer's keychain was made a way into the vault."""
        return Vault.device_slot_in(self.folder)

    def unlock_with_device(self) -> None:
        self._opened(Vault.unlock_with_device(self.folder, self.access.keychain))

    def _opened(self, vault: Vault) -> None:
        """A copy of the anchor is kept where the person lets the keychain keep anything at all."""
        self.vault = vault
        if vault.device_slot is not None:
            vault.watch_by(KeychainWitness(self.access.keychain, vault.device_slot))

    def lock(self, *, ring: bool = False) -> None:
        """Locks the vault; what runs in the background, and every sync and sign-in, is ended and waited for first.

        With `ring`, a notification goes on telling when a reminder is due, and only that.
        """
        from phr_desktop.fhir import extract

        with self._running:
            with self.syncing.no_sign_in():
                # First: nothing begins anew, such as a backup, while the rest ends.
                vault, self.vault = self.vault, None
                self._stop_ticking()
            if not ring:
                self._telling.close()
            if vault is not None:
                try:
                    self._keep_reminding(_reminder_moments(vault, self.clock), ring)
                finally:
                    vault.lock()
        extract.forget()

    def _shut_for_good(self) -> None:
        """Before the vault is removed: nothing is told of its reminders any more."""
        self.lock()
        self._keep_moments({})

    def _keep_reminding(self, moments: Mapping[Moment, int], ring: bool) -> None:
        self._keep_moments(moments)
        if ring:
            self._telling.locked(moments)

    def _keep_moments(self, moments: Mapping[Moment, int]) -> None:
        """When reminders are due and how often each rings again, known at lock: for a core that may keep them for the
        next start."""

    def attach_reader(self) -> None:
        """Gives the calling thread a reading connection of its own."""
        self.open_vault.attach_reader()

    def detach_reader(self) -> None:
        """Takes it away again, on the same thread, before `lock`; without one does nothing."""
        if self.vault is not None:
            self.vault.detach_reader()

    # --- whether the vault is right

    def vault_state(self) -> VaultState:
        """What the open vault is found to be, once its file was looked at. Blocks."""
        return self.open_vault.judged()

    def accept_as_is(self) -> None:
        """As `Vault.accept_as_is`; what `start_background` left out begins."""
        vault = self.open_vault
        was_right = vault.judged() is VaultState.OK
        vault.accept_as_is()
        with self._running:
            if not was_right and self._reminders is not None and self._on_change is not None:
                self._start_storing(self._on_change)

    def check_vault(self, *, progress: Progress = no_progress, cancelled: Cancelled = never) -> tuple[Finding, ...]:
        """As `vault.check.check`."""
        from phr_desktop.vault.check import check

        return check(self.open_vault, progress, cancelled)

    def cloud_service(self, folder: Path | None = None) -> str | None:
        """The name of the cloud service that copies a folder (the vault's own) elsewhere; None where none is known."""
        from phr_desktop.vault.cloud import cloud_service

        return cloud_service(folder or self.folder)

    # --- people

    def people(self) -> tuple[Person, ...]:
        """Everyone in the vault, in the order in which they were added."""
        return tuple(self.open_vault.read(people.everyone))

    def add_person(self, name: str, birth_date: str | None, relation: str | None) -> PersonAdded:
        """As `actions.people.add_person`."""
        return add_person(self.open_vault, self.clock, name, birth_date, relation)

    # --- doses

    def dose_list(self, first: date, last: date, person: int | None = None) -> list[Dose]:
        """The doses of these local days, both included, of one person or all, oldest first; planned up to today."""
        from phr_desktop.queries.doses import log
        from phr_desktop.reminders.doses import plan_doses

        if self.vault_state() is VaultState.OK:
            plan_doses(self.open_vault, self.clock)
        whom = [one.id for one in self.people()] if person is None else [person]
        return [dose for one in whom for dose in log(self.open_vault, self.clock, one, first, last)]

    # --- reminders, and what runs by itself

    def planned_reminders(self, first: date, last: date, person: int | None) -> list[Occurrence]:
        """Which reminders fall on these local days, both included."""
        from phr_desktop.queries.reminders import planned
        from phr_desktop.reminders.planner import replan

        if self.vault_state() is VaultState.OK:
            replan(self.open_vault, self.clock)
        return planned(self.open_vault, self.clock, first, last, person)

    def set_channels(
        self,
        *,
        tray: TrayNotifier | None,
        on_clicked: Callable[[ReminderTarget | None], None],
        on_waiting: Callable[[int], None],
    ) -> None:
        """By which ways of this desktop reminders may be told, beside its own notifications. `on_clicked` gets what a
        press on a notification leads to; `on_waiting` how many reminders fell due since the lock. Both from other
        threads."""
        self._telling.set_ways(tray, on_clicked, on_waiting)

    def planned_kinds(self) -> frozenset[ReminderKind]:
        """Of which kinds a reminder is to come, for anybody."""
        from phr_desktop.queries.reminders import planned_kinds

        return planned_kinds(self.open_vault, self.clock)

    def try_reminder(self, by: DeliveredBy | None = None, *, alarm: bool = False) -> DeliveredBy:
        """Shows a notification that is only a test, by this way alone where one is named; by which way it was shown,
        LIST for none. `alarm`: with a sound. Blocks for some seconds at most."""
        with self._running:
            return self._telling.try_out(by, alarm=alarm)

    def ring_while_locked(self, moments: Mapping[Moment, int], ends: datetime | None) -> None:
        """Tells of reminders before the first unlock, by moments that were kept with how often each rings again, and
        at `ends` that no more is known."""
        from phr_desktop.reminders.locked import as_if_started

        with self._running:
            if self.vault is None:
                self._telling.locked(as_if_started(moments, self.clock.now(), self.clock.zone()), ends)

    def start_background(
        self,
        on_change: Callable[[ChangeSet], None],
        on_reminder: Callable[[Sequence[Occurrence]], None],
        on_alarm: Callable[[Sequence[Occurrence]], None] | None = None,
    ) -> None:
        """Starts the reminders' tick and the timer that syncs; the callbacks come from their threads.

        Does nothing where the vault was locked meanwhile, or both run already. Into a vault that stores nothing, such
        as an older copy, nothing is synced, and no backup is made of it.
        """
        from phr_desktop.reminders.runner import ReminderRunner

        stores = self._stores()  # waits for what looks at the file: before the lock that `lock` takes too
        with self._running:
            if self.vault is None or self._reminders is not None:
                return
            self._on_change = on_change
            notifications, rang = self._telling.unlocked()
            self._reminders = ReminderRunner(
                self.vault, self.clock, notifications, on_change, on_reminder, rang, self._telling.clicked, on_alarm
            )
            self._reminders.start()
            if stores:
                self._start_storing(on_change)

    def _stores(self) -> bool:
        try:
            return self.vault is not None and self.vault.judged() is VaultState.OK
        except UserFacingError:
            return False  # locked meanwhile

    def _start_storing(self, on_change: Callable[[ChangeSet], None]) -> None:
        from phr_desktop.calendars import CalendarFeeds

        self.syncing.start()
        self.backups.start(on_change)
        self._feeds = CalendarFeeds(self.open_vault, self.clock, on_change)
        self._feeds.start()

    def stop_background(self) -> None:
        """Stops both, a sync that was asked for, and what tells of reminders; waits for what they are doing. Again does
        nothing."""
        with self._running:
            self._stop_ticking()
            self._telling.close()

    def _stop_ticking(self) -> None:
        with self._running:
            self.syncing.stop()
            reminders, self._reminders = self._reminders, None
            if reminders is not None:
                reminders.stop()
            feeds, self._feeds = self._feeds, None
            if feeds is not None:
                feeds.stop()
            self.backups.stop()
            self._on_change = None

    def changed(self, changes: ChangeSet) -> None:
        """Told of every change that reaches the window: reminders and calendar files follow what they come from."""
        reminders, feeds = self._reminders, self._feeds
        if reminders is not None:
            reminders.changed(changes)
        if feeds is not None:
            feeds.changed(changes)

    def _tell(self, changes: ChangeSet) -> None:
        if self._on_change is not None:
            self._on_change(changes)
