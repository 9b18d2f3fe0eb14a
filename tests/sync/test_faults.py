"""Every status code and body that a portal may answer with, by name: what is stored, and what the ledger says.

In each case two types are asked for. One misbehaves; the other must come whole.
"""

from __future__ import annotations

import gzip
import zlib
from datetime import timedelta

import msgspec
import pytest

from phr_desktop.domain.ledger import LedgerState
from phr_desktop.sentences import SENTENCES
from phr_desktop.sync import pull
from phr_desktop.sync.wire import Limits
from phr_desktop.vault import records, sources
from tests.sync.fake_portal import CUT, Connection, faking, resource
from tests.sync.sockets import http

PARTIAL, FAILED, COMPLETE = LedgerState.PARTIAL, LedgerState.FAILED, LedgerState.COMPLETE
NOT_ALLOWED, NOT_OFFERED = LedgerState.NOT_ALLOWED, LedgerState.NOT_OFFERED
DATE = {"Date": "Sat, 21 Nov 2026 16:30:00 GMT"}
OUTCOME = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"%s","diagnostics":"no"}]}'
GOOD = b'{"resourceType":"Bundle","type":"searchset","entry":[]}'


@pytest.fixture
def portal():
    with faking() as fake:
        fake.offered = ["Patient", "AllergyIntolerance", "Immunization"]
        fake.types["AllergyIntolerance"] = [resource("AllergyIntolerance", f"a{n}") for n in range(3)]
        fake.types["Immunization"] = [resource("Immunization", "i1"), resource("Immunization", "i2")]
        yield fake


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


def status(code: int, body: bytes = OUTCOME % b"exception", **headers: str) -> bytes:
    return http(body, f"{code} X", **(DATE | headers))


def at_immunizations(portal, answer: bytes) -> None:
    portal.faults.append(lambda path, query: answer if path == "/fhir/Immunization" else None)


def coded(body: bytes, coding: str) -> bytes:
    return status(200, body, Content_Encoding=coding)


