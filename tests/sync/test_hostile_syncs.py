"""Syncs with a portal that means harm or changes its mind: nothing is lost, hidden or called whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from phr_desktop.domain.ledger import LedgerState
from phr_desktop.vault import ledger, quarantine, sources
from tests.sync.fake_portal import ME, Connection, faking, resource
from tests.sync.sockets import http


@pytest.fixture
def portal():
    with faking() as fake:
        fake.types["Immunization"] = [resource("Immunization", f"i{n}") for n in range(6)]
        yield fake


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


@pytest.mark.parametrize("ident", ["..", ".", "Ä", "a b|c;..", "x" * 20_000])
def test_a_reference_that_is_no_address_does_not_stop_the_sync(connection, portal, vault, ident):
    portal.types["Procedure"] = [
        resource("Procedure", "r1", performer=[{"actor": {"reference": f"Practitioner/{ident}"}}]),
        resource("Procedure", "r2", performer=[{"actor": {"reference": "Practitioner/dr1"}}]),
    ]
    portal.types["Practitioner"] = [{"resourceType": "Practitioner", "id": "dr1"}]
    report = connection.sync()
    assert report.problem is None
    assert connection.held("Procedure") == {"r1", "r2"}
    assert connection.held("Practitioner") == {"dr1"}
    assert vault.read(lambda db: sources.one(db, connection.source)).last_synced_at is not None


def test_a_grant_that_shrinks_at_the_renewal_counts_in_the_same_sync(connection, portal):
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.COMPLETE
    everything = portal.types["Immunization"]
    portal.tokens = {"access-9"}
    narrow = "patient/Patient.rs patient/Procedure.rs"
    portal.token_answer = lambda form: portal.token(access_token="access-9", scope=narrow)
    portal.types["Immunization"] = everything[:5]  # a portal that hides what is not allowed, without any 403
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.NOT_ALLOWED
    assert connection.line("Immunization").count == 6


def test_a_new_sign_in_during_a_sync_leaves_no_half_chain_of_pages(connection, portal, vault, monkeypatch):
    monkeypatch.setattr("phr_desktop.sync.one_type.STAGE_SECONDS", 0)

    def sign_in_again(path, query):
        if path == "/fhir/Immunization" and "_start=2" in query:
            vault.write(lambda db: ledger.clear_all_staging(db, connection.source))  # as a sign-in does
            connection.grant(access_token="access-0", refresh_token="refresh-new")
        if path == "/fhir/Immunization" and "_start=4" in query:
            return http(b"{}", "500 X")
        return None

    portal.faults.append(sign_in_again)
    connection.sync()
    portal.faults.clear()
    connection.sync()
    assert connection.held("Immunization") == {f"i{n}" for n in range(6)}
    assert connection.line("Immunization").count == 6


def test_a_renewal_that_a_new_sign_in_overtook_does_not_replace_it(connection, portal):
    portal.tokens = {"access-signed-in"}

    def overtaken(form):
        connection.grant(access_token="access-signed-in", refresh_token="refresh-signed-in")
        return portal.token(access_token="access-late", refresh_token="refresh-late")

    portal.token_answer = overtaken
    connection.sync()
    assert connection.stored_grant().access_token == "access-signed-in"
    assert connection.stored_grant().refresh_token == "refresh-signed-in"
    assert not connection.is_asked_to_sign_in()


def test_a_refused_renewal_that_a_new_sign_in_overtook_asks_for_no_other(connection, portal):
    portal.tokens = {"access-signed-in"}

    def overtaken(form):
        connection.grant(access_token="access-signed-in", refresh_token="refresh-signed-in")
        return http(b'{"error":"invalid_grant"}', "400 X")

    portal.token_answer = overtaken
    connection.sync()
    assert not connection.is_asked_to_sign_in()
    assert connection.sync().problem is None


def test_a_portal_with_a_small_allowance_gives_every_type_in_time(connection, portal, clock):
    """Each sync gets a few answers and is then sent away for an hour: the next one begins with what never came."""
    names = ("AllergyIntolerance", "Immunization", "Procedure", "Observation", "MedicationRequest", "Device")
    portal.parameters = ["patient"]  # no search for changes: every type is asked whole each time
    for name in names:
        portal.types[name] = [resource(name, "only")]
    left = [0]

    def sent_away(path, query):
        left[0] -= path != "/fhir/metadata"
        return None if left[0] >= 0 else http(b"{}", "429 X", **{"Retry-After": "3600"})

    portal.faults.append(sent_away)
    for _ in range(12):
        left[0] = 8
        connection.sync()
        clock.move_to(clock.now() + timedelta(hours=2))
    assert {name for name in names if connection.held(name)} == set(names)


def test_a_list_that_was_empty_at_first_comes_whole_with_the_next_sync(connection, portal):
    hidden, portal.types["Immunization"] = portal.types["Immunization"], []
    connection.sync()
    assert connection.line("Immunization").count == 0
    portal.types["Immunization"] = hidden  # with no newer date than before
    connection.sync()
    assert connection.line("Immunization").count == 6


def test_nothing_with_a_web_pages_header_is_no_hotel(connection, portal):
    empty = b"HTTP/1.1 204 No Content\r\nContent-Type: text/html\r\n\r\n"
    portal.faults.append(lambda path, query: empty if path == "/fhir/Immunization" else None)
    assert connection.sync().problem is None
    assert connection.held("Patient")


def test_the_file_is_anchored_before_a_refresh_token_is_used(connection, portal, vault, monkeypatch):
    happened = []
    anchor = vault.anchor
    monkeypatch.setattr(vault, "anchor", lambda: (happened.append("anchored"), anchor()))
    marked = []

    def answer(form):
        marked.append(connection.stored_grant().refreshing)
        happened.append("used")
        portal.tokens = {"access-1"}
        return portal.token(access_token="access-1", refresh_token="refresh-1")

    portal.token_answer, portal.tokens = answer, set()
    connection.sync()
    assert happened[:2] == ["anchored", "used"]
    assert marked == [True]


@pytest.mark.parametrize(
    ("date", "cursor"),
    [
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Mon, 01 Jan 0100 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +999999999", None),
        ("Mon, 99999999999999 Jan 2026 00:00:00 GMT", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:20:00 GMT", "1970-01-01T00:10:00Z"),
    ],
)
def test_a_date_of_no_clock_is_no_cursor_and_ends_no_sync(connection, portal, date, cursor):
    portal.headers = {"Date": date}
    assert connection.sync().problem is None
    assert connection.held("Immunization") == {f"i{n}" for n in range(6)}
    line = connection.line("Immunization")
    assert (line.state, line.cursor) == (LedgerState.COMPLETE, cursor)


@pytest.mark.parametrize(
    "seconds", ['"' + "9" * 5_000 + '"', "1e308", "-5", "[]", "null", '"1e3"'], ids=lambda text: text[:8]
)
def test_a_time_to_live_that_is_none_leaves_a_token_that_is_tried(connection, portal, seconds):
    portal.tokens = {"access-1"}
    answer = f'{{"access_token":"access-1","refresh_token":"r","token_type":"Bearer","expires_in":{seconds}}}'
    portal.token_answer = lambda _form: http(answer.encode())
    assert connection.sync().problem is None
    assert (connection.stored_grant().refresh_token, connection.stored_grant().expires_at) == ("r", None)
    assert connection.held("Immunization") == {f"i{n}" for n in range(6)}


DEEP = "[" * 5_000 + "]" * 5_000
CAPS = [
    '{"a":' * 66 + "1" + "}" * 66,
    DEEP,
    '"' + "x" * (8 * 1024 * 1024 + 1) + '"',
]


@pytest.mark.parametrize("value", CAPS, ids=["objects", "lists", "text"])
def test_a_record_over_the_caps_is_set_aside_and_the_others_are_kept(connection, portal, vault, value):
    whose = f'"patient":{{"reference":"Patient/{ME}"}}'
    bad = f'{{"resourceType":"Immunization","id":"bad",{whose},"note":{value}}}'
    good = f'{{"resourceType":"Immunization","id":"good",{whose}}}'
    page = f'{{"resourceType":"Bundle","type":"searchset","entry":[{{"resource":{bad}}},{{"resource":{good}}}]}}'
    portal.faults.append(lambda path, query: http(page.encode()) if path == "/fhir/Immunization" else None)
    connection.sync()
    assert connection.held("Immunization") == {"good"}
    assert sum(vault.read(lambda db: quarantine.counts(db, connection.source)).values()) == 1
