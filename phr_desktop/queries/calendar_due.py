"""What is due beside medicines and visits, as calendars show it: a test or vaccine on its day, and at their times what
the person wants to be reminded of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from phr_desktop.clock import Clock
from phr_desktop.domain.calendar_rules import AHEAD, repeated
from phr_desktop.domain.calendars import CalendarItem, CalendarKind
from phr_desktop.domain.own_reminders import ONE, DueDay, OwnReminder, as_schedule, due_title, own_moments
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.queries.calendar_entries import (
    BACK,
    DAY_MINUTES,
    Said,
    Uids,
    Words,
    is_long_over,
    rule_entry,
    single_entry,
)
from phr_desktop.queries.due_days import due_days, reminded_about
from phr_desktop.vault.vault import Vault

KINDS = {
    ReminderKind.TEST: CalendarKind.TEST,
    ReminderKind.VACCINE: CalendarKind.VACCINE,
    ReminderKind.MEASUREMENT: CalendarKind.MEASUREMENT,
}
_DISCREET = {CalendarKind.TEST: "Test", CalendarKind.VACCINE: "Vaccine", CalendarKind.MEASUREMENT: "Measurement"}
_LEADS = {"1 week": -7 * DAY_MINUTES, "that day": 0}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How the entries are to be made, of which kinds alone."""

    kinds: frozenset[CalendarKind]
    words: Words
    uids: Uids
    told: ReminderChoices
    now: datetime
    zone: tzinfo


def due_entries(
    vault: Vault, clock: Clock, person: int, kinds: frozenset[CalendarKind], words: Words, uids: Uids,
    told: ReminderChoices,
) -> Iterator[CalendarItem]:  # fmt: skip
    """Entries of those of the kinds that are in KINDS."""
    if kinds.isdisjoint(KINDS.values()):
        return
    wanted = _Wanted(kinds, words, uids, told, clock.now(), clock.zone())
    yield from _days(due_days(vault, clock, person), wanted)
    for one in reminded_about(vault, clock, person):
        if KINDS[one.kind] in kinds:
            yield from _own(one, wanted)


def _days(found: Iterable[DueDay], wanted: _Wanted) -> Iterator[CalendarItem]:
    since = (wanted.now.astimezone(wanted.zone) - BACK).date()
    for due in found:
        kind = KINDS[due.kind]
        if kind in wanted.kinds and due.day >= since:
            yield CalendarItem(
                uid=wanted.uids.of(f"record:{due.record}", "due", due.part),
                kind=kind,
                title=wanted.words.title(due_title(due), _DISCREET[kind]),
                start=due.day.isoformat(),
                zone="",
                alarms=_alarms(due.kind, wanted.told),
                note=wanted.words.full(due.evidence),
                last_day=due.day.isoformat(),
            )


def _alarms(kind: ReminderKind, told: ReminderChoices) -> tuple[int, ...]:
    """At the person's hour, on the days that the person is reminded on."""
    hour = told.refill_hour.hour * 60 + told.refill_hour.minute
    return tuple(before + hour for lead, before in _LEADS.items() if told.wants(kind, lead))


def _own(one: OwnReminder, wanted: _Wanted) -> Iterator[CalendarItem]:
    kind = KINDS[one.kind]
    title = wanted.words.title(one.title, _DISCREET[kind])
    said = Said(kind, lambda _amount: title, "", (0,))
    rules = repeated(as_schedule(one), wanted.zone)
    if rules is None:
        ahead = own_moments(one, wanted.zone, wanted.now, wanted.now + AHEAD)
        yield from (single_entry(said, identifier, ONE, at, wanted.uids) for identifier, _, at in ahead)
    else:
        yield from (rule_entry(said, rule, (), wanted.uids) for rule in rules if not is_long_over(rule, wanted.now))
