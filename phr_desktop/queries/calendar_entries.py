"""What entries of a calendar are made of: their words, their UIDs, and how doses and other times become entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

from phr_desktop.domain.calendar_rules import Repeated
from phr_desktop.domain.calendars import CalendarItem, CalendarKind
from phr_desktop.vault.vault import Vault

BACK = timedelta(days=30)  # so long what is over stays in the file
OWN_UID = "@phr-desktop"  # the end of every UID made here
DAY_MINUTES = 24 * 60
_LENGTH = timedelta(minutes=15)  # so that calendars show more than a line; nothing is computed from it


class Uids:
    """By what an entry is of, never by its words or time; another vault's are others, in one calendar too."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault.id.hex()

    def of(self, *parts: str) -> str:
        return sha256("\x1f".join((self._vault, *parts)).encode()).hexdigest()[:40] + OWN_UID


class Words:
    """Titles and notes: in full after the person's name, or, without one, such as say nothing of anybody."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def title(self, full: str, discreet: str) -> str:
        return discreet if self._name is None else self._name + full

    def full(self, text: str | None) -> str:
        return "" if self._name is None or text is None else text


@dataclass(frozen=True, slots=True)
class Said:
    """What every entry of one schedule says. `title` is by the amount, `alarms` are minutes from the time."""

    kind: CalendarKind
    title: Callable[[Decimal], str]
    note: str
    alarms: tuple[int, ...]


def rule_entry(said: Said, one: Repeated, elsewhere: Iterable[datetime], uids: Uids) -> CalendarItem:
    """A rule as one entry, without those of its times (aware) that are `elsewhere`."""
    zone = ZoneInfo(one.zone)
    without = (at.astimezone(zone).replace(tzinfo=None) for at in elsewhere)
    return CalendarItem(
        uid=uids.of(one.uid),
        kind=said.kind,
        title=said.title(one.amount),
        start=one.start.isoformat(),
        zone=one.zone,
        end=(one.start + _LENGTH).isoformat(),
        rule=one.rule,
        without=tuple(at.isoformat() for at in without if at.time() == one.start.time()),
        alarms=said.alarms,
        note=said.note,
        last_day="" if one.last_day is None else one.last_day.isoformat(),
    )


def single_entry(said: Said, identifier: str, amount: Decimal, due: datetime, uids: Uids) -> CalendarItem:
    """In UTC: it is one moment, wherever the clocks stand by then."""
    due = due.astimezone(UTC).replace(tzinfo=None)
    return CalendarItem(
        uid=uids.of(identifier),
        kind=said.kind,
        title=said.title(amount),
        start=due.isoformat(),
        zone="UTC",
        end=(due + _LENGTH).isoformat(),
        alarms=said.alarms,
        note=said.note,
        last_day=due.date().isoformat(),
    )


def is_long_over(one: Repeated, now: datetime) -> bool:
    """Whether it ended before what is over leaves the file."""
    return one.last_day is not None and one.last_day < (now - BACK).date()
