"""Backups: when they are made, where, and when the last one proved that it can be restored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

GRACE = timedelta(days=1)  # a computer that was off overnight is not late yet


class Rhythm(StrEnum):
    """How often a backup is made by itself."""

    DAILY = "daily"
    WEEKLY = "weekly"
    BY_HAND = "by-hand"

    @property
    def between(self) -> timedelta | None:
        """The time from one to the next; None: only when the person asks."""
        return {Rhythm.DAILY: timedelta(days=1), Rhythm.WEEKLY: timedelta(days=7)}.get(self)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last try made no backup: the code of a sentence and what fills it."""

    code: str
    parameters: dict[str, str]
    at: int


@dataclass(frozen=True, slots=True)
class BackupState:
    """What is known of a vault's backups. Times are seconds since 1970 UTC; `failure` is of a try since the last
    verified one."""

    folder: Path | None = None
    rhythm: Rhythm = Rhythm.DAILY
    verified_at: int | None = None
    verified_file: Path | None = None
    failure: Failure | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether one is to be made by itself now. A date to come (the clock was set back) counts as none."""
        between = self.rhythm.between
        if self.folder is None or between is None:
            return False
        return not self._is_younger(between, now)

    def is_late(self, now: datetime) -> bool:
        """Whether the person must be told: there is none at all, or none that the chosen rhythm would have left."""
        return not self._is_younger((self.rhythm.between or timedelta(days=30)) + GRACE, now)

    def _is_younger(self, than: timedelta, now: datetime) -> bool:
        if self.verified_at is None:
            return False
        age = now - datetime.fromtimestamp(self.verified_at, UTC)
        return -timedelta(days=1) < age < than


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and proved."""

    path: Path
    created: int
    size: int
    removed: int = 0  # older ones that it made needless


@dataclass(frozen=True, slots=True)
class BackupContents:
    """What a backup holds, told before anything is restored."""

    created: int
    size: int  # bytes of the database inside: what a restored vault needs
    people: int
    sources: int
    records: int
    documents: int
    app_version: str
    is_of_present_vault: bool  # so that it may be put in the present one's place
