"""Reads a SMART User-access Brands bundle: clinics and plans by name and place, with the address of their portal.

Source: SMART App Launch 2.2, User-access Brands and Endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from phr_desktop.domain.portals import Brand
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.decode import Json, decode
from phr_desktop.fhir.envelope import read_entries
from phr_desktop.fhir.problems import MalformedResource

_PORTAL = "http://hl7.org/fhir/StructureDefinition/organization-portal"
_REST = "hl7-fhir-rest"
_DEPTH = 4  # an address of a department of a clinic of a group


def read_brands(data: bytes) -> tuple[Brand, ...]:
    """Every brand with a FHIR base of release 4, by name. Raises UserFacingError("brands-not-understood")."""
    organizations: dict[str, Json] = {}
    endpoints: dict[str, Json] = {}
    try:
        for entry in read_entries(data):
            tree = _tree(entry.raw)
            kept = {"Organization": organizations, "Endpoint": endpoints}.get(str(tree.get("resourceType")))
            if kept is not None:
                kept.update((name, tree) for name in _names(tree, entry.full_url))
    except UserFacingError:
        raise UserFacingError("brands-not-understood") from None
    found = {brand for tree in organizations.values() for brand in _brands(tree, organizations, endpoints)}
    if not found:
        raise UserFacingError("brands-not-understood")
    return tuple(sorted(found, key=lambda brand: (brand.name.casefold(), brand.base_url)))


def _tree(raw: bytes) -> Json:
    try:
        return decode(raw)
    except MalformedResource:
        return {}


def _names(tree: Json, full_url: str | None) -> Iterator[str]:
    """What references may call a resource of the bundle."""
    if full_url:
        yield full_url
    if isinstance(tree.get("id"), str):
        yield f"{tree['resourceType']}/{tree['id']}"


def _brands(tree: Json, organizations: dict[str, Json], endpoints: dict[str, Json]) -> Iterator[Brand]:
    name = tree.get("name")
    if not isinstance(name, str) or not name.strip() or tree.get("active") is False:
        return
    aliases = tuple(alias for alias in _list(tree.get("alias")) if isinstance(alias, str))
    portal = _extension(tree, _PORTAL, "portalName", "valueString")
    website = next(
        (t["value"] for t in _objects(tree.get("telecom")) if t.get("system") == "url" and "value" in t), None
    )
    for base in _bases(tree, organizations, endpoints):
        yield Brand(name.strip(), base, _places(tree), aliases, portal, website if isinstance(website, str) else None)


def _bases(tree: Json, organizations: dict[str, Json], endpoints: dict[str, Json], depth: int = 0) -> set[str]:
    """The FHIR bases of an organization, or else of the one that it is part of."""
    named = [*_objects(tree.get("endpoint")), *_portal_endpoints(tree)]
    found = {base for one in named if (base := _base(endpoints.get(str(one.get("reference"))))) is not None}
    parent = tree.get("partOf")
    if found or depth >= _DEPTH or not isinstance(parent, dict):
        return found
    above = organizations.get(str(parent.get("reference")))
    return set() if above is None else _bases(above, organizations, endpoints, depth + 1)


def _base(endpoint: Json | None) -> str | None:
    if endpoint is None or endpoint.get("status") not in (None, "active"):
        return None
    kind = endpoint.get("connectionType")
    versions = [e.get("valueCode") for e in _objects(endpoint.get("extension")) if "fhir-version" in str(e.get("url"))]
    right = isinstance(kind, dict) and kind.get("code") == _REST
    release_4 = not versions or any(str(version).startswith("4.0") for version in versions)
    address = endpoint.get("address")
    return address.rstrip("/") if right and release_4 and isinstance(address, str) and address else None


def _portal_endpoints(tree: Json) -> list[Json]:
    portals = [e for e in _objects(tree.get("extension")) if e.get("url") == _PORTAL]
    inner = [i for portal in portals for i in _objects(portal.get("extension"))]
    return [
        i["valueReference"]
        for i in inner
        if i.get("url") == "portalEndpoint" and isinstance(i.get("valueReference"), dict)
    ]


def _extension(tree: Json, url: str, inner: str, value: str) -> str | None:
    for extension in _objects(tree.get("extension")):
        if extension.get("url") == url:
            for one in _objects(extension.get("extension")):
                if one.get("url") == inner and isinstance(one.get(value), str):
                    return str(one[value])
    return None


def _places(tree: Json) -> tuple[str, ...]:
    addresses = _objects(tree.get("address"))
    parts = [[a.get(part) for part in ("city", "state", "postalCode")] for a in addresses]
    texts = [" ".join(part for part in three if isinstance(part, str)) for three in parts]
    return tuple(dict.fromkeys(text for text in texts if text))


def _objects(value: Any) -> list[Json]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
