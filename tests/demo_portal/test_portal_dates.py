"""FHIR dates and their search prefixes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phr_desktop.demo_portal.fhirdates import PREFIXES, matches, moment_of, parse, split_prefix

HERE = ZoneInfo("America/Los_Angeles")


@st.composite
def written_dates(draw: st.DrawFn) -> str:
    moment = draw(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)))
    kinds = ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S-07:00")
    return moment.strftime(draw(st.sampled_from(kinds)))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2004", "2004-01-01T08:00", "2005-01-01T08:00"),
        ("2004-12", "2004-12-01T08:00", "2005-01-01T08:00"),
        ("2026-03-08", "2026-03-08T08:00", "2026-03-09T07:00"),  # the night the clocks go forward
        ("2026-01-05T09:30Z", "2026-01-05T09:30", "2026-01-05T09:31"),
        ("2026-01-05T09:30:15-08:00", "2026-01-05T17:30:15", "2026-01-05T17:30:16"),
    ],
)
def test_a_date_is_the_whole_span_it_names(text, low, high):
    moment = parse(text, HERE)
    assert moment.low == datetime.fromisoformat(low).replace(tzinfo=UTC)
    assert moment.high == datetime.fromisoformat(high).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13", "2026-02-30", "2026-01-05T25:00:00Z", "20260105", "2026-01-5"]
)
def test_no_date_is_none(text):
    assert parse(text, HERE) is None


def test_an_open_period_reaches_to_the_end_of_time():
    running = moment_of({"start": "2020-01-01"}, HERE)
    assert matches("gt", parse("2090", HERE), running)
    assert not matches("lt", parse("2019", HERE), running)
    assert moment_of({}, HERE) is None


@settings(deadline=None)  # the machine may be busy
@given(written_dates(), written_dates())
def test_prefixes_agree_with_each_other(wanted_text, found_text):
    wanted, found = parse(wanted_text, HERE), parse(found_text, HERE)
    holds = {prefix: matches(prefix, wanted, found) for prefix in PREFIXES}
    assert holds["ne"] is not holds["eq"]
    assert holds["ge"] is (holds["gt"] or holds["eq"])
    assert holds["le"] is (holds["lt"] or holds["eq"])
    assert holds["ge"] or holds["le"]
    assert not (holds["sa"] and holds["le"])
    assert not (holds["eb"] and holds["ge"])


@settings(deadline=None)  # the machine may be busy
@given(written_dates())
def test_a_later_instant_is_never_before(text):
    moment = parse(text, HERE)
    later = parse((moment.high + timedelta(seconds=1)).isoformat(), HERE)
    assert matches("gt", moment, later)
    assert matches("sa", moment, later)
    assert not matches("le", moment, later)


def test_prefixes_are_split_from_dates():
    assert split_prefix("ge2026-01-05") == ("ge", "2026-01-05")
    assert split_prefix("2026-01-05") == ("eq", "2026-01-05")
