"""What a person does alone at the portal: register, choose a new password, set up one-time codes, end connections."""

from __future__ import annotations

from typing import Any

import pyotp
import segno
from flask import Blueprint, Response, redirect, request, session

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import CLINIC
from phr_desktop.demo_portal.clients import Clients
from phr_desktop.demo_portal.door import Door
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.store import Resource, Store
from phr_desktop.demo_portal.users import Locked, User, Users, password_problem
from phr_desktop.demo_portal.web import at_time, from_our_page, guarded, in_words, name_of, page

_NO_MATCH = (
    "These details do not fit a patient of this clinic. Look at the patient number on a letter from the clinic, and "
    "type your name and birth date as they stand there."
)
_TOO_OLD = "This page was too old, or was not sent by your own browser."


class SelfService:
    """Pages of one front beside the OAuth ones. `blueprint` is taken in under its /auth."""

    def __init__(self, store: Store, users: Users, clients: Clients, front: Front, door: Door, clock: Clock) -> None:
        self._store, self._users, self._clients = store, users, clients
        self._front, self._door, self._clock = front, door, clock
        self.blueprint = Blueprint(f"self-{front.name}", __name__)
        add = self.blueprint.add_url_rule
        add("/forgot", "forgot", self.forgot, methods=["GET", "POST"])
        add("/reset", "reset", self.reset, methods=["GET", "POST"])
        add("/register", "register", self.register, methods=["GET", "POST"])
        add("/account", "account", self.account, methods=["GET", "POST"])
        self.blueprint.after_request(guarded)

    # --- forgotten password

    def forgot(self) -> Response:
        if request.method == "GET":
            return self._page("forgot.html")
        if not from_our_page():
            return _problem(_TOO_OLD)
        self._users.mail_reset(request.form.get("who", ""), f"{self._front.addresses.issuer}/reset")
        return self._page("forgot.html", sent=True)

    def reset(self) -> Response:
        token = request.args.get("token", "")
        user = self._users.of_reset(token)
        if user is None:
            return _problem("This link is over or was used before. Ask for a new one.")
        if request.method == "GET":
            return self._page("reset.html", user=user.name)
        if not from_our_page():
            return _problem(_TOO_OLD)
        password = request.form.get("password", "")
        problem = password_problem(password, request.form.get("again", ""), user.name)
        if problem:
            return self._page("reset.html", 400, user=user.name, problem=problem)
        self._users.set_password(user, password)
        return self._done("Your password was changed", "Sign in with your new password now.")

    # --- registering

    def register(self) -> Response:
        if request.method == "GET":
            session.pop("identity", None)
            return self._page("register.html", step="identity", filled={}, sample=self._sample())
        if not from_our_page():
            return _problem(_TOO_OLD)
        steps = {"identity": self._identity, "account": self._new_account, "confirm": self._confirm}
        try:
            return steps.get(request.form.get("step", ""), self._identity)()
        except Locked as locked:
            return self._page("locked.html", 403, until=at_time(locked.until, self._clock))

    def _identity(self) -> Response:
        filled = {name: request.form.get(name, "").strip() for name in ("name", "birth", "email", "number")}
        found = self._patient(filled["number"])
        fits = found is not None and _is_same(found, filled["name"], filled["birth"])
        if not self._users.check_identity(filled["number"], fits) or found is None:
            return self._page("register.html", 400, step="identity", filled=filled, problem=_NO_MATCH)
        if "@" not in filled["email"]:
            problem = "Type your e-mail address: the clinic writes to it when you forget your password."
            return self._page("register.html", 400, step="identity", filled=filled, problem=problem)
        session["identity"] = {"patient": found["id"], "email": filled["email"][:200]}
        return self._page("register.html", step="account", filled={})

    def _new_account(self) -> Response:
        identity = session.get("identity")
        if identity is None:
            return _problem(_TOO_OLD)
        name, password = request.form.get("user", "").strip().lower(), request.form.get("password", "")
        problem = password_problem(password, request.form.get("again", ""), name)
        if not name.isascii() or not name.isalnum() or not 3 <= len(name) <= 30:
            problem = "Choose a user name of 3 to 30 letters and digits, without spaces."
        if not problem and self._users.find(name):
            problem = "This user name is taken. Choose another one."
        if problem:
            return self._page("register.html", 400, step="account", filled={"user": name}, problem=problem)
        user = self._users.register(name, password, identity["patient"], identity["email"])
        session.pop("identity")
        session["passed"] = user.name
        self._users.mail_code(user)
        return self._page("register.html", step="confirm", filled={})

    def _confirm(self) -> Response:
        """The e-mail address is right where the code that was sent to it comes back."""
        user = self._users.find(session.get("passed", ""))
        if user is None:
            return _problem(_TOO_OLD)
        if not self._users.accept_code(user, request.form.get("code", "")):
            problem = "This code is not right. Type the newest one."
            return self._page("register.html", 400, step="confirm", filled={}, problem=problem)
        session.pop("passed")
        session["user"] = user.name
        text = "You can sign in now. One-time codes make your account safer: you can set them up under Your account."
        return self._done("Your account is ready", text)

    def _sample(self) -> dict[str, str]:
        """A patient of the demo whose details anybody may type."""
        patients = sorted(self._store.of_type("Patient"), key=lambda stored: stored.id)
        for patient in (stored.resource for stored in patients):
            if patient.get("identifier"):
                number = str(patient["identifier"][0].get("value", ""))
                return {"name": name_of(patient), "born": in_words(patient.get("birthDate", "")), "number": number}
        return {}

    def _patient(self, number: str) -> Resource | None:
        wanted = number.strip().upper()
        for stored in self._store.of_type("Patient"):
            values = {str(each.get("value", "")).upper() for each in stored.resource.get("identifier", [])}
            if wanted and wanted in values:
                return stored.resource
        return None

    # --- the person's own account

    def account(self) -> Response:
        if request.method == "GET":
            user = self._door.user()
            return self._account_page(user) if user else self._door.sign_in_page()
        if not from_our_page():
            return _problem(_TOO_OLD)
        if request.form.get("step") in ("sign-in", "code"):
            entered = self._door.enter()
            return self._account_page(entered) if isinstance(entered, User) else entered
        user = self._door.user()
        return self._change(user) if user else self._door.sign_in_page()

    def _change(self, user: User) -> Response:
        step = request.form.get("step")
        if step == "sign-out":
            session.clear()
            return redirect("account", 303)  # type: ignore[return-value]
        if step == "code-off":
            self._users.set_code_app(user, "")
            return self._account_page(user, said="No code is asked for any more.")
        if step == "code-on":
            return self._enrol(user)
        if step == "disconnect":
            number = request.form.get("connection", "")
            for family in self._front.tokens.families(user.name):
                if str(family.number) == number:
                    family.revoked = True
            return self._account_page(user, said="The connection was ended.")
        return self._account_page(user)

    def _enrol(self, user: User) -> Response:
        """Shows the secret as a picture for the app, and turns codes on when a first code comes back."""
        secret = session.setdefault("enrol", pyotp.random_base32())
        problem, code = "", request.form.get("code", "")
        if code:
            if pyotp.TOTP(secret).verify(code.replace(" ", ""), for_time=self._clock.now(), valid_window=1):
                self._users.set_code_app(user, session.pop("enrol"))
                return self._account_page(user, said="From now on a code is asked for when you sign in.")
            problem = "This code is not right. Type the one that your app shows now."
        return self._enrol_page(user, secret, problem)

    def _enrol_page(self, user: User, secret: str, problem: str) -> Response:
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=CLINIC)
        picture = segno.make(uri, error="m").svg_inline(scale=5, dark="#000", light="#fff")
        spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return self._page("enrol.html", 400 if problem else 200, picture=picture, secret=spaced, problem=problem)

    def _account_page(self, user: User, said: str = "") -> Response:
        people = [
            {"name": name_of(stored.resource), "relation": access.relation, "full": access.full}
            for access in user.account.opens
            if (stored := self._store.get("Patient", access.patient))
        ]
        connections = []
        for family in self._front.tokens.families(user.name):
            client = self._clients.get(family.client_id)
            stored = self._store.get("Patient", family.approval.access.patient)
            record = name_of(stored.resource) if stored else ""
            name = client.name if client else family.client_id
            since = f"{family.approval.at.astimezone(self._clock.zone()):%B %d, %Y}".replace(" 0", " ")
            connections.append({"number": family.number, "name": name, "record": record, "since": since})
        return self._page(
            "account.html",
            user=user.name,
            code=bool(user.code_secret),
            people=people,
            connections=connections,
            said=said,
        )

    def _done(self, title: str, text: str) -> Response:
        return self._page("done.html", title=title, text=text)

    def _page(self, name: str, status: int = 200, **values: Any) -> Response:
        return page(name, status, places=self._front.addresses, back=session.get("return", ""), **values)


def _is_same(patient: Resource, name: str, birth: str) -> bool:
    """Whether family name, a given name and birth date are those of the record."""
    words = set(name.casefold().split())
    names = patient.get("name", [])
    family = any(set(each.get("family", "").casefold().split()) <= words for each in names if each.get("family"))
    given = any(part.casefold() in words for each in names for part in each.get("given", []))
    return family and given and patient.get("birthDate") == birth


def _problem(text: str) -> Response:
    return page("problem.html", 400, problem=text)
