"""One result's own page: what the report and the laboratory say, and its values over time."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.results import ResultPage
from phr_desktop.queries.records import page_of, stored_record
from phr_desktop.queries.results import new_since
from phr_desktop.queries.trend import series_of
from phr_desktop.vault import sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


def result_page(vault: Vault, clock: Clock, record: int) -> ResultPage:
    """A result or a measurement with all that hangs together with it. Errors: record-missing."""
    since = new_since(clock)

    def question(db: Database) -> ResultPage:
        stored = stored_record(db, record)
        row = stored.row
        return ResultPage(
            record=page_of(db, stored, since),
            ranges=(),
            members=(),
            members_missing=0,
            laboratory="",
            phone=None,
            documents=0,
            trend=series_of(db, row, stored.values),
            source_names={source.id: source.name for source in sources.of_person(db, row.person)},
        )

    return vault.read(question)
