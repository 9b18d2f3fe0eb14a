"""Taking out for good: what came from a source, a person, or the whole vault.

Records are deleted in a copy, which is then written once more without the gaps that they leave; the vault turns to it,
and the former file goes at once. So a removal is done as a whole or not at all, and afterwards nothing that was
removed is in the vault's database. What a restore or a salvage put aside before (`before-restore-*`, `damaged-*`) is as
it was, like a backup.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.domain.long_work import Cancelled, never, no_progress
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import leftovers, medicines, people, rebuild, reminder_choices, sources
from phr_desktop.vault.connection import Database, mapped_errors
from phr_desktop.vault.full_text import search_rowid

BLOCK = 500
KEPT_FOLDERS = "before-restore-*"
DAMAGED = "damaged-*.db*"
LOCK_NAME = "vault.lock"

RECORDS_OF = "SELECT id, date_utc FROM records WHERE source IN ({places}) ORDER BY id LIMIT ?"
HASHES_OF = """SELECT DISTINCT a.hash FROM record_attachments a JOIN records r ON r.id = a.record
  WHERE a.hash IS NOT NULL AND r.source IN ({places})"""
UNUSED = "DELETE FROM attachments WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM record_attachments WHERE hash = ?1)"
REFERENCES = """SELECT m.name, f."from", f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f
  WHERE m.type = 'table' AND f."table" IN ('people', 'sources')"""
DEPENDING = """UPDATE outbox SET depends_on = NULL,
  state = CASE WHEN state IN ('draft', 'waiting') THEN 'held' ELSE state END
  WHERE depends_on IN (SELECT id FROM outbox WHERE source = ?1) AND source <> ?1"""
COUNTS = """SELECT (SELECT count(*) FROM records WHERE source IN ({places})),
  (SELECT count(DISTINCT a.hash) FROM record_attachments a JOIN records r ON r.id = a.record
    WHERE r.source IN ({places})),
  (SELECT count(*) FROM quarantine WHERE source IN ({places})),
  (SELECT count(*) FROM outbox WHERE source IN ({places})
    AND state IN ('waiting', 'sending', 'unknown', 'held'))"""

# Which source knew the medicine of a refill is worked out elsewhere. What is planned is planned anew from what is left;
# what is shown is withdrawn where nobody knows the medicine any more, and forgotten then.
REFILLS = """DELETE FROM reminders WHERE kind = 'refill' AND state NOT IN ('delivered', 'missed')
  AND person = (SELECT person FROM sources WHERE id = ?)"""


def what_goes(db: Database, *, person: int | None = None, source: int | None = None) -> WhatGoes:
    """Of a source, or of all of a person's. Error: person-missing, source-missing."""
    ids = _sources(db, person, source)
    places = ",".join("?" * len(ids))
    counts = db.rows(COUNTS.format(places=places), ids * 4)[0]
    return WhatGoes(len(ids), *counts)


def remove_source(
    vault: rebuild.Movable,
    source: int,
    *,
    progress: rebuild.Progress = no_progress,
    cancelled: Cancelled = never,
) -> None:
    """Removes a source with all that came from it. What the person said about a medicine that another source may know
    too stays. Errors: source-missing, and those of `rebuild.rewrite`."""
    vault.read(lambda db: _sources(db, None, source))
    _rewrite(vault, lambda db: _delete_sources(db, [source]), progress, cancelled)


def remove_person(
    vault: rebuild.Movable,
    person: int,
    *,
    progress: rebuild.Progress = no_progress,
    cancelled: Cancelled = never,
) -> None:
    """Removes a person with everything that is about that person. Errors: person-missing, and those of
    `rebuild.rewrite`."""
    vault.read(lambda db: _sources(db, person, None))

    def change(db: Database) -> None:
        _delete_sources(db, _sources(db, person, None))
        with _transaction(db):
            for table, column, of in db.rows(REFERENCES):
                if of == "people":
                    db.run(f'DELETE FROM "{table}" WHERE "{column}" = ?', (person,))
            reminder_choices.forget(db, person)
            db.run("DELETE FROM people WHERE id = ?", (person,))

    _rewrite(vault, change, progress, cancelled)


