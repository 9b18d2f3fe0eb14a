"""Puts FHIR resources into a vault as a source would, without files and without a portal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.reports import Applied
from phr_desktop.fhir.extract import EXTRACT_VERSION, extract
from phr_desktop.vault import sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.record_writer import RecordWriter
from phr_desktop.vault.vault import Vault

NOW = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)


def store(
    vault: Vault,
    person: int,
    resources: Iterable[dict[str, Any] | bytes],
    source_kind: SourceKind = SourceKind.FILES,
    *,
    portal: str = "Harbor Clinic",
    now: datetime = NOW,
) -> int:
    """Stores resources (objects, or their bytes) in the person's source of this kind; the source's id.

    A portal is found again by its name.
    """
    raw = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in resources]

    def verb(db: Database) -> int:
        source = _source(db, person, source_kind, portal, int(now.timestamp()))
        writer = RecordWriter(
            db, person=person, source=source, now=int(now.timestamp()), extract_version=EXTRACT_VERSION
        )
        writer.add(map(extract, raw))
        assert isinstance(writer.finish(), Applied)
        return source

    return vault.write(verb)


def _source(db: Database, person: int, kind: SourceKind, portal: str, now: int) -> int:
    if kind is not SourceKind.PORTAL:
        return sources.own_source(db, person, kind, now)
    base_url = f"https://{portal.lower().replace(' ', '-')}.example/fhir"
    found = sources.find_portal(db, person, base_url)
    return found.id if found else sources.add_portal(db, person, portal, base_url, f"patient-{person}", now)
