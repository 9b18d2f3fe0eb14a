"""What a portal declares decides what is asked of it; what it does not declare is not asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phr_desktop.fhir.capability import read_capability, read_smart_configuration
from phr_desktop.fhir.problems import MalformedResource

OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
STATEMENT: dict[str, Any] = {
    "resourceType": "CapabilityStatement",
    "fhirVersion": "4.0.1",
    "software": {"name": "Harbor"},
    "format": ["json"],
    "rest": [
        {"mode": "client"},
        {
            "mode": "server",
            "security": {
                "service": [{"coding": [{"code": "SMART-on-FHIR"}]}],
                "extension": [
                    {
                        "url": OAUTH,
                        "extension": [
                            {"url": "authorize", "valueUri": "https://a/authorize"},
                            {"url": "token", "valueUri": "https://a/token"},
                        ],
                    }
                ],
            },
            "interaction": [{"code": "transaction"}],
            "resource": [
                {
                    "type": "Observation",
                    "interaction": [{"code": "read"}, {"code": "search-type"}],
                    "searchParam": [{"name": "patient"}, {"name": "category"}, {"name": "_lastUpdated"}, 5],
                    "searchRevInclude": ["Provenance:target"],
                },
                {
                    "type": "MedicationRequest",
                    "interaction": [{"code": "search-type"}],
                    "searchInclude": ["MedicationRequest:*"],
                },
                {"type": "Binary", "interaction": [{"code": "read"}]},
                {"type": "Task", "conditionalCreate": True, "searchParam": [{"name": "subject"}]},
            ],
            "operation": [{"name": "$find", "definition": "http://a/OperationDefinition/find"}],
        },
    ],
}  # fmt: skip


def test_a_statement_says_what_may_be_searched_read_and_included() -> None:
    can = read_capability(json.dumps(STATEMENT).encode())
    assert can.fhir_version == "4.0.1"
    assert can.can_search("Observation")
    assert can.can_search("MedicationRequest")
    assert can.can_read("Binary")
    assert not can.can_search("Binary")
    assert not can.can_search("Condition")
    assert "_lastUpdated" in can.types["Observation"].search_params
    assert "_lastUpdated" not in can.types["MedicationRequest"].search_params
    assert can.types["Observation"].reverse_includes("Provenance:target")
    assert not can.types["Observation"].reverse_includes("Provenance:agent")
    assert can.types["MedicationRequest"].includes_reference("MedicationRequest:medication")
    assert not can.types["Observation"].includes_reference("Observation:performer")
    assert can.types["Observation"].patient_parameter == "patient"
    assert can.types["Task"].patient_parameter == "subject"
    assert can.types["Task"].conditional_create
    assert can.smart
    assert (can.oauth.authorize, can.oauth.token, can.oauth.revoke) == ("https://a/authorize", "https://a/token", None)
    assert can.operations == (("find", "http://a/OperationDefinition/find"),)


@pytest.mark.parametrize("rest", [None, [], "x", [{"mode": "server", "resource": [None, {"type": 5}], "security": []}]])
def test_a_poor_statement_declares_nothing_and_breaks_nothing(rest: Any) -> None:
    can = read_capability(json.dumps({"resourceType": "CapabilityStatement", "rest": rest}).encode())
    assert can.types == {}
    assert not can.smart
    assert can.oauth.token is None


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'{"resourceType":"Patient"}'])
def test_what_is_no_statement_says_so(raw: bytes) -> None:
    with pytest.raises(MalformedResource):
        read_capability(raw)


def test_a_smart_configuration_is_read_leniently() -> None:
    found = read_smart_configuration(
        json.dumps(
            {
                "authorization_endpoint": "https://a/authorize",
                "token_endpoint": "https://a/token",
                "scopes_supported": ["openid", "offline_access", 5],
                "capabilities": ["permission-v2", "client-public"],
                "code_challenge_methods_supported": ["S256"],
                "jwks_uri": 7,
                "something_new": True,
            }
        ).encode()
    )
    assert found.token_endpoint == "https://a/token"
    assert found.v2_scopes
    assert found.s256
    assert found.offline_access
    assert found.jwks_uri is None
    assert found.extra == ("something_new",)
    for raw in (b"<html>", b"[]", b'"x"'):
        with pytest.raises(MalformedResource):
            read_smart_configuration(raw)