def remove_vault(folder: Path, backups: Sequence[Path] = ()) -> None:
    """Removes a locked vault and these backups of it. The keys go first: what is left of the rest, should the program
    end in the middle, can then be read by nobody.

    Errors: disk-problem, no-permission.
    """
    with mapped_errors():
        for path in (*leftovers.files(folder), *backups):
            failpoints.unlink(path, "vault", missing_ok=True)
        _remove(_left_in(folder))
        failpoints.sync_folder(folder)
        if not any(folder.iterdir()):
            folder.rmdir()


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.is_dir():
            with failpoints.around("unlink kept vault"):
                shutil.rmtree(path)
        else:
            failpoints.unlink(path, "vault", missing_ok=True)


def put_aside(folder: Path) -> list[Path]:
    """Other copies of a record beside it, which no removal reaches: what a restore or a salvage put aside, and
    databases that its header does not name."""
    return sorted([*folder.glob(KEPT_FOLDERS), *folder.glob(DAMAGED), *leftovers.unnamed(folder)])


def remove_put_aside(folder: Path) -> None:
    """Removes what `put_aside` finds. Errors: disk-problem, no-permission."""
    with mapped_errors():
        _remove(put_aside(folder))
        failpoints.sync_folder(folder)


def _left_in(folder: Path) -> list[Path]:
    """What restores, salvages and the lock left in the vault's folder."""
    return [*put_aside(folder), *folder.glob("data-*.db-*"), *folder.glob(LOCK_NAME)]


def _rewrite(vault: rebuild.Movable, change: rebuild.Change, progress: rebuild.Progress, cancelled: Cancelled) -> None:
    def and_search(db: Database) -> None:
        change(db)
        # A deleted text only hides its words in a contentless index; merging it into one segment takes them out.
        with _transaction(db):
            db.run("INSERT INTO search (search) VALUES ('optimize')")

    rebuild.rewrite(vault, and_search, leaves_nothing=True, progress=progress, cancelled=cancelled)


def _sources(db: Database, person: int | None, source: int | None) -> list[int]:
    if source is not None:
        if sources.one(db, source) is None:
            raise UserFacingError("source-missing")
        return [source]
    if person is None or people.one(db, person) is None:
        raise UserFacingError("person-missing")
    return [one.id for one in sources.of_person(db, person)]


def _delete_sources(db: Database, ids: Sequence[int]) -> None:
    if not ids:
        return
    places = ",".join("?" * len(ids))
    hashes = db.rows(HASHES_OF.format(places=places), ids)
    while found := db.rows(RECORDS_OF.format(places=places), (*ids, BLOCK)):
        with _transaction(db):
            for record, date_utc in found:
                _delete_record(db, record, date_utc)
    for start in range(0, len(hashes), BLOCK):
        with _transaction(db):
            db.many(UNUSED, hashes[start : start + BLOCK])
    with _transaction(db):
        for source in ids:
            _delete_source(db, source)


def _delete_record(db: Database, record: int, date_utc: int | None) -> None:
    db.run("DELETE FROM search WHERE rowid = ?", (search_rowid(date_utc, record),))
    db.run("DELETE FROM reminders WHERE subject IN (?, ?)", (f"record:{record}", f"medicine:record:{record}"))
    medicines.forget(db, f"record:{record}")  # its number may be given anew
    db.run("DELETE FROM records WHERE id = ?", (record,))


def _delete_source(db: Database, source: int) -> None:
    db.run(REFILLS, (source,))
    db.run(DEPENDING, (source,))
    for table, column, of in db.rows(REFERENCES):
        if of == "sources":
            db.run(f'DELETE FROM "{table}" WHERE "{column}" = ?', (source,))
    key = f"source:{source}|"
    medicines.forget(db, key, all_that_begin=True)
    db.run("DELETE FROM reminders WHERE substr(subject, 1, ?) = ?", (len("medicine:" + key), "medicine:" + key))
    db.run("DELETE FROM settings WHERE substr(key, -?) = ?", (len(f":{source}"), f":{source}"))
    db.run("DELETE FROM sources WHERE id = ?", (source,))


@contextmanager
def _transaction(db: Database) -> Iterator[None]:
    """References are looked at when it ends: what goes together may go in any order."""
    db.execute("BEGIN IMMEDIATE")
    db.execute("PRAGMA defer_foreign_keys = ON")
    yield
    failpoints.commit(db, "remove")
