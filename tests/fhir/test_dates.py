"""Dates stay as written; the sort key is the start of what was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.fhir.dates import UNREADABLE, parse_date


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "seconds", "precision", "zone"),
    [
        ("1962", utc(1962, 1, 1), "year", None),
        ("1962-04", utc(1962, 4, 1), "month", None),
        ("1962-04-16", utc(1962, 4, 16), "day", None),
        ("2020-02-29T00:30:00+02:00", utc(2020, 2, 28, 22, 30), "time", "+02:00"),
        ("2020-03-08T01:30:00-08:00", utc(2020, 3, 8, 9, 30), "time", "-08:00"),
        ("2020-03-08T01:30:00.701888Z", utc(2020, 3, 8, 1, 30), "time", "Z"),
        ("2020-03-08T01:30:00-00:00", utc(2020, 3, 8, 1, 30), "time", "-00:00"),
        ("2016-12-31T23:59:60Z", utc(2016, 12, 31, 23, 59, 59), "time", "Z"),
        ("2020-03-08T01:30", utc(2020, 3, 8, 1, 30), "time", None),
        ("2020-03-08T01:30:00", utc(2020, 3, 8, 1, 30), "time", None),
        ("0001-01-01", utc(1, 1, 1), "day", None),
    ],
)
def test_a_date_is_never_made_more_exact_than_it_is(text: str, seconds: int, precision: str, zone: str | None) -> None:
    assert parse_date(text) == (seconds, precision, zone)


@pytest.mark.parametrize(
    "text",
    [
        "2019-02-29", "2020-13", "2020-00-10", "0000", "20200101", "01/02/2020", "in childhood", "2020-W10",
        "2020-1-1", "2020-01-01T24:00:00Z", "2020-01-01T10", "2020-01-01T10:00:00+15:00", "٢٠٢٠", "2020-01-01\n", "",
    ],
)  # fmt: skip
def test_what_is_no_date_has_no_sort_key(text: str) -> None:
    assert parse_date(text) == UNREADABLE


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), st.integers(-14 * 60, 14 * 60))
def test_every_moment_with_a_zone_is_that_moment(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)), microsecond=0)
    parsed = parse_date(aware.isoformat())
    assert parsed.utc == int(aware.timestamp())
    assert parsed.precision == "time"


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    parsed = parse_date(text)
    assert (parsed.utc is None) == (parsed.precision is None)
