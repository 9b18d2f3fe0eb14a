"""Thirty zones, five years each: nothing lost without trace, nothing told twice. `make faults SIZE=nightly` has all."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.vault import doses, reminders
from tests.simulation import reminder_life
from tests.simulation.clocks import shifts
from tests.vault.damage_scenarios import cheap_passphrases


@pytest.mark.timeout(300)
def test_no_reminder_is_lost_or_told_twice_in_thirty_zones_and_five_years():
    with cheap_passphrases():
        lives, places = reminder_life.everywhere(30, short=True)
    print(reminder_life.line(lives, places))
    faults = [f"{zone}: {fault}" for zone, one in lives.items() for fault in one.faults]
    assert not faults, "\n".join(faults[:20])
    assert len(lives) == 30
    assert sum(one.told for one in lives.values()) > 20_000


def test_the_simulation_notices_doses_that_nobody_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Rows made for what is ahead alone: what fell due while the program was off has none."""
    real = doses.replan

    def only_ahead(db, one, planned, since, now, *more):
        return real(db, one, planned, max(since, now), now, *more)

    monkeypatch.setattr(doses, "replan", only_ahead)
    with cheap_passphrases():
        report = reminder_life.live(reminder_life.template(tmp_path), "Europe/Berlin", short=True, stretches=1)
    assert any(re.search("no row", fault) for fault in report.faults)


def test_the_simulation_notices_what_is_told_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A reminder that is settled and stays planned."""
    monkeypatch.setattr(reminders, "DELIVER", reminders.DELIVER.replace("SET state =", "SET delivered_by ="))
    with cheap_passphrases():
        report = reminder_life.live(reminder_life.template(tmp_path), "Europe/Berlin", short=True, stretches=1)
    assert any("told twice" in fault for fault in report.faults)


def test_the_thirty_zones_have_all_kinds_of_clocks():
    kinds = reminder_life.zones()
    assert sum(kinds.values()) > 590
    assert len(kinds) > 60
    year = reminder_life.START, reminder_life.START + timedelta(days=365)
    assert sum(len(shifts(ZoneInfo(zone), *year)) == 3 for zone in reminder_life.zones(30)) >= 5
