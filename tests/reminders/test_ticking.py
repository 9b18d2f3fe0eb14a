"""The tick goes on whatever happens to the clock, and ends without leaving a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from queue import Queue

import apscheduler.schedulers.base as scheduling
import pytest

from phr_desktop.reminders.ticking import Ticking

LIMIT = 10.0  # seconds that a test waits at most


@pytest.fixture
def ticks() -> Queue[int]:
    return Queue()


@pytest.fixture
def ticking(ticks: Queue[int]) -> Iterator[Ticking]:
    before = set(threading.enumerate())
    one = Ticking(lambda: ticks.put(1), 0.05)
    one.start()
    yield one
    one.stop()
    assert set(threading.enumerate()) == before


def test_it_ticks_at_once_and_goes_on(ticking: Ticking, ticks: Queue[int]) -> None:
    for _ in range(3):
        ticks.get(timeout=LIMIT)


def test_one_tick_more_comes_soon(ticks: Queue[int]) -> None:
    rare = Ticking(lambda: ticks.put(1), 3600)
    rare.start()
    try:
        ticks.get(timeout=LIMIT)
        rare.soon()
        ticks.get(timeout=LIMIT)
    finally:
        rare.stop()


class MovedClock(datetime):
    """The system's clock, moved by `by`."""

    by = timedelta()

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) + cls.by


@pytest.mark.parametrize("by", [timedelta(days=-1), timedelta(days=-20000), timedelta(days=20000)])
def test_it_goes_on_after_the_clock_was_set(
    by: timedelta, ticking: Ticking, ticks: Queue[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks.get(timeout=LIMIT)
    monkeypatch.setattr(MovedClock, "by", by)
    monkeypatch.setattr(scheduling, "datetime", MovedClock)
    monkeypatch.setattr("phr_desktop.reminders.ticking.datetime", MovedClock)
    for _ in range(5):
        ticks.get(timeout=LIMIT)
