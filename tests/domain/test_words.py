"""What a reader is told of a date: never more than was written, never another day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.domain import words
from phr_desktop.domain.records import DatePrecision

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=LOS_ANGELES)
TODAY = NOW.date()


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("utc", "precision", "zone", "shown"),
    [
        (seconds(2004, 1, 1), DatePrecision.YEAR, None, "2004"),
        (seconds(2004, 5, 1), DatePrecision.MONTH, None, "May 2004"),
        (seconds(2026, 8, 21), DatePrecision.DAY, None, "Aug 21"),
        (seconds(2025, 8, 21), DatePrecision.DAY, None, "Aug 21, 2025"),
        # 23:30 in New York is the next day in UTC: the source's own day is told
        (seconds(2026, 8, 22, 3, 30), DatePrecision.TIME, "-04:00", "Aug 21"),
        (seconds(2026, 8, 20, 22, 30), DatePrecision.TIME, "+02:00", "Aug 21"),
        # written in UTC: the reader's day
        (seconds(2026, 8, 22, 1, 0), DatePrecision.TIME, "Z", "Aug 21"),
        # midnight in UTC is a day without a time
        (seconds(2026, 8, 22), DatePrecision.TIME, "Z", "Aug 22"),
    ],
)
def test_a_date_is_told_as_written(utc: int, precision: DatePrecision, zone: str | None, shown: str) -> None:
    assert words.written_date("as written", utc, precision, zone, NOW) == shown


def test_a_day_before_1970_is_told() -> None:
    utc = seconds(1949, 5, 4)
    assert words.written_date("1949-05-04", utc, DatePrecision.DAY, None, NOW, long=True) == "May 4, 1949"


def test_what_is_no_date_is_told_as_written() -> None:
    assert words.written_date("in childhood", None, None, None, NOW) == "in childhood"
    assert words.written_date(None, None, None, None, NOW) == "no date given"


def test_the_exact_date_has_the_time_and_the_place() -> None:
    utc = seconds(2026, 8, 22, 3, 30)
    assert words.exact_date("x", utc, DatePrecision.TIME, "-04:00", NOW) == "August 21, 2026, 11:30 PM, UTC-04:00"
    assert words.exact_date("x", seconds(2004, 5, 1), DatePrecision.MONTH, None, NOW) == "May 2004"
    assert words.exact_date("x", seconds(2026, 8, 22), DatePrecision.TIME, "Z", NOW) == "August 22, 2026"


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 11, 21), "today"),
        (date(2026, 11, 22), "tomorrow"),
        (date(2026, 11, 20), "yesterday"),
        (date(2026, 11, 24), "in 3 days"),
        (date(2026, 11, 16), "5 days ago"),
        (date(2026, 12, 12), "in 3 weeks"),
        (date(2027, 3, 3), "Mar 3, 2027"),
    ],
)
def test_days_away(day: date, shown: str) -> None:
    assert words.days_away(day, TODAY) == shown


def test_when_something_happened_here() -> None:
    assert words.moment_words(seconds(2026, 11, 21, 16, 14), NOW) == "today 8:14 AM"
    assert words.moment_words(seconds(2026, 11, 20, 23, 10), NOW) == "yesterday 3:10 PM"
    assert words.moment_words(seconds(2026, 11, 3, 20, 0), NOW) == "Nov 3"


def test_noon_and_midnight() -> None:
    assert words.time_of_day(datetime(2026, 1, 1, 0, 5, tzinfo=UTC)) == "12:05 AM"
    assert words.time_of_day(datetime(2026, 1, 1, 12, 0, tzinfo=UTC)) == "12:00 PM"


def test_counts_and_lists() -> None:
    assert words.count_words(1, "result", "results") == "1 result"
    assert words.count_words(1204, "result", "results") == "1,204 results"
    assert words.joined([]) == ""
    assert words.joined(["penicillin"]) == "penicillin"
    assert words.joined(["penicillin", "latex", "peanut"]) == "penicillin, latex and peanut"
