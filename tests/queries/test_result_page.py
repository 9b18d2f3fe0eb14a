"""A result's own page: what belongs to it is found, what did not come is counted, nothing is chosen or computed."""

from __future__ import annotations

import pytest

from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.results import Phone
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.result_page import result_page
from phr_desktop.vault import records
from tests.queries.result_resources import LABORATORY, lab, report
from tests.resources import store

BY_LAB = {"performer": [{"reference": "Organization/bay-lab"}]}


def page(vault, clock, fhir_id, type_name="Observation"):
    [record] = vault.read(lambda db: records.find_by_fhir_id(db, type_name, fhir_id))
    return result_page(vault, clock, record)


def test_a_report_lists_its_results_in_its_own_order_and_counts_what_did_not_come(vault, clock, mina):
    store(vault, mina, [report("r", "b", "a", "missing"), lab("a", title="A"), lab("b", title="B")])
    found = page(vault, clock, "r", "DiagnosticReport")
    assert [member.row.title for member in found.members] == ["B", "A"]
    assert found.members_missing == 1


def test_a_report_never_takes_a_result_of_another_source(vault, clock, mina):
    store(vault, mina, [report("r", "a")], SourceKind.PORTAL)
    store(vault, mina, [lab("a", title="Of another clinic")], SourceKind.FILES)
    found = page(vault, clock, "r", "DiagnosticReport")
    assert found.members == ()
    assert found.members_missing == 1


def test_the_laboratory_is_named_by_its_own_record(vault, clock, mina):
    store(vault, mina, [LABORATORY, lab("a", **BY_LAB)])
    assert page(vault, clock, "a").laboratory == "Bay Reference Lab"


@pytest.mark.parametrize(("mark", "phone"), [("HH", Phone("Bay Reference Lab", "555-0142")), ("H", None), (None, None)])
def test_a_number_to_call_stands_only_beside_what_the_lab_marked_critical(vault, clock, mina, mark, phone):
    store(vault, mina, [LABORATORY, lab("a", mark=mark, **BY_LAB)])
    assert page(vault, clock, "a").phone == phone


def test_all_ranges_are_given_where_there_are_several(vault, clock, mina):
    women = {"text": "women", "coding": [{"code": "female"}]}
    ranges = [
        {"low": {"value": 12.0, "unit": "g/dL"}, "high": {"value": 15.5, "unit": "g/dL"}, "appliesTo": [women]},
        {"low": {"value": 13.0, "unit": "g/dL"}, "text": "men"},
    ]
    store(vault, mina, [lab("a", 12.5, referenceRange=ranges)])
    found = page(vault, clock, "a")
    assert [(each.words, each.applies_to) for each in found.ranges] == [
        ("12.0 to 15.5 g/dL", "women"),
        ("13.0 g/dL or more (men)", ""),
    ]
    assert found.record.values[0].low is None


def test_what_the_lab_said_before_stays_readable(vault, clock, mina):
    store(vault, mina, [lab("a", 5.8)])
    store(vault, mina, [lab("a", 6.8, status="corrected")])
    found = page(vault, clock, "a").record
    assert [(each.value, each.status) for each in found.versions] == [("5.8 %", "final")]
    assert found.values[0].value == "6.8"
    assert b"5.8" in found.versions[0].body


def test_a_record_that_is_not_there_is_said_so(vault, clock, mina):
    with pytest.raises(UserFacingError) as told:
        result_page(vault, clock, 999)
    assert told.value.code == "record-missing"
