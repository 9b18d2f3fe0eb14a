"""A front: one way into the portal, with its own addresses, sign-ins and flavour. All fronts share the records."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.demo_portal.addresses import Addresses
from phr_desktop.demo_portal.flavours import Flavour
from phr_desktop.demo_portal.rules import TYPES, WRITES
from phr_desktop.demo_portal.tokens import Tokens


@dataclass(slots=True)
class Front:
    """`flavour` may be changed while the portal answers."""

    name: str
    addresses: Addresses
    tokens: Tokens
    flavour: Flavour

    def status_of(self, name: str) -> int:
        """200 for a type that this front answers; else the status of every answer about it."""
        return self.flavour.absent.get(name, 200) if name in TYPES else 404

    def declares(self, name: str) -> bool:
        """Whether the type stands in `metadata`; one that is refused with 403 does."""
        return self.status_of(name) != 404

    def writable(self, name: str) -> str:
        """The letters of a type's writes here: some of "cud"."""
        return WRITES[name].letters if self.flavour.writes and name in WRITES else ""
