"""What this program is to a portal: secrets, keys, registering itself; and how a sign-in that fails is explained."""

from __future__ import annotations

import base64
import gc
import threading
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from phr_desktop import paths
from phr_desktop.actions.people import add_person
from phr_desktop.actions.sources import disconnect
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.errors import PhrError, UserFacingError
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sentences import SENTENCES
from phr_desktop.sync.addresses import fhir_base
from phr_desktop.sync.clients import Client
from phr_desktop.sync.connect import connect, revoke
from phr_desktop.sync.engine import sync_source
from phr_desktop.sync.revocation import Permission, revoke_tokens
from phr_desktop.sync.smart import SignedIn
from phr_desktop.sync.tokens import TokenAnswer
from phr_desktop.sync.wire import Answer
from phr_desktop.vault import ledger, sources
from tests.sync.fake_portal import FakePortal
from tests.sync.sockets import http, serving


class Office(FakePortal):
    """A fake portal with a sign-in: `smart` is its configuration, `heard` the requests to its own addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.smart: dict[str, object] = {}
        self.heard: dict[str, list[bytes]] = {}
        self.answers: dict[str, object] = {}  # of /auth/NAME
        self.gives_refresh = True
        self.come_back: dict[str, str] = {"code": "code-1"}
        self.token_answer = self._give

    def _answer(self, path: str, query: dict[str, list[str]], head: bytes) -> bytes:
        if path == "/fhir/.well-known/smart-configuration":
            root = self.base.removesuffix("/fhir")
            fixed = {"authorization_endpoint": f"{root}/auth/authorize", "token_endpoint": f"{root}/auth/token"}
            return self._json(
                fixed | {k: v.replace("ROOT", root) if isinstance(v, str) else v for k, v in self.smart.items()}
            )
        if path.startswith("/auth/"):
            name = path.removeprefix("/auth/")
            self.heard.setdefault(name, []).append(head)
            if name in self.answers:
                answer = self.answers[name]
                return answer if isinstance(answer, bytes) else self._json(answer)
        return super()._answer(path, query, head)

    def _give(self, form: dict[str, str]) -> bytes:
        number = len(self.heard["token"])
        self.tokens = {f"access-{number}"}
        more = {"refresh_token": f"refresh-{number}"} if self.gives_refresh else {}
        return self.token(access_token=f"access-{number}", scope="patient/*.rs", **more)

    def browser(self, address: str) -> None:
        """A person's browser that comes back at once with what the portal says."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked_for = asked
        back = {"state": asked["state"], **self.come_back}
        uri = asked["redirect_uri"]
        if uri.startswith("https:"):  # what the forwarding page does
            uri = f"http://127.0.0.1:{asked['state'].rpartition('.')[2]}/callback"
        threading.Thread(target=requests.get, args=(uri, back), kwargs={"timeout": 10}).start()

    def forms(self, name: str = "token") -> list[dict[str, str]]:
        bodies = [head.partition(b"\r\n\r\n")[2].decode() for head in self.heard.get(name, [])]
        return [{k: v[0] for k, v in parse_qs(body).items()} for body in bodies]

    def header(self, name: str, of: str = "token") -> str | None:
        lines = self.heard[of][-1].partition(b"\r\n\r\n")[0].decode().split("\r\n")
        return next((line.partition(": ")[2] for line in lines if line.lower().startswith(f"{name}:")), None)


@pytest.fixture
def office():
    portal = Office()
    with serving(portal.speak) as server:
        portal.server = server
        yield portal


@pytest.fixture
def person(vault, clock):
    return add_person(vault, clock, "Mina Satterfield").person


@pytest.fixture
def sign_in(vault, clock, person, office):
    def run(**options):
        return connect(vault, clock, person, office.base, open_browser=office.browser, **options)

    return run


