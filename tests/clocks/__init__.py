"""A clock whose three hands a test moves one by one: the wall's time, the monotonic time, and the zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo


class MovableClock:
    """A `clock.Clock`. Nothing moves by itself; `at_read` is called before each look at the wall's time, with how many
    there were, and may move the clock in the middle of what the program does."""

    def __init__(self, now: datetime, zone: tzinfo | None = None) -> None:
        self._wall = now.astimezone(UTC)
        self._monotonic = 0.0
        self._zone = zone or ZoneInfo("America/Los_Angeles")
        self.reads = 0
        self.at_read: Callable[[int], None] = lambda _number: None

    def now(self) -> datetime:
        self.reads += 1
        self.at_read(self.reads)
        return self._wall

    def zone(self) -> tzinfo:
        return self._zone

    def monotonic(self) -> float:
        return self._monotonic

    def set_wall(self, now: datetime) -> None:
        """Somebody sets the clock, or the network does: no time passes."""
        self._wall = now.astimezone(UTC)

    def pass_time(self, seconds: float) -> None:
        """Time passes while the computer is awake: both go on."""
        self._wall += timedelta(seconds=seconds)
        self._monotonic += seconds

    def sleep(self, seconds: float) -> None:
        """The computer sleeps: on Linux and macOS the monotonic time stands still."""
        self._wall += timedelta(seconds=seconds)

    def set_monotonic(self, seconds: float) -> None:
        """The computer was started anew: monotonic time begins again."""
        self._monotonic = seconds

    def travel_to(self, zone: tzinfo) -> None:
        self._zone = zone
