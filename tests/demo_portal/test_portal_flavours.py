"""A rich and a poor vendor's portal over the same records, versions and withheld results, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests

from phr_desktop.demo_portal.clients import SECRET_CLIENT_ID, SECRET_CLIENT_SECRET
from phr_desktop.demo_portal.flavours import POOR, RICH
from phr_desktop.demo_portal.portal import DemoPortal

from .conftest import Visitor, few_records, observation

V1 = "launch/patient openid fhirUser offline_access patient/Patient.read patient/Observation.read patient/Task.read"
NARROW = "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"


@pytest.fixture
def poor(clock, loopback) -> Iterator[Visitor]:
    with DemoPortal(clock=clock, data=few_records(), flavour="poor") as portal:
        for number in range(30):
            day = f"2025-01-{number + 1:02}"
            portal.store.put(observation(f"o{number:02}", "mina", "laboratory", effectiveDateTime=day))
        client = Visitor(portal, loopback.uri).sign_in("mina", request={"scope": V1})
        yield client
        client.session.close()


def next_of(bundle: dict, relation: str) -> str | None:
    return next((each["url"] for each in bundle["link"] if each["relation"] == relation), None)


def test_poor_gives_no_refresh_token_to_a_public_client(poor):
    assert "refresh_token" not in poor.tokens
    assert "offline_access" not in poor.tokens["scope"].split()


def test_poor_gives_one_to_a_client_with_a_secret(poor):
    code = poor.arrive("mina", request={"scope": V1, "client_id": SECRET_CLIENT_ID, "nonce": "second"})["code"]
    answer = poor.exchange(code, client_id=SECRET_CLIENT_ID, client_secret=SECRET_CLIENT_SECRET)
    assert answer.status_code == 200, answer.text
    assert answer.json()["refresh_token"]


@pytest.mark.parametrize("scope", ["patient/*.read", "patient/Observation.rs", "patient/Task.read"])
def test_poor_knows_neither_wildcards_nor_letters_nor_what_it_has_not(poor, scope):
    assert poor.arrive("mina", request={"scope": scope, "nonce": scope})["error"] == "invalid_scope"


def test_poor_says_what_it_is(poor):
    base = poor.portal.fhir_base
    declared = requests.get(f"{base}/metadata", timeout=10).json()
    assert declared["software"]["name"] == "PHR Desktop demo portal (poor)"
    types = {each["type"]: each for each in declared["rest"][0]["resource"]}
    assert "Task" not in types
    assert "Communication" in types
    assert {"code": "create"} not in types["Observation"]["interaction"]
    assert types["Observation"]["versioning"] == "no-version"
    assert "_lastUpdated" not in {each["name"] for each in types["Observation"]["searchParam"]}
    smart = requests.get(f"{base}/.well-known/smart-configuration", timeout=10).json()
    assert "permission-v2" not in smart["capabilities"]
    assert not [scope for scope in smart["scopes_supported"] if scope.endswith(".rs")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Observation?patient=mina", 400),  # a category is needed
        ("Observation?category=laboratory", 400),  # so is the patient
        ("Observation?patient=mina&category=laboratory,vital-signs", 400),
        ("Observation?patient=mina&category=laboratory&_lastUpdated=gt2020", 400),
        ("Observation?patient=mina&category=laboratory&_sort=-date", 400),
        ("Observation?patient=mina&category=laboratory&_revinclude=Provenance:target", 400),
        ("Observation?patient=mina&category=laboratory&colour=blue", 400),
        ("Observation?patient=mina&category=laboratory&_count=5", 200),
        ("Observation?_id=mina-1", 200),
        ("Task?patient=mina", 404),
        ("Communication?patient=mina", 403),
        ("Observation/mina-1/_history", 404),
        ("Observation/mina-1/_history/1", 404),
    ],
)
def test_poor_asks_for_what_it_wants(poor, path, status):
    answer = poor.get(path)
    assert answer.status_code == status
    assert status == 200 or answer.json()["resourceType"] == "OperationOutcome"


def test_poor_pages_are_small_stand_under_prev_and_hold_everything_once(poor):
    found, url = [], "Observation?patient=mina&category=laboratory&_count=100"
    while url:
        bundle = poor.get(url).json()
        assert "total" not in bundle
        assert len(bundle["entry"]) <= 25
        assert next_of(bundle, "next") is None
        found += [entry["resource"]["id"] for entry in bundle["entry"]]
        url = next_of(bundle, "prev")
    assert len(found) == len(set(found)) == 31


def test_poor_shows_no_version_and_never_moves_its_date(poor, clock):
    first = poor.get("Observation/mina-1")
    assert "ETag" not in first.headers
    assert "versionId" not in first.json()["meta"]
    clock.move_to(clock.now() + timedelta(minutes=10))
    poor.portal.store.put(observation("mina-1", "mina", "laboratory", status="amended"))
    after = poor.get("Observation/mina-1").json()
    assert after["status"] == "amended"
    assert after["meta"]["lastUpdated"] == first.json()["meta"]["lastUpdated"]
    bundle = poor.get("Observation?patient=mina&category=laboratory").json()
    assert all("versionId" not in entry["resource"]["meta"] for entry in bundle["entry"])


def test_poor_gives_files_as_they_are_only(poor):
    security = {"reference": "Patient/mina"}
    poor.portal.store.put(
        {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "SGk=", "securityContext": security}
    )
    poor.portal.flavour = replace(POOR, wildcard_scopes=True)
    poor.nonce = "again"
    poor.sign_in("mina", request={"scope": "patient/*.read"})
    assert poor.get("Binary/b", Accept="application/fhir+json").status_code == 406
    assert poor.get("Binary/b").content == b"Hi"


def test_both_flavours_stand_at_one_portal_with_sign_ins_apart(visitor):
    visitor.sign_in("mina")
    poor = visitor.portal.poor_base
    assert requests.get(f"{poor}/metadata", timeout=10).json()["software"]["name"].endswith("(poor)")
    assert visitor.get("Patient/mina").status_code == 200
    assert visitor.get(f"{poor}/Patient/mina").status_code == 401
    smart = requests.get(f"{poor}/.well-known/smart-configuration", timeout=10).json()
    assert smart["authorization_endpoint"].endswith("/poor/auth/authorize")


def test_a_flavour_can_be_changed_while_it_runs(visitor):
    visitor.sign_in("mina")
    assert visitor.portal.flavour is RICH
    visitor.portal.flavour = replace(RICH, total=False, next_relation="prev")
    visitor.portal.store.put(observation("more", "mina", "laboratory"))
    bundle = visitor.get("Observation?_count=1").json()
    assert "total" not in bundle
    assert next_of(bundle, "prev")
    with pytest.raises(KeyError):
        visitor.portal.flavour = "sweet"


def test_a_portal_can_count_requests(visitor, clock):
    visitor.portal.flavour = replace(RICH, requests_a_minute=3)
    visitor.sign_in("mina")
    assert [visitor.get("Patient/mina").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert 1 <= int(visitor.get("Patient/mina").headers["Retry-After"]) <= 61
    clock.move_to(clock.now() + timedelta(seconds=61))
    assert visitor.get("Patient/mina").status_code == 200


# --- versions


def test_every_version_can_be_read_and_stands_in_the_history(visitor, clock):
    visitor.sign_in("mina")
    store = visitor.portal.store
    for status in ("amended", "corrected"):
        clock.move_to(clock.now() + timedelta(minutes=1))
        store.put(observation("mina-1", "mina", "laboratory", status=status))
    assert visitor.get("Observation/mina-1/_history/1").json()["status"] == "final"
    second = visitor.get("Observation/mina-1/_history/2")
    assert (second.json()["status"], second.headers["ETag"]) == ("amended", 'W/"2"')
    assert visitor.get("Observation/mina-1/_history/4").status_code == 404
    store.delete("Observation", "mina-1")
    bundle = visitor.get("Observation/mina-1/_history").json()
    assert bundle["type"] == "history"
    assert [entry["request"]["method"] for entry in bundle["entry"]] == ["DELETE", "PUT", "PUT", "POST"]
    assert visitor.get("Observation/mina-1").status_code == 410
    assert visitor.get("Observation/mina-1/_history/3").json()["status"] == "corrected"


def test_no_history_of_anothers_record(visitor):
    visitor.sign_in("mina")
    assert visitor.get("Observation/leo-1/_history").status_code == 403
    assert visitor.get("Observation/leo-1/_history/1").status_code == 403
    visitor.portal.store.put(observation("leo-1", "mina", "laboratory"))
    assert visitor.get("Observation/leo-1/_history").status_code == 403
    assert visitor.get("Observation/leo-1/_history/1").status_code == 403
    assert visitor.get("Observation/never/_history").status_code == 404


def test_unchanged_since_is_said_without_a_body(visitor, clock):
    visitor.sign_in("mina")
    changed = visitor.get("Observation/mina-1").headers["Last-Modified"]
    old = format_datetime(clock.now() - timedelta(days=400), usegmt=True)
    for headers, status in (
        ({"If-Modified-Since": changed}, 304),
        ({"If-Modified-Since": old}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": 'W/"7", W/"1"'}, 304),
        ({"If-None-Match": 'W/"7"', "If-Modified-Since": changed}, 200),
    ):
        answer = visitor.get("Observation/mina-1", **headers)
        assert answer.status_code == status, headers
        assert bool(answer.content) == (status == 200)


# --- withheld results


def test_a_withheld_result_is_absent_and_said_and_comes_later(visitor, clock):
    visitor.sign_in("mina")
    store = visitor.portal.store
    store.put(observation("secret", "mina", "laboratory", effectiveDateTime="2026-11-20"))
    before = visitor.get("Observation?_count=1").json()
    store.withhold("Observation", "secret")
    assert visitor.get("Observation/secret").status_code == 404
    assert visitor.get("Observation/secret/_history/1").status_code == 404
    bundle = visitor.get("Observation").json()
    assert bundle["total"] == before["total"] - 1
    notice = bundle["entry"][-1]["resource"]["issue"][0]
    assert (notice["severity"], notice["code"]) == ("warning", "suppressed")
    assert "secret" not in str(bundle)
    assert visitor.get(next_of(before, "next")).json()["entry"][0]["resource"]["id"] != "secret"
    clock.move_to(clock.now() + timedelta(minutes=10))
    since = clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    store.release("Observation", "secret")
    fresh = visitor.get(f"Observation?_lastUpdated=ge{since}").json()
    assert [entry["resource"]["id"] for entry in fresh["entry"]] == ["secret"]


def test_a_result_can_be_released_under_its_old_date(visitor, clock):
    visitor.sign_in("mina")
    store = visitor.portal.store
    store.withhold("Observation", "mina-1")
    clock.move_to(clock.now() + timedelta(minutes=10))
    since = clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    store.release("Observation", "mina-1", keep_date=True)
    assert visitor.get(f"Observation?_lastUpdated=ge{since}").json()["total"] == 0
    assert visitor.get("Observation/mina-1").status_code == 200
    with pytest.raises(KeyError):
        store.release("Observation", "mina-1")


def test_a_portal_may_keep_silent_about_it(visitor):
    visitor.portal.flavour = replace(RICH, says_when_withheld=False)
    visitor.sign_in("mina")
    visitor.portal.store.withhold("Observation", "mina-1")
    assert "entry" not in visitor.get("Observation").json()


def test_reset_brings_the_first_records_back(visitor):
    visitor.sign_in("mina")
    visitor.portal.store.put(observation("more", "mina", "laboratory"))
    visitor.portal.store.delete("Observation", "mina-1")
    visitor.portal.reset()
    assert visitor.get("Observation/more").status_code == 404
    assert visitor.get("Observation/mina-1").headers["ETag"] == 'W/"1"'


def test_the_log_says_by_which_scope(visitor):
    visitor.sign_in("mina", request={"scope": f"patient/Patient.rs patient/Observation.rs?category={NARROW}"})
    visitor.get("Observation")
    visitor.get("Patient/mina")
    scopes = [record.scope for record in visitor.portal.log if record.scope]
    assert scopes == [f"patient/Observation.rs?category={NARROW}", "patient/Patient.rs"]
