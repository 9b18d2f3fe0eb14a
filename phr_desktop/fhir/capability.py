"""What a portal says it can do: its CapabilityStatement and its SMART configuration, read leniently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from phr_desktop.fhir.decode import Json, decode
from phr_desktop.fhir.problems import MalformedResource

_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SMART_SERVICES = frozenset({"SMART-on-FHIR"})
PATIENT_REFERENCES = ("patient", "subject", "beneficiary", "actor", "for")


@dataclass(frozen=True, slots=True)
class TypeCapability:
    """What may be asked of one resource type, as declared."""

    type: str
    interactions: frozenset[str]  # "read", "search-type", "create", "update", "vread", "history-instance" ...
    search_params: frozenset[str]  # names: "patient", "_lastUpdated", "category" ...
    includes: frozenset[str]  # "MedicationRequest:medication" ...
    rev_includes: frozenset[str]  # "Provenance:target" ...
    conditional_create: bool
    conditional_update: bool
    versioning: str | None  # "no-version", "versioned", "versioned-update"
    profiles: tuple[str, ...]
    operations: tuple[tuple[str, str], ...]  # (name, canonical of its definition)

    @property
    def searchable(self) -> bool:
        return "search-type" in self.interactions

    @property
    def readable(self) -> bool:
        return "read" in self.interactions

    @property
    def patient_parameter(self) -> str | None:
        """The search parameter that names the patient, if one is declared."""
        return next((name for name in PATIENT_REFERENCES if name in self.search_params), None)

    def includes_reference(self, name: str) -> bool:
        """Whether `_include=name` is declared, `Type:*` and `*` being declarations of all."""
        return bool(self.includes & {name, "*", f"{name.partition(':')[0]}:*"})

    def reverse_includes(self, name: str) -> bool:
        """Whether `_revinclude=name` is declared."""
        return bool(self.rev_includes & {name, "*", f"{name.partition(':')[0]}:*"})


@dataclass(frozen=True, slots=True)
class OAuthUris:
    """Where to sign in, as the CapabilityStatement's oauth-uris extension says."""

    authorize: str | None = None
    token: str | None = None
    register: str | None = None
    manage: str | None = None
    revoke: str | None = None
    introspect: str | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """A CapabilityStatement's `rest` of mode server."""

    fhir_version: str | None
    software: str | None
    types: dict[str, TypeCapability]
    system_interactions: frozenset[str]  # "transaction", "batch" ...
    operations: tuple[tuple[str, str], ...]
    smart: bool  # names SMART-on-FHIR as its security service
    oauth: OAuthUris
    formats: tuple[str, ...] = ()

    def can_search(self, type_: str) -> bool:
        return type_ in self.types and self.types[type_].searchable

    def can_read(self, type_: str) -> bool:
        return type_ in self.types and self.types[type_].readable


@dataclass(frozen=True, slots=True)
class SmartConfiguration:
    """`.well-known/smart-configuration`, the fields that SMART App Launch 2 defines; lists are empty where absent."""

    authorization_endpoint: str | None
    token_endpoint: str | None
    issuer: str | None = None
    jwks_uri: str | None = None
    registration_endpoint: str | None = None
    revocation_endpoint: str | None = None
    introspection_endpoint: str | None = None
    management_endpoint: str | None = None
    scopes_supported: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    code_challenge_methods_supported: tuple[str, ...] = ()
    grant_types_supported: tuple[str, ...] = ()
    response_types_supported: tuple[str, ...] = ()
    token_endpoint_auth_methods_supported: tuple[str, ...] = ()
    extra: tuple[str, ...] = field(default=())  # names of fields that are none of these

    @property
    def v2_scopes(self) -> bool:
        """Whether scopes are written as `patient/Observation.rs`."""
        return "permission-v2" in self.capabilities

    @property
    def s256(self) -> bool:
        return "S256" in self.code_challenge_methods_supported

    @property
    def offline_access(self) -> bool:
        return "permission-offline" in self.capabilities or "offline_access" in self.scopes_supported


