"""Where a visit by video takes place: from what is declared for it, never from a text."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from phr_desktop.domain.care import VirtualService
from phr_desktop.fhir.decode import Json

# R5's Appointment.virtualService as R4 carries it, whoever's address stands before it.
_DECLARED = "appointment.virtualservice"
_VIRTUAL_PLACE = "vi"  # Location.physicalType
_CHANNELS = {
    "zoom": "Zoom",
    "ms-teams": "Microsoft Teams",
    "whatsapp": "WhatsApp",
}


def virtual_services(appointment: Json) -> tuple[VirtualService, ...]:
    """The declared places of a video visit: R5's element, its extension in R4, a contained virtual Location."""
    found = [_from_element(given) for given in _objects(appointment.get("virtualService"))]
    found += [_from_extension(given) for given in _objects(appointment.get("extension")) if _declares(given)]
    found += [_from_location(given) for given in _objects(appointment.get("contained"))]
    return tuple(service for service in found if service.address or service.other)


def _declares(extension: Json) -> bool:
    url = extension.get("url")
    return isinstance(url, str) and url.lower().endswith(_DECLARED)


def _from_element(given: Json) -> VirtualService:
    addresses = [given.get(name) for name in ("addressUrl", "addressString")]
    addresses.append(_contact(given.get("addressContactPoint")))
    for detail in _objects([given.get("addressExtendedContactDetail")]):
        addresses += [_contact(telecom) for telecom in _objects(detail.get("telecom"))]
    return _service(given.get("channelType"), addresses)


def _from_extension(extension: Json) -> VirtualService:
    channel: Any = None
    addresses: list[Any] = []
    for part in _objects(extension.get("extension")):
        name = str(part.get("url")).rpartition("/")[2]
        if name == "channelType":
            channel = part.get("valueCoding")
        elif name.startswith("address"):
            addresses += [part.get("valueUrl"), part.get("valueUri"), part.get("valueString")]
            addresses.append(_contact(part.get("valueContactPoint")))
    addresses += [extension.get("valueUrl"), extension.get("valueUri")]
    return _service(channel, addresses)


def _from_location(resource: Json) -> VirtualService:
    if resource.get("resourceType") != "Location" or not _is_virtual(resource.get("physicalType")):
        return VirtualService()
    return _service(None, [_contact(telecom) for telecom in _objects(resource.get("telecom"))])


def _is_virtual(physical_type: Any) -> bool:
    codings = physical_type.get("coding") if isinstance(physical_type, dict) else None
    return any(coding.get("code") == _VIRTUAL_PLACE for coding in _objects(codings))


def _service(channel: Any, addresses: list[Any]) -> VirtualService:
    texts = [a.strip() for a in addresses if isinstance(a, str) and a.strip()]
    link = next((text for text in texts if is_web_address(text)), None)
    return VirtualService(channel=_channel(channel), address=link, other=None if link else next(iter(texts), None))


def is_web_address(text: str) -> bool:
    """Whether a browser may open it: http or https, with a host, without a user name that could deceive."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _channel(coding: Any) -> str | None:
    if not isinstance(coding, dict):
        return None
    display, code = coding.get("display"), coding.get("code")
    if isinstance(display, str) and display.strip():
        return display.strip()
    return _CHANNELS.get(code, code) if isinstance(code, str) else None


def _contact(point: Any) -> str | None:
    value = point.get("value") if isinstance(point, dict) else None
    return value if isinstance(value, str) else None


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
