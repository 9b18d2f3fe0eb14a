"""The transport: what may leave, to whom, and when an answer is refused."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import traceback
import warnings
import zlib

import pytest

from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.sync.portal import Portal, PortalRefused
from phr_desktop.sync.wire import Limits, Wire, WireProblem
from tests.sync.sockets import Authority, Script, http, said, self_signed, serving

TOKEN = "secret-token-3141"
SHORT = Limits(connect=2, stall=0.6, total=0.8, body=64 * 1024, ratio_from=32 * 1024)


def portal_at(base: str, limits: Limits | None = None) -> Portal:
    return Portal(base, lambda: TOKEN, wire=Wire(limits=limits or Limits()))


def code_of(portal: Portal, address: str = "Patient/1") -> str:
    with pytest.raises(PhrError) as caught:
        portal.get(address)
    portal.close()
    return caught.value.code


def test_the_token_and_gzip_alone_go_to_the_base():
    with serving(said(http(b'{"resourceType":"Patient"}', Date="Sat, 21 Nov 2026 16:30:00 GMT"))) as server:
        portal = portal_at(server.base)
        answer = portal.get("Patient/1")
        portal.close()
    head = server.requests[0].decode().lower()
    assert answer.status == 200
    assert answer.body == b'{"resourceType":"Patient"}'
    assert answer.headers["date"] == "Sat, 21 Nov 2026 16:30:00 GMT"
    assert f"authorization: bearer {TOKEN}" in head
    assert "accept-encoding: gzip\r\n" in head
    assert "cookie" not in head
    assert head.startswith("get /fhir/patient/1 http/1.1")


def test_connections_are_kept_and_cookies_are_not():
    with serving(said(http(b"{}", Set_Cookie="a=b; Path=/"))) as server:
        portal = portal_at(server.base)
        for _ in range(3):
            portal.get("Patient/1")
        connections = len(server._connections)
        portal.close()
    assert connections == 1
    assert all(b"ookie" not in head for head in server.requests)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status):
    with serving(said(http(b""))) as other:
        with serving(said(http(b"", status, Location=other.base))) as server:
            portal = portal_at(server.base)
            answer = portal.get("Patient/1")
            portal.close()
            assert answer.status == int(status[:3])
            assert len(server.requests) == 1
        assert other.requests == []


def test_the_body_of_a_redirect_has_the_same_cap():
    with serving(said(http(b"x" * 200_000, "302 Found", Location="/elsewhere"))) as server:
        assert code_of(portal_at(server.base, SHORT)) == "portal-too-large"


FOREIGN = [
    "http://{other}/fhir/Patient?page=2",
    "https://{own}/fhir/Patient",
    "//{other}/fhir/Patient",
    "/other/Patient",
    "http://{own}/fhirx/Patient",
    "http://{own}/fhir/../admin",
    "http://{own}/fhir/%2e%2e/admin",
    "http://{own}/fhir/%252e%252e/admin",
    "http://{own}/fhir/..%2fadmin",
    "http://{own}/fhir//{other}/x",
    "http://user@{own}/fhir/Patient",
    "http://{own}@{other}/fhir/Patient",
    "http://{own}\\@{other}/fhir/Patient",
    "http://{other}#@{own}/fhir/Patient",
    "http://{other}?@{own}/fhir/Patient",
    "http://127.0.0.1.evil.example/fhir/Patient",
    "http://{own}/fhir/Patient\r\nX-Evil: 1",
    "http://{own}/fhir/Patient\tx",
    "ftp://{own}/fhir/Patient",
    "file:///etc/passwd",
    "http://[::1]/fhir/Patient",
    "http:///fhir/Patient",
    "http://{own}:99999/fhir/Patient",
    "HTTP://{other}/fhir",
    "http://{own}/fhir/" + "a" * 20_000,
]


@pytest.mark.parametrize("form", FOREIGN)
def test_no_address_outside_the_base_is_asked(form):
    with serving(said(http(b"{}"))) as other, serving(said(http(b"{}"))) as server:
        own, foreign = (base.split("/")[2] for base in (server.base, other.base))
        portal = portal_at(server.base)
        with pytest.raises(PortalRefused):
            portal.get(form.replace("{own}", own).replace("{other}", foreign))
        portal.close()
        assert server.requests == other.requests == []


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ("{base}/Observation?_page=a%2Fb|c&x=1", "/fhir/Observation?_page=a%2Fb%7Cc&x=1"),
        ("{base}?opaque=1", "/fhir?opaque=1"),
        ("Binary/a.b-c", "/fhir/Binary/a.b-c"),
        ("/fhir/Observation?p=2", "/fhir/Observation?p=2"),
        ("?p=2", "/fhir/Observation?p=2"),
        ("HTTP://{host}/fhir/Patient#part", "/fhir/Patient"),
        ("Observation?code=a b", "/fhir/Observation?code=a%20b"),
    ],
)
def test_addresses_inside_the_base_are_asked_as_meant(form, asked):
    with serving(said(http(b"{}"))) as server:
        portal = portal_at(server.base)
        address = form.replace("{base}", server.base).replace("{host}", server.base.split("/")[2])
        portal.get(address, page=f"{server.base}/Observation?p=1")
        portal.close()
    assert server.requests[0].split(b" ")[1].decode() == asked


@pytest.mark.parametrize(
    "base",
    ["http://clinic.example/fhir", "https://user@clinic.example/fhir", "https://clinic.example/fhir?x=1", "",
     "ftp://clinic.example", "https://clinic.example/a/../b", "https://cli nic.example", "https://", "file:///fhir"],
)  # fmt: skip
def test_a_base_is_https_and_plain(base):
    with pytest.raises(UserFacingError):
        Portal(base)


def test_a_base_without_scheme_is_https():
    assert Portal(" clinic.example/api/fhir/ ").base.url == "https://clinic.example/api/fhir"
    assert Portal("https://clinic.example:443/r4/metadata").base.url == "https://clinic.example/r4"


def test_a_token_cannot_end_the_header_line():
    with serving(said(http(b"{}"))) as server:
        portal = Portal(server.base, lambda: "abc\r\nX-Evil: 1")
        with pytest.raises(PortalRefused):
            portal.get("Patient/1")
        portal.close()
        assert server.requests == []


def test_netrc_and_proxies_of_the_environment_are_ignored(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login evil password evil\ndefault login evil password evil\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving(said(http(b"{}"))) as server:
        with_token, without = portal_at(server.base), Portal(server.base)
        with_token.get("Patient/1")
        without.get("metadata")
        with_token.close()
        without.close()
    assert f"authorization: bearer {TOKEN}".encode() in server.requests[0].lower()
    assert b"authorization" not in server.requests[1].lower()


def test_a_gzip_answer_is_decoded_and_a_bomb_is_not():
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = bomb.compress(b" " * 50_000_000) + bomb.flush()
    with serving(said(http(gzip.compress(b'{"a":1}'), Content_Encoding="gzip"))) as server:
        portal = portal_at(server.base)
        assert portal.get("Patient/1").body == b'{"a":1}'
        portal.close()
    with serving(said(http(packed, Content_Encoding="gzip"))) as server:
        assert code_of(portal_at(server.base)) == "portal-too-large"


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "deflate", "zstd", "x"])
def test_other_codings_are_refused(coding):
    with serving(said(http(b"{}", Content_Encoding=coding))) as server:
        assert code_of(portal_at(server.base)) == "portal-answer-broken"


def test_a_body_over_the_cap_is_refused_however_it_is_announced():
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"8000\r\n" + b"x" * 0x8000 + b"\r\n"

    def chunks(connection: socket.socket, _: bytes) -> None:
        connection.sendall(endless)
        while True:
            connection.sendall(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")

    with serving(chunks) as server:
        assert code_of(portal_at(server.base, Limits(body=64 * 1024))) == "portal-too-large"


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_a_server_that_drips_is_left_at_the_deadline(start):
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        while not server.stopping.wait(0.05):
            connection.sendall(b"X")

    with serving(drip) as server:
        began = time.monotonic()
        assert code_of(portal_at(server.base, SHORT)) == "portal-slow"
        assert time.monotonic() - began < 2.0


def test_a_server_that_says_nothing_is_left():
    with serving(lambda *_: None) as server:
        assert code_of(portal_at(server.base, SHORT)) == "portal-slow"


@pytest.mark.parametrize("cut", [0, 1, 20, 60, 100, -1])
def test_an_answer_cut_anywhere_is_no_answer(cut):
    whole = http(b'{"resourceType":"Patient","id":"1"}')

    def speak(connection: socket.socket, _: bytes) -> None:
        connection.sendall(whole[:cut])
        connection.shutdown(socket.SHUT_RDWR)

    with serving(speak) as server, pytest.raises(WireProblem) as caught:
        portal_at(server.base).get("Patient/1")
    assert caught.value.code == "portal-cut"
    assert caught.value.sent


def test_no_portal_there_is_offline_and_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(WireProblem) as caught:
        portal_at(f"http://127.0.0.1:{port}/fhir").get("Patient/1")
    assert caught.value.code == "offline"
    assert not caught.value.sent
    assert "127.0.0.1" not in repr(caught.value)


def test_a_certificate_of_nobody_is_not_trusted(tmp_path):
    with serving(said(http(b"{}")), tls=self_signed(tmp_path)) as server:
        assert code_of(portal_at(server.base)) == "portal-untrusted"
        assert server.requests == []


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """An authority that this program trusts."""
    authority = Authority(tmp_path, "known")
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority.path))
    return authority


def old(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    """A server that knows no newer TLS than this."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


