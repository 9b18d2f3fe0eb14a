"""Asking a portal patiently: sign-in renewed once, a busy portal obeyed, a hiccup tried again, everything bounded."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from phr_desktop.clock import Clock
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.sync.addresses import Base
from phr_desktop.sync.portal import FHIR_JSON, Portal, Resumed
from phr_desktop.sync.tokens import TokenKeeper
from phr_desktop.sync.wire import Answer, WireProblem

LONGEST_SYNC = 1800.0  # seconds; the rest comes with the next one
MOST_BYTES = 4 * 1024**3  # of one sync
PATIENCE = 120.0  # seconds that one sync waits for a busy portal, all in all
MOST_FAILURES = 8  # addresses in a row; a portal that gives nothing is left for another day
PAUSES = (1.0, 4.0)  # seconds before another try after a hiccup
LONGEST = 86400  # seconds of Retry-After that are believed
MINUTE = 62.0  # seconds: a little more than one, since no two requests are on their way equally long
_FIRST_YEAR = 1970
_LOOK = 0.2  # seconds between two looks at whether the sync ends
_BUSY = (429, 503)
_TIMEOUT = 408
_HOPELESS = ("offline", "portal-untrusted")  # the next request will not fare better
_LASTING = ("portal-too-large", "portal-answer-broken")  # the same request will not fare better

Wait = Callable[[float], bool]  # waits so many seconds; True as soon as the person cancelled


class PageFailed(Exception):
    """One address gave no usable answer after every try; the rest of the sync may go on. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PortalBusy(EnvironmentProblem):
    """The portal wants to be left alone until `until` (seconds since 1970 UTC): the whole sync ends."""

    def __init__(self, until: int) -> None:
        super().__init__("portal-busy")
        self.until = until


