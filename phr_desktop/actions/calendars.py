"""Verbs about calendar files: what goes in, in which words, and where one is kept up to date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from phr_desktop.clock import Clock
from phr_desktop.domain.calendars import CalendarKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.vault import calendars
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

SUFFIX = ".ics"


def choose_contents(
    vault: Vault, _clock: Clock, person: int, kinds: Iterable[CalendarKind], *, full_words: bool
) -> ChangeSet:
    """What goes into the person's calendar file, and whether it names anything."""
    wanted = frozenset(kinds)

    def verb(db: Database) -> None:
        before = calendars.choice(db, person)
        calendars.set_choice(db, person, replace(before, kinds=wanted, full_words=full_words))

    vault.write(verb)
    return ChangeSet.of(Topic.SETTINGS, person=person)


def keep_file(vault: Vault, _clock: Clock, person: int, folder: Path) -> ChangeSet:
    """From now on the person's calendar is kept up to date in a file of this folder, whose name names nobody.

    Errors: calendar-folder-missing, calendar-folder-is-vault.
    """
    if not folder.is_dir():
        raise EnvironmentProblem("calendar-folder-missing", folder=folder)
    if folder.resolve().is_relative_to(vault.folder.resolve()):
        raise UserFacingError("calendar-folder-is-vault")
    return _set_file(vault, person, folder / f"phr-calendar-{person}{SUFFIX}")


def stop_keeping_file(vault: Vault, _clock: Clock, person: int) -> ChangeSet:
    """The file is not written any more; what stands in it stays until the person removes it."""
    return _set_file(vault, person, None)


def _set_file(vault: Vault, person: int, file: Path | None) -> ChangeSet:
    def verb(db: Database) -> None:
        before = calendars.choice(db, person)
        calendars.set_choice(db, person, replace(before, file=file, written_at=None, failure=None))

    vault.write(verb)
    return ChangeSet.of(Topic.SETTINGS, person=person)
