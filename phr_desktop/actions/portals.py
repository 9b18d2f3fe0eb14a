"""Verbs about the portals that a person may choose from."""

from __future__ import annotations

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.fhir.brands import read_brands
from phr_desktop.vault import brands
from phr_desktop.vault.vault import Vault


def add_brands(vault: Vault, data: bytes) -> tuple[int, ChangeSet]:
    """Adds the clinics and plans of a SMART User-access Brands bundle to the list; how many it names.

    Errors: brands-not-understood.
    """
    found = read_brands(data)
    vault.write(lambda db: brands.add(db, found))
    return len(found), ChangeSet.of(Topic.SOURCES)
