"""Where everything stands on the portal's one loopback port."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute addresses, known once the port is. The issuer is not the FHIR base, as at most real portals."""

    root: str  # "http://127.0.0.1:50000"
    prefix: str = ""  # "/poor" for that front

    @property
    def fhir(self) -> str:
        return f"{self.root}{self.prefix}/fhir"

    @property
    def issuer(self) -> str:
        return f"{self.root}{self.prefix}/auth"

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

    @property
    def introspect(self) -> str:
        return f"{self.issuer}/introspect"

    @property
    def clients(self) -> str:
        """Where programs register themselves (RFC 7591)."""
        return f"{self.issuer}/clients"

    @property
    def account(self) -> str:
        """The person's own page: one-time codes, and which programs are connected."""
        return f"{self.issuer}/account"

    @property
    def outbox(self) -> str:
        """The mails the portal would have sent, and what code apps show; shared by all fronts."""
        return f"{self.root}/outbox"

    @property
    def admin(self) -> str:
        """Where records are changed and faults are switched; shared by all fronts."""
        return f"{self.root}/admin"

    @property
    def pay(self) -> str:
        """The hosted payment page; with ?bill=NUMBER that bill's."""
        return f"{self.issuer}/pay"
