"""The truthful account of what a portal did and did not give, per source and kind of record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Reasons of a line that more than one room knows.
HELD = "many-gone-held"  # it waits for the person's word
WARNING = "portal-warning"
ACCESS_CHANGED = "access-changed"  # whoever sees another's record was given this before


class LedgerState(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"  # a page failed: reason and the page to resume from are kept
    NOT_ALLOWED = "not allowed"  # no scope granted, or 403
    NOT_OFFERED = "not offered"  # not in the portal's CapabilityStatement
    FAILED = "failed"

    @property
    def is_incomplete(self) -> bool:
        """Whether something that the portal has did not come, or not all of it."""
        return self in (LedgerState.PARTIAL, LedgerState.FAILED)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One (source, resource type, category) line. Times are seconds since 1970 UTC."""

    source: int
    type: str
    category: str  # "" where the type is asked for whole
    state: LedgerState
    count: int  # records of this type held from this source
    new: int  # in the last pull
    changed: int
    gone: int
    last_good_at: int | None
    last_try_at: int | None
    reason: str | None  # a code of sentences.py, without patient data
    cursor: str | None  # `_lastUpdated` value to ask from, a FHIR instant
    full_compare_at: int | None
    resume_url: str | None
    said: str | None = None  # the portal's own words about its answer: a warning, or why it refused; plain text
