"""The built-in user agent: signs in at the portal's pages as a browser would, by their forms alone.

`--demo` and the tests use it in place of a person with a browser. It knows field names that people see on the pages
(user, password, patient, scopes) and nothing else of the portal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

from phr_desktop.errors import EnvironmentProblem

_STEPS = 10
_TIMEOUT = 15.0


@dataclass(slots=True)
class Form:
    """A form as found: its fields with the values they would send, and which of them are boxes or buttons."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)  # radio groups
    boxes: list[tuple[str, str]] = field(default_factory=list)  # marked check boxes
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    """Collects the forms of a page, and whether it has an alert."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.alert = False
        self.outbox = ""
        self.codes: list[str] = []
        self._in_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        self.alert = self.alert or have.get("role") == "alert"
        self._in_code = tag == "code" and have.get("class") == "one-time"
        if tag == "a" and have.get("rel") == "help":
            self.outbox = have.get("href", "")
        if tag == "form":
            self.forms.append(Form(have.get("action", "")))
        elif tag in ("input", "button") and self.forms and have.get("name"):
            _take(self.forms[-1], tag, have)

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.codes.append(data.strip())
            self._in_code = False


def _take(form: Form, tag: str, have: dict[str, str]) -> None:
    name, value, kind = have["name"], have.get("value", ""), have.get("type", "submit" if tag == "button" else "text")
    if kind == "submit":
        form.buttons.append((name, value))
    elif kind == "radio":
        form.choices.setdefault(name, []).append(value)
    elif kind == "checkbox":
        if "checked" in have:
            form.boxes.append((name, value))
    else:
        form.fields.append((name, value))


def sign_in(
    authorize_url: str,
    user: str,
    password: str,
    *,
    patient: str | None = None,
    deny: bool = False,
    scopes_refused: Iterable[str] = (),
    mistyped: str = "",
) -> str:
    """Walks the sign-in from the authorize address to the program's loopback address, visits it and returns it.

    `patient` is chosen where the account opens several people (the first without it); `deny` refuses on the consent
    page; `scopes_refused` are boxes to clear there. A one-time code is asked for by mail and read in the outbox;
    `mistyped` is typed before it, on the same page. Raises EnvironmentProblem("demo-sign-in-failed") when the portal
    says no on a page of its own (a wrong password, a request it does not accept), takes the mistyped code, or when one
    of the two does not answer.
    """
    try:
        return _walk(authorize_url, user, password, patient, deny, frozenset(scopes_refused), mistyped)
    except requests.RequestException as problem:
        raise EnvironmentProblem("demo-sign-in-failed") from problem


def _walk(
    authorize_url: str,
    user: str,
    password: str,
    patient: str | None,
    deny: bool,
    refused: frozenset[str],
    mistyped: str,
) -> str:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(authorize_url, allow_redirects=False, timeout=_TIMEOUT)
        for _ in range(_STEPS):
            if answer.is_redirect:
                target = urljoin(answer.url, answer.headers["Location"])
                if _left_the_portal(target, authorize_url):
                    return _arrive(target)
                answer = session.get(target, allow_redirects=False, timeout=_TIMEOUT)
            else:
                found = _page_of(answer)
                form = found.forms[0]
                if any(name == "code" for name, _ in form.fields):
                    answer = _give_code(session, answer, form, found.outbox, user, mistyped)
                    continue
                sent = _filled(form, user, password, patient, deny, refused)
                target = urljoin(answer.url, form.action) if form.action else answer.url
                answer = session.post(target, data=sent, allow_redirects=False, timeout=_TIMEOUT)
    raise EnvironmentProblem("demo-sign-in-failed")


def _left_the_portal(target: str, start: str) -> bool:
    return urlsplit(target).netloc != urlsplit(start).netloc


def _arrive(target: str) -> str:
    """Brings the answer to the program that waits for it, as a browser would: without the portal's cookies."""
    with requests.Session() as session:
        session.trust_env = False
        session.get(target, allow_redirects=False, timeout=_TIMEOUT)
    return target


def _give_code(
    session: requests.Session, answer: requests.Response, form: Form, outbox: str, user: str, mistyped: str
) -> requests.Response:
    """Lets the portal mail a code and types it in, a wrong one first where one is given."""
    fields = [(name, value) for name, value in form.fields if name != "code"]
    if mistyped:
        typed = [*fields, ("code", mistyped), form.buttons[0]]
        page = _Forms()
        page.feed(session.post(answer.url, data=typed, allow_redirects=False, timeout=_TIMEOUT).text)
        if not page.alert:
            raise EnvironmentProblem("demo-sign-in-failed")
    session.post(answer.url, data=[*fields, ("decision", "mail-code")], allow_redirects=False, timeout=_TIMEOUT)
    mails = _Forms()
    mails.feed(session.get(outbox, params={"to": user}, timeout=_TIMEOUT).text)
    if not mails.codes:
        raise EnvironmentProblem("demo-sign-in-failed")
    typed = [*fields, ("code", mails.codes[0]), form.buttons[0]]
    return session.post(answer.url, data=typed, allow_redirects=False, timeout=_TIMEOUT)


def _page_of(answer: requests.Response) -> _Forms:
    page = _Forms()
    page.feed(answer.text)
    if page.alert or not page.forms:
        raise EnvironmentProblem("demo-sign-in-failed")
    return page


def _filled(
    form: Form, user: str, password: str, patient: str | None, deny: bool, refused: frozenset[str]
) -> list[tuple[str, str]]:
    typed = {"user": user, "password": password}
    sent = [(name, typed.get(name, value)) for name, value in form.fields]
    for name, values in form.choices.items():
        chosen = patient or values[0]
        if chosen not in values:
            raise EnvironmentProblem("demo-sign-in-failed")
        sent.append((name, chosen))
    sent += [(name, value) for name, value in form.boxes if value not in refused]
    no = deny and bool(form.boxes)  # a person says no where it is asked: on the consent page
    name, value = form.buttons[-1 if no else 0]
    return [*sent, (name, value)]
