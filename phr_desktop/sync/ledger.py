"""Lines of the ledger: what a line says after a pull, made from what it said before; pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from phr_desktop.domain.ledger import ACCESS_CHANGED, LedgerEntry, LedgerState
from phr_desktop.sync.plan import Line

OVERLAP = timedelta(minutes=10)


def by_line(entries: Iterable[LedgerEntry]) -> dict[Line, LedgerEntry]:
    return {(entry.type, entry.category): entry for entry in entries}


def before(ledger: Mapping[Line, LedgerEntry], source: int, line: Line) -> LedgerEntry:
    """The line as it stood, or an empty one."""
    empty = LedgerEntry(source, *line, LedgerState.PARTIAL, 0, 0, 0, 0, None, None, None, None, None, None)
    return ledger.get(line, empty)


def cursor_of(server_time: datetime | None) -> str | None:
    """The FHIR instant from which the next sync asks: the portal's own time at the start, less an overlap."""
    if server_time is None:
        return None
    return (server_time - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def left_out(old: LedgerEntry, state: LedgerState, reason: str, now: int, said: str | None = None) -> LedgerEntry:
    """A line that is not asked, or was refused: what is held stays; a later permission starts from the beginning."""
    return replace(
        old, state=state, reason=reason, new=0, changed=0, gone=0, last_try_at=now, cursor=None, full_compare_at=None,
        resume_url=None, said=said,
    )  # fmt: skip


def access_changed(line: LedgerEntry) -> LedgerEntry:
    """A line of whoever sees another's record: a clinic ends a parent's access by and by, and that is no refusal like
    any other, nor is what came before lost."""
    given_before = line.last_good_at is not None or line.count > 0
    refused = line.state is LedgerState.NOT_ALLOWED
    return replace(line, reason=ACCESS_CHANGED) if refused and given_before else line


def stopped(old: LedgerEntry, reason: str, resume_url: str | None, now: int, said: str | None = None) -> LedgerEntry:
    """A line whose pull did not come to its end; the next sync goes on at `resume_url`."""
    return replace(
        old,
        state=LedgerState.PARTIAL,
        reason=reason,
        new=0,
        changed=0,
        gone=0,
        last_try_at=now,
        resume_url=resume_url,
        said=said,
    )
