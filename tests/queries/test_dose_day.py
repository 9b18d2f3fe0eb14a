"""Where a dose stands on the day: when it may be taken before its time, and when nobody is told to."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.actions import doses as acts
from phr_desktop.actions import medicines as medicine_acts
from phr_desktop.domain.doses import AsNeeded, AtTimes, Basis, EveryDay, Schedule, TimedDose
from phr_desktop.queries.dose_day import DosePlace, dose_day
from phr_desktop.reminders.doses import plan_doses

LA = ZoneInfo("America/Los_Angeles")


def at(hour, minute=0):
    return datetime(2026, 11, 21, hour, minute, tzinfo=LA)


@pytest.fixture
def confirm(vault, clock, mina):
    def make(medicine="rxnorm:1", hours=(8, 12), **more):
        clock.move_to(at(0))
        rhythm = AtTimes(
            EveryDay(), tuple(TimedDose(time(*divmod(round(hour * 60), 60)), Decimal(1)) for hour in hours)
        )
        made = Schedule("", mina, medicine, f"medicine {medicine}", "tablet", rhythm, date(2026, 11, 21), **more)
        made = acts.confirm_schedule(vault, clock, made).schedule
        plan_doses(vault, clock)
        return made

    return make


@pytest.fixture
def places(vault, clock, mina):
    """Where each dose stands at a moment, by the hour when it is due."""

    def look(moment):
        clock.move_to(moment)
        found = [one for one in dose_day(vault, clock, mina).doses if one.dose.due is not None]
        return {one.dose.due.astimezone(LA).strftime("%H:%M"): one.place for one in found}

    return look


def take(vault, clock, mina, hour, moment):
    clock.move_to(moment)
    (found,) = [
        one.dose
        for one in dose_day(vault, clock, mina).doses
        if one.dose.due is not None and one.dose.due.astimezone(LA).hour == hour
    ]
    return acts.take(vault, clock, found)


@pytest.mark.parametrize(("grace", "first"), [(20, at(7, 40)), (60, at(7, 30)), (240, at(7, 30))])
def test_soon_is_half_an_hour_before_and_never_longer_than_the_grace(confirm, places, grace, first):
    confirm(grace=timedelta(minutes=grace))
    assert places(first - timedelta(seconds=1))["08:00"] is DosePlace.AHEAD
    assert places(first)["08:00"] is DosePlace.SOON
    assert places(at(8))["08:00"] is DosePlace.DUE


def test_the_page_asks_again_when_a_dose_becomes_soon(vault, clock, mina, confirm):
    confirm()
    clock.move_to(at(7))
    assert dose_day(vault, clock, mina).next_change == at(7, 30)


def test_none_is_offered_early_while_the_one_before_is_not_marked(vault, clock, mina, confirm, places):
    confirm()
    assert places(at(11, 45)) == {"08:00": DosePlace.LATE, "12:00": DosePlace.AHEAD}
    take(vault, clock, mina, 8, at(8, 10))
    assert places(at(11, 45)) == {"08:00": DosePlace.MARKED, "12:00": DosePlace.SOON}


def test_none_is_offered_early_to_who_took_the_one_before_late(vault, clock, mina, confirm, places):
    confirm()
    take(vault, clock, mina, 8, at(10, 30))
    assert places(at(11, 45))["12:00"] is DosePlace.AHEAD
    assert places(at(12))["12:00"] is DosePlace.DUE


def test_of_two_doses_of_one_medicine_at_nearly_one_time_none_is_offered_early_with_the_other(confirm, places):
    confirm(hours=(8, 8.25))
    assert places(at(7, 50)) == {"08:00": DosePlace.SOON, "08:15": DosePlace.AHEAD}


def test_joined_medicines_are_one_and_its_gap_when_needed_holds(vault, clock, mina, confirm, places):
    confirm(hours=(14,))
    needed = Schedule(
        "", mina, "brand", "brand", "tablet", AsNeeded(Decimal(1), timedelta(hours=6)), date(2026, 11, 21)
    )
    needed = acts.confirm_schedule(vault, clock, needed).schedule
    clock.move_to(at(9))
    acts.extra(vault, clock, needed, "Mina Satterfield", amount=Decimal(1))
    assert places(at(13, 45))["14:00"] is DosePlace.SOON
    medicine_acts.same(vault, clock, mina, "rxnorm:1", "brand")
    assert places(at(13, 45))["14:00"] is DosePlace.AHEAD


def test_what_its_source_changed_is_not_offered_early(confirm, places):
    confirm(basis=(Basis(1, b"another"),))
    assert places(at(7, 50))["08:00"] is DosePlace.AHEAD
