"""Signing in at a portal, syncing, and what is known of it; for window and command line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.long_work import Cancelled, PortalProgress, never, no_progress
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.reports import SyncReport
from phr_desktop.errors import UserFacingError
from phr_desktop.portals import Portals, SignIn
from phr_desktop.vault import ledger, outbox, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

if TYPE_CHECKING:
    from phr_desktop.sync.runner import SyncRunner

_SIGN_IN_SECONDS = 75.0  # one whole request: a sign-in that the portal has granted is stored before the vault locks
_LOOK = 0.2  # seconds between two looks at whether the person cancelled


def _no_sign_in(_sign_in: SignIn) -> None: ...


def _nobody() -> None: ...


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """`last_synced_at` is the end of the last sync that ran through, seconds since 1970 UTC, of the portal that waits
    longest: another's newer one would hide that it stands still. `waiting` counts requests that wait to be sent.
    `offline`: the last try of one of the portals did not reach it. `incomplete`: some kinds of record did not come from
    a connected portal, or not all of them."""

    last_synced_at: int | None
    portals: int
    waiting: int
    offline: bool
    needs_sign_in: bool
    incomplete: bool


class _Count:
    """Adds up the records of the types that a sync tells of, which come side by side."""

    def __init__(self, progress: PortalProgress) -> None:
        self._progress = progress
        self._by_type: dict[str, int] = {}

    def type_progress(self, type_name: str, count: int) -> None:
        self._by_type[type_name] = count
        self._progress(type_name, count, sum(self._by_type.values()))


class _SignIns:
    """The sign-ins that run: the vault is not locked below one."""

    def __init__(self) -> None:
        self._closing = threading.Event()  # set for good once the vault that is open now is being locked
        self._running = 0
        self._changed = threading.Condition()

    @contextmanager
    def one(self, cancelled: Cancelled) -> Iterator[Cancelled]:
        """While a sign-in runs; it is told to end by what this yields. Error cancelled while the vault is locked."""
        with self._changed:
            closing = self._closing
            if closing.is_set():
                raise UserFacingError("cancelled")
            self._running += 1
        try:
            yield lambda: cancelled() or closing.is_set()
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextmanager
    def none(self) -> Iterator[None]:
        """Ends those that run and waits for them; none begins inside. If they do not end, it goes on after a while."""
        with self._changed:
            self._closing.set()
            self._changed.wait_for(lambda: self._running == 0, timeout=_SIGN_IN_SECONDS)
        try:
            yield
        finally:
            self._closing = threading.Event()


class Syncing:
    """All methods but `set_metered`, `is_metered` and `stop` raise vault-locked while locked; from any thread.

    `door` is held while what runs in the background is started or stopped. `tell` gets each stored change, on the
    thread that syncs.
    """

    def __init__(
        self,
        clock: Clock,
        vault: Callable[[], Vault],
        portals: Portals,
        *,
        door: threading.RLock,
        tell: Callable[[ChangeSet], None],
    ) -> None:
        self._clock, self._vault = clock, vault
        self._portals, self._door, self._tell = portals, door, tell
        self._is_metered: Callable[[], bool] = never
        self._offline: frozenset[int] = frozenset()  # sources whose portals the last try of each did not reach
        self._noting = threading.Lock()  # not the door: that is held while the thread which notes is waited for
        self._sign_ins = _SignIns()
        self._runner: SyncRunner | None = None
        self._by_itself = False
        self._quiets = 0
        self._allowed = threading.Event()  # while nobody is quiet
        self._progress: PortalProgress = no_progress
        self._ended: Callable[[], None] = _nobody

    def connect(
        self,
        person: int,
        url: str,
        *,
        open_browser: Callable[[str], None],
        name: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        on_sign_in: Callable[[SignIn], None] = _no_sign_in,
        progress: PortalProgress = no_progress,
        cancelled: Cancelled = never,
    ) -> SyncReport:
        """As `sync.connect.connect`, and syncs. `client_id` and `client_secret` are a registration of the person's own;
        `on_sign_in` gets the sign-in while it waits."""
        from phr_desktop.sync.connect import DEFAULT_CLIENT, connect

        self._vault().check_writable()
        with self._sign_ins.one(cancelled) as ended:
            source = connect(
                self._vault(),
                self._clock,
                person,
                url,
                open_browser=open_browser,
                progress=lambda type_name, count: progress(type_name, count, count),
                cancelled=ended,
                client_id=client_id or DEFAULT_CLIENT,
                client_secret=client_secret,
                name=name,
                on_authorization=on_sign_in,
            )
        # The first sign-in may have brought the birth date.
        self._tell(ChangeSet.of(Topic.SOURCES, Topic.PEOPLE, person=person))
        for report in self.sync(source=source, progress=progress, cancelled=cancelled):
            return report
        raise UserFacingError("sync-stopped")  # cancelled between the sign-in and the first question

    def sync(
        self,
        person: int | None = None,
        *,
        source: int | None = None,
        progress: PortalProgress = no_progress,
        cancelled: Cancelled = never,
    ) -> tuple[SyncReport, ...]:
        """Syncs the connected portals of one person, or of all, or that of one source, one after the other; never two
        syncs at once, and none inside `quiet`: it waits. Error cancelled, also where `quiet` begins meanwhile."""
        self._vault().check_writable()
        count = _Count(progress)
        runner = self._runner_once_allowed(cancelled)
        only = None if source is None else (source,)
        reports = runner.sync(person, only=only, progress=count.type_progress, cancelled=cancelled)
        self._note(reports)
        return reports

    def status(self, person: int | None) -> SyncStatus:
        """What the line at the foot says, for one person or for all."""

        def question(db: Database) -> SyncStatus:
            portals = [
                source
                for source in sources.everything(db)
                if source.kind is SourceKind.PORTAL and source.connected and person in (None, source.person)
            ]
            synced = [source.last_synced_at for source in portals if source.last_synced_at is not None]
            return SyncStatus(
                last_synced_at=min(synced, default=None),
                portals=len(portals),
                waiting=outbox.count_waiting(db),
                offline=any(source.id in self._offline for source in portals),
                needs_sign_in=any(source.needs_sign_in for source in portals),
                incomplete=len(synced) < len(portals)
                or any(entry.state.is_incomplete for source in portals for entry in ledger.entries(db, source.id)),
            )

        return self._vault().read(question)

    def watch(self, progress: PortalProgress, ended: Callable[[], None]) -> None:
        """Says who is told of syncs that run by themselves: how much has come, and when one has ended. Both are called
        on the threads that sync."""
        self._progress, self._ended = progress, ended

    def cancel(self) -> None:
        """Ends a sync that runs by itself; the next one comes at its time. Does nothing where none runs."""
        with self._door:
            runner = self._runner
        if runner is not None:
            runner.cancel()

    # --- the network

    def set_metered(self, is_metered: Callable[[], bool]) -> None:
        """Says whether the network costs so that nothing is to be synced unasked; asked from any thread."""
        self._is_metered = is_metered

    def is_metered(self) -> bool:
        """Whether nothing is synced now that nobody asked for."""
        return self._is_metered()

    def network_back(self, *, surely: bool = False) -> None:
        """Makes up for a sync that failed without a network, where a portal can be reached again. Blocks.

        `surely`: the system said so, and a portal need not be tried first. Does nothing while locked.
        """
        with self._door:
            runner, missed = self._runner, self._offline
        if runner is None or not missed:
            return
        try:
            answers = surely or self._portals.network_answers(missed)
        except UserFacingError:
            return  # locked meanwhile
        if answers:
            runner.network_back(missed)

    # --- by itself

    def start(self) -> None:
        """Syncs now and every so often, until `stop`."""
        with self._door:
            self._by_itself = True
            if not self._quiets:
                self._made_runner().start()

    def stop(self) -> None:
        """Ends a sync that runs, and the timer; waits for both. Again does nothing."""
        with self._door:
            self._by_itself = False
            self._stop_runner()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Ends the syncs, which write to what is being removed, and starts their timer again afterwards; none begins
        meanwhile."""
        with self._door:
            self._quiets += 1
            self._allowed.clear()
            self._stop_runner()
        try:
            yield
        finally:
            with self._door:
                self._quiets -= 1
                if not self._quiets:
                    self._allowed.set()
                    if self._by_itself:
                        self._made_runner().start()

    @contextmanager
    def no_sign_in(self) -> Iterator[None]:
        """Ends the sign-ins before the vault is locked inside; none begins meanwhile."""
        with self._sign_ins.none():
            yield

    def _runner_once_allowed(self, cancelled: Cancelled) -> SyncRunner:
        while True:
            with self._door:
                if not self._quiets:
                    return self._made_runner()
            if cancelled():
                raise UserFacingError("cancelled")
            self._allowed.wait(_LOOK)

    def _made_runner(self) -> SyncRunner:
        from phr_desktop.sync.runner import SyncRunner

        with self._door:
            if self._runner is None:
                self._runner = SyncRunner(
                    self._vault(), self._clock, on_change=self._tell, on_reports=self._told, network=self,
                    on_begin=lambda: _Count(self._progress).type_progress, on_end=lambda: self._ended(),
                )  # fmt: skip
            return self._runner

    def _stop_runner(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.stop()

    def _told(self, reports: tuple[SyncReport, ...]) -> None:
        """After a sync that ran by itself: the line at the foot is asked for again."""
        self._note(reports)
        self._tell(ChangeSet.of(Topic.SOURCES))

    def _note(self, reports: tuple[SyncReport, ...]) -> None:
        """A sync of some portals says nothing of the others."""
        tried = {report.source for report in reports}
        offline = {report.source for report in reports if report.problem == "offline"}
        with self._noting:
            self._offline = (self._offline - tried) | offline
