"""Who may sign in at the demo portal at its start, and whose records each opens. Everything is invented and public."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from phr_desktop.demo_portal.clients import CLIENT_ID, Client

__all__ = ["CLIENT_ID", "CLINIC", "FAMILY_ACCOUNTS", "Access", "Account", "Client"]

CLINIC = "Harbor Clinic (demo)"


@dataclass(frozen=True, slots=True)
class Access:
    """One record that an account opens. `acts_as` is the FHIR reference of the user in that record."""

    patient: str
    acts_as: str
    relation: str  # "your own record", "your mother": for the page where the person is chosen
    full: bool = True  # else the user may look at the record and change nothing


@dataclass(frozen=True, slots=True)
class Account:
    """`code_secret` is that of a code app (TOTP, base 32); empty: no one-time code is asked for."""

    user: str
    password: str
    opens: tuple[Access, ...]
    code_secret: str = ""

    def access_to(self, patient: str) -> Access | None:
        return next((access for access in self.opens if access.patient == patient), None)

    def only(self, patients: Iterable[str]) -> Account:
        """The same account over the patients that this portal has."""
        known = set(patients)
        return replace(self, opens=tuple(access for access in self.opens if access.patient in known))


def own(patient: str) -> Access:
    """A person's access to their own record."""
    return Access(patient, f"Patient/{patient}", "your own record")


FAMILY_ACCOUNTS = (
    Account(
        "ana",
        "harbor-ana",
        (
            own("ana"),
            Access("mina", "RelatedPerson/mina-daughter", "your mother"),
            Access("leo", "RelatedPerson/leo-mother", "your son"),
        ),
    ),
    Account(
        "tomas",
        "harbor-tomas",
        (own("tomas"), Access("leo", "RelatedPerson/leo-father", "your son", full=False)),
        code_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",  # noqa: S106 - public: its codes stand on the outbox page
    ),
    Account("mina", "harbor-mina", (own("mina"),)),
    Account("leo", "harbor-leo", (own("leo"),)),
)
