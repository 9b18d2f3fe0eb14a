"""Search as a person types: the shown person's records or everyone's, each naming its person."""

from __future__ import annotations

from array import array

import pytest

from phr_desktop.domain.search_words import MOST, guesses, spellings
from phr_desktop.queries.listing import found_by
from phr_desktop.queries.results import matching_ids
from phr_desktop.queries.search import find
from phr_desktop.vault import people
from tests.queries.result_resources import lab
from tests.resources import store


@pytest.fixture
def leo(vault):
    return vault.write(lambda db: people.add(db, "Leo Satterfield", "2017-09-01", "son", 0))


def test_only_the_shown_persons_records_unless_everyones_are_asked_for(vault, clock, mina, leo):
    store(vault, mina, [lab("a", date="2026-01-01")])
    store(vault, leo, [lab("a", date="2026-02-01")])
    assert [hit.person_name for hit in find(vault, clock, "hemo", person=mina).hits] == ["Mina Satterfield"]
    assert [hit.person_name for hit in find(vault, clock, "hemo", person=None).hits] == [
        "Leo Satterfield",
        "Mina Satterfield",
    ]


def pointing(name: str, medication: str, **more: object) -> dict:
    return {
        "resourceType": "MedicationRequest", "id": name, "status": "active", "intent": "order",
        "authoredOn": "2026-03-01", "medicationReference": {"reference": f"Medication/{medication}"}, **more,
    }  # fmt: skip


def test_an_order_that_only_points_to_its_medicine_is_found_by_that_ones_name(vault, clock, mina, leo):
    medicine = {"resourceType": "Medication", "code": {"text": "Prednisone 5 mg tablet"}}
    other = {"resourceType": "Medication", "id": "other", "code": {"text": "Aspirin 81 mg tablet"}}
    mine = [medicine | {"id": "m"}, other, pointing("o1", "m"), pointing("o2", "other"), pointing("o3", "gone")]
    store(vault, mina, mine)
    store(vault, leo, [medicine | {"id": "m"}, pointing("o1", "m", authoredOn="2026-04-01")])
    found = find(vault, clock, "prednisone", person=mina)
    assert [(hit.row.type, hit.row.fhir_id, hit.row.title, hit.person_name) for hit in found.hits] == [
        ("MedicationRequest", "o1", "Prednisone 5 mg tablet", "Mina Satterfield"),
        ("Medication", "m", "Prednisone 5 mg tablet", "Mina Satterfield"),
    ]
    everyone = find(vault, clock, "prednisone", person=None)
    assert [(hit.row.type, hit.person_name) for hit in everyone.hits[:2]] == [
        ("MedicationRequest", "Leo Satterfield"),
        ("MedicationRequest", "Mina Satterfield"),
    ]
    assert [row.row.fhir_id for row in found_by(vault, clock, "prednisone", person=mina, limit=1)] == ["o1"]


def test_a_medicine_that_was_withdrawn_brings_no_order_with_it(vault, clock, mina):
    wrong = {"resourceType": "Medication", "id": "m", "status": "entered-in-error", "code": {"text": "Prednisone 5 mg"}}
    store(vault, mina, [wrong, pointing("o1", "m")])
    assert [hit.row.type for hit in find(vault, clock, "prednisone", person=mina).hits] == ["Medication"]


def test_nothing_is_looked_for_until_there_are_two_letters(vault, clock, mina):
    store(vault, mina, [lab("a")])
    assert find(vault, clock, "h", person=mina).hits == ()
    assert find(vault, clock, "  ", person=mina).hits == ()
    assert len(find(vault, clock, "he", person=mina).hits) == 1


def test_more_than_can_be_shown_is_said_and_the_newest_come_first(vault, clock, mina):
    store(vault, mina, [lab(f"a{n}", date=f"20{n + 10}-01-01") for n in range(5)])
    found = find(vault, clock, "hemoglobin", person=mina, limit=3)
    assert found.more
    assert [hit.row.date for hit in found.hits] == ["2014-01-01", "2013-01-01", "2012-01-01"]
    assert not find(vault, clock, "hemoglobin", person=mina, limit=5).more


