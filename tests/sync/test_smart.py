"""Sign-in: the listener on loopback, discovery, tokens, and what is refused."""

from __future__ import annotations

import http.client
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from phr_desktop.demo_portal import browser
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sync.addresses import PortalRefused, endpoint, fhir_base
from phr_desktop.sync.clients import Client
from phr_desktop.sync.discovery import discover
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.scopes import Granted, scopes_to_ask
from phr_desktop.sync.smart import Authorization
from phr_desktop.sync.tokens import check_id_token, read_token_answer
from phr_desktop.sync.wire import Answer, Wire
from tests.sync.sockets import http as raw_http
from tests.sync.sockets import serving

BASE = fhir_base("http://127.0.0.1:9/fhir")
SMART = SmartConfiguration("http://127.0.0.1:9/auth/authorize", "http://127.0.0.1:9/auth/token", issuer="http://issuer")


def authorization(clock, smart=SMART, base=BASE, scope="launch/patient openid", ports=(0,)):
    return Authorization(base, smart, client=Client("phr-desktop"), scope=scope, clock=clock, wire=Wire(), ports=ports)


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def visit(redirect: str, query: dict[str, str] | str, *, path: str | None = None, host: str | None = None) -> int:
    parts = urlsplit(redirect)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    text = query if isinstance(query, str) else urlencode(query)
    connection.putrequest("GET", f"{path or parts.path}?{text}", skip_host=True)
    connection.putheader("Host", host or parts.netloc)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert b"SECRET-CODE" not in body
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status


# --- the address and the listener


def test_the_address_asks_for_everything_that_smart_wants(clock):
    with authorization(clock) as sign_in:
        address = sign_in.begin()
    wanted = asked(address)
    assert address.startswith("http://127.0.0.1:9/auth/authorize?")
    assert wanted["response_type"] == "code"
    assert wanted["aud"] == BASE.url
    assert wanted["code_challenge_method"] == "S256"
    assert len(wanted["code_challenge"]) == 43
    assert len(wanted["state"]) >= 43  # 256 bits
    assert len(wanted["nonce"]) >= 43
    assert urlsplit(wanted["redirect_uri"]).hostname == "127.0.0.1"


def test_no_two_sign_ins_share_state_nonce_verifier_or_port(clock):
    with authorization(clock) as one, authorization(clock) as other:
        first, second = asked(one.begin()), asked(other.begin())
    for name in ("state", "nonce", "code_challenge", "redirect_uri"):
        assert first[name] != second[name]


def test_only_the_one_right_visit_counts_and_only_once(clock):
    with authorization(clock) as sign_in:
        wanted = asked(sign_in.begin())
        redirect, state = wanted["redirect_uri"], wanted["state"]
        right = {"code": "SECRET-CODE", "state": state}
        other_port = urlsplit(redirect).netloc.replace("127.0.0.1", "evil.example")
        assert visit(redirect, {"code": "SECRET-CODE", "state": "x" * 43}) == 400
        assert visit(redirect, {"code": "SECRET-CODE"}) == 400
        assert visit(redirect, {"state": state}) == 400
        assert visit(redirect, f"code=SECRET-CODE&state={state}&state={state}") == 400
        assert visit(redirect, right, path="/") == 404
        assert visit(redirect, right, path="/callback/") == 404
        assert visit(redirect, right, host=other_port) == 404
        assert visit(redirect, right, host="localhost") == 404
        assert not sign_in._answered.is_set()
        assert visit(redirect, right) == 200
        sign_in.wait()
        assert visit(redirect, right) == 400
        assert visit(redirect, {"code": "OTHER", "state": state}) == 400
        assert sign_in._answer["code"] == "SECRET-CODE"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", urlsplit(redirect).port), timeout=1)


def test_a_connection_that_a_browser_opens_in_advance_holds_nothing_up(clock):
    with authorization(clock) as sign_in:
        wanted = asked(sign_in.begin())
        address = ("127.0.0.1", urlsplit(wanted["redirect_uri"]).port)
        with socket.create_connection(address), socket.create_connection(address):
            assert visit(wanted["redirect_uri"], {"code": "SECRET-CODE", "state": wanted["state"]}) == 200
            sign_in.wait()
            sign_in._loopback.close()
    assert not [t for t in threading.enumerate() if "sign-in" in t.name or "process_request" in t.name]


def test_only_get_is_answered(clock):
    with authorization(clock) as sign_in:
        redirect = asked(sign_in.begin())["redirect_uri"]
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(redirect).port, timeout=5)
        connection.request("POST", "/callback", body=b"")
        assert connection.getresponse().status == 501
        connection.close()


