"""Doses at the command line: shown, taken, skipped, and a late one never as taken now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from phr_desktop.actions import doses as acts
from phr_desktop.actions import remind_about
from phr_desktop.clock import FixedClock, SystemClock
from phr_desktop.domain.doses import AtTimes, EveryDay, OnWeekdays, Schedule, TimedDose
from phr_desktop.domain.own_reminders import OwnReminder
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.vault import people
from phr_desktop.vault.vault import Vault
from tests.command_line import Phr
from tests.reminders.test_own_reminders import order as ordered
from tests.reminders.test_own_reminders import recommendation
from tests.resources import store
from tests.vaults import PASSPHRASE


@pytest.fixture
def doses(vault_folder):
    """Confirmed three days ago: one dose a day, at this minute's hour, yesterday's of course not marked."""
    clock = SystemClock()
    now = clock.now().astimezone(clock.zone())
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    mina = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 0))
    then = FixedClock(now - timedelta(days=2), clock.zone())
    rhythm = AtTimes(EveryDay(), (TimedDose(time(now.hour, now.minute), Decimal(1)),))
    made = Schedule("", mina, "k", "metformin 500 MG", "tablet", rhythm, (now - timedelta(days=5)).date())
    acts.confirm_schedule(vault, then, made)
    plan_doses(vault, clock)
    vault.lock()
    return now.replace(second=0, microsecond=0)


def on(phr, day: datetime):
    found = phr.json("doses", "--from", day.strftime("%Y-%m-%d"))
    return next(one for one in found if datetime.fromisoformat(one["due"]).date() == day.date())


def test_shown_taken_and_not_twice(phr: Phr, doses):
    one = on(phr, doses)
    assert (one["person"], one["medicine"], one["state"]) == ("Mina Satterfield", "Metformin 500 mg", "planned")
    taken = phr.json("take", one["id"][:12], "--by", "Ana")
    assert (taken["state"], taken["given_by"]) == ("taken", "Ana")
    assert phr("take", one["id"][:12]) == 1
    assert "already marked" in phr.err
    assert phr("doses") == 0
    assert b"Mina Satterfield: Metformin 500 mg, one tablet  (taken, given by Ana)" in phr.out


def test_a_late_one_is_taken_at_a_time_or_skipped(phr: Phr, doses):
    late = on(phr, doses - timedelta(days=1))
    assert phr("take", late["id"]) == 1
    assert "Do not double up" in phr.err
    assert on(phr, doses - timedelta(days=1))["state"] == "planned"
    skipped = phr.json("skip", late["id"], "--reason", "unwell")
    assert (skipped["state"], skipped["reason"]) == ("skipped", "unwell")
    assert phr("skip", "no-such") == 2


def test_what_else_is_reminded_of_is_listed_with_who_says_so(phr, vault_folder):
    vault, clock = Vault.unlock(vault_folder, PASSPHRASE), SystemClock()
    mina = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 0))
    mondays = AtTimes(OnWeekdays(frozenset({0})), (TimedDose(time(8), Decimal(1)),))
    remind_about.add(
        vault, clock, OwnReminder("", mina, ReminderKind.MEASUREMENT, "Blood pressure", mondays, date(2026, 1, 1))
    )
    store(vault, mina, [ordered(), recommendation()])
    vault.lock()
    own, test, vaccine = phr.json("remind-about", "--person", "Mina Satterfield")
    assert (own["title"], own["when"]) == ("Blood pressure", "ONCE A WEEK, on Mondays: at 8 in the morning")
    assert (test["kind"], test["title"], test["when"]) == ("test", "CBC", "2026-11-30")
    assert (vaccine["kind"], vaccine["title"], vaccine["evidence"]) == (
        "vaccine",
        "Flu shot",
        "said on Nov 1, 2026 by Files",
    )