PATIENT = b'{"resourceType":"Patient","id":"x"}'
BROKEN, UNREAD, LARGE = "portal-answer-broken", "portal-answer-not-understood", "portal-too-large"
NEGATIVE_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n"
# name, answer, state, reason, how many requests
ANSWERS = [
    ("400 bad request", status(400, OUTCOME % b"invalid"), FAILED, "portal-refused-search", 1),
    ("403 forbidden", status(403, OUTCOME % b"forbidden"), NOT_ALLOWED, "portal-forbids", 1),
    ("404 no such type", status(404, OUTCOME % b"not-supported"), NOT_OFFERED, "not-offered", 1),
    ("405 not so", status(405), FAILED, "portal-refused-search", 1),
    ("408 too slow for itself", status(408), PARTIAL, "portal-busy", 3),
    ("409 conflict", status(409, OUTCOME % b"conflict"), FAILED, "portal-refused-search", 1),
    ("410 no longer there", status(410), NOT_OFFERED, "not-offered", 1),
    ("412 precondition", status(412), FAILED, "portal-refused-search", 1),
    ("422 not processed", status(422, OUTCOME % b"processing"), FAILED, "portal-refused-search", 1),
    ("300 several", status(300, b"", Location="https://evil.example/"), FAILED, "portal-redirected", 1),
    ("301 moved", status(301, b"", Location="https://evil.example/"), FAILED, "portal-redirected", 1),
    ("302 found", status(302, b"", Location="/fhir/Observation"), FAILED, "portal-redirected", 1),
    ("303 see other", status(303, b"", Location="/fhir/Observation"), FAILED, "portal-redirected", 1),
    ("307 for now", status(307, b"", Location="https://evil.example/"), FAILED, "portal-redirected", 1),
    ("308 for good", status(308, b"", Location="https://evil.example/"), FAILED, "portal-redirected", 1),
    ("500 error", status(500), PARTIAL, "portal-busy", 3),
    ("501 not built", status(501), PARTIAL, "portal-busy", 3),
    ("502 gateway", status(502, b"<html>Bad gateway"), PARTIAL, "portal-busy", 3),
    ("504 gateway time-out", status(504, b""), PARTIAL, "portal-busy", 3),
    ("200 with an error in it", status(200, OUTCOME % b"exception"), PARTIAL, "portal-refused-search", 1),
    ("200 and JSON that breaks off", status(200, GOOD[:-5]), PARTIAL, UNREAD, 1),
    ("200 and no JSON", status(200, b"hello"), PARTIAL, UNREAD, 1),
    ("200 and nothing", status(200, b""), PARTIAL, UNREAD, 1),
    ("200 and another thing", status(200, PATIENT), PARTIAL, UNREAD, 1),
    ("200 and no object", status(200, b"[1,2]"), PARTIAL, UNREAD, 1),
    ("a gzip bomb", coded(gzip.compress(b" " * 40_000_000), "gzip"), PARTIAL, LARGE, 1),
    ("gzip in gzip", coded(gzip.compress(gzip.compress(GOOD)), "gzip, gzip"), PARTIAL, BROKEN, 1),
    ("deflate, which was not asked for", coded(zlib.compress(GOOD), "deflate"), PARTIAL, BROKEN, 1),
    ("gzip that is none", coded(b"\x1f\x8bnothing", "gzip"), PARTIAL, BROKEN, 1),
    ("a body that breaks off", CUT + status(200, GOOD)[:-9], PARTIAL, "portal-cut", 3),
    ("no answer at all", CUT, PARTIAL, "portal-cut", 3),
    ("a chunk shorter than nothing", CUT + NEGATIVE_CHUNK, PARTIAL, BROKEN, 1),
    ("no HTTP", b"SSH-2.0-hello\r\n\r\n", PARTIAL, None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "state", "reason", "requests"), [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS]
)
def test_an_answer(connection, portal, answer, state, reason, requests):
    connection.sync()
    at_immunizations(portal, answer)
    portal.asked.clear()
    report = connection.sync()
    line = connection.line("Immunization")
    assert (line.state, report.problem) == (state, None)
    assert line.reason in SENTENCES
    if reason is not None:
        assert line.reason == reason
        big = reason == LARGE  # then smaller pages are tried
        assert len(portal.of_type("Immunization")) == requests or big
    assert connection.held("Immunization") == {"i1", "i2"}
    assert connection.line("AllergyIntolerance").state is COMPLETE
    portal.faults.clear()
    connection.sync()
    assert connection.line("Immunization").state is COMPLETE


def test_204_is_an_empty_list_and_deletes_nothing_at_once(connection, portal, clock):
    connection.sync()
    at_immunizations(portal, b"HTTP/1.1 204 No Content\r\nDate: Sat, 21 Nov 2026 16:30:00 GMT\r\n\r\n")
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.held("Immunization") == {"i1", "i2"}
    assert connection.line("Immunization").reason == "many-gone-held"


def test_401_is_renewed_once_and_tried_once(connection, portal):
    portal.tokens = set()
    portal.token_answer = lambda form: portal.token(access_token="useless", refresh_token="refresh-1")
    assert connection.sync().problem == "sign-in-again"
    assert len([line for line in portal.asked if "/auth/token" in line]) == 1
    assert len(portal.of_type("Patient/p1")) == 2


@pytest.mark.parametrize("code", [404, 410])
def test_a_record_that_is_gone_by_its_own_address_is_marked_and_kept(connection, portal, clock, code):
    portal.types["Immunization"] = [resource("Immunization", f"i{n}") for n in range(10)]
    connection.sync()
    portal.types["Immunization"] = portal.types["Immunization"][:-1]
    portal.faults.append(lambda path, query: status(code) if path == "/fhir/Immunization/i9" else None)
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.line("Immunization").gone == 1
    assert connection.rows() == 1 + 3 + 10


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("20", 20),
        ("Sat, 21 Nov 2026 16:30:20 GMT", 20),
        ("0", 1),
        ("soon", 1),
        ("-5", 1),
        ("Sat, 21 Nov 2020 16:30:20 GMT", 1),
        ("Fri, 31 Dec 9999 23:59:59 -1200", 1),
        ("Mon, 01 Jan 0100 00:00:00 GMT", 1),
        ("1.5", 1),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(connection, portal, code, said, seconds):
    left = [1]

    def once(path, query):
        if path == "/fhir/Immunization" and left[0]:
            left[0] = 0
            return status(code, Retry_After=said)
        return None

    portal.faults.append(once)
    assert connection.sync().problem is None
    assert len(connection.waits) == 1
    assert seconds <= connection.waits[0] <= 1.1 * seconds
    assert connection.line("Immunization").state is COMPLETE


