"""What a long work says when it is done."""

from __future__ import annotations

from dataclasses import dataclass, field

from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.ledger import LedgerEntry


@dataclass(frozen=True, slots=True)
class Applied:
    """What storing a batch of resources did."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.quarantined + other.quarantined,
        )


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of an import of files, and what it changed."""

    applied: Applied
    files: int
    changes: ChangeSet
    left_out: int = 0  # records that are not the chosen patient's, in files of several people
    pages: int = 0  # files that are one page of several: the rest is in other files


@dataclass(frozen=True, slots=True)
class SyncReport:
    """One sync of one source.

    `problem` is a code of sentences.py ("offline", "sign-in-again", ...) or None where the sync ran through;
    individual types may still be partial: see `entries`.
    """

    source: int
    entries: tuple[LedgerEntry, ...]
    applied: Applied
    changes: ChangeSet
    problem: str | None = None
    parameters: dict[str, object] = field(default_factory=dict)
