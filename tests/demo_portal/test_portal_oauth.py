"""Sign-in over real sockets: what SMART, PKCE and token rotation promise, and what is refused."""

from __future__ import annotations

import html.parser
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.errors import EnvironmentProblem


def test_discovery_names_addresses_that_answer(reader):
    base = reader.portal.fhir_base
    smart = requests.get(f"{base}/.well-known/smart-configuration", timeout=10).json()
    assert smart["code_challenge_methods_supported"] == ["S256"]
    assert requests.get(smart["jwks_uri"], timeout=10).json()["keys"][0]["kty"] == "RSA"
    openid = requests.get(f"{smart['issuer']}/.well-known/openid-configuration", timeout=10).json()
    assert openid["issuer"] == smart["issuer"]
    security = requests.get(f"{base}/metadata", timeout=10).json()["rest"][0]["security"]
    uris = {each["url"]: each["valueUri"] for each in security["extension"][0]["extension"]}
    assert uris["authorize"] == smart["authorization_endpoint"]
    assert uris["token"] == smart["token_endpoint"]


def test_sign_in_with_pkce_opens_the_person_that_was_chosen(visitor, clock):
    arrived = visitor.arrive("ana", patient="leo")
    assert arrived["state"] == visitor.state
    assert arrived["iss"] == visitor.portal.addresses.issuer
    answer = visitor.exchange(arrived["code"])
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert tokens["patient"] == "leo"
    assert tokens["token_type"].lower() == "bearer"
    assert 0 < tokens["expires_in"] <= 3600
    assert set(tokens["scope"].split()) == set(visitor.request()["scope"].split())
    assert visitor.get("Patient/leo", tokens["access_token"]).json()["name"][0]["text"] == "Leo Satterfield"


def test_the_program_gets_its_code_on_the_loopback(visitor, loopback):
    before = len(loopback.arrived)
    arrived = visitor.arrive("tomas")
    assert [parse_qs(urlsplit(path).query)["code"] for path in loopback.arrived[before:]] == [[arrived["code"]]]


def test_id_token_says_who_acts_and_is_signed(visitor, clock):
    tokens = visitor.sign_in("ana", patient="mina").tokens
    keys = KeySet.import_key_set(requests.get(visitor.portal.addresses.jwks, timeout=10).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["iss"] == visitor.portal.addresses.issuer
    assert claims["aud"] == "phr-desktop"
    assert claims["nonce"] == visitor.nonce
    assert claims["exp"] > clock.now().timestamp() >= claims["iat"]
    assert claims["fhirUser"] == f"{visitor.portal.fhir_base}/RelatedPerson/mina-daughter"
    assert visitor.get(claims["fhirUser"]).json()["patient"]["reference"] == "Patient/mina"


def test_a_public_key_set_holds_no_private_key(reader):
    (key,) = requests.get(reader.portal.addresses.jwks, timeout=10).json()["keys"]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()


def test_wrong_password_gives_no_code(visitor, loopback):
    before = len(loopback.arrived)
    with pytest.raises(EnvironmentProblem, match="demo-sign-in-failed"):
        visitor.arrive("ana", "not-it")
    assert len(loopback.arrived) == before


def test_an_account_cannot_choose_a_stranger(visitor):
    with pytest.raises(EnvironmentProblem):
        visitor.arrive("ana", patient="tomas")


def test_a_forged_choice_is_refused_by_the_portal(visitor):
    page = visitor.session.get(visitor.authorize_url(), timeout=10)
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "step": "sign-in", "user": "ana", "password": "harbor-ana", "decision": "go-on"}
    assert "Whose record?" in visitor.session.post(page.url, data=form, timeout=10).text
    forged = {"csrf": csrf, "step": "choose", "patient": "tomas", "decision": "go-on"}
    assert "Choose one of these people" in visitor.session.post(page.url, data=forged, timeout=10).text
    straight = {"csrf": csrf, "step": "consent", "patient": "tomas", "scopes": "patient/*.rs", "decision": "go-on"}
    answer = visitor.session.post(page.url, data=straight, timeout=10, allow_redirects=False)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_form_from_elsewhere_is_refused(visitor):
    page = visitor.session.get(visitor.authorize_url(), timeout=10)
    form = {"csrf": "guessed", "step": "sign-in", "user": "ana", "password": "harbor-ana", "decision": "go-on"}
    assert visitor.session.post(page.url, data=form, timeout=10).status_code == 400
    for csrf in ("guessed", "", "\u00e9"):
        assert requests.post(page.url, data={**form, "csrf": csrf}, timeout=10).status_code == 400