def test_a_certificate_of_a_trusted_authority_is_taken(trusted):
    with serving(said(http(b"{}")), tls=trusted.server()) as server:
        portal = portal_at(server.base)
        assert portal.get("Patient/1").status == 200
        portal.close()


@pytest.mark.parametrize(
    "tls",
    [
        pytest.param(lambda known, _: known.server(days=(-30, -1)), id="expired"),
        pytest.param(lambda known, _: known.server(days=(1, 30)), id="not yet good"),
        pytest.param(lambda known, _: known.server("127.0.0.2"), id="of another host"),
        pytest.param(lambda _, folder: Authority(folder, "middle").server(), id="of an authority in between"),
        pytest.param(lambda known, _: old(known.server(), ssl.TLSVersion.TLSv1), id="TLS 1.0"),
        pytest.param(lambda known, _: old(known.server(), ssl.TLSVersion.TLSv1_1), id="TLS 1.1"),
    ],
)
def test_tls_that_proves_nothing_is_refused_before_a_byte_is_sent(trusted, tmp_path, tls):
    with serving(said(http(b"{}")), tls=tls(trusted, tmp_path)) as server:
        assert code_of(portal_at(server.base)) == "portal-untrusted"
        assert server.requests == []


def test_a_body_that_only_the_end_of_the_connection_ends_must_be_whole_json():
    def answering(body: bytes) -> Script:
        def speak(connection: socket.socket, _: bytes) -> None:
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n" + body)
            connection.shutdown(socket.SHUT_RDWR)

        return speak

    with serving(answering(b'{"a":1}\n')) as server:
        assert portal_at(server.base).get("Patient/1").body == b'{"a":1}\n'
    with serving(answering(b"%PDF-1.4 half of a letter")) as server:
        assert code_of(portal_at(server.base)) == "portal-cut"


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [("text/html", b"<html>Sign in to Hotel WiFi", "200 OK"), ("application/json", b"  <!DOCTYPE html>", "200 OK"),
     ("text/html", b"", "511 Network Authentication Required")],
)  # fmt: skip
def test_a_web_page_in_place_of_data_is_a_captive_portal(media, body, status):
    with serving(said(http(body, status, media))) as server:
        assert code_of(portal_at(server.base)) == "portal-html"


