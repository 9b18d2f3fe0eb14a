"""The FHIR addresses: discovery, read, history, search and writes, behind the token check."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.capability import capability_statement, smart_configuration
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.outcome import Refusal, outcome
from phr_desktop.demo_portal.scopes import Permission
from phr_desktop.demo_portal.search import Page, Searches, understand
from phr_desktop.demo_portal.store import Gone, Store, Stored
from phr_desktop.demo_portal.tokens import Token
from phr_desktop.demo_portal.writing import Writer

_FHIR_JSON = "application/fhir+json; charset=utf-8"
_GZIP_FROM = 1024  # smaller answers gain nothing
_RATES_KEPT = 100
_CHALLENGE = 'Bearer realm="Harbor Clinic (demo)"'
_WITHHELD = "Some results are not released yet. This answer may not contain the entire record."
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Api:
    """The FHIR room of one front. `blueprint` is what the Flask app takes in under its /fhir."""

    def __init__(self, store: Store, front: Front, clock: Clock) -> None:
        self._store, self._front, self._clock = store, front, clock
        self._searches = Searches(store)
        self._writer = Writer(store, front, clock)
        self._rate: dict[str, list[datetime]] = {}
        self._rate_door = threading.Lock()
        self._since = clock.now()
        self.blueprint = Blueprint(f"fhir-{front.name}", __name__)
        self._add_routes()

    def _add_routes(self) -> None:
        def add(rule: str, name: str, view: Callable[..., Response], *methods: str) -> None:
            self.blueprint.add_url_rule(rule, name, view, methods=methods or ("GET",))

        add("/.well-known/smart-configuration", "smart", self.smart)
        add("/metadata", "metadata", self.metadata)
        add("/<name>", "search", self._answered(self.search))
        add("/<name>/_search", "search-post", self._answered(self.search), "POST")
        add("/<name>", "create", self._answered(self.create), "POST")
        add("/<name>/<ident>", "read", self._answered(self.read))
        add("/<name>/<ident>", "update", self._answered(self.update), "PUT")
        add("/<name>/<ident>", "delete", self._answered(self.delete), "DELETE")
        add("/<name>/<ident>/_history", "history", self._answered(self.history))
        add("/<name>/<ident>/_history/<version>", "vread", self._answered(self.vread))

    def smart(self) -> Response:
        return Response(msgspec.json.encode(smart_configuration(self._front)), mimetype="application/json")

    def metadata(self) -> Response:
        return self._json(msgspec.json.encode(capability_statement(self._front, self._since)))

    # --- reading

    def read(self, name: str, ident: str) -> Response:
        stored = self._visible("r", name, ident)
        return self._record(stored)

    def vread(self, name: str, ident: str, version: str) -> Response:
        for each in self._versions(name, ident):
            if isinstance(each, Stored) and str(each.version) == version:
                return self._record(each)
        raise Refusal(404, "not-found", "There is no such version.")

    def history(self, name: str, ident: str) -> Response:
        url = f"{self._front.addresses.fhir}/{name}/{ident}"
        entries = [self._past(each, url) for each in self._versions(name, ident)]
        bundle = {
            "resourceType": "Bundle",
            "type": "history",
            "total": len(entries),
            "link": [{"relation": "self", "url": f"{url}/_history"}],
            "entry": entries,
        }
        return self._json(_ENCODER.encode(bundle))

    def _versions(self, name: str, ident: str) -> list[Stored | Gone]:
        token, permission = self._admitted("r", name)
        versions = self._store.history(name, ident) if self._front.flavour.versions else []
        if not versions:
            raise Refusal(404, "not-found", "There is no such record, or no history of it.")
        if any(each.patients != versions[0].patients for each in versions):
            raise Refusal(403, "forbidden", "This record has changed hands.")
        newest = versions[0].before if isinstance(versions[0], Gone) else versions[0]
        self._open(newest, token, permission, "r")
        return versions

    def _past(self, version: Stored | Gone, url: str) -> dict[str, Any]:
        if isinstance(version, Gone):
            at = _instant(version.at)
            return {
                "fullUrl": url,
                "request": {"method": "DELETE", "url": url},
                "response": {"status": "204", "lastModified": at},
            }
        method, status = ("POST", "201") if version.version == 1 else ("PUT", "200")
        answer = {"status": status, "etag": _etag(version), "lastModified": version.resource["meta"]["lastUpdated"]}
        return {
            "fullUrl": url,
            "resource": self._shown(version),
            "request": {"method": method, "url": url},
            "response": answer,
        }

    def _visible(self, letter: str, name: str, ident: str) -> Stored:
        """The record if this token may read it. Raises Refusal 401, 403, 404 or 410."""
        token, permission = self._admitted(letter, name)
        stored = self._store.get(name, ident)
        if stored is None and self._store.was_deleted(name, ident):
            raise Refusal(410, "deleted", "This record was deleted.")
        if stored is None:
            raise Refusal(404, "not-found", "There is no such record.")
        self._open(stored, token, permission, letter)
        return stored

    def _open(self, stored: Stored, token: Token, permission: Permission, letter: str) -> None:
        if not stored.is_open_to(token.patient):
            raise Refusal(403, "forbidden", "This sign-in opens another person's record.")
        if self._store.is_withheld(stored):
            raise Refusal(404, "not-found", "There is no such record.")
        if not permission.covers(letter, stored):
            raise _no_scope(stored.type)

    def search(self, name: str) -> Response:
        token, permission = self._admitted("s", name)
        if name == "Binary":
            raise Refusal(405, "not-supported", "Binary is read by its id, not searched.")
        link = request.args.get("_page")
        if link is not None:
            return self._bundle(self._searches.page(name, link, token.patient, permission), token)
        arguments = [*request.args.items(multi=True), *request.form.items(multi=True)]
        query = understand(name, arguments, token.patient, self._clock.zone(), self._front.flavour)
        if query.ignored and "handling=strict" in request.headers.get("Prefer", ""):
            raise Refusal(400, "not-supported", "Unknown search parameters: " + ", ".join(query.ignored))
        return self._bundle(self._searches.first_page(query, token.patient, permission), token)

    # --- writing

    def create(self, name: str) -> Response:
        token = self._may_write("c", name)
        written = self._writer.create(name, request, token)
        stored = written.stored
        place = f"{self._front.addresses.fhir}/{name}/{stored.id}"
        place += f"/_history/{stored.version}" if self._front.flavour.versions else ""
        return self._written(stored, written.status, {"Location": place})

    def update(self, name: str, ident: str) -> Response:
        token = self._may_write("u", name)
        written = self._writer.update(name, ident, request, token)
        return self._written(written.stored, written.status, {})

    def delete(self, name: str, ident: str) -> Response:
        token = self._may_write("d", name)
        self._writer.delete(name, ident, request, token)
        return Response(status=204)

    def _may_write(self, letter: str, name: str) -> Token:
        token, permission = self._authorized()
        self._answers(name)
        if letter not in self._front.writable(name):
            raise Refusal(405, "not-supported", "This cannot be sent to this portal.")
        self._note_scope(letter, name, permission)
        if not permission.may(letter, name):
            raise _no_scope(name)
        return token

    def _written(self, stored: Stored, status: int, headers: dict[str, str]) -> Response:
        headers = headers | self._version_headers(stored)
        if "return=minimal" in request.headers.get("Prefer", ""):
            return Response(status=status, headers=headers)
        return self._json(_ENCODER.encode(self._shown(stored)), status, headers)

    # --- who asks

    def _admitted(self, letter: str, name: str) -> tuple[Token, Permission]:
        """Who asks, and what that allows. Raises Refusal: 401 without a living token, 404 for an unknown type."""
        token, permission = self._authorized()
        self._answers(name)
        self._note_scope(letter, name, permission)
        if not permission.may(letter, name):
            raise _no_scope(name)
        return token, permission

    def _authorized(self) -> tuple[Token, Permission]:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise Refusal(401, "login", "Sign in first.", {"WWW-Authenticate": _CHALLENGE})
        token = self._front.tokens.usable_access(text.strip())
        if token is None:
            challenge = f'{_CHALLENGE}, error="invalid_token"'
            raise Refusal(401, "login", "This sign-in has ended.", {"WWW-Authenticate": challenge})
        self._count(text.strip())
        return token, Permission(token.scope.split())

    def _answers(self, name: str) -> None:
        status = self._front.status_of(name)
        if status == 404:
            raise Refusal(404, "not-supported", "This portal has no records of that type.")
        if status != 200:
            raise Refusal(status, "forbidden", "This portal does not give these records out.")

    def _count(self, token: str) -> None:
        """Holds a sign-in to the flavour's requests a minute. Raises Refusal 429."""
        limit = self._front.flavour.requests_a_minute
        if limit is None:
            return
        with self._rate_door:
            now = self._clock.now()
            recent = [at for at in self._rate.get(token, ()) if now - at < timedelta(minutes=1)]
            if len(recent) >= limit:
                wait = int((recent[0] + timedelta(minutes=1) - now).total_seconds()) + 1
                raise Refusal(429, "throttled", "Too many requests. Wait a little.", {"Retry-After": str(wait)})
            self._rate[token] = [*recent, now]
            if len(self._rate) > _RATES_KEPT:
                self._rate.pop(next(iter(self._rate)))

    @staticmethod
    def _note_scope(letter: str, name: str, permission: Permission) -> None:
        g.scope = permission.words(letter, name)

    # --- answers

    def _shown(self, stored: Stored) -> dict[str, Any]:
        """The record as this flavour shows it."""
        flavour, meta = self._front.flavour, dict(stored.resource["meta"])
        if not flavour.versions:
            meta.pop("versionId", None)
        if not flavour.updated:
            meta["lastUpdated"] = stored.created
        return {**stored.resource, "meta": meta}

    def _sent(self, stored: Stored) -> bytes:
        flavour = self._front.flavour
        return stored.body if flavour.versions and flavour.updated else _ENCODER.encode(self._shown(stored))

    def _version_headers(self, stored: Stored) -> dict[str, str]:
        if not self._front.flavour.versions:
            return {}
        return {"ETag": _etag(stored), "Last-Modified": format_datetime(stored.updated.low, usegmt=True)}

    def _record(self, stored: Stored) -> Response:
        headers = self._version_headers(stored)
        if headers and _unchanged(stored):
            return Response(status=304, headers=headers)
        if stored.type == "Binary":
            if not _wants_json():
                return self._file(stored, headers)
            if not self._front.flavour.binary_as_json:
                raise Refusal(406, "not-supported", "Files are given as they are, not as FHIR.")
        return self._json(self._sent(stored), headers=headers)

    def _file(self, stored: Stored, headers: dict[str, str]) -> Response:
        """A Binary as its own bytes, as FHIR R4 says for every reader that does not ask for FHIR JSON."""
        headers = headers | {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        data = msgspec.json.decode(b'"' + stored.resource["data"].encode() + b'"', type=bytes)
        return Response(data, content_type=stored.resource["contentType"], headers=headers)

    def _bundle(self, page: Page, token: Token) -> Response:
        entries = [self._entry(stored, b"match") for stored in page.matches]
        entries += [self._entry(stored, b"include") for stored in page.included]
        for notice in self._notices(page, token):
            entries.append(b'{"resource":' + msgspec.json.encode(notice) + b',"search":{"mode":"outcome"}}')
        head: dict[str, Any] = {
            "resourceType": "Bundle",
            "id": page.link.replace("_", "-"),
            "meta": {"lastUpdated": _instant(self._clock.now())},
            "type": "searchset",
        }
        if self._front.flavour.total:
            head["total"] = page.total
        head["link"] = self._links(page)
        text = msgspec.json.encode(head)
        return self._json(text[:-1] + b',"entry":[' + b",".join(entries) + b"]}" if entries else text)

    def _notices(self, page: Page, token: Token) -> list[dict[str, Any]]:
        """What is said beside the records: parameters left out, results not released."""
        flavour, notices = self._front.flavour, []
        if page.query.ignored and flavour.unknown_parameters == "warn":
            texts = [f"The search parameter {name} is not known here and was ignored." for name in page.query.ignored]
            notices.append(outcome("warning", "not-supported", *texts))
        if flavour.says_when_withheld and self._store.withheld(page.query.type, token.patient):
            notices.append(outcome("warning", "suppressed", _WITHHELD))
        return notices

    def _entry(self, stored: Stored, mode: bytes) -> bytes:
        url = f"{self._front.addresses.fhir}/{stored.type}/{stored.id}".encode()
        return b'{"fullUrl":"' + url + b'","resource":' + self._sent(stored) + b',"search":{"mode":"' + mode + b'"}}'

    def _links(self, page: Page) -> list[dict[str, str]]:
        base = f"{self._front.addresses.fhir}/{page.query.type}"
        used = urlencode(page.query.used)
        links = [{"relation": "self", "url": f"{base}?{used}" if used else base}]
        if page.next_link:
            links.append({"relation": self._front.flavour.next_relation, "url": f"{base}?_page={page.next_link}"})
        return links

    def _json(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-store", **(headers or {})}
        if len(body) >= _GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Response(body, status=status, headers=headers, content_type=_FHIR_JSON)

    def refusal(self, refusal: Refusal) -> Response:
        """The answer for a refusal: its status, headers and an OperationOutcome."""
        body = msgspec.json.encode(outcome("error", refusal.code, refusal.text))
        return self._json(body, refusal.status, refusal.headers)

    def _answered(self, view: Callable[..., Response]) -> Callable[..., Response]:
        def answered(**parts: Any) -> Response:
            try:
                return view(**parts)
            except Refusal as refusal:
                return self.refusal(refusal)

        return answered

    def http_problem(self, problem: HTTPException) -> Response:
        """Werkzeug's own refusals (unknown address, wrong method) in FHIR's words."""
        code = "not-supported" if problem.code == 405 else "not-found"
        return self.refusal(Refusal(problem.code or 500, code, "There is nothing here, or not by this method."))


def _etag(stored: Stored) -> str:
    return f'W/"{stored.version}"'


def _unchanged(stored: Stored) -> bool:
    """Whether the conditions of a read (If-None-Match before If-Modified-Since) say that nothing need be sent."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        return _etag(stored) in [each.strip() for each in known.split(",")]
    try:
        since = parsedate_to_datetime(request.headers["If-Modified-Since"])
    except (KeyError, ValueError):
        return False
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return stored.updated.low.replace(microsecond=0) <= since


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wants_json() -> bool:
    return "json" in request.headers.get("Accept", "") or "json" in request.args.get("_format", "")


def _no_scope(name: str) -> Refusal:
    challenge = f'{_CHALLENGE}, error="insufficient_scope"'
    return Refusal(403, "forbidden", f"You did not allow this for {name}.", {"WWW-Authenticate": challenge})
