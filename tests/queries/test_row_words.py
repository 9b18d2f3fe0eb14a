"""What a list says beyond its columns: the name of a medicine with a record of its own, how sure its source is."""

from __future__ import annotations

import pytest

from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import Kind
from phr_desktop.queries import listing, results
from phr_desktop.queries.search import find
from phr_desktop.vault import records
from tests.resources import store

MEDICATION = {"resourceType": "Medication", "id": "m", "code": {"text": "Prednisone 10 mg tablet"}}


def order(id_: str = "o", **more):
    return {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "Medication/m"},
        "authoredOn": "2026-10-01",
        "dosageInstruction": [{"text": "one each morning"}],
    } | more


def problem(sure: str | None, type_name: str = "Condition", **more):
    given = {} if sure is None else {"verificationStatus": {"coding": [{"code": sure}]}}
    stated = {"clinicalStatus": {"coding": [{"code": "active"}]}}
    return {"resourceType": type_name, "id": "p", "code": {"text": "Lupus"}, **stated, **given} | more


def titles(vault, clock, person, kind=Kind.MEDICATIONS):
    return [named.row.title for named in listing.listed(vault, clock, person, kind)]


def listed(vault, clock, person, kind):
    ids = vault.read(lambda db: records.ids_of_kind(db, person, kind))
    return results.listed(vault, clock, ids)


class TestNamesOfMedicines:
    def test_an_order_carries_the_name_of_its_medication_wherever_it_is_listed(self, vault, clock, mina):
        store(vault, mina, [order(), MEDICATION])
        assert titles(vault, clock, mina) == ["Prednisone 10 mg tablet"]
        assert [one.row.title for one in listed(vault, clock, mina, Kind.MEDICATIONS)] == ["Prednisone 10 mg tablet"]
        assert listing.record_named(vault, clock, "MedicationRequest/o").record.row.title == "Prednisone 10 mg tablet"
        assert [hit.row.title for hit in find(vault, clock, "morning", person=mina).hits] == ["Prednisone 10 mg tablet"]
        assert [named.row.title for named in listing.found_by(vault, clock, "morning", person=mina, limit=9)] == [
            "Prednisone 10 mg tablet"
        ]

    def test_what_was_not_received_goes_on_saying_so(self, vault, clock, mina):
        store(vault, mina, [order()])
        assert titles(vault, clock, mina) == ["Name not received"]

    def test_a_withdrawn_medication_names_nothing(self, vault, clock, mina):
        store(vault, mina, [order(), MEDICATION | {"status": "entered-in-error"}])
        assert titles(vault, clock, mina) == ["Name not received"]

    def test_no_name_is_taken_from_another_clinic(self, vault, clock, mina):
        store(vault, mina, [order()], SourceKind.PORTAL)
        store(vault, mina, [MEDICATION], SourceKind.FILES)
        assert titles(vault, clock, mina) == ["Name not received"]


class TestSureness:
    @pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
    @pytest.mark.parametrize(
        ("sure", "words"),
        [
            ("unconfirmed", "not confirmed"),
            ("provisional", "provisional, not settled yet"),
            ("differential", "one of several explanations"),
            ("confirmed", ""),
            (None, ""),
        ],
    )
    def test_what_is_not_sure_says_so_beside_its_state(self, vault, clock, mina, kind, sure, words):
        store(vault, mina, [problem(sure, kind)])
        list_ = Kind.CONDITIONS if kind == "Condition" else Kind.ALLERGIES
        assert [one.sureness for one in listed(vault, clock, mina, list_)] == [words]
        assert [one.sureness for one in listing.listed(vault, clock, mina, list_)] == [words]

    def test_a_word_in_a_note_makes_nothing_unsure(self, vault, clock, mina):
        store(vault, mina, [problem("confirmed", note=[{"text": "first unconfirmed, then confirmed"}])])
        assert [one.sureness for one in listed(vault, clock, mina, Kind.CONDITIONS)] == [""]

    @pytest.mark.parametrize(
        ("intent", "words"),
        [
            ("proposal", "only proposed, not ordered"),
            ("option", "one of several choices, not ordered"),
            ("order", ""),
            ("plan", ""),
        ],
    )
    def test_what_nobody_has_ordered_says_so(self, vault, clock, mina, intent, words):
        store(vault, mina, [order(medicationCodeableConcept={"text": "proposal of an option"}, intent=intent)])
        assert [one.sureness for one in listed(vault, clock, mina, Kind.MEDICATIONS)] == [words]
        assert [one.sureness for one in listing.listed(vault, clock, mina, Kind.MEDICATIONS)] == [words]

    def test_search_says_it_too(self, vault, clock, mina):
        store(vault, mina, [problem("unconfirmed")])
        found = find(vault, clock, "lupus", person=mina)
        assert [found.sureness.get(hit.row.id) for hit in found.hits] == ["not confirmed"]
