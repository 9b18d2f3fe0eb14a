"""Every fault over real sockets: the request that is meant gets it, the others do not, and switching off ends it."""

from __future__ import annotations

import gzip
import time
import zlib
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from phr_desktop.demo_portal.faults import KINDS

from .conftest import observation


@pytest.fixture
def mina(visitor):
    for number in range(30):
        visitor.portal.store.put(
            observation(f"o{number:02}", "mina", "laboratory", effectiveDateTime=f"2025-01-{number + 1:02}")
        )
    return visitor.sign_in("mina")


def ids(answer: requests.Response) -> list[str]:
    return [entry["resource"].get("id") for entry in answer.json().get("entry", [])]


def link(answer: requests.Response, relation: str = "next") -> str | None:
    return next((each["url"] for each in answer.json()["link"] if each["relation"] == relation), None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 410, 412, 422, 429, 500, 502, 503, 504])
def test_a_status_with_its_outcome(mina, status):
    mina.portal.faults.switch("status", status=status)
    answer = mina.get("Observation")
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_retry_after_in_seconds_and_as_a_date(mina, clock):
    mina.portal.faults.switch("status", status=429, retry_after=120, type="Observation")
    mina.portal.faults.switch("status", status=503, retry_date=300, type="Patient")
    assert mina.get("Observation").headers["Retry-After"] == "120"
    date = parsedate_to_datetime(mina.get("Patient/mina").headers["Retry-After"])
    assert date - clock.now() == timedelta(minutes=5)


def test_only_the_request_that_is_meant_is_met(mina):
    fault = mina.portal.faults.switch("status", type="Observation", nth=2, status=500)
    statuses = [mina.get("Patient/mina").status_code] + [mina.get("Observation").status_code for _ in range(3)]
    assert statuses == [200, 200, 500, 200]
    assert (fault.seen, fault.met) == (3, 1)
    once = mina.portal.faults.switch("status", times=1, method="GET", path="*/Patient/*")
    assert [mina.get("Patient/mina").status_code for _ in range(2)] == [500, 200]
    once.off()
    mina.portal.faults.switch("status")
    mina.portal.faults.clear()
    assert mina.get("Observation").status_code == 200
    assert [record.fault for record in mina.portal.log if record.fault] == ["status", "status"]


def test_an_unknown_kind_or_setting_is_refused(portal):
    with pytest.raises(KeyError):
        portal.faults.switch("flood")
    with pytest.raises(KeyError):
        portal.faults.switch("status", colour="blue")
    assert portal.faults.on == []


