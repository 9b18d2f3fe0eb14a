"""Looks at everything that a vault is made of, and says of each thing whether it is right.

The vault is open and may be used meanwhile: each question is asked by itself, and a lock ends the check. Nothing is
changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import zstandard

from phr_desktop.domain.long_work import Cancelled, Progress, never, no_progress
from phr_desktop.domain.vault_state import Finding, VaultState
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import header, leftovers
from phr_desktop.vault.bodies import bodies
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

Question = Callable[[Database], Finding]

BLOCK = 500
NOT_HERE = (VaultState.OLDER_COPY, VaultState.ALTERED, VaultState.DAMAGED)
RECORDS = "SELECT id, codec, body FROM records WHERE id > ? ORDER BY id LIMIT ?"
VERSIONS = "SELECT id, codec, body FROM versions WHERE id > ? ORDER BY id LIMIT ?"
DOCUMENTS = "SELECT hash, size FROM attachments"
CHUNKS = "SELECT bytes FROM attachment_chunks WHERE hash = ? AND position = ?"
STRAY_CHUNKS = "SELECT count(*) FROM attachment_chunks WHERE hash NOT IN (SELECT hash FROM attachments)"


def check(
    vault: Vault,
    progress: Progress = no_progress,
    cancelled: Cancelled = never,
) -> tuple[Finding, ...]:
    """Everything that was looked at, in order; a finding that is not `good` names what is wrong. Blocks for seconds;
    `progress` counts steps.

    Errors: cancelled, vault-locked.
    """

    def ended() -> bool:
        return cancelled() or vault.is_locked

    steps: tuple[Callable[[], Finding], ...] = (
        lambda: _history(vault),
        lambda: _header(vault),
        lambda: _files(vault.folder),
        lambda: _asked(vault, "pages", pages, ended),
        lambda: _asked(vault, "structure", structure, ended),
        lambda: _asked(vault, "links", links, ended),
        lambda: _found("search", vault.search_fits(ended)),
        lambda: _asked(vault, "index", index, ended),
        lambda: _asked(vault, "records", lambda db: records(db, ended), ended),
        lambda: _asked(vault, "documents", lambda db: documents(db, ended), ended),
    )
    findings = []
    for done, step in enumerate(steps):
        progress(done, len(steps))
        _stop_if(ended)
        findings.append(step())
    progress(len(steps), len(steps))
    return tuple(findings)


# --- what is looked at


def pages(db: Database) -> Finding:
    """The seal of every page, by SQLCipher."""
    broken = len(db.rows("PRAGMA cipher_integrity_check"))
    return _found("pages", not broken, count=broken)


def structure(db: Database) -> Finding:
    """Trees, indexes and rows, by SQLite."""
    return _found("structure", db.rows("PRAGMA integrity_check(1)") == [("ok",)])


def links(db: Database) -> Finding:
    """Rows that name a row that is not there."""
    broken = len(db.rows("PRAGMA foreign_key_check"))
    return _found("links", not broken, count=broken)


def index(db: Database) -> Finding:
    """Every record stands in the search index once."""
    indexed, held = db.value("SELECT count(*) FROM search_docsize"), db.value("SELECT count(*) FROM records")
    return _found("index", indexed == held, indexed=indexed, held=held)


def records(db: Database, ended: Cancelled) -> Finding:
    """The sources' bytes of every record, and of what it said before, can be unpacked."""
    held = broken = 0
    for sql in (RECORDS, VERSIONS):
        after = 0
        while block := db.rows(sql, (after, BLOCK)):
            _stop_if(ended)
            after = block[-1][0]
            held += len(block)
            broken += sum(not _unpacks(db, codec, body) for _, codec, body in block)
    return _found("records", not broken, held=held, count=broken)


def documents(db: Database, ended: Cancelled) -> Finding:
    """The contents of every document against the hash that names it."""
    held = db.rows(DOCUMENTS)
    broken = sum(not _is_whole(db, digest, size, ended) for digest, size in held)
    stray = int(db.value(STRAY_CHUNKS))
    return _found("documents", not broken and not stray, held=len(held), count=broken + stray)


# --- inside


def _history(vault: Vault) -> Finding:
    """The anchor, the closed file's hash or, after a crash, the structure; and the witness."""
    state = vault.judged()
    if state in NOT_HERE:
        return Finding("history", False, f"vault-{state.value}")
    return _found("history", True)


def _header(vault: Vault) -> Finding:
    """Both copies are whole and the same."""
    broken = vault.repaired or vault.with_keys(lambda _head, _master: header.odd_copies(vault.folder))
    if vault.repaired:
        return Finding("header", False, "check-header-repaired", {"names": ", ".join(broken)})
    return _found("header", not broken, names=", ".join(broken))


def _files(folder: Path) -> Finding:
    """No database lies in the folder that is neither the vault's nor known to be done with."""
    others = leftovers.unnamed_databases(folder)
    names = ", ".join(path.name for path in others)
    return Finding("files", False, "vault-other-database", {"names": names}) if others else _found("files", True)


def _asked(vault: Vault, name: str, question: Question, ended: Cancelled) -> Finding:
    """The answer; where the database cannot even be asked, that is the finding."""

    def watched(db: Database) -> Finding:
        with db.watched(ended):
            return question(db)

    try:
        return vault.read(watched)
    except UserFacingError as error:
        if error.code != "database-damaged":
            raise
        return Finding(name, False, "check-unreadable")


def _found(name: str, good: bool, **parameters: object) -> Finding:
    return Finding(name, good, f"check-{name}-{'good' if good else 'bad'}", parameters)


def _stop_if(ended: Cancelled) -> None:
    if ended():
        raise UserFacingError("cancelled")


def _unpacks(db: Database, codec: int, body: bytes) -> bool:
    try:
        bodies(db).unpack(codec, body)
    except zstandard.ZstdError:
        return False
    return True


def _is_whole(db: Database, digest: bytes, size: int, ended: Cancelled) -> bool:
    found, length, position = hashlib.sha256(), 0, 0
    while row := db.one(CHUNKS, (digest, position)):
        _stop_if(ended)
        found.update(row[0])
        length += len(row[0])
        position += 1
    return found.digest() == digest and length == size
