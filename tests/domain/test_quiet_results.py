"""Today shows plain laboratory figures only; pathology, imaging and genetics stand there by date and count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phr_desktop.domain.quiet_results import shows_value
from phr_desktop.domain.records import DatePrecision, Kind, ObservationValue, RecordRow, Standing, ValueKind

VALUE = ObservationValue(
    0, None, None, "Potassium", ValueKind.QUANTITY, None, "4.3", "mmol/L", None, "3.5", "5.1", None, 1, None, None,
    None, None,
)  # fmt: skip
ROW = RecordRow(
    1, 1, 1, "Observation", "a", Kind.RESULTS, "2026-11-20", 1_795_000_000, DatePrecision.DAY, None, "final",
    Standing.STATED, None, None, "laboratory", "Potassium", 1, None, None, VALUE,
)  # fmt: skip


def test_a_plain_laboratory_figure_is_shown() -> None:
    assert shows_value(ROW, ["laboratory"])


@pytest.mark.parametrize("code", ["PAT", "SP", "GE", "RAD", "imaging", "Surgical pathology", "LP7839-6"])
def test_a_second_category_of_a_quiet_kind_hides_it(code: str) -> None:
    assert not shows_value(ROW, ["laboratory", code])


@pytest.mark.parametrize(
    "title",
    [
        "BRCA1 gene mutation analysis", "HIV 1 RNA [#/volume] (viral load)", "Ki-67 in Tumor",
        "Surgical pathology study", "Choriogonadotropin (pregnancy test)", "Chest X-ray", "Karyotype", "HER2 copies",
    ],
)  # fmt: skip
def test_a_name_of_a_quiet_kind_hides_it(title: str) -> None:
    assert not shows_value(replace(ROW, title=title), ["laboratory"])


@pytest.mark.parametrize(
    "title", ["Hemoglobin A1c", "General chemistry glucose", "Potassium", "Genera of bacteria count"]
)
def test_ordinary_names_are_not_taken_for_quiet_ones(title: str) -> None:
    assert shows_value(replace(ROW, title=title), ["laboratory"])


@pytest.mark.parametrize(
    "change",
    [
        {"type": "DiagnosticReport", "value": None},
        {"standing": Standing.WITHDRAWN},
        {"category": "imaging"},
        {"value": VALUE._replace(kind=ValueKind.STRING, value="malignant cells seen")},
        {"value": VALUE._replace(kind=ValueKind.CONCEPT, value="Positive")},
        {"value": VALUE._replace(value=None)},
    ],
)
def test_whatever_is_no_stated_figure_is_hidden(change: dict[str, object]) -> None:
    assert not shows_value(replace(ROW, **change), ["laboratory"])  # type: ignore[arg-type]
