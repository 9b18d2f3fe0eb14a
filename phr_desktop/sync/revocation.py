"""Giving a permission back to its portal (RFC 7009)."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sync.addresses import Base, endpoint
from phr_desktop.sync.clients import Client
from phr_desktop.sync.wire import Wire

log = logging.getLogger(__name__)

_OK = 200


def revoke_tokens(
    wire: Wire,
    base: Base,
    smart: SmartConfiguration,
    client: Client,
    token_endpoint: str,
    refresh_token: str | None,
    access_token: str,
    now: int,
) -> bool:
    """Whether the portal took them back; a refresh token ends with all that came of it (RFC 7009, 2.1).

    Discovery may name another server than at the sign-in: only the portal's own and the one that gave the tokens are
    told. Raises PortalRefused("sign-in-address-not-allowed"), WireProblem.
    """
    if smart.revocation_endpoint is None:
        return False
    address = endpoint(smart.revocation_endpoint, base)
    if _server(address) not in (_server(token_endpoint), _server(base.url)):
        return False
    kind = "access_token" if refresh_token is None else "refresh_token"
    wanted = {"token": refresh_token or access_token, "token_type_hint": kind}
    form, headers = client.request(wanted, token_endpoint, now)
    return wire.post_form(address, form, headers).status == _OK


def _server(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def give_back(
    wire: Wire,
    base: Base,
    smart: SmartConfiguration,
    client: Client,
    token_endpoint: str,
    refresh_token: str | None,
    access_token: str,
    now: int,
) -> None:
    """As `revoke_tokens`, of what is not stored; where the portal cannot be told, it ends with its own time."""
    try:
        revoke_tokens(wire, base, smart, client, token_endpoint, refresh_token, access_token, now)
    except (UserFacingError, EnvironmentProblem):
        log.info("a permission that was not kept could not be given back")
