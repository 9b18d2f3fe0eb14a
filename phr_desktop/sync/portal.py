"""A portal's FHIR server as everything here speaks to it: one base, one token, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from phr_desktop.errors import EnvironmentProblem
from phr_desktop.sync.addresses import PortalRefused, fhir_base
from phr_desktop.sync.wire import Answer, Into, Wire

__all__ = ["FHIR_JSON", "Answer", "Portal", "PortalRefused", "Resumed", "check_not_a_web_page"]

FHIR_JSON = "application/fhir+json"
_WEB_PAGES = ("text/html", "application/xhtml+xml")
_NO_CONTENT = 204  # there is no page in it, whatever its header says
_NETWORK_SIGN_IN = 511


class Resumed(Into, Protocol):
    """Takes a body that goes on where an earlier answer was cut."""

    def headers(self) -> dict[str, str]:
        """What asks for the rest alone."""


class Portal:
    """Asks one FHIR base. `token` gives the bearer token of the moment; None asks without one.

    The token goes to the base's scheme, host, port and path prefix and nowhere else: an address outside is not asked
    at all.
    """

    def __init__(self, base_url: str, token: Callable[[], str] | None = None, *, wire: Wire | None = None) -> None:
        self.base = fhir_base(base_url)
        self._token = token
        self._wire = wire or Wire()

    def get(
        self,
        address: str,
        *,
        accept: str = FHIR_JSON,
        page: str | None = None,
        web_page: bool = False,
        into: Resumed | None = None,
    ) -> Answer:
        """The answer, whatever its status: what 401, 403, 404, 429 or 503 mean is the caller's to decide.

        `address` is relative ("Patient/1") or absolute inside the base; `page` is the answer it came from.
        `web_page` allows HTML where a document may be HTML; `into` may take the body as it comes. Raises PortalRefused
        ("foreign-address", "address-not-allowed") before anything is sent, WireProblem,
        EnvironmentProblem("portal-html") for the web page of a network that wants its own sign-in,
        UserFacingError("cancelled").
        """
        url = self.base.resolve(address, page)
        headers = {"Accept": accept, **(into.headers() if into is not None else {})}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {_checked(self._token())}"
        answer = self._wire.get(url, headers) if into is None else self._wire.get(url, headers, into=into)
        if not web_page:
            check_not_a_web_page(answer)
        return answer

    def close(self) -> None:
        self._wire.close()


def check_not_a_web_page(answer: Answer) -> None:
    """Raises EnvironmentProblem("portal-html") where a web page stands in place of data: a hotel's sign-in, mostly."""
    page = answer.media_type in _WEB_PAGES or answer.body[:64].lstrip().startswith(b"<")
    if answer.status == _NETWORK_SIGN_IN or (page and 200 <= answer.status < 300 and answer.status != _NO_CONTENT):
        raise EnvironmentProblem("portal-html")


def _checked(token: str) -> str:
    """A token as RFC 6750 allows it: nothing in it can end the header's line."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise PortalRefused("token-malformed")
    return token
