"""What the portal says of itself: CapabilityStatement, SMART and OpenID configuration."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from phr_desktop.demo_portal.addresses import Addresses
from phr_desktop.demo_portal.rules import CATEGORIES, TYPES, TypeRules
from phr_desktop.demo_portal.scopes import LAUNCH

_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def capability_statement(addresses: Addresses, since: datetime) -> dict[str, Any]:
    """The answer of `metadata`: every type with the interactions and parameters that really work."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": since.isoformat(timespec="seconds"),
        "publisher": "Harbor Clinic (demo)",
        "kind": "instance",
        "software": {"name": "PHR Desktop demo portal"},
        "implementation": {
            "description": "Harbor Clinic (demo): invented people, on this computer",
            "url": addresses.fhir,
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": _security(addresses),
                "resource": [_resource(name, rules) for name, rules in TYPES.items()],
            }
        ],
    }


def _security(addresses: Addresses) -> dict[str, Any]:
    uris = {"authorize": addresses.authorize, "token": addresses.token, "revoke": addresses.revoke}
    return {
        "extension": [
            {"url": _OAUTH_URIS, "extension": [{"url": name, "valueUri": uri} for name, uri in uris.items()]}
        ],
        "service": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                        "code": "SMART-on-FHIR",
                    }
                ]
            }
        ],
    }


def _resource(name: str, rules: TypeRules) -> dict[str, Any]:
    parameters = [{"name": "_id", "type": "token"}, {"name": "_lastUpdated", "type": "date"}]
    if rules.in_compartment and name != "Patient":
        parameters.append({"name": "patient", "type": "reference"})
    parameters += [{"name": parameter, "type": "date"} for parameter in rules.dates or {}]
    parameters += [{"name": parameter, "type": "token"} for parameter in rules.tokens or {}]
    # Binary is only ever read: its search would have to send every file.
    interactions = ["read"] if name == "Binary" else ["read", "search-type"]
    resource: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": code} for code in interactions],
        "versioning": "versioned",
    }
    if name != "Binary":
        resource["searchParam"] = parameters
    if rules.includes:
        resource["searchInclude"] = list(rules.includes)
    if rules.provenance:
        resource["searchRevInclude"] = ["Provenance:target"]
    return resource


def scopes_supported() -> list[str]:
    whole = [f"patient/{name}.{what}" for name in ("*", *TYPES) for what in ("rs", "read")]
    parts = [f"patient/{name}.rs?category={part}" for name, names in CATEGORIES.items() for part in names]
    return [*LAUNCH, *whole, *parts]


def smart_configuration(addresses: Addresses) -> dict[str, Any]:
    """The answer of `.well-known/smart-configuration` (SMART App Launch 2.2)."""
    return {
        "issuer": addresses.issuer,
        "jwks_uri": addresses.jwks,
        "authorization_endpoint": addresses.authorize,
        "token_endpoint": addresses.token,
        "revocation_endpoint": addresses.revoke,
        "grant_types_supported": ["authorization_code"],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": scopes_supported(),
        "capabilities": [
            "launch-standalone",
            "client-public",
            "context-standalone-patient",
            "sso-openid-connect",
            "permission-offline",
            "permission-patient",
            "permission-v1",
            "permission-v2",
        ],
    }


def openid_configuration(addresses: Addresses) -> dict[str, Any]:
    """The answer of the issuer's `.well-known/openid-configuration` (OpenID Connect Discovery 1.0)."""
    smart = smart_configuration(addresses)
    shared = (
        "issuer",
        "jwks_uri",
        "authorization_endpoint",
        "token_endpoint",
        "revocation_endpoint",
        "response_types_supported",
        "scopes_supported",
        "code_challenge_methods_supported",
        "authorization_response_iss_parameter_supported",
    )
    return {name: smart[name] for name in shared} | {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
