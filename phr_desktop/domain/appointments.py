"""Visits as a person reads them: asked for, booked, done, or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VisitState(StrEnum):
    """What a visit's status means to a person; only the server's `booked` is booked."""

    BOOKED = "booked"
    ASKED = "asked"  # proposed, pending, waitlist: asked, not confirmed
    UNDER_WAY = "under-way"  # arrived, checked in
    DONE = "done"  # fulfilled
    WITHDRAWN = "withdrawn"  # cancelled, nobody came, entered in error, or the portal no longer lists it


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment of one person.

    `start` and `end` are aware, in the zone that the source wrote; None where it gave no moment, then `start_text`
    is the date as written (or None). `video_link` is an address that the source declared as such, never one found in
    a text.
    """

    record: int
    person: int
    person_name: str
    source: int
    source_name: str
    title: str
    start: datetime | None
    end: datetime | None
    start_text: str | None
    status: str | None  # FHIR's word
    status_words: str
    state: VisitState
    who: tuple[str, ...]
    where: str | None
    video_link: str | None
    reason: str | None
    instructions: str | None  # what the clinic wrote for the patient


@dataclass(frozen=True, slots=True)
class Visits:
    """The whole page: soonest first, newest first, and what is not going to be or never was."""

    upcoming: tuple[Visit, ...]
    past: tuple[Visit, ...]
    withdrawn: tuple[Visit, ...]
