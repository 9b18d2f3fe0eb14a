"""Where everything stands on the portal's one loopback port."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute addresses, known once the port is. The issuer is not the FHIR base, as at most real portals."""

    root: str  # "http://127.0.0.1:50000"

    @property
    def fhir(self) -> str:
        return f"{self.root}/fhir"

    @property
    def issuer(self) -> str:
        return f"{self.root}/auth"

    @property
    def authorize(self) -> str:
        return f"{self.issuer}/authorize"

    @property
    def token(self) -> str:
        return f"{self.issuer}/token"

    @property
    def revoke(self) -> str:
        return f"{self.issuer}/revoke"

    @property
    def jwks(self) -> str:
        return f"{self.issuer}/jwks"
