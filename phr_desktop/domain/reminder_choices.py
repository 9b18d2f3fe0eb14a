"""How a person wants to be reminded. Kept inside the vault: it tells of what somebody takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.domain.wall_clock import wall_clock

REPEATS = (10, 30)  # minutes after a dose is due: the two times at which it can be said again
LEADS = {
    ReminderKind.APPOINTMENT: ("1 week", "1 day", "2 hours"),
    ReminderKind.REFILL: ("7 days", "2 days"),
    ReminderKind.TEST: ("1 week", "that day"),
    ReminderKind.VACCINE: ("1 week", "that day"),
}
MOST_RINGS = 60


@dataclass(frozen=True, slots=True)
class ReminderChoices:
    """What holds for one person. Without a word of theirs: private, once, no quiet hours."""

    full_text: frozenset[ReminderKind] = frozenset()  # said with the name and what it is; else that there is one
    alarms: frozenset[ReminderKind] = frozenset()  # with a sound, and in quiet hours too
    repeat_doses: bool = False  # until it is marked, after each of REPEATS
    quiet: tuple[time, time] | None = None  # from, until; what is due in between is told afterwards
    without: frozenset[tuple[ReminderKind, str]] = frozenset()  # of LEADS
    refill_hour: time = time(9)  # when refills, tests and vaccines that have a day and no time are told
    alarm_rings: int = 10  # how often an alarm rings again, a minute apart, until somebody answers; 0 to MOST_RINGS

    def wants(self, kind: ReminderKind, lead: str) -> bool:
        """Whether this lead of LEADS is to be told."""
        return (kind, lead) not in self.without

    def is_quiet(self, at: time, kind: ReminderKind) -> bool:
        """Whether nobody is to be told at this time of the day."""
        if self.quiet is None or kind in self.alarms:
            return False
        start, end = self.quiet
        return start <= at < end if start <= end else at >= start or at < end

    def heard_at(self, due: datetime, kind: ReminderKind, zone: tzinfo) -> datetime:
        """When it is told that something is due then: at once, or as soon as the quiet hours are over."""
        if self.quiet is None:
            return due
        local, end = due.astimezone(zone), self.quiet[1]
        if not self.is_quiet(local.time(), kind):
            return due
        day = local.date() if local.time() < end else local.date() + timedelta(days=1)
        return wall_clock(datetime.combine(day, end), zone)
