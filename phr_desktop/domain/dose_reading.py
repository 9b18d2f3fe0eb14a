"""Times, amounts and days as a person writes them into a dose schedule. What is not surely one of them is None."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal

from phr_desktop.domain.words import MONTHS

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(a\.?m\.?|p\.?m\.?|in the morning|in the afternoon|at night)?")
_PARTS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_MOST = Decimal(100_000)


def read_time(text: str) -> time | None:
    """ "8", "8:30", "8 PM", "20:30", "noon", "midnight", "8 in the morning"; without AM or PM, as a 24-hour clock."""
    words = " ".join(text.lower().split())
    if words in ("noon", "midnight"):
        return time(12) if words == "noon" else time(0)
    found = _CLOCK.fullmatch(words)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").replace(".", "")
    if half and not 1 <= hour <= 12:
        return None
    if half in ("am", "in the morning"):
        hour %= 12
    elif half:
        hour = hour % 12 + 12
    if half == "at night" and hour < 17:
        return None  # "2 at night" may be either
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_times(text: str) -> tuple[time, ...] | None:
    """Those of a line, soonest first, none twice: "8 AM and 8 PM", "8:00, 12:30, 20:00"; None where one is none."""
    found = {read_time(part) for part in re.split(r",|;|\band\b", text) if part.strip()}
    times = sorted(at for at in found if at is not None)
    return tuple(times) if times and None not in found else None


def read_amount(text: str) -> Decimal | None:
    """ "1", "1.5", ".5", "1/2", "1 1/2", "½", "1½", "1,000"; more than none, at most three places after the point."""
    words = " ".join(text.split())
    for sign, part in _PARTS.items():
        if words.endswith(sign):
            whole = words[: -len(sign)].strip()
            return part if not whole else Decimal(whole) + part if re.fullmatch(r"\d{1,4}", whole) else None
    if fraction := re.fullmatch(r"(?:(\d{1,3}) )?([1-3])/([234])", words):
        number = Decimal(fraction[2]) / Decimal(fraction[3])
        number = Decimal(fraction[1] or 0) + number
        return number if number == round(number, 2) else None
    if not re.fullmatch(r"(?:\d{1,6}|\d{1,3}(?:,\d{3})+|)(?:\.\d{1,3})?", words) or not words:
        return None
    number = Decimal(words.replace(",", ""))
    return number if 0 < number <= _MOST else None


def read_whole(text: str, least: int, most: int) -> int | None:
    """A whole number within these bounds."""
    words = text.strip()
    if not re.fullmatch(r"\d{1,5}", words):
        return None
    number = int(words)
    return number if least <= number <= most else None


def read_day(text: str) -> date | None:
    """ "2026-11-23", "November 23, 2026", "Nov 23 2026", "11/23/2026" (month first)."""
    words = " ".join(text.replace(",", " ").split())
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", words):
        return _day(int(found[3]), int(found[1]), int(found[2]))
    if found := re.fullmatch(r"([A-Za-z]{3,9})\.? (\d{1,2}) (\d{4})", words):
        months = [place for place, name in enumerate(MONTHS, 1) if name.lower().startswith(found[1].lower())]
        return _day(int(found[3]), months[0], int(found[2])) if len(months) == 1 else None
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
