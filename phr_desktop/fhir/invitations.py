"""A visit of a clinic's calendar file, as the Appointment that is stored; and what of it is needed to bring it up to
date. What the file did not say is not in it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from phr_desktop.fhir.decode import Json

UID_SYSTEM = "urn:ietf:rfc:5545"
ID_START = 36  # characters of an id that all dates of one series share
_BEGIN = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*BEGIN:VCALENDAR\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One event. `start` and `end` are FHIR dates; `revision` is its version ("3.20261121T083000Z")."""

    id: str
    uid: str
    revision: str
    status: str  # FHIR's AppointmentStatus
    title: str
    start: str | None
    end: str | None
    place: str
    organizer: str
    note: str
    said: str  # what is not read of the event, in words; "" for nothing
    original: bytes  # the event as the file has it


def is_calendar(data: bytes) -> bool:
    """Whether a file's content is a calendar file."""
    return _BEGIN.match(data) is not None


def is_newer(revision: str, known: str | None) -> bool:
    """Whether a revision follows the known one (SEQUENCE first, then when it was made), or is the same."""
    return known is None or _order(revision) >= _order(known)


def made_at(revision: str) -> datetime:
    """When a revision was made."""
    return datetime.strptime(revision.partition(".")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _order(revision: str) -> tuple[int, str]:
    sequence, _, made = revision.partition(".")
    return (int(sequence) if sequence.isdigit() else 0, made)


def appointment(one: Invitation) -> bytes:
    """The resource's JSON; the event's own bytes are contained in it."""
    original = {
        "resourceType": "Binary",
        "id": "original",
        "contentType": "text/calendar",
        "data": base64.b64encode(one.original).decode(),
    }
    resource: Json = {
        "resourceType": "Appointment",
        "id": one.id,
        "meta": {"versionId": one.revision},
        "contained": [original],
        "identifier": [{"system": UID_SYSTEM, "value": one.uid}],
        "status": one.status,
        "description": one.title,
        "supportingInformation": [{"reference": "#original", "display": "The invitation as it came"}],
        "start": one.start,
        "end": one.end,
        "comment": one.said,
        "patientInstruction": "\n\n".join(filter(None, (one.note, one.said and f"(Not from the clinic: {one.said})"))),
        "participant": [*_participant(one.organizer, "Organization"), *_participant(one.place, "Location")],
    }
    return msgspec.json.encode({name: value for name, value in resource.items() if value})


def called_off(body: bytes, revision: str) -> bytes:
    """The same appointment, cancelled by a later revision."""
    resource: Json = msgspec.json.decode(body)
    return msgspec.json.encode(resource | {"status": "cancelled", "meta": {"versionId": revision}})


def _participant(name: str, kind: str) -> list[Json]:
    return [{"actor": {"type": kind, "display": name}, "status": "accepted"}] if name else []
