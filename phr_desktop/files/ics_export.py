"""Calendar files (iCalendar, RFC 5545) of a person's entries.

The same entries give the same bytes: DTSTAMP is the moment at which an entry changed last, as RFC 5545 wants it where
no METHOD is given, and the zones are told for fixed years.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar

from phr_desktop import failpoints
from phr_desktop.domain.calendars import CalendarEntry, CalendarItem, CalendarKind, CalendarStatus
from phr_desktop.files.ics_zones import vtimezone
from phr_desktop.vault.connection import mapped_errors

PRODUCT = "-//PHR Desktop//EN"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # RFC 5545 has no place for them in a text
_KEPT = timedelta(days=60)  # so long a cancelled entry is told of, so that every program that reads the file sees it


def brought_up_to_date(
    items: Sequence[CalendarItem], written: Sequence[CalendarEntry], now: datetime
) -> tuple[list[CalendarEntry], list[CalendarEntry], list[str]]:
    """What a file says now, given what was written of the same kinds before: all entries, those of them that are new
    or changed, and the UIDs that are over and told of no more.

    What was written, is not over and is not there any more is cancelled.
    """
    before = {one.item.uid: one for one in written}
    whole = [_changed(item, before.pop(item.uid, None), now) for item in items]
    over = []
    for gone in before.values():
        if _is_over(gone, now):
            over.append(gone.item.uid)
        else:
            whole.append(_cancelled(gone, now))
    known = set(written)
    return whole, [one for one in whole if one not in known], over


def to_ics(entries: Iterable[CalendarEntry]) -> bytes:
    """The file's content: entries by UID, after the zones that they name."""
    ordered = sorted(entries, key=lambda one: one.item.uid)
    calendar = icalendar.Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    for zone in sorted({one.item.zone for one in ordered} - {"", "UTC"}):
        calendar.add_component(vtimezone(zone))
    for one in ordered:
        calendar.add_component(_event(one))
    content: bytes = calendar.to_ical()
    return content


def write_ics(content: bytes, target: Path) -> None:
    """Writes the file whole or not at all; only the person's own account may read it. It is NOT encrypted.

    Errors: no-permission, disk-full, disk-problem.
    """
    with mapped_errors():
        failpoints.write_whole(target, content, "calendar")


def _changed(item: CalendarItem, before: CalendarEntry | None, now: datetime) -> CalendarEntry:
    if before is None:
        return CalendarEntry(item, 0, int(now.timestamp()))
    return before if before.item == item else CalendarEntry(item, before.sequence + 1, int(now.timestamp()))


def _cancelled(gone: CalendarEntry, now: datetime) -> CalendarEntry:
    if gone.item.status is CalendarStatus.CANCELLED:
        return gone
    item = gone.item
    said = CalendarItem(
        item.uid, item.kind, item.title, item.start, item.zone, item.end, item.rule, item.without,
        status=CalendarStatus.CANCELLED, last_day=item.last_day,
    )  # fmt: skip
    return CalendarEntry(said, gone.sequence + 1, int(now.timestamp()))


def _is_over(gone: CalendarEntry, now: datetime) -> bool:
    """Its last day is past, or it was told often enough that it is cancelled."""
    if gone.item.status is CalendarStatus.CANCELLED and now.timestamp() - gone.changed_at > _KEPT.total_seconds():
        return True
    return bool(gone.item.last_day) and date.fromisoformat(gone.item.last_day) < (now - timedelta(days=1)).date()


def _event(entry: CalendarEntry) -> icalendar.Event:
    item = entry.item
    event = icalendar.Event()
    event.add("UID", item.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", datetime.fromtimestamp(entry.changed_at, UTC))
    event.add("DTSTART", _when(item, item.start))
    if item.end:
        event.add("DTEND", _when(item, item.end))
    if item.rule:
        event.add("RRULE", icalendar.vRecur.from_ical(item.rule))
    if item.without:
        event.add("EXDATE", [_when(item, start) for start in item.without])
    event.add("SUMMARY", _text(item.title))
    event.add("STATUS", item.status.value)
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "OPAQUE" if item.kind is CalendarKind.VISIT else "TRANSPARENT")
    if item.where:
        event.add("LOCATION", _text(item.where))
    if item.note:
        event.add("DESCRIPTION", _text(item.note))
    for minutes in item.alarms:
        event.add_component(_alarm(item.title, minutes))
    return event


def _when(item: CalendarItem, text: str) -> datetime | date:
    if not item.zone:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC if item.zone == "UTC" else ZoneInfo(item.zone))


def _text(text: str) -> str:
    return _CONTROL.sub("\ufffd", text)


def _alarm(title: str, minutes: int) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _text(title))
    alarm.add("TRIGGER", timedelta(minutes=minutes))
    return alarm