@pytest.mark.parametrize(("said", "most"), [("999999999999", 86400), ("Sat, 21 Nov 2099 16:30:20 GMT", 86400)])
def test_no_portal_is_left_alone_for_more_than_a_day(connection, portal, clock, said, most):
    at_immunizations(portal, status(503, Retry_After=said))
    assert connection.sync().problem == "portal-busy"
    portal.faults.clear()
    clock.move_to(clock.now() + timedelta(seconds=most - 1))
    assert connection.sync().problem == "portal-busy"
    clock.move_to(clock.now() + timedelta(seconds=2))
    assert connection.sync().problem is None


def test_a_portal_that_sends_away_for_no_time_at_all_is_not_asked_without_end(connection, portal):
    at_immunizations(portal, status(429, Retry_After="0"))
    assert connection.sync().problem == "portal-busy"
    assert len(portal.of_type("Immunization")) < 50
    assert sum(connection.waits) > 60


def test_a_portal_that_sends_away_for_seconds_each_time_is_asked_ever_more_seldom_by_itself(
    connection, portal, vault, clock
):
    portal.faults.append(lambda path, _query: status(503, Retry_After="5") if path == "/fhir/metadata" else None)
    pauses = []
    for _ in range(4):
        assert connection.sync(by_person=False).problem == "portal-busy"
        until = vault.read(sources.asked_again)[connection.source]
        pauses.append(until - int(clock.now().timestamp()))
        clock.move_to(clock.now() + timedelta(seconds=pauses[-1]))
    assert pauses == [60, 120, 240, 480]


def test_one_thread_obeys_for_all(connection, portal):
    """Where a busy portal answers several requests at once so, it is waited for once."""
    left = [3]

    def busy(path, query):
        if path.startswith("/fhir/") and "metadata" not in path and "Patient/" not in path and left[0]:
            left[0] -= 1
            return status(429, Retry_After="9")
        return None

    portal.faults.append(busy)
    assert connection.sync().problem is None
    assert sum(connection.waits) <= 9 * 1.1 * 3
    assert connection.line("Immunization").state is COMPLETE


@pytest.mark.parametrize("page", [b"<html>Hotel", b"  \n<!DOCTYPE html>", b"<HTML>"])
@pytest.mark.parametrize("media", ["text/html", "application/json"])
def test_a_hotels_sign_in_page_touches_nothing(connection, portal, page, media):
    connection.sync()
    before = {name: connection.line(name) for name in ("Immunization", "AllergyIntolerance", "Patient")}
    portal.faults.append(lambda path, query: http(page, media=media))
    assert connection.sync().problem == "captive-portal"
    assert {name: connection.line(name) for name in before} == before


def test_511_is_a_hotel_too(connection, portal):
    portal.faults.append(lambda path, query: status(511, b"{}"))
    assert connection.sync().problem == "captive-portal"


def test_a_portal_that_drips_is_left_at_the_deadline(connection, portal):
    def speak(socket, head):
        if b"/fhir/Immunization" not in head:
            return plain(socket, head)
        socket.sendall(status(200, GOOD)[:60])
        while not portal.server.stopping.wait(0.02):
            socket.sendall(b" ")
        return None

    plain, portal.server._script = portal.server._script, speak
    report = connection.sync(limits=Limits(total=0.3))
    assert (report.problem, connection.line("Immunization").reason) == (None, "portal-slow")
    assert connection.line("AllergyIntolerance").state is COMPLETE


