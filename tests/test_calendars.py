"""Calendar files from the command line, and kept up to date by the program while it runs."""

from __future__ import annotations

import threading
from datetime import date, time, timedelta
from decimal import Decimal

import icalendar
import pytest

from phr_desktop.actions import calendars as verbs
from phr_desktop.actions.doses import confirm_schedule
from phr_desktop.actions.reminders import choose
from phr_desktop.calendars import export_calendar
from phr_desktop.compose import Core
from phr_desktop.domain.calendars import CalendarChoice, CalendarKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.queries.calendars import calendar_choice
from phr_desktop.vault import people
from phr_desktop.vault.vault import Vault
from tests.files.calendar_life import later, visit
from tests.queries.test_medicines import dispense, order
from tests.resources import store
from tests.vaults import PASSPHRASE

REFILLS = CalendarChoice(frozenset({CalendarKind.REFILL}))


def events(path):
    return list(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


@pytest.fixture
def core(clock, vault, vault_folder):
    made = Core(clock, vault_folder)
    made.vault = vault
    yield made
    made.lock()


@pytest.fixture
def phr(phr, vault, mina):
    """Runs `phr` with JSON over the vault, which is locked before: status, answer, complaint."""
    store(vault, mina, [visit()])
    vault.lock()
    return phr.answer


def test_export_names_nobody_unless_told_to_and_says_it_is_not_encrypted(phr, tmp_path):
    target = tmp_path / "visits.ics"
    status, answer, said = phr("calendar", "export", str(target), "--person", "1")
    assert (status, answer["entries"]) == (0, 1)
    assert "not encrypted" in said
    assert [str(each["SUMMARY"]) for each in events(target)] == ["Appointment"]
    phr("calendar", "export", str(target), "--person", "1", "--full-words", "--with", "visit", "--with", "dose")
    assert [str(each["SUMMARY"]) for each in events(target)] == ["Mina Satterfield: Cardiology follow-up"]


def test_a_clinics_file_is_imported_and_rubbish_is_refused_in_words(phr, tmp_path):
    mail = tmp_path / "mail.ics"
    mail.write_bytes(
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261203T140000Z\r\n"
        b"SUMMARY:Blood test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert phr("import", str(mail), "--person", "1")[:2] == (
        0, {"added": 1, "updated": 0, "unchanged": 0, "quarantined": 0, "left_out": 0},
    )  # fmt: skip
    mail.write_bytes(b"BEGIN:VCALENDAR\r\nnothing\r\n")
    status, _, said = phr("import", str(mail), "--person", "1")
    assert status == 1
    assert "Nothing was added" in said


def test_the_kept_file_follows_while_the_program_runs_and_stays_when_it_locks(core, vault, clock, mina, tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    written = threading.Semaphore(0)

    def on_change(change):
        if Topic.SETTINGS in change.topics:
            written.release()

    core.start_background(on_change, lambda _reminders: None)
    verbs.keep_file(vault, clock, mina, folder)
    core.changed(ChangeSet.of(Topic.SETTINGS, person=mina))
    assert written.acquire(timeout=20)
    store(vault, mina, [visit()])
    core.changed(ChangeSet.of(Topic.RECORDS, person=mina))
    assert written.acquire(timeout=20)
    assert calendar_choice(vault, clock, mina).failure is None
    core.lock()
    (file,) = folder.iterdir()
    assert [str(each["SUMMARY"]) for each in events(file)] == ["Appointment"]
    assert "phr-calendars" not in [each.name for each in threading.enumerate()]


def test_the_day_to_ask_for_a_refill_is_in_it_and_moves_with_a_new_fill(vault, clock, mina, tmp_path):
    target = tmp_path / "refills.ics"
    store(vault, mina, [order(), dispense(day="2026-11-10")])
    assert export_calendar(vault, clock, mina, target, REFILLS) == 1
    (before,) = events(target)
    assert str(before["SUMMARY"]) == "Medicine refill"
    assert date(2026, 11, 21) <= before["DTSTART"].dt < date(2026, 12, 10)
    assert [each["TRIGGER"].dt for each in before.walk("VALARM")] == [
        timedelta(hours=9), timedelta(days=5, hours=9),  # and two days before it runs out
    ]  # fmt: skip
    later(clock, days=17)
    store(vault, mina, [dispense("d2", day="2026-12-07")])
    export_calendar(vault, clock, mina, target, REFILLS)
    (after,) = events(target)
    assert after["UID"] == before["UID"]
    assert after["DTSTART"].dt > before["DTSTART"].dt
    assert after["SEQUENCE"] == 1


def triggers(path):
    return [alarm["TRIGGER"].dt for event in events(path) for alarm in event.walk("VALARM")]


def test_the_alarms_follow_the_leads_and_the_hour_that_the_person_chose(vault, clock, mina, tmp_path):
    target = tmp_path / "kept.ics"
    store(vault, mina, [visit(), order(), dispense(day="2026-11-10")])
    visits = CalendarChoice(frozenset({CalendarKind.VISIT}))
    without = {(ReminderKind.APPOINTMENT, "1 day"), (ReminderKind.REFILL, "2 days")}
    choose(vault, clock, mina, ReminderChoices(without=frozenset(without), refill_hour=time(18, 30)))
    export_calendar(vault, clock, mina, target, visits)
    assert triggers(target) == [-timedelta(weeks=1), -timedelta(hours=2)]
    export_calendar(vault, clock, mina, target, REFILLS)
    assert triggers(target) == [timedelta(hours=18, minutes=30)]
    choose(vault, clock, mina, ReminderChoices(without=frozenset({(ReminderKind.REFILL, "7 days")})))
    export_calendar(vault, clock, mina, target, REFILLS)
    assert triggers(target) == [timedelta(days=5, hours=9)]


def test_doses_said_again_ring_again_in_the_calendar_too(vault, clock, mina, tmp_path):
    target = tmp_path / "doses.ics"
    rhythm = AtTimes(EveryDay(), (TimedDose(time(8), Decimal(1)),))
    confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:1", "Metformin", "tablet", rhythm, date(2026, 11, 21)))
    choose(vault, clock, mina, ReminderChoices(repeat_doses=True))
    export_calendar(vault, clock, mina, target, CalendarChoice(frozenset({CalendarKind.DOSE})))
    assert triggers(target) == [timedelta(minutes=minutes) for minutes in (0, 10, 30)]


# --- removal: the file is not encrypted


@pytest.fixture
def kept(core, clock, mina, tmp_path):
    """The file of Mina's calendar, and that of somebody who stays."""
    leo = core.open_vault.write(lambda db: people.add(db, "Leo", None, None, 1))
    files = []
    for person in (mina, leo):
        folder = tmp_path / f"of-{person}"
        folder.mkdir()
        verbs.keep_file(core.open_vault, clock, person, folder)
        files.append(calendar_choice(core.open_vault, clock, person).file)
        files[-1].write_bytes(b"BEGIN:VCALENDAR")
    return files


def test_a_persons_calendar_file_goes_with_the_person_and_nobody_elses_does(core, mina, kept):
    core.upkeep.remove_person(mina)
    assert [file.exists() for file in kept] == [False, True]


def test_a_file_that_is_gone_already_is_no_hindrance(core, mina, kept):
    kept[0].unlink()
    core.upkeep.remove_person(mina)
    assert [one.name for one in core.open_vault.read(people.everyone)] == ["Leo"]


@pytest.mark.parametrize("what", ["the person", "the record"])
def test_where_the_file_cannot_be_removed_nothing_is_and_it_is_said(core, mina, kept, what, vault_folder):
    kept[0].unlink()
    kept[0].parent.rmdir()  # its drive is not plugged in
    removal = {
        "the person": lambda: core.upkeep.remove_person(mina),
        "the record": lambda: core.upkeep.remove_vault(with_backups=False),
    }
    with pytest.raises(EnvironmentProblem, match="calendar-file-stays"):
        removal[what]()
    again = core.open_vault if what == "the person" else Vault.unlock(vault_folder, PASSPHRASE)
    try:
        assert len(again.read(people.everyone)) == 2
    finally:
        again.lock()


def test_the_calendar_files_go_with_the_record(core, kept, vault_folder):
    core.upkeep.remove_vault(with_backups=False)
    assert [file.exists() for file in kept] == [False, False]
    assert not list(vault_folder.glob("data-*"))
