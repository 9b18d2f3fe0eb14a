"""Calendar files for window and command line: written when the person asks, or kept up to date in a folder.

The file holds only what the person chose, unencrypted. It stays where it is while the vault is locked, as it was last;
after the next unlock it is brought up to date.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.clock import Clock
from phr_desktop.domain.calendars import CalendarChoice, CalendarEntry
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import EnvironmentProblem, PhrError
from phr_desktop.queries.calendars import calendar_items
from phr_desktop.vault import calendars
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

log = logging.getLogger(__name__)

_CONCERNS = frozenset(
    {Topic.RECORDS, Topic.SOURCES, Topic.MEDICINES, Topic.DOSES, Topic.REMINDERS, Topic.PEOPLE, Topic.SETTINGS}
)


def export_calendar(vault: Vault, clock: Clock, person: int, target: Path, choice: CalendarChoice | None = None) -> int:
    """Writes the person's calendar file, NOT encrypted; how many entries it has. `choice` None: as the person chose.

    Errors: person-missing, calendar-folder-missing, no-permission, disk-full, disk-problem.
    """
    from phr_desktop.files.ics_export import to_ics, write_ics

    if not target.parent.is_dir():
        raise EnvironmentProblem("calendar-folder-missing", folder=target.parent)
    wanted = choice or vault.read(lambda db: calendars.choice(db, person))
    entries = _entries(vault, clock, person, wanted)
    write_ics(to_ics(entries), target)
    return len(entries)


def kept_files(vault: Vault, person: int | None = None) -> tuple[Path, ...]:
    """The files in which calendars are kept up to date; one person's alone, or everyone's."""

    def question(db: Database) -> tuple[Path, ...]:
        whose = [one for one in calendars.people_with_file(db) if person in (None, one)]
        return tuple(file for one in whose if (file := calendars.choice(db, one).file) is not None)

    return vault.read(question)


def remove_files(files: Iterable[Path]) -> None:
    """Removes kept files: they tell, unencrypted, of somebody who is to go. One that is not there any more is no fault.

    Error: calendar-file-stays (such as on a drive that is not plugged in).
    """
    for file in files:
        try:
            if not file.parent.is_dir():
                raise FileNotFoundError
            failpoints.unlink(file, "calendar", missing_ok=True)
        except OSError:
            raise EnvironmentProblem("calendar-file-stays", file=file) from None


def _entries(vault: Vault, clock: Clock, person: int, choice: CalendarChoice) -> list[CalendarEntry]:
    """What the file says now; what changed is noted, so that the next file counts on from there."""
    from phr_desktop.files.ics_export import brought_up_to_date

    items, now = calendar_items(vault, clock, person, choice), clock.now()
    if vault.judged() is not VaultState.OK:  # it stores nothing: the file goes by what was noted last
        known = vault.read(lambda db: calendars.entries(db, person, choice.kinds))
        return brought_up_to_date(items, known, now)[0]

    def verb(db: Database) -> list[CalendarEntry]:
        whole, changed, over = brought_up_to_date(items, calendars.entries(db, person, choice.kinds), now)
        calendars.keep(db, person, changed, over)
        return whole

    return vault.write(verb)


class CalendarFeeds:
    """Keeps the files up to date, on a thread of its own between `start` and `stop`.

    `on_change` comes from that thread where Settings has something new to say.
    """

    def __init__(self, vault: Vault, clock: Clock, on_change: Callable[[ChangeSet], None]) -> None:
        self._vault, self._clock, self._on_change = vault, clock, on_change
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Writes what changed while nothing was written, then after each change."""
        self._wake.set()
        self._thread = threading.Thread(target=self._run, name="phr-calendars", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Waits for a file that is being written; before the vault is locked. Must not be called by `on_change`."""
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def changed(self, changes: ChangeSet) -> None:
        """Soon writes the files anew where they may say something else now. From any thread."""
        if not changes.topics.isdisjoint(_CONCERNS):
            self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()  # before anything is read: a change in the meantime is written too
            if self._stopped:
                return
            try:
                self.write_all()
            except PhrError as problem:
                log.info("calendar files were not written: %s", problem.code)

    def write_all(self) -> None:
        """Writes each file that says something else now, or is not there; what failed is told once."""
        for person in self._vault.read(calendars.people_with_file):
            choice = self._vault.read(lambda db, person=person: calendars.choice(db, person))  # type: ignore[misc]
            if choice.file is not None and not self._stopped:
                self._write(person, choice, choice.file)

    def _write(self, person: int, choice: CalendarChoice, file: Path) -> None:
        from phr_desktop.files.ics_export import to_ics, write_ics

        content = to_ics(_entries(self._vault, self._clock, person, choice))
        try:
            if not file.parent.is_dir():
                raise EnvironmentProblem("calendar-folder-missing", folder=file.parent)
            if not _says(file, content):
                write_ics(content, file)
            elif choice.failure is None and choice.written_at is not None:
                return
        except PhrError as error:
            code = error.code
            if choice.failure != code:
                self._note(person, lambda db: calendars.set_failure(db, person, code))
            return
        at = int(self._clock.now().timestamp())
        self._note(person, lambda db: calendars.set_written(db, person, at))

    def _note(self, person: int, verb: Callable[[Database], None]) -> None:
        self._vault.write(verb)
        self._on_change(ChangeSet.of(Topic.SETTINGS, person=person))


def _says(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except OSError:
        return False  # not there, or not to be read: what is in the way is told by writing it
