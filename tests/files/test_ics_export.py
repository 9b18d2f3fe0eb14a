"""Calendar files: the same twice, a change once, nothing said that was not chosen, and every dose at its own time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil import rrule

from phr_desktop import calendars as files
from phr_desktop.actions import calendars as verbs
from phr_desktop.actions import doses as dose_verbs
from phr_desktop.calendars import CalendarFeeds, export_calendar
from phr_desktop.clock import FixedClock
from phr_desktop.domain.calendars import CalendarEntry, CalendarItem, CalendarKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import AtTimes, EveryDay, Rhythm
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.files.ics_export import to_ics
from phr_desktop.queries import doses as dose_queries
from phr_desktop.queries.calendars import calendar_choice
from phr_desktop.reminders.planner import replan
from phr_desktop.vault import doses as rows
from phr_desktop.vault.vault import Vault
from tests.files.calendar_life import EVERYTHING, FULL, MORNING, NIGHT, RHYTHMS, confirm, later, visit
from tests.resources import store

EVENING = datetime(2026, 11, 22, 3, tzinfo=UTC)
DAILY = AtTimes(EveryDay(), (MORNING,))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "calendar.ics"


def events(target: Path) -> list[Any]:
    return list(icalendar.Calendar.from_ical(target.read_bytes()).walk("VEVENT"))


def only(target: Path) -> Any:
    (event,) = events(target)
    return event


def moments(event: Any, start: datetime, end: datetime) -> Iterator[datetime]:
    """By another library's arithmetic: on the clock of the event's zone."""
    first = event["DTSTART"].dt
    zone = first.tzinfo
    local = first.replace(tzinfo=None)
    without = {each.dt for each in event["EXDATE"].dts} if "EXDATE" in event else set()
    if "RRULE" not in event:
        found = [local]
    else:
        rule = dict(event["RRULE"])
        until = rule.pop("UNTIL", [None])[0]
        said = icalendar.vRecur(rule).to_ical().decode()
        last = (end if until is None else min(end, until)).astimezone(zone).replace(tzinfo=None)
        found = rrule.rrulestr(said, dtstart=local).between(local, last, inc=True)
    every = (each.replace(tzinfo=zone).astimezone(UTC) for each in found if each.replace(tzinfo=zone) not in without)
    return (each for each in every if start <= each < end)


def test_two_exports_of_the_same_are_equal_byte_for_byte(
    vault: Vault, clock: FixedClock, mina: int, tmp_path: Path
) -> None:
    store(vault, mina, [visit()])
    for title, rhythm in RHYTHMS.items():
        confirm(vault, clock, mina, rhythm, title=title)
    first, second = tmp_path / "one.ics", tmp_path / "two.ics"
    count = export_calendar(vault, clock, mina, first, EVERYTHING)
    later(clock, minutes=3)
    assert export_calendar(vault, clock, mina, second, EVERYTHING) == count > 20
    assert first.read_bytes() == second.read_bytes()
    uids = [str(each["UID"]) for each in events(first)]
    assert len(set(uids)) == len(uids) == count


@pytest.mark.parametrize("name", sorted(set(RHYTHMS) - {"as needed"}))
def test_a_calendar_shows_the_doses_that_are_planned(
    vault: Vault, clock: FixedClock, mina: int, target: Path, name: str
) -> None:
    made = confirm(vault, clock, mina, RHYTHMS[name])
    export_calendar(vault, clock, mina, target, EVERYTHING)
    now = clock.now()
    end = now + timedelta(days=28)
    planned = dose_queries.coming(vault, clock, made, now.date(), (end + timedelta(days=1)).date())
    shown = sorted(at for event in events(target) for at in moments(event, now, end))
    assert shown == [each.due for each in planned if now <= each.due < end]
    assert shown


def test_what_is_taken_when_needed_is_in_no_calendar(vault: Vault, clock: FixedClock, mina: int, target: Path) -> None:
    confirm(vault, clock, mina, RHYTHMS["as needed"])
    assert export_calendar(vault, clock, mina, target, EVERYTHING) == 0


def test_rules_hold_through_both_nights_on_which_the_clocks_change(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    made = confirm(vault, clock, mina, AtTimes(EveryDay(), (MORNING, NIGHT)))
    export_calendar(vault, clock, mina, target, EVERYTHING)
    for month, day in ((3, 14), (11, 7)):
        start = datetime(2027, month, day - 1, 8, tzinfo=UTC)
        end = start + timedelta(days=3)
        planned = dose_queries.coming(vault, clock, made, start.date(), end.date())
        shown = sorted(at for event in events(target) for at in moments(event, start, end))
        assert shown == [each.due for each in planned if start <= each.due < end]


def test_without_full_words_nobody_is_named(vault: Vault, clock: FixedClock, mina: int, target: Path) -> None:
    store(vault, mina, [visit(patientInstruction="Bring your pill box")])
    confirm(vault, clock, mina, DAILY)
    export_calendar(vault, clock, mina, target, EVERYTHING)
    said = target.read_text()
    for word in ("Mina", "Satterfield", "Cardiology", "Okafor", "Lisinopril", "food", "pill", "tablet"):
        assert word not in said
    assert sorted(str(each["SUMMARY"]) for each in events(target)) == ["Appointment", "Medicine"]
    export_calendar(vault, clock, mina, target, FULL)
    full = sorted(str(each["SUMMARY"]) for each in events(target))
    assert full == [
        "Mina Satterfield: Cardiology follow-up",
        "Mina Satterfield: Lisinopril 10 mg, one and a half tablets",
    ]


def test_only_what_was_chosen_is_in_it(vault: Vault, clock: FixedClock, mina: int, target: Path) -> None:
    store(vault, mina, [visit()])
    confirm(vault, clock, mina, DAILY)
    export_calendar(vault, clock, mina, target)
    assert str(only(target)["SUMMARY"]) == "Appointment"
    verbs.choose_contents(vault, clock, mina, [CalendarKind.DOSE], full_words=True)
    export_calendar(vault, clock, mina, target)
    assert "Lisinopril" in only(target)["SUMMARY"]


def test_a_visit_has_its_zone_alarms_and_end(vault: Vault, clock: FixedClock, mina: int, target: Path) -> None:
    store(vault, mina, [visit()])
    export_calendar(vault, clock, mina, target, EVERYTHING)
    event = only(target)
    assert event["DTSTART"].to_ical() == b"20261124T102000"
    assert event["DTSTART"].params["TZID"] == "America/Los_Angeles"
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=30)
    assert [each["TRIGGER"].dt for each in event.walk("VALARM")] == [
        timedelta(days=-7), timedelta(days=-1), timedelta(hours=-2),
    ]  # fmt: skip
    assert (event["STATUS"], event["CLASS"], event["SEQUENCE"]) == ("CONFIRMED", "PRIVATE", 0)


def test_a_moved_visit_is_the_same_entry_one_sequence_on(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    store(vault, mina, [visit(), visit("a2")])
    export_calendar(vault, clock, mina, target, EVERYTHING)
    before = {str(each["UID"]): each for each in events(target)}
    later(clock, hours=1)
    store(vault, mina, [visit(start="2026-11-25T11:00:00-08:00")])
    export_calendar(vault, clock, mina, target, EVERYTHING)
    after = {str(each["UID"]): each for each in events(target)}
    assert after.keys() == before.keys()
    moved = [uid for uid in after if after[uid].to_ical() != before[uid].to_ical()]
    assert [after[uid]["SEQUENCE"] for uid in moved] == [1]
    assert after[moved[0]]["DTSTAMP"].dt == clock.now().replace(microsecond=0)


def test_a_cancelled_visit_is_told_as_cancelled_and_then_left_alone(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    store(vault, mina, [visit()])
    export_calendar(vault, clock, mina, target, EVERYTHING)
    store(vault, mina, [visit(status="cancelled")])
    later(clock, hours=1)
    for _again in range(2):
        export_calendar(vault, clock, mina, target, EVERYTHING)
        event = only(target)
        assert (event["STATUS"], event["SEQUENCE"], len(event.walk("VALARM"))) == ("CANCELLED", 1, 0)
    later(clock, days=10)
    assert export_calendar(vault, clock, mina, target, EVERYTHING) == 0


def test_a_visit_cancelled_before_it_was_ever_written_is_not_in_it(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    store(vault, mina, [visit(status="cancelled")])
    assert export_calendar(vault, clock, mina, target, EVERYTHING) == 0


def test_a_visit_only_asked_for_is_tentative_and_rings_nowhere(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    store(vault, mina, [visit(status="proposed")])
    export_calendar(vault, clock, mina, target, EVERYTHING)
    event = only(target)
    assert (event["STATUS"], event["SUMMARY"]) == ("TENTATIVE", "Appointment (not confirmed)")
    assert not event.walk("VALARM")


def test_a_schedule_that_ended_has_an_end_and_a_paused_one_is_called_off(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    ended = confirm(vault, clock, mina, DAILY, title="ended")
    paused = confirm(vault, clock, mina, DAILY, title="paused")
    export_calendar(vault, clock, mina, target, FULL)
    later(clock, days=2)
    dose_verbs.end_schedule(vault, clock, ended)
    dose_verbs.pause(vault, clock, paused)
    export_calendar(vault, clock, mina, target, FULL)
    by_title = {"ended" if "ended" in each["SUMMARY"] else "paused": each for each in events(target)}
    assert by_title["ended"]["RRULE"]["UNTIL"] == [clock.now()]
    assert by_title["paused"]["STATUS"] == "CANCELLED"
    dose_verbs.go_on(vault, clock, paused)
    export_calendar(vault, clock, mina, target, FULL)
    again = next(each for each in events(target) if "paused" in each["SUMMARY"])
    assert (again["STATUS"], again["SEQUENCE"]) == ("CONFIRMED", 2)


def test_a_dose_moved_by_the_person_is_at_its_new_time_alone(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    confirm(vault, clock, mina, DAILY)
    replan(vault, clock)
    start, end = clock.now(), clock.now() + timedelta(days=3)
    first = vault.read(lambda db: rows.doses_between(db, mina, start, end))[-1]
    assert first.due is not None
    elsewhere = first.due + timedelta(hours=2)
    dose_verbs.move(vault, clock, first, elsewhere)
    export_calendar(vault, clock, mina, target, EVERYTHING)
    shown = {at for event in events(target) for at in moments(event, start, end)}
    assert elsewhere in shown
    assert first.due not in shown


def test_a_source_that_changed_is_said_in_the_discreet_title_too(
    vault: Vault, clock: FixedClock, mina: int, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(vault, clock, mina, DAILY)
    monkeypatch.setattr("phr_desktop.queries.calendars.changed_basis", lambda _db, _one: (7,))
    export_calendar(vault, clock, mina, target, EVERYTHING)
    assert only(target)["SUMMARY"] == "Medicine (your clinic changed this: check before you take it)"


def test_only_the_person_may_read_the_file(vault: Vault, clock: FixedClock, mina: int, target: Path) -> None:
    export_calendar(vault, clock, mina, target)
    assert target.stat().st_mode & 0o077 == 0
    assert list(target.parent.glob("*.part")) == []


# --- kept up to date


@pytest.fixture
def told() -> list[ChangeSet]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared"


def feeds(vault: Vault, clock: FixedClock, told: list[ChangeSet]) -> CalendarFeeds:
    return CalendarFeeds(vault, clock, told.append)


def test_the_kept_file_follows_every_change(
    vault: Vault, clock: FixedClock, mina: int, folder: Path, told: list[ChangeSet]
) -> None:
    verbs.keep_file(vault, clock, mina, folder)
    keeper = feeds(vault, clock, told)
    keeper.write_all()
    (file,) = folder.iterdir()
    assert events(file) == []
    store(vault, mina, [visit()])
    keeper.write_all()
    assert str(only(file)["SUMMARY"]) == "Appointment"
    assert "Mina" not in file.name


def test_a_file_that_says_the_same_is_not_written_again(
    vault: Vault, clock: FixedClock, mina: int, folder: Path, told: list[ChangeSet]
) -> None:
    verbs.keep_file(vault, clock, mina, folder)
    store(vault, mina, [visit()])
    keeper = feeds(vault, clock, told)
    keeper.write_all()
    (file,) = folder.iterdir()
    before = file.stat().st_ino
    later(clock, hours=1)
    keeper.write_all()
    assert file.stat().st_ino == before
    assert len(told) == 1


def test_what_is_in_the_way_is_told_once_and_ends_by_itself(
    vault: Vault, clock: FixedClock, mina: int, folder: Path, told: list[ChangeSet]
) -> None:
    verbs.keep_file(vault, clock, mina, folder)
    folder.rmdir()
    keeper = feeds(vault, clock, told)
    keeper.write_all()
    keeper.write_all()
    assert calendar_choice(vault, clock, mina).failure == "calendar-folder-missing"
    assert told == [ChangeSet.of(Topic.SETTINGS, person=mina)]
    folder.mkdir()
    keeper.write_all()
    choice = calendar_choice(vault, clock, mina)
    assert (choice.failure, choice.written_at) == (None, int(clock.now().timestamp()))


def test_a_change_is_written_by_the_thread_until_it_is_stopped(
    vault: Vault, clock: FixedClock, mina: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    verbs.keep_file(vault, clock, mina, folder)
    written = threading.Semaphore(0)
    original = files.CalendarFeeds.write_all

    def write_all(self: CalendarFeeds) -> None:
        original(self)
        written.release()

    monkeypatch.setattr(files.CalendarFeeds, "write_all", write_all)
    keeper = CalendarFeeds(vault, clock, lambda _change: None)
    keeper.start()
    assert written.acquire(timeout=20)
    store(vault, mina, [visit()])
    keeper.changed(ChangeSet.of(Topic.RECORDS, person=mina))
    assert written.acquire(timeout=20)
    keeper.stop()
    (file,) = folder.iterdir()
    assert len(events(file)) == 1


def test_a_file_no_longer_kept_is_not_written_and_not_removed(
    vault: Vault, clock: FixedClock, mina: int, folder: Path, told: list[ChangeSet]
) -> None:
    verbs.keep_file(vault, clock, mina, folder)
    keeper = feeds(vault, clock, told)
    keeper.write_all()
    verbs.stop_keeping_file(vault, clock, mina)
    store(vault, mina, [visit()])
    keeper.write_all()
    (file,) = folder.iterdir()
    assert events(file) == []


def test_folders_that_cannot_be_are_refused(vault: Vault, clock: FixedClock, mina: int, folder: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="calendar-folder-missing"):
        verbs.keep_file(vault, clock, mina, folder / "none")
    with pytest.raises(UserFacingError, match="calendar-folder-is-vault"):
        verbs.keep_file(vault, clock, mina, vault.folder)


def test_a_zone_without_a_name_lists_the_doses_one_by_one(
    vault: Vault, clock: FixedClock, mina: int, target: Path
) -> None:
    from datetime import timezone

    clock.travel_to(timezone(timedelta(hours=-8), "home"))
    rhythm: Rhythm = DAILY
    confirm(vault, clock, mina, rhythm)
    assert export_calendar(vault, clock, mina, target, EVERYTHING) == 28
    assert all(each["DTSTART"].dt.tzinfo in (UTC, ZoneInfo("UTC")) for each in events(target))


def test_a_title_can_neither_end_the_file_nor_begin_an_entry() -> None:
    evil = "Visit\x00\x1b[31m\rEND:VEVENT\r\nBEGIN:VALARM\nX;Y,Z\\\U0001f600"
    item = CalendarItem(
        "u", CalendarKind.VISIT, evil, "2026-12-01T09:00:00", "UTC", where=evil, note=evil, alarms=(-5,)
    )
    content = to_ics([CalendarEntry(item, 0, 0)])
    assert not [byte for byte in content if byte < 32 and byte not in b"\r\n"]
    [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert len(event.subcomponents) == 1
    said = "Visit\ufffd\ufffd[31m\nEND:VEVENT\nBEGIN:VALARM\nX;Y,Z\\\U0001f600"
    assert [str(event[name]) for name in ("SUMMARY", "LOCATION", "DESCRIPTION")] == [said] * 3
