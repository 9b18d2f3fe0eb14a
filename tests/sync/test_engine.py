"""A sync against a portal that can be told to misbehave: what is stored, what the ledger says, what is asked again."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from phr_desktop import failpoints
from phr_desktop.actions.sources import settle_held
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.errors import UserFacingError
from phr_desktop.sync import one_type
from phr_desktop.sync.engine import sync_source
from phr_desktop.sync.pull import MOST_SAID
from phr_desktop.sync.wire import Limits, Wire, WireProblem
from phr_desktop.vault import attachments, ledger, quarantine, records, sources
from tests.sync.fake_portal import CUT, ME, Connection, faking, resource
from tests.sync.sockets import http


@pytest.fixture
def portal():
    with faking() as fake:
        fake.types["AllergyIntolerance"] = [resource("AllergyIntolerance", f"a{n}") for n in range(5)]
        fake.types["Immunization"] = [resource("Immunization", "i1")]
        yield fake


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


def fault_at(path, answer, *, times=10**9, query=""):
    """A fault at one path (and a part of its query), some times."""
    left = [times]

    def fault(asked, asked_query):
        if asked == f"/fhir/{path}" and query in asked_query and left[0] > 0:
            left[0] -= 1
            return answer() if callable(answer) else answer
        return None

    return fault


def status(code, **headers):
    return http(b'{"resourceType":"OperationOutcome"}', f"{code} X", **headers)


# --- the ordinary day


def test_everything_comes_once_and_then_only_what_changed(connection, portal):
    first = connection.sync()
    assert first.problem is None
    assert first.applied.added == 7
    assert connection.held("AllergyIntolerance") == {"a0", "a1", "a2", "a3", "a4"}
    line = connection.line("AllergyIntolerance")
    assert (line.state, line.count, line.new) == (LedgerState.COMPLETE, 5, 5)
    assert line.cursor == "2026-11-21T16:20:00Z"  # the portal's own time less ten minutes

    portal.asked.clear()
    second = connection.sync()
    assert second.applied.added == second.applied.updated == 0
    lines = portal.paths()
    assert len(lines) == len(set(lines))
    assert all("_lastUpdated=ge2026-11-21T16:20:00Z" in path for path in portal.of_type("AllergyIntolerance"))
    asked = [
        (path.partition("?")[0], "category" in path and path.split("category=")[1].split("&")[0]) for path in lines
    ]
    assert len(asked) == len(set(asked))  # at most one a type and category

    portal.types["AllergyIntolerance"][1] |= {"criticality": "high", "meta": {"lastUpdated": "2026-11-21T17:00:00Z"}}
    third = connection.sync()
    assert (third.applied.added, third.applied.updated) == (0, 1)
    assert connection.line("AllergyIntolerance").changed == 1


def test_what_is_equal_inside_the_overlap_is_unchanged(connection, portal):
    portal.types["Immunization"][0]["meta"] = {"lastUpdated": "2026-11-21T16:25:00Z", "versionId": "1"}
    connection.sync()
    portal.types["Immunization"][0]["meta"] = {"lastUpdated": "2026-11-21T16:26:00Z", "versionId": "2"}
    report = connection.sync()
    assert (report.applied.updated, report.applied.unchanged) == (0, 2)  # and the Patient


def test_a_portal_that_knows_no_last_updated_is_compared_by_content(connection, portal):
    portal.parameters = ["patient"]
    portal.types["Procedure"] = [resource("Procedure", f"r{n}") for n in range(5)]
    connection.sync()
    portal.types["Procedure"][0]["status"] = "completed"
    del portal.types["Procedure"][4]
    report = connection.sync()
    assert report.applied.updated == 1
    assert connection.held("Procedure") == {"r0", "r1", "r2", "r3"}
    assert connection.line("Procedure").gone == 1


def test_an_answer_without_a_date_is_asked_whole_again(connection, portal):
    portal.headers = {}
    connection.sync()
    assert connection.line("Immunization").cursor is None
    connection.sync()
    assert all("_lastUpdated" not in path for path in portal.of_type("Immunization"))


def test_changes_are_told_type_by_type(connection, mina):
    told = []
    report = connection.sync(on_change=told.append)
    assert len(told) > 3
    assert all(changes.people == {mina} for changes in told)
    assert report.changes.people == {mina}


# --- what is gone


def test_gone_is_marked_at_the_next_compare_and_never_deleted(connection, portal, clock):
    portal.types["Procedure"] = [resource("Procedure", f"r{n}") for n in range(5)]
    connection.sync()
    del portal.types["Procedure"][0]
    connection.sync()
    assert "r0" in connection.held("Procedure")
    clock.move_to(clock.now() + timedelta(days=31))
    connection.grant()
    connection.sync()
    assert "r0" not in connection.held("Procedure")
    assert connection.line("Procedure").gone == 1
    assert connection.rows() == 12
    portal.types["Procedure"].append(resource("Procedure", "r0", meta={"lastUpdated": "2027"}))
    connection.sync()
    assert "r0" in connection.held("Procedure")


def test_results_and_documents_are_compared_each_week(connection, portal, clock):
    portal.types["Observation"] = [resource("Observation", "o1")]
    connection.sync()
    clock.move_to(clock.now() + timedelta(days=8))
    portal.asked.clear()
    connection.sync()
    assert all("_lastUpdated" not in path for path in portal.of_type("Observation"))
    assert all("_lastUpdated" in path for path in portal.of_type("AllergyIntolerance"))


def test_a_record_that_a_page_missed_is_asked_for_before_it_counts_as_gone(connection, portal, clock):
    connection.sync()
    clock.move_to(clock.now() + timedelta(days=31))
    whole = portal._bundle("AllergyIntolerance", {})
    whole["entry"] = [whole["entry"][1], whole["entry"][1]]  # one twice in its place: the total agrees
    shifted = http(msgspec.json.encode(whole | {"link": whole.get("link", [])}), Date="Tue, 22 Dec 2026 16:30:00 GMT")
    portal.faults.append(fault_at("AllergyIntolerance", shifted, times=1))
    connection.sync()
    assert connection.held("AllergyIntolerance") == {"a0", "a1", "a2", "a3", "a4"}
    assert "AllergyIntolerance/a0" in portal.paths()


def test_mass_disappearance_is_held(connection, portal, clock):
    portal.types["AllergyIntolerance"] = [resource("AllergyIntolerance", f"a{n}") for n in range(40)]
    connection.sync()
    portal.types["AllergyIntolerance"] = portal.types["AllergyIntolerance"][:30]
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    line = connection.line("AllergyIntolerance")
    assert (line.count, line.gone, line.reason) == (40, 0, "many-gone-held")
    connection.sync()
    assert connection.line("AllergyIntolerance").reason == "many-gone-held"  # until the next compare
    portal.types["AllergyIntolerance"] = [resource("AllergyIntolerance", f"a{n}") for n in range(40)]
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.line("AllergyIntolerance").reason is None


@pytest.mark.parametrize("left", [0, 4])
def test_not_one_allergy_is_taken_for_gone(connection, portal, clock, left):
    connection.sync()
    portal.types["AllergyIntolerance"] = portal.types["AllergyIntolerance"][:left]
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    line = connection.line("AllergyIntolerance")
    assert (line.count, line.gone, line.reason) == (5, 0, "many-gone-held")


def test_a_type_of_few_records_that_vanishes_is_held(connection, portal, clock):
    portal.types["Procedure"] = [resource("Procedure", "r0"), resource("Procedure", "r1")]
    connection.sync()
    portal.types["Procedure"], portal.types["Immunization"] = [], []
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    line = connection.line("Procedure")
    assert (line.count, line.gone, line.reason) == (2, 0, "many-gone-held")
    assert connection.line("Immunization").gone == 1  # it was a single one


def test_an_emptied_portal_deletes_nothing(connection, portal, clock):
    portal.types["AllergyIntolerance"] = [resource("AllergyIntolerance", f"a{n}") for n in range(10)]
    connection.sync()
    portal.types["AllergyIntolerance"] = []
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert len(connection.held("AllergyIntolerance")) == 10


def test_what_a_narrower_grant_hides_is_not_gone(connection, portal, clock):
    portal.types["Observation"] = [resource("Observation", "o1"), resource("Observation", "o2")]
    connection.sync()
    connection.grant("patient/Patient.rs patient/Observation.rs?category=http://x|laboratory")
    clock.move_to(clock.now() + timedelta(days=31))
    portal.types["Observation"] = []  # the portal answers as if the rest were not there, page and record alike
    connection.sync()
    assert connection.held("Observation") == {"o1", "o2"}


def test_half_an_answer_shows_nothing_to_be_gone(connection, portal, clock):
    portal.interactions = ["search-type"]  # nothing can be asked for alone
    portal.types["Immunization"].append(resource("Immunization", "i2"))
    connection.sync()
    clock.move_to(clock.now() + timedelta(days=31))
    half = portal._bundle("Immunization", {})
    half = half | {"entry": half["entry"][:1], "link": [{"relation": "next", "url": "https://elsewhere.example/"}]}
    portal.faults.append(fault_at("Immunization", http(msgspec.json.encode(half))))
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.PARTIAL
    assert connection.held("Immunization") == {"i1", "i2"}


# --- whose it is


def test_another_patients_records_are_set_aside_and_shown_to_nobody(connection, portal):
    other = resource("AllergyIntolerance", "theirs") | {"patient": {"reference": "Patient/p2"}}
    absolute = resource("AllergyIntolerance", "far") | {
        "patient": {"reference": f"https://other.example/fhir/Patient/{ME}"}
    }
    nobody = {"resourceType": "AllergyIntolerance", "id": "nobody"}
    patient = {"resourceType": "Patient", "id": "p2", "name": [{"text": "Leo"}]}
    device = {"resourceType": "Device", "id": "d2", "patient": {"reference": "Patient/p2"}}
    portal.types["AllergyIntolerance"] += [other, absolute, nobody]
    portal.extra["Immunization"] = [{"resource": patient}]
    portal.types["Device"] = [device, {"resourceType": "Device", "id": "free"}]
    report = connection.sync()
    assert connection.held("AllergyIntolerance") == {"a0", "a1", "a2", "a3", "a4"}
    assert connection.held("Patient") == {ME}
    assert connection.held("Device") == {"free"}
    assert connection.aside() == {"other-patient": 4, "no-patient": 1}
    assert report.applied.quarantined == 5
    assert connection.sync().applied.quarantined == 0


def test_absolute_references_to_the_bound_patient_are_theirs(connection, portal):
    portal.types["Immunization"][0]["patient"] = {"reference": f"{portal.base}/Patient/{ME}"}
    connection.sync()
    assert connection.held("Immunization") == {"i1"}


def test_a_patient_that_was_joined_into_another_stops_the_sync(connection, portal):
    link = [{"type": "replaced-by", "other": {"reference": "Patient/p9"}}]
    portal.types["Patient"][0]["link"] = link
    report = connection.sync()
    assert report.problem == "patient-replaced"
    assert connection.rows() == 0


def test_another_patient_under_the_bound_name_stops_the_sync(connection, portal):
    portal.faults.append(fault_at(f"Patient/{ME}", http(b'{"resourceType":"Patient","id":"p2"}')))
    assert connection.sync().problem == "other-person-token"
    assert connection.rows() == 0


# --- what cannot be read


def test_a_malformed_resource_is_set_aside_with_its_bytes_and_the_rest_goes_on(connection, portal, vault):
    broken = b'{"resourceType":"Immunization","id":"x","id":"y"}'
    body = (
        b'{"resourceType":"Bundle","type":"searchset","entry":[{"resource":' + broken + b'},{"resource":'
        + msgspec.json.encode(resource("Immunization", "i2")) + b'},{"resource":7},{"search":{}}]}'
    )  # fmt: skip
    portal.faults.append(fault_at("Immunization", http(body, Date="Sat, 21 Nov 2026 16:30:00 GMT")))
    report = connection.sync()
    assert connection.held("Immunization") == {"i2"}
    assert report.applied.quarantined == 3
    kept = vault.read(lambda db: quarantine.of_source(db, connection.source))
    assert broken in [one.body for one in kept]
    assert {one.reason for one in kept} == {"malformed"}
    assert connection.line("Immunization").state is LedgerState.COMPLETE


def test_a_record_that_became_malformed_is_not_gone(connection, portal, clock):
    connection.sync()
    body = (
        b'{"resourceType":"Bundle","entry":[{"fullUrl":"' + portal.base.encode() + b'/Immunization/i1","resource":'
        b'{"resourceType":"Immunization","id":"i1","id":"i1"}}]}'
    )  # fmt: skip
    portal.faults.append(fault_at("Immunization", http(body)))
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.held("Immunization") == {"i1"}


def test_warnings_are_a_reason_and_never_a_record(connection, portal):
    notice = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "incomplete"}]}
    portal.extra["Immunization"] = [{"resource": notice, "search": {"mode": "outcome"}}]
    connection.sync()
    line = connection.line("Immunization")
    assert (line.state, line.reason, line.count) == (LedgerState.COMPLETE, "portal-warning", 1)
    assert connection.rows() == 7  # Patient, five allergies, one vaccine


def outcome(*issues, **more):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"} | issue for issue in issues]} | more


@pytest.mark.parametrize(
    ("issue", "said"),
    [
        ({"code": "incomplete"}, "incomplete"),
        ({"code": "incomplete", "diagnostics": "4119: shortened"}, "4119: shortened"),
        ({"code": "x", "diagnostics": "4119", "details": {"text": "Some are held back."}}, "Some are held back."),
        ({"details": {"coding": [{"code": "4119", "display": "Not the whole record"}]}}, "Not the whole record"),
        ({"details": {"text": "Some.", "coding": [{"code": "4119", "display": "Not the whole record"}]}}, "Some."),
        ({"details": {"text": "two\nlines \x1b[31mred\u202e"}}, "two lines [31mred"),
        ({"details": {"text": "<b>&amp;</b> %1"}}, "<b>&amp;</b> %1"),
        ({"severity": "information", "details": {"text": "All is well"}}, None),
        ({}, None),
    ],
)
def test_the_portals_own_words_are_kept_with_the_line(connection, portal, issue, said):
    portal.extra["Immunization"] = [{"resource": outcome(issue), "search": {"mode": "outcome"}}]
    connection.sync()
    assert connection.line("Immunization").said == said
    assert connection.line("AllergyIntolerance").said is None
    portal.extra.clear()
    connection.sync()
    assert connection.line("Immunization").said is None  # it said so of an answer that is no longer the last one


def test_words_of_several_pages_are_kept_once_and_are_bounded(connection, portal):
    long = {"details": {"text": "word " * 1000}}
    portal.extra["AllergyIntolerance"] = [{"resource": outcome({"code": "first"}, {"code": "first"}, long)}]
    connection.sync()
    said = connection.line("AllergyIntolerance").said
    assert said.startswith("first / word word")
    assert said.endswith("\u2026")
    assert len(said) <= MOST_SAID


@pytest.mark.parametrize(
    ("code", "body"), [(400, "application/fhir+json"), (403, "application/fhir+json"), (200, "application/fhir+json")]
)
def test_why_a_portal_refuses_is_kept_in_its_words(connection, portal, code, body):
    answer = msgspec.json.encode(outcome({"severity": "error", "code": "invalid", "diagnostics": "No such parameter"}))
    portal.faults.append(fault_at("Immunization", http(answer, f"{code} X", Content_Type=body)))
    connection.sync()
    assert connection.line("Immunization").said == "No such parameter"


def test_a_portals_words_stand_in_no_file_as_they_are(connection, portal, vault, vault_folder):
    portal.extra["Immunization"] = [{"resource": outcome({"diagnostics": "zinfandelwort"})}]
    connection.sync()
    assert connection.line("Immunization").said == "zinfandelwort"
    for path in vault_folder.rglob("*"):
        assert not path.is_file() or b"zinfandelwort" not in path.read_bytes()


@pytest.mark.parametrize("severity", ["error", "fatal"])
def test_an_error_among_the_records_says_that_some_are_missing(connection, portal, clock, severity):
    connection.sync()
    clock.move_to(clock.now() + timedelta(days=31))
    portal.types["Immunization"] = [resource("Immunization", "i2")]
    notice = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "incomplete"}]}
    portal.extra["Immunization"] = [{"resource": notice, "search": {"mode": "outcome"}}]
    connection.sync()
    line = connection.line("Immunization")
    assert (line.state, line.reason) == (LedgerState.PARTIAL, "portal-error-notice")
    assert connection.held("Immunization") == {"i1", "i2"}  # what came is kept, and nothing is gone
    portal.extra.clear()
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.COMPLETE


def give(portal, type_name, total, *, shown):
    """Makes a portal say a total of a type and show some of it."""
    whole = portal._bundle

    def bundle(asked, query):
        answer = whole(asked, query)
        if asked == type_name:
            answer |= {"total": total, "entry": answer["entry"][:shown]}
        return answer

    portal._bundle = bundle


def test_fewer_than_the_portal_says_it_has_is_a_part(connection, portal, clock):
    connection.sync()
    clock.move_to(clock.now() + timedelta(days=31))
    portal.types["Immunization"] = [resource("Immunization", "i2")]
    give(portal, "Immunization", 50, shown=1)
    report = connection.sync()
    line = connection.line("Immunization")
    assert (report.problem, line.state, line.reason) == (None, LedgerState.PARTIAL, "portal-gave-fewer")
    assert (line.count, line.gone) == (2, 0)
    assert connection.held("Immunization") == {"i1", "i2"}


def test_what_only_came_along_is_not_counted_as_asked_for(connection, portal):
    along = {"resource": resource("Procedure", "r9"), "search": {"mode": "include"}}
    portal.extra["Immunization"] = [along]
    give(portal, "Immunization", 2, shown=2)
    connection.sync()
    assert connection.line("Immunization").reason == "portal-gave-fewer"


def test_a_total_of_what_changed_is_compared_with_what_changed(connection, portal):
    connection.sync()
    portal.types["AllergyIntolerance"][1] |= {"criticality": "high", "meta": {"lastUpdated": "2026-11-21T17:00:00Z"}}
    connection.sync()
    line = connection.line("AllergyIntolerance")
    assert (line.state, line.reason, line.count, line.changed) == (LedgerState.COMPLETE, None, 5, 1)
    give(portal, "AllergyIntolerance", 2, shown=1)
    connection.sync()
    line = connection.line("AllergyIntolerance")
    assert (line.state, line.reason, line.count) == (LedgerState.PARTIAL, "portal-gave-fewer", 5)


def test_an_error_said_with_200_is_not_an_empty_list(connection, portal):
    notice = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "transient"}]}
    connection.sync()
    portal.faults.append(fault_at("Immunization", http(msgspec.json.encode(notice))))
    connection.sync()
    line = connection.line("Immunization")
    assert (line.state, line.count) == (LedgerState.PARTIAL, 1)


# --- pages


def goes_on_at_the_last_page(connection, portal):
    portal.faults.clear()
    portal.asked.clear()
    connection.sync()
    assert portal.of_type("AllergyIntolerance") == ["AllergyIntolerance?_start=4"]
    assert connection.line("AllergyIntolerance").state is LedgerState.COMPLETE
    assert len(connection.held("AllergyIntolerance")) == 5


@pytest.mark.parametrize("relation", ["prev", "previous"])
def test_pages_that_go_on_under_the_name_of_the_one_before_are_followed(connection, portal, relation):
    """A vendor's way that the directory may not know of: half a record must not be told as the whole."""
    portal.page_relation = relation
    portal.faults.append(fault_at("AllergyIntolerance", status(500), query="_start=4"))
    connection.sync()
    assert connection.line("AllergyIntolerance").state is LedgerState.PARTIAL
    goes_on_at_the_last_page(connection, portal)


