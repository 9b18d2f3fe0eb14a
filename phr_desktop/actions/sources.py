"""Verbs about the places from which records come."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Source, SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import ledger, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


def disconnect(vault: Vault, _clock: Clock, source: int) -> ChangeSet:
    """Forgets the portal's permission and asks it for nothing more; its records and its ledger stay.

    A sync that runs meanwhile ends at its next request. It cannot be undone: only a new sign-in connects again.
    Errors: source-missing.
    """

    def verb(db: Database) -> Source:
        found = sources.one(db, source)
        if found is None or found.kind is not SourceKind.PORTAL:
            raise UserFacingError("source-missing")
        sources.set_state(db, source, connected=False, needs_sign_in=False)
        sources.forget_grant(db, source)
        ledger.clear_all_staging(db, source)
        return found

    return ChangeSet.of(Topic.SOURCES, person=vault.write(verb).person)
