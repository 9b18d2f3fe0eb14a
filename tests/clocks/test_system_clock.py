"""The computer's own clock notices that the computer has travelled, while the program goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from phr_desktop import clock as clocks
from phr_desktop.clock import SystemClock


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    yield
    monkeypatch.undo()
    time.tzset()


def wait_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + clocks.ZONE_SECONDS)


def test_a_journey_is_noticed_while_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    assert str(clock.zone()) == "America/Los_Angeles"
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    wait_out(monkeypatch)
    assert str(clock.zone()) == "Asia/Tokyo"


def test_the_zone_is_not_looked_up_for_each_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    real = clocks._present_zone
    monkeypatch.setattr(clocks, "_present_zone", lambda: looks.append(1) or real())
    clock = SystemClock()
    assert len({clock.zone() for _ in range(1000)}) == 1
    assert len(looks) <= 2


def test_a_zone_that_cannot_be_read_for_a_moment_stays_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    clock.zone()
    monkeypatch.setenv("TZ", "Nowhere/Yet")
    wait_out(monkeypatch)
    assert str(clock.zone()) == "America/Los_Angeles"
    with pytest.raises(LookupError):
        SystemClock().zone()
