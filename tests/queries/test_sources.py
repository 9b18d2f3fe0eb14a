"""The account of the sources: nothing that did not come is left unsaid, and no record is counted twice."""

from __future__ import annotations

import pytest

from phr_desktop.domain.ledger import HELD, LedgerEntry, LedgerState
from phr_desktop.domain.people import Grant, SourceKind
from phr_desktop.domain.source_states import HeldBack
from phr_desktop.queries.sources import set_aside, sources_of
from phr_desktop.vault import ledger, people, quarantine, sources
from tests.queries.test_records import condition
from tests.resources import NOW, store

AT = int(NOW.timestamp())


def entry(source: int, type_name: str, category: str = "", **changes) -> LedgerEntry:
    """A line of the ledger: complete, with nothing in it, unless said otherwise."""
    said = {
        "state": LedgerState.COMPLETE, "count": 0, "new": 0, "changed": 0, "gone": 0, "last_good_at": AT,
        "last_try_at": AT, "reason": None, "cursor": None, "full_compare_at": None, "resume_url": None,
    }  # fmt: skip
    return LedgerEntry(source, type_name, category, **(said | changes))


def set_entries(vault, *entries: LedgerEntry) -> None:
    vault.write(lambda db: [ledger.set_entry(db, one) for one in entries])


def lines_of(vault, clock, person):
    [state] = sources_of(vault, clock, person).mine
    return [(line.type, line.category, line.rest, line.state.value, line.count) for line in state.lines]


