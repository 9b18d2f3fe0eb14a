"""What is reminded of beside medicines and visits: home measurements, ordered tests, vaccines that are due."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.actions import remind_about
from phr_desktop.actions.reminders import acknowledge, choose
from phr_desktop.actions.removal import remove_person
from phr_desktop.domain.doses import AtTimes, EveryDay, OnWeekdays, TimedDose
from phr_desktop.domain.own_reminders import OwnReminder
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, ReminderKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries import due_orders
from phr_desktop.queries.due_days import due_days, reminded_about
from phr_desktop.queries.reminders import open_reminders, planned
from phr_desktop.reminders.answers import about
from phr_desktop.reminders.planner import replan
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.vault import briefs
from tests.resources import store

LA = ZoneInfo("America/Los_Angeles")
SATURDAY = date(2026, 11, 21)
MONDAYS = AtTimes(OnWeekdays(frozenset({0})), (TimedDose(time(8), Decimal(1)),))
NEXT_MONTH = date(2026, 12, 20)


def own(person, **changed):
    made = OwnReminder("", person, ReminderKind.MEASUREMENT, "Measure blood pressure", MONDAYS, SATURDAY)
    return replace(made, **changed)


def at(day, hour, minute=0, month=11):
    return datetime(2026, month, day, hour, minute, tzinfo=LA)


def moments(vault, clock, last=NEXT_MONTH):
    return [one.at.astimezone(LA).strftime("%m-%d %H:%M") for one in planned(vault, clock, SATURDAY, last)]


def order(id_="o1", *, day="2026-11-30", **changed):
    return {
        "resourceType": "ServiceRequest", "id": id_, "status": "active", "intent": "order",
        "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "108252007"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "58410-2"}], "text": "CBC"},
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-11-02T09:00:00-08:00",
        "requester": {"display": "Dr. Alma Ruiz"}, "occurrenceDateTime": day, **changed,
    }  # fmt: skip


def report(id_="r1", *, of="o1", day="2026-11-20"):
    return {
        "resourceType": "DiagnosticReport", "id": id_, "status": "final", "code": {"text": "CBC"},
        "category": [{"coding": [{"code": "LAB"}]}], "subject": {"reference": "Patient/p"},
        "basedOn": [{"reference": f"ServiceRequest/{of}"}], "effectiveDateTime": day,
    }  # fmt: skip


def recommendation(status="due", *, day="2026-12-01"):
    criterion = {"code": {"coding": [{"system": "http://loinc.org", "code": "30980-7"}]}, "value": day}
    return {
        "resourceType": "ImmunizationRecommendation", "id": "i1", "patient": {"reference": "Patient/p"},
        "date": "2026-11-01",
        "recommendation": [{
            "vaccineCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "141"}], "text": "Flu shot"}],
            "forecastStatus": {"coding": [{"code": status}]}, "dateCriterion": [criterion],
        }],
    }  # fmt: skip


def given(day="2026-11-15", code="141"):
    return {
        "resourceType": "Immunization", "id": "v1", "status": "completed", "occurrenceDateTime": day,
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": code}], "text": "Flu"},
        "patient": {"reference": "Patient/p"},
    }  # fmt: skip


# --- the person's own


def test_a_measurement_is_reminded_of_each_monday_at_eight(vault, clock, mina):
    done = remind_about.add(vault, clock, own(mina))
    replan(vault, clock)
    assert moments(vault, clock) == ["11-23 08:00", "11-30 08:00", "12-07 08:00", "12-14 08:00"]
    (first, *_) = planned(vault, clock, SATURDAY, NEXT_MONTH)
    assert (first.title, first.person_name) == ("Measure blood pressure, 8:00 AM", "Mina Satterfield")
    assert reminded_about(vault, clock, mina) == [done.now]


def test_one_day_alone_is_reminded_of_once(vault, clock, mina):
    day = date(2026, 12, 3)
    once = AtTimes(EveryDay(), (TimedDose(time(10, 30), Decimal(1)),))
    remind_about.add(vault, clock, own(mina, kind=ReminderKind.VACCINE, rhythm=once, first_day=day, last_day=day))
    replan(vault, clock)
    assert moments(vault, clock) == ["12-03 10:30"]


def test_a_change_takes_the_place_of_what_was_and_undo_brings_it_back(vault, clock, mina):
    before = remind_about.add(vault, clock, own(mina)).now
    replan(vault, clock)
    ids = {one.id for one in planned(vault, clock, SATURDAY, NEXT_MONTH)}
    evening = replace(MONDAYS, doses=(TimedDose(time(19), Decimal(1)),))
    changed = remind_about.change(vault, clock, before, own(mina, rhythm=evening, last_day=date(2026, 12, 1)))
    replan(vault, clock)
    assert moments(vault, clock) == ["11-23 19:00", "11-30 19:00"]
    remind_about.undo(vault, clock, changed)
    replan(vault, clock)
    assert {one.id for one in planned(vault, clock, SATURDAY, NEXT_MONTH)} == ids


def test_what_was_removed_is_not_reminded_of_and_not_shown(vault, clock, mina):
    made = remind_about.add(vault, clock, own(mina)).now
    replan(vault, clock)
    clock.move_to(at(23, 8, 1))
    ReminderRunner(vault, clock, Desk(), lambda _changes: None, lambda _card: None).tick()
    assert [one.title for one in open_reminders(vault, clock)] == ["Measure blood pressure, 8:00 AM"]
    gone = remind_about.remove(vault, clock, made)
    replan(vault, clock)
    assert (moments(vault, clock), open_reminders(vault, clock), reminded_about(vault, clock, mina)) == ([], [], [])
    remind_about.undo(vault, clock, gone)
    replan(vault, clock)
    assert moments(vault, clock) == ["11-30 08:00", "12-07 08:00", "12-14 08:00"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": "  "}, "reminder-title"),
        ({"rhythm": AtTimes(EveryDay(), ())}, "reminder-empty"),
        ({"rhythm": replace(MONDAYS, days=OnWeekdays(frozenset()))}, "reminder-empty"),
        ({"last_day": SATURDAY - timedelta(days=1)}, "reminder-empty"),
    ],
)
def test_what_would_never_come_is_refused(vault, clock, mina, changed, code):
    with pytest.raises(UserFacingError, match=code):
        remind_about.add(vault, clock, own(mina, **changed))
    assert reminded_about(vault, clock, mina) == []


class Desk:
    def __init__(self):
        self.notified = []

    def notify(self, count):
        self.notified.append(count)
        return DeliveredBy.DESKTOP


def test_none_is_lost_while_the_program_is_off_for_months_and_none_comes_twice(vault, clock, mina):
    remind_about.add(vault, clock, own(mina))
    replan(vault, clock)
    clock.move_to(at(23, 8, 1) + timedelta(weeks=20))  # far beyond what was planned
    cards = []
    runner = ReminderRunner(vault, clock, Desk(), lambda _changes: None, cards.append)
    runner.tick()
    assert [len(card) for card in cards] == [21]
    acknowledge(vault, clock, [one.id for one in cards[0]])
    for _ in range(2):
        runner.tick()
    ReminderRunner(vault, clock, Desk(), lambda _changes: None, cards.append).tick()
    assert (len(cards), open_reminders(vault, clock)) == (1, [])


def test_a_clock_a_year_ahead_costs_no_reminder_of_that_year(vault, clock, mina):
    remind_about.add(vault, clock, own(mina))
    desk, told = Desk(), []
    runner = ReminderRunner(vault, clock, desk, lambda _changes: None, told.extend)
    runner.tick()
    clock.move_to(at(21, 9) + timedelta(days=365))
    runner.tick()
    assert len(told) == 52
    clock.move_to(at(21, 9))
    runner.tick()
    assert open_reminders(vault, clock) == []  # nothing of it is due
    clock.move_to(at(23, 8) - timedelta(seconds=20))
    runner._last = clock.now()
    for seconds in (0, 20, 40):
        clock.move_to(at(23, 8) + timedelta(seconds=seconds))
        runner.tick()
    assert desk.notified == [52, 1]
    assert [one.title for one in open_reminders(vault, clock)] == ["Measure blood pressure, 8:00 AM"]


def test_on_a_journey_the_same_one_moves(vault, clock, mina):
    remind_about.add(vault, clock, own(mina))
    replan(vault, clock)
    here = {one.id: one.at for one in planned(vault, clock, SATURDAY, NEXT_MONTH)}
    clock.travel_to(ZoneInfo("America/New_York"))
    replan(vault, clock)
    there = {one.id: one.at for one in planned(vault, clock, SATURDAY, NEXT_MONTH)}
    assert here.keys() == there.keys()
    assert {here[one] - there[one] for one in here} == {timedelta(hours=3)}


# --- what a source says is due


def test_an_open_order_is_reminded_of_a_week_before_and_on_its_day(vault, clock, mina):
    store(vault, mina, [order()])
    replan(vault, clock)
    assert moments(vault, clock) == ["11-23 09:00", "11-30 09:00"]
    (first, _) = planned(vault, clock, SATURDAY, NEXT_MONTH)
    assert (first.kind, first.lead, first.title) == (
        ReminderKind.TEST, "1 week", "Test ordered: CBC, Monday, November 30",
    )  # fmt: skip
    assert first.evidence == "ordered by Dr. Alma Ruiz on Nov 2, 2026, Files; no result of it is here"


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "completed"}, {"status": "revoked"}, {"status": "entered-in-error"}, {"status": "draft"},
        {"status": "on-hold"}, {"intent": "proposal"}, {"intent": "plan"}, {"doNotPerform": True},
        {"asNeededBoolean": True}, {"occurrenceDateTime": "2026-12"},
        {"category": [{"coding": [{"code": "363679005"}], "text": "Imaging"}]},
        {"modifierExtension": [{"url": "https://example.org/unknown", "valueBoolean": True}]},
    ],
)  # fmt: skip
def test_what_is_no_open_order_of_a_test_with_a_day_is_never_reminded_of(vault, clock, mina, changed):
    store(vault, mina, [order(**changed)])
    replan(vault, clock)
    assert moments(vault, clock) == []


def test_a_result_of_the_order_ends_it_and_what_was_shown(vault, clock, mina):
    store(vault, mina, [order(), order("o2", day="2026-12-02")])
    clock.move_to(at(21, 9))
    runner = ReminderRunner(vault, clock, Desk(), lambda _changes: None, lambda _card: None)
    runner.tick()
    clock.move_to(at(23, 9, 1))
    runner.tick()
    assert [one.lead for one in open_reminders(vault, clock)] == ["1 week"]
    store(vault, mina, [report(day="2026-11-23")])
    replan(vault, clock)
    assert open_reminders(vault, clock) == []
    assert moments(vault, clock) == ["11-25 09:00", "12-02 09:00"]  # the other order is as it was


def test_a_result_that_is_no_fact_ends_nothing(vault, clock, mina):
    store(vault, mina, [order(), {**report(), "status": "entered-in-error"}])
    assert [one.day for one in due_days(vault, clock, mina)] == [date(2026, 11, 30)]


def test_an_order_that_repeats_is_due_again_after_each_result(vault, clock, mina):
    months = {"repeat": {"boundsPeriod": {"start": "2026-08-31"}, "frequency": 1, "period": 3, "periodUnit": "mo"}}
    store(vault, mina, [order(occurrenceDateTime=None, occurrenceTiming=months), report(day="2026-09-02")])
    days = [one.day.isoformat() for one in due_days(vault, clock, mina)]
    assert days[:3] == ["2026-11-30", "2027-02-28", "2027-05-31"]  # August's was done


def test_events_of_an_order_are_its_days(vault, clock, mina):
    events = {"event": ["2026-11-24", "2026-12-01", "2026-12-08"]}
    store(vault, mina, [order(occurrenceDateTime=None, occurrenceTiming=events), report(day="2026-11-24")])
    assert [one.day.isoformat() for one in due_days(vault, clock, mina)] == ["2026-12-01", "2026-12-08"]


def test_a_vaccine_that_a_source_says_is_due_is_reminded_of(vault, clock, mina):
    store(vault, mina, [recommendation()])
    replan(vault, clock)
    assert moments(vault, clock) == ["11-24 09:00", "12-01 09:00"]
    (first, _) = planned(vault, clock, SATURDAY, NEXT_MONTH)
    assert (first.kind, first.title) == (ReminderKind.VACCINE, "Vaccine due: Flu shot, Tuesday, December 1")
    assert first.evidence == "said on Nov 1, 2026 by Files"


def test_a_vaccine_given_since_is_not_due_and_one_of_before_or_another_changes_nothing(vault, clock, mina):
    store(vault, mina, [recommendation(), given(code="207")])
    assert [one.title for one in due_days(vault, clock, mina)] == ["Flu shot"]
    store(vault, mina, [given("2025-10-02")])
    assert [one.title for one in due_days(vault, clock, mina)] == ["Flu shot"]
    store(vault, mina, [given()])
    assert due_days(vault, clock, mina) == []


@pytest.mark.parametrize("status", ["immune", "complete", "contraindicated", "maybe"])
def test_a_vaccine_that_is_not_due_is_never_reminded_of(vault, clock, mina, status):
    store(vault, mina, [recommendation(status)])
    assert due_days(vault, clock, mina) == []


def test_the_person_says_which_lead_and_which_hour(vault, clock, mina):
    store(vault, mina, [order()])
    without = frozenset({(ReminderKind.TEST, "1 week")})
    choose(vault, clock, mina, ReminderChoices(without=without, refill_hour=time(7, 30)))
    replan(vault, clock)
    assert moments(vault, clock) == ["11-30 07:30"]


def test_none_of_the_kinds_says_anything_private_unless_it_is_chosen(vault, clock, mina):
    """The words go through `answers.about`, as those of every kind."""
    remind_about.add(vault, clock, own(mina))
    replan(vault, clock)
    told = planned(vault, clock, SATURDAY, NEXT_MONTH)[:1]
    assert vault.read(lambda db: about(db, told, clock.now(), lambda _dose, _answer: None)).text == ""
    choose(vault, clock, mina, ReminderChoices(full_text=frozenset({ReminderKind.MEASUREMENT})))
    words = vault.read(lambda db: about(db, told, clock.now(), lambda _dose, _answer: None))
    assert (words.title, words.text) == ("Mina Satterfield", "Measure blood pressure, 8:00 AM")


def test_a_person_who_is_removed_takes_reminders_and_rings_along(vault, clock, mina):
    remind_about.add(vault, clock, own(mina))
    choose(vault, clock, mina, ReminderChoices(alarms=frozenset({ReminderKind.MEASUREMENT})))
    clock.move_to(at(23, 7, 59))
    runner = ReminderRunner(vault, clock, Desk(), lambda _changes: None, lambda _card: None)
    for seconds in range(0, 200, 30):
        clock.move_to(at(23, 7, 59) + timedelta(seconds=seconds))
        runner.tick()
    tables = ("own_reminders", "reminders", "rings")
    counts = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    assert all(vault.read(lambda db: db.rows(counts)[0]))
    remove_person(vault, clock, mina)
    assert vault.read(lambda db: db.rows(counts)) == [(0, 0, 0)]


def test_thousands_of_orders_are_read_once_and_a_changed_one_again(vault, clock, mina, monkeypatch):
    """Planning is done at every change: it must not read what it has read."""
    read, real = [], briefs.body
    monkeypatch.setattr(briefs, "body", lambda db, record: read.append(record) or real(db, record))
    dated = [order(f"o{number}", day=f"2026-12-{1 + number % 28:02}") for number in range(60)]
    idle = [order(f"d{number}", status="completed") for number in range(60)]
    store(vault, mina, [*dated, *idle, *(report(f"r{number}", of=f"o{number}") for number in range(30))])
    assert len(due_days(vault, clock, mina)) == 30
    assert len(read) == 60 + 30  # one that is done is not read at all
    read.clear()
    assert len(due_days(vault, clock, mina)) == 30
    assert read == []
    store(vault, mina, [order("o40", day="2026-12-31"), report("r0", of="o50")])
    assert {one.day.day for one in due_days(vault, clock, mina)} >= {31}
    assert len(due_days(vault, clock, mina)) == 30  # o50 is done, and o0 is not any more
    assert len(read) == 2


def test_what_was_read_does_not_outlive_the_lock(vault, clock, mina):
    store(vault, mina, [order()])
    assert len(due_days(vault, clock, mina)) == 1
    assert any(memory.orders._known for memory in due_orders._of_connections.values())
    vault.lock()
    gc.collect()
    assert not any(memory.orders._known for memory in due_orders._of_connections.values())
