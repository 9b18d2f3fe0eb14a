"""Who this program is to a portal: a public client, one with a secret, or one with a key; and registering itself.

Sources: RFC 6749, 2.3; RFC 7523; RFC 7591; SMART App Launch 2.2, Client Authentication: Asymmetric.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from phr_desktop import __version__
from phr_desktop.domain.people import Grant
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sync.addresses import Base, endpoint
from phr_desktop.sync.portal import check_not_a_web_page
from phr_desktop.sync.wire import Answer, Wire

NONE = "none"
BASIC = "client_secret_basic"
POST = "client_secret_post"
KEY = "private_key_jwt"
BEARER_KEY = "jwt-bearer"  # a key that stands for the person's lasting permission, in place of a refresh token
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGNATURE = "ES384"
LIFETIME = 240  # seconds that an assertion is good for
SOFTWARE_ID = "phr-desktop"


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """A registration at one portal. `key` is a private JSON Web Key; `auth` how the token address is spoken to."""

    id: str
    auth: str = NONE
    secret: str | None = None
    key: str | None = None

    def request(self, fields: Mapping[str, str], token_endpoint: str, now: int) -> tuple[str, dict[str, str]]:
        """The form and the headers of a request to the token address, `now` in seconds since 1970 UTC."""
        form = {**fields, "client_id": self.id}
        headers = {"Accept": "application/json"}
        if self.auth == BASIC:
            pair = f"{quote_plus(self.id)}:{quote_plus(self.secret or '')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif self.auth == POST:
            form["client_secret"] = self.secret or ""
        elif self.auth == KEY:
            form |= {"client_assertion_type": ASSERTION, "client_assertion": self.assertion(token_endpoint, now)}
        return urlencode(form), headers

    def renewal(self, refresh_token: str | None, token_endpoint: str, now: int) -> dict[str, str] | None:
        """What asks for a new token; None where only the person can."""
        if self.auth == BEARER_KEY:
            return {"grant_type": JWT_BEARER, "assertion": self.assertion(token_endpoint, now)}
        return None if refresh_token is None else {"grant_type": "refresh_token", "refresh_token": refresh_token}

    def assertion(self, audience: str, now: int) -> str:
        """A signed statement that this is the client, good once and for some minutes."""
        claims: dict[str, Any] = {
            "iss": self.id, "sub": self.id, "aud": audience, "iat": now, "exp": now + LIFETIME,
            "jti": secrets.token_urlsafe(24),
        }  # fmt: skip
        key = ECKey.import_key(msgspec.json.decode(self.key or "{}"))
        return jwt.encode({"alg": SIGNATURE, "typ": "JWT", "kid": key.kid or ""}, claims, key, algorithms=[SIGNATURE])


def client_of(grant: Grant) -> Client:
    """Who this program is to the portal of a grant."""
    return Client(grant.client_id, grant.client_auth, grant.client_secret, grant.client_key)


def known_client(client_id: str, secret: str | None, smart: SmartConfiguration) -> Client:
    """A client that was registered by hand; a secret is shown as the portal says, by Basic where it says nothing."""
    if not secret:
        return Client(client_id)
    methods = smart.token_endpoint_auth_methods_supported
    return Client(client_id, POST if methods and BASIC not in methods else BASIC, secret)


def register(wire: Wire, base: Base, smart: SmartConfiguration, *, redirect_uris: list[str], scope: str) -> Client:
    """Registers this program at a portal that lets programs do so, with a key where it takes one.

    Raises UserFacingError: registration-refused; PortalRefused("sign-in-address-not-allowed"); WireProblem.
    """
    with_key = KEY in smart.token_endpoint_auth_methods_supported
    key = new_key() if with_key else None
    wanted: dict[str, Any] = {
        "client_name": "PHR Desktop", "application_type": "native", "redirect_uris": redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "scope": scope,
        "token_endpoint_auth_method": KEY if with_key else NONE, "software_id": SOFTWARE_ID,
        "software_version": __version__,
    }  # fmt: skip
    if key is not None:
        wanted["jwks"] = _public(key)
    told = _told(wire.post_json(endpoint(smart.registration_endpoint, base), msgspec.json.encode(wanted), {}))
    return _registered(told, key)


def register_device(wire: Wire, base: Base, smart: SmartConfiguration, client: Client, access_token: str) -> Client:
    """Registers a key of this computer under the person's own permission, for a portal that gives programs on people's
    computers no refresh token: the key then asks for tokens. Raises as `register`."""
    key = new_key()
    wanted = {"software_id": client.id, "jwks": _public(key)}
    address = endpoint(smart.registration_endpoint, base)
    told = _told(wire.post_json(address, msgspec.json.encode(wanted), {"Authorization": f"Bearer {access_token}"}))
    return Client(_client_id(told), BEARER_KEY, None, _private(key))


def new_key() -> ECKey:
    """A key of one connection; it never leaves the vault."""
    return ECKey.generate_key("P-384", {"kid": secrets.token_urlsafe(12), "use": "sig", "alg": SIGNATURE}, private=True)


def _registered(told: dict[str, Any], key: ECKey | None) -> Client:
    secret = told.get("client_secret")
    method = told.get("token_endpoint_auth_method")
    if isinstance(secret, str) and secret:
        return Client(_client_id(told), POST if method == POST else BASIC, secret)
    return Client(_client_id(told), NONE if key is None else KEY, None, None if key is None else _private(key))


def _told(answer: Answer) -> dict[str, Any]:
    check_not_a_web_page(answer)
    try:
        tree = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        tree = None
    if answer.status not in (200, 201) or not isinstance(tree, dict):
        raise UserFacingError("registration-refused")
    return tree


def _client_id(told: dict[str, Any]) -> str:
    found = told.get("client_id")
    if not isinstance(found, str) or not found:
        raise UserFacingError("registration-refused")
    return found


def _public(key: ECKey) -> dict[str, Any]:
    return {"keys": [dict(key.as_dict(private=False))]}


def _private(key: ECKey) -> str:
    return msgspec.json.encode(dict(key.as_dict(private=True))).decode()