def test_a_failed_page_makes_the_type_partial_and_the_next_sync_goes_on_there(connection, portal):
    fault = fault_at("AllergyIntolerance", status(500), query="_start=4")
    portal.faults.append(fault)
    report = connection.sync()
    line = connection.line("AllergyIntolerance")
    assert report.problem is None
    assert (line.state, line.reason, line.count) == (LedgerState.PARTIAL, "portal-busy", 0)
    assert line.resume_url.endswith("_start=4")
    assert connection.held("AllergyIntolerance") == set()  # never a part of a type
    assert connection.held("Immunization") == {"i1"}  # the rest went on

    goes_on_at_the_last_page(connection, portal)


def test_a_place_that_the_portal_forgot_is_started_anew(connection, portal):
    portal.faults.append(fault_at("AllergyIntolerance", status(500), query="_start=2"))
    connection.sync()
    portal.faults[:] = [fault_at("AllergyIntolerance", status(410), times=1, query="_start=2")]
    connection.sync()
    assert connection.line("AllergyIntolerance").state is LedgerState.COMPLETE
    assert len(connection.held("AllergyIntolerance")) == 5


def test_half_a_search_for_changes_is_never_taken_for_the_whole(connection, portal, clock):
    portal.page_size = 1
    connection.sync()
    for n in (0, 1):
        portal.types["AllergyIntolerance"][n] |= {
            "note": [{"text": "x"}],
            "meta": {"lastUpdated": "2026-11-22T00:00:00Z"},
        }
    portal.faults.append(fault_at("AllergyIntolerance", status(500), query="_start=1&_lastUpdated"))
    connection.sync()
    assert connection.line("AllergyIntolerance").state is LedgerState.PARTIAL
    portal.faults.clear()
    clock.move_to(clock.now() + timedelta(days=31))  # a whole compare is due now
    portal.asked.clear()
    connection.sync()
    assert portal.of_type("AllergyIntolerance")[0] == f"AllergyIntolerance?patient={ME}&_count=100"
    assert len(connection.held("AllergyIntolerance")) == 5
    assert connection.line("AllergyIntolerance").gone == 0


