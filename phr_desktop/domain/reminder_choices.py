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

Quiet = tuple[time, time]  # from, until, on the clocks of wherever the computer is


@dataclass(frozen=True, slots=True)
class ReminderChoices:
    """What holds for one person. Without a word of theirs: private, once, no quiet hours."""

    full_text: frozenset[ReminderKind] = frozenset()  # said with the name and what it is; else that there is one
    alarms: frozenset[ReminderKind] = frozenset()  # with a sound, and in quiet hours too
    repeat_doses: bool = False  # until it is marked, after each of REPEATS
    quiet: Quiet | None = None  # what is due in between is told afterwards
    without: frozenset[tuple[ReminderKind, str]] = frozenset()  # of LEADS
    refill_hour: time = time(9)  # when refills, tests and vaccines that have a day and no time are told
    alarm_rings: int = 10  # how often an alarm rings again, a minute apart, until somebody answers; 0 to MOST_RINGS

    def wants(self, kind: ReminderKind, lead: str) -> bool:
        """Whether this lead of LEADS is to be told."""
        return (kind, lead) not in self.without

    def is_quiet(self, at: time, kind: ReminderKind) -> bool:
        """Whether nobody is to be told at this time of the day."""
        quiet = self.quiet_for(kind)
        return quiet is not None and _within(quiet, at)

    def quiet_for(self, kind: ReminderKind) -> Quiet | None:
        """The quiet hours that hold for this kind; None for alarms, which break them."""
        return None if kind in self.alarms else self.quiet

    def rings(self, kind: ReminderKind) -> int:
        """How often it rings again where nobody answers; 0 for what is no alarm."""
        return min(self.alarm_rings, MOST_RINGS) if kind in self.alarms else 0


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is due, and the quiet hours that put it off: all by which it is known while the record is locked,
    beside how often it rings."""

    due: datetime
    quiet: Quiet | None = None

    def heard(self, zone: tzinfo) -> datetime:
        """When it is told: at once, or as soon as the quiet hours are over on the clocks of this zone."""
        if self.quiet is None:
            return self.due
        local, end = self.due.astimezone(zone), self.quiet[1]
        if not _within(self.quiet, local.time()):
            return self.due
        day = local.date() if local.time() < end else local.date() + timedelta(days=1)
        return wall_clock(datetime.combine(day, end), zone)


def _within(quiet: Quiet, at: time) -> bool:
    start, end = quiet
    return start <= at < end if start <= end else at >= start or at < end
