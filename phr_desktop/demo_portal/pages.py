"""The OAuth addresses and the pages behind them: sign in, choose the person, agree."""

from __future__ import annotations

import functools
import json
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import BaseGrant
from flask import Blueprint, Response, jsonify, request, send_from_directory, session

from phr_desktop.clock import Clock
from phr_desktop.demo_portal import scopes
from phr_desktop.demo_portal.accounts import Access, Account
from phr_desktop.demo_portal.capability import openid_configuration
from phr_desktop.demo_portal.clients import Client, Clients, RegistrationRefused
from phr_desktop.demo_portal.consent import agreed_scopes, consent_items
from phr_desktop.demo_portal.door import Door
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.oauth import signing_key
from phr_desktop.demo_portal.store import Store
from phr_desktop.demo_portal.tokens import Approval
from phr_desktop.demo_portal.users import User
from phr_desktop.demo_portal.web import (
    FOLDER,
    allow_return_to,
    as_response,
    from_our_page,
    guarded,
    in_words,
    name_of,
    page,
)


class Pages:
    """The OAuth pages of one front. `blueprint` is what the Flask app takes in under its /auth."""

    def __init__(
        self, store: Store, clients: Clients, front: Front, door: Door, clock: Clock, server: AuthorizationServer
    ) -> None:
        self._store, self._clients, self._front, self._door = store, clients, front, door
        self._clock, self._server = clock, server
        self.blueprint = Blueprint(f"auth-{front.name}", __name__, template_folder=str(FOLDER))
        self._add_routes()

    def _add_routes(self) -> None:
        add = self.blueprint.add_url_rule
        add("/authorize", "authorize", self.authorize, methods=["GET", "POST"])
        add("/token", "token", self.token, methods=["POST"])
        add("/revoke", "revoke", functools.partial(self._endpoint, "revocation"), methods=["POST"])
        add("/introspect", "introspect", functools.partial(self._endpoint, "introspection"), methods=["POST"])
        add("/clients", "clients", self.register, methods=["POST"])
        add("/jwks", "jwks", self.jwks)
        add("/.well-known/openid-configuration", "openid", lambda: jsonify(openid_configuration(self._front)))
        add("/style.css", "style", lambda: send_from_directory(FOLDER, "style.css"))
        self.blueprint.after_request(guarded)

    def token(self) -> Response:
        with self._front.tokens.lock:
            return as_response(self._server.create_token_response())

    def _endpoint(self, name: str) -> Response:
        with self._front.tokens.lock:
            return as_response(self._server.create_endpoint_response(name))

    def jwks(self) -> Response:
        return jsonify({"keys": [signing_key().as_dict(private=False)]})

    def register(self) -> Response:
        """Dynamic registration of a program (RFC 7591)."""
        if not self._front.flavour.dynamic_registration:
            return _json({"error": "access_denied", "error_description": "Ask the clinic to register you."}, 403)
        wanted = request.get_json(silent=True)
        try:
            if not isinstance(wanted, dict):
                raise RegistrationRefused("invalid_client_metadata", "Send a JSON object.")
            return _json(self._clients.register(wanted, int(self._clock.now().timestamp())), 201)
        except RegistrationRefused as refused:
            return _json({"error": refused.error, "error_description": refused.text}, 400)

    def authorize(self) -> Response:
        """One address for all steps; the request that a client made stays in its query and is checked at each."""
        client = self._clients.get(request.args.get("client_id", ""))
        if client is None:
            return _problem("The program that sent you here is not known at this clinic.")
        redirect_uri = request.args.get("redirect_uri", "")
        if not client.check_redirect_uri(redirect_uri):
            return _problem("The program that sent you here gave an address to return to that is not allowed.")
        try:
            grant = self._server.get_consent_grant(end_user=None)
        except OAuth2Error as error:
            return self._refused(error)
        return allow_return_to(self._step(grant, client), redirect_uri)

    def _step(self, grant: BaseGrant, client: Client) -> Response:
        if request.method == "GET":
            session.clear()
            session["return"] = request.full_path
            return self._door.sign_in_page(client.name)
        if not from_our_page():
            return _problem("This page was too old, or was not sent by your own browser.")
        if request.form.get("decision") == "deny":
            return self._finish(grant, None)
        if request.form.get("step") in ("sign-in", "code"):
            entered = self._door.enter(client.name)
            return self._signed_in(entered, client) if isinstance(entered, User) else entered
        user = self._door.user()
        if user is None:
            return _problem("You are not signed in.")
        if request.form.get("step") == "choose":
            return self._chosen(user.account, request.form.get("patient", ""), client)
        return self._agreed(grant, user.account, client)

    def _signed_in(self, user: User, client: Client) -> Response:
        opens = user.account.opens
        if len(opens) == 1:
            return self._chosen(user.account, opens[0].patient, client)
        return page("choose.html", people=[self._person(access) for access in opens], program=client.name)

    def _chosen(self, account: Account, patient: str, client: Client) -> Response:
        access = account.access_to(patient)
        if access is None:
            people = [self._person(each) for each in account.opens]
            return page("choose.html", people=people, program=client.name, problem="Choose one of these people.")
        session["patient"] = patient
        items = consent_items(self._asked(client, access), self._front)
        return page("consent.html", person=self._person(access), items=items, program=client.name)

    def _agreed(self, grant: BaseGrant, account: Account, client: Client) -> Response:
        access = account.access_to(session.get("patient", ""))
        if access is None:
            return _problem("No person was chosen.")
        marked, parts = request.form.getlist("scopes"), request.form.getlist("parts")
        agreed = agreed_scopes(self._asked(client, access), marked, parts, self._front)
        return self._finish(grant, Approval(account, access, tuple(agreed), self._clock.now()))

    def _finish(self, grant: BaseGrant, approval: Approval | None) -> Response:
        session.clear()
        answer = as_response(self._server.create_authorization_response(grant_user=approval, grant=grant))
        answer.status_code = 303  # a form's answer: the browser goes on with GET (RFC 9700, 4.12)
        return answer

    def _refused(self, error: OAuth2Error) -> Response:
        """An error that the client may hear goes to its redirect address with `iss`; any other stays on a page."""
        if not error.redirect_uri:
            return _problem("The program that sent you here asked in a way this clinic does not understand.")
        answer = as_response(self._server.handle_error_response(None, error))
        joint = "&" if "?" in answer.location else "?"
        issuer = self._front.addresses.issuer.replace(":", "%3A").replace("/", "%2F")
        answer.location = f"{answer.location}{joint}iss={issuer}"
        return answer

    def _asked(self, client: Client, access: Access) -> list[str]:
        """What of the client's list can be granted to it, for this record."""
        asked = scopes.offered(request.args.get("scope", ""), self._front, read_only=not access.full)
        stays = self._front.flavour.refresh_for_public or not client.public
        return [scope for scope in asked if stays or scope != "offline_access"]

    def _person(self, access: Access) -> dict[str, Any]:
        stored = self._store.get("Patient", access.patient)
        patient = stored.resource if stored else {}
        return {
            "id": access.patient,
            "name": name_of(patient),
            "relation": access.relation,
            "born": in_words(patient.get("birthDate", "")),
            "full": access.full,
        }


def _problem(text: str) -> Response:
    return page("problem.html", 400, problem=text)


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json", headers={"Cache-Control": "no-store"})