@pytest.mark.parametrize(
    ("next_link", "total", "state", "reason"),
    [
        ("{own}", None, LedgerState.PARTIAL, "page-loop"),
        ("{own}", 1, LedgerState.COMPLETE, None),
        ("http://evil.example/fhir/Immunization?page=2", 5, LedgerState.PARTIAL, "foreign-address"),
        ("javascript:alert(1)\r\n", 5, LedgerState.PARTIAL, "address-not-allowed"),
    ],
)
def test_links_that_lead_nowhere(connection, portal, next_link, total, state, reason):
    def answer():
        own = f"{portal.base}/{portal.of_type('Immunization')[-1]}"  # a few types are asked for at once
        bundle = portal._bundle("Immunization", {}) | {"total": total}
        bundle["link"] = [{"relation": "next", "url": next_link.replace("{own}", own)}]
        return http(msgspec.json.encode({k: v for k, v in bundle.items() if v is not None}))

    portal.faults.append(fault_at("Immunization", answer))
    connection.sync()
    line = connection.line("Immunization")
    assert (line.state, line.reason) == (state, reason)
    assert connection.held("Immunization") == {"i1"}  # what there is, is shown; the ledger says that it is a part
    assert len(portal.of_type("Immunization")) == 1


def test_a_page_over_the_cap_is_asked_in_smaller_pages(connection, portal):
    def too_large(path, query):
        large = path == "/fhir/Immunization" and "_count=1&" not in f"{query}&"
        return http(b"x" * 100_000) if large else None

    portal.faults.append(too_large)
    connection.sync(limits=Limits(body=50_000))
    assert connection.line("Immunization").state is LedgerState.COMPLETE
    assert connection.held("Immunization") == {"i1"}
    assert [path.split("_count=")[1] for path in portal.of_type("Immunization")] == ["100", "10", "1"]