def test_false_answers(mina):
    faults = mina.portal.faults
    faults.switch("html", type="Observation")
    page = mina.get("Observation")
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    faults.clear()
    faults.switch("empty")
    assert (mina.get("Observation").status_code, mina.get("Observation").content) == (200, b"")
    faults.clear()
    faults.switch("no-content")
    assert mina.get("Observation").status_code == 204
    faults.clear()
    faults.switch("outcome")
    assert mina.get("Observation").json()["issue"][0]["severity"] == "error"
    faults.clear()
    faults.switch("redirect", to="http://127.0.0.1:9/elsewhere")
    headers = {"Authorization": f"Bearer {mina.tokens['access_token']}"}
    answer = requests.get(f"{mina.portal.fhir_base}/Observation", headers=headers, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere")
    faults.clear()
    faults.switch("token-expired", times=1)
    assert 'error="invalid_token"' in mina.get("Observation").headers["WWW-Authenticate"]
    assert mina.get("Observation").status_code == 200


def test_pages_that_mislead(mina):
    faults, whole = mina.portal.faults, ids(mina.get("Observation?_count=100"))
    first = mina.get("Observation?_count=10")

    faults.switch("self-next")
    assert link(mina.get("Observation?_count=10")) == f"{mina.portal.fhir_base}/Observation?_count=10"
    faults.clear()
    faults.switch("foreign-next", to="http://127.0.0.1:9/next")
    assert link(mina.get("Observation?_count=10")) == "http://127.0.0.1:9/next"
    faults.clear()
    faults.switch("page-again")
    again = mina.get(link(mina.get("Observation?_count=10")))
    assert ids(again) == ids(first)
    assert len(mina.every_page("Observation?_count=10")) == len(whole) + 10
    faults.clear()
    faults.switch("endless")
    seen, url = set(), "Observation?_count=100"
    for _ in range(20):
        url = link(mina.get(url))
        assert url not in seen
        seen.add(url)


def test_bundles_that_mislead(mina):
    faults, whole = mina.portal.faults, ids(mina.get("Observation?_count=100"))
    faults.switch("total", by=3)
    assert [mina.get("Observation?_count=5").json()["total"] for _ in range(2)] == [len(whole) + 3, len(whole) + 6]
    faults.clear()
    faults.switch("wrong-patient", nth=2)
    assert set(ids(mina.get("Observation?_count=100"))) == set(whole)
    foreign = mina.get("Observation?_count=100").json()["entry"][0]["resource"]
    assert foreign["subject"]["reference"] != "Patient/mina"
    faults.clear()
    faults.switch("new-ids")
    assert ids(mina.get("Observation?_count=100")) == [f"r2-{each}" for each in whole]
    faults.clear()
    faults.switch("vanish", share=1.0)
    assert "entry" not in mina.get("Observation").json()
    faults.clear()
    faults.switch("vanish", share=0.5)
    assert 3 < len(ids(mina.get("Observation?_count=100"))) < 28
    faults.clear()
    faults.switch("malformed")
    assert mina.get("Observation").json()["entry"][0]["resource"]["subject"] == 7
    faults.clear()
    faults.switch("warning")
    notice = mina.get("Observation").json()["entry"][-1]
    assert (notice["search"]["mode"], notice["resource"]["issue"][0]["severity"]) == ("outcome", "warning")


def test_bytes_that_mislead(mina):
    faults, url = mina.portal.faults, f"{mina.portal.fhir_base}/Observation"
    headers = {"Authorization": f"Bearer {mina.tokens['access_token']}", "Accept-Encoding": "gzip"}

    def raw() -> bytes:
        return requests.get(url, headers=headers, stream=True, timeout=10).raw.read(decode_content=False)

    true = gzip.decompress(raw())
    faults.switch("truncated")
    assert gzip.decompress(raw()).startswith(b'{"resourceType":"Bundle"')
    assert len(gzip.decompress(raw())) <= len(true) / 2 + 1
    faults.clear()
    faults.switch("gzip-broken")
    with pytest.raises((OSError, EOFError, zlib.error)):
        gzip.decompress(raw())
    faults.clear()
    faults.switch("gzip-length")
    with pytest.raises(OSError, match="length"):
        gzip.decompress(raw())
    faults.clear()
    faults.switch("gzip-bomb", mebibytes=8)
    assert len(raw()) < 100_000
    assert len(gzip.decompress(raw())) == 8 << 20
    faults.clear()
    faults.switch("content-type")
    assert mina.get("Observation").headers["Content-Type"] == "text/plain"


def test_a_slow_answer_is_whole_and_ends_at_once_when_the_portal_stops(mina):
    mina.portal.faults.switch("slow", bytes=400, seconds=0.005)
    assert len(ids(mina.get("Observation"))) == 31
    mina.portal.faults.clear()
    mina.portal.faults.switch("slow", bytes=1, seconds=5)
    headers = {"Authorization": f"Bearer {mina.tokens['access_token']}"}
    answer = requests.get(f"{mina.portal.fhir_base}/Observation", headers=headers, stream=True, timeout=10)
    began = time.monotonic()
    mina.portal.stop()
    assert time.monotonic() - began < 4
    answer.close()


def test_the_token_address_can_fail_after_the_rotation(visitor):
    tokens = visitor.sign_in("mina").tokens
    visitor.portal.faults.switch("status", path="*/token", status=500, after=True, times=1)
    assert visitor.refresh(tokens["refresh_token"]).status_code == 500
    # The portal has rotated all the same: the old token is used up, and using it again ends the sign-in.
    assert visitor.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert visitor.get("Patient/mina").status_code == 401


def test_the_token_address_can_fail_before_anything_happened(visitor):
    tokens = visitor.sign_in("mina").tokens
    visitor.portal.faults.switch("status", path="*/token", status=503, times=1)
    assert visitor.refresh(tokens["refresh_token"]).status_code == 503
    assert visitor.refresh(tokens["refresh_token"]).status_code == 200


def test_access_tokens_can_end_early(visitor):
    tokens = visitor.sign_in("mina").tokens
    visitor.portal.tokens.expire_all()
    assert visitor.get("Patient/mina").status_code == 401
    fresh = visitor.refresh(tokens["refresh_token"]).json()
    assert visitor.get("Patient/mina", fresh["access_token"]).status_code == 200
    visitor.portal.tokens.revoke_all()
    assert visitor.refresh(fresh["refresh_token"]).status_code == 400


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_fault_of_one_type_touches_another_or_discovery(visitor, kind):
    visitor.sign_in("mina")
    before = visitor.get("Patient/mina").content
    visitor.portal.faults.switch(kind, type="Observation")
    assert visitor.get("Patient/mina").content == before
    base = visitor.portal.fhir_base
    assert requests.get(f"{base}/metadata", timeout=10).json()["resourceType"] == "CapabilityStatement"