def test_a_type_asked_in_parts_that_agree_is_one_line_counted_once(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    set_entries(
        vault,
        entry(source, "Observation", "laboratory", count=90, new=2, last_good_at=AT - 60),
        entry(source, "Observation", "vital-signs", count=30),
        entry(source, "Observation", "", count=124, new=1),
    )
    [state] = sources_of(vault, clock, mina).mine
    [line] = state.lines
    assert (line.category, line.count, line.new, line.good_at) == ("", 124, 3, AT - 60)


def test_parts_that_differ_are_told_apart_and_the_rest_is_not_counted_twice(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    set_entries(
        vault,
        entry(source, "Observation", "laboratory", count=90),
        entry(source, "Observation", "vital-signs", count=30, state=LedgerState.PARTIAL, reason="portal-cut"),
        entry(source, "Observation", "", count=124),
    )
    assert lines_of(vault, clock, mina) == [
        ("Observation", "", True, "complete", 4),
        ("Observation", "laboratory", False, "complete", 90),
        ("Observation", "vital-signs", False, "partial", 30),
    ]


def test_a_part_that_never_came_is_not_covered_by_the_others(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    set_entries(
        vault,
        entry(source, "Condition", "problem-list-item", state=LedgerState.PARTIAL, last_good_at=None),
        entry(source, "Condition", "health-concern", state=LedgerState.PARTIAL, resume_url="https://a/2"),
    )
    [line] = sources_of(vault, clock, mina).mine[0].lines
    assert line.good_at is None
    assert line.resumes


def test_every_state_has_exactly_one_place(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    set_entries(
        vault,
        entry(source, "Goal", count=3),
        entry(source, "Claim"),
        entry(source, "Task", count=2, reason="portal-warning"),
        entry(source, "Consent", state=LedgerState.NOT_ALLOWED, reason="not-granted"),
        entry(source, "Device", state=LedgerState.FAILED, reason="portal-redirected"),
        entry(source, "Account", state=LedgerState.PARTIAL, reason="portal-cut"),
        entry(source, "Slot", state=LedgerState.NOT_OFFERED, reason="not-offered"),
    )
    [state] = sources_of(vault, clock, mina).mine
    places = {
        "came": [line.type for line in state.came],
        "none": [line.type for line in state.none],
        "to tell": [line.type for line in state.to_tell],
        "not offered": [line.type for line in state.not_offered],
    }
    assert places == {
        "came": ["Goal"],
        "none": ["Claim"],
        "to tell": ["Account", "Consent", "Device", "Task"],
        "not offered": ["Slot"],
    }


def test_parts_of_which_the_portal_says_different_things_are_told_apart(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    set_entries(
        vault,
        entry(source, "Observation", "laboratory", reason="portal-warning", said="Some are held back."),
        entry(source, "Observation", "vital-signs", reason="portal-warning", said="Some came late."),
    )
    [state] = sources_of(vault, clock, mina).mine
    assert [(line.category, line.said) for line in state.to_tell] == [
        ("laboratory", "Some are held back."),
        ("vital-signs", "Some came late."),
    ]


def test_files_are_counted_by_type_and_were_never_asked(vault, clock, mina):
    store(vault, mina, [condition("a"), condition("b"), {"resourceType": "Goal", "id": "g", "lifecycleStatus": "x"}])
    [state] = sources_of(vault, clock, mina).mine
    assert [(line.type, line.count, line.good_at) for line in state.came] == [("Condition", 2, None), ("Goal", 1, None)]
    assert state.none == state.to_tell == state.not_offered == ()


def test_what_was_put_aside_is_counted_by_what_it_means(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)

    def put_aside(db):
        for number, reason in enumerate(("malformed", "not-json", "other-patient", "no-patient")):
            quarantine.add(db, person=mina, source=source, reason=reason, body=b"%d" % number, now=AT)

    vault.write(put_aside)
    [state] = sources_of(vault, clock, mina).mine
    assert state.held_back == {HeldBack.UNREADABLE: 2, HeldBack.OTHER_PERSON: 1, HeldBack.NO_PERSON: 1}


def test_documents_without_contents_are_counted(vault, clock, mina):
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "content": [{"attachment": {"contentType": "application/pdf", "url": "https://a/Binary/1"}}],
    }
    store(vault, mina, [document], SourceKind.PORTAL)
    assert sources_of(vault, clock, mina).mine[0].documents_missing == 1


def test_portals_come_first_and_others_sources_are_only_named(vault, clock, mina):
    leo = vault.write(lambda db: people.add(db, "Leo Satterfield", None, "son", AT))
    store(vault, mina, [condition("a")])
    store(vault, mina, [], SourceKind.PORTAL)
    store(vault, leo, [], SourceKind.PORTAL, portal="Hill Clinic")
    found = sources_of(vault, clock, mina)
    assert [state.source.name for state in found.mine] == ["Harbor Clinic", "Files"]
    assert [(source.name, person.name) for source, person in found.others] == [("Hill Clinic", "Leo Satterfield")]


def test_what_is_held_stands_at_the_line_that_says_so_and_counts_what_changed(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    set_entries(
        vault,
        entry(source, "Observation", "laboratory", count=5, new=1, changed=2, gone=3),
        entry(source, "Observation", "", count=9, reason=HELD),
        entry(source, "Goal", count=2),
    )
    vault.write(lambda db: ledger.hold(db, source, "Observation", ["a", "b"], AT))
    [state] = sources_of(vault, clock, mina).mine
    told = {(line.type, line.category): (line.held, line.new, line.changed, line.gone) for line in state.lines}
    assert told == {
        ("Observation", "laboratory"): (0, 1, 2, 3),
        ("Observation", ""): (2, 0, 0, 0),
        ("Goal", ""): (0, 0, 0, 0),
    }


def test_what_is_held_is_asked_about_also_where_another_trouble_came_since(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    cut = entry(source, "Goal", count=2, state=LedgerState.PARTIAL, reason="portal-cut")
    set_entries(vault, cut)
    vault.write(lambda db: ledger.hold(db, source, "Goal", ["a", "b"], AT))
    [state] = sources_of(vault, clock, mina).mine
    assert [(line.held, line.reason) for line in state.lines] == [(2, "portal-cut")]


def test_what_was_put_aside_comes_with_its_bytes_but_for_what_is_somebody_elses(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    bodies = {
        "malformed": b"{oops",
        "no-patient": b'{"resourceType":"Goal"}',
        "other-patient": b'{"resourceType":"Condition","code":{"text":"Secret"}}',
    }

    def put(db):
        for reason, body in bodies.items():
            quarantine.add(db, person=mina, source=source, reason=reason, body=body, now=AT)

    vault.write(put)
    found = set_aside(vault, clock, source)
    assert [(one.why, one.type, one.body, one.received_at) for one in found] == [
        (HeldBack.UNREADABLE, None, b"{oops", AT),
        (HeldBack.NO_PERSON, "Goal", bodies["no-patient"], AT),
        (HeldBack.OTHER_PERSON, "Condition", None, AT),
    ]


@pytest.mark.parametrize(
    ("fhir_user", "acts_as"),
    [
        (None, None),
        ("https://a/Patient/patient-1", None),
        ("Patient/patient-2", "Patient"),
        ("https://a/RelatedPerson/daughter", "RelatedPerson"),
    ],
)
def test_who_signs_in_for_somebody_else_is_known(vault, clock, mina, fhir_user, acts_as):
    source = store(vault, mina, [], SourceKind.PORTAL)
    grant = Grant(source, "https://a/token", "phr", "access", None, None, "", "patient-1", fhir_user, False)
    vault.write(lambda db: sources.set_grant(db, grant))
    [state] = sources_of(vault, clock, mina).mine
    assert state.acts_as == acts_as


def test_a_portal_that_asks_to_wait_is_left_alone_no_longer_than_it_said(vault, clock, mina):
    source = store(vault, mina, [], SourceKind.PORTAL)
    now = int(clock.now().timestamp())
    vault.write(lambda db: sources.set_waits_until(db, source, now + 1))
    assert sources_of(vault, clock, mina).mine[0].waits_until == now + 1
    vault.write(lambda db: sources.set_waits_until(db, source, now))
    assert sources_of(vault, clock, mina).mine[0].waits_until is None