def test_a_record_over_the_cap_leaves_its_type_partial_and_the_rest_goes_on(connection, portal):
    portal.faults.append(fault_at("Immunization", lambda: http(b"x" * 100_000)))
    connection.sync(limits=Limits(body=50_000))
    line = connection.line("Immunization")
    assert (line.state, line.reason) == (LedgerState.PARTIAL, "portal-too-large")
    assert connection.line("AllergyIntolerance").state is LedgerState.COMPLETE


# --- statuses


def test_an_ended_token_is_renewed_once_and_stored_before_use(connection, portal):
    portal.tokens = {"access-9"}
    portal.token_answer = lambda form: portal.token(access_token="access-9", refresh_token="refresh-9")
    report = connection.sync()
    assert report.problem is None
    grant = connection.stored_grant()
    assert (grant.access_token, grant.refresh_token, grant.refreshing) == ("access-9", "refresh-9", False)
    assert sum(line.startswith("POST") for line in portal.asked) == 1


def test_a_token_known_to_have_ended_is_renewed_before_the_first_request(connection, portal, clock):
    connection.grant(expires_at=int(clock.now().timestamp()) - 1)
    connection.sync()
    posts = [n for n, line in enumerate(portal.asked) if line.startswith("POST")]
    assert len(posts) == 1
    assert portal.asked[posts[0] + 1].startswith("GET /fhir/Patient/")
    assert connection.stored_grant().access_token == "access-1"


