"""Signing in, step by step: user name and password, then a one-time code where the account asks for one."""

from __future__ import annotations

from flask import Response, request, session

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.store import Store
from phr_desktop.demo_portal.users import Locked, User, Users
from phr_desktop.demo_portal.web import at_time, name_of, page

_WRONG = "User name or password is not right. Please try again. After five wrong tries the account is locked."


class Door:
    """`enter` goes through the steps of one browser's session; the user's name stands in it when all are done."""

    def __init__(self, store: Store, users: Users, front: Front, clock: Clock) -> None:
        self._store, self._users, self._front, self._clock = store, users, front, clock

    def user(self) -> User | None:
        """Who is signed in in this browser."""
        return self._users.find(session.get("user", ""))

    def enter(self, program: str = "") -> User | Response:
        """Takes the form of one step: the user when the last one is done, else the page to show next."""
        try:
            return self._code(program) if request.form.get("step") == "code" else self._password(program)
        except Locked as locked:
            session.pop("passed", None)
            return self.locked_page(locked)

    def sign_in_page(self, program: str = "", problem: str = "", user: str = "") -> Response:
        """`program` is who asks; without it the person came alone."""
        status = 403 if problem else 200
        accounts = [
            {"user": each.name, "password": each.account.password, "names": self._names(each), "code": each.code_secret}
            for each in self._users.all
            if each.sample and not each.hashed
        ]
        places = self._front.addresses
        return page(
            "sign-in.html", status, program=program, problem=problem, user=user, accounts=accounts, places=places
        )

    def locked_page(self, locked: Locked) -> Response:
        until = at_time(locked.until, self._clock)
        return page("locked.html", 403, until=until, places=self._front.addresses)

    def _password(self, program: str) -> User | Response:
        name = request.form.get("user", "").strip().lower()
        user = self._users.sign_in(name, request.form.get("password", ""))
        if user is None:
            return self.sign_in_page(program, _WRONG, name)
        if user.code_secret:
            session["passed"] = user.name
            return self._code_page()
        return self._done(user)

    def _code(self, program: str) -> User | Response:
        user = self._users.find(session.get("passed", ""))
        if user is None:
            return self.sign_in_page(program, "That took too long. Please sign in again.")
        if request.form.get("decision") == "mail-code":
            self._users.mail_code(user)
            return self._code_page(said="We sent a code to your e-mail address.")
        if not self._users.accept_code(user, request.form.get("code", "")):
            return self._code_page(problem="This code is not right, or was used before. Type the newest one.")
        return self._done(user)

    def _done(self, user: User) -> User:
        session.pop("passed", None)
        session["user"] = user.name
        self._users.signed_in(user)
        return user

    def _code_page(self, problem: str = "", said: str = "") -> Response:
        places = self._front.addresses
        return page("code.html", 403 if problem else 200, problem=problem, said=said, places=places)

    def _names(self, user: User) -> str:
        found = (self._store.get("Patient", access.patient) for access in user.account.opens)
        return ", ".join(name_of(stored.resource) for stored in found if stored)