@pytest.mark.parametrize("status", ["401 X", "403 X", "404 X", "410 X", "429 X", "500 X", "503 X"])
def test_refusals_come_back_as_they_are(status):
    with serving(said(http(b"{}", status, Retry_After="7"))) as server:
        portal = portal_at(server.base)
        answer = portal.get("Patient/1")
        portal.close()
    assert (answer.status, answer.headers["retry-after"]) == (int(status[:3]), "7")
    assert len(server.requests) == 1


def test_cancelling_ends_a_request_that_waits():
    cancel = threading.Event()
    with serving(lambda *_: cancel.set()) as server:
        portal = Portal(server.base, wire=Wire(cancelled=cancel.is_set))
        began = time.monotonic()
        assert code_of(portal) == "cancelled"
        assert time.monotonic() - began < 5


def test_a_form_goes_over_a_fresh_connection_and_is_never_sent_twice():
    with serving(said(http(b"{}"))) as server:
        wire = Wire()
        wire.get(f"{server.base}/x", {})
        wire.post_form(f"{server.base}/token", "a=b", {})
        connections = len(server._connections)
        wire.close()
    assert connections == 2
    posted = server.requests[1]
    assert posted.endswith(b"\r\n\r\na=b")
    assert b"application/x-www-form-urlencoded" in posted


def test_a_form_whose_answer_is_lost_says_that_it_was_sent():
    with serving(lambda connection, _: connection.shutdown(socket.SHUT_RDWR)) as server:
        with pytest.raises(WireProblem) as caught:
            Wire().post_form(f"{server.base}/token", "a=b", {})
        assert caught.value.sent
        assert len(server.requests) == 1


def test_messages_hold_no_address_and_no_token():
    with serving(said(http(b"x" * 10_000_000))) as server, pytest.raises(EnvironmentProblem) as caught:
        portal_at(server.base, SHORT).get("Observation?patient=mina-4711")
    problem = caught.value
    told = "".join(traceback.format_exception(problem)) + f"{problem.__cause__!r} {problem.parameters}"
    assert "mina-4711" not in told.replace('get("Observation?patient=mina-4711")', "")
    assert TOKEN not in told


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_an_answer_cut_at_any_byte_is_no_answer_not_even_inside_its_headers(framing):
    """A cut behind `Content-Length:` once passed for an empty answer."""
    body = b'{"resourceType":"Binary"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
    if framing == "length":
        whole = head + b"Content-Length: %d\r\nETag: x\r\n\r\n%s" % (len(body), body)
    else:
        whole = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    cut = [0]

    def speak(connection, _):
        connection.sendall(whole[: cut[0]])
        connection.shutdown(socket.SHUT_RDWR)

    with serving(speak) as server:
        portal = Portal(server.base)
        # Of the last chunk's end nothing is missing that counts.
        for cut[0] in range(len(whole) - (0 if framing == "length" else len(b"0\r\n\r\n"))):
            with pytest.raises(WireProblem):
                portal.get("Binary/1")
        cut[0] = len(whole)
        assert portal.get("Binary/1").body == body
        portal.close()
