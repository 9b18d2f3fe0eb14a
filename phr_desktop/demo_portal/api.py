"""The FHIR addresses: discovery, read and search, behind the token check."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.addresses import Addresses
from phr_desktop.demo_portal.capability import capability_statement, smart_configuration
from phr_desktop.demo_portal.outcome import Refusal, outcome
from phr_desktop.demo_portal.rules import TYPES
from phr_desktop.demo_portal.scopes import Permission
from phr_desktop.demo_portal.search import Page, Searches, understand
from phr_desktop.demo_portal.store import Store, Stored
from phr_desktop.demo_portal.tokens import Token, Tokens

_FHIR_JSON = "application/fhir+json; charset=utf-8"
_GZIP_FROM = 1024  # smaller answers gain nothing
_CHALLENGE = 'Bearer realm="Harbor Clinic (demo)"'


class Api:
    """The FHIR room of the portal. `blueprint` is what the Flask app takes in under /fhir."""

    def __init__(self, store: Store, tokens: Tokens, addresses: Addresses, clock: Clock) -> None:
        self._store, self._tokens, self._addresses, self._clock = store, tokens, addresses, clock
        self._searches = Searches(store)
        self._since = clock.now()
        self.blueprint = Blueprint("fhir", __name__)
        add = self.blueprint.add_url_rule
        add("/.well-known/smart-configuration", "smart", self.smart)
        add("/metadata", "metadata", self.metadata)
        add("/<name>", "search", self._answered(self.search))
        add("/<name>/<ident>", "read", self._answered(self.read))

    def smart(self) -> Response:
        return Response(msgspec.json.encode(smart_configuration(self._addresses)), mimetype="application/json")

    def metadata(self) -> Response:
        return self._json(msgspec.json.encode(capability_statement(self._addresses, self._since)))

    def read(self, name: str, ident: str) -> Response:
        token, permission = self._admitted(name)
        if not permission.may_read(name):
            raise _no_scope(name)
        stored = self._store.get(name, ident)
        if stored is None:
            if self._store.was_deleted(name, ident):
                raise Refusal(410, "deleted", "This record was deleted.")
            raise Refusal(404, "not-found", "There is no such record.")
        if not stored.is_open_to(token.patient):
            raise Refusal(403, "forbidden", "This sign-in opens another person's record.")
        if not permission.covers_read(stored):
            raise _no_scope(name)
        return self._record(stored)

    def search(self, name: str) -> Response:
        token, permission = self._admitted(name)
        if name == "Binary":
            raise Refusal(405, "not-supported", "Binary is read by its id, not searched.")
        if not permission.may_search(name):
            raise _no_scope(name)
        link = request.args.get("_page")
        if link is not None:
            return self._bundle(self._searches.page(name, link, token.patient, permission))
        query = understand(name, request.args.items(multi=True), token.patient, self._clock.zone())
        if query.ignored and "handling=strict" in request.headers.get("Prefer", ""):
            raise Refusal(400, "not-supported", "Unknown search parameters: " + ", ".join(query.ignored))
        return self._bundle(self._searches.first_page(query, token.patient, permission))

    def _admitted(self, name: str) -> tuple[Token, Permission]:
        """Who asks, and what that allows. Raises Refusal: 401 without a living token, 404 for an unknown type."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise Refusal(401, "login", "Sign in first.", {"WWW-Authenticate": _CHALLENGE})
        token = self._tokens.usable_access(text.strip())
        if token is None:
            challenge = f'{_CHALLENGE}, error="invalid_token"'
            raise Refusal(401, "login", "This sign-in has ended.", {"WWW-Authenticate": challenge})
        if name not in TYPES:
            raise Refusal(404, "not-supported", "This portal has no records of that type.")
        return token, Permission(token.scope.split())

    def _record(self, stored: Stored) -> Response:
        etag = f'W/"{stored.version}"'
        headers = {"ETag": etag, "Last-Modified": format_datetime(stored.updated.low, usegmt=True)}
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers=headers)
        if stored.type == "Binary" and not _wants_json():
            return self._file(stored, headers)
        return self._json(stored.body, headers=headers)

    def _file(self, stored: Stored, headers: dict[str, str]) -> Response:
        """A Binary as its own bytes, as FHIR R4 says for every reader that does not ask for FHIR JSON."""
        headers = headers | {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        data = msgspec.json.decode(b'"' + stored.resource["data"].encode() + b'"', type=bytes)
        return Response(data, content_type=stored.resource["contentType"], headers=headers)

    def _bundle(self, page: Page) -> Response:
        entries = [self._entry(stored, b"match") for stored in page.matches]
        entries += [self._entry(stored, b"include") for stored in page.included]
        if page.query.ignored:
            texts = [f"The search parameter {name} is not known here and was ignored." for name in page.query.ignored]
            notice = msgspec.json.encode(outcome("warning", "not-supported", *texts))
            entries.append(b'{"resource":' + notice + b',"search":{"mode":"outcome"}}')
        now = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = msgspec.json.encode(
            {
                "resourceType": "Bundle",
                "id": page.link.replace("_", "-"),
                "meta": {"lastUpdated": now},
                "type": "searchset",
                "total": page.total,
                "link": self._links(page),
            }
        )
        return self._json(head[:-1] + b',"entry":[' + b",".join(entries) + b"]}" if entries else head)

    def _entry(self, stored: Stored, mode: bytes) -> bytes:
        url = f"{self._addresses.fhir}/{stored.type}/{stored.id}".encode()
        return b'{"fullUrl":"' + url + b'","resource":' + stored.body + b',"search":{"mode":"' + mode + b'"}}'

    def _links(self, page: Page) -> list[dict[str, str]]:
        base = f"{self._addresses.fhir}/{page.query.type}"
        used = urlencode(page.query.used)
        links = [{"relation": "self", "url": f"{base}?{used}" if used else base}]
        if page.next_link:
            links.append({"relation": "next", "url": f"{base}?_page={page.next_link}"})
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


def _wants_json() -> bool:
    return "json" in request.headers.get("Accept", "") or "json" in request.args.get("_format", "")


def _no_scope(name: str) -> Refusal:
    challenge = f'{_CHALLENGE}, error="insufficient_scope"'
    return Refusal(403, "forbidden", f"You did not allow reading of {name}.", {"WWW-Authenticate": challenge})
