"""What a person does with a record. The source's own bytes are never changed by it."""

from __future__ import annotations

from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.vault import records
from phr_desktop.vault.vault import Vault


def mark_opened(vault: Vault, clock: Clock, person: int, record: int) -> ChangeSet:
    """The person has opened this record: it is no longer new here. Nothing is noted in a vault that stores nothing."""
    if vault.state is not VaultState.OK:
        return ChangeSet()
    vault.write(lambda db: records.mark_opened(db, record, int(clock.now().timestamp())))
    return ChangeSet.of(Topic.RECORDS, person=person)