def test_the_time_limit_ends_the_wait_and_can_be_extended(clock):
    with authorization(clock) as sign_in:
        wanted = asked(sign_in.begin())
        clock.move_to(clock.now() + timedelta(minutes=14))
        assert 0 < sign_in.seconds_left <= 60
        sign_in.extend()
        clock.move_to(clock.now() + timedelta(minutes=14))
        visit(wanted["redirect_uri"], {"code": "SECRET-CODE", "state": wanted["state"]})
        sign_in.wait()
    with authorization(clock) as sign_in:
        sign_in.begin()
        clock.move_to(clock.now() + timedelta(minutes=16))
        with pytest.raises(UserFacingError) as caught:
            sign_in.wait()
        assert caught.value.code == "sign-in-timeout"


def test_a_person_can_cancel_from_both_sides(clock):
    with authorization(clock) as sign_in:
        sign_in.begin()
        with pytest.raises(UserFacingError) as caught:
            sign_in.wait(lambda: True)
        assert caught.value.code == "cancelled"
        sign_in.cancel()
        with pytest.raises(UserFacingError) as caught:
            sign_in.wait()
        assert caught.value.code == "cancelled"


def test_the_address_can_be_pasted(clock):
    with authorization(clock) as sign_in:
        wanted = asked(sign_in.begin())
        for wrong in ("", "hello", "http://[x", wanted["redirect_uri"], wanted["redirect_uri"] + "?code=1&state=2"):
            with pytest.raises(UserFacingError) as caught:
                sign_in.finish_with_address(wrong)
            assert caught.value.code == "pasted-address-not-understood"
        sign_in.finish_with_address(f"  https://forward.example/back?code=SECRET-CODE&state={wanted['state']}\n")
        sign_in.wait()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": "access_denied"}, "sign-in-denied"),
        ({"error": "invalid_scope"}, "sign-in-scope-refused"),
        ({"error": "server_error"}, "portal-busy"),
        ({"code": "SECRET-CODE", "iss": "http://other-issuer"}, "sign-in-not-genuine"),
        ({"error": "access_denied", "iss": "http://other-issuer"}, "sign-in-not-genuine"),
    ],
)
def test_refusals_and_mixed_up_servers_are_told_apart(clock, answer, code):
    with authorization(clock) as sign_in:
        wanted = asked(sign_in.begin())
        visit(wanted["redirect_uri"], {**answer, "state": wanted["state"]})
        sign_in.wait()
        with pytest.raises(UserFacingError) as caught:
            sign_in.exchange()
    assert caught.value.code == code


def test_a_fixed_port_that_is_taken_leads_to_the_next(clock):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with authorization(clock, ports=(port, 0)) as sign_in:
            assert urlsplit(asked(sign_in.begin())["redirect_uri"]).port != port
        with pytest.raises(EnvironmentProblem) as caught:
            authorization(clock, ports=(port,))
    assert caught.value.code == "sign-in-port-taken"


# --- where the sign-in may be


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("http://login.example/authorize", "https://clinic.example/fhir"),
        ("http://127.0.0.1:80/token", "https://clinic.example/fhir"),
        ("https://127.0.0.1/token", "https://clinic.example/fhir"),
        ("https://10.0.0.1/token", "https://clinic.example/fhir"),
        ("https://169.254.169.254/token", "https://clinic.example/fhir"),
        ("https://user@login.example/token", "https://clinic.example/fhir"),
        ("https://login.example/token", "http://127.0.0.1:5/fhir"),
        ("https://login.example/to\nken", "https://clinic.example/fhir"),
        ("javascript:alert(1)", "https://clinic.example/fhir"),
        (None, "https://clinic.example/fhir"),
    ],
)
def test_sign_in_addresses_are_https_and_elsewhere_than_this_network(address, base):
    with pytest.raises(PortalRefused):
        endpoint(address, fhir_base(base))


