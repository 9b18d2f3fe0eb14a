"""What a portal says of itself before anybody signs in: its CapabilityStatement and its SMART configuration."""

from __future__ import annotations

from dataclasses import dataclass, replace

from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.capability import Capability, SmartConfiguration, read_capability, read_smart_configuration
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.wire import Answer


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a portal says of itself before anybody signs in."""

    smart: SmartConfiguration
    capability: Capability


def discover(portal: Portal) -> Discovered:
    """Reads `metadata` and `.well-known/smart-configuration`, the latter's addresses first.

    `portal` asks without a token. Raises UserFacingError: portal-without-sign-in, and those of `read_metadata`, and
    what `Portal.get` raises.
    """
    capability = read_metadata(portal)
    answer = portal.get(".well-known/smart-configuration", accept="application/json")
    smart = _smart(answer) if answer.status == 200 else SmartConfiguration(None, None)
    smart = replace(
        smart,
        authorization_endpoint=smart.authorization_endpoint or capability.oauth.authorize,
        token_endpoint=smart.token_endpoint or capability.oauth.token,
        revocation_endpoint=smart.revocation_endpoint or capability.oauth.revoke,
    )
    if not (smart.authorization_endpoint and smart.token_endpoint):
        raise UserFacingError("portal-without-sign-in")
    if smart.code_challenge_methods_supported and not smart.s256:
        raise UserFacingError("portal-without-sign-in")
    return Discovered(smart, capability)


def read_metadata(portal: Portal) -> Capability:
    """The portal's CapabilityStatement. Raises UserFacingError: not-a-portal, portal-wrong-tenant (a server that does
    not know this clinic), portal-not-r4, portal-busy."""
    return capability_of(portal.get("metadata"))


def capability_of(answer: Answer) -> Capability:
    """As `read_metadata`, of the portal's answer."""
    if answer.status in (408, 429) or answer.status >= 500:
        raise UserFacingError("portal-busy")
    if answer.status != 200:
        known_server = "json" in answer.media_type and answer.status in (400, 401, 403, 404)
        raise UserFacingError("portal-wrong-tenant" if known_server else "not-a-portal")
    try:
        capability = read_capability(answer.body)
    except MalformedResource:
        raise UserFacingError("not-a-portal") from None
    if not (capability.fhir_version or "").startswith("4.0"):
        raise UserFacingError("portal-not-r4")
    return capability


def _smart(answer: Answer) -> SmartConfiguration:
    try:
        return read_smart_configuration(answer.body)
    except MalformedResource:
        return SmartConfiguration(None, None)
