"""The portal's own web pages: sign in, choose the person, agree, and the OAuth addresses beside them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import BaseGrant
from flask import Blueprint, Response, jsonify, render_template, request, send_from_directory, session

from phr_desktop.clock import Clock
from phr_desktop.demo_portal import scopes
from phr_desktop.demo_portal.accounts import Access, Account, Client
from phr_desktop.demo_portal.addresses import Addresses
from phr_desktop.demo_portal.capability import openid_configuration
from phr_desktop.demo_portal.oauth import signing_key
from phr_desktop.demo_portal.rules import CATEGORIES, TYPES
from phr_desktop.demo_portal.store import Store
from phr_desktop.demo_portal.tokens import Approval, Tokens

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The last form leads back to the program's own loopback port, and browsers hold that against form-action too.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self' http://127.0.0.1:* http://[::1]:*",
}


@dataclass(frozen=True, slots=True)
class ConsentItem:
    """A box on the consent page; `parts` are the boxes under it that stand for less."""

    scope: str
    words: str
    why: str = ""
    parts: list[ConsentItem] = field(default_factory=list)


class Pages:
    """The pages over one store. `blueprint` is what the Flask app takes in under /auth."""

    def __init__(
        self,
        store: Store,
        accounts: Iterable[Account],
        clients: dict[str, Client],
        tokens: Tokens,
        addresses: Addresses,
        clock: Clock,
        server: AuthorizationServer,
        folder: Path,
    ) -> None:
        self._store, self._clients, self._tokens = store, clients, tokens
        self._accounts = {account.user: account for account in accounts}
        self._addresses, self._clock, self._server, self._folder = addresses, clock, server, folder
        self.blueprint = Blueprint("auth", __name__, template_folder=str(folder))
        self._add_routes()

    def _add_routes(self) -> None:
        add = self.blueprint.add_url_rule
        add("/authorize", "authorize", self.authorize, methods=["GET", "POST"])
        add("/token", "token", self.token, methods=["POST"])
        add("/revoke", "revoke", self.revoke, methods=["POST"])
        add("/jwks", "jwks", self.jwks)
        add("/.well-known/openid-configuration", "openid", lambda: jsonify(openid_configuration(self._addresses)))
        add("/style.css", "style", lambda: send_from_directory(self._folder, "style.css"))
        self.blueprint.after_request(_guarded)

    def token(self) -> Response:
        with self._tokens.lock:
            return _response(self._server.create_token_response())

    def revoke(self) -> Response:
        with self._tokens.lock:
            return _response(self._server.create_endpoint_response("revocation"))

    def jwks(self) -> Response:
        return jsonify({"keys": [signing_key().as_dict(private=False)]})

    def authorize(self) -> Response:
        """One address for all steps; the request that a client made stays in its query and is checked at each."""
        client = self._clients.get(request.args.get("client_id", ""))
        if client is None:
            return self._problem("The program that sent you here is not known at this clinic.")
        if not client.check_redirect_uri(request.args.get("redirect_uri", "")):
            return self._problem("The program that sent you here gave an address to return to that is not allowed.")
        try:
            grant = self._server.get_consent_grant(end_user=None)
        except OAuth2Error as error:
            return self._refused(error)
        if request.method == "GET":
            session.clear()
            session["csrf"] = secrets.token_urlsafe(24)
            return self._sign_in_page()
        if not _from_our_page():
            return self._problem("This page was too old, or was not sent by your own browser.")
        if request.form.get("decision") == "deny":
            return self._finish(grant, None)
        return self._next_step(grant)

    def _next_step(self, grant: BaseGrant) -> Response:
        step = request.form.get("step")
        if step == "sign-in":
            return self._signed_in()
        account = self._accounts.get(session.get("user", ""))
        if account is None:
            return self._problem("You are not signed in.")
        if step == "choose":
            return self._chosen(account, request.form.get("patient", ""))
        access = account.access_to(session.get("patient", ""))
        if access is None:
            return self._problem("No person was chosen.")
        agreed = tuple(agreed_scopes(self._asked(), request.form.getlist("scopes"), request.form.getlist("parts")))
        return self._finish(grant, Approval(account, access, agreed, self._clock.now()))

    def _signed_in(self) -> Response:
        user = request.form.get("user", "").strip().lower()
        account = self._accounts.get(user)
        expected = account.password if account else secrets.token_urlsafe(8)
        if not hmac.compare_digest(expected.encode(), request.form.get("password", "").encode()) or account is None:
            return self._sign_in_page("User name or password is not right. Please try again.", user)
        session["user"] = account.user
        if len(account.opens) == 1:
            return self._chosen(account, account.opens[0].patient)
        return self._page("choose.html", people=[self._person(access) for access in account.opens])

    def _chosen(self, account: Account, patient: str) -> Response:
        access = account.access_to(patient)
        if access is None:
            people = [self._person(each) for each in account.opens]
            return self._page("choose.html", people=people, problem="Choose one of these people.")
        session["patient"] = patient
        return self._page("consent.html", person=self._person(access), items=consent_items(self._asked()))

    def _finish(self, grant: BaseGrant, approval: Approval | None) -> Response:
        session.clear()
        answer = _response(self._server.create_authorization_response(grant_user=approval, grant=grant))
        answer.status_code = 303  # a form's answer: the browser goes on with GET (RFC 9700, 4.12)
        return answer

    def _refused(self, error: OAuth2Error) -> Response:
        """An error that the client may hear goes to its redirect address with `iss`; any other stays on a page."""
        if not error.redirect_uri:
            return self._problem("The program that sent you here asked in a way this clinic does not understand.")
        answer = _response(self._server.handle_error_response(None, error))
        joint = "&" if "?" in answer.location else "?"
        answer.location = (
            f"{answer.location}{joint}iss={self._addresses.issuer.replace(':', '%3A').replace('/', '%2F')}"
        )
        return answer

    def _asked(self) -> list[str]:
        return scopes.offered(request.args.get("scope", ""))

    def _sign_in_page(self, problem: str = "", user: str = "") -> Response:
        accounts = [
            {
                "user": account.user,
                "password": account.password,
                "names": ", ".join(self._person(access)["name"] for access in account.opens),
            }
            for account in self._accounts.values()
        ]
        page = self._page("sign-in.html", problem=problem, user=user, accounts=accounts)
        page.status_code = 403 if problem else 200
        return page

    def _problem(self, text: str) -> Response:
        page = self._page("problem.html", problem=text)
        page.status_code = 400
        return page

    def _page(self, name: str, **values: Any) -> Response:
        return Response(render_template(name, csrf=session.get("csrf", ""), **values), mimetype="text/html")

    def _person(self, access: Access) -> dict[str, str]:
        stored = self._store.get("Patient", access.patient)
        patient = stored.resource if stored else {}
        return {
            "id": access.patient,
            "name": name_of(patient),
            "relation": access.relation,
            "born": in_words(patient.get("birthDate", "")),
        }


def consent_items(asked: list[str]) -> list[ConsentItem]:
    """The boxes of the consent page for what was asked; what every sign-in needs has no box."""
    items = []
    for scope in asked:
        parsed = scopes.parse(scope)
        if scope == "offline_access":
            why = "Without this you sign in again each time."
            items.append(ConsentItem(scope, "Stay connected and bring what is new", why))
        elif parsed is not None and parsed.type == "*":
            items.append(ConsentItem(scope, "The whole record"))
        elif parsed is not None:
            items.append(_item_of_type(scope, parsed))
    return sorted(items, key=lambda item: item.scope != "offline_access")


def _item_of_type(scope: str, parsed: scopes.ResourceScope) -> ConsentItem:
    words, parts = TYPES[parsed.type].words, CATEGORIES.get(parsed.type, {})
    if parsed.category is not None:
        name = "|".join(parsed.category)
        return ConsentItem(scope, f"{words}: {parts.get(name, parsed.category[1])}")
    return ConsentItem(
        scope, words, parts=[ConsentItem(f"{scope}?category={name}", part) for name, part in parts.items()]
    )


def agreed_scopes(asked: list[str], marked: list[str], parts: list[str]) -> list[str]:
    """What the marks on the consent page grant, in the order asked. Some of a type's parts stand for the whole."""
    agreed = []
    for item in consent_items(asked):
        if item.scope not in marked:
            continue
        kept = [part.scope for part in item.parts if part.scope in parts]
        agreed += [item.scope] if len(kept) == len(item.parts) else kept
    always = [scope for scope in asked if scope in ("openid", "fhirUser", "launch/patient")]
    return always + agreed


def name_of(patient: dict[str, Any]) -> str:
    """A Patient's name in one line, as the portal shows it."""
    name = (patient.get("name") or [{}])[0]
    return name.get("text") or " ".join([*name.get("given", []), name.get("family", "")]).strip()


def in_words(day: str) -> str:
    """A birth date as the pages say it: May 4, 1949."""
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{parsed:%B} {parsed.day}, {parsed.year}"


def _from_our_page() -> bool:
    """Whether a form was sent from a page that this browser got here."""
    expected: str = session.get("csrf", "")
    return bool(expected) and hmac.compare_digest(expected.encode(), request.form.get("csrf", "").encode())


def _response(answer: Any) -> Response:
    """Authlib's answers are Flask's, which it does not say in types."""
    return cast(Response, answer)


def _guarded(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
