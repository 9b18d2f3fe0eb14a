"""What a person writes into a schedule is read surely or not at all."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from phr_desktop.domain.dose_reading import read_amount, read_day, read_time, read_whole


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("8", time(8)), ("8 AM", time(8)), ("8 p.m.", time(20)), ("20:30", time(20, 30)), ("8.30pm", time(20, 30)),
        ("12 AM", time(0)), ("12 pm", time(12)), ("noon", time(12)), ("midnight", time(0)),
        ("8 in the morning", time(8)), ("9 at night", time(21)),
        ("", None), ("2 at night", None), ("25:00", None), ("13 PM", None), ("8:60", None), ("morning", None),
        ("0 AM", None), ("8 AM or 9 AM", None),
    ],
)  # fmt: skip
def test_times(text, read):
    assert read_time(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1", "1"), ("1.5", "1.5"), (".5", "0.5"), ("1/2", "0.5"), ("1 1/2", "1.5"), ("½", "0.5"), ("2½", "2.5"),
        ("1,000", "1000"), ("0.25", "0.25"),
        ("", None), ("0", None), ("1,5", None), ("-1", None), ("1-2", None), ("one", None), (".", None), ("1e3", None),
        ("1/3", None), ("1.0625", None), ("999999", None),
    ],
)  # fmt: skip
def test_amounts(text, read):
    assert read_amount(text) == (None if read is None else Decimal(read))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-23", date(2026, 11, 23)), ("Nov 23, 2026", date(2026, 11, 23)),
        ("November 3 2026", date(2026, 11, 3)), ("11/23/2026", date(2026, 11, 23)),
        ("2026-02-30", None), ("23/11/2026", None), ("Nov 23", None), ("tomorrow", None), ("Ma 3 2026", None),
    ],
)  # fmt: skip
def test_days(text, read):
    assert read_day(text) == read


def test_whole_numbers_within_their_bounds():
    assert [read_whole(text, 2, 10) for text in ("1", "2", "10", "11", "3.5", "", "٣٣٣")] == [
        None, 2, 10, None, None, None, None,
    ]  # fmt: skip
