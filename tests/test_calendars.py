"""Calendar files from the command line, and kept up to date by the program while it runs."""

from __future__ import annotations

import json
import sys
import threading
from datetime import date, timedelta

import icalendar
import pytest

from phr_desktop import cli
from phr_desktop.actions import calendars as verbs
from phr_desktop.calendars import export_calendar
from phr_desktop.compose import Core
from phr_desktop.domain.calendars import CalendarChoice, CalendarKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.queries.calendars import calendar_choice
from phr_desktop.vault import keys
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
def phr(monkeypatch, capfdbinary, vault_folder, vault, mina, tmp_path):
    """Runs `phr` with JSON in this process over the vault, which is locked before: status, answer, complaint."""
    store(vault, mina, [visit()])
    vault.lock()
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    monkeypatch.setenv("PHR_VAULT", str(vault_folder))
    monkeypatch.setenv("PHR_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr("phr_desktop.vault.calibrate.calibrated", lambda: keys.FLOOR)

    def run(*words: str):
        monkeypatch.setattr(sys, "argv", ["phr", "--json", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfdbinary.readouterr()
        return int(ended.value.code or 0), json.loads(said.out) if said.out else None, said.err.decode()

    return run


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
    assert [each["TRIGGER"].dt for each in before.walk("VALARM")] == [timedelta(hours=9)]
    later(clock, days=17)
    store(vault, mina, [dispense("d2", day="2026-12-07")])
    export_calendar(vault, clock, mina, target, REFILLS)
    (after,) = events(target)
    assert after["UID"] == before["UID"]
    assert after["DTSTART"].dt > before["DTSTART"].dt
    assert after["SEQUENCE"] == 1
