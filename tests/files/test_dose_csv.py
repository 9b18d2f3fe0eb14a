"""The doses' file says what the log says, runs nothing in a spreadsheet, and is there whole or not at all."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.domain.doses import Dose, DoseState
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.files.dose_csv import COLUMNS, dose_lines, write_doses

LA = ZoneInfo("America/Los_Angeles")
DUE = datetime(2026, 11, 21, 16, tzinfo=UTC)
TAKEN = Dose(
    "1", "s", 1, "Mina, the elder", "k", "metformin 500 MG", "tablet", Decimal("1.5"), DUE, date(2026, 11, 21),
    DoseState.TAKEN, instructions="with food", taken_at=DUE, given_by="Ana", noted_at=DUE,
)  # fmt: skip


def rows(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_line_for_each_dose_with_the_times_of_the_persons_clock():
    head, taken, extra = rows(dose_lines([TAKEN, replace(TAKEN, due=None, state=DoseState.TAKEN)], LA))
    assert tuple(head) == COLUMNS
    assert taken == [
        "Mina, the elder", "Metformin 500 mg", "2026-11-21T08:00-08:00", "1.5", "tablet", "taken",
        "2026-11-21T08:00-08:00", "Ana", "", "with food", "2026-11-21T08:00-08:00",
    ]  # fmt: skip
    assert extra[2] == ""


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\r=1", "\uff1d1"])
def test_nothing_in_it_is_run_by_a_spreadsheet(evil):
    (_head, line) = rows(dose_lines([replace(TAKEN, reason=evil, person_name=evil)], LA))
    assert line[0] == f"'{evil}"
    assert line[8] == f"'{evil}"


@pytest.mark.parametrize(
    "text", ['say "no", then\nwait', "a;b\tc", "\U0001f48a caf\u00e9 \u836f", "don't", "x" * 40_000]
)
def test_nothing_is_lost_on_the_way(text):
    (_head, line) = rows(dose_lines([replace(TAKEN, reason=text, instructions=text)], LA))
    assert (line[8], line[9]) == (text, text)


def test_no_control_character_ends_the_file_early():
    (_head, line) = rows(dose_lines([replace(TAKEN, reason="a\x00b\x1bc")], LA))
    assert line[8] == "a\ufffdb\ufffdc"


def test_it_is_whole_or_not_there_and_only_for_the_person(tmp_path):
    target = tmp_path / "doses.csv"
    write_doses([TAKEN], LA, target)
    assert target.stat().st_mode & 0o077 == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbfperson,medicine")
    with pytest.raises(EnvironmentProblem):
        write_doses([TAKEN], LA, tmp_path / "missing" / "doses.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["doses.csv"]
