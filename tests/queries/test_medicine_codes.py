"""Exact codes join, words and ingredients never do."""

from __future__ import annotations

import pytest

from phr_desktop.queries.medicine_codes import NDC, RXNORM, keys, ndc_11

TEN_MG, FIVE_MG, INGREDIENT = (RXNORM, "314076"), (RXNORM, "314077"), (RXNORM, "29046")


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("0002-1433-80", "00002143380"),  # 4-4-2
        ("50580-600-02", "50580060002"),  # 5-3-2
        ("60575-4112-1", "60575411201"),  # 5-4-1
        ("68180-0514-01", "68180051401"),  # 5-4-2
        ("00002143380", "00002143380"),
        ("0002143380", None),  # ten digits: could be three different products
        ("1234-567-8", None),
        ("50580-6*0-02", None),
        ("", None),
    ],
)
def test_a_drug_code_is_brought_to_eleven_digits_or_left_alone(written: str, digits: str | None) -> None:
    assert ndc_11(written) == digits


def test_the_same_concept_is_one_line_and_two_strengths_are_two() -> None:
    found = keys([(1, [TEN_MG]), (2, [TEN_MG]), (3, [FIVE_MG])])
    assert found[1] == found[2] == "rxnorm:314076"
    assert found[3] == "rxnorm:314077"


def test_a_shared_ingredient_code_does_not_join_two_strengths() -> None:
    found = keys([(1, [TEN_MG, INGREDIENT]), (2, [FIVE_MG, INGREDIENT]), (3, [INGREDIENT])])
    assert len(set(found.values())) == 3


def test_two_ways_to_write_a_drug_code_are_one_line() -> None:
    found = keys([(1, [(NDC, "0002-1433-80")]), (2, [(NDC, "00002143380")])])
    assert found[1] == found[2] == "ndc:00002143380"


def test_a_drug_code_joins_the_one_concept_that_carries_it() -> None:
    found = keys([(1, [TEN_MG, (NDC, "00002143380")]), (2, [(NDC, "0002-1433-80")])])
    assert found[2] == "rxnorm:314076"


def test_a_drug_code_under_two_concepts_joins_neither() -> None:
    ndc = (NDC, "00002143380")
    found = keys([(1, [TEN_MG, ndc]), (2, [FIVE_MG, ndc]), (3, [ndc])])
    assert found[3] == "ndc:00002143380"


def test_other_systems_join_by_system_and_code() -> None:
    found = keys([(1, [("urn:oid:1.2", "77")]), (2, [("urn:oid:1.2", "77")]), (3, [("urn:oid:1.3", "77")])])
    assert found[1] == found[2] == "urn:oid:1.2|77"
    assert found[3] == "urn:oid:1.3|77"


def test_without_a_code_every_record_is_its_own_line() -> None:
    assert keys([(1, []), (2, [])]) == {1: "record:1", 2: "record:2"}
    assert keys([(1, [(None, "lisinopril")]), (2, [(None, "lisinopril")])]) == {1: "record:1", 2: "record:2"}