def test_a_token_that_is_refused_after_renewal_means_sign_in_again(connection, portal):
    portal.token_answer = lambda form: portal.token(access_token="useless", refresh_token="refresh-1")
    portal.tokens = set()
    assert connection.sync().problem == "sign-in-again"
    assert connection.is_asked_to_sign_in()
    portal.asked.clear()
    assert connection.sync().problem == "sign-in-again"
    assert portal.asked == []


@pytest.mark.parametrize(
    "answer", [CUT, CUT + b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", status(503), status(400)]
)
def test_a_refresh_whose_answer_is_lost_is_never_tried_again(connection, portal, answer, vault):
    connection.sync()
    portal.tokens = set()
    portal.faults.append(lambda path, query: answer if path == "/auth/token" else None)
    assert connection.sync().problem == "sign-in-again"
    assert connection.stored_grant().refresh_token == "refresh-0"
    vault.write(lambda db: sources.set_state(db, connection.source, connected=True, needs_sign_in=False))
    portal.faults.clear()
    assert connection.sync().problem == "sign-in-again"
    assert sum(line.startswith("POST") for line in portal.asked) == 1
    assert connection.rows() == 7  # everything reads


def test_a_refresh_that_never_left_may_be_tried_again(connection, portal, monkeypatch):
    def nobody_there(*_):
        raise WireProblem("offline", sent=False)

    portal.tokens = {"access-1"}
    monkeypatch.setattr(Wire, "post_form", nobody_there)
    assert connection.sync().problem == "offline"
    assert not connection.stored_grant().refreshing
    assert not connection.is_asked_to_sign_in()
    monkeypatch.undo()
    assert connection.sync().problem is None


def test_a_person_who_disconnects_during_a_sync_stays_disconnected(connection, portal, vault):
    def disconnect_then_end_the_token(path, query):
        if path == "/fhir/Immunization" and portal.tokens:
            portal.tokens = set()
            vault.write(lambda db: sources.set_state(db, connection.source, connected=False, needs_sign_in=False))
            vault.write(lambda db: sources.forget_grant(db, connection.source))

    portal.faults.append(disconnect_then_end_the_token)
    assert connection.sync().problem in ("sign-in-again", "sync-stopped")  # whichever of its requests comes first
    source = vault.read(lambda db: sources.one(db, connection.source))
    assert (source.connected, source.needs_sign_in) == (False, False)
    assert connection.stored_grant() is None


def test_a_renewed_token_of_another_patient_stores_nothing(connection, portal):
    portal.tokens = set()
    portal.token_answer = lambda form: portal.token(access_token="access-1", patient="p2")
    assert connection.sync().problem == "other-person-token"
    assert connection.rows() == 0
    assert connection.stored_grant().access_token == "access-0"
    assert connection.is_asked_to_sign_in()


def test_a_narrower_scope_at_renewal_is_kept(connection, portal):
    portal.tokens = {"access-9"}
    portal.token_answer = lambda form: portal.token(access_token="access-9", scope="patient/Patient.rs")
    connection.sync()
    assert connection.stored_grant().scope == "patient/Patient.rs"
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.NOT_ALLOWED


def test_403_means_not_allowed_and_the_rest_goes_on(connection, portal):
    portal.faults.append(fault_at("AllergyIntolerance", status(403)))
    assert connection.sync().problem is None
    assert connection.line("AllergyIntolerance").state is LedgerState.NOT_ALLOWED
    assert connection.line("Immunization").state is LedgerState.COMPLETE


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (404, LedgerState.NOT_OFFERED, "not-offered"),
        (400, LedgerState.FAILED, "portal-refused-search"),
        (405, LedgerState.FAILED, "portal-refused-search"),
        (422, LedgerState.FAILED, "portal-refused-search"),
        (302, LedgerState.FAILED, "portal-redirected"),
        (500, LedgerState.PARTIAL, "portal-busy"),
        (408, LedgerState.PARTIAL, "portal-busy"),
        (502, LedgerState.PARTIAL, "portal-busy"),
        (504, LedgerState.PARTIAL, "portal-busy"),
    ],
)
def test_every_status_has_its_word_and_what_came_stays(connection, portal, code, state, reason):
    connection.sync()
    portal.faults.append(fault_at("Immunization", status(code)))
    report = connection.sync()
    line = connection.line("Immunization")
    assert (line.state, line.reason, line.count) == (state, reason, 1)
    assert connection.held("Immunization") == {"i1"}
    assert report.problem is None
    tries = len(portal.of_type("Immunization")) - 1
    assert tries == (3 if code >= 500 or code == 408 else 1)


def test_a_portal_that_gives_nothing_is_left_for_another_day(connection, portal):
    portal.faults.append(lambda path, query: status(500) if "metadata" not in path and "Patient" not in path else None)
    assert connection.sync().problem == "portal-busy"
    assert len({path.partition("&_count")[0] for path in portal.paths()}) <= 13  # the person, nine, and three under way
    assert connection.line("AllergyIntolerance").state is LedgerState.PARTIAL


