"""Calendar files from a clinic: stored as visits, brought up to date and called off by their number, never guessed."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from phr_desktop.calendars import export_calendar
from phr_desktop.clock import FixedClock
from phr_desktop.domain.appointments import Visit, Visits
from phr_desktop.domain.reports import Applied
from phr_desktop.errors import UserFacingError
from phr_desktop.files import ics_import
from phr_desktop.files.fhir_files import import_files, inspect
from phr_desktop.queries.appointments import appointments
from phr_desktop.vault import quarantine, records, sources
from phr_desktop.vault.vault import Vault
from tests.files.calendar_life import EVERYTHING, visit
from tests.resources import store

VISIT = """UID:7f3@clinic.example
DTSTAMP:20261120T090000Z
DTSTART;TZID=America/New_York:20261201T101500
DTEND;TZID=America/New_York:20261201T104500
SUMMARY:Knee check\\, left
LOCATION:Building 4
DESCRIPTION:Fasting from midnight.
ORGANIZER;CN=Harbor Clinic:mailto:desk@clinic.example"""
SERIES = """UID:series@clinic.example
DTSTAMP:20261120T090000Z
DTSTART;TZID=Europe/Berlin:20261124T090000
DTEND;TZID=Europe/Berlin:20261124T093000
SUMMARY:Physiotherapy
"""


def calendar(*inside: str, method: str = "REQUEST") -> bytes:
    said = "\n".join(f"BEGIN:VEVENT\n{each.strip()}\nEND:VEVENT" for each in inside)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\n{said}\nEND:VCALENDAR\n".replace("\n", "\r\n").encode()


@pytest.fixture
def take(vault: Vault, clock: FixedClock, mina: int, tmp_path: Path):
    def add(*files: bytes) -> Applied:
        paths = [tmp_path / f"{number}.ics" for number in range(len(files))]
        for path, content in zip(paths, files, strict=True):
            path.write_bytes(content)
        return import_files(vault, clock, paths, mina).applied

    return add


@pytest.fixture
def visits(vault: Vault, clock: FixedClock, mina: int):
    return lambda: appointments(vault, clock, mina)


def only(found: Visits) -> Visit:
    (one,) = found.upcoming
    return one


def starts(found: Visits) -> list[str]:
    return [each.start.isoformat() for each in found.upcoming if each.start is not None]


def test_an_invitation_becomes_a_visit(take, visits) -> None:
    assert take(calendar(VISIT)) == Applied(added=1)
    one = only(visits())
    assert (one.title, one.where, one.who) == ("Knee check, left", "Building 4", ("Harbor Clinic",))
    assert (one.start.isoformat(), one.end.isoformat()) == ("2026-12-01T10:15:00-05:00", "2026-12-01T10:45:00-05:00")
    assert (one.status_words, one.instructions) == ("booked", "Fasting from midnight.")


def test_the_events_own_bytes_are_kept(take, visits, vault) -> None:
    content = calendar(VISIT + "\nX-ODD:kept \u00e9")
    take(content)
    record = only(visits()).record
    body = vault.read(lambda db: records.body(db, record))
    original = base64.b64decode(json.loads(body)["contained"][0]["data"])
    assert original.startswith(b"BEGIN:VEVENT")
    assert original.rstrip(b"\r") in content


def test_the_same_again_adds_nothing(take, visits) -> None:
    take(calendar(VISIT))
    assert take(calendar(VISIT)) == Applied(unchanged=1)
    assert len(visits().upcoming) == 1


def test_a_higher_sequence_moves_it_and_the_mail_before_moves_nothing_back(take, visits) -> None:
    moved = VISIT.replace("20261201T10", "20261202T11") + "\nSEQUENCE:2"
    take(calendar(VISIT))
    assert take(calendar(moved)) == Applied(updated=1)
    assert take(calendar(VISIT)) == Applied(unchanged=1)
    assert only(visits()).start.isoformat() == "2026-12-02T11:15:00-05:00"


def test_in_whichever_order_the_files_are_added_the_newest_counts(take, visits) -> None:
    moved = VISIT.replace("20261201T10", "20261202T11") + "\nSEQUENCE:2"
    take(calendar(moved), calendar(VISIT))
    assert only(visits()).start.isoformat() == "2026-12-02T11:15:00-05:00"


def test_where_the_sequence_stays_the_moment_it_was_made_counts(take, visits) -> None:
    take(calendar(VISIT))
    take(calendar(VISIT.replace("20261120T09", "20261121T09").replace("T1015", "T1100").replace("T1045", "T1130")))
    take(calendar(VISIT))
    assert only(visits()).start.isoformat() == "2026-12-01T11:00:00-05:00"


@pytest.mark.parametrize(
    "off", [calendar(VISIT + "\nSEQUENCE:1", method="CANCEL"), calendar(VISIT + "\nSEQUENCE:1\nSTATUS:CANCELLED")]
)
def test_a_cancel_calls_it_off_and_an_older_mail_does_not_book_it_again(take, visits, off) -> None:
    take(calendar(VISIT))
    take(off)
    take(calendar(VISIT))
    found = visits()
    assert found.upcoming == ()
    assert [each.status_words for each in found.withdrawn] == ["cancelled"]


def test_a_tentative_one_is_not_booked(take, visits) -> None:
    take(calendar(VISIT + "\nSTATUS:TENTATIVE"))
    assert only(visits()).status_words == "asked, not confirmed"


@pytest.mark.parametrize(
    "zone",
    ["EST5EDT", "/mozilla.org/20050126_1/America/New_York", "/freeassociation.sourceforge.net/America/New_York"],
)
def test_zones_by_names_with_more_around_them(take, visits, zone) -> None:
    take(calendar(VISIT.replace("America/New_York", zone)))
    assert only(visits()).start.isoformat() == "2026-12-01T10:15:00-05:00"


@pytest.mark.parametrize("zone", ["America/New York", "GMT-0500", "Customized Time Zone", "tzone://Microsoft/Utc"])
def test_no_zone_is_guessed_from_a_name_that_is_nearly_one(take, visits, zone) -> None:
    assert take(calendar(VISIT.replace("America/New_York", zone))) == Applied(quarantined=1)


@pytest.mark.parametrize("zone", ["Eastern Standard Time", "US/Eastern", '"(UTC-05:00) Eastern Time (US & Canada)"'])
def test_zones_by_their_other_names(take, visits, zone) -> None:
    take(calendar(VISIT.replace("America/New_York", zone)))
    found = visits().upcoming
    assert not found or found[0].start.isoformat() == "2026-12-01T10:15:00-05:00"
    assert found or "(UTC" in zone  # a name that is no name: not guessed at


def test_a_zone_nobody_knows_is_not_guessed_at(take, visits, vault, mina) -> None:
    assert take(calendar(VISIT.replace("America/New_York", "Clinic/Room-4"))) == Applied(quarantined=1)
    assert visits().upcoming == ()
    source = vault.read(lambda db: sources.of_person(db, mina))[0].id
    assert vault.read(lambda db: quarantine.counts(db, source)) == {"calendar-zone-unknown": 1}


def test_a_zone_that_the_file_explains_is_known(take, visits) -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Clinic\r\nBEGIN:STANDARD\r\nDTSTART:20200101T000000\r\nTZOFFSETFROM:-0300\r\n"
        "TZOFFSETTO:-0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    content = calendar(VISIT.replace("America/New_York", "Clinic")).replace(b"BEGIN:VEVENT", zone.encode(), 1)
    take(content)
    assert only(visits()).start.isoformat() == "2026-12-01T10:15:00-03:00"


def test_a_time_of_no_zone_is_by_the_clocks_here_and_a_day_stays_a_day(take, visits) -> None:
    floating = "UID:1\nDTSTART:20261203T140000\nSUMMARY:Blood test"
    day = "UID:2\nDTSTART;VALUE=DATE:20261204\nSUMMARY:Colonoscopy"
    take(calendar(floating, day))
    first, second = visits().upcoming
    assert first.start.isoformat() == "2026-12-03T14:00:00-08:00"
    assert (second.start, second.start_text) == (None, "2026-12-04")


def test_a_series_is_each_of_its_dates_through_the_change_of_the_clocks(take, visits) -> None:
    take(calendar(SERIES + "RRULE:FREQ=WEEKLY;UNTIL=20270406T070000Z\nEXDATE;TZID=Europe/Berlin:20261201T090000"))
    found = starts(visits())
    assert found[:2] == ["2026-11-24T09:00:00+01:00", "2026-12-08T09:00:00+01:00"]
    assert found[-1] == "2027-04-06T09:00:00+02:00"
    assert len(found) == 19


def test_a_series_without_an_end_is_read_for_a_year_and_says_so(take, visits) -> None:
    take(calendar(SERIES + "RRULE:FREQ=WEEKLY"))
    found = visits().upcoming
    assert len(found) == 53
    assert "more than a year" in found[0].instructions


def test_one_date_of_a_series_is_moved_and_another_called_off(take, visits) -> None:
    whole = SERIES + "RRULE:FREQ=WEEKLY;COUNT=3"
    moved = SERIES.replace("T09", "T15") + "RECURRENCE-ID;TZID=Europe/Berlin:20261124T090000\nSEQUENCE:1"
    off = SERIES + "RECURRENCE-ID:20261201T080000Z\nSEQUENCE:1\nSTATUS:CANCELLED"
    take(calendar(whole))
    take(calendar(moved), calendar(off))
    found = visits()
    assert starts(found) == ["2026-11-24T15:00:00+01:00", "2026-12-08T09:00:00+01:00"]
    assert len(found.withdrawn) == 1
    assert take(calendar(whole)).updated == 0


@pytest.mark.parametrize(
    "off",
    [
        "EXDATE;TZID=Europe/Berlin:20261125T090000", "EXDATE:20261125T080000Z", "EXDATE:20261125T090000",
        "EXDATE;VALUE=DATE:20261125", "EXDATE;TZID=America/New_York:20261125T030000,20261120T030000",
    ],
)  # fmt: skip
def test_a_date_taken_out_of_a_series_is_out_however_it_is_written(take, visits, off) -> None:
    take(calendar(SERIES + "RRULE:FREQ=DAILY;COUNT=3\n" + off))
    assert [each[8:10] for each in starts(visits())] == ["24", "26"]


def test_a_date_taken_out_of_a_series_of_no_zone_and_no_moment_of_making(take, visits) -> None:
    floating = SERIES.replace(";TZID=Europe/Berlin", "").replace("DTSTAMP:20261120T090000Z\n", "")
    take(calendar(floating + "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261125T090000"))
    assert starts(visits()) == ["2026-11-24T09:00:00-08:00", "2026-11-26T09:00:00-08:00"]


def test_without_a_moment_of_making_the_last_file_counts_but_books_nothing_that_was_called_off(take, visits) -> None:
    said = VISIT.replace("DTSTAMP:20261120T090000Z\n", "")
    take(calendar(said))
    take(calendar(said.replace("20261201T10", "20261202T10")))
    assert only(visits()).start.isoformat() == "2026-12-02T10:15:00-05:00"
    take(calendar(said, method="CANCEL"))
    take(calendar(said))
    assert visits().upcoming == ()


def test_a_series_put_on_another_day_leaves_no_old_date_booked(take, visits) -> None:
    take(calendar(SERIES + "RRULE:FREQ=WEEKLY;COUNT=3"))
    take(calendar(SERIES.replace("1124", "1125").replace("1120T09", "1121T09") + "RRULE:FREQ=WEEKLY;COUNT=2"))
    found = visits()
    assert starts(found) == ["2026-11-25T09:00:00+01:00", "2026-12-02T09:00:00+01:00"]
    assert len(found.withdrawn) == 3


def test_the_cancel_of_a_series_calls_off_every_date(take, visits) -> None:
    take(calendar(SERIES + "RRULE:FREQ=WEEKLY;COUNT=3"))
    take(calendar("UID:series@clinic.example\nDTSTAMP:20261121T090000Z\nSEQUENCE:1", method="CANCEL"))
    assert visits().upcoming == ()


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=YEARLY;INTERVAL=0",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;COUNT=5",
        "FREQ=X",
    ],
)
def test_a_rule_that_could_be_tried_for_ever_gives_the_first_date_and_says_so(take, visits, rule) -> None:
    take(calendar(SERIES + f"RRULE:{rule}"))
    found = visits().upcoming
    assert len(found) <= 1
    assert all("only the first is shown" in each.instructions for each in found)


def test_a_rule_that_never_comes_true_leaves_the_first_date(take, visits) -> None:
    take(calendar(SERIES + "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"))
    assert starts(visits()) == ["2026-11-24T09:00:00+01:00"]


def test_nothing_of_it_is_run_or_opened(take, visits) -> None:
    alarm = "BEGIN:VALARM\nACTION:PROCEDURE\nATTACH:file:///bin/true\nTRIGGER:-PT5M\nEND:VALARM"
    take(calendar(f"{VISIT}\nURL:https://bad.example/now\nCONFERENCE:https://bad.example/join\n{alarm}"))
    assert only(visits()).video_link is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"BEGIN:VCALENDAR", "calendar-not-visits"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "calendar-broken"),
        (b"BEGIN:VCALENDAR\r\n\x00\xff\xfe\r\nEND:VCALENDAR\r\n", "calendar-broken"),
        (calendar(VISIT)[:-20], "calendar-broken"),
        (calendar(VISIT) + calendar(SERIES)[:-40], "calendar-broken"),
        (calendar(), "calendar-not-visits"),
        (calendar(VISIT, method="REPLY"), "calendar-not-visits"),
    ],
)
def test_what_is_no_invitation_is_said_so(take, visits, content: bytes, code: str) -> None:
    with pytest.raises(UserFacingError, match=code):
        take(content)
    assert visits().upcoming == ()


def test_events_that_say_no_time_or_have_no_number_are_kept_aside(take, visits) -> None:
    twice = "UID:3\nDTSTART:20261203T140000\nRECURRENCE-ID:20261203T140000Z\nRECURRENCE-ID:20261204T140000Z"
    applied = take(calendar("UID:1\nSUMMARY:a", "DTSTART:20261203T140000", "UID:2\nDTSTART:tomorrow", twice, VISIT))
    assert applied == Applied(added=1, quarantined=4)
    assert only(visits()).title == "Knee check, left"


def test_there_are_caps(take, monkeypatch) -> None:
    monkeypatch.setattr(ics_import, "MAXIMUM_EVENTS", 2)
    with pytest.raises(UserFacingError, match="calendar-too-large"):
        take(calendar(VISIT, VISIT, VISIT))
    monkeypatch.setattr(ics_import, "MAXIMUM_BYTES", 100)
    with pytest.raises(UserFacingError, match="calendar-too-large"):
        take(calendar(VISIT))


def test_what_this_program_wrote_is_not_taken_for_a_clinics(vault, clock, mina, take, tmp_path) -> None:
    store(vault, mina, [visit()])
    own = tmp_path / "own.ics"
    export_calendar(vault, clock, mina, own, EVERYTHING)
    with pytest.raises(UserFacingError, match="calendar-own"):
        take(own.read_bytes())


def test_a_look_into_it_says_what_is_in_it_and_stores_nothing(vault, visits, tmp_path) -> None:
    path = tmp_path / "mail.ics"
    path.write_bytes(calendar(VISIT))
    found = inspect([path])
    assert (found.counts, found.subjects) == ({"Appointment": 1}, ())
    assert visits().upcoming == ()
