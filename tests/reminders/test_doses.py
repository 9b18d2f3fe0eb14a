"""Doses from a confirmed schedule to what became of them: planned once, reminded of, marked once, counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.actions import doses as acts
from phr_desktop.actions import medicines
from phr_desktop.actions.reminders import keep_home_times, use_local_times
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    AtTimes,
    CountedFrom,
    DoseState,
    EveryDay,
    EveryHours,
    OnWeekdays,
    Schedule,
    Stock,
)
from phr_desktop.domain.doses import TimedDose as At
from phr_desktop.domain.medicines import MedicineChoice
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries import doses as asks
from phr_desktop.queries.reminders import open_reminders, planned, zone_left
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.reminders.planner import replan
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.vault import doses
from tests.reminders.test_runner import Desk

LA = ZoneInfo("America/Los_Angeles")
TOKYO = ZoneInfo("Asia/Tokyo")
ONE = Decimal(1)
DAY = date(2026, 11, 21)


@pytest.fixture
def schedule(vault, clock, mina):
    """Twice a day; the clock stands at 8:30 in the morning of November 21."""
    rhythm = AtTimes(EveryDay(), (At(time(8), ONE), At(time(20), Decimal("1.5"))))
    made = Schedule("", mina, "rxnorm:1", "Metformin", "tablet", rhythm, DAY, instructions="with food")
    return acts.confirm_schedule(vault, clock, made).schedule


def at(day, hour, minute=0, zone=LA):
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


def shown(found):
    return [(dose.due.astimezone(LA).strftime("%d %H:%M"), dose.state.value) for dose in found]


def all_doses(vault, mina):
    return vault.read(lambda db: doses.doses_between(db, mina, at(1, 0), at(30, 23)))


def test_the_doses_ahead_get_rows_and_one_before_the_confirming_none(vault, clock, mina, schedule):
    assert plan_doses(vault, clock)
    assert shown(all_doses(vault, mina)) == [
        ("21 20:00", "planned"), ("22 08:00", "planned"), ("22 20:00", "planned"), ("23 08:00", "planned"),
    ]  # fmt: skip
    assert not plan_doses(vault, clock)


def test_no_dose_is_lost_while_the_program_is_off_for_days(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    clock.move_to(at(26, 9))
    plan_doses(vault, clock)
    found = all_doses(vault, mina)
    assert len(found) == 2 * 7
    assert shown(asks.due_doses(vault, clock, mina))[-1] == ("26 08:00", "planned")
    assert len(asks.due_doses(vault, clock, mina)) == 10


def test_a_journey_east_keeps_the_dose_whose_time_is_over_there(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    before = {dose.id for dose in all_doses(vault, mina)}
    clock.travel_to(TOKYO)
    plan_doses(vault, clock)
    found = {dose.id: dose for dose in all_doses(vault, mina)}
    assert before <= set(found)
    assert {dose.due.astimezone(TOKYO).strftime("%H:%M") for dose in found.values()} == {"08:00", "20:00"}


def test_a_journey_west_does_not_ask_for_a_dose_twice(vault, clock, mina, schedule):
    clock.travel_to(TOKYO)  # 1:30 on the 22nd
    plan_doses(vault, clock)
    clock.move_to(at(22, 9, zone=TOKYO))
    plan_doses(vault, clock)
    (morning,) = asks.due_doses(vault, clock, mina)
    acts.take(vault, clock, morning)
    clock.travel_to(LA)
    plan_doses(vault, clock)
    days = [(dose.day, dose.due.astimezone(LA).hour) for dose in all_doses(vault, mina)]
    assert len(days) == len(set(days))


def test_each_dose_is_reminded_of_until_it_is_marked(vault, clock, mina, schedule):
    replan(vault, clock)
    first, *_ = reminders = list(planned(vault, clock, DAY, date(2026, 11, 24)))
    assert {one.kind for one in reminders} == {ReminderKind.DOSE}
    assert (first.title, first.evidence) == ("Metformin, one and a half tablets, 8:00 PM", "with food")
    clock.move_to(at(21, 20, 1))
    (dose,) = asks.due_doses(vault, clock, mina)
    acts.take(vault, clock, dose)
    replan(vault, clock)
    assert first.id not in {one.id for one in planned(vault, clock, DAY, date(2026, 11, 25))}


def test_a_snoozed_dose_is_reminded_of_then_and_never_at_the_next_one(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 1))
    (dose,) = asks.due_doses(vault, clock, mina)
    with pytest.raises(UserFacingError, match="snooze-too-long"):
        acts.snooze(vault, clock, dose, at(22, 8))
    acts.snooze(vault, clock, dose, at(21, 20, 30))
    replan(vault, clock)
    assert planned(vault, clock, DAY, DAY)[0].at == at(21, 20, 30)


def test_a_dose_snoozed_abroad_is_told_at_its_time_at_home(vault, clock, mina, schedule):
    """Late in Tokyo it was snoozed; at home its time is still to come."""
    plan_doses(vault, clock)
    clock.travel_to(TOKYO)
    clock.move_to(at(23, 8, 30, zone=TOKYO))
    runner = ReminderRunner(vault, clock, Desk(), lambda _changes: None, lambda _card: None)
    runner.tick()
    late = asks.due_doses(vault, clock, mina)[-1]
    assert late.day == date(2026, 11, 23)
    acts.snooze(vault, clock, late, clock.now() + timedelta(minutes=20))
    clock.travel_to(LA)
    runner.changed(ChangeSet.of(Topic.DOSES))
    runner.tick()
    clock.move_to(at(23, 7, 59))
    runner.tick()
    before = [one.id for one in open_reminders(vault, clock)]
    clock.move_to(at(23, 8, 0))
    runner.tick()
    (told,) = [one for one in open_reminders(vault, clock) if one.id not in before]
    assert told.subject == f"dose:{late.id}"


def test_who_comes_second_is_told_and_changes_nothing(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 5))
    (dose,) = asks.due_doses(vault, clock, mina)
    acts.take(vault, clock, dose, given_by="Ana")
    with pytest.raises(UserFacingError, match="dose-already-marked") as told:
        acts.take(vault, clock, dose, given_by="Tomas")
    assert told.value.parameters["by"] == "Ana"
    now = asks.dose(vault, clock, dose.id)
    assert (now.state, now.given_by) == (DoseState.TAKEN, "Ana")


def test_the_stock_goes_down_once_and_comes_back_with_undo(vault, clock, mina, schedule):
    acts.count_stock(vault, clock, Stock(mina, "rxnorm:1", "tablet", Decimal(10), clock.now()))
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 5))
    (dose,) = asks.due_doses(vault, clock, mina)
    marked = acts.take(vault, clock, dose)
    assert asks.stocks(vault, clock, mina)["rxnorm:1"].left == Decimal("8.5")
    corrected = acts.correct(vault, clock, marked.after, at=at(21, 20), amount=ONE)
    assert asks.stocks(vault, clock, mina)["rxnorm:1"].left == Decimal(9)
    acts.undo(vault, clock, corrected)
    acts.undo(vault, clock, marked)
    assert asks.stocks(vault, clock, mina)["rxnorm:1"].left == Decimal(10)
    assert asks.dose(vault, clock, dose.id).state is DoseState.PLANNED


def test_skipped_and_not_sure_count_nothing(vault, clock, mina, schedule):
    acts.count_stock(vault, clock, Stock(mina, "rxnorm:1", "tablet", Decimal(10), clock.now()))
    plan_doses(vault, clock)
    clock.move_to(at(22, 9))
    first, second = asks.due_doses(vault, clock, mina)
    acts.skip(vault, clock, first, "felt sick")
    acts.not_sure(vault, clock, second)
    assert asks.stocks(vault, clock, mina)["rxnorm:1"].left == Decimal(10)
    assert [dose.reason for dose in all_doses(vault, mina)[:2]] == ["felt sick", None]


def test_a_new_schedule_takes_the_place_of_the_old_and_undo_brings_it_back(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    changed = replace(schedule, rhythm=AtTimes(EveryDay(), (At(time(12), ONE),)))
    made = acts.confirm_schedule(vault, clock, changed, replaces=(schedule.id,))
    plan_doses(vault, clock)
    assert {line[0][3:] for line in shown(all_doses(vault, mina))} == {"12:00"}
    acts.undo_schedule(vault, clock, made)
    plan_doses(vault, clock)
    assert {line[0][3:] for line in shown(all_doses(vault, mina))} == {"08:00", "20:00"}


def test_a_paused_schedule_leaves_no_missed_doses_behind(vault, clock, mina, schedule):
    acts.pause(vault, clock, schedule)
    plan_doses(vault, clock)
    clock.move_to(at(25, 9))
    plan_doses(vault, clock)
    assert all_doses(vault, mina) == []
    acts.go_on(vault, clock, schedule)
    plan_doses(vault, clock)
    assert shown(all_doses(vault, mina))[0] == ("25 20:00", "planned")


def test_hours_from_the_dose_before_go_on_after_a_skipped_one(vault, clock, mina):
    rhythm = EveryHours(6, ONE, CountedFrom.TAKEN, at(21, 9))
    acts.confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:2", "Amoxicillin", "capsule", rhythm, DAY))
    plan_doses(vault, clock)
    clock.move_to(at(21, 10))
    (dose,) = asks.due_doses(vault, clock, mina)
    acts.take(vault, clock, dose)
    plan_doses(vault, clock)
    assert shown(all_doses(vault, mina)) == [("21 09:00", "taken"), ("21 16:00", "planned")]
    clock.move_to(at(21, 17))
    acts.skip(vault, clock, asks.due_doses(vault, clock, mina)[0])
    plan_doses(vault, clock)
    assert shown(all_doses(vault, mina))[-1] == ("21 22:00", "planned")


def test_hours_from_the_dose_before_go_on_when_the_same_schedule_is_confirmed_again(vault, clock, mina):
    """The person checked it against a changed source: nothing else is new, and no dose is lost."""
    rhythm = EveryHours(12, ONE, CountedFrom.TAKEN, at(21, 9))
    made = acts.confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:2", "Apixaban", "tablet", rhythm, DAY))
    plan_doses(vault, clock)
    clock.move_to(at(21, 9, 5))
    (first,) = asks.due_doses(vault, clock, mina)
    acts.take(vault, clock, first)
    clock.move_to(at(21, 10))
    again = acts.confirm_schedule(vault, clock, made.schedule, (made.schedule.id,))
    plan_doses(vault, clock)
    assert shown(all_doses(vault, mina)) == [("21 09:00", "taken"), ("21 21:05", "planned")]
    later = replace(again.schedule, rhythm=replace(rhythm, first=at(21, 22)))
    acts.confirm_schedule(vault, clock, later, (again.schedule.id,))
    plan_doses(vault, clock)
    assert shown(all_doses(vault, mina)) == [("21 09:00", "taken"), ("21 22:00", "planned")]


def test_what_follows_a_dose_follows_it_too_when_its_schedule_was_confirmed_again(vault, clock, mina, schedule):
    follows = AfterDose(schedule.id, timedelta(minutes=30), ONE)
    acts.confirm_schedule(vault, clock, replace(schedule, medicine="rxnorm:2", title="Ondansetron", rhythm=follows))
    again = acts.confirm_schedule(vault, clock, schedule, (schedule.id,))
    waits_for = lambda: [one.schedule.rhythm for one in asks.schedules(vault, clock, mina, "rxnorm:2")]  # noqa: E731
    assert waits_for() == [replace(follows, schedule=again.schedule.id)]
    acts.undo_schedule(vault, clock, again)
    assert waits_for() == [follows]
    acts.confirm_schedule(vault, clock, schedule, (schedule.id,))
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 5))
    (due,) = asks.due_doses(vault, clock, mina)
    acts.take(vault, clock, due)
    plan_doses(vault, clock)
    assert ("21 20:35", "planned") in shown(all_doses(vault, mina))


def test_a_moved_dose_of_what_is_not_taken_any_more_is_not_told(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    clock.move_to(at(21, 19))
    dose = all_doses(vault, mina)[0]
    acts.move(vault, clock, dose, at(21, 22))
    acts.end_schedule(vault, clock, schedule)
    plan_doses(vault, clock)
    assert all_doses(vault, mina) == []


def test_a_medicine_put_back_has_missed_nothing_of_the_time_it_was_away(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    done = medicines.choose(vault, clock, mina, "rxnorm:1", MedicineChoice.DO_NOT_TAKE)
    assert done.ended == (schedule.id,)
    plan_doses(vault, clock)
    clock.move_to(at(24, 9))
    plan_doses(vault, clock)
    medicines.put_back(vault, clock, mina, "rxnorm:1", done.before, done.ended)
    plan_doses(vault, clock)
    assert shown(all_doses(vault, mina)) == [
        ("24 20:00", "planned"), ("25 08:00", "planned"), ("25 20:00", "planned"), ("26 08:00", "planned"),
    ]  # fmt: skip
    assert asks.due_doses(vault, clock, mina) == []


def test_lines_that_were_joined_share_one_gap_and_one_limit(vault, clock, mina):
    """The other line has no limit of its own; taken by either, it is one medicine."""
    needed = Schedule("", mina, "rxnorm:1", "Ibuprofen", "tablet", AsNeeded(ONE, None, Decimal(3)), DAY)
    free = replace(needed, medicine="record:7", title="Advil", rhythm=AsNeeded(ONE, timedelta(hours=4)))
    one, other = (acts.confirm_schedule(vault, clock, each).schedule for each in (needed, free))

    def take(of, amount=ONE):
        return acts.extra(vault, clock, of, "Mina", amount=amount)

    take(one, Decimal(2))
    take(other, Decimal(2))  # not joined yet: each counts for itself
    medicines.same(vault, clock, mina, "record:7", "rxnorm:1")
    with pytest.raises(UserFacingError, match="dose-too-soon"):
        take(one)
    clock.move_to(clock.now() + timedelta(hours=5))
    for each in (one, other):
        with pytest.raises(UserFacingError, match="dose-over-limit"):
            take(each)
    clock.move_to(clock.now() + timedelta(hours=20))
    take(other, Decimal(3))


def test_a_snooze_never_reaches_the_next_dose_of_a_joined_line(vault, clock, mina, schedule):
    rhythm = AtTimes(EveryDay(), (At(time(20, 30), ONE),))
    acts.confirm_schedule(vault, clock, replace(schedule, medicine="record:7", rhythm=rhythm))
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 5))
    (due,) = asks.due_doses(vault, clock, mina)
    acts.snooze(vault, clock, due, at(21, 20, 40))
    medicines.same(vault, clock, mina, "record:7", "rxnorm:1")
    with pytest.raises(UserFacingError, match="snooze-too-long"):
        acts.snooze(vault, clock, due, at(21, 20, 40))


def test_what_is_taken_when_needed_keeps_its_gap_and_limit_unless_the_person_insists(vault, clock, mina):
    rhythm = AsNeeded(ONE, timedelta(hours=4), Decimal(3))
    made = acts.confirm_schedule(
        vault, clock, Schedule("", mina, "rxnorm:3", "Ibuprofen", "tablet", rhythm, DAY)
    ).schedule
    take = lambda **more: acts.extra(vault, clock, made, "Mina", amount=ONE, **more)  # noqa: E731
    take(given_by="Ana")
    clock.move_to(at(21, 11))
    with pytest.raises(UserFacingError, match="dose-too-soon") as told:
        take()
    assert told.value.parameters["by"] == "Ana"
    take(anyway=True)
    clock.move_to(at(21, 16))
    take()
    clock.move_to(at(21, 21))
    with pytest.raises(UserFacingError, match="dose-over-limit"):
        take()
    undone = acts.extra(vault, clock, made, "Mina", amount=ONE, anyway=True)
    acts.undo(vault, clock, undone)
    assert len(all_doses(vault, mina)) == 3


def test_a_changed_time_or_amount_keeps_the_gap_and_the_limit_unless_the_person_insists(vault, clock, mina):
    rhythm = AsNeeded(ONE, timedelta(hours=4), Decimal(3))
    made = acts.confirm_schedule(
        vault, clock, Schedule("", mina, "rxnorm:3", "Ibuprofen", "tablet", rhythm, DAY)
    ).schedule
    clock.move_to(at(21, 20))
    first = acts.extra(vault, clock, made, "Mina", amount=ONE, at=at(21, 9), given_by="Ana").after
    second = acts.extra(vault, clock, made, "Mina", amount=ONE, at=at(21, 16)).after
    with pytest.raises(UserFacingError, match="dose-too-soon") as told:
        acts.correct(vault, clock, second, at=at(21, 12))
    assert datetime.fromisoformat(told.value.parameters["at"]) == first.taken_at
    assert told.value.parameters["by"] == "Ana"
    with pytest.raises(UserFacingError, match="dose-over-limit"):
        acts.correct(vault, clock, second, at=at(21, 16), amount=Decimal(3))
    assert {(one.taken_at, one.amount) for one in all_doses(vault, mina)} == {(at(21, 9), ONE), (at(21, 16), ONE)}
    acts.correct(vault, clock, second, at=at(21, 15), amount=Decimal(2))  # itself it is neither near nor too much
    acts.correct(vault, clock, all_doses(vault, mina)[1], at=at(21, 12), anyway=True)
    assert {one.taken_at for one in all_doses(vault, mina)} == {at(21, 9), at(21, 12)}


def test_a_dose_entered_late_counts_the_24_hours_after_it_too(vault, clock, mina):
    """Three since noon; a fourth of this morning was forgotten, and would make four within a day."""
    rhythm = AsNeeded(ONE, None, Decimal(3))
    made = acts.confirm_schedule(
        vault, clock, Schedule("", mina, "rxnorm:3", "Ibuprofen", "tablet", rhythm, DAY)
    ).schedule
    take = lambda when: acts.extra(vault, clock, made, "Mina", amount=ONE, at=when)  # noqa: E731
    clock.move_to(at(22, 12))
    for hour in (12, 16, 20):
        take(at(21, hour))
    with pytest.raises(UserFacingError, match="dose-over-limit"):
        take(at(21, 8))
    with pytest.raises(UserFacingError, match="dose-over-limit"):
        take(at(22, 11))
    take(at(20, 19, 59))  # no 24 hours hold it and the three


def test_a_dose_entered_between_two_days_counts_in_each_of_them_alone(vault, clock, mina):
    rhythm = AsNeeded(ONE, None, Decimal(3))
    made = acts.confirm_schedule(
        vault, clock, Schedule("", mina, "rxnorm:3", "Ibuprofen", "tablet", rhythm, DAY)
    ).schedule
    clock.move_to(at(23, 12))
    for when in (at(21, 6), at(22, 8), at(22, 14), at(21, 18)):  # four in all, three in any 24 hours at most
        acts.extra(vault, clock, made, "Mina", amount=ONE, at=when)


def test_a_planned_dose_that_was_taken_days_after_its_time_counts_when_it_was_taken(vault, clock, mina):
    weekly = AtTimes(OnWeekdays(frozenset({DAY.weekday()})), (At(time(20), ONE),))
    planned_one = Schedule("", mina, "rxnorm:1", "Ibuprofen", "tablet", weekly, DAY)
    acts.confirm_schedule(vault, clock, planned_one)
    needed = acts.confirm_schedule(
        vault, clock, replace(planned_one, rhythm=AsNeeded(ONE, timedelta(hours=4), None))
    ).schedule
    plan_doses(vault, clock)
    clock.move_to(at(24, 9))
    (late,) = asks.due_doses(vault, clock, mina)
    acts.take(vault, clock, late)
    clock.move_to(at(24, 10))
    with pytest.raises(UserFacingError, match="dose-too-soon"):
        acts.extra(vault, clock, needed, "Mina", amount=ONE)


def test_an_extra_dose_of_a_planned_medicine_keeps_the_gap_of_its_other_schedule(vault, clock, mina, schedule):
    needed = replace(schedule, rhythm=AsNeeded(ONE, timedelta(hours=4), None))
    acts.confirm_schedule(vault, clock, needed)
    acts.extra(vault, clock, schedule, "Mina", amount=ONE)
    with pytest.raises(UserFacingError, match="dose-too-soon"):
        acts.extra(vault, clock, schedule, "Mina", amount=ONE)


def left(vault, clock, mina):
    return asks.stocks(vault, clock, mina)["rxnorm:1"].left


def test_undo_gives_back_to_the_stock_what_there_was_and_no_more(vault, clock, mina, schedule):
    """One was left, one and a half were taken: none is left. Taken back, it is one again."""
    acts.count_stock(vault, clock, Stock(mina, "rxnorm:1", "tablet", ONE, clock.now()))
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 5))
    (dose,) = asks.due_doses(vault, clock, mina)
    marked = acts.take(vault, clock, dose)
    assert left(vault, clock, mina) == 0
    acts.undo(vault, clock, marked)
    assert left(vault, clock, mina) == ONE
    acts.undo(vault, clock, marked)  # pressed again
    assert left(vault, clock, mina) == ONE


def test_undo_of_an_extra_dose_counts_once_and_as_it_was_corrected(vault, clock, mina, schedule):
    acts.count_stock(vault, clock, Stock(mina, "rxnorm:1", "tablet", Decimal(10), clock.now()))
    marked = acts.extra(vault, clock, schedule, "Mina", amount=ONE)
    acts.correct(vault, clock, marked.after, at=clock.now(), amount=Decimal(3))
    acts.undo(vault, clock, marked)
    acts.undo(vault, clock, marked)
    assert left(vault, clock, mina) == Decimal(10)


def test_what_was_taken_before_the_stock_was_counted_is_not_taken_from_it(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 5))
    early = acts.extra(vault, clock, schedule, "Mina", amount=ONE)
    (dose,) = asks.due_doses(vault, clock, mina)
    clock.move_to(at(21, 21))
    acts.count_stock(vault, clock, Stock(mina, "rxnorm:1", "tablet", Decimal(10), clock.now()))
    marked = acts.take(vault, clock, dose, at=at(21, 20))
    assert left(vault, clock, mina) == Decimal(10)
    acts.correct(vault, clock, marked.after, at=at(21, 21))  # it was after the counting
    assert left(vault, clock, mina) == Decimal("8.5")
    acts.undo(vault, clock, early)
    assert left(vault, clock, mina) == Decimal("8.5")


def test_a_unit_is_the_same_one_in_the_plural_and_another_one_is_not(vault, clock, mina, schedule):
    acts.count_stock(vault, clock, Stock(mina, "rxnorm:1", "Tablets", Decimal(10), clock.now()))
    acts.extra(vault, clock, schedule, "Mina", amount=ONE)
    assert left(vault, clock, mina) == Decimal(9)
    acts.extra(vault, clock, replace(schedule, unit="mL"), "Mina", amount=ONE)
    assert left(vault, clock, mina) == Decimal(9)


def test_no_dose_is_moved_to_or_over_the_next_one_however_far_ahead_that_is(vault, clock, mina):
    """Next week's dose has no row yet."""
    weekly = AtTimes(OnWeekdays(frozenset({DAY.weekday()})), (At(time(20), ONE),))
    acts.confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:1", "Methotrexate", "tablet", weekly, DAY))
    plan_doses(vault, clock)
    clock.move_to(at(21, 20, 5))
    (dose,) = asks.due_doses(vault, clock, mina)
    for verb in (acts.move, acts.snooze):
        for reached in (at(28, 20), at(29, 8)):
            with pytest.raises(UserFacingError, match="snooze-too-long"):
                verb(vault, clock, dose, reached)
    acts.move(vault, clock, dose, at(23, 8))