def test_an_answer_cut_at_any_byte_is_never_half_a_type(connection, portal):
    portal.offered = ["Patient", "Immunization"]
    portal.types["Immunization"] = [resource("Immunization", f"i{n}") for n in range(2)]
    whole = portal._json(portal._bundle("Immunization", {}))
    cut = [0]
    portal.faults.append(lambda path, query: CUT + whole[: cut[0]] if path == "/fhir/Immunization" else None)
    tried = 0
    for cut[0] in range(0, len(whole), 2):
        assert connection.sync().problem is None
        assert connection.held("Immunization") == set()
        assert connection.line("Immunization").state is LedgerState.PARTIAL
        tried += 1
    assert tried > 200
    cut[0] = len(whole)
    connection.sync()
    assert connection.held("Immunization") == {"i0", "i1"}
    assert connection.line("Immunization").state is LedgerState.COMPLETE


def test_204_is_an_empty_answer(connection, portal):
    portal.faults.append(fault_at("Immunization", b"HTTP/1.1 204 No Content\r\n\r\n"))
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.COMPLETE


def test_a_busy_portal_is_obeyed(connection, portal):
    portal.faults.append(fault_at("Immunization", status(429, Retry_After="7"), times=2))
    assert connection.sync().problem is None
    assert len(connection.waits) == 2
    assert all(7 <= seconds <= 7.8 for seconds in connection.waits)
    assert connection.line("Immunization").state is LedgerState.COMPLETE


def test_a_portal_that_wants_long_peace_is_left_in_it(connection, portal, clock):
    until = "Sat, 21 Nov 2026 17:30:00 GMT"  # an hour after its own Date
    portal.faults.append(fault_at("Immunization", status(503, Retry_After=until, Date="Sat, 21 Nov 2026 16:30:00 GMT")))
    assert connection.sync().problem == "portal-busy"
    assert connection.waits == []
    portal.faults.clear()
    portal.asked.clear()
    assert connection.sync().problem == "portal-busy"
    assert portal.asked == []
    clock.move_to(clock.now() + timedelta(minutes=61))
    assert connection.sync().problem is None


def test_waiting_for_a_busy_portal_can_be_cancelled(connection, portal):
    portal.faults.append(fault_at("Immunization", status(429, Retry_After="7")))
    report = connection.sync(wait=lambda seconds: True)
    assert report.problem == "sync-stopped"


def test_a_captive_portal_changes_nothing(connection, portal):
    connection.sync()
    before = {(type_name): connection.line(type_name) for type_name in ("Immunization", "AllergyIntolerance")}
    portal.faults.append(lambda path, query: http(b"<html>Hotel", media="text/html"))
    report = connection.sync()
    assert report.problem == "captive-portal"
    assert {type_name: connection.line(type_name) for type_name in before} == before
    assert connection.rows() == 7


def test_offline_everything_reads_and_the_ledger_stands(connection, portal):
    connection.sync()
    before = connection.line("Immunization")
    portal.server.stop()
    report = connection.sync()
    assert report.problem == "offline"
    assert connection.line("Immunization") == before
    assert connection.rows() == 7
    assert report.entries


def test_a_connection_that_breaks_is_tried_again(connection, portal):
    portal.faults.append(fault_at("Immunization", CUT, times=2))
    assert connection.sync().problem is None
    assert connection.line("Immunization").state is LedgerState.COMPLETE


# --- what is allowed


def test_a_narrower_grant_is_said_and_not_asked(connection, portal):
    portal.types["Observation"] = [resource("Observation", "o1", category=[{"coding": [{"code": "laboratory"}]}])]
    connection.grant("patient/Patient.rs patient/Observation.rs?category=http://x|laboratory patient/Immunization.read")
    connection.sync()
    assert connection.line("AllergyIntolerance").state is LedgerState.NOT_ALLOWED
    assert connection.line("AllergyIntolerance").reason == "not-granted"
    assert portal.of_type("AllergyIntolerance") == []
    assert connection.line("Observation", "laboratory").state is LedgerState.COMPLETE
    assert connection.line("Observation", "laboratory").count == 1
    assert connection.line("Observation", "vital-signs").state is LedgerState.NOT_ALLOWED
    assert connection.line("Observation").state is LedgerState.NOT_ALLOWED  # what has no category
    assert [path for path in portal.of_type("Observation") if "category=laboratory" not in path] == []


REFUSED = http(b'{"resourceType":"OperationOutcome"}', "403 Forbidden")


@pytest.mark.parametrize("narrower", [True, False])
def test_a_childs_access_that_shrinks_reads_access_changed_and_loses_nothing(connection, portal, narrower):
    connection.grant(fhir_user="RelatedPerson/mother")
    connection.sync()
    held = connection.held("Immunization")
    if narrower:
        portal.tokens = set()
        scope = "patient/Patient.rs patient/Observation.rs"
        portal.token_answer = lambda form: portal.token(access_token="access-0", scope=scope)
        portal.faults.append(lambda path, _query: portal.tokens.add("access-0") if path == "/auth/token" else None)
    else:
        portal.faults.append(lambda path, _query: REFUSED if path == "/fhir/Immunization" else None)
    for _ in range(2):  # and it stays so
        connection.sync()
        line = connection.line("Immunization")
        assert (line.state, line.reason) == (LedgerState.NOT_ALLOWED, "access-changed")
        assert (line.count, line.last_good_at is not None) == (len(held), True)
    assert connection.held("Immunization") == held != set()
    connection.grant(fhir_user="RelatedPerson/mother")
    portal.tokens = {"access-0"}
    portal.faults.clear()
    connection.sync()
    assert (connection.line("Immunization").state, connection.line("Immunization").reason) == ("complete", None)


@pytest.mark.parametrize(("fhir_user", "before"), [(f"Patient/{ME}", True), ("RelatedPerson/mother", False)])
def test_what_is_refused_to_the_person_or_never_came_reads_not_allowed(connection, portal, fhir_user, before):
    connection.grant(fhir_user=fhir_user)
    if before:
        connection.sync()
    portal.faults.append(lambda path, _query: REFUSED if path == "/fhir/Immunization" else None)
    connection.sync()
    assert connection.line("Immunization").reason == "portal-forbids"


