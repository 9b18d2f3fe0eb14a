"""Giving a permission back to its portal (RFC 7009)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from phr_desktop.domain.people import Grant
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sync.addresses import Base, endpoint
from phr_desktop.sync.clients import Client, client_of
from phr_desktop.sync.discovery import discover
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.wire import Wire

log = logging.getLogger(__name__)

_OK = 200


@dataclass(frozen=True, slots=True, repr=False)
class Permission:
    """The tokens that a portal gave to a client at its token address."""

    client: Client
    token_endpoint: str
    refresh_token: str | None
    access_token: str


def permission_of(grant: Grant) -> Permission:
    return Permission(client_of(grant), grant.token_endpoint, grant.refresh_token, grant.access_token)


def revoke_tokens(wire: Wire, base: Base, smart: SmartConfiguration, given: Permission, now: int) -> bool:
    """Whether the portal took them back; a refresh token ends with all that came of it (RFC 7009, 2.1).

    Discovery may name another server than at the sign-in: only the portal's own and the one that gave the tokens are
    told. Raises PortalRefused("sign-in-address-not-allowed"), WireProblem.
    """
    if smart.revocation_endpoint is None:
        return False
    address = endpoint(smart.revocation_endpoint, base)
    if _server(address) not in (_server(given.token_endpoint), _server(base.url)):
        return False
    kind = "access_token" if given.refresh_token is None else "refresh_token"
    wanted = {"token": given.refresh_token or given.access_token, "token_type_hint": kind}
    form, headers = given.client.request(wanted, given.token_endpoint, now)
    return wire.post_form(address, form, headers).status == _OK


def discover_and_revoke(wire: Wire, base: Base, given: Permission, now: int) -> bool:
    """As `revoke_tokens`, at the address that the portal names now; False too where it cannot be told."""
    try:
        return revoke_tokens(wire, base, discover(Portal(base.url, wire=wire)).smart, given, now)
    except (UserFacingError, EnvironmentProblem):
        return False


def give_back(wire: Wire, base: Base, smart: SmartConfiguration, given: Permission, now: int) -> None:
    """As `revoke_tokens`, of what is not stored; where the portal cannot be told, it ends with its own time."""
    try:
        revoke_tokens(wire, base, smart, given, now)
    except (UserFacingError, EnvironmentProblem):
        log.info("a permission that was not kept could not be given back")


def _server(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
