"""What a person asked a portal for, kept until the portal answered. (Sending is a later issue; the row is final.)"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OutboxState(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    HELD = "held"


class SendClass(StrEnum):
    """How often a request may go out: see portal.md."""

    IDEMPOTENT = "A"
    CHECKABLE = "B"
    ONCE_ONLY = "C"
    HAND_OVER = "D"


@dataclass(frozen=True, slots=True)
class PendingAction:
    """One outbox row; `body` is frozen at confirmation."""

    id: str  # urn:uuid
    source: int
    person: int
    kind: str
    send_class: SendClass
    method: str
    path: str
    body: bytes
    state: OutboxState
    created_at: int
    expires_at: int | None
    attempts: int
    last_error: str | None
