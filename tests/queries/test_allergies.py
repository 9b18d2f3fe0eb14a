"""Allergies: "none known" by one source never hides another's, and nothing received is never "none"."""

from __future__ import annotations

from typing import Any

import pytest

from phr_desktop.clock import FixedClock
from phr_desktop.domain.people import SourceKind
from phr_desktop.queries.allergies import allergy_headline
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault import records
from phr_desktop.vault.vault import Vault
from tests.resources import store

SNOMED = "http://snomed.info/sct"


def allergy(id_: str, code: str | None, text: str, **more: Any) -> dict[str, Any]:
    coding = [{"system": SNOMED, "code": code, "display": text}] if code else []
    return {
        "resourceType": "AllergyIntolerance",
        "id": id_,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": coding, "text": text},
        **more,
    }


NONE_KNOWN = allergy("n", "716186003", "No known allergy")
PENICILLIN = allergy("p", "91936005", "Penicillin", category=["medication"])


def test_nothing_received_states_nothing(vault: Vault, clock: FixedClock, mina: int) -> None:
    found = allergy_headline(vault, clock, mina)
    assert (found.allergies, found.none_known_by, found.contradicted) == ((), (), False)


def test_one_sources_none_known_never_hides_anothers_allergy(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [NONE_KNOWN], SourceKind.PORTAL)
    assert allergy_headline(vault, clock, mina).none_known_by == ("Harbor Clinic",)
    store(vault, mina, [PENICILLIN])
    found = allergy_headline(vault, clock, mina)
    assert (found.allergies, found.none_known_by, found.contradicted) == (("Penicillin",), ("Harbor Clinic",), True)
    assert medicine_list(vault, clock, mina).allergies == found


@pytest.mark.parametrize("text", ["No Known Allergies", "NKA", "nkda", "No known drug allergies."])
def test_none_known_in_words_alone_is_no_allergy(vault: Vault, clock: FixedClock, mina: int, text: str) -> None:
    store(vault, mina, [allergy("n", None, text)])
    found = allergy_headline(vault, clock, mina)
    assert found.allergies == ()
    assert found.none_known_by


def test_none_known_of_one_kind_says_so_and_contradicts_only_that_kind(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    food = allergy("f", "91935009", "Peanut", category=["food"])
    store(vault, mina, [allergy("n", "409137002", "No known drug allergy"), food])
    found = allergy_headline(vault, clock, mina)
    assert found.none_known_by == ("Files (medicines only)",)
    assert not found.contradicted
    store(vault, mina, [PENICILLIN])
    assert allergy_headline(vault, clock, mina).contradicted


def test_none_known_of_one_cause_says_no_more_than_that(vault: Vault, clock: FixedClock, mina: int) -> None:
    pollen = allergy("f", "256259004", "Pollen", category=["environment"])
    store(vault, mina, [allergy("n", "1003774007", "No known latex allergy"), pollen])
    found = allergy_headline(vault, clock, mina)
    assert (found.none_known_by, found.contradicted) == (("Files (latex only)",), False)
    store(vault, mina, [allergy("l", "300916003", "Latex (substance)")])
    assert allergy_headline(vault, clock, mina).contradicted


def test_none_known_under_a_code_of_the_senders_own_is_known_by_its_words(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [allergy("n", "LOCAL-NKA", "No known allergies"), PENICILLIN])
    found = allergy_headline(vault, clock, mina)
    assert (found.allergies, found.none_known_by, found.contradicted) == (("Penicillin",), ("Files",), True)


def test_an_allergy_that_is_not_confirmed_says_so_until_somebody_is_sure(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    unsure = {"verificationStatus": {"coding": [{"code": "unconfirmed"}]}}
    store(vault, mina, [allergy("s", "387406002", "Sulfa", **unsure)], SourceKind.PORTAL)
    assert allergy_headline(vault, clock, mina).allergies == ("Sulfa (not confirmed)",)
    store(vault, mina, [allergy("s", "387406002", "Sulfa")])
    assert allergy_headline(vault, clock, mina).allergies == ("Sulfa",)


@pytest.mark.parametrize(("code", "text"), [
    ("no-allergy-info", "No information about allergies"), ("1631000175102", "Patient not asked"),
])  # fmt: skip
def test_not_asked_is_neither_an_allergy_nor_none(
    vault: Vault, clock: FixedClock, mina: int, code: str, text: str
) -> None:
    store(vault, mina, [allergy("n", code, text)])
    found = allergy_headline(vault, clock, mina)
    assert (found.allergies, found.none_known_by) == ((), ())


def test_what_is_refuted_is_none_and_what_is_over_says_so(vault: Vault, clock: FixedClock, mina: int) -> None:
    refuted = PENICILLIN | {"verificationStatus": {"coding": [{"code": "refuted"}]}}
    over = allergy("l", "300916003", "Latex", clinicalStatus={"coding": [{"code": "resolved"}]})
    store(vault, mina, [refuted, over, NONE_KNOWN])
    found = allergy_headline(vault, clock, mina)
    assert found.allergies == ("Latex (listed as resolved)",)
    assert not found.contradicted


def no_longer_listed(vault: Vault, source: int, *identities: str) -> None:
    vault.write(lambda db: records.mark_gone(db, source, "AllergyIntolerance", identities, 1_800_000_000))


def test_what_a_portal_no_longer_lists_stays_and_says_so(vault: Vault, clock: FixedClock, mina: int) -> None:
    over = allergy("l", "300916003", "Latex", clinicalStatus={"coding": [{"code": "resolved"}]})
    source = store(vault, mina, [PENICILLIN, over], SourceKind.PORTAL)
    no_longer_listed(vault, source, "p", "l")
    assert allergy_headline(vault, clock, mina).allergies == (
        "Latex (listed as resolved, no longer listed by Harbor Clinic)",
        "Penicillin (no longer listed by Harbor Clinic)",
    )
    store(vault, mina, [NONE_KNOWN])
    assert allergy_headline(vault, clock, mina).contradicted
    store(vault, mina, [PENICILLIN])
    assert "Penicillin" in allergy_headline(vault, clock, mina).allergies
    assert not any("Penicillin (" in words for words in allergy_headline(vault, clock, mina).allergies)


def test_a_none_known_that_is_no_longer_listed_is_said_by_nobody(vault: Vault, clock: FixedClock, mina: int) -> None:
    source = store(vault, mina, [NONE_KNOWN], SourceKind.PORTAL)
    no_longer_listed(vault, source, "n")
    found = allergy_headline(vault, clock, mina)
    assert (found.allergies, found.none_known_by) == ((), ())