@pytest.fixture
def quirks(tmp_path):
    """A directory with the generic entry and one for a portal, in these words."""
    generic = (paths.resources() / "portals" / "generic.toml").read_text("utf-8")
    (tmp_path / "generic.toml").write_text(generic)

    def write(base: str, text: str):
        entry = f'extends = "generic"\nname = "Clinic"\nfhir_base = "{base}"\nregistration = "none"\n{text}\n'
        lines = dict(line.partition("=")[::2] for line in entry.splitlines())
        (tmp_path / "clinic.toml").write_text("\n".join(f"{k}={v}" for k, v in lines.items()))
        return tmp_path

    return write


def grant(vault, source):
    return vault.read(lambda db: sources.grant(db, source))


# --- ways to be known


def test_a_public_client_sends_its_name_and_no_header(sign_in, office):
    sign_in()
    assert office.forms()[0]["client_id"] == "phr-desktop"
    assert office.header("authorization") is None


@pytest.mark.parametrize(
    ("methods", "where"), [([], "header"), (["client_secret_basic"], "header"), (["client_secret_post"], "form")]
)
def test_a_secret_is_shown_as_the_portal_wants_and_again_at_renewal(vault, clock, sign_in, office, methods, where):
    office.smart["token_endpoint_auth_methods_supported"] = methods
    source = sign_in(client_id="my id", client_secret="s:e%c")
    office.tokens = set()
    sync_source(vault, clock, source)
    assert [form["grant_type"] for form in office.forms()] == ["authorization_code", "refresh_token"]
    if where == "header":
        assert base64.b64decode(office.header("authorization").removeprefix("Basic ")) == b"my+id:s%3Ae%25c"
        assert all("client_secret" not in form for form in office.forms())
    else:
        assert office.header("authorization") is None
        assert [form["client_secret"] for form in office.forms()] == ["s:e%c"] * 2
    assert vault.read(lambda db: ledger.one(db, source, "Immunization")).state is LedgerState.COMPLETE


def test_a_secret_of_the_directory_is_used(sign_in, office, quirks):
    folder = quirks(office.base, 'client_id = "ours"\nclient_secret = "theirs"')
    sign_in(directory=folder)
    assert base64.b64decode(office.header("authorization").removeprefix("Basic ")) == b"ours:theirs"


# --- registering itself


def with_registration(office, **answer):
    office.smart |= {
        "registration_endpoint": "ROOT/auth/register",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }
    office.answers["register"] = {"client_id": "registered-1"} | answer


def claims_of(assertion, public):
    return jwt.decode(assertion, ECKey.import_key(public), algorithms=["ES384"]).claims


def test_a_program_registers_itself_with_a_key_and_signs_every_request(vault, clock, sign_in, office):
    with_registration(office)
    source = sign_in()
    wanted = msgspec.json.decode(office.heard["register"][0].partition(b"\r\n\r\n")[2])
    public = wanted["jwks"]["keys"][0]
    assert "d" not in public
    assert wanted["token_endpoint_auth_method"] == "private_key_jwt"
    assert office.asked_for["redirect_uri"] in wanted["redirect_uris"]
    assert office.asked_for["client_id"] == "registered-1"
    office.tokens = set()
    sync_source(vault, clock, source)
    said = [claims_of(form["client_assertion"], public) for form in office.forms()]
    token = office.base.removesuffix("/fhir") + "/auth/token"
    assert {(c["iss"], c["sub"], c["aud"]) for c in said} == {("registered-1", "registered-1", token)}
    assert len({c["jti"] for c in said}) == 2
    assert all(c["exp"] - c["iat"] <= 300 for c in said)


def test_a_registration_is_kept_for_the_next_sign_in(sign_in, office):
    with_registration(office)
    assert sign_in() == sign_in()
    assert len(office.heard["register"]) == 1


def test_a_portal_that_registers_nobody_is_asked_with_the_usual_name(sign_in, office):
    sign_in()
    assert "register" not in office.heard


@pytest.mark.parametrize("answer", [http(b"{}", "403 Forbidden"), http(b"[]"), {"client_id": 7}])
def test_a_refused_registration_is_said(sign_in, office, answer):
    with_registration(office)
    office.answers["register"] = answer
    with pytest.raises(UserFacingError) as caught:
        sign_in()
    assert caught.value.code == "registration-refused"


