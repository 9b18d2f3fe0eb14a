"""Verbs about the places from which records come."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Source, SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import ledger, records, sources
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


def settle_held(vault: Vault, clock: Clock, source: int, type_name: str, *, accept: bool) -> ChangeSet:
    """Settles the question that is asked where many records of a type are no longer at a portal.

    `accept`: the portal is right, they are marked as gone from it (nothing is deleted). Else they stay as they are,
    and the question is not asked again for them. Errors: source-missing, nothing-held.
    """

    def verb(db: Database) -> int:
        found = sources.one(db, source)
        if found is None:
            raise UserFacingError("source-missing")
        missing = ledger.held(db, source, type_name)
        if not missing:
            raise UserFacingError("nothing-held")
        if accept:
            records.mark_gone(db, source, type_name, missing, int(clock.now().timestamp()))
        ledger.settle(db, source, type_name, keep=not accept)
        return found.person

    return ChangeSet.of(Topic.SOURCES, Topic.RECORDS, person=vault.write(verb))


def ask_held_again(vault: Vault, _clock: Clock, source: int, type_name: str) -> ChangeSet:
    """Has the next sync ask for all of a type of which many records were no longer at the portal.

    Errors: source-missing.
    """

    def verb(db: Database) -> int:
        found = sources.one(db, source)
        if found is None:
            raise UserFacingError("source-missing")
        ledger.compare_again(db, source, type_name)
        return found.person

    return ChangeSet.of(Topic.SOURCES, person=vault.write(verb))
