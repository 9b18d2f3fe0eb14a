"""Allergies that the person adds: named as theirs beside the clinics', hiding none, changed, taken back, undone."""

from __future__ import annotations

import pytest

from phr_desktop.actions import own_allergies as verbs
from phr_desktop.domain.medicines import OwnAllergy
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.allergies import allergy_headline
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault import people, records
from tests.queries.test_allergies import NONE_KNOWN, PENICILLIN
from tests.resources import store

NUTS = OwnAllergy("Peanuts", "hives", "food", severe=True)


def test_it_heads_medicines_as_the_persons_own(vault, clock, mina):
    done = verbs.add(vault, clock, mina, NUTS)
    found = medicine_list(vault, clock, mina).allergies
    assert found.allergies == ("Peanuts (said by you)",)
    assert [(line.record, line.entry) for line in found.own] == [(done.record, NUTS)]
    assert found.none_known_by == ()


def test_it_stands_beside_the_clinics_and_contradicts_none_known(vault, clock, mina):
    store(vault, mina, [PENICILLIN])
    verbs.add(vault, clock, mina, NUTS)
    assert allergy_headline(vault, clock, mina).allergies == ("Peanuts (said by you)", "Penicillin")
    store(vault, mina, [NONE_KNOWN])
    assert allergy_headline(vault, clock, mina).contradicted


def test_what_the_clinic_lists_too_is_listed_once_and_as_the_clinics(vault, clock, mina):
    store(vault, mina, [PENICILLIN])
    verbs.add(vault, clock, mina, OwnAllergy("penicillin", category="medication"))
    found = allergy_headline(vault, clock, mina)
    assert found.allergies == ("Penicillin",)
    assert len(found.own) == 1  # still theirs to change


def test_words_that_mean_none_are_never_the_persons_no_known_allergies(vault, clock, mina):
    verbs.add(vault, clock, mina, OwnAllergy("No known allergies"))
    assert allergy_headline(vault, clock, mina).none_known_by == ()


def test_an_edit_keeps_what_was_said_before_and_is_undone(vault, clock, mina):
    done = verbs.add(vault, clock, mina, NUTS)
    edited = verbs.edit(vault, clock, mina, done.record, OwnAllergy("Almonds", "swelling", "food"))
    assert [line.entry.substance for line in allergy_headline(vault, clock, mina).own] == ["Almonds"]
    assert len(vault.read(lambda db: records.versions(db, done.record))) == 1
    verbs.undo(vault, clock, mina, edited)
    assert [line.entry for line in allergy_headline(vault, clock, mina).own] == [NUTS]


def test_taken_back_it_is_no_fact_any_more_and_can_be_put_back(vault, clock, mina):
    done = verbs.add(vault, clock, mina, NUTS)
    gone = verbs.withdraw(vault, clock, mina, done.record)
    found = allergy_headline(vault, clock, mina)
    assert (found.allergies, found.own) == ((), ())
    verbs.undo(vault, clock, mina, gone)
    assert allergy_headline(vault, clock, mina).allergies == ("Peanuts (said by you)",)


def test_undo_of_a_new_one_takes_it_back(vault, clock, mina):
    verbs.undo(vault, clock, mina, verbs.add(vault, clock, mina, NUTS))
    assert allergy_headline(vault, clock, mina).allergies == ()


def test_nobody_changes_a_clinics_or_anothers(vault, clock, mina):
    store(vault, mina, [PENICILLIN])
    clinics = vault.read(lambda db: db.value("SELECT id FROM records WHERE type = 'AllergyIntolerance'"))
    leo = vault.write(lambda db: people.add(db, "Leo Satterfield", None, None, 0))
    mine = verbs.add(vault, clock, mina, NUTS).record
    for person, record in ((mina, clinics), (leo, mine)):
        with pytest.raises(UserFacingError) as caught:
            verbs.withdraw(vault, clock, person, record)
        assert caught.value.code == "record-missing"


def test_without_a_name_it_is_not_added(vault, clock, mina):
    with pytest.raises(UserFacingError) as caught:
        verbs.add(vault, clock, mina, OwnAllergy("  "))
    assert caught.value.code == "own-allergy-name"
