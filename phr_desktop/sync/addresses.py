"""Which addresses may be asked, and what belongs to a portal's own FHIR base; pure functions.

An address that came out of an answer (`next`, `Attachment.url`, a reference) is never trusted: what is requested is
put together from the base that was fixed at connection time and the address's path and query alone.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from phr_desktop.errors import EnvironmentProblem, UserFacingError

MAX_LENGTH = 16 * 1024
_HARMFUL = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\<>\"^`{}]")
# What some servers leave unescaped in links to pages, though a URI may not hold it.
_UNESCAPED = str.maketrans({" ": "%20", '"': "%22", "{": "%7B", "}": "%7D", "<": "%3C", ">": "%3E", "^": "%5E"})
_IN_NO_PATH = re.compile("[\x00-\x1f\x7f\\\\\ufffd]")  # the last: escapes that are no UTF-8
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_PORTS = {"https": 443, "http": 80}


class PortalRefused(EnvironmentProblem):
    """An address that this program does not ask: "foreign-address", or "address-not-allowed" for a malformed one."""


@dataclass(frozen=True)
class Base:
    """A portal's FHIR base, taken apart; `path` has no slash at its end."""

    scheme: str
    host: str
    port: int
    path: str

    @cached_property
    def url(self) -> str:
        return urlunsplit((self.scheme, self._netloc, self.path, "", ""))

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def _netloc(self) -> str:
        return _netloc(self.scheme, self.host, self.port)

    def resolve(self, address: str, page: str | None = None) -> str:
        """The absolute address to ask, inside this base. `page` is the answer in which a relative link stood.

        "Observation/1" is relative to the base, "?page=2" to the page. Raises PortalRefused("foreign-address") for
        another scheme, host, port or path, and ("address-not-allowed") for what no honest answer holds.
        """
        parts = _split(_absolute(address, self, page).translate(_UNESCAPED), "address-not-allowed")
        if (parts.scheme, _host(parts), _port(parts)) != (self.scheme, self.host, self.port):
            raise PortalRefused("foreign-address")
        if not self._holds(parts.path):
            raise PortalRefused("foreign-address")
        return urlunsplit((self.scheme, self._netloc, parts.path, parts.query, ""))

    @cached_property
    def _prefix(self) -> str:
        return f"{self.url}/"

    def reference(self, reference: str) -> str | None:
        """ "Type/id" of a literal reference into this base, without its version; None for any other reference."""
        return _own(self._prefix, reference)

    def _holds(self, path: str) -> bool:
        """Whether the path lies below ours, whatever a server makes of dots and escapes in it."""
        if not (path == self.path or path.startswith(f"{self.path}/")):
            return False
        plain = unquote(unquote(path))
        # Some servers cut ";" and what follows from each part before they look for dots.
        parts = {part.partition(";")[0] for part in plain.split("/")}
        return not (_IN_NO_PATH.search(plain) or {".", ".."} & parts or "//" in plain)


@lru_cache(maxsize=16384)
def _own(prefix: str, reference: str) -> str | None:
    own = reference.removeprefix(prefix).partition("/_history/")[0]
    type_name, slash, ident = own.partition("/")
    plain = slash and type_name.isalpha() and ident and not set(ident) & set("/?#%:")
    return own if plain else None


def fhir_base(text: str) -> Base:
    """The FHIR base that a person typed or a directory names; "https://" is added where no scheme stands.

    Raises UserFacingError: portal-address-malformed, portal-address-not-https.
    """
    text = text.strip()
    try:
        parts = _split(text if "://" in text else f"https://{text}", "portal-address-malformed")
        port = _port(parts)
    except PortalRefused:
        raise UserFacingError("portal-address-malformed") from None
    if parts.query or parts.fragment:
        raise UserFacingError("portal-address-malformed")
    base = Base(parts.scheme, _host(parts), port, parts.path.rstrip("/").removesuffix("/metadata"))
    if not base._holds(base.path):
        raise UserFacingError("portal-address-malformed")
    if base.scheme == "http" and not base.is_loopback:
        raise UserFacingError("portal-address-not-https")
    return base


def endpoint(text: str | None, base: Base) -> str:
    """A sign-in address of the portal's discovery, which may be another host's: https, or the very server of a base on
    this computer.

    Raises PortalRefused("sign-in-address-not-allowed").
    """
    code = "sign-in-address-not-allowed"
    parts = _split(text or "", code)
    loopback = is_loopback(_host(parts))
    if loopback != base.is_loopback or (parts.scheme == "http" and not loopback) or parts.fragment:
        raise PortalRefused(code)
    if loopback and (parts.scheme, _host(parts), _port(parts)) != (base.scheme, base.host, base.port):
        raise PortalRefused(code)
    if (not loopback and _is_private(_host(parts))) or not parts.path.startswith("/"):
        raise PortalRefused(code)
    return urlunsplit((parts.scheme, _netloc(parts.scheme, _host(parts), _port(parts)), parts.path, parts.query, ""))


def is_loopback(host: str) -> bool:
    """Whether a host is this very computer: 127.0.0.0/8, ::1, or "localhost"."""
    address = _ip(host)
    return address.is_loopback if address else host == "localhost"


def _absolute(address: str, base: Base, page: str | None) -> str:
    if "://" in address.partition("?")[0]:
        return address
    if address.startswith("?"):
        return urljoin(page or base.url, address)
    if address.startswith("/"):
        return urljoin(base.url, address)
    return f"{base.url}/{address}"


def _split(text: str, code: str) -> SplitResult:
    """The parts of an absolute http(s) address without anything that two readers could read in two ways."""
    if len(text) > MAX_LENGTH or _HARMFUL.search(text):
        raise PortalRefused(code)
    try:
        parts = urlsplit(text)
        _port(parts)
        known_host = _ip(_host(parts)) is not None or _HOST.fullmatch(_host(parts)) is not None
    except ValueError:
        raise PortalRefused(code) from None
    if parts.scheme not in _PORTS or "@" in parts.netloc or not known_host:
        raise PortalRefused(code)
    return parts


def _netloc(scheme: str, host: str, port: int) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port == _PORTS[scheme] else f"{host}:{port}"


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").lower()


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_private(host: str) -> bool:
    address = _ip(host)
    return address is not None and not address.is_global