def test_a_key_of_this_computer_stands_in_for_a_refresh_token(vault, clock, sign_in, office, quirks):
    with_registration(office)
    office.gives_refresh = False
    folder = quirks(office.base, 'registration = "after"\nclient_id = "ours"')
    source = sign_in(directory=folder)
    assert office.header("authorization", "register") == "Bearer access-1"
    office.tokens = set()
    assert sync_source(vault, clock, source, directory=folder).problem is None
    last = office.forms()[-1]
    assert last["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    public = msgspec.json.decode(office.heard["register"][0].partition(b"\r\n\r\n")[2])["jwks"]["keys"][0]
    assert claims_of(last["assertion"], public)["sub"] == "registered-1"
    office.tokens = set()
    assert sync_source(vault, clock, source, directory=folder).problem is None  # as often as it is needed


def test_a_portal_that_takes_no_key_leaves_an_hour(vault, sign_in, office, quirks):
    with_registration(office)
    office.gives_refresh = False
    office.answers["register"] = http(b"", "404 Not Found")
    source = sign_in(directory=quirks(office.base, 'registration = "after"\nclient_id = "ours"'))
    kept = grant(vault, source)
    assert (kept.client_auth, kept.client_id, kept.client_key, kept.refresh_token) == ("none", "ours", None, None)


def test_no_secret_and_no_key_is_in_a_text(vault, sign_in, office):
    with_registration(office)
    kept = grant(vault, sign_in())
    assert kept.client_key
    assert kept.client_key not in repr(kept)


# --- coming back


def test_a_portal_that_refuses_this_computers_address_goes_by_the_forwarding_page(vault, sign_in, office, quirks):
    folder = quirks(office.base, 'forward = "https://pages.example/forward/"')
    sign_in(directory=folder)
    assert office.asked_for["redirect_uri"] == "https://pages.example/forward/"
    assert office.forms()[0]["redirect_uri"] == "https://pages.example/forward/"
    assert 1024 <= int(office.asked_for["state"].rpartition(".")[2]) <= 65535


def test_the_forwarding_page_goes_nowhere_else_and_loads_nothing():
    page = (paths.resources() / "forward" / "index.html").read_text("utf-8")
    assert "http://127.0.0.1:" in page
    assert "src=" not in page
    assert "Content-Security-Policy" in page
    assert "default-src 'none'" in page


# --- refusals, each with its words


def refusal(sign_in) -> str:
    """Why a sign-in ends; a code that has its words."""
    with pytest.raises(PhrError) as caught:
        sign_in()
    assert caught.value.code in SENTENCES
    return caught.value.code


@pytest.mark.parametrize(
    ("back", "code"),
    [
        ({"error": "access_denied"}, "sign-in-denied"),
        ({"error": "unauthorized_client"}, "client-not-known"),
        ({"error": "invalid_scope"}, "sign-in-scope-refused"),
        ({"error": "invalid_request", "error_description": "Redirect URI mismatch"}, "redirect-refused"),
        ({"error": "temporarily_unavailable"}, "portal-busy"),
        ({"error": "something"}, "sign-in-refused"),
    ],
)
def test_what_the_portal_says_in_the_browser_has_its_words(vault, sign_in, office, back, code):
    office.come_back = back
    assert refusal(sign_in) == code
    assert vault.read(sources.everything) == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http(b'{"error":"invalid_client"}', "401 Unauthorized"), "client-not-known"),
        (http(b'{"error":"unauthorized_client"}', "400 Bad Request"), "client-not-known"),
        (http(b'{"error":"invalid_grant"}', "400 Bad Request"), "sign-in-refused"),
        (
            http(b'{"error":"invalid_grant","error_description":"redirect_uri differs"}', "400 Bad Request"),
            "redirect-refused",
        ),
        (http(b"{}", "503 Service Unavailable"), "portal-busy"),
        (http(b"<html>Hotel", media="text/html"), "portal-html"),
        (http(b'{"access_token":"a","token_type":"Bearer"}'), "no-patient-in-token"),
        (http(b'{"access_token":"a"}'), "portal-answer-not-understood"),
        (http(b"", "302 Found", Location="https://evil.example/"), "portal-answer-not-understood"),
    ],
)
def test_what_the_token_address_says_has_its_words(vault, sign_in, office, answer, code):
    office.answers["token"] = answer
    assert refusal(sign_in) == code
    assert vault.read(sources.everything) == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http(b'{"resourceType":"OperationOutcome"}', "404 Not Found"), "portal-wrong-tenant"),
        (http(b'{"error":"unknown tenant"}', "403 Forbidden", media="application/json"), "portal-wrong-tenant"),
        (http(b"Not here", "404 Not Found", media="text/plain"), "not-a-portal"),
        (http(b'{"resourceType":"CapabilityStatement","fhirVersion":"3.0.2"}'), "portal-not-r4"),
        (http(b"<html>", media="text/html"), "portal-html"),
        (http(b"{}", "500 Oops"), "portal-busy"),
    ],
)
def test_an_address_that_is_no_portal_has_its_words(sign_in, office, answer, code):
    office.faults.append(lambda path, query: answer if path == "/fhir/metadata" else None)
    assert refusal(sign_in) == code


