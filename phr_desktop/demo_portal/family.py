"""The demo family: read from the committed files and moved to the clock's own week and zone.

In the files a date stands as "@2025-08-21" or "@2025-08-21T09:30:00" (a wall clock time without a zone), and as
{@2025-08-21} inside a sentence. Everything is written as if today were `FIXED_DAY`.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

import msgspec

from phr_desktop.clock import Clock, today
from phr_desktop.demo_portal.documents import fill_attachments
from phr_desktop.demo_portal.fhirdates import parse
from phr_desktop.demo_portal.store import Resource, Store
from phr_desktop.paths import resources

FIXED_DAY = date(2026, 1, 5)  # a Monday
FOLDER = resources() / "demo"
FILES = ("clinic", "mina", "ana", "tomas", "leo")

_MARKED = re.compile(
    rb'"@(?P<value>\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d)?)?)?)"|\{@(?P<words>\d{4}(?:-\d\d(?:-\d\d)?)?)\}'
)


def shift_of(clock: Clock) -> int:
    """By how many whole weeks the family's dates are moved; a sample vault made with another shift is out of date."""
    return (today(clock) - FIXED_DAY).days // 7


def family_records(clock: Clock) -> Iterator[Resource]:
    """Every record of the family, as of the clock's week and in its zone."""
    move = mover(shift_of(clock), clock.zone())
    for name in FILES:
        for line in gzip.decompress((FOLDER / f"{name}.ndjson.gz").read_bytes()).splitlines():
            resource: Resource = msgspec.json.decode(_MARKED.sub(move, line))
            fill_attachments(resource)
            yield resource


def mover(weeks: int, zone: tzinfo) -> Callable[[re.Match[bytes]], bytes]:
    """A replacement for each marked date: moved by whole weeks, times given the zone's offset on that day."""

    @cache
    def moved(written: str) -> str:
        days = timedelta(weeks=weeks)
        if "T" in written:
            local = (datetime.fromisoformat(written) + days).replace(tzinfo=zone)
            return local.isoformat(timespec="seconds")
        if len(written) == 10:
            return (date.fromisoformat(written) + days).isoformat()
        # A month or a year is moved by its middle.
        month = int(written[5:7]) if len(written) == 7 else 7
        middle = date(int(written[:4]), month, 15) + days
        return middle.isoformat()[: len(written)]

    def replaced(found: re.Match[bytes]) -> bytes:
        if found["value"]:
            return f'"{moved(found["value"].decode())}"'.encode()
        return _in_words(moved(found["words"].decode())).encode()

    return replaced


def _in_words(day: str) -> str:
    """A date for a sentence: August 21, 2025; a month or a year likewise."""
    parts = [int(part) for part in day.split("-")]
    if len(parts) == 1:
        return day
    month = f"{date(parts[0], parts[1], 1):%B}"
    return f"{month} {parts[2]}, {parts[0]}" if len(parts) == 3 else f"{month} {parts[0]}"


def settle_appointments(store: Store, clock: Clock, *, first: bool = False) -> None:
    """Booked visits that are over become fulfilled; at the first start without a new version, as if long known."""
    now = clock.now()
    over = []
    for stored in store.of_type("Appointment"):
        end = parse(stored.resource.get("end", ""), clock.zone())
        if stored.resource.get("status") == "booked" and end is not None and end.low <= now:
            over.append({**stored.resource, "status": "fulfilled"})
    if first:
        store.load(over)
    else:
        for resource in over:
            store.put(resource)
