"""Dates, times and counts as people say them. A date says no more than its source wrote: a month stays a month.

Days are told as the source's own calendar tells them; only a moment written in UTC (`Z`), which names nobody's
calendar, is told in the reader's zone. Midnight in UTC is how many systems send a day without a time: it stays that
day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from phr_desktop.domain.records import DatePrecision

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)


def utc_moment(seconds: int) -> datetime:
    """The moment so many seconds from 1970 UTC; what lies outside the calendar's years 1 to 9999, at their edge."""
    return _EPOCH + timedelta(seconds=min(max(seconds, _FIRST), _LAST))


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The moment on clocks of the zone. At the calendar's edge, where they would show a year before 1 or after 9999,
    it stays as it is."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def short_day(day: date, today: date | None = None) -> str:
    """ "Aug 21" in this year, "Aug 21, 2025" else (and where no `today` is given)."""
    month = MONTHS[day.month - 1][:3]
    return f"{month} {day.day}" if today and today.year == day.year else f"{month} {day.day}, {day.year}"


def long_day(day: date) -> str:
    """ "August 21, 2026"."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def weekday_day(day: date) -> str:
    """ "Tuesday, November 24"."""
    return f"{WEEKDAYS[day.weekday()]}, {MONTHS[day.month - 1]} {day.day}"


def time_of_day(moment: datetime) -> str:
    """ "8:14 AM", in the moment's own zone."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'AM' if moment.hour < 12 else 'PM'}"


def about_day(day: date, today: date | None = None) -> str:
    """ "about Nov 26", for what is a forecast."""
    return f"about {short_day(day, today)}"


def days_away(day: date, today: date) -> str:
    """ "today", "tomorrow", "in 3 days", "in 2 weeks", "yesterday", "5 days ago"; further away, the date itself."""
    days = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    if 0 < days < 14:
        return f"in {days} days"
    if -14 < days < 0:
        return f"{-days} days ago"
    if 14 <= days < 60:
        return f"in {days // 7} weeks"
    return short_day(day, today)


def moment_words(seconds: int, now: datetime) -> str:
    """When something happened here: "today 8:14 AM", "yesterday 3:10 PM", "Nov 3", in `now`'s zone.

    `seconds` since 1970 UTC; `now` aware, in the reader's zone.
    """
    then = in_zone(utc_moment(seconds), now.tzinfo or UTC)
    days = (now.date() - then.date()).days
    if days in (0, 1):
        return f"{'today' if days == 0 else 'yesterday'} {time_of_day(then)}"
    return short_day(then.date(), now.date())


def count_words(count: int, one: str, many: str) -> str:
    """ "1 result", "1,204 results"."""
    return f"{count:,} {one if count == 1 else many}"


def joined(parts: list[str]) -> str:
    """ "penicillin, latex and peanut"."""
    return parts[0] if len(parts) == 1 else " and ".join([", ".join(parts[:-1]), parts[-1]]) if parts else ""


def written_moment(date_utc: int, precision: DatePrecision, zone: str | None, reader: tzinfo) -> datetime:
    """The moment as its source's calendar and clock tell it; one written in UTC, as the reader's tell it."""
    if zone is None or precision is not DatePrecision.TIME:
        return utc_moment(date_utc)
    if zone == "Z":
        return utc_moment(date_utc) if _is_bare_day(date_utc, zone) else in_zone(utc_moment(date_utc), reader)
    sign = -1 if zone.startswith("-") else 1
    # Added before the moment is made: in UTC it can lie outside the calendar that its source's clock still shows.
    return utc_moment(date_utc + sign * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60))


def _is_bare_day(date_utc: int, zone: str | None) -> bool:
    return zone == "Z" and date_utc % 86_400 == 0


def written_date(
    text: str | None,
    date_utc: int | None,
    precision: DatePrecision | None,
    zone: str | None,
    now: datetime,
    *,
    long: bool = False,
) -> str:
    """A record's date for a reader: "Aug 21", "May 2004", "2004"; what cannot be read as a date, as it was written.

    `long` gives "August 21, 2026". `now` is aware, in the reader's zone. Without any date: "no date given".
    """
    if date_utc is None or precision is None:
        return text or "no date given"
    moment = written_moment(date_utc, precision, zone, now.tzinfo or UTC)
    if precision is DatePrecision.YEAR:
        return str(moment.year)
    if precision is DatePrecision.MONTH:
        return f"{MONTHS[moment.month - 1]} {moment.year}"
    return long_day(moment.date()) if long else short_day(moment.date(), now.date())


def exact_date(
    text: str | None, date_utc: int | None, precision: DatePrecision | None, zone: str | None, now: datetime
) -> str:
    """The same with all that its source gave: "August 21, 2026, 11:30 PM, UTC-04:00"."""
    day = written_date(text, date_utc, precision, zone, now, long=True)
    if date_utc is None or precision is not DatePrecision.TIME or _is_bare_day(date_utc, zone):
        return day
    moment = written_moment(date_utc, precision, zone, now.tzinfo or UTC)
    place = f", UTC{zone}" if zone and zone != "Z" else ""
    return f"{day}, {time_of_day(moment)}{place}"