# --- pages


def paged(portal, pages):
    """Answers about Immunization: page n by `pages(n)`, a Bundle without its resourceType."""

    def fault(path, query):
        if path != "/fhir/Immunization":
            return None
        number = int(query.partition("page=")[2] or 0)
        return http(msgspec.json.encode({"resourceType": "Bundle"} | pages(number)), **DATE)

    portal.faults.append(fault)


def entries(*idents):
    return [{"resource": resource("Immunization", ident)} for ident in idents]


def link(portal, number):
    return [{"relation": "next", "url": f"{portal.base}/Immunization?page={number}"}]


def test_the_same_page_twice_stores_its_records_once(connection, portal):
    paged(portal, lambda n: {"entry": entries("i1", "i2"), "link": link(portal, n + 1) if n < 3 else []})
    report = connection.sync()
    line = connection.line("Immunization")
    assert (line.state, line.count, line.new) == (COMPLETE, 2, 2)
    assert report.applied.added == 1 + 3 + 2


def test_a_page_that_leads_to_itself_ends(connection, portal):
    paged(portal, lambda n: {"entry": entries("i1"), "link": link(portal, n), "total": 5})
    connection.sync()
    assert (connection.line("Immunization").state, connection.line("Immunization").reason) == (PARTIAL, "page-loop")
    assert len(portal.of_type("Immunization")) <= 2


def test_a_million_pages_end_at_the_cap(connection, portal, monkeypatch):
    monkeypatch.setattr(pull, "MAX_PAGES", 20)
    paged(portal, lambda n: {"entry": entries(f"i{n}"), "link": link(portal, n + 1)})
    connection.sync()
    assert connection.line("Immunization").reason == "too-many-pages"
    assert len(portal.of_type("Immunization")) <= 22


def test_more_entries_in_a_page_than_anybody_needs_are_refused(connection, portal):
    paged(portal, lambda n: {"entry": entries(*(f"i{k}" for k in range(5_001)))})
    connection.sync()
    assert connection.line("Immunization").state is PARTIAL
    assert connection.held("Immunization") == set()


def test_a_total_that_changes_between_pages_counts_as_it_was_said_last(connection, portal):
    paged(
        portal, lambda n: {"entry": entries(f"i{n}"), "total": 9 - 3 * n, "link": link(portal, n + 1) if n < 2 else []}
    )
    connection.sync()
    assert (connection.line("Immunization").state, connection.line("Immunization").count) == (COMPLETE, 3)


@pytest.mark.parametrize("total", [0, 1])
def test_a_total_below_what_came_leaves_out_nothing(connection, portal, total):
    paged(portal, lambda n: {"entry": entries(f"i{n}"), "total": total, "link": link(portal, n + 1) if n < 2 else []})
    connection.sync()
    assert (connection.line("Immunization").state, connection.held("Immunization")) == (COMPLETE, {"i0", "i1", "i2"})


# --- a portal that was set up anew


def test_a_portal_whose_ids_all_changed_deletes_nothing(connection, portal, clock):
    portal.types["Immunization"] = [resource("Immunization", f"old{n}") for n in range(10)]
    connection.sync()
    portal.types["Immunization"] = [resource("Immunization", f"new{n}") for n in range(10)]
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert len(connection.held("Immunization")) == 20
    assert connection.line("Immunization").reason == "many-gone-held"


def test_versions_that_start_again_at_one_lose_nothing(connection, portal, vault, clock):
    def shot(version, status):
        return [resource("Immunization", "i1", status=status, meta={"versionId": version})]

    portal.types["Immunization"] = shot("7", "completed")
    connection.sync()
    portal.types["Immunization"] = shot("1", "entered-in-error")
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    row = vault.read(lambda db: records.find_reference(db, connection.source, "Immunization", "i1"))
    stored = vault.read(lambda db: records.stored(db, row))
    assert (stored.row.status, stored.version_id) == ("entered-in-error", "1")
    assert [version[1] for version in vault.read(lambda db: records.versions(db, row))] == ["7"]
