"""Reading a clinic's calendar file (iCalendar, RFC 5545): its events become appointments.

Nothing of it is run or fetched: alarms, attachments and addresses are left where they are, in the event's own bytes,
which are kept. A series is read for the year after it was sent. An event whose time cannot be told for certain is not
guessed at.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from itertools import islice, takewhile
from typing import Any

import icalendar
from dateutil import rrule  # type: ignore[import-untyped]
from icalendar.error import GloballyUniqueTZIDGuessed

from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.invitations import Invitation, is_newer

MAXIMUM_BYTES = 4 * 1024**2
MAXIMUM_EVENTS = 5_000
MAXIMUM_REPEATS = 366
OWN_UID = "@phr-desktop"  # of what this program wrote itself
_EVENT = re.compile(rb"^BEGIN:VEVENT[ \t]*\r?$.*?^END:VEVENT[ \t]*\r?$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_BEGUN = re.compile(rb"^BEGIN:VEVENT[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_SENDING = frozenset({"", "PUBLISH", "REQUEST", "ADD", "CANCEL"})  # others answer or ask, and tell of no visit
_STATUS = {"TENTATIVE": "pending", "CANCELLED": "cancelled"}
_YEAR = timedelta(days=366)
_BEFORE = timedelta(days=31)
_MOST_TITLE, _MOST_TEXT = 300, 4_000  # characters
# Rules that are found by trying: one that never comes true would be tried day by day for thousands of years.
_QUICK = {
    "YEARLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "MONTHLY": {"BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "WEEKLY": {"BYDAY"},
    "DAILY": {"BYDAY"},
}
_REPEATS = "It repeats in a way that is not read here: only the first is shown. The invitation itself says more."
_CUT = "It repeats: what is more than a year after it was sent is not shown. Add a newer file then."
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Read:
    """One event read, or its bytes and why not. `series`: it speaks for every date of its UID."""

    invitation: Invitation | None
    raw: bytes
    problem: str | None = None
    series: str = ""  # the start of the ids of all its dates, where this is the last that the file says of them


@dataclass(frozen=True, slots=True)
class _Event:
    component: Any  # icalendar's VEVENT; its properties are of thirty kinds
    raw: bytes
    cancelled: bool

    def text(self, name: str, most: int) -> str:
        value = self.component.get(name)
        value = value[0] if isinstance(value, list) and value else value
        return _CONTROL.sub("", str(value))[:most].strip() if value is not None else ""

    @property
    def uid(self) -> str:
        return self.text("UID", 1_000)

    @property
    def revision(self) -> str:
        """Its SEQUENCE and the moment it was made, in the order in which revisions follow."""
        try:
            sequence = max(0, int(self.component.get("SEQUENCE", 0)))
        except (TypeError, ValueError):
            sequence = 0
        made = _moment(self.component, "DTSTAMP") or _moment(self.component, "LAST-MODIFIED")
        return f"{min(sequence, 10**9)}.{made or datetime(1970, 1, 1, tzinfo=UTC):%Y%m%dT%H%M%SZ}"


def read_calendar(data: bytes) -> list[Read]:
    """The events of a file, each date of a series by itself; of one told twice, the newer.

    Errors: calendar-broken, calendar-too-large, calendar-not-visits (an answer, tasks, or none), calendar-own.
    """
    if len(data) > MAXIMUM_BYTES:
        raise UserFacingError("calendar-too-large")
    events = _events(data)
    if not events:
        raise UserFacingError("calendar-not-visits")
    if all(one.uid.endswith(OWN_UID) for one in events):
        raise UserFacingError("calendar-own")
    newest: dict[str, Read] = {}
    unread: list[Read] = []
    moved = _moved(events)
    for one in events:
        for read in _read(one, moved.get(one.uid, frozenset())):
            if read.invitation is None:
                unread.append(read)
            elif is_newer(read.invitation.revision, _revision(newest.get(read.invitation.id))):
                newest[read.invitation.id] = read
    return [*newest.values(), *unread]


def _revision(read: Read | None) -> str | None:
    return None if read is None or read.invitation is None else read.invitation.revision


def _events(data: bytes) -> list[_Event]:
    originals = _EVENT.findall(data)
    if len(originals) > MAXIMUM_EVENTS:
        raise UserFacingError("calendar-too-large")
    try:
        with warnings.catch_warnings():
            # "/mozilla.org/20050126_1/America/New_York" is taken for what stands at its end; nothing else is guessed.
            warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
            calendars = icalendar.Calendar.from_ical(data, multiple=True)
    except (ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError):
        raise UserFacingError("calendar-broken") from None  # whatever the library made of what is no calendar
    found: list[_Event] = []
    for calendar in calendars:
        method = str(calendar.get("METHOD", "")).strip().upper()
        if method not in _SENDING:
            raise UserFacingError("calendar-not-visits")
        for component in calendar.walk("VEVENT"):
            raw = originals[len(found)] if len(found) < len(originals) else component.to_ical()
            found.append(_Event(component, raw, method == "CANCEL"))
    if len(found) != len(_BEGUN.findall(data)):
        raise UserFacingError("calendar-broken")  # it is cut off, and some of what it told is missing
    return found


def _read(one: _Event, apart: frozenset[str]) -> Iterator[Read]:
    if not one.uid:
        yield Read(None, one.raw, "calendar-no-uid")
        return
    try:
        whole = "" if "RECURRENCE-ID" in one.component else f"ics-{_hash(one.uid)}"
        yield from (Read(each, one.raw, None, whole) for each in _dates(one, apart))
    except _Unreadable as problem:
        yield Read(None, one.raw, problem.code)


class _Unreadable(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _moved(events: Sequence[_Event]) -> dict[str, frozenset[str]]:
    """By UID, the dates of a series that the file tells of by themselves."""
    found: dict[str, set[str]] = {}
    for one in events:
        if "RECURRENCE-ID" in one.component:
            try:
                found.setdefault(one.uid, set()).add(_place(_time(one.component, "RECURRENCE-ID")))
            except _Unreadable:
                continue  # it is kept aside, and takes no date out of the series
    return {uid: frozenset(places) for uid, places in found.items()}


def _dates(one: _Event, apart: frozenset[str]) -> Iterator[Invitation]:
    component = one.component
    start = _time(component, "DTSTART") if "DTSTART" in component else None
    end = _end(component, start)
    if "RECURRENCE-ID" in component:
        place = _place(_time(component, "RECURRENCE-ID"))
        if "RANGE" in component["RECURRENCE-ID"].params:
            raise _Unreadable("calendar-part-of-series")
        yield _invitation(one, "-" + place, start, end, "")
    elif start is None or not ("RRULE" in component or "RDATE" in component):
        if start is None and not _is_off(one):
            raise _Unreadable("calendar-no-time")
        yield _invitation(one, "", start, end, "")
    else:
        yield from _series(one, start, end, apart)


def _series(
    one: _Event, start: datetime | date, end: datetime | date | None, apart: frozenset[str]
) -> Iterator[Invitation]:
    length = None if end is None else _naive(end) - _naive(start)
    starts, said = _repeats(one, start)
    for each in starts:
        place = _place(each)
        if place not in apart:
            over = None if length is None else _like(_naive(each) + length, each)
            yield _invitation(one, "-" + place, each, over, said)


def _repeats(one: _Event, start: datetime | date) -> tuple[list[datetime | date], str]:
    """The dates of a series in the year after it was sent, and what is not read of it, in words."""
    component, first = one.component, _naive(start)
    made = _moment(component, "DTSTAMP")
    sent = first if made is None else max(first, made.replace(tzinfo=None))
    from_, until = (first if made is None else made.replace(tzinfo=None) - _BEFORE), sent + _YEAR
    rules = component.get("RRULE", [])
    rules = rules if isinstance(rules, list) else [rules]
    if any(not _is_quick(rule) for rule in rules):
        return [start], _REPEATS
    dates = rrule.rruleset()
    dates.rdate(first)
    try:
        for rule in rules:
            dates.rrule(rrule.rrulestr(_local_rule(rule, start), dtstart=first))
        for at in _listed(component, "RDATE"):
            dates.rdate(_naive(_in_zone_of(at, start)))
        off: set[date] = set()  # whole days
        for at in _listed(component, "EXDATE"):
            dates.exdate(_naive(_in_zone_of(at, start)))
            off |= set() if isinstance(at, datetime) else {at}
        coming = (each for each in dates.xafter(from_, inc=True) if each.date() not in off)
        found = list(islice(takewhile(lambda each: each <= until, coming), MAXIMUM_REPEATS + 1))
        further = dates.after(until) is not None or len(found) > MAXIMUM_REPEATS
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):  # what the library made of a wrong rule
        return [start], _REPEATS
    return [_like(each, start) for each in found[:MAXIMUM_REPEATS]], _CUT if further else ""


def _is_quick(rule: Any) -> bool:
    if not isinstance(rule, icalendar.vRecur):
        return False
    frequency = str(next(iter(rule.get("FREQ", [])), "")).upper()
    by = {str(name).upper() for name in rule if str(name).upper().startswith("BY")}
    if any(not isinstance(step, int) or step < 1 for step in rule.get("INTERVAL", [])):
        return False
    return frequency in _QUICK and by <= _QUICK[frequency] and "RSCALE" not in rule


def _local_rule(rule: Any, start: datetime | date) -> str:
    """The rule with its UNTIL on the clock of the series, since that is where it is counted."""
    said: Any = icalendar.vRecur(rule)
    for until in said.pop("UNTIL", []):
        said["UNTIL"] = [_naive(_in_zone_of(until, start))]
    text: str = said.to_ical().decode()
    return text


def _in_zone_of(at: datetime | date, start: datetime | date) -> datetime | date:
    zone = start.tzinfo if isinstance(start, datetime) else None
    return at.astimezone(zone) if isinstance(at, datetime) and at.tzinfo and zone else at


def _listed(component: Any, name: str) -> Iterator[datetime | date]:
    value = component.get(name, [])
    for group in value if isinstance(value, list) else [value]:
        for each in group.dts:
            yield each.dt[0] if isinstance(each.dt, tuple) else each.dt


def _invitation(
    one: _Event, place: str, start: datetime | date | None, end: datetime | date | None, said: str
) -> Invitation:
    status = "cancelled" if _is_off(one) else _STATUS.get(one.text("STATUS", 20).upper(), "booked")
    organizer = one.component.get("ORGANIZER")
    name = "" if organizer is None else str(getattr(organizer, "params", {}).get("CN", ""))
    return Invitation(
        id=f"ics-{_hash(one.uid)}{place}",
        uid=one.uid,
        revision=one.revision,
        status=status,
        title=one.text("SUMMARY", _MOST_TITLE) or "Appointment",
        start=_written(start),
        end=_written(end),
        place=one.text("LOCATION", _MOST_TITLE),
        organizer=_CONTROL.sub("", name)[:_MOST_TITLE],
        note=one.text("DESCRIPTION", _MOST_TEXT),
        said=said,
        original=one.raw,
    )


def _is_off(one: _Event) -> bool:
    return one.cancelled or one.text("STATUS", 20).upper() == "CANCELLED"


def _time(component: Any, name: str) -> datetime | date:
    """A moment, a local time of no zone, or a day. Raises where it is none of these, or in a zone nobody knows."""
    value = component[name]
    try:
        at = value.dt  # an AttributeError where it is written twice
    except (ValueError, AttributeError):
        raise _Unreadable("calendar-no-time") from None
    if not isinstance(at, date):
        raise _Unreadable("calendar-no-time")
    if isinstance(at, datetime) and at.tzinfo is None and value.params.get("TZID"):
        raise _Unreadable("calendar-zone-unknown")
    return at


def _end(component: Any, start: datetime | date | None) -> datetime | date | None:
    if start is None or not isinstance(start, datetime):
        return None  # of a day nothing more is known
    if "DTEND" in component:
        end = _time(component, "DTEND")
        return end if isinstance(end, datetime) and (end.tzinfo is None) == (start.tzinfo is None) else None
    try:
        length = component["DURATION"].dt
    except (KeyError, ValueError, AttributeError):
        return None
    return start + length if isinstance(length, timedelta) and timedelta() < length < _YEAR else None


def _moment(component: Any, name: str) -> datetime | None:
    try:
        at = component[name].dt
    except (KeyError, ValueError, AttributeError):
        return None
    return at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else None


def _naive(at: datetime | date) -> datetime:
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime.combine(at, time())


def _like(local: datetime, model: datetime | date) -> datetime | date:
    """A local time as the model is one: of its zone, of none, or a day."""
    if not isinstance(model, datetime):
        return local.date()
    zone: tzinfo | None = model.tzinfo
    return local if zone is None else wall_clock(local, zone).astimezone(zone)


def _place(at: datetime | date) -> str:
    """A date's place in its series, whatever the zone it is written in."""
    if isinstance(at, datetime):
        return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if at.tzinfo else f"{at:%Y%m%dT%H%M%S}"
    return f"{at:%Y%m%d}"


def _written(at: datetime | date | None) -> str | None:
    return None if at is None else at.isoformat()


def _hash(uid: str) -> str:
    return sha256(uid.encode()).hexdigest()[:32]
