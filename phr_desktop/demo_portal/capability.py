"""What the portal says of itself: CapabilityStatement, SMART and OpenID configuration, by the flavour of the front."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from phr_desktop.demo_portal.accounts import CLINIC
from phr_desktop.demo_portal.clients import AUTH_METHODS, SIGNING
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.rules import CATEGORIES, TYPES, TypeRules
from phr_desktop.demo_portal.scopes import LAUNCH

_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def capability_statement(front: Front, since: datetime) -> dict[str, Any]:
    """The answer of `metadata`: every type with the interactions and parameters that really work."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": since.isoformat(timespec="seconds"),
        "publisher": CLINIC,
        "kind": "instance",
        "software": {"name": front.flavour.software},
        "implementation": {
            "description": f"{CLINIC}: invented people, on this computer",
            "url": front.addresses.fhir,
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": _security(front),
                "resource": [_resource(name, rules, front) for name, rules in TYPES.items() if front.declares(name)],
            }
        ],
    }


def _security(front: Front) -> dict[str, Any]:
    addresses = front.addresses
    uris = {"authorize": addresses.authorize, "token": addresses.token, "revoke": addresses.revoke}
    if front.flavour.dynamic_registration:
        uris["register"] = addresses.clients
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


def _resource(name: str, rules: TypeRules, front: Front) -> dict[str, Any]:
    flavour, writable = front.flavour, front.writable(name)
    parameters = [{"name": "_id", "type": "token"}]
    if flavour.last_updated:
        parameters.append({"name": "_lastUpdated", "type": "date"})
    if rules.in_compartment and name != "Patient":
        parameters.append({"name": "patient", "type": "reference"})
    parameters += [{"name": parameter, "type": "date"} for parameter in rules.dates or {}]
    parameters += [{"name": parameter, "type": "token"} for parameter in rules.tokens or {}]
    # Binary is only ever read: its search would have to send every file.
    interactions = ["read"] if name == "Binary" else ["read", "search-type"]
    interactions += ["vread", "history-instance"] if flavour.versions else []
    interactions += [word for word in ("create", "update", "delete") if word[0] in writable]
    resource: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": code} for code in interactions],
        "versioning": "versioned" if flavour.versions else "no-version",
    }
    if flavour.versions:
        resource["readHistory"] = True
        resource["conditionalRead"] = "full-support"
    if "u" in writable:
        resource["versioning"] = "versioned-update" if flavour.if_match_needed else "versioned"
        resource["updateCreate"] = False
    if "c" in writable:
        resource["conditionalCreate"] = flavour.conditional_create != "ignored"
    if name != "Binary":
        resource["searchParam"] = parameters
    if rules.includes and flavour.includes:
        resource["searchInclude"] = list(rules.includes)
    if rules.provenance and flavour.includes:
        resource["searchRevInclude"] = ["Provenance:target"]
    return resource


def scopes_supported(front: Front) -> list[str]:
    """Every scope that can be granted here, in the spellings of this flavour."""
    words = [*LAUNCH]
    for name in ["*"] * front.flavour.wildcard_scopes + [name for name in TYPES if front.declares(name)]:
        writable = "".join(dict.fromkeys(letter for each in TYPES for letter in front.writable(each)))
        writable = writable if name == "*" else front.writable(name)
        words.append(f"patient/{name}.read")
        words += [f"patient/{name}.write"] if writable else []
        if front.flavour.v2_scopes:
            words.append(f"patient/{name}.rs")
            words += [f"patient/{name}.{''.join(sorted(writable))}"] if writable else []
    if front.flavour.v2_scopes:
        words += [f"patient/{name}.rs?category={part}" for name, names in CATEGORIES.items() for part in names]
    return words


def smart_configuration(front: Front) -> dict[str, Any]:
    """The answer of `.well-known/smart-configuration` (SMART App Launch 2.2)."""
    addresses, flavour = front.addresses, front.flavour
    found = {
        "issuer": addresses.issuer,
        "jwks_uri": addresses.jwks,
        "authorization_endpoint": addresses.authorize,
        "token_endpoint": addresses.token,
        "revocation_endpoint": addresses.revoke,
        "introspection_endpoint": addresses.introspect,
        "management_endpoint": addresses.account,
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNING),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": scopes_supported(front),
        "capabilities": [
            "launch-standalone",
            "client-public",
            "client-confidential-symmetric",
            "client-confidential-asymmetric",
            "context-standalone-patient",
            "sso-openid-connect",
            "permission-offline",
            "permission-patient",
            "permission-v1",
            *(["permission-v2"] if flavour.v2_scopes else []),
        ],
    }
    if flavour.dynamic_registration:
        found["registration_endpoint"] = addresses.clients
    return found


def openid_configuration(front: Front) -> dict[str, Any]:
    """The answer of the issuer's `.well-known/openid-configuration` (OpenID Connect Discovery 1.0)."""
    smart = smart_configuration(front)
    left_out = ("capabilities", "management_endpoint")
    return {name: value for name, value in smart.items() if name not in left_out} | {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
