"""What an open vault is found to be, and what a check of it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class VaultState(StrEnum):
    """Only an OK vault is written to. The sentence of each of the others is that of the code `vault-<value>`."""

    OK = "ok"
    OLDER_COPY = "older-copy"  # the database lacks transactions that were stored here before
    ALTERED = "altered"  # another history than the one stored here, or pages that are not those of the last lock
    DAMAGED = "damaged"  # after a crash: what is in the file does not fit together
    READ_ONLY = "read-only"  # the folder may not be written to: a copy of it is shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check looked at. The sentence is that of `code`, filled by the parameters."""

    name: str
    good: bool
    code: str
    parameters: dict[str, object] = field(default_factory=dict)
