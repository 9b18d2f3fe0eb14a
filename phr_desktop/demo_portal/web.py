"""What every page of the portal needs: its template, its headers, and the proof that a form came from our own page."""

from __future__ import annotations

import hmac
import secrets
from datetime import date, datetime
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Response, abort, render_template, request, session

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import CLINIC
from phr_desktop.demo_portal.clients import LOOPBACK
from phr_desktop.paths import resources

FOLDER = resources() / "demo" / "pages"
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# The last form leads back to the program's own loopback port, and browsers hold that against form-action too.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self' http://127.0.0.1:* http://[::1]:*"
)


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page from its template. `csrf` is made where this browser has none yet."""
    session.setdefault("csrf", secrets.token_urlsafe(24))
    text = render_template(name, csrf=session["csrf"], clinic=CLINIC, **values)
    return Response(text, status=status, mimetype="text/html")


def from_our_page() -> bool:
    """Whether a form was sent from a page that this browser got here."""
    expected: str = session.get("csrf", "")
    return bool(expected) and hmac.compare_digest(expected.encode(), request.form.get("csrf", "").encode())


def guarded(response: Response) -> Response:
    """The headers of every page."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    return response


def allow_return_to(response: Response, redirect_uri: str) -> Response:
    """Lets the page's form lead to this https address too."""
    parts = urlsplit(redirect_uri)
    if parts.scheme == "https":
        response.headers["Content-Security-Policy"] = f"{_POLICY} https://{parts.netloc}"
    return response


def only_this_computer() -> None:
    """Refuses a request that another site's page made under a name of its own (DNS rebinding), or across sites."""
    host = urlsplit(f"//{request.host}").hostname
    elsewhere = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if host not in (*LOOPBACK, "localhost") or (request.method != "GET" and (elsewhere or foreign)):
        abort(403)


def as_response(answer: Any) -> Response:
    """Authlib's answers are Flask's, which it does not say in types."""
    return cast(Response, answer)


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


def at_time(moment: datetime, clock: Clock) -> str:
    """A time of day where the portal stands: 2:05 PM."""
    local = moment.astimezone(clock.zone())
    return f"{local:%I:%M %p}".lstrip("0")
