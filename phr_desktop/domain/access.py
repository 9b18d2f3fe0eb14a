"""The ways into a vault: passphrases, the recovery key, and this computer's keychain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WayKind(StrEnum):
    """What opens it."""

    PASSPHRASE = "passphrase"  # noqa: S105 (the kind of a slot)
    RECOVERY_KEY = "recovery"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class WayIn:
    """One of them. `label` is what the person calls it, "" for nothing; `made_at` is in seconds since 1970 UTC."""

    id: str
    kind: WayKind
    label: str
    made_at: int
