"""Bringing visits of calendar files up to date: only a newer revision counts, and of a series told anew, the dates that
it has no more are called off."""

from __future__ import annotations

from collections.abc import Iterator

from phr_desktop.domain.records import Extracted
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.invitations import ID_START, called_off, is_newer, made_at
from phr_desktop.vault import records, series
from phr_desktop.vault.connection import Database


class CalendarVisits:
    """Of one source, in one import."""

    def __init__(self, db: Database, source: int) -> None:
        self._db, self._source = db, source
        self._known: dict[str, dict[str, series.Dated]] = {}  # by the start of their ids
        self._taken: dict[str, str] = {}  # revisions, by id
        self._told: dict[str, str] = {}  # the revision in which a whole series was told, by the start of its ids

    def is_newer(self, one: Extracted, whole: str) -> bool:
        """Whether it is to be stored. `whole` as `Parsed.series`."""
        revision = one.version_id or ""
        known = self._stored(one.identity[:ID_START]).get(one.identity)
        if not is_newer(revision, self._taken.get(one.identity, None if known is None else known.revision)):
            return False
        if (
            known is not None
            and known.status == "cancelled"
            and one.status != "cancelled"
            and known.revision == revision
        ):
            return False  # neither says which came first: what was called off is not booked again
        self._taken[one.identity] = revision
        if whole and is_newer(revision, self._told.get(whole)):
            self._told[whole] = revision
        return True

    def called_off(self) -> Iterator[Extracted]:
        """Stored dates of the series told anew that were ahead when they were, and are none of theirs any more."""
        for whole, revision in self._told.items():
            made = made_at(revision).timestamp()
            for identity, one in self._stored(whole).items():
                ahead = one.date_utc is None or one.date_utc > made
                if identity in self._taken or not ahead or one.status == "cancelled":
                    continue
                body = records.body(self._db, one.record)
                if body is not None and is_newer(revision, one.revision):
                    yield extract(called_off(body, revision))

    def _stored(self, whole: str) -> dict[str, series.Dated]:
        if whole not in self._known:
            self._known[whole] = series.dated(self._db, self._source, whole)
        return self._known[whole]
