"""Reminders: occurrences with stable ids are the truth; delivery happens at most once and is never lost in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReminderKind(StrEnum):
    APPOINTMENT = "appointment"
    REFILL = "refill"
    DOSE = "dose"
    MEASUREMENT = "measurement"  # at home, such as blood pressure; by the person's own word
    TEST = "test"  # of a laboratory: ordered, or by the person's own word
    VACCINE = "vaccine"  # due by a source's word, or by the person's own


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
    # "record:<id>" of a visit, an order or what says that a vaccine is due; "medicine:<key>"; "dose:<id>"; "own:<id>"
    subject: str
    # One of `LEADS` of reminder_choices; of a dose "" or the moment it was snoozed to; of an own one the day
    lead: str
    state: OccurrenceState = OccurrenceState.PLANNED
