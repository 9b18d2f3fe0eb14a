"""Who may sign in at the demo portal, and whose records each account opens. Everything here is invented and public."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

CLIENT_ID = "phr-desktop"
LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Access:
    """One record that an account opens. `acts_as` is the FHIR reference of the user in that record."""

    patient: str
    acts_as: str
    relation: str  # "your own record", "your mother": for the page where the person is chosen


@dataclass(frozen=True, slots=True)
class Account:
    user: str
    password: str
    opens: tuple[Access, ...]

    def access_to(self, patient: str) -> Access | None:
        return next((access for access in self.opens if access.patient == patient), None)

    def only(self, patients: Iterable[str]) -> Account:
        """The same account over the patients that this portal has."""
        known = set(patients)
        return Account(self.user, self.password, tuple(access for access in self.opens if access.patient in known))


def _own(patient: str) -> Access:
    return Access(patient, f"Patient/{patient}", "your own record")


FAMILY_ACCOUNTS = (
    Account(
        "ana",
        "harbor-ana",
        (
            _own("ana"),
            Access("mina", "RelatedPerson/mina-daughter", "your mother"),
            Access("leo", "RelatedPerson/leo-mother", "your son"),
        ),
    ),
    Account("tomas", "harbor-tomas", (_own("tomas"),)),
    Account("mina", "harbor-mina", (_own("mina"),)),
    Account("leo", "harbor-leo", (_own("leo"),)),
)


class Client(ClientMixin):  # type: ignore[misc]
    """A public client on the person's own computer: no secret, PKCE, loopback redirects on any port (RFC 8252)."""

    def __init__(self, client_id: str, paths: tuple[str, ...] = ("/", "/callback")) -> None:
        self.client_id = client_id
        self._paths = paths

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: a redirect address is always asked for, since only the client knows its port."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The list as asked for; None, which refuses, where nothing was asked for."""
        return scope or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        try:
            parts = urlsplit(redirect_uri)
            port = parts.port
        except ValueError:
            return False
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        on_loopback = parts.scheme == "http" and parts.hostname in LOOPBACK and port is not None
        return plain and on_loopback and (parts.path or "/") in self._paths

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")
