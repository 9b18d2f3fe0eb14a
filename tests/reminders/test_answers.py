"""A notification's words and buttons: private unless the person chose otherwise, and never more than is so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.actions import doses as acts
from phr_desktop.actions.reminders import choose
from phr_desktop.domain.doses import AtTimes, DoseState, EveryDay, Schedule, TimedDose
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, ReminderKind, ReminderTarget
from phr_desktop.queries import doses as asks
from phr_desktop.queries.reminders import open_reminders
from phr_desktop.reminders.notifier import Answer
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.vault import doses
from tests.queries.test_appointments import booked
from tests.resources import store

LA = ZoneInfo("America/Los_Angeles")
DAY = date(2026, 11, 21)
ALL = frozenset(ReminderKind)


class Desk:
    """A desktop that keeps what was shown and withdrawn."""

    def __init__(self):
        self.shown, self.withdrawn, self.cards, self.targets = [], [], [], []

    def notify(self, _count, about=None):
        self.shown.append(about)
        return DeliveredBy.DESKTOP

    def shown_doses(self):
        return frozenset().union(*(about.doses for about in self.shown)) - set(self.withdrawn)

    def withdraw(self, settled):
        self.withdrawn += settled

    def look(self, target):
        self.targets.append(target)

    @property
    def looked(self):
        return len(self.targets)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def runner(vault, clock, desk):
    made = ReminderRunner(vault, clock, desk, lambda _changes: None, desk.cards.append, None, desk.look)
    made.tick()
    return made


@pytest.fixture
def schedule(vault, clock, mina):
    return confirm(vault, clock, mina, time(20))


def confirm(vault, clock, person, *times):
    rhythm = AtTimes(EveryDay(), tuple(TimedDose(at, Decimal(1)) for at in times))
    made = Schedule("", person, "rxnorm:1", "Metformin", "tablet", rhythm, DAY, instructions="with food")
    return acts.confirm_schedule(vault, clock, made).schedule


def at(hour, minute=0):
    return datetime(2026, 11, 21, hour, minute, tzinfo=LA)


def ring(runner, clock, moment):
    """An awake computer's ticks before and at a moment."""
    clock.move_to(moment - timedelta(seconds=30))
    runner.tick()
    clock.move_to(moment + timedelta(seconds=5))
    runner.tick()


def due(vault, clock):
    return asks.due_doses(vault, clock)[0]


def test_without_a_word_of_the_person_nothing_private_and_no_button_is_shown(
    vault, clock, mina, schedule, desk, runner
):
    ring(runner, clock, at(20))
    (about,) = desk.shown
    assert (about.title, about.text, about.answered, about.alarm) == ("", "", None, False)


def test_full_words_carry_the_name_the_dose_and_how_to_take_it(vault, clock, mina, schedule, desk, runner):
    choose(vault, clock, mina, ReminderChoices(full_text=frozenset({ReminderKind.DOSE})))
    ring(runner, clock, at(20))
    (about,) = desk.shown
    assert about.title == "Mina Satterfield"
    assert about.text == "Metformin, one tablet, 8:00 PM. with food"


def test_words_are_for_the_kinds_that_were_chosen_alone(vault, clock, mina, desk, runner):
    choose(vault, clock, mina, ReminderChoices(full_text=frozenset({ReminderKind.DOSE})))
    store(vault, mina, [booked()])
    ring(runner, clock, datetime(2026, 11, 24, 8, 20, tzinfo=LA))
    assert {about.text for about in desk.shown} == {""}


def test_take_marks_the_dose_once_and_ends_its_notification(vault, clock, mina, schedule, desk, runner):
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    ring(runner, clock, at(20))
    dose = due(vault, clock)
    desk.shown[0].answered(Answer.TAKE)
    desk.shown[0].answered(Answer.TAKE)
    clock.move_to(at(20, 2))
    runner.tick()
    now = asks.dose(vault, clock, dose.id)
    assert (now.state, now.taken_at) == (DoseState.TAKEN, at(20, 2))
    assert desk.withdrawn == [dose.id]
    assert desk.looked == 1  # the second press: the program shows what was said
    assert open_reminders(vault, clock) == []


def test_snooze_tells_again_after_ten_minutes(vault, clock, mina, schedule, desk, runner):
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    ring(runner, clock, at(20))
    desk.shown[0].answered(Answer.SNOOZE)
    clock.move_to(at(20, 1))
    runner.tick()
    ring(runner, clock, at(20, 11))
    assert len(desk.shown) == 2


def test_skip_says_that_it_was_not_taken(vault, clock, mina, schedule, desk, runner):
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    ring(runner, clock, at(20))
    dose = due(vault, clock)
    desk.shown[0].answered(Answer.SKIP)
    runner.tick()
    assert asks.dose(vault, clock, dose.id).state is DoseState.SKIPPED


def test_a_button_pressed_when_the_dose_is_late_marks_nothing_and_opens_the_program(
    vault, clock, mina, schedule, desk, runner
):
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    ring(runner, clock, at(20))
    dose = due(vault, clock)
    clock.move_to(at(22))
    desk.shown[0].answered(Answer.TAKE)
    runner.tick()
    assert asks.dose(vault, clock, dose.id).state is DoseState.PLANNED
    assert desk.looked == 1


def test_a_dose_told_when_it_is_late_has_no_button_and_says_so(vault, clock, mina, schedule, desk, runner):
    """The computer slept; or the quiet hours put it off."""
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    clock.move_to(at(22))
    runner.tick()
    (about,) = desk.shown
    assert about.answered is None
    assert about.text == "Metformin, one tablet, 8:00 PM. This is late: check before you take it. with food"