# --- ending it


def test_disconnecting_tells_the_portal_where_it_can_be_told(vault, clock, sign_in, office):
    office.smart["revocation_endpoint"] = "ROOT/auth/revoke"
    office.answers["revoke"] = {}
    source = sign_in()
    assert revoke(vault, clock, source) is True
    assert office.forms("revoke") == [
        {"token": "refresh-1", "token_type_hint": "refresh_token", "client_id": "phr-desktop"}
    ]
    disconnect(vault, clock, source)
    assert grant(vault, source) is None
    assert revoke(vault, clock, source) is False


def test_a_portal_that_cannot_be_told_is_disconnected_all_the_same(vault, clock, sign_in, office):
    source = sign_in()
    assert revoke(vault, clock, source) is False
    office.server.stop()
    assert revoke(vault, clock, source) is False
    disconnect(vault, clock, source)
    assert not vault.read(lambda db: sources.one(db, source)).connected


def test_signing_in_again_after_a_disconnect_keeps_everything(vault, clock, sign_in, office):
    source = sign_in()
    sync_source(vault, clock, source)
    held = vault.read(lambda db: db.value("SELECT count(*) FROM records"))
    disconnect(vault, clock, source)
    assert sign_in() == source
    assert vault.read(lambda db: db.value("SELECT count(*) FROM records")) == held > 0


def test_another_child_at_a_later_sign_in_stores_no_row(vault, clock, sign_in, office):
    source = sign_in()
    office.tokens_patient = "p2"
    office.types["Patient"].append({"resourceType": "Patient", "id": "p2", "name": [{"text": "Leo Satterfield"}]})
    office.token_answer = lambda form: office.token(access_token="access-0", patient="p2", scope="patient/*.rs")
    office.tokens = {"access-0"}
    before = vault.read(lambda db: (db.value("SELECT count(*) FROM records"), db.value("SELECT count(*) FROM sources")))
    kept = grant(vault, source)
    with pytest.raises(UserFacingError) as caught:
        sign_in()
    assert caught.value.code == "other-person"
    after = vault.read(lambda db: (db.value("SELECT count(*) FROM records"), db.value("SELECT count(*) FROM sources")))
    assert (after, grant(vault, source).access_token) == (before, kept.access_token)


@pytest.mark.parametrize("refresh", ["refresh-9", None])
def test_the_token_of_another_child_is_given_back_and_not_kept_in_memory(vault, sign_in, office, refresh):
    sign_in()
    office.smart["revocation_endpoint"] = "ROOT/auth/revoke"
    office.answers["revoke"] = {}
    office.types["Patient"].append({"resourceType": "Patient", "id": "p2", "name": [{"text": "Leo Satterfield"}]})
    more = {} if refresh is None else {"refresh_token": refresh}
    office.token_answer = lambda form: office.token(access_token="access-9", patient="p2", scope="patient/*.rs", **more)
    office.tokens = {"access-9"}
    with pytest.raises(UserFacingError) as caught:
        sign_in()
    assert caught.value.code == "other-person"
    kind = "refresh_token" if refresh else "access_token"
    assert office.forms("revoke") == [
        {"token": refresh or "access-9", "token_type_hint": kind, "client_id": "phr-desktop"}
    ]
    gc.collect()
    kept = [one for one in gc.get_objects() if isinstance(one, SignedIn | TokenAnswer)]
    assert kept == []  # while the error is still held


