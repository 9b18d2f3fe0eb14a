"""How a visit reads: when, with whom and where, and how far away it is."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.words import days_away, joined, long_day, short_day, time_of_day, weekday_day
from phr_desktop.ui.fill import fill
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.words import fhir_date_words

_NEAR = 60  # days


def tr(text: str) -> str:
    return QCoreApplication.translate("visit_views", text)


def day_words(visit: Visit, now: datetime) -> str:
    """ "Tuesday, November 24", with the year where it is another one; as much as the source gave."""
    if visit.start is None:
        return fhir_date_words(visit.start_text) if visit.start_text else tr("no date given")
    day = weekday_day(visit.start.date())
    return day if visit.start.year == now.year else f"{day}, {visit.start.year}"


def time_words(visit: Visit, now: datetime) -> str:
    """ "10:20 AM to 10:50 AM", in the clinic's own time; beside it the computer's, where that differs."""
    if visit.start is None:
        return ""
    times = time_of_day(visit.start)
    if visit.end is not None and visit.end.date() == visit.start.date():
        times = fill(tr("%1 to %2"), times, time_of_day(visit.end))
    here = visit.start.astimezone(now.tzinfo)
    if here.utcoffset() != visit.start.utcoffset():
        times = fill(tr("%1 there, %2 on this computer's clock"), times, time_of_day(here))
    return times


def away_words(visit: Visit, now: datetime) -> str:
    """ "in 3 days", "today", "in about 3 months"; "" where no day is known, and for what is long past."""
    if visit.start is None:
        return ""
    day = visit.start.astimezone(now.tzinfo).date()
    days = (day - now.date()).days
    if days >= _NEAR:
        return fill(tr("in about %1 months"), round(days / 30))
    return days_away(day, now.date()) if days > -_NEAR else ""


def with_whom(visit: Visit) -> str:
    """ "Dr. Alma Ruiz, Harbor Clinic, 12 Quay Street"."""
    return ", ".join([joined(list(visit.who)), visit.where or ""]).strip(", ")


def exact_words(visit: Visit, now: datetime) -> str:
    """The whole moment, for the tooltip and the screen reader."""
    if visit.start is None:
        return day_words(visit, now)
    return f"{long_day(visit.start.date())}, {time_words(visit, now)}"


def short_when(visit: Visit) -> str:
    """ "Aug 25, 2026"."""
    return short_day(visit.start.date()) if visit.start is not None else fhir_date_words(visit.start_text)


def state_chip(visit: Visit) -> tuple[str, Tone]:
    """What is to be known about its state; ("", ...) for one that is simply booked or done."""
    if visit.state is VisitState.ASKED:
        return visit.status_words, Tone.WARNING
    if visit.state is VisitState.WITHDRAWN:
        return visit.status_words, Tone.ERROR
    return (visit.status_words, Tone.ACCENT) if visit.state is VisitState.UNDER_WAY else ("", Tone.NEUTRAL)


def video_host(visit: Visit) -> str:
    """Where the video visit is held, if its declared link is a safe web address; else ""."""
    try:
        parts = urlsplit(visit.video_link or "")
        return parts.hostname or "" if parts.scheme == "https" and not parts.username else ""
    except ValueError:
        return ""


def video_words(visit: Visit) -> str:
    """What is said about a video visit; "" where there is none."""
    if not visit.video_link:
        return ""
    host = video_host(visit)
    if not host:
        return tr("Video visit, but its link is not a safe web address. Ask the clinic for another one.")
    return fill(tr("Video visit at %1"), host)


def spoken(visit: Visit, now: datetime) -> str:
    """The whole visit in a sentence, with the person's name."""
    chip, _ = state_chip(visit)
    parts = [fill(tr("%1 for %2"), visit.title, visit.person_name), exact_words(visit, now), away_words(visit, now)]
    return ", ".join(part for part in [*parts, with_whom(visit), chip, video_words(visit)] if part)