def test_two_doses_at_once_have_no_button(vault, clock, mina, schedule, desk, runner):
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    confirm(vault, clock, mina, time(20))
    runner.changed(acts.pause(vault, clock, confirm(vault, clock, mina, time(9))))
    ring(runner, clock, at(20))
    (about,) = desk.shown
    assert about.answered is None
    assert about.text.count("Metformin") == 2


def test_what_was_said_in_the_window_ends_the_notification(vault, clock, mina, schedule, desk, runner):
    ring(runner, clock, at(20))
    dose = due(vault, clock)
    runner.changed(acts.take(vault, clock, dose).changes)
    runner.tick()
    assert desk.withdrawn == [dose.id]


def test_it_is_said_again_until_the_dose_is_marked_and_is_one_line_of_the_list(
    vault, clock, mina, schedule, desk, runner
):
    choose(vault, clock, mina, ReminderChoices(repeat_doses=True))
    runner._must_plan.set()
    ring(runner, clock, at(20))
    ring(runner, clock, at(20, 10))
    assert len(desk.shown) == 2
    assert len(open_reminders(vault, clock)) == 1
    runner.changed(acts.take(vault, clock, due(vault, clock)).changes)
    ring(runner, clock, at(20, 30))
    assert len(desk.shown) == 2


def test_quiet_hours_put_off_and_lose_nothing_and_let_alarms_through(vault, clock, mina, schedule, desk, runner):
    quiet = ReminderChoices(quiet=(time(19), time(7)))
    choose(vault, clock, mina, quiet)
    ring(runner, clock, at(20))
    assert desk.shown == []
    ring(runner, clock, at(20) + timedelta(hours=11))
    assert len(desk.shown) == 1
    choose(vault, clock, mina, replace(quiet, alarms=ALL))
    ring(runner, clock, at(20) + timedelta(days=1))
    assert desk.shown[-1].alarm


def test_a_dose_whose_source_changed_has_no_button_and_says_so(vault, clock, mina, desk, runner):
    from phr_desktop.domain.doses import Basis
    from phr_desktop.vault import records
    from tests.queries.test_medicines import order

    store(vault, mina, [order()])
    (record,) = [row[0] for row in vault.read(lambda db: db.rows("SELECT id FROM records"))]
    digest = vault.read(lambda db: records.content_hashes(db, [record]))[record]
    rhythm = AtTimes(EveryDay(), (TimedDose(time(20), Decimal(1)),))
    made = Schedule("", mina, "rxnorm:1", "Lisinopril", "tablet", rhythm, DAY, basis=(Basis(record, digest),))
    acts.confirm_schedule(vault, clock, made)
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    store(vault, mina, [order(status="stopped")])
    runner._must_plan.set()
    ring(runner, clock, at(20))
    (about,) = desk.shown
    assert about.answered is None
    assert "check before you take it" in about.text


def test_choices_are_kept_by_person(vault, clock, mina):
    from phr_desktop.queries.reminders import choices

    chosen = ReminderChoices(
        ALL, frozenset({ReminderKind.DOSE}), True, (time(22), time(7)),
        frozenset({(ReminderKind.REFILL, "7 days")}), time(18, 30),
    )  # fmt: skip
    choose(vault, clock, mina, chosen)
    assert choices(vault, clock, mina) == chosen
    assert choices(vault, clock, mina + 1) == ReminderChoices()


def test_a_lead_that_nobody_wants_is_not_planned(vault, clock, mina, runner):
    from phr_desktop.queries.reminders import planned

    store(vault, mina, [booked()])
    choose(vault, clock, mina, ReminderChoices(without=frozenset({(ReminderKind.APPOINTMENT, "1 day")})))
    runner._must_plan.set()
    runner.tick()
    assert [one.lead for one in planned(vault, clock, DAY, date(2026, 11, 30))] == ["2 hours"]
    assert vault.read(lambda db: doses.schedules(db)) == []


def test_a_notification_says_what_a_press_on_it_opens(vault, clock, mina, schedule, desk, runner):
    ring(runner, clock, at(20))
    (about,) = desk.shown
    assert about.opens == ReminderTarget(mina, ReminderKind.DOSE, f"dose:{due(vault, clock).id}")
    assert about.text == ""


def test_of_several_people_it_opens_the_window_alone_and_of_several_things_whose_they_are(vault, clock, mina):
    from phr_desktop.reminders.answers import about

    def one(person, subject):
        return Occurrence("", person, "", ReminderKind.REFILL, at(20), "", "", subject, "7 days")

    def opens(*told):
        return vault.read(lambda db: about(db, told, clock.now(), lambda _dose, _answer: None)).opens

    assert opens(one(mina, "medicine:a"), one(mina + 1, "medicine:a")) is None
    assert opens(one(mina, "medicine:a"), one(mina, "medicine:b")) == ReminderTarget(mina, ReminderKind.REFILL, "")


def test_a_button_pressed_after_the_end_marks_nothing_and_leads_to_the_dose(vault, clock, mina, schedule, desk, runner):
    choose(vault, clock, mina, ReminderChoices(full_text=ALL))
    ring(runner, clock, at(20))
    dose = due(vault, clock)
    runner.stop()
    desk.shown[0].answered(Answer.TAKE)
    assert desk.targets == [ReminderTarget(None, ReminderKind.DOSE, f"dose:{dose.id}", unmarked=True)]
    assert due(vault, clock).state is DoseState.PLANNED
