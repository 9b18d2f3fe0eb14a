"""Reminders: occurrences with stable ids are the truth; delivery happens at most once and is never lost in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReminderKind(StrEnum):
    APPOINTMENT = "appointment"
    REFILL = "refill"
    DOSE = "dose"


class OccurrenceState(StrEnum):
    PLANNED = "planned"
    DELIVERED = "delivered"
    MISSED = "missed"  # fell due while the program was off; shown once, in one card
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = (
        "withdrawn"  # its reason went away before it was due, or after it was shown and before it was acknowledged
    )


class DeliveredBy(StrEnum):
    DESKTOP = "desktop"
    TRAY = "tray"
    LIST = "list"
    LOCKED = "locked"  # while the vault was locked: by words that say only that one is due


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One reminder at one moment.

    `id` is stable: SHA-256 of what it is about, its own moment and its lead, so that planning twice plans it once.
    `title` is private text for inside the program; a notification says nothing private by default.
    """

    id: str
    person: int
    person_name: str
    kind: ReminderKind
    at: datetime  # aware
    title: str
    evidence: str
    subject: str  # "record:<id>" of the appointment, "medicine:<key>" or "dose:<id>"
    lead: str  # "1 week", "1 day", "2 hours", "7 days", "2 days"; of a dose "" or the moment it was snoozed to
    state: OccurrenceState = OccurrenceState.PLANNED
