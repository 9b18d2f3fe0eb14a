"""FHIR dates in words. Apart from `dates.py`, which an import's child loads, and this would make it load much more."""

from __future__ import annotations

from datetime import UTC, datetime

from phr_desktop.domain.fhir_types import FhirDate
from phr_desktop.domain.words import exact_date


def date_words(date: FhirDate, now: datetime | None = None) -> str:
    """ "August 21, 2026", "May 2004", with the time where it was given; an unreadable one as written.

    `now`: aware, in the reader's zone; without it a time written in UTC is told in UTC.
    """
    said = exact_date(date.text, date.utc, date.precision, date.zone, now or datetime.now(UTC))
    return f"{said}, UTC" if date.zone == "Z" and now is None and date.utc is not None else said
