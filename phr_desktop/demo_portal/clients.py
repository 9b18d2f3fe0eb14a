"""The programs that may ask people for access: public ones, ones with a secret, ones with a key (SMART App Launch 2.2).

A program can register itself (RFC 7591). With a key of its own it is a confidential client without a shared secret,
and gets refresh tokens also where public clients get none.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

CLIENT_ID = "phr-desktop"
SECRET_CLIENT_ID = "harbor-confidential"  # noqa: S105 - public: shown to whoever tries the demo
SECRET_CLIENT_SECRET = "harbor-demo-secret"  # noqa: S105 - likewise
LOOPBACK = ("127.0.0.1", "::1")
AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")
SIGNING = ("RS384", "ES384", "RS256", "ES256")
_REGISTERED_KEPT = 500


@dataclass(frozen=True, slots=True, eq=False)
class Client(ClientMixin):  # type: ignore[misc]
    """One program. `paths` are those of its loopback addresses, on any port (RFC 8252); `uris` are taken exactly."""

    client_id: str
    name: str = "PHR Desktop"
    methods: tuple[str, ...] = ("none",)
    secret: str = ""
    keys: dict[str, Any] | None = None  # a JSON Web Key Set, public keys only
    paths: tuple[str, ...] = ("/", "/callback")
    uris: tuple[str, ...] = ()

    @property
    def public(self) -> bool:
        return self.methods == ("none",)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: a redirect address is always asked for, since only the client knows its port."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The list as asked for; None, which refuses, where nothing was asked for."""
        return scope or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        if redirect_uri in self.uris:
            return True
        path = loopback_path(redirect_uri)
        return path is not None and path in self.paths

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and hmac.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return method in self.methods

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


def loopback_path(redirect_uri: str) -> str | None:
    """The path of a plain http address on this computer with a port; None for any other address."""
    try:
        parts = urlsplit(redirect_uri)
        port = parts.port
    except ValueError:
        return None
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if plain and parts.scheme == "http" and parts.hostname in LOOPBACK and port is not None:
        return parts.path or "/"
    return None


class RegistrationRefused(Exception):
    """A registration that was not taken; `error` is of RFC 7591, 3.2.2."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(error)
        self.error, self.text = error, text


class Clients:
    """Every program known here. Registered ones beyond 500 push the oldest out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own = {
            CLIENT_ID: Client(CLIENT_ID),
            SECRET_CLIENT_ID: Client(
                SECRET_CLIENT_ID, methods=("client_secret_basic", "client_secret_post"), secret=SECRET_CLIENT_SECRET
            ),
        }
        self._registered: OrderedDict[str, Client] = OrderedDict()

    def get(self, client_id: str) -> Client | None:
        return self._own.get(client_id) or self._registered.get(client_id)

    def add(self, client: Client) -> None:
        """Makes a program known that the portal was told of by hand."""
        self._own[client.client_id] = client

    def register(self, wanted: dict[str, Any], issued_at: int) -> dict[str, Any]:
        """Takes a registration (RFC 7591) and gives its answer. Raises RegistrationRefused."""
        method = wanted.get("token_endpoint_auth_method", "client_secret_basic")
        if method not in AUTH_METHODS:
            raise RegistrationRefused("invalid_client_metadata", "This way to authenticate is not known here.")
        name = wanted.get("client_name", "A program without a name")
        if not isinstance(name, str) or len(name) > 100:
            raise RegistrationRefused("invalid_client_metadata", "client_name must be a short text.")
        paths, uris = _redirects(wanted.get("redirect_uris"))
        keys = _public_keys(wanted) if method == "private_key_jwt" else None
        secret = secrets.token_urlsafe(24) if method.startswith("client_secret") else ""
        client = Client(secrets.token_urlsafe(16), name, (method,), secret, keys, paths, uris)
        with self._lock:
            self._registered[client.client_id] = client
            while len(self._registered) > _REGISTERED_KEPT:
                self._registered.popitem(last=False)
        answer: dict[str, Any] = {
            "client_id": client.client_id,
            "client_id_issued_at": issued_at,
            "client_name": name,
            "redirect_uris": wanted["redirect_uris"],
            "token_endpoint_auth_method": method,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }
        answer |= {"client_secret": secret, "client_secret_expires_at": 0} if secret else {}
        return answer | ({"jwks": keys} if keys else {})


def _redirects(uris: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(paths on the loopback, other addresses). Raises RegistrationRefused."""
    if not isinstance(uris, list) or not uris or not all(isinstance(uri, str) for uri in uris):
        raise RegistrationRefused("invalid_redirect_uri", "redirect_uris must name at least one address.")
    loopback = {uri: loopback_path(_with_port(uri)) for uri in uris}
    others = [uri for uri, path in loopback.items() if path is None]
    if not all(urlsplit(uri).scheme == "https" for uri in others):
        raise RegistrationRefused("invalid_redirect_uri", "Only https, or http on 127.0.0.1, can be returned to.")
    return tuple(path for path in loopback.values() if path is not None), tuple(others)


def _with_port(uri: str) -> str:
    """The address with a port, as a program that does not know its port yet leaves it out."""
    return uri.replace("http://127.0.0.1/", "http://127.0.0.1:1/").replace("http://[::1]/", "http://[::1]:1/")


def _public_keys(wanted: dict[str, Any]) -> dict[str, Any]:
    """The program's keys, with everything private taken out. Raises RegistrationRefused."""
    wrong = RegistrationRefused(
        "invalid_client_metadata", "jwks must hold the program's public keys, of kind RSA or EC."
    )
    try:
        given = wanted["jwks"]["keys"]
        if not given or any(key["kty"] not in ("RSA", "EC") for key in given):
            raise wrong
        keys = KeySet.import_key_set(wanted["jwks"])
        return {"keys": [key.as_dict(private=False) for key in keys.keys]}
    except (JoseError, KeyError, TypeError, ValueError, AttributeError):
        raise wrong from None