@pytest.mark.parametrize("words", ['"', "hemo* OR 1", "text:hemo", "NEAR(a b)", "()", "hemo ' -- ", "a1c^2"])
def test_no_sign_is_read_as_a_command(vault, clock, mina, words):
    store(vault, mina, [lab("a")])
    find(vault, clock, words, person=mina)


NAMES = {
    "a1c": ("Hemoglobin A1c", "HbA1c"),
    "covid": ("COVID-19, mRNA", "SARS-CoV-2 (COVID19) RNA"),
    "5mg": ("amLODIPine 5 mg tablet", "Ramipril 5MG"),
    "crohn": ("Crohn's disease",),
    "curly": ("Alzheimer\u2019s disease",),
    "street": ("Stra\u00dfe",),
    "size": ("Gr\u00f6\u00dfe",),
    "name": ("M\u00fcller",),
    "pressure": ("\u9ad8\u8840\u5727",),
    "b12": ("Vitamin B-12",),
    "xray": ("X-ray of the chest",),
    "d3": ("1,25-dihydroxy vitamin D3",),
    "coffee": ("Caf\u00e9 au lait",),
}


TYPED = {
    "a1c": ("a1c", "hba1c", "HbA1c", "\uff21\uff11\uff43"),
    "covid": ("covid-19", "covid 19", "COVID19", "cov"),
    "5mg": ("5mg", "5 mg"),
    "crohn": ("crohn's", "crohn\u2019s", "crohns", "Crohn"),
    "curly": ("alzheimer's", "alzheimers"),
    "street": ("stra\u00dfe", "STRASSE"),
    "size": ("groesse", "grosse", "gr\u00f6\u00dfe"),
    "name": ("mueller", "muller", "m\u00fcll", "mu\u0308ller"),
    "pressure": ("\u9ad8\u8840", "\u9ad8"),
    "b12": ("b12", "b 12", "b-12"),
    "xray": ("xray", "x-ray", "x ray", "chest x-ray"),
    "d3": ("1,25",),
    "coffee": ("cafe", "Caf\u00c9"),
}


def test_a_thing_is_found_however_it_is_typed(vault, clock, mina, leo):
    named = [name for names in NAMES.values() for name in names]
    problems = [{"resourceType": "Condition", "id": f"c{n}", "code": {"text": name}} for n, name in enumerate(named)]
    store(vault, mina, problems)
    store(vault, leo, problems)
    for thing, typed in [(thing, typed) for thing, ways in TYPED.items() for typed in ways]:
        found = find(vault, clock, typed, person=mina)
        assert {hit.row.title for hit in found.hits} == set(NAMES[thing]), typed
        assert {hit.person_name for hit in found.hits} == {"Mina Satterfield"}, typed
        ids = array("q", (hit.row.id for hit in found.hits))
        assert matching_ids(vault, clock, mina, ids, typed) == ids, typed
        assert {named.row.id for named in found_by(vault, clock, typed, person=mina, limit=99)} == set(ids), typed


def test_a_guess_is_made_only_where_nothing_is_found(vault, clock, mina):
    store(vault, mina, [lab("a", title="Blue cells"), lab("b", title="Blurred vision")])
    assert [hit.row.title for hit in find(vault, clock, "blue", person=mina).hits] == ["Blue cells"]


def test_spellings_are_mixed_newest_first_and_undated_ones_come_last(vault, clock, mina):
    undated = lab("u", title="HbA1c")
    del undated["effectiveDateTime"]
    dated = [lab("o", title="A1c", date="2024-01-01"), lab("n", title="HbA1c", date="2026-01-01")]
    store(vault, mina, [undated, *dated])
    found = find(vault, clock, "a1c", person=mina)
    assert [hit.row.fhir_id for hit in found.hits] == ["n", "o", "u"]
    assert find(vault, clock, "a1c", person=mina, limit=2).more


def test_odd_words_ask_little_and_break_nothing(vault, clock, mina):
    store(vault, mina, [lab("a")])
    for typed in ("%", "%% --", "'", "\u00df\u00df", "5" * 400 + "mg", "ss " * 60, "ae" * 300, "a1c " * 60):
        find(vault, clock, typed, person=mina)
        assert len(spellings(typed)) <= MOST
        assert len(guesses(typed)) <= MOST