def test_lines_follow_the_grant_and_a_new_permission_starts_from_the_beginning(connection, portal):
    portal.types["Observation"] = [resource("Observation", "o1")]
    connection.sync()
    assert connection.line("Observation").state is LedgerState.COMPLETE
    connection.grant("patient/Patient.rs")
    connection.sync()
    assert connection.line("Observation").state is LedgerState.NOT_ALLOWED
    assert connection.line("Observation", "laboratory") is None
    assert connection.held("Observation") == {"o1"}  # access changed; nothing is lost
    portal.asked.clear()
    connection.grant("patient/*.rs")
    connection.sync()
    assert all("_lastUpdated" not in path for path in portal.of_type("Observation"))
    assert connection.line("Observation").state is LedgerState.COMPLETE


def test_what_the_portal_does_not_have_is_not_offered(connection, portal):
    connection.sync()
    assert connection.line("Procedure").state is LedgerState.COMPLETE
    assert connection.line("Goal").state is LedgerState.NOT_OFFERED
    assert portal.of_type("Goal") == []


def test_a_portal_that_only_answers_by_category_is_no_fault(connection, portal):
    def refuse_whole(path, query):
        return status(400) if path == "/fhir/Observation" and "category" not in query else None

    portal.faults.append(refuse_whole)
    portal.types["Observation"] = [resource("Observation", "o1")]
    connection.sync()
    assert connection.line("Observation") is None
    assert connection.line("Observation", "laboratory").state is LedgerState.COMPLETE
    portal.asked.clear()
    connection.sync()
    assert all("_lastUpdated" in path for path in portal.of_type("Observation") if "category" in path)


# --- what records point to


def test_clinicians_and_places_are_read_once(connection, portal):
    portal.types["Practitioner"] = [{"resourceType": "Practitioner", "id": "dr1", "name": [{"text": "Dr. Ray"}]}]
    portal.types["Organization"] = [
        {"resourceType": "Organization", "id": "org1", "partOf": {"reference": "Organization/org2"}},
        {"resourceType": "Organization", "id": "org2"},
    ]
    pointed_to = [
        f"{portal.base}/Practitioner/dr1", "Organization/org1", "Practitioner/missing",
        "https://far.example/Practitioner/x", "#contained", "urn:uuid:1",
    ]  # fmt: skip
    performer = [{"actor": {"reference": reference}} for reference in pointed_to]
    portal.types["Immunization"][0]["performer"] = performer
    connection.sync()
    assert connection.held("Practitioner") == {"dr1"}
    assert connection.held("Organization") == {"org1", "org2"}
    assert connection.line("Organization").state is LedgerState.COMPLETE
    portal.asked.clear()
    connection.sync()
    assert not [path for path in portal.paths() if path.startswith(("Practitioner/", "Organization/"))]


def test_a_clinician_that_fails_once_is_asked_the_next_time(connection, portal, vault):
    portal.types["Practitioner"] = [{"resourceType": "Practitioner", "id": "dr1"}]
    portal.types["Immunization"][0]["performer"] = [{"actor": {"reference": "Practitioner/dr1"}}]
    portal.faults.append(fault_at("Practitioner/dr1", status(500)))
    connection.sync()
    assert connection.line("Practitioner").state is LedgerState.PARTIAL
    portal.faults.clear()
    connection.sync()
    assert connection.held("Practitioner") == {"dr1"}
    assert connection.line("Practitioner").state is LedgerState.COMPLETE
    assert vault.read(lambda db: ledger.wanted(db, connection.source)) == []


def test_a_clinician_who_is_not_the_one_asked_for_is_not_kept(connection, portal):
    portal.types["Immunization"][0]["performer"] = [{"actor": {"reference": "Practitioner/dr1"}}]
    portal.faults.append(fault_at("Practitioner/dr1", http(b'{"resourceType":"Practitioner","id":"dr2"}')))
    connection.sync()
    assert connection.held("Practitioner") == set()


# --- documents


def letter(ident, **attachment):
    return resource("DocumentReference", ident, content=[{"attachment": attachment}])


def contents(vault, connection):
    found = {}
    for ident in connection.held("DocumentReference"):
        row = vault.read(lambda db, i=ident: records.find_reference(db, connection.source, "DocumentReference", i))
        one = vault.read(lambda db, r=row: attachments.of_record(db, r))[0]
        found[ident] = (
            one.problem if one.hash is None else vault.read(lambda db, h=one.hash: attachments.content(db, h))
        )
    return found


