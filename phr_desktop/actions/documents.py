"""What a person does with a document."""

from __future__ import annotations

from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.clock import Clock
from phr_desktop.queries.documents import content
from phr_desktop.vault.connection import mapped_errors
from phr_desktop.vault.vault import Vault


def save_copy(vault: Vault, clock: Clock, record: int, position: int, target: Path) -> None:
    """Writes one part's bytes, unchanged and NOT encrypted, to a file that the person named: whole or not at all.

    Only the person's own account may read it. The vault stays as it is. Errors: document-not-received, no-permission,
    disk-full, disk-problem.
    """
    data = content(vault, clock, record, position).data
    with mapped_errors():
        failpoints.write_whole(target, data, "copy of a document")
