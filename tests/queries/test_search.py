"""Search as a person types: the shown person's records or everyone's, each naming its person."""

from __future__ import annotations

import pytest

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
