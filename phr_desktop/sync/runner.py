"""When a sync runs: at the start, every so often, when the network is back, when a portal that asked for peace may be
asked again, and when the person says so; never two at once."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Collection
from typing import Protocol

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.reports import SyncReport
from phr_desktop.errors import PhrError, UserFacingError
from phr_desktop.sync.engine import sync_all
from phr_desktop.sync.run import Progress
from phr_desktop.vault import sources
from phr_desktop.vault.vault import Vault

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds
JITTER = 0.2  # of the interval, either way: a million programs must not call a portal in the same minute
_LOOK = 0.2
LOOK_AT_CLOCK = 60.0  # seconds at most, while a portal is waited for: a computer that slept counts no seconds meanwhile
LATE = 20.0  # seconds by lot after a portal's own time, for the same reason as the jitter
STOP_SECONDS = 75.0  # one whole request, which nobody may cut while it renews a sign-in

Reports = tuple[SyncReport, ...]


class Network(Protocol):
    """What the system says of the network."""

    def is_metered(self) -> bool:
        """Whether it costs by the byte, as on a phone: then nothing is synced that nobody asked for."""


class _FreeNetwork:
    def is_metered(self) -> bool:
        return False


class SyncRunner:
    """Syncs every connected portal of a vault on one thread of its own, between `start` and `stop`.

    The callbacks come from the thread that syncs: `on_change` with each stored change; of a sync that runs by itself
    `on_begin`, which gives what is told how much has come, `on_reports` at its end, `on_problem` where it could not
    even begin, and `on_end` after either.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        *,
        on_change: Callable[[ChangeSet], None],
        on_reports: Callable[[Reports], None] = lambda _reports: None,
        on_problem: Callable[[PhrError], None] | None = None,
        on_begin: Callable[[], Progress] = lambda: _untold,
        on_end: Callable[[], None] = lambda: None,
        seconds: float = EVERY,
        network: Network | None = None,
    ) -> None:
        self._vault, self._clock = vault, clock
        self._on_change, self._on_reports = on_change, on_reports
        self._on_begin, self._on_end = on_begin, on_end
        self._on_problem = on_problem or _log_problem
        self._seconds = seconds
        self._network = network or _FreeNetwork()
        self._met_again: set[int] = set()  # sources to ask again, by `network_back`
        self._late = random.uniform(0, LATE)
        self._taken: dict[int, int] = {}  # the moments of `sources.asked_again` that are made use of
        self._cancelled = threading.Event()
        self._door = threading.Lock()  # of what is set by one thread and taken by another
        self._one_at_a_time = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_syncing(self) -> bool:
        return self._one_at_a_time.locked()

    def start(self, *, at_once: bool = True) -> None:
        """Starts the thread; the first sync is now, or after the first interval."""
        first = time.monotonic() if at_once else self._next_timer()
        self._thread = threading.Thread(target=self._run, args=(first,), name="sync-runner", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ends a sync that runs by itself at its next breath; the timer goes on. One that a person began has its own
        `cancelled`."""
        self._cancelled.set()

    def network_back(self, missed: Collection[int]) -> None:
        """To be told when the network comes, with the sources whose portals were not reached without it: they are
        synced."""
        with self._door:
            self._met_again.update(missed)
        self._wake.set()

    def sync(
        self,
        person_id: int | None = None,
        *,
        progress: Progress = lambda _type, _count: None,
        cancelled: Callable[[], bool] = lambda: False,
        by_person: bool = True,
        only: Collection[int] | None = None,
    ) -> Reports:
        """Syncs on the calling thread, after a sync that is running; `only` are sources. Raises
        UserFacingError("cancelled"), also once the runner was stopped."""

        def ended() -> bool:
            return cancelled() or self._stop.is_set()

        while not self._one_at_a_time.acquire(timeout=_LOOK):
            if ended():
                raise UserFacingError("cancelled")
        try:
            if self._stop.is_set():
                raise UserFacingError("cancelled")
            return sync_all(
                self._vault,
                self._clock,
                person_id,
                only=only,
                progress=progress,
                cancelled=ended,
                on_change=self._on_change,
                by_person=by_person,
            )
        finally:
            self._one_at_a_time.release()
            self._wake.set()  # a portal may have said when it is to be asked again

    def stop(self) -> None:
        """Ends a running sync at its next breath, on whatever thread it is, and the own thread; waits for both, so
        that the vault may be locked. Must not be called by a callback."""
        self._stop.set()
        self._wake.set()
        if self._one_at_a_time.acquire(timeout=STOP_SECONDS):
            self._one_at_a_time.release()  # a later one finds the runner stopped
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self, timer: float) -> None:
        """`timer` is the moment of the first sync, by time.monotonic."""
        while True:
            self._wake.wait(self._seconds_until(timer))
            self._wake.clear()
            if self._stop.is_set():
                return
            whole = time.monotonic() >= timer
            timer = self._next_timer() if whole else timer
            due = self._take_due()
            if (whole or due) and not self._network.is_metered():
                self._sync_by_itself(None if whole else due)

    def _next_timer(self) -> float:
        return time.monotonic() + self._seconds * random.uniform(1 - JITTER, 1 + JITTER)

    def _seconds_until(self, timer: float) -> float:
        """Until the timer; less where a portal may be asked again before it."""
        left = max(0.0, timer - time.monotonic())
        ahead = [until - self._now() for until in self._waiting().values()]
        return min([left, LOOK_AT_CLOCK, *(max(0.0, seconds) for seconds in ahead)]) if ahead else left

    def _take_due(self) -> set[int]:
        """The portals whose time has come, and those that the network is back for; each time is made use of once,
        whatever comes of it."""
        due = {source: until for source, until in self._waiting().items() if until <= self._now()}
        self._taken.update(due)
        with self._door:
            met_again, self._met_again = self._met_again, set()
        return met_again.union(due)

    def _waiting(self) -> dict[int, int]:
        try:
            found = self._vault.read(sources.asked_again)
        except PhrError:
            return {}  # the vault is being shut; the sync tells it
        return {source: until for source, until in found.items() if self._taken.get(source) != until}

    def _now(self) -> float:
        return self._clock.now().timestamp() - self._late

    def _sync_by_itself(self, only: Collection[int] | None) -> None:
        self._cancelled.clear()
        progress, cancelled = self._on_begin(), self._cancelled.is_set
        try:
            self._on_reports(self.sync(by_person=False, only=only, progress=progress, cancelled=cancelled))
        except PhrError as problem:
            if not (self._stop.is_set() or self._cancelled.is_set()):
                self._on_problem(problem)
        finally:
            self._on_end()


def _untold(_type: str, _count: int) -> None: ...


def _log_problem(problem: PhrError) -> None:
    log.warning("sync could not run: %s", problem.code)
