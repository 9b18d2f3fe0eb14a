"""The list of results: what is in it, in what order, and what counts as new here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from phr_desktop.actions.records import mark_opened
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.people import SourceKind
from phr_desktop.queries import results
from tests.queries.result_resources import blood_pressure, lab, report
from tests.resources import NOW, store


def titles(vault, clock, ids):
    return [each.row.title for each in results.listed(vault, clock, ids)]


def test_results_are_laboratory_values_and_reports_newest_first(vault, clock, mina):
    store(
        vault,
        mina,
        [
            lab("old", title="Old", date="2004"),
            lab("new", title="New", date="2026-11-01"),
            report("panel", date="2026-03-03"),
            lab("undated", title="Undated", date=""),
            lab("weight", title="Weight", category="vital-signs"),
            lab("smoking", title="Smoking", category="social-history"),
            {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}},
        ],
    )
    ids = results.result_ids(vault, clock, mina)
    assert titles(vault, clock, ids) == ["New", "Blood panel", "Old", "Undated"]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_what_is_withdrawn_stands_apart(vault, clock, mina, status):
    store(vault, mina, [lab("good"), lab("bad", title="Withdrawn", status=status)])
    assert titles(vault, clock, results.result_ids(vault, clock, mina)) == ["Hemoglobin A1c"]
    assert titles(vault, clock, results.result_ids(vault, clock, mina, facts=False)) == ["Withdrawn"]


def test_results_of_another_person_are_not_listed(vault, clock, mina):
    from phr_desktop.vault import people

    leo = vault.write(lambda db: people.add(db, "Leo", None, None, 0))
    store(vault, leo, [lab("leo")])
    assert not results.result_ids(vault, clock, mina)


def test_a_panel_without_a_value_brings_its_parts_and_its_source(vault, clock, mina):
    store(vault, mina, [blood_pressure("bp", 118, 76, "2026-08-21")], SourceKind.PORTAL)
    from phr_desktop.domain.records import Kind
    from phr_desktop.vault import records

    ids = vault.read(lambda db: records.ids_of_kind(db, mina, Kind.MEASUREMENTS))
    only = results.listed(vault, clock, ids)[0]
    assert [part.value for part in only.parts] == ["118", "76"]
    assert only.source_name == "Harbor Clinic"


def test_the_first_load_is_not_news_but_what_just_happened_is(vault, clock, mina):
    store(vault, mina, [lab("long-ago", date="2019-05-01"), lab("last-week", date="2026-11-15")])
    new = results.new_here(vault, clock, mina)
    assert [row.fhir_id for row in new] == ["last-week"]


def test_an_old_result_that_comes_late_is_new_here(vault, clock, mina):
    store(vault, mina, [lab("first", date="2019-05-01")], now=NOW - timedelta(days=10))
    store(vault, mina, [lab("released-late", date="2018-02-02")], now=NOW - timedelta(days=2))
    assert [row.fhir_id for row in results.new_here(vault, clock, mina)] == ["released-late"]
    flags = {
        each.row.fhir_id: each.is_new for each in results.listed(vault, clock, results.result_ids(vault, clock, mina))
    }
    assert flags == {"first": False, "released-late": True}


def test_new_here_ends_with_opening_it(vault, clock, mina):
    store(vault, mina, [lab("now", date="2026-11-20")])
    [row] = results.new_here(vault, clock, mina)
    changes = mark_opened(vault, clock, mina, row.id)
    assert changes.concerns(mina, Topic.RECORDS)
    assert results.new_here(vault, clock, mina) == []
    assert not results.listed(vault, clock, [row.id])[0].is_new


def test_new_here_ends_after_thirty_days(vault, clock, mina):
    store(vault, mina, [lab("now", date="2026-11-20")])
    clock.move_to(NOW + timedelta(days=29))
    assert results.new_here(vault, clock, mina)
    clock.move_to(NOW + timedelta(days=31))
    assert not results.new_here(vault, clock, mina)


def test_a_result_that_the_lab_changed_is_new_again_once_it_was_opened(vault, clock, mina):
    store(vault, mina, [lab("a", 5.8, date="2026-11-20")])
    [row] = results.new_here(vault, clock, mina)
    mark_opened(vault, clock, mina, row.id)
    store(vault, mina, [lab("a", 6.8, date="2026-11-20", status="corrected")])
    assert [each.id for each in results.new_here(vault, clock, mina)] == [row.id]


def test_words_narrow_a_list_and_keep_its_order(vault, clock, mina):
    store(
        vault,
        mina,
        [
            lab("a", title="Hemoglobin A1c", date="2026-01-01"),
            lab("b", title="Potassium", date="2026-02-01"),
            lab("c", title="Hemoglobin", date="2026-03-01"),
            lab("d", "Negative", title="Strep test", date="2026-04-01"),
        ],
    )
    ids = results.result_ids(vault, clock, mina)
    assert titles(vault, clock, results.matching_ids(vault, clock, mina, ids, "hemo")) == [
        "Hemoglobin",
        "Hemoglobin A1c",
    ]
    assert titles(vault, clock, results.matching_ids(vault, clock, mina, ids, "HEMO a1")) == ["Hemoglobin A1c"]
    assert titles(vault, clock, results.matching_ids(vault, clock, mina, ids, "negative")) == ["Strep test"]
    assert not results.matching_ids(vault, clock, mina, ids, "zzz")
    assert results.matching_ids(vault, clock, mina, ids, '"*(') == ids
