"""Exact codes of products join; words, ingredients, classes and place holders never do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from phr_desktop.queries.medicine_codes import NDC, RXNORM, Coded, Coding, keys, ndc_11

ATC, OWN = "http://www.whocc.no/atc", "urn:oid:1.2"
TEN_MG, FIVE_MG, INGREDIENT = (RXNORM, "314076"), (RXNORM, "314077"), (RXNORM, "29046")


def coded(*each: tuple[int, Sequence[Coding]]) -> dict[int, str]:
    """Keys of records of one source that all have the same words."""
    return keys(Coded(record, 1, codings, "lisinopril") for record, codings in each)


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
        ("00000-0000-00", None),  # written where there is no code
        ("99999999999", None),
        ("", None),
    ],
)
def test_a_drug_code_is_brought_to_eleven_digits_or_left_alone(written: str, digits: str | None) -> None:
    assert ndc_11(written) == digits


def test_the_same_concept_is_one_line_and_two_strengths_are_two() -> None:
    found = coded((1, [TEN_MG]), (2, [TEN_MG]), (3, [FIVE_MG]))
    assert found[1] == found[2] == "rxnorm:314076"
    assert found[3] == "rxnorm:314077"


def test_a_shared_ingredient_code_does_not_join_two_strengths() -> None:
    found = coded((1, [TEN_MG, INGREDIENT]), (2, [FIVE_MG, INGREDIENT]), (3, [INGREDIENT]))
    assert len(set(found.values())) == 3


def test_two_ways_to_write_a_drug_code_are_one_line() -> None:
    found = coded((1, [(NDC, "0002-1433-80")]), (2, [(NDC, "00002143380")]))
    assert found[1] == found[2] == "ndc:00002143380"


def test_a_drug_code_joins_the_one_concept_that_carries_it() -> None:
    found = coded((1, [TEN_MG, (NDC, "00002143380")]), (2, [(NDC, "0002-1433-80")]))
    assert found[2] == "rxnorm:314076"


def test_a_drug_code_under_two_concepts_joins_neither() -> None:
    ndc = (NDC, "00002143380")
    found = coded((1, [TEN_MG, ndc]), (2, [FIVE_MG, ndc]), (3, [ndc]))
    assert found[3] == "ndc:00002143380"


def test_one_sources_own_code_joins_what_has_the_same_name_there() -> None:
    own = [(OWN, "77")]
    found = keys(
        [
            Coded(1, 1, own, "Lisinopril 10 mg"),
            Coded(2, 1, own, "lisinopril  10 MG"),
            Coded(3, 1, own, "Lisinopril 20 mg"),
            Coded(4, 2, own, "Lisinopril 10 mg"),
            Coded(5, 1, [("urn:oid:1.3", "77")], "Lisinopril 10 mg"),
            Coded(6, 1, own, None),
            Coded(7, 1, own, None),
        ]
    )
    assert found[1] == found[2]
    assert len(set(found.values())) == 6
    assert (found[6], found[7]) == ("record:6", "record:7")


def test_a_class_of_medicines_joins_no_two_of_them() -> None:
    insulins = [(ATC, "A10AB")]
    found = keys([Coded(1, 1, insulins, "Humalog"), Coded(2, 1, insulins, "NovoRapid")])
    assert found[1] != found[2]


@pytest.mark.parametrize(
    "absent",
    [
        ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK"),
        ("http://hl7.org/fhir/v3/NullFlavor", "NI"),
        ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "masked"),
        (OWN, "UNK"),
        (RXNORM, "UNK"),
    ],
)
def test_a_missing_code_joins_nothing_whatever_the_name(absent: Coding) -> None:
    assert coded((1, [absent]), (2, [absent])) == {1: "record:1", 2: "record:2"}
    assert coded((1, [absent, TEN_MG]), (2, [TEN_MG])) == {1: "rxnorm:314076", 2: "rxnorm:314076"}


def test_without_a_code_every_record_is_its_own_line() -> None:
    assert coded((1, []), (2, [])) == {1: "record:1", 2: "record:2"}
    assert coded((1, [(None, "lisinopril")]), (2, [(None, "lisinopril")])) == {1: "record:1", 2: "record:2"}
