"""A portal over real sockets, and a SMART client of a few lines that speaks to it."""

from __future__ import annotations

import base64
import hashlib
import http.server
import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from phr_desktop.clock import FixedClock
from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.demo_portal.portal import DemoPortal

EVERYTHING = "launch/patient openid fhirUser offline_access patient/*.rs"
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # a Saturday, noon where the family lives


class _Waiting(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.arrived.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


class Loopback:
    """The program's side of a loopback redirect."""

    def __init__(self) -> None:
        self._server = http.server.HTTPServer(("127.0.0.1", 0), _Waiting)
        self._server.arrived = []
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/callback"

    @property
    def arrived(self) -> list[str]:
        return self._server.arrived

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Visitor:
    """A small SMART client: one sign-in at a time."""

    def __init__(self, portal: DemoPortal, redirect_uri: str) -> None:
        self.portal = portal
        self.redirect_uri = redirect_uri
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(32)
        self.nonce = secrets.token_urlsafe(16)
        self.session = requests.Session()
        self.session.trust_env = False
        self.tokens: dict = {}

    def request(self, **changes: str | None) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        wanted = {
            "response_type": "code",
            "client_id": "phr-desktop",
            "redirect_uri": self.redirect_uri,
            "scope": EVERYTHING,
            "state": self.state,
            "aud": self.portal.fhir_base,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in wanted.items() if value is not None}

    def authorize_url(self, **changes: str | None) -> str:
        return f"{self.portal.addresses.authorize}?{urlencode(self.request(**changes))}"

    def arrive(
        self, user: str, password: str | None = None, *, request: dict | None = None, **how: object
    ) -> dict[str, str]:
        """Signs in by the pages and gives back the parameters of the redirect."""
        address = sign_in(self.authorize_url(**(request or {})), user, password or f"harbor-{user}", **how)
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def exchange(self, code: str, **changes: str) -> requests.Response:
        return self.session.post(
            self.portal.addresses.token,
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.redirect_uri,
                "client_id": "phr-desktop",
                "code_verifier": self.verifier,
            }
            | changes,
            timeout=10,
        )

    def refresh(self, token: str) -> requests.Response:
        data = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "phr-desktop"}
        return self.session.post(self.portal.addresses.token, data=data, timeout=10)

    def sign_in(self, user: str, **how: object) -> Visitor:
        answer = self.exchange(self.arrive(user, **how)["code"])
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self

    def get(self, path: str, token: str | None = None, **headers: str) -> requests.Response:
        url = path if path.startswith("http") else f"{self.portal.fhir_base}/{path}"
        bearer = token or self.tokens["access_token"]
        return self.session.get(url, headers={"Authorization": f"Bearer {bearer}", **headers}, timeout=10)

    def every_page(self, path: str) -> list[dict]:
        """All entries of a search, next links followed."""
        entries, url = [], path
        while url:
            answer = self.get(url)
            assert answer.status_code == 200, answer.text
            bundle = answer.json()
            entries += bundle.get("entry", [])
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
        return entries


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def few_records() -> list[dict]:
    """The family's names and one result each: enough for sign-in, and quick to load."""
    people = {"ana": "Ana", "mina": "Mina", "tomas": "Tomas", "leo": "Leo"}
    records: list[dict] = [
        {
            "resourceType": "Patient",
            "id": ident,
            "name": [{"given": [given], "family": "Satterfield", "text": f"{given} Satterfield"}],
            "birthDate": "1980-01-01",
        }
        for ident, given in people.items()
    ]
    for ident, patient in (("mina-daughter", "mina"), ("leo-mother", "leo")):
        reference = {"reference": f"Patient/{patient}"}
        records.append({"resourceType": "RelatedPerson", "id": ident, "patient": reference})
    return records + [
        observation(f"{ident}-1", ident, "laboratory", effectiveDateTime="2026-01-05T09:00:00Z") for ident in people
    ]


def observation(ident: str, patient: str, category: str, **more: object) -> dict:
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": ident,
        "status": "final",
        "category": [{"coding": [{"system": system, "code": category}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
        "subject": {"reference": f"Patient/{patient}"},
        **more,
    }


@pytest.fixture
def portal(clock: FixedClock) -> Iterator[DemoPortal]:
    """A small portal for one test that changes it."""
    with DemoPortal(clock=clock, data=few_records()) as running:
        yield running


@pytest.fixture(scope="session")
def family() -> Iterator[DemoPortal]:
    """One portal for the tests that only read."""
    with DemoPortal(clock=FixedClock(NOW)) as running:
        yield running


@pytest.fixture(scope="session")
def loopback() -> Iterator[Loopback]:
    waiting = Loopback()
    yield waiting
    waiting.stop()


@pytest.fixture
def visitor(portal: DemoPortal, loopback: Loopback) -> Iterator[Visitor]:
    client = Visitor(portal, loopback.uri)
    yield client
    client.session.close()


@pytest.fixture
def reader(family: DemoPortal, loopback: Loopback) -> Iterator[Visitor]:
    client = Visitor(family, loopback.uri)
    yield client
    client.session.close()
