"""Tests, vaccines and measurements in calendar files: on their day, the same entry when it moves, only where chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from phr_desktop.actions import remind_about
from phr_desktop.actions.calendars import choose_contents
from phr_desktop.actions.reminders import choose
from phr_desktop.calendars import export_calendar
from phr_desktop.domain.calendars import CalendarChoice, CalendarKind
from phr_desktop.domain.doses import EveryDay
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import ReminderKind
from tests.reminders.test_own_reminders import SATURDAY, given, order, own, recommendation, report
from tests.resources import store

FULL = CalendarChoice(frozenset(CalendarKind), full_words=True)
DISCREET = CalendarChoice(frozenset(CalendarKind))


@pytest.fixture
def shown(vault, clock, mina, tmp_path):
    """Writes the file; the events by their titles."""

    def write(choice=FULL):
        target = tmp_path / "due.ics"
        export_calendar(vault, clock, mina, target, choice)
        found = icalendar.Calendar.from_ical(target.read_bytes()).walk("VEVENT")
        assert len({str(each["UID"]) for each in found}) == len(found)
        return {str(each["SUMMARY"]): each for each in found}

    return write


def alarms(event):
    return [each["TRIGGER"].dt for each in event.walk("VALARM")]


def test_a_test_and_a_vaccine_are_entries_of_their_day_with_the_alarms_that_the_person_wants(vault, clock, mina, shown):
    store(vault, mina, [order(), recommendation()])
    found = shown()
    test, vaccine = (found[f"Mina Satterfield: {what}"] for what in ("Test ordered: CBC", "Vaccine due: Flu shot"))
    assert (test["DTSTART"].dt, vaccine["DTSTART"].dt) == (date(2026, 11, 30), date(2026, 12, 1))
    assert alarms(test) == [timedelta(days=-7, hours=9), timedelta(hours=9)]
    assert str(test["DESCRIPTION"]).startswith("ordered by Dr. Alma Ruiz")
    wanted = ReminderChoices(without=frozenset({(ReminderKind.TEST, "1 week")}), refill_hour=time(7, 30))
    choose(vault, clock, mina, wanted)
    assert alarms(shown()["Mina Satterfield: Test ordered: CBC"]) == [timedelta(hours=7, minutes=30)]


def test_moved_by_its_source_it_is_the_same_entry_one_sequence_on_and_done_it_is_called_off(vault, mina, shown):
    store(vault, mina, [order(), recommendation()])
    before = shown(DISCREET)
    assert shown(DISCREET) == before
    store(vault, mina, [order(day="2026-12-04"), recommendation(day="2026-12-11")])
    after = shown(DISCREET)
    for title, day in (("Test", date(2026, 12, 4)), ("Vaccine", date(2026, 12, 11))):
        assert after[title]["UID"] == before[title]["UID"]
        assert (after[title]["SEQUENCE"], after[title]["DTSTART"].dt) == (1, day)
    store(vault, mina, [report(), given()])
    done = shown(DISCREET)
    assert {(str(each["STATUS"]), each["SEQUENCE"]) for each in done.values()} == {("CANCELLED", 2)}
    assert not any(alarms(each) for each in done.values())


def test_the_days_of_an_order_that_repeats_are_entries_of_their_own_and_none_changes_another(
    vault, clock, mina, tmp_path
):
    events = ["2026-11-25", "2026-12-25", "2027-01-25"]
    store(vault, mina, [order(occurrenceDateTime=None, occurrenceTiming={"event": events})])

    def written():
        export_calendar(vault, clock, mina, tmp_path / "due.ics", DISCREET)
        found = icalendar.Calendar.from_ical((tmp_path / "due.ics").read_bytes()).walk("VEVENT")
        return {each["DTSTART"].dt.isoformat(): (str(each["UID"]), each["SEQUENCE"]) for each in found}

    before = written()
    assert sorted(before) == events
    clock.move_to(clock.now() + timedelta(days=7))
    store(vault, mina, [report(day="2026-11-26")])
    after = written()
    assert {day: after[day] for day in events[1:]} == {day: before[day] for day in events[1:]}


def test_two_of_one_name_in_one_record_are_two_entries(vault, clock, mina, tmp_path):
    made = recommendation()
    (first,) = made["recommendation"]
    second = replace_day(first, "2027-03-01")
    store(vault, mina, [{**made, "recommendation": [first, second]}])
    assert export_calendar(vault, clock, mina, tmp_path / "a.ics", DISCREET) == 2
    before = (tmp_path / "a.ics").read_bytes()
    assert export_calendar(vault, clock, mina, tmp_path / "b.ics", DISCREET) == 2
    assert (tmp_path / "b.ics").read_bytes() == before


def replace_day(recommended, day):
    (criterion,) = recommended["dateCriterion"]
    return {**recommended, "dateCriterion": [{**criterion, "value": day}]}


def test_what_a_person_wants_to_be_reminded_of_is_at_its_times(vault, clock, mina, shown):
    remind_about.add(vault, clock, own(mina))
    dentist = own(mina, kind=ReminderKind.VACCINE, title="Ask about shingles", last_day=SATURDAY)
    remind_about.add(vault, clock, replace(dentist, rhythm=replace(dentist.rhythm, days=EveryDay())))
    found = shown()
    weekly = found["Mina Satterfield: Measure blood pressure"]
    monday = datetime(2026, 11, 23, 8, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert (weekly["DTSTART"].dt, dict(weekly["RRULE"])["BYDAY"], alarms(weekly)) == (monday, ["MO"], [timedelta()])
    assert found["Mina Satterfield: Ask about shingles"]["DTSTART"].dt.date() == SATURDAY


def test_discreet_words_tell_nothing_and_what_was_not_chosen_is_not_in_it(vault, clock, mina, shown, tmp_path):
    store(vault, mina, [order(), recommendation()])
    remind_about.add(vault, clock, own(mina))
    assert set(shown(DISCREET)) == {"Test", "Vaccine", "Measurement"}
    said = (tmp_path / "due.ics").read_text()
    for word in ("Mina", "CBC", "Flu", "Ruiz", "pressure", "ordered"):
        assert word not in said
    for kind in ("test", "vaccine", "measurement"):
        choose_contents(vault, clock, mina, [CalendarKind(kind)], full_words=False)
        assert set(shown(None)) == {kind.capitalize()}
    assert shown(CalendarChoice()) == {}
