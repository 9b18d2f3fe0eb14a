"""Reminders: occurrences with stable ids are the truth; delivery happens at most once and is never lost in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from phr_desktop.domain.medicine_words import title_words


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
class ReminderTarget:
    """What a press on a notification opens; without a word that anybody could read.

    `person` None: whoever the subject belongs to. `subject` as an occurrence's; "" where it told of several things.
    `unmarked`: one of its buttons was pressed, and could not do what it says.
    """

    person: int | None
    kind: ReminderKind
    subject: str
    unmarked: bool = False


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

    @property
    def said(self) -> str:
        """The title as people read it: a medicine's dose written safely."""
        return title_words(self.title) if self.kind in (ReminderKind.DOSE, ReminderKind.REFILL) else self.title
