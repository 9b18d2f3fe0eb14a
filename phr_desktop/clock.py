"""The time, passed in wherever it matters, so that tests can move it."""

from __future__ import annotations

import logging
import time
from datetime import UTC, date, datetime, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

import tzlocal

from phr_desktop import failpoints

ZONE_SECONDS = 10.0  # so long a zone that was looked up is used again: it costs about a millisecond
# What it says of a stale /etc/timezone, it would say at each look.
logging.getLogger("tzlocal").setLevel(logging.ERROR)


class Clock(Protocol):
    """What the rooms ask of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def zone(self) -> tzinfo:
        """The zone in which this computer tells the time."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...


class SystemClock:
    """The computer's own clock. `zone` is looked up anew every ZONE_SECONDS, since people travel."""

    def __init__(self) -> None:
        self._zone: tuple[tzinfo, float] | None = None  # and when it was looked up

    def now(self) -> datetime:
        failpoints.point("before clock")
        return datetime.now(UTC)

    def zone(self) -> tzinfo:
        known, now = self._zone, time.monotonic()
        if known is not None and now - known[1] < ZONE_SECONDS:
            return known[0]
        try:
            found = _present_zone()
        except (LookupError, OSError, ValueError):
            if known is None:
                raise
            found = known[0]  # it is just being changed
        self._zone = found, now
        return found

    def monotonic(self) -> float:
        return time.monotonic()


class FixedClock:
    """A clock that stands still until it is moved: for tests, pictures and simulations."""

    def __init__(self, now: datetime, zone: tzinfo | None = None) -> None:
        self._now = now.astimezone(UTC)
        self._zone = zone or ZoneInfo("America/Los_Angeles")
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def zone(self) -> tzinfo:
        return self._zone

    def monotonic(self) -> float:
        return self._monotonic

    def move_to(self, now: datetime) -> None:
        """Sets the wall clock, forward or back; monotonic time goes on only forward."""
        self._monotonic += max(0.0, (now - self._now).total_seconds())
        self._now = now.astimezone(UTC)

    def travel_to(self, zone: tzinfo) -> None:
        self._zone = zone


def _present_zone() -> tzinfo:
    """Not `tzlocal.get_localzone`, which for ever gives the zone of its first call."""
    if hasattr(time, "tzset"):
        time.tzset()  # tzlocal compares with the C library, which may know an older zone
    return tzlocal.reload_localzone()


def local_now(clock: Clock) -> datetime:
    """The present moment in the computer's zone."""
    return clock.now().astimezone(clock.zone())


def today(clock: Clock) -> date:
    """The local calendar day."""
    return local_now(clock).date()