def read_capability(raw: bytes) -> Capability:
    """Raises MalformedResource for what is no CapabilityStatement."""
    tree = decode(raw)
    if tree["resourceType"] not in ("CapabilityStatement", "Conformance"):
        raise MalformedResource("not-a-capability-statement")
    rest = _server(tree)
    types = [_type(r) for r in _objects(rest.get("resource"))]
    security = next(iter(_objects([rest.get("security")])), {})
    return Capability(
        fhir_version=_text(tree.get("fhirVersion")),
        software=_text(tree["software"].get("name")) if isinstance(tree.get("software"), dict) else None,
        types={t.type: t for t in types if t.type},
        system_interactions=_codes(rest.get("interaction")),
        operations=_operations(rest),
        smart=_is_smart(security),
        oauth=_oauth(security),
        formats=_texts(tree.get("format")),
    )


def read_smart_configuration(raw: bytes) -> SmartConfiguration:
    """Raises MalformedResource for what is no JSON object."""
    try:
        tree = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise MalformedResource("not-json") from None
    if not isinstance(tree, dict):
        raise MalformedResource("not-an-object")
    uris = {name: _text(tree.get(name)) for name in _SMART_URIS}
    lists = {name: _texts(tree.get(name)) for name in _SMART_LISTS}
    extra = tuple(name for name in tree if name not in uris and name not in lists)
    return SmartConfiguration(**uris, **lists, extra=extra)  # type: ignore[arg-type]


_SMART_URIS = (
    "authorization_endpoint", "token_endpoint", "issuer", "jwks_uri", "registration_endpoint", "revocation_endpoint",
    "introspection_endpoint", "management_endpoint",
)  # fmt: skip
_SMART_LISTS = (
    "scopes_supported", "capabilities", "code_challenge_methods_supported", "grant_types_supported",
    "response_types_supported", "token_endpoint_auth_methods_supported",
)  # fmt: skip


def _server(tree: Json) -> Json:
    rests = _objects(tree.get("rest"))
    return next((r for r in rests if r.get("mode") in ("server", None)), {})


def _type(resource: Json) -> TypeCapability:
    return TypeCapability(
        type=_text(resource.get("type")) or "",
        interactions=_codes(resource.get("interaction")),
        search_params=frozenset(filter(None, (_text(p.get("name")) for p in _objects(resource.get("searchParam"))))),
        includes=frozenset(_texts(resource.get("searchInclude"))),
        rev_includes=frozenset(_texts(resource.get("searchRevInclude"))),
        conditional_create=resource.get("conditionalCreate") is True,
        conditional_update=resource.get("conditionalUpdate") is True,
        versioning=_text(resource.get("versioning")),
        profiles=(*_texts([resource.get("profile")]), *_texts(resource.get("supportedProfile"))),
        operations=_operations(resource),
    )


def _operations(element: Json) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.lstrip("$"), _text(o.get("definition")) or "")
        for o in _objects(element.get("operation"))
        if (name := _text(o.get("name")))
    )


def _is_smart(security: Json) -> bool:
    codes = {c.get("code") for service in _objects(security.get("service")) for c in _objects(service.get("coding"))}
    texts = {service.get("text") for service in _objects(security.get("service"))}
    return bool((codes | texts) & _SMART_SERVICES) or bool(_oauth_extension(security))


def _oauth_extension(security: Json) -> list[Json]:
    for extension in _objects(security.get("extension")):
        if extension.get("url") == _OAUTH_URIS:
            return _objects(extension.get("extension"))
    return []


def _oauth(security: Json) -> OAuthUris:
    found = {e.get("url"): _text(e.get("valueUri") or e.get("valueUrl")) for e in _oauth_extension(security)}
    return OAuthUris(
        authorize=found.get("authorize"),
        token=found.get("token"),
        register=found.get("register"),
        manage=found.get("manage"),
        revoke=found.get("revoke"),
        introspect=found.get("introspect"),
    )


def _codes(interactions: Any) -> frozenset[str]:
    return frozenset(filter(None, (_text(i.get("code")) for i in _objects(interactions))))


def _objects(value: Any) -> list[Json]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str) and v) if isinstance(value, list) else ()