def test_discovery_takes_the_configuration_before_metadata_and_either_alone():
    metadata = {
        "resourceType": "CapabilityStatement", "fhirVersion": "4.0.1",
        "rest": [{"mode": "server", "security": {"extension": [{
            "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
            "extension": [{"url": "authorize", "valueUri": "https://old/a"}, {"url": "token", "valueUri": "https://old/t"}],
        }]}}],
    }  # fmt: skip
    smart = {"authorization_endpoint": "https://new/a", "capabilities": ["permission-v2"]}

    def speak(connection, head):
        if b"smart-configuration" in head:
            connection.sendall(raw_http(msgspec.json.encode(smart), status, "application/json"))
        else:
            connection.sendall(raw_http(msgspec.json.encode(metadata)))

    status = "200 OK"
    with serving(speak) as server:
        portal = Portal(server.base)
        found = discover(portal).smart
        assert (found.authorization_endpoint, found.token_endpoint) == ("https://new/a", "https://old/t")
        status = "404 Not Found"
        assert discover(portal).smart.authorization_endpoint == "https://old/a"
        metadata["fhirVersion"] = "3.0.1"
        with pytest.raises(UserFacingError) as caught:
            discover(portal)
        assert caught.value.code == "portal-not-r4"
        portal.close()
        assert all(b"uthorization:" not in head for head in server.requests)


def test_a_portal_that_only_knows_plain_pkce_is_refused():
    metadata = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server"}]}
    smart = {
        "authorization_endpoint": "https://new/a", "token_endpoint": "https://new/t",
        "code_challenge_methods_supported": ["plain"],
    }  # fmt: skip

    def speak(connection, head):
        body = smart if b"smart-configuration" in head else metadata
        connection.sendall(raw_http(msgspec.json.encode(body), media="application/json"))

    with serving(speak) as server:
        portal = Portal(server.base)
        with pytest.raises(UserFacingError) as caught:
            discover(portal)
        portal.close()
    assert caught.value.code == "portal-without-sign-in"


# --- scopes


def test_scopes_are_explicit_and_in_the_portals_spelling():
    v2 = SmartConfiguration(None, None, capabilities=("permission-v2", "permission-offline"))
    assert scopes_to_ask(v2, ["Patient", "Observation"]) == (
        "launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs"
    )
    v1 = SmartConfiguration(None, None, scopes_supported=("patient/Patient.read", "launch/patient"))
    assert scopes_to_ask(v1, ["Patient", "Observation"]) == "launch/patient openid fhirUser patient/Patient.read"


def test_a_grant_is_read_by_type_and_by_category():
    granted = Granted(
        "openid patient/Condition.read patient/Observation.rs?category=http://x|laboratory patient/Goal.r"
        " patient/Task.cud patient/Procedure.rs?code=1 patient/Encounter.s"
    )
    assert granted.may_search("Condition")
    assert not granted.may_search("Observation")
    assert granted.categories("Observation") == {"laboratory"}
    assert granted.may_read("Goal")
    assert not granted.may_search("Goal")
    assert not granted.may_search("Task")
    assert not granted.may_read("Task")
    assert not granted.may_search("Procedure")
    assert granted.may_search("Encounter")
    assert Granted("patient/*.rs").may_search("Anything")


# --- token answers


def token_answer(status=200, **fields):
    body = {"access_token": "a", "token_type": "Bearer", "expires_in": 60} | fields
    return Answer(status, {"content-type": "application/json"}, msgspec.json.encode(body), "")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (token_answer(401, error="invalid_client"), "client-not-known"),
        (token_answer(400, error="unauthorized_client"), "client-not-known"),
        (token_answer(400, error="invalid_grant"), "sign-in-refused"),
        (token_answer(500), "portal-busy"),
        (token_answer(token_type="mac"), "portal-answer-not-understood"),
        (token_answer(access_token=7), "portal-answer-not-understood"),
        (token_answer(access_token=""), "portal-answer-not-understood"),
        (Answer(200, {}, b"[]", ""), "portal-answer-not-understood"),
        (Answer(200, {}, b"", ""), "portal-answer-not-understood"),
        (Answer(200, {"content-type": "text/html"}, b"<html>", ""), "portal-html"),
    ],
)
def test_token_answers_that_are_none(answer, code):
    with pytest.raises(PhrError) as caught:
        read_token_answer(answer, 1000)
    assert caught.value.code == code


def test_a_token_answer_is_read_and_never_shown():
    told = read_token_answer(token_answer(expires_in="3600", refresh_token="SECRET", patient="mina"), 1000)
    assert (told.expires_at, told.patient, told.refresh_token) == (4600, "mina", "SECRET")
    assert "SECRET" not in repr(told)


# --- the id_token

KEY = RSAKey.generate_key(2048, auto_kid=True)
CLAIMS = {
    "iss": "http://issuer", "sub": "ana", "aud": "phr-desktop", "exp": 5000, "iat": 1000, "nonce": "n",
    "fhirUser": "Patient/mina",
}  # fmt: skip