def test_a_dose_that_was_told_and_then_moved_is_told_once_at_its_new_time(vault, clock, mina, schedule):
    runner = ReminderRunner(vault, clock, Desk(), lambda _changes: None, lambda _card: None)
    runner.tick()
    clock.move_to(at(21, 20, 1))
    runner.tick()
    (dose,) = asks.due_doses(vault, clock, mina)
    clock.move_to(at(21, 20, 5))
    runner.changed(acts.move(vault, clock, dose, at(21, 22)))
    runner.tick()
    assert open_reminders(vault, clock) == []
    clock.move_to(at(21, 22))
    runner.tick()
    runner.tick()
    assert [one.at for one in open_reminders(vault, clock)] == [at(21, 22)]


def test_a_dose_is_due_in_the_very_second_of_its_time(vault, clock, mina, schedule):
    plan_doses(vault, clock)
    clock.move_to(at(21, 20))
    assert [dose.due for dose in asks.due_doses(vault, clock, mina)] == [at(21, 20)]


@pytest.mark.parametrize(
    ("rhythm", "code"),
    [
        (AtTimes(EveryDay(), ()), "schedule-empty"),
        (AtTimes(EveryDay(), (At(time(8), Decimal(0)),)), "schedule-amount"),
    ],
)
def test_a_schedule_from_which_nothing_follows_is_refused(vault, clock, mina, rhythm, code):
    with pytest.raises(UserFacingError, match=code):
        acts.confirm_schedule(vault, clock, Schedule("", mina, "m", "Metformin", "tablet", rhythm, DAY))


def test_on_a_journey_the_person_is_asked_once_whose_clocks_count(vault, clock, mina, schedule):
    replan(vault, clock)
    assert zone_left(vault, clock) is None
    clock.travel_to(TOKYO)
    replan(vault, clock)
    assert zone_left(vault, clock) == "America/Los_Angeles"
    use_local_times(vault, clock)
    replan(vault, clock)
    assert zone_left(vault, clock) is None
    assert {dose.due.astimezone(TOKYO).hour for dose in all_doses(vault, mina)} == {8, 20}


def test_home_times_are_kept_by_those_who_want_them(vault, clock, mina, schedule):
    replan(vault, clock)
    clock.travel_to(TOKYO)
    replan(vault, clock)
    keep_home_times(vault, clock, zone_left(vault, clock))
    replan(vault, clock)
    assert zone_left(vault, clock) is None
    assert {dose.due.astimezone(LA).hour for dose in all_doses(vault, mina)} == {8, 20}
    clock.travel_to(LA)
    replan(vault, clock)
    assert zone_left(vault, clock) is None
