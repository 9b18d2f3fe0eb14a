"""A portal of a few lines that says what a test wants it to say, faults included, and writes down what was asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from phr_desktop.domain.people import Grant
from phr_desktop.sync.engine import sync_source
from phr_desktop.vault import ledger, quarantine, records, sources
from tests.sync.sockets import RawServer, http, serving

DATE = "Sat, 21 Nov 2026 16:30:00 GMT"
ME = "p1"
CUT = b"CUT:"  # a fault's answer that begins so ends with the connection
Fault = Callable[[str, str], bytes | None]  # (path, query) -> a whole answer, or None for the ordinary one


def resource(type_name: str, ident: str, **more: Any) -> dict[str, Any]:
    """A record of the bound patient."""
    whose = "patient" if type_name in ("AllergyIntolerance", "Immunization", "Device") else "subject"
    return {"resourceType": type_name, "id": ident, whose: {"reference": f"Patient/{ME}"}, **more}


class FakePortal:
    """`types` is what it holds; `faults` are asked before every answer; `asked` is what came, `METHOD path?query`."""

    def __init__(self) -> None:
        self.types: dict[str, list[dict[str, Any]]] = {
            "Patient": [{"resourceType": "Patient", "id": ME, "name": [{"text": "Mina Satterfield"}]}]
        }
        self.offered = [
            "Patient", "AllergyIntolerance", "Immunization", "Procedure", "Observation", "DocumentReference",
            "Practitioner", "Organization", "Binary", "Medication", "MedicationRequest", "Device",
        ]  # fmt: skip
        self.parameters = ["patient", "_lastUpdated"]
        self.interactions = ["read", "search-type"]
        self.page_size = 2
        self.page_relation = "next"
        self.extra: dict[str, list[dict[str, Any]]] = {}  # more entries in the answers about a type
        self.faults: list[Fault] = []
        self.tokens = {"access-0"}
        self.token_answer: Callable[[dict[str, str]], bytes] = self._renew
        self.asked: list[str] = []
        self.headers = {"Date": DATE}
        self.server: RawServer | None = None

    @property
    def base(self) -> str:
        assert self.server is not None
        return self.server.base

    def paths(self, *, without: tuple[str, ...] = ("metadata",)) -> list[str]:
        """What was asked of the FHIR base, as "Type?query"."""
        found = [line.partition("/fhir/")[2] for line in self.asked if "/fhir/" in line]
        return [path for path in found if path.partition("?")[0] not in without]

    def of_type(self, type_name: str) -> list[str]:
        return [path for path in self.paths() if path.partition("?")[0] == type_name]

    def speak(self, connection: socket.socket, head: bytes) -> None:
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        self.asked.append(f"{method} {target}")
        parts = urlsplit(target)
        for fault in self.faults:
            answer = fault(parts.path, parts.query)
            if answer is not None:
                connection.sendall(answer.removeprefix(CUT))
                if answer.startswith(CUT):
                    connection.shutdown(socket.SHUT_RDWR)
                return
        connection.sendall(self._answer(parts.path, parse_qs(parts.query), head))

    def _answer(self, path: str, query: dict[str, list[str]], head: bytes) -> bytes:
        if path == "/auth/token":
            form = {name: values[0] for name, values in parse_qs(head.partition(b"\r\n\r\n")[2].decode()).items()}
            return self.token_answer(form)
        if path == "/fhir/metadata":
            assert b"uthorization" not in head
            return self._json(self._metadata())
        token = next(
            (line[22:] for line in head.decode().split("\r\n") if line.startswith("Authorization: Bearer ")), ""
        )
        if token not in self.tokens:
            return self._json({"resourceType": "OperationOutcome"}, "401 Unauthorized")
        names = path.removeprefix("/fhir/").split("/")
        if len(names) == 2:
            found = next((r for r in self.types.get(names[0], []) if r["id"] == names[1]), None)
            return self._json(found) if found else self._json({"resourceType": "OperationOutcome"}, "404 Not Found")
        return self._json(self._bundle(names[0], query))

    def _bundle(self, type_name: str, query: dict[str, list[str]]) -> dict[str, Any]:
        held = self.types.get(type_name, [])
        since = query.get("_lastUpdated", [""])[0].removeprefix("ge")
        if since:
            held = [r for r in held if r.get("meta", {}).get("lastUpdated", "") >= since]
        start = int(query.get("_start", ["0"])[0])
        shown = held[start : start + self.page_size]
        entries = [{"fullUrl": f"{self.base}/{type_name}/{r.get('id')}", "resource": r} for r in shown]
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(held)}
        bundle["entry"] = [*entries, *self.extra.get(type_name, [])]
        if start + self.page_size < len(held):
            more = f"_start={start + self.page_size}" + (f"&_lastUpdated=ge{since}" if since else "")
            bundle["link"] = [{"relation": self.page_relation, "url": f"{self.base}/{type_name}?{more}"}]
        return bundle

    def _metadata(self) -> dict[str, Any]:
        types = [
            {
                "type": name,
                "interaction": [{"code": code} for code in self.interactions],
                "searchParam": [{"name": parameter} for parameter in self.parameters],
            }
            for name in self.offered
        ]
        return {
            "resourceType": "CapabilityStatement",
            "fhirVersion": "4.0.1",
            "rest": [{"mode": "server", "resource": types}],
        }

    def _renew(self, form: dict[str, str]) -> bytes:
        number = int(form["refresh_token"].removeprefix("refresh-")) + 1
        self.tokens = {f"access-{number}"}
        return self.token(access_token=f"access-{number}", refresh_token=f"refresh-{number}")

    def renews_when_told(self) -> tuple[threading.Event, threading.Event]:
        """From now on a token is wanted first: (it was asked for, answer it)."""
        asked, answer, renew = threading.Event(), threading.Event(), self.token_answer
        self.tokens = set()

        def slow(form: dict[str, str]) -> bytes:
            asked.set()
            answer.wait(20)
            return renew(form)

        self.token_answer = slow
        return asked, answer

    def token(self, **fields: Any) -> bytes:
        return self._json({"token_type": "Bearer", "expires_in": 3600, "patient": ME} | fields)

    def _json(self, tree: Any, status: str = "200 OK") -> bytes:
        return http(msgspec.json.encode(tree), status, **self.headers)


@contextmanager
def faking() -> Iterator[FakePortal]:
    portal = FakePortal()
    with serving(portal.speak) as server:
        portal.server = server
        yield portal


class Connection:
    """A person's connection to a fake portal, made without its sign-in."""

    def __init__(self, vault, clock, person: int, portal: FakePortal, scope: str = "patient/*.rs") -> None:
        self.vault, self.clock, self.portal = vault, clock, portal
        self.waits: list[float] = []
        self.source = vault.write(lambda db: sources.add_portal(db, person, "Clinic", portal.base, ME, 0))
        self.grant(scope)

    def grant(self, scope: str = "patient/*.rs", **changed: Any) -> None:
        root = self.portal.base.removesuffix("/fhir")
        fields: dict[str, Any] = {
            "source": self.source, "token_endpoint": f"{root}/auth/token", "client_id": "phr-desktop",
            "access_token": "access-0", "refresh_token": "refresh-0", "expires_at": None, "scope": scope,
            "patient": ME, "fhir_user": None, "refreshing": False,
        }  # fmt: skip
        grant = Grant(**(fields | changed))
        self.vault.write(lambda db: sources.set_grant(db, grant))

    def stored_grant(self) -> Grant:
        return self.vault.read(lambda db: sources.grant(db, self.source))

    def sync(self, **options: Any):
        def wait(seconds: float) -> bool:
            self.waits.append(seconds)
            return False

        return sync_source(self.vault, self.clock, self.source, **({"wait": wait} | options))

    def line(self, type_name: str, category: str = ""):
        return self.vault.read(lambda db: ledger.one(db, self.source, type_name, category))

    def held(self, type_name: str) -> set[str]:
        return set(self.vault.read(lambda db: records.identities(db, self.source, type_name)))

    def aside(self) -> dict[str, int]:
        return self.vault.read(lambda db: quarantine.counts(db, self.source))

    def rows(self) -> int:
        return int(self.vault.read(lambda db: db.value("SELECT count(*) FROM records")))

    def is_asked_to_sign_in(self) -> bool:
        return self.vault.read(lambda db: sources.one(db, self.source)).needs_sign_in
