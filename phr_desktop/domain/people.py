"""People whose records these are, and the sources that belong to exactly one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    PORTAL = "portal"
    FILES = "files"  # all files imported for a person are one source
    OWN = "own"  # own notes


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whose record this is. `birth_date` is a FHIR date (may be partial); `relation` a word to the user."""

    id: int
    name: str
    birth_date: str | None
    relation: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from. For a portal, `base_url` is the FHIR base and `patient_id` the bound patient."""

    id: int
    person: int
    kind: SourceKind
    name: str
    base_url: str | None
    patient_id: str | None
    connected: bool  # a portal that may be synced; False after "disconnect"
    needs_sign_in: bool
    last_synced_at: int | None  # end of the last sync that ran through, seconds since 1970 UTC


@dataclass(frozen=True, slots=True)
class Rest:
    """A portal that failed `failures` times in a row: until then (seconds since 1970 UTC) only a person asks it."""

    failures: int
    until: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A portal's permission as its token answer gave it. Never printed, never logged."""

    source: int
    token_endpoint: str
    client_id: str
    access_token: str
    refresh_token: str | None
    expires_at: int | None
    scope: str
    patient: str
    fhir_user: str | None
    refreshing: bool  # a refresh was begun whose answer is not stored: the refresh token must not be used again
    client_auth: str = "none"  # how the token address is spoken to: a word of RFC 7591, or "jwt-bearer"
    client_secret: str | None = None
    client_key: str | None = None  # a private JSON Web Key

    def __repr__(self) -> str:
        return f"Grant(source={self.source})"

    @property
    def acts_as(self) -> str | None:
        """Who signed in where that is not the patient, as a FHIR type; None where it is, or is not known."""
        rest, _, ident = (self.fhir_user or "").rpartition("/")
        type_name = rest.rpartition("/")[2]
        return None if (type_name, ident) == ("Patient", self.patient) else type_name or None
