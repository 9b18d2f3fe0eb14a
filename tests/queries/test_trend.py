"""What may stand on one line: one code, unit, method and kind of measuring. Everything else stands apart."""

from __future__ import annotations

from phr_desktop.domain.people import SourceKind
from phr_desktop.queries.results import result_ids
from phr_desktop.queries.trend import trend
from phr_desktop.vault import records
from tests.queries.result_resources import blood_pressure, lab
from tests.resources import store


def series(vault, clock, mina, fhir_id, type_name="Observation"):
    [record] = vault.read(lambda db: records.find_by_fhir_id(db, type_name, fhir_id))
    return trend(vault, clock, record)


def values(one):
    return [point.value.value for point in one.points]


def test_one_line_oldest_first_over_all_sources(vault, clock, mina):
    store(vault, mina, [lab("b", 6.0, date="2025-01-01"), lab("a", 6.4, date="2024-01-01")], SourceKind.PORTAL)
    store(vault, mina, [lab("c", 5.8, date="2026-01-01")], SourceKind.FILES)
    [line] = series(vault, clock, mina, "c")
    assert values(line) == ["6.4", "6.0", "5.8"]
    assert (line.unit, line.method, line.by_patient) == ("%", None, False)


def test_what_the_portal_no_longer_has_is_not_drawn(vault, clock, mina):
    given = [lab("a", 6.4, date="2024-01-01"), lab("b", 9.9, date="2025-01-01"), lab("c", 5.8, date="2026-01-01")]
    source = store(vault, mina, given, SourceKind.PORTAL)
    vault.write(lambda db: records.mark_gone(db, source, "Observation", ["b"], 1))
    assert [values(line) for line in series(vault, clock, mina, "c")] == [["6.4", "5.8"]]
    assert [values(line) for line in series(vault, clock, mina, "b")] == [["6.4", "5.8"]]


def test_units_are_never_joined(vault, clock, mina):
    glucose = {"code": "2345-7", "title": "Glucose"}
    store(
        vault,
        mina,
        [
            lab("a", 95.0, unit="mg/dL", date="2024-01-01", **glucose),
            lab("b", 5.3, unit="mmol/L", date="2025-01-01", **glucose),
            lab("c", 99.0, unit="mg/dL", date="2026-01-01", **glucose),
        ],
    )
    first, second = series(vault, clock, mina, "b")
    assert (first.unit, values(first)) == ("mmol/L", ["5.3"])
    assert (second.unit, values(second)) == ("mg/dL", ["95.0", "99.0"])


def test_one_unit_in_two_spellings_is_one_unit_only_by_its_code(vault, clock, mina):
    store(
        vault,
        mina,
        [
            lab("a", 1.0, unit="mg per dL", unit_code="mg/dL", date="2024-01-01"),
            lab("b", 2.0, unit="mg/dL", date="2025-01-01"),
            lab("c", 3.0, unit="MG/DL", date="2026-01-01"),
        ],
    )
    assert [values(line) for line in series(vault, clock, mina, "a")] == [["1.0", "2.0"], ["3.0"]]


def test_codes_and_methods_are_never_joined(vault, clock, mina):
    by_meter = {"method": {"text": "meter"}}
    store(
        vault,
        mina,
        [
            lab("a", 1.0, date="2024-01-01"),
            lab("b", 2.0, date="2025-01-01", **by_meter),
            lab("other", 3.0, code="17856-6", date="2025-06-01"),
            lab("c", 4.0, date="2026-01-01"),
        ],
    )
    found = series(vault, clock, mina, "c")
    assert [(line.method, values(line)) for line in found] == [(None, ["1.0", "4.0"]), ("meter", ["2.0"])]


def test_a_code_of_another_system_is_another_code(vault, clock, mina):
    other = lab("b", 2.0, date="2025-01-01")
    other["code"]["coding"][0]["system"] = "urn:local"
    store(vault, mina, [lab("a", 1.0, date="2024-01-01"), lab("c", 3.0, date="2026-01-01"), other])
    [line] = series(vault, clock, mina, "a")
    assert values(line) == ["1.0", "3.0"]


def test_home_and_laboratory_are_never_one_line(vault, clock, mina):
    home = {"performer": [{"reference": "Patient/mina"}]}
    store(
        vault,
        mina,
        [
            lab("lab-1", 5.8, date="2024-01-01"),
            lab("home-1", 6.9, date="2024-02-01", **home),
            lab("visit", 6.5, date="2024-03-01", category="vital-signs"),
            lab("lab-2", 5.9, date="2025-01-01"),
            lab("home-2", 7.0, date="2025-02-01", **home),
        ],
    )
    found = series(vault, clock, mina, "lab-1")
    assert [(line.by_patient, line.category, values(line)) for line in found] == [
        (False, "laboratory", ["5.8", "5.9"]),
        (True, "laboratory", ["6.9", "7.0"]),
        (False, "vital-signs", ["6.5"]),
    ]


def test_withdrawn_values_are_in_no_trend(vault, clock, mina):
    store(
        vault,
        mina,
        [
            lab("a", 5.8, date="2024-01-01"),
            lab("b", 99.0, date="2025-01-01", status="entered-in-error"),
            lab("c", 5.9, date="2026-01-01"),
        ],
    )
    [line] = series(vault, clock, mina, "a")
    assert values(line) == ["5.8", "5.9"]


def test_words_and_undated_values_are_kept_beside_the_line(vault, clock, mina):
    store(
        vault,
        mina,
        [
            lab("a", 5.8, date="2024-01-01"),
            lab("b", "hemolyzed", date="2025-01-01"),
            lab("c", 5.9, date="2026-01-01"),
            lab("d", 6.0, date=""),
        ],
    )
    [line] = series(vault, clock, mina, "c")
    assert values(line) == ["5.8", "5.9"]
    assert {point.value.value for point in line.untimed} == {"hemolyzed", "6.0"}


def test_values_in_words_have_a_table_and_no_line(vault, clock, mina):
    store(vault, mina, [lab("a", "Negative", date="2024-01-01"), lab("b", "Positive", date="2025-01-01")])
    [line] = series(vault, clock, mina, "b")
    assert line.points == ()
    assert [point.value.value for point in line.untimed] == ["Negative", "Positive"]


def test_one_value_alone_is_no_course(vault, clock, mina):
    store(vault, mina, [lab("a")])
    assert series(vault, clock, mina, "a") == ()
    assert trend(vault, clock, 10_000) == ()


def test_each_part_of_a_panel_has_its_own_line(vault, clock, mina):
    store(vault, mina, [blood_pressure("a", 118, 76, "2025-01-01"), blood_pressure("b", 122, 80, "2026-01-01")])
    assert [(line.title, values(line)) for line in series(vault, clock, mina, "a")] == [
        ("Systolic blood pressure", ["118", "122"]),
        ("Diastolic blood pressure", ["76", "80"]),
    ]


def test_each_point_keeps_its_own_range_and_comparator(vault, clock, mina):
    limit = lab("a", 5.0, date="2024-01-01")
    limit["valueQuantity"]["comparator"] = "<"
    store(vault, mina, [limit, lab("b", 5.8, date="2025-01-01", low=4.2, high=6.1)])
    [line] = series(vault, clock, mina, "b")
    assert [(point.value.comparator, point.value.low, point.value.high) for point in line.points] == [
        ("<", "4.0", "5.6"),
        (None, "4.2", "6.1"),
    ]
    assert result_ids(vault, clock, mina)
