"""The lists of the Records page, and the truth about an empty one."""

from __future__ import annotations

import pytest

from phr_desktop.clock import local_now
from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.record_words import is_ongoing, status_words, visit_words, why_empty
from phr_desktop.domain.records import Kind
from phr_desktop.queries import records, results
from phr_desktop.vault import ledger
from tests.queries.result_resources import lab
from tests.resources import NOW, store


def condition(id_: str, clinical: str = "active", verification: str = "confirmed") -> dict:
    return {
        "resourceType": "Condition",
        "id": id_,
        "code": {"text": f"Condition {id_}"},
        "clinicalStatus": {"coding": [{"code": clinical}]},
        "verificationStatus": {"coding": [{"code": verification}]},
        "onsetDateTime": "2004-05",
    }


def set_ledger(
    vault, source: int, state: LedgerState, type_name: str = "AllergyIntolerance", category: str = ""
) -> None:
    at = int(NOW.timestamp())
    entry = LedgerEntry(source, type_name, category, state, 0, 0, 0, 0, at, at, None, None, None, None)
    vault.write(lambda db: ledger.set_entry(db, entry))


def test_counts_of_every_list(vault, clock, mina):
    store(
        vault,
        mina,
        [
            condition("a"),
            condition("b", verification="refuted"),
            condition("c", verification="entered-in-error"),
            {"resourceType": "Immunization", "id": "v", "status": "not-done", "vaccineCode": {"text": "Flu"}},
            {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "description": {"text": "Walk"}},
            {"resourceType": "CarePlan", "id": "p", "status": "active", "title": "Plan"},
            lab("smoking", "Never", title="Smoking", category="social-history"),
            lab("weight", 70.0, category="vital-signs"),
        ],
    )
    counted = {each.kind: (each.stated, each.not_facts) for each in records.sections(vault, clock, mina)}
    assert counted[Kind.CONDITIONS] == (1, 2)
    assert counted[Kind.IMMUNIZATIONS] == (0, 1)
    assert counted[Kind.MEASUREMENTS] == (1, 0)
    assert counted[Kind.RECORDS] == (3, 0)
    assert len(records.not_fact_ids(vault, clock, mina, Kind.CONDITIONS)) == 2


def test_other_records_by_type(vault, clock, mina):
    plans = [{"resourceType": "CarePlan", "id": f"p{n}", "status": "active", "title": f"Plan {n}"} for n in range(3)]
    store(vault, mina, [*plans, {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active"}, condition("a")])
    types = records.other_types(vault, clock, mina)
    assert [(each.type, each.words, each.count) for each in types] == [
        ("CarePlan", "Care plan", 3),
        ("Goal", "Goal", 1),
    ]
    assert len(records.section_ids(vault, clock, mina, Kind.RECORDS)) == 4
    assert len(records.section_ids(vault, clock, mina, Kind.RECORDS, type_name="CarePlan")) == 3


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (LedgerState.COMPLETE, "Harbor Clinic was asked today 8:30 AM and gave none."),
        (LedgerState.NOT_ALLOWED, "Harbor Clinic does not let this program see them."),
        (LedgerState.NOT_OFFERED, "Harbor Clinic does not offer them."),
        (LedgerState.PARTIAL, "Harbor Clinic gave only a part today 8:30 AM: more may come."),
    ],
)
def test_an_empty_list_says_what_each_source_said(vault, clock, mina, state, said):
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    set_ledger(vault, source, state)
    answers = records.answers(vault, clock, mina, Kind.ALLERGIES)
    assert why_empty(answers, local_now(clock)) == said


def test_the_worst_answer_counts_where_a_list_was_asked_in_parts(vault, clock, mina):
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    set_ledger(vault, source, LedgerState.COMPLETE, "Condition", "problem-list-item")
    set_ledger(vault, source, LedgerState.FAILED, "Condition", "encounter-diagnosis")
    [answer] = records.answers(vault, clock, mina, Kind.CONDITIONS)
    assert answer.state is LedgerState.FAILED


def test_files_are_never_said_to_have_been_asked(vault, clock, mina):
    store(vault, mina, [condition("a")])
    answers = records.answers(vault, clock, mina, Kind.ALLERGIES)
    assert why_empty(answers, local_now(clock)) == "The files that were added held none."
    assert why_empty((), local_now(clock)) == "Nothing has come from anywhere yet."


def test_states_are_told_only_where_they_say_something(vault, clock, mina):
    visit = {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "EMER"}}
    claim = {"resourceType": "Claim", "id": "k", "status": "active"}
    store(vault, mina, [condition("a"), condition("b", "resolved"), visit, claim])
    rows = {
        each.row.fhir_id: each.row
        for kind in (Kind.CONDITIONS, Kind.ENCOUNTERS, Kind.RECORDS)
        for each in results.listed(vault, clock, records.section_ids(vault, clock, mina, kind))
    }
    assert [(status_words(rows[id_]), is_ongoing(rows[id_])) for id_ in "abek"] == [
        ("active", True),
        ("resolved", False),
        ("", False),
        ("", False),
    ]
    assert visit_words(rows["e"]) == "emergency visit"


def test_any_record_has_a_page_with_its_bytes(vault, clock, mina):
    store(vault, mina, [{"resourceType": "NobodyKnowsThis", "id": "x", "title": "Odd"}])
    [record] = records.section_ids(vault, clock, mina, Kind.RECORDS)
    page = records.record_page(vault, clock, record)
    assert page.listed.row.title == "Odd"
    assert page.person.name == "Mina Satterfield"
    assert b"NobodyKnowsThis" in page.body
