"""Alarms ring again until somebody answers: a minute apart, each ring once, never more often than was chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.actions import doses as acts
from phr_desktop.actions.reminders import acknowledge, choose
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, ReminderKind
from phr_desktop.queries.alarms import ringing
from phr_desktop.queries.doses import due_doses
from phr_desktop.queries.reminders import open_reminders
from phr_desktop.reminders.runner import ReminderRunner

LA = ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 11, 21, 12, tzinfo=LA)
TICK, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
ALARM = ReminderChoices(alarms=frozenset({ReminderKind.DOSE}))


class Desk:
    """Notes when it was heard, by the minute after noon."""

    def __init__(self, clock):
        self.clock, self.heard, self.sounds, self.withdrawn = clock, [], [], []

    def notify(self, _count, _about=None):
        self.heard.append((self.clock.now() - NOON) / MINUTE)
        return DeliveredBy.DESKTOP

    def sound(self, told):
        self.sounds.append([one.title for one in told])

    def shown_doses(self):
        return frozenset()

    def withdraw(self, settled):
        self.withdrawn.extend(settled)


@pytest.fixture
def desk(clock):
    return Desk(clock)


@pytest.fixture
def noon(vault, clock, mina):
    """A dose at noon, as an alarm; the computer is awake a minute before."""
    rhythm = AtTimes(EveryDay(), (TimedDose(time(12), Decimal(1)),))
    made = Schedule("", mina, "rxnorm:1", "Metformin", "tablet", rhythm, date(2026, 11, 21))
    acts.confirm_schedule(vault, clock, made)
    choose(vault, clock, mina, ALARM)
    clock.move_to(NOON - MINUTE)
    return vault


def runner_of(vault, clock, desk):
    nobody = (lambda _changes: None, lambda _card: None)
    made = ReminderRunner(vault, clock, desk, *nobody, None, lambda _target: None, desk.sound)
    made.tick()
    return made


def pass_time(runner, clock, minutes):
    end = clock.now() + minutes * MINUTE
    while clock.now() < end:
        clock.move_to(clock.now() + TICK)
        runner.tick()


def rings(vault):
    return vault.read(lambda db: [row[0] for row in db.rows("SELECT number FROM rings ORDER BY number")])


def test_an_alarm_nobody_answers_rings_ten_times_more_a_minute_apart_and_then_is_silent(noon, clock, desk):
    runner = runner_of(noon, clock, desk)
    pass_time(runner, clock, 30)
    assert desk.heard == [float(minute) for minute in range(11)]
    assert rings(noon) == list(range(1, 11))
    assert desk.sounds == [["Metformin, one tablet, 12:00 PM"]] * 11
    assert len(desk.withdrawn) == 10  # what was shown before gives way
    assert len(open_reminders(noon, clock)) == 1  # it is one reminder, and still open


@pytest.mark.parametrize("times", [0, 3])
def test_the_person_says_how_often(noon, clock, desk, mina, times):
    choose(noon, clock, mina, replace(ALARM, alarm_rings=times))
    pass_time(runner_of(noon, clock, desk), clock, 15)
    assert desk.heard == [float(minute) for minute in range(times + 1)]


def test_what_is_no_alarm_is_told_once(noon, clock, desk, mina):
    choose(noon, clock, mina, ReminderChoices())
    pass_time(runner_of(noon, clock, desk), clock, 15)
    assert (desk.heard, desk.sounds, rings(noon)) == ([0.0], [], [])


def answered(how):
    def take(vault, clock, dose):
        return acts.take(vault, clock, dose).changes

    def skip(vault, clock, dose):
        return acts.skip(vault, clock, dose).changes

    def not_sure(vault, clock, dose):
        return acts.not_sure(vault, clock, dose).changes

    def snooze(vault, clock, dose):
        return acts.snooze(vault, clock, dose, clock.now() + 20 * MINUTE)

    def seen(vault, clock, _dose):
        return acknowledge(vault, clock, [one.id for one in open_reminders(vault, clock)])

    return {"take": take, "skip": skip, "not sure": not_sure, "snooze": snooze, "seen": seen}[how]


@pytest.mark.parametrize("how", ["take", "skip", "not sure", "snooze", "seen"])
@pytest.mark.parametrize("heard", [True, False], ids=["the runner is told", "it is not told"])
def test_any_answer_ends_it_at_once(noon, clock, desk, how, heard):
    runner = runner_of(noon, clock, desk)
    pass_time(runner, clock, 3)
    assert desk.heard == [0.0, 1.0, 2.0]
    assert [one.kind for one in ringing(noon, clock)] == [ReminderKind.DOSE]
    (dose,) = due_doses(noon, clock)
    changes = answered(how)(noon, clock, dose)
    if heard:
        runner.changed(changes)
    assert ringing(noon, clock) == []
    pass_time(runner, clock, 15)
    assert desk.heard == [0.0, 1.0, 2.0]


def test_after_a_snooze_it_is_an_alarm_again(noon, clock, desk):
    runner = runner_of(noon, clock, desk)
    pass_time(runner, clock, 2)
    (dose,) = due_doses(noon, clock)
    acts.snooze(noon, clock, dose, clock.now() + 19 * MINUTE)
    runner.changed(ChangeSet.of(Topic.DOSES))
    pass_time(runner, clock, 20)
    assert desk.heard == [0.0, 1.0, 20.0, 21.0]


def test_a_restart_repeats_no_ring_and_goes_on_with_the_next(noon, clock, desk):
    pass_time(runner_of(noon, clock, desk), clock, 3)
    runner_of(noon, clock, desk)
    assert desk.heard == [0.0, 1.0, 2.0]
    pass_time(runner_of(noon, clock, desk), clock, 2)
    assert desk.heard == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_minutes_that_were_slept_through_are_left_out_and_hours_end_it(noon, clock, desk):
    runner = runner_of(noon, clock, desk)
    pass_time(runner, clock, 2)
    clock.move_to(NOON + 6 * MINUTE)
    runner.tick()
    assert desk.heard == [0.0, 1.0, 6.0]
    clock.move_to(NOON + timedelta(hours=3))
    runner.tick()
    pass_time(runner, clock, 5)
    assert (desk.heard, ringing(noon, clock)) == ([0.0, 1.0, 6.0], [])


def test_a_clock_set_back_and_forth_makes_no_ring_a_second_time(noon, clock, desk):
    runner = runner_of(noon, clock, desk)
    pass_time(runner, clock, 4)
    for there in (NOON - timedelta(days=400), NOON + 2 * MINUTE, NOON + 3 * MINUTE):
        clock.move_to(there)
        runner.tick()
    told = noon.read(lambda db: db.value("SELECT count(*) FROM reminders WHERE delivered_at IS NOT NULL"))
    assert len(desk.heard) == told + len(rings(noon))
    pairs = noon.read(lambda db: db.rows("SELECT reminder, number FROM rings"))
    assert len(set(pairs)) == len(pairs) >= 3


def test_what_fell_due_while_the_program_was_off_never_rings(noon, clock, desk):
    runner_of(noon, clock, Desk(clock))
    clock.move_to(NOON + timedelta(hours=2))
    runner = runner_of(noon, clock, desk)
    pass_time(runner, clock, 15)
    assert (desk.heard, desk.sounds, ringing(noon, clock)) == ([120.0], [], [])


def test_a_dose_that_a_change_withdrew_rings_no_more(noon, clock, desk):
    runner = runner_of(noon, clock, desk)
    pass_time(runner, clock, 2)
    (dose,) = due_doses(noon, clock)
    noon.write(lambda db: db.run("UPDATE doses SET state = 'withdrawn' WHERE id = ?", (dose.id,)))
    pass_time(runner, clock, 5)
    assert desk.heard == [0.0, 1.0]
