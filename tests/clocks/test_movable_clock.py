"""The three hands move apart; reminders are settled once whichever of them jumps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.queries.reminders import open_reminders
from phr_desktop.reminders.runner import ReminderRunner
from tests.clocks import MovableClock
from tests.reminders.test_runner import Desk
from tests.resources import store
from tests.small_resources import visit

START = datetime(2026, 11, 24, 18, 20, tzinfo=UTC)  # when the visit begins


def test_each_hand_moves_alone():
    clock = MovableClock(START)
    clock.set_wall(START - timedelta(days=3650))
    assert (clock.now(), clock.monotonic()) == (START - timedelta(days=3650), 0.0)
    clock.pass_time(30)
    clock.sleep(3600)
    assert (clock.now(), clock.monotonic()) == (START - timedelta(days=3650) + timedelta(seconds=3630), 30.0)
    clock.travel_to(ZoneInfo("Asia/Tokyo"))
    clock.set_monotonic(0.0)
    assert (str(clock.zone()), clock.monotonic()) == ("Asia/Tokyo", 0.0)


JUMPS = [
    lambda clock: clock.set_wall(START - timedelta(days=1)),
    lambda clock: clock.set_wall(datetime(1970, 1, 1, tzinfo=UTC)),
    lambda clock: clock.set_wall(START + timedelta(days=3650)),
    lambda clock: clock.sleep(8 * 3600),
    lambda clock: clock.travel_to(ZoneInfo("Asia/Tokyo")),
    lambda clock: clock.set_monotonic(0.0),
]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_in_the_middle_of_a_tick_tells_no_reminder_twice_and_loses_none(vault, mina, jump, number):
    clock = MovableClock(START - timedelta(days=20))
    store(vault, mina, [visit(start=START.isoformat())])
    desk = Desk()
    runner = ReminderRunner(vault, clock, desk, desk.changes.append, desk.cards.append)
    runner.tick()
    clock.set_wall(START - timedelta(hours=2, seconds=20))
    runner.tick()
    desk.notified.clear()
    clock.pass_time(30)
    clock.reads = 0
    clock.at_read = lambda read: jump(clock) if read == number else None
    runner.tick()
    clock.at_read = lambda _read: None
    for _ in range(3):
        clock.set_wall(max(clock.now(), START))
        runner.tick()
        clock.pass_time(30)
    leads = [one.lead for one in open_reminders(vault, clock)]
    assert leads.count("2 hours") == 1
    assert sum(desk.notified) <= 1
