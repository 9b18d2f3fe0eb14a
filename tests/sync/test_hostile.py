"""Nothing that an answer says leads a token, a body or a header to another server.

Two servers write down every byte that they are sent: the portal, and one that must hear nothing at all.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from phr_desktop.errors import PhrError
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sync.addresses import endpoint, fhir_base
from phr_desktop.sync.discovery import discover
from phr_desktop.sync.plan import Ask
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.pull import pull
from phr_desktop.sync.wire import Wire
from tests.sync.fake_portal import Connection, faking, resource
from tests.sync.hostile import addresses
from tests.sync.sockets import http, said, serving

REDIRECTS = (300, 301, 302, 303, 307, 308)
TOKEN = "token-that-must-not-leave"


@pytest.fixture
def foreign():
    with serving(said(http(b'{"resourceType":"Bundle","entry":[]}'))) as server:
        yield server
        assert server.requests == []


@pytest.fixture
def portal():
    with faking() as fake:
        fake.offered = ["Patient", "Observation", "DocumentReference", "Practitioner", "Binary", "Immunization"]
        fake.page_size = 5_000
        yield fake


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


def port(server) -> int:
    return fhir_base(server.base).port


@pytest.fixture
def corpus(portal, foreign):
    found = addresses(port(portal.server), port(foreign))
    assert len(found) >= 500
    return found


def outside(server) -> list[bytes]:
    """Requests to the portal that are outside its FHIR base, or whose line or Host is not as it must be."""
    host = f"Host: 127.0.0.1:{port(server)}".encode()
    lines = [(head.split(b"\r\n", 1)[0], head) for head in server.requests]
    return [
        line for line, head in lines
        if not line.startswith(b"GET /fhir") or b".." in line or head.count(b"\r\nHost:") != 1 or host not in head
    ]  # fmt: skip


class Asked:
    """What `pull` needs of a fetcher, over a real portal with a real token."""

    def __init__(self, base: str) -> None:
        self.portal = Portal(base, lambda: TOKEN)

    def get(self, address, *, page=None):
        return self.portal.get(address, page=page)


def test_no_next_link_leads_elsewhere(corpus, foreign):
    link = [""]

    def speak(connection, head):
        body = {"resourceType": "Bundle", "entry": [], "link": [{"relation": "next", "url": link[0]}]}
        connection.sendall(http(msgspec.json.encode(body if b"start" in head else body | {"link": []})))

    with serving(speak) as own:
        fetcher = Asked(own.base)
        for link[0] in addresses(port(own), port(foreign)):
            pull(Ask("Observation", "", "Observation?start", full=True), fetcher, [], lambda page: None)
        fetcher.portal.close()
        assert len(own.requests) >= 500
        assert outside(own) == []


def test_no_redirect_is_followed_wherever_it_leads(corpus, foreign):
    location = ["", 302]

    def speak(connection, _head):
        value = location[0].encode("utf-8").replace(b"\r", b"").replace(b"\n", b"")
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % (location[1], value))

    with serving(speak) as own:
        wire = Wire()
        portal = Portal(own.base, lambda: TOKEN, wire=wire)
        tried = 0
        for number, address in enumerate(addresses(port(own), port(foreign))):
            location[:] = [address, REDIRECTS[number % len(REDIRECTS)]]
            assert portal.get("Observation").status == location[1]
            tried += 1
            if number % 10 == 0:
                form = wire.post_form(f"{own.base}/token", "grant_type=x&code=secret", {})
                assert form.status == location[1]
                tried += 1
        wire.close()
        assert len(own.requests) == tried >= 550


def test_no_record_leads_elsewhere(connection, portal, corpus, clock, foreign):
    """fullUrl, Attachment.url, references to clinicians and to a Binary: hundreds of each in one answer."""
    portal.extra["Observation"] = [
        {"fullUrl": address, "resource": resource("Observation", f"o{n}")} for n, address in enumerate(corpus)
    ]
    portal.types["DocumentReference"] = [
        resource("DocumentReference", f"d{n}", content=[{"attachment": {"url": address, "contentType": "text/plain"}}])
        for n, address in enumerate(corpus)
    ]
    portal.types["Immunization"] = [
        resource("Immunization", f"i{n}", performer=[{"actor": {"reference": address}}])
        for n, address in enumerate(corpus)
    ]
    for _ in range(3):
        connection.sync()
        clock.move_to(clock.now() + timedelta(days=31))
    assert len(connection.held("DocumentReference")) == len(corpus)
    assert outside(portal.server) == []


def test_no_address_of_the_capability_statement_is_asked(connection, portal, corpus, foreign):
    plain = portal._metadata

    def metadata():
        statement = plain()
        statement["implementation"] = {"description": "x", "url": corpus[0]}
        statement["instantiates"] = statement["imports"] = corpus
        statement["rest"][0]["operation"] = [{"name": f"o{n}", "definition": a} for n, a in enumerate(corpus)]
        statement["rest"][0]["resource"][1]["supportedProfile"] = corpus
        return statement

    portal._metadata = metadata
    connection.sync()
    assert outside(portal.server) == []


def test_a_token_address_is_the_one_of_the_sign_in_whatever_is_said_later(connection, portal, corpus, foreign):
    """Discovery that turned hostile after the sign-in changes nothing: the refresh token goes where it always went."""
    hostile = dict.fromkeys(("token_endpoint", "authorization_endpoint", "jwks_uri", "issuer"), corpus[0])
    portal.faults.append(lambda path, query: http(msgspec.json.encode(hostile)) if "well-known" in path else None)
    portal.tokens = {"none"}
    connection.sync()
    assert [line for line in portal.asked if line.startswith("POST")] == ["POST /auth/token"]
    assert connection.stored_grant().refresh_token == "refresh-1"


def test_no_hostile_sign_in_address_is_taken_from_discovery(corpus, portal, foreign):
    """All that a portal on this computer may name is itself."""
    base = fhir_base(portal.base)
    taken = []
    for address in corpus:
        try:
            taken.append(endpoint(address, base))
        except PhrError:
            continue
    assert {(parts.partition("//")[2].partition("/")[0]) for parts in taken} <= {f"127.0.0.1:{base.port}"}


def test_no_sign_in_address_of_a_real_portal_is_on_this_computer_or_network(corpus):
    base = fhir_base("https://portal.example/fhir")
    for address in [*corpus, "https://10.0.0.1/token", "https://[fe80::1]/token", "https://169.254.169.254/token"]:
        try:
            taken = endpoint(address, base)
        except PhrError:
            continue
        assert taken.startswith("https://")
        assert "127.0.0.1:" not in taken.partition("//")[2].partition("/")[0]
        assert "@" not in taken.partition("//")[2].partition("/")[0]


def test_discovery_itself_asks_only_the_portal(portal, foreign, corpus):
    portal.faults.append(
        lambda path, query: http(msgspec.json.encode(dict.fromkeys(NAMES, corpus[0]))) if "well-known" in path else None
    )
    wire = Wire()
    assert isinstance(discover(Portal(portal.base, wire=wire)).smart, SmartConfiguration)
    wire.close()
    assert len(portal.asked) == 2


NAMES = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint", "revocation_endpoint")