@pytest.mark.parametrize("answer", [None, http(b"{}", "503 Busy"), http(b"<html>", media="text/html")])
def test_a_token_of_another_child_that_cannot_be_given_back_is_dropped_all_the_same(vault, sign_in, office, answer):
    if answer is not None:
        office.smart["revocation_endpoint"] = "ROOT/auth/revoke"
        office.answers["revoke"] = answer
    office.types["Patient"][0]["name"] = [{"text": "Leo Satterfield"}]
    with pytest.raises(UserFacingError) as caught:
        sign_in()
    assert caught.value.code == "other-person"
    assert vault.read(lambda db: db.value("SELECT count(*) FROM sources")) == 0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b'{"access_token":"access-9","refresh_token":"refresh-9","token_type":"Bearer"}', "no-patient-in-token"),
        (
            b'{"access_token":"access-9","refresh_token":"refresh-9","token_type":"Bearer","patient":"p1",'
            b'"id_token":"not.a.token"}',
            "sign-in-not-genuine",
        ),
    ],
)
def test_a_token_that_is_refused_at_the_exchange_is_given_back(vault, sign_in, office, answer, code):
    office.smart |= {"revocation_endpoint": "ROOT/auth/revoke", "issuer": "ROOT", "jwks_uri": "ROOT/auth/keys"}
    office.answers |= {"token": http(answer), "keys": {"keys": []}, "revoke": {}}
    with pytest.raises(UserFacingError) as caught:
        sign_in()
    assert caught.value.code == code
    assert [form["token"] for form in office.forms("revoke")] == ["refresh-9"]
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, TokenAnswer)] == []  # while the error is still held
    assert vault.read(lambda db: db.value("SELECT count(*) FROM sources")) == 0


@pytest.mark.parametrize("offered", [True, False])
def test_a_renewed_token_of_another_person_is_given_back_where_the_portal_offers_it(
    vault, clock, sign_in, office, offered
):
    source = sign_in()
    if offered:
        office.smart["revocation_endpoint"] = "ROOT/auth/revoke"
        office.answers["revoke"] = {}
    office.token_answer = lambda form: office.token(access_token="access-9", refresh_token="refresh-9", patient="p2")
    office.tokens = {"access-9"}
    assert sync_source(vault, clock, source).problem == "other-person-token"
    assert [form["token"] for form in office.forms("revoke")] == (["refresh-9"] if offered else [])
    kept = grant(vault, source)
    assert (kept.access_token, kept.patient) == ("access-1", "p1")
    assert vault.read(lambda db: sources.one(db, source)).needs_sign_in


class Told:
    """Stands for the wire, and notes where forms went."""

    def __init__(self):
        self.addresses = []

    def post_form(self, address, form, headers):
        self.addresses.append(address)
        return Answer(200, {}, b"", address)


@pytest.mark.parametrize(
    ("server", "told"), [("login.example", True), ("portal.example", True), ("elsewhere.example", False)]
)
def test_a_permission_is_given_back_to_no_server_but_the_portals_and_the_one_that_gave_it(server, told):
    address = f"https://{server}/revoke"
    smart, wire = SmartConfiguration(None, None, revocation_endpoint=address), Told()
    client = Client("phr", "client_secret_basic", "secret")
    given = Permission(client, "https://login.example/token", "refresh-1", "access-1")
    done = revoke_tokens(wire, fhir_base("https://portal.example/fhir"), smart, given, 0)
    assert (done, wire.addresses) == (told, [address] if told else [])


def test_a_sign_in_that_is_kept_is_not_given_back(sign_in, office):
    office.smart["revocation_endpoint"] = "ROOT/auth/revoke"
    office.answers["revoke"] = {}
    sign_in()
    assert office.forms("revoke") == []