def checked(claims, *, header=None, key=KEY):
    token = jwt.encode(header or {"alg": "RS256", "kid": KEY.kid}, claims, key)
    keys = msgspec.json.encode({"keys": [KEY.as_dict(private=False)]})
    with serving(lambda connection, _: connection.sendall(raw_http(keys, media="application/json"))) as server:
        smart = replace(SMART, jwks_uri=f"{server.base}/jwks")
        wire = Wire()
        try:
            return check_id_token(
                token, smart=smart, base=fhir_base(server.base), wire=wire, client_id="phr-desktop", nonce="n", now=2000
            )
        finally:
            wire.close()


def test_an_id_token_that_holds_says_who_acts():
    assert checked(CLAIMS) == "Patient/mina"
    assert checked(CLAIMS | {"aud": ["other", "phr-desktop"]}) == "Patient/mina"
    assert checked(CLAIMS | {"fhirUser": 7}) is None


@pytest.mark.parametrize(
    "claims",
    [
        CLAIMS | {"iss": "http://other"},
        CLAIMS | {"aud": "other"},
        CLAIMS | {"exp": 1800},
        CLAIMS | {"nonce": "other"},
        *({name: value for name, value in CLAIMS.items() if name != left_out} for left_out in
          ("iss", "aud", "exp", "nonce", "sub")),
    ],
)  # fmt: skip
def test_an_id_token_whose_claims_do_not_hold_is_refused(claims):
    with pytest.raises(UserFacingError) as caught:
        checked(claims)
    assert caught.value.code == "sign-in-not-genuine"


def test_an_id_token_signed_with_a_shared_secret_is_refused():
    secret = OctKey.generate_key(256)
    with pytest.raises(UserFacingError):
        checked(CLAIMS, header={"alg": "HS256", "kid": KEY.kid}, key=secret)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_an_id_token_that_is_none_is_refused(text, monkeypatch):
    monkeypatch.setattr(jwt, "encode", lambda *_: text)
    with pytest.raises(UserFacingError):
        checked(CLAIMS)


# --- with the demo portal over real sockets


@pytest.fixture
def demo(clock):
    with DemoPortal(clock=clock) as portal:
        yield portal


def signed_in(demo, clock, patient="mina", **changed):
    """A whole sign-in; `changed` replaces parts of the discovered configuration."""
    wire = Wire()
    portal = Portal(demo.fhir_base, wire=wire)
    found = discover(portal)
    smart = replace(found.smart, **changed)
    scope = scopes_to_ask(smart, ["Patient", "Observation"])
    with Authorization(
        portal.base, smart, client=Client("phr-desktop"), scope=scope, clock=clock, wire=wire
    ) as sign_in:
        browser.sign_in(sign_in.begin(), "ana", "harbor-ana", patient=patient)
        sign_in.wait()
        try:
            return sign_in.exchange()
        finally:
            wire.close()


def test_a_whole_sign_in_says_whose_record_and_who_acts(demo, clock):
    found = signed_in(demo, clock)
    assert found.patient == "mina"
    assert found.fhir_user == f"{demo.fhir_base}/RelatedPerson/mina-daughter"
    assert "patient/Observation.rs" in found.scope.split()
    assert found.token.refresh_token


def test_an_id_token_of_another_issuer_is_refused(demo, clock):
    with pytest.raises(UserFacingError) as caught:
        signed_in(demo, clock, issuer="http://127.0.0.1:1/auth")
    assert caught.value.code == "sign-in-not-genuine"


def test_without_a_known_issuer_nothing_of_the_id_token_is_believed(demo, clock):
    found = signed_in(demo, clock, jwks_uri=None)
    assert (found.patient, found.fhir_user) == ("mina", None)


def test_an_id_token_signed_by_another_key_is_refused(demo, clock, monkeypatch):
    other = RSAKey.generate_key(2048, auto_kid=True).as_dict(private=False)
    keys = msgspec.json.encode({"keys": [other]})
    get = Wire.get

    def other_keys(wire, url, headers):
        answer = get(wire, url, headers)
        return replace(answer, body=keys) if b'"keys"' in answer.body else answer

    monkeypatch.setattr(Wire, "get", other_keys)
    with pytest.raises(UserFacingError) as caught:
        signed_in(demo, clock)
    assert caught.value.code == "sign-in-not-genuine"


def test_keys_are_fetched_from_no_other_server_of_this_computer(demo, clock):
    with serving(lambda connection, _: connection.sendall(raw_http(b"{}"))) as server:
        with pytest.raises(PortalRefused):
            signed_in(demo, clock, jwks_uri=f"{server.base}/jwks")
        assert server.requests == []
