"""Dates, times and relations as people say them, by the locale. The exact value belongs in the tooltip."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QTime

from phr_desktop.clock import Clock, today
from phr_desktop.ui.fill import fill

_CONTEXT = "words"
_OLDEST = 130


def tr(text: str, count: int = -1) -> str:
    """Translates one of this module's phrases; `%n` is filled with `count`."""
    return QCoreApplication.translate(_CONTEXT, text, None, count)


def long_date(day: date) -> str:
    """November 21, 2026, in the locale's own order."""
    return QLocale().toString(QDate(day.year, day.month, day.day), _without_weekday())


def short_date(day: date) -> str:
    """Nov 21, 2026, in the locale's own order."""
    return QLocale().toString(QDate(day.year, day.month, day.day), _without_weekday().replace("MMMM", "MMM"))


def weekday_date(day: date) -> str:
    """Saturday, November 21: the head of a day."""
    form = re.sub(
        r"[,\s]*(de\s+)?('de'\s*)?y+[^dM]*$|^y+\D*?(?=M)", "", QLocale().dateFormat(QLocale.FormatType.LongFormat)
    )
    return QLocale().toString(QDate(day.year, day.month, day.day), form)


def time_words(moment: datetime) -> str:
    """8:14 AM. `moment` is already in the zone to be shown."""
    return QLocale().toString(QTime(moment.hour, moment.minute), QLocale.FormatType.ShortFormat)


def moment_words(seconds: int, clock: Clock) -> str:
    """today 8:14 AM, yesterday 8:14 AM, Nov 3, 2026 8:14 AM. `seconds` count from 1970 UTC."""
    moment = datetime.fromtimestamp(seconds, clock.zone())
    days = (today(clock) - moment.date()).days
    day = {0: tr("today"), 1: tr("yesterday")}.get(days) or short_date(moment.date())
    return f"{day} {time_words(moment)}"


def moment_day(seconds: int, clock: Clock) -> str:
    """The day of a moment alone: Nov 3, 2026. `seconds` count from 1970 UTC."""
    return short_date(datetime.fromtimestamp(seconds, clock.zone()).date())


def fhir_date_words(text: str | None) -> str:
    """March 3, 2017, March 2017 or 2017: as much as the source gave. Not a FHIR date: as written."""
    whole = re.match(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text or "")
    if whole is None:
        return text or ""
    year, month, day = whole.groups()
    try:
        start = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return text or ""
    if day:
        return long_date(start)
    return QLocale().toString(QDate(start.year, start.month, 1), "MMMM yyyy") if month else year


def relation_words(relation: str | None) -> str:
    """your mother; "" where none is known; a word of the person's own as it is."""
    known = {
        "self": tr("you"),
        "mother": tr("your mother"),
        "father": tr("your father"),
        "wife": tr("your wife"),
        "husband": tr("your husband"),
        "partner": tr("your partner"),
        "daughter": tr("your daughter"),
        "son": tr("your son"),
        "child": tr("your child"),
        "grandmother": tr("your grandmother"),
        "grandfather": tr("your grandfather"),
        "sister": tr("your sister"),
        "brother": tr("your brother"),
    }
    word = (relation or "").strip()
    return known.get(word.casefold(), word)


def person_words(relation: str | None, birth_date: str | None) -> str:
    """your mother, born May 4, 1949."""
    born = fill(tr("born %1"), fhir_date_words(birth_date)) if birth_date else tr("birth date not given")
    return ", ".join(part for part in (relation_words(relation), born) if part)


def age(birth_date: str, clock: Clock) -> int | None:
    """Whole years of a full FHIR date; None for a partial one."""
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return None
    day = today(clock)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def read_birth_date(text: str, clock: Clock) -> str | None:
    """A FHIR date from what a person writes: 1949-05-04, May 4, 1949, 5/4/1949 (in the locale's order), 1949.

    None for anything else, for a year of two digits, a day to come or an age over 130.
    """
    text = " ".join(text.split())
    if re.fullmatch(r"\d{4}|\d{4}-\d{2}", text):
        found = (text + "-01-01")[:10]
        return text if _is_plausible(_iso(found), clock) else None
    for form in _written_forms():
        day = QLocale().toDate(text, form)
        if day.isValid():
            read = date(day.year(), day.month(), day.day())
            return read.isoformat() if _is_plausible(read, clock) else None
    return None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_plausible(day: date | None, clock: Clock) -> bool:
    now = today(clock)
    return day is not None and now - timedelta(days=_OLDEST * 366) < day <= now


def _written_forms() -> list[str]:
    short = re.sub(r"y+", "yyyy", QLocale().dateFormat(QLocale.FormatType.ShortFormat))
    short = re.sub(r"M+", "M", re.sub(r"d+", "d", short))
    long = _without_weekday()
    return [
        "yyyy-MM-dd",
        "yyyy-M-d",
        short,
        long,
        long.replace("MMMM", "MMM"),
        "MMMM d yyyy",
        "MMM d yyyy",
        "d MMMM yyyy",
    ]


def _without_weekday() -> str:
    return re.sub(r"^dddd[,،.]?\s*|[,،]?\s*dddd$", "", QLocale().dateFormat(QLocale.FormatType.LongFormat))