def test_denied_consent_comes_back_as_access_denied(visitor):
    arrived = visitor.arrive("tomas", deny=True)
    assert arrived["error"] == "access_denied"
    assert arrived["state"] == visitor.state
    assert arrived["iss"] == visitor.portal.addresses.issuer
    assert "code" not in arrived


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": None},
    ],
)
def test_pkce_other_than_s256_is_refused_at_authorize(visitor, changes):
    arrived = visitor.arrive("tomas", request=changes)
    assert arrived["error"] == "invalid_request"
    assert arrived["state"] == visitor.state


def test_a_wrong_or_missing_verifier_gets_no_token(visitor):
    code = visitor.arrive("tomas")["code"]
    assert visitor.exchange(code, code_verifier="x" * 50).json()["error"] == "invalid_grant"
    assert visitor.exchange(code, code_verifier="").status_code == 400


@pytest.mark.parametrize("aud", [None, "http://127.0.0.1:9/fhir", ""])
def test_another_audience_is_refused(visitor, aud):
    assert visitor.arrive("tomas", request={"aud": aud})["error"] == "invalid_request"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "https://127.0.0.1:5000/callback",
        "http://127.0.0.1.example.org:5000/callback",
        "http://localhost:5000/callback",
        "http://127.0.0.1:5000/elsewhere",
        "http://user@127.0.0.1:5000/callback",
        "http://127.0.0.1:port/callback",
        'http://127.0.0.1:5000/callback"><script>',
    ],
)
def test_a_redirect_off_the_loopback_is_never_followed(visitor, redirect_uri):
    answer = requests.get(visitor.authorize_url(redirect_uri=redirect_uri), allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_the_loopback_port_is_free_but_must_be_the_same_at_the_token_address(visitor):
    code = visitor.arrive("tomas")["code"]
    elsewhere = visitor.exchange(code, redirect_uri="http://127.0.0.1:1/callback")
    assert elsewhere.json()["error"] == "invalid_grant"


def test_an_unknown_program_is_refused_on_a_page(visitor):
    answer = requests.get(visitor.authorize_url(client_id="other"), allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_replayed_code_ends_the_tokens_it_gave(visitor):
    code = visitor.arrive("tomas")["code"]
    tokens = visitor.exchange(code).json()
    assert visitor.get("Patient/tomas", tokens["access_token"]).status_code == 200
    assert visitor.exchange(code).json()["error"] == "invalid_grant"
    assert visitor.get("Patient/tomas", tokens["access_token"]).status_code == 401
    assert visitor.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_does_not_last(visitor, clock):
    code = visitor.arrive("tomas")["code"]
    clock.move_to(clock.now() + timedelta(minutes=6))
    assert visitor.exchange(code).json()["error"] == "invalid_grant"


def test_refresh_rotates_and_names_the_patient_again(visitor):
    first = visitor.sign_in("mina").tokens
    second = visitor.refresh(first["refresh_token"]).json()
    assert second["patient"] == "mina"
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    assert 0 < second["expires_in"] <= 3600
    assert visitor.get("Patient/mina", second["access_token"]).status_code == 200


def test_a_refresh_token_used_twice_ends_the_whole_family(visitor):
    first = visitor.sign_in("mina").tokens
    second = visitor.refresh(first["refresh_token"]).json()
    assert visitor.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert visitor.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert visitor.get("Patient/mina", second["access_token"]).status_code == 401


def test_no_offline_access_no_refresh_token(visitor):
    scope = "launch/patient openid fhirUser patient/*.rs"
    assert "refresh_token" not in visitor.sign_in("mina", request={"scope": scope}).tokens


def test_staying_connected_can_be_refused_on_the_page(visitor):
    tokens = visitor.sign_in("mina", scopes_refused=["offline_access"]).tokens
    assert "refresh_token" not in tokens
    assert "offline_access" not in tokens["scope"].split()


def test_an_access_token_ends_after_its_time(visitor, clock):
    tokens = visitor.sign_in("mina").tokens
    clock.move_to(clock.now() + timedelta(seconds=tokens["expires_in"]))
    answer = visitor.get("Patient/mina")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_revoking_a_refresh_token_ends_the_sign_in(visitor):
    tokens = visitor.sign_in("mina").tokens
    data = {"token": tokens["refresh_token"], "client_id": "phr-desktop"}
    assert visitor.session.post(visitor.portal.addresses.revoke, data=data, timeout=10).status_code == 200
    assert visitor.get("Patient/mina").status_code == 401
    assert visitor.refresh(tokens["refresh_token"]).status_code == 400


def test_revoking_an_access_token_leaves_the_refresh_token(visitor):
    tokens = visitor.sign_in("mina").tokens
    data = {"token": tokens["access_token"], "client_id": "phr-desktop"}
    visitor.session.post(visitor.portal.addresses.revoke, data=data, timeout=10)
    assert visitor.get("Patient/mina").status_code == 401
    assert visitor.refresh(tokens["refresh_token"]).status_code == 200


def test_only_what_the_portal_takes_is_granted_for_writing(visitor):
    scope = "launch/patient patient/Observation.cruds patient/Task.cud patient/Condition.cruds patient/Condition.write"
    tokens = visitor.sign_in("mina", request={"scope": f"{scope} patient/Unknown.rs patient/Patient.*"}).tokens
    granted = ["launch/patient", "patient/Observation.cruds", "patient/Task.cu", "patient/Condition.rs"]
    assert tokens["scope"].split() == [*granted, "patient/Patient.rus"]


def test_nothing_to_grant_is_an_invalid_scope(visitor):
    assert visitor.arrive("mina", request={"scope": "patient/Unknown.rs"})["error"] == "invalid_scope"
    assert visitor.arrive("mina", request={"scope": None})["error"] == "invalid_scope"


def test_two_connections_of_one_account_are_apart(visitor):
    leo = visitor.sign_in("ana", patient="leo").tokens
    visitor.nonce = "another"
    mina = visitor.sign_in("ana", patient="mina").tokens
    assert visitor.get("Patient/mina", leo["access_token"]).status_code == 403
    assert visitor.get("Patient/leo", mina["access_token"]).status_code == 403
    visitor.refresh(leo["refresh_token"])
    visitor.refresh(leo["refresh_token"])
    assert visitor.get("Patient/mina", mina["access_token"]).status_code == 200


def test_the_log_has_every_request_and_no_secret(visitor):
    tokens = visitor.sign_in("mina").tokens
    visitor.get("Patient/mina")
    visitor.get("Observation?category=laboratory&_count=5")
    visitor.refresh(tokens["refresh_token"])
    log = visitor.portal.log
    assert ("GET", "/fhir/Observation", "category=laboratory&_count=5", 200) in [
        (record.method, record.path, record.query, record.status) for record in log
    ]
    text = repr(log)
    for secret in (tokens["access_token"], tokens["refresh_token"], visitor.state, visitor.verifier, "harbor-mina"):
        assert secret not in text


def test_pages_cannot_be_framed_cached_or_scripted(reader):
    page = requests.get(reader.authorize_url(), timeout=10)
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


class _Page(html.parser.HTMLParser):
    """What a screen reader needs: a language, a title, one heading, a name for every field, and whole forms."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.language = ""
        self.headings = 0
        self.unnamed: list[dict] = []
        self.torn = re.findall(
            r"<p[ >](?:(?!</p>).)*<(?:form|table|ul|p)[ >]", text, re.DOTALL
        )  # a browser ends p there
        self._labels = set(re.findall(r'<label for="(\w+)"', text))
        self._inside_label = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        have = dict(attrs)
        if tag == "html":
            self.language = have.get("lang", "")
        elif tag == "h1":
            self.headings += 1
        elif tag == "label":
            self._inside_label = True
        elif tag in ("input", "select") and have.get("type") != "hidden":
            named = self._inside_label or have.get("id") in self._labels
            self.unnamed += [] if named else [have]

    def handle_endtag(self, tag):
        if tag == "label":
            self._inside_label = False


def test_every_page_can_be_read_aloud(visitor):
    page = visitor.session.get(visitor.authorize_url(scope="launch/patient patient/Observation.rs"), timeout=10)
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    pages = [page.text]
    steps = (
        {"step": "sign-in", "user": "ana", "password": "wrong"},
        {"step": "sign-in", "user": "ana", "password": "harbor-ana"},
        {"step": "choose", "patient": "mina"},
    )
    for step in steps:
        form = {"csrf": csrf, "decision": "go-on", **step}
        pages.append(visitor.session.post(page.url, data=form, timeout=10).text)
    pages.append(requests.get(visitor.authorize_url(client_id="x"), timeout=10).text)
    for text in pages:
        read = _Page(text)
        assert read.language == "en"
        assert read.headings == 1
        assert not read.unnamed
        assert not read.torn
        assert re.search(r"<title>[^<]+Harbor Clinic \(demo\)</title>", text)
    assert 'role="alert"' in pages[1]
    assert "Mina Satterfield" in pages[3]
    assert "Vital signs" in pages[3]


def test_sign_in_says_when_nobody_answers(visitor):
    url = visitor.authorize_url()
    visitor.portal.stop()
    with pytest.raises(EnvironmentProblem, match="demo-sign-in-failed"):
        sign_in(url, "ana", "harbor-ana")