class Budget:
    """How many requests one host gets at once: none while it wants to be left alone, and fewer once it was slow.

    Used by a sync's threads. `stopped` says that the sync ends.
    """

    def __init__(self, at_once: int, stopped: Callable[[], bool]) -> None:
        self.at_once = at_once
        self._stopped = stopped
        self._running = 0
        self._resting = False
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn. Raises UserFacingError("cancelled")."""
        with self._changed:
            while self._resting or self._running >= self.at_once:
                if self._stopped():
                    raise UserFacingError("cancelled")
                self._changed.wait(_LOOK)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextmanager
    def rest(self) -> Iterator[bool]:
        """Nobody gets a turn meanwhile, and half as many do from now on; False where another thread rests already."""
        with self._changed:
            first, self._resting = not self._resting, True
            self.at_once = max(1, self.at_once // 2) if first else self.at_once
        try:
            yield first
        finally:
            with self._changed:
                self._resting = self._resting and not first
                self._changed.notify_all()


class Pace:
    """How many requests a host gets in a minute, whichever of its connections asks. From any thread."""

    def __init__(self) -> None:
        self._starts: deque[float] = deque()  # of the last minute, by Clock.monotonic
        self._door = threading.Lock()

    def take(self, most: int | None, now: float) -> float:
        """0 where a request may start at `now`, which counts it; else the seconds until one may."""
        with self._door:
            while self._starts and self._starts[0] <= now - MINUTE:
                self._starts.popleft()
            if most is not None and len(self._starts) >= most:
                return self._starts[0] + MINUTE - now
            self._starts.append(now)
            return 0.0


_paces: dict[tuple[str, int], Pace] = {}


def pace_of(base: Base) -> Pace:
    """The one of a portal's host: several people's connections share it, and one sync and the next."""
    return _paces.setdefault((base.host, base.port), Pace())


class Fetcher:
    """One sync's requests to one portal, from several threads. `at_once` is how many it gets at the same time,
    `per_minute` how many its host gets in a minute, whoever asks."""

    def __init__(
        self,
        portal: Portal,
        keeper: TokenKeeper,
        clock: Clock,
        wait: Wait,
        *,
        at_once: int,
        per_minute: int | None = None,
        stopped: Callable[[], bool],
    ) -> None:
        self._per_minute = per_minute
        self._pace = pace_of(portal.base)
        self._portal, self._keeper, self._clock, self._wait = portal, keeper, clock, wait
        self._budget = Budget(at_once, stopped)
        self._patience = PATIENCE
        self._failures = 0
        self._given_up: str | None = None
        self._ends = clock.monotonic() + LONGEST_SYNC
        self._bytes = 0

    @property
    def portal(self) -> Portal:
        return self._portal

    def get(
        self,
        address: str,
        *,
        page: str | None = None,
        accept: str = FHIR_JSON,
        web_page: bool = False,
        into: Resumed | None = None,
    ) -> Answer:
        """An answer that is final: 2xx, 3xx or 4xx other than 401, 408 and 429.

        Raises PageFailed for one address that does not work out; PortalRefused for one outside the portal; and what
        ends the sync: PortalBusy, GrantChanged, UserFacingError (sign-in-again, other-person-token, cancelled),
        WireProblem (offline, portal-untrusted), EnvironmentProblem("portal-html"), ("sync-too-long"), or with the
        reason of the last failure where nothing has worked out for long.
        """
        if self._given_up is not None:
            raise EnvironmentProblem(self._given_up)
        if self._clock.monotonic() > self._ends or self._bytes > MOST_BYTES:
            raise EnvironmentProblem("sync-too-long")
        try:
            answer = self._get(address, page, accept, web_page, into)
        except PageFailed as failed:
            self._failures += 1
            if self._failures > MOST_FAILURES:
                self._given_up = failed.reason
                raise EnvironmentProblem(failed.reason) from None
            raise
        self._failures = 0
        self._bytes += len(answer.body)
        return answer

    def _get(self, address: str, page: str | None, accept: str, web_page: bool, into: Resumed | None) -> Answer:
        renewed = False
        hiccups = 0
        while True:
            token = self._keeper.current()
            try:
                answer = self._in_turn(
                    lambda: self._portal.get(address, page=page, accept=accept, web_page=web_page, into=into)
                )
            except WireProblem as problem:
                if problem.code in _HOPELESS:
                    raise
                hiccups = self._hiccup(hiccups, problem.code)
                continue
            if answer.status == 401:
                if renewed:
                    raise self._keeper.sign_in_again()
                renewed = True
                self._keeper.renew(token)
            elif answer.status in _BUSY:
                self._obey(answer, hiccups)
                hiccups += 1
            elif answer.status == _TIMEOUT or answer.status >= 500:
                hiccups = self._hiccup(hiccups, "portal-busy")
            else:
                self._keeper.check_scope()  # the token may have changed while this waited for its turn
                return answer

    def _in_turn(self, ask: Callable[[], Answer]) -> Answer:
        """Asks once the portal has room for another request, at the same time and in this minute."""
        while True:
            with self._budget.turn():
                seconds = self._pace.take(self._per_minute, self._clock.monotonic())
                if not seconds:
                    return ask()
            if self._wait(seconds):
                raise UserFacingError("cancelled")

    def _hiccup(self, before: int, reason: str) -> int:
        """Waits a little and counts, or gives up on this address."""
        if before >= len(PAUSES) or reason in _LASTING:
            raise PageFailed(reason)
        self._pause(PAUSES[before])
        return before + 1

    def _obey(self, answer: Answer, before: int) -> None:
        """Waits as long as a busy portal asks, if that is short enough; else the sync ends and remembers."""
        asked = retry_after(answer, self._clock.now())
        shortest = PAUSES[min(before, len(PAUSES) - 1)]  # "0 seconds" again and again would be asked without end
        seconds = max(shortest, float(asked or 0))
        if seconds > self._patience or (asked is None and before >= len(PAUSES)):
            raise PortalBusy(int(self._clock.now().timestamp()) + int(seconds))
        self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        """A wait with a tenth of chance in it, so that many programs do not come back in the same second. One thread
        waits for all of them: the portal is to be left alone, not just by this request."""
        with self._budget.rest() as first:
            if not first:
                return
            self._patience -= seconds
            if self._wait(seconds * random.uniform(1.0, 1.1)):
                raise UserFacingError("cancelled")


def raise_if_busy(answer: Answer, clock: Clock) -> None:
    """For a single question, which waits for nothing: PortalBusy where the portal says until when."""
    seconds = retry_after(answer, clock.now()) if answer.status in _BUSY else None
    if seconds is not None:
        raise PortalBusy(int(clock.now().timestamp()) + seconds)


def retry_after(answer: Answer, now: datetime) -> int | None:
    """Seconds of Retry-After, which is a number or a date by the portal's own clock; at most a day."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return min(int(text[:9]), LONGEST)
    until = http_date(text)
    if until is None:
        return None
    seconds = (until - (http_date(answer.headers.get("date", "")) or now)).total_seconds()
    return min(max(0, int(seconds)), LONGEST)


def http_date(text: str) -> datetime | None:
    """The moment of an HTTP date; None where it is none, or of a year before there were any."""
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.year >= _FIRST_YEAR else None


def patient_wait(cancelled: Callable[[], bool]) -> Wait:
    """A wait that looks a few times a second whether the person cancelled."""
    never = threading.Event()

    def wait(seconds: float) -> bool:
        left = seconds
        while left > 0 and not cancelled():
            never.wait(min(left, 0.2))
            left -= 0.2
        return cancelled()

    return wait