def test_documents_are_fetched_once_whatever_form_they_come_in(connection, portal, vault):
    pdf = b"%PDF-1.4 \x00 letter"
    portal.types["Binary"] = [{"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "aGVsbG8="}]
    portal.types["DocumentReference"] = [
        letter("json", url="Binary/b1"),
        letter("shared", url=f"{portal.base}/Binary/b1"),
        letter("raw", url="Binary/raw", contentType="application/pdf"),
        letter("page", url="Binary/page", contentType="text/html"),
        letter("lost", url="Binary/none"),
        letter("foreign", url="https://evil.example/letter"),
        letter("trap", url="Binary/trap", contentType="application/pdf"),
    ]
    portal.faults.append(fault_at("Binary/raw", http(pdf, media="application/pdf")))
    portal.faults.append(fault_at("Binary/page", http(b"<p>A letter</p>", media="text/html")))
    theirs = (
        b'{"resourceType":"Binary","contentType":"a/b","data":"aGVsbG8=","securityContext":{"reference":"Patient/p2"}}'
    )
    portal.faults.append(fault_at("Binary/trap", http(theirs)))
    connection.sync()
    assert contents(vault, connection) == {
        "json": b"hello", "shared": b"hello", "raw": pdf, "page": b"<p>A letter</p>", "lost": "document-missing",
        "foreign": "foreign-address", "trap": "other-patient",
    }  # fmt: skip
    assert len([p for p in portal.paths() if p == "Binary/b1"]) == 1
    portal.asked.clear()
    connection.sync()
    assert not [p for p in portal.paths() if p.startswith("Binary")]


def test_a_document_that_fails_comes_the_next_time(connection, portal, vault):
    portal.types["DocumentReference"] = [letter("d1", url="Binary/b1")]
    portal.types["Binary"] = [{"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "aGVsbG8="}]
    portal.faults.append(fault_at("Binary/b1", status(500)))
    connection.sync()
    assert contents(vault, connection) == {"d1": "portal-busy"}
    portal.faults.clear()
    connection.sync()
    assert contents(vault, connection) == {"d1": b"hello"}


def test_documents_that_are_not_granted_are_not_asked(connection, portal, vault):
    connection.grant("patient/Patient.rs patient/DocumentReference.rs")
    portal.types["DocumentReference"] = [letter("d1", url="Binary/b1")]
    connection.sync()
    assert contents(vault, connection) == {"d1": "not-granted"}
    assert not [p for p in portal.paths() if p.startswith("Binary")]


# --- interrupted


class Killed(BaseException):
    """Stands for the end of the process."""


def killed_at(name, number):
    left = [number]

    def hook(point):
        if point == name:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

    failpoints.install(hook)


@pytest.mark.parametrize(
    "point", ["page staged", "before request", "after request", "before type stored", "type stored"]
)
def test_killed_anywhere_the_next_sync_goes_on_and_the_ledger_never_lies(connection, portal, point, monkeypatch):
    monkeypatch.setattr(one_type, "STAGE_SECONDS", 0)
    interruptions = 0
    try:
        for number in range(1, 200):
            killed_at(point, number)
            try:
                report = connection.sync()
                break
            except Killed:
                interruptions += 1
                line = connection.line("AllergyIntolerance")
                if line is not None and line.state is LedgerState.COMPLETE:
                    assert len(connection.held("AllergyIntolerance")) == 5
                else:
                    assert connection.held("AllergyIntolerance") == set()
    finally:
        failpoints.install(None)
    assert report.problem is None
    assert interruptions >= 1
    assert len(connection.held("AllergyIntolerance")) == 5
    assert connection.line("AllergyIntolerance").state is LedgerState.COMPLETE
    pages = [p for p in portal.of_type("AllergyIntolerance") if "_start=2" in p]
    if point == "page staged":
        assert len(pages) == 1  # what was staged is not asked again


def test_cancelling_between_pages_keeps_the_place(connection, portal):
    cancelled = []
    report = connection.sync(
        progress=lambda name, count: cancelled.append(1) if name == "AllergyIntolerance" and count >= 2 else None,
        cancelled=lambda: bool(cancelled),
    )
    assert report.problem == "sync-stopped"
    line = connection.line("AllergyIntolerance")
    assert (line.state, line.reason) == (LedgerState.PARTIAL, "sync-not-finished")
    portal.asked.clear()
    connection.sync()
    assert portal.of_type("AllergyIntolerance")[0] == "AllergyIntolerance?_start=2"
    assert len(connection.held("AllergyIntolerance")) == 5


def test_a_connection_that_is_not_there_is_said(vault, clock):
    with pytest.raises(UserFacingError) as caught:
        sync_source(vault, clock, 999)
    assert caught.value.code == "source-missing"


# --- what the person settles


def many_gone(connection, portal, clock):
    portal.types["Procedure"] = [resource("Procedure", f"r{n}") for n in range(40)]
    connection.sync()
    portal.types["Procedure"] = portal.types["Procedure"][:10]
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.line("Procedure").reason == "many-gone-held"
    assert connection.vault.read(lambda db: ledger.held_counts(db, connection.source)) == [("Procedure", 30)]


def test_accepting_a_mass_disappearance_marks_them_gone_and_ends_the_question(connection, portal, clock, vault):
    many_gone(connection, portal, clock)
    settle_held(vault, clock, connection.source, "Procedure", accept=True)
    assert connection.line("Procedure").reason is None
    assert len(connection.held("Procedure")) == 10
    assert vault.read(lambda db: db.value("SELECT count(*) FROM records WHERE type = 'Procedure'")) == 40
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.line("Procedure").reason is None


def test_keeping_what_disappeared_is_not_asked_again(connection, portal, clock, vault):
    many_gone(connection, portal, clock)
    settle_held(vault, clock, connection.source, "Procedure", accept=False)
    assert len(connection.held("Procedure")) == 40
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    line = connection.line("Procedure")
    assert (line.reason, line.gone, line.count) == (None, 0, 40)
    with pytest.raises(UserFacingError) as caught:
        settle_held(vault, clock, connection.source, "Procedure", accept=True)
    assert caught.value.code == "nothing-held"


def test_what_a_person_kept_and_the_portal_shows_again_may_be_gone_later(connection, portal, clock, vault):
    many_gone(connection, portal, clock)
    settle_held(vault, clock, connection.source, "Procedure", accept=False)
    portal.types["Procedure"] = [resource("Procedure", f"r{n}") for n in range(40)]
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    portal.types["Procedure"] = portal.types["Procedure"][:39]
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.line("Procedure").gone == 1


def test_a_portal_that_counts_more_than_it_has_does_not_stay_partial_for_ever(connection, portal, clock):
    give(portal, "Immunization", 50, shown=2)
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.PARTIAL
    connection.sync()
    line = connection.line("Immunization")
    assert (line.state, line.reason, line.count) == (LedgerState.COMPLETE, "portal-total-differs", 1)
    connection.sync()
    assert connection.line("Immunization").state is LedgerState.COMPLETE
    clock.move_to(clock.now() + timedelta(days=31))
    portal.types["Immunization"].append(resource("Immunization", "i2"))
    connection.sync()
    assert connection.held("Immunization") == {"i1", "i2"}


def test_one_damaged_entry_in_a_page_is_set_aside_and_the_others_are_kept(connection, portal, vault):
    good = msgspec.json.encode(resource("Immunization", "i7"))
    page = (
        b'{"resourceType":"Bundle","total":2,"entry":[{"resource":{"resourceType":"Immunization","id":"bad","n":01}},'
    )
    page += b'{"fullUrl":"%s/Immunization/i7","resource":%s}]}' % (portal.base.encode(), good)
    portal.faults.append(fault_at("Immunization", http(page, Date="Sat, 21 Nov 2026 16:30:00 GMT")))
    connection.sync()
    assert connection.held("Immunization") == {"i7"}
    assert connection.aside() == {"malformed": 1}
    body = vault.read(lambda db: quarantine.of_source(db, connection.source))[0].body
    assert b'"id":"bad","n":01' in body
