"""Sources (portals, files, own notes) and the grants that portals gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from phr_desktop.domain.people import Grant, Rest, Source, SourceKind
from phr_desktop.vault import choices
from phr_desktop.vault.connection import Database, Row

_COLUMNS = "id, person, kind, name, base_url, patient_id, connected, needs_sign_in, last_synced_at"
ADD = "INSERT INTO sources (person, kind, name, base_url, patient_id, created_at) VALUES (?, ?, ?, ?, ?, ?)"
ALL = f"SELECT {_COLUMNS} FROM sources ORDER BY id"
ONE = f"SELECT {_COLUMNS} FROM sources WHERE id = ?"
OF_PERSON = f"SELECT {_COLUMNS} FROM sources WHERE person = ? ORDER BY id"
OF_KIND = f"SELECT {_COLUMNS} FROM sources WHERE person = ? AND kind = ?"
PORTAL = f"SELECT {_COLUMNS} FROM sources WHERE kind = 'portal' AND person = ? AND base_url = ? ORDER BY id LIMIT 1"
ADD_FILE_PATIENT = "INSERT OR IGNORE INTO file_patients (source, reference) VALUES (?, ?)"
FILE_PATIENTS = """SELECT f.reference FROM file_patients f JOIN sources s ON s.id = f.source
  WHERE s.person = ? AND s.kind = 'files'"""
SET_GRANT = """INSERT INTO grants (source, token_endpoint, client_id, access_token, refresh_token, expires_at, scope,
  patient, fhir_user, refreshing, client_auth, client_secret, client_key)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (source) DO UPDATE SET token_endpoint = excluded.token_endpoint, client_id = excluded.client_id,
  access_token = excluded.access_token, refresh_token = excluded.refresh_token, expires_at = excluded.expires_at,
  scope = excluded.scope, patient = excluded.patient, fhir_user = excluded.fhir_user,
  refreshing = excluded.refreshing, client_auth = excluded.client_auth, client_secret = excluded.client_secret,
  client_key = excluded.client_key"""
GRANT = """SELECT source, token_endpoint, client_id, access_token, refresh_token, expires_at, scope, patient, fhir_user,
  refreshing, client_auth, client_secret, client_key FROM grants WHERE source = ?"""


def add_portal(db: Database, person: int, name: str, base_url: str, patient_id: str, now: int) -> int:
    """The new connection's id; one connection belongs to one person and one patient."""
    return db.run(ADD, (person, SourceKind.PORTAL, name, base_url, patient_id, now))


def own_source(db: Database, person: int, kind: SourceKind, now: int) -> int:
    """The person's one source of files, or of own notes, made at its first use."""
    row = db.one(OF_KIND, (person, kind))
    if row is not None:
        return int(row[0])
    name = "Files" if kind is SourceKind.FILES else "Own notes"
    return db.run(ADD, (person, kind, name, None, None, now))


def add_file_patients(db: Database, source: int, references: Iterable[str]) -> None:
    """Keeps how files refer to the person whose source of files this is."""
    db.many(ADD_FILE_PATIENT, ((source, reference) for reference in references))


def file_patients(db: Database, person: int) -> frozenset[str]:
    """How the files added so far refer to this person; empty where none did."""
    return frozenset(row[0] for row in db.rows(FILE_PATIENTS, (person,)))


def everything(db: Database) -> list[Source]:
    return [_source(row) for row in db.rows(ALL)]


def of_person(db: Database, person: int) -> list[Source]:
    return [_source(row) for row in db.rows(OF_PERSON, (person,))]


def one(db: Database, source: int) -> Source | None:
    row = db.one(ONE, (source,))
    return None if row is None else _source(row)


def find_portal(db: Database, person: int, base_url: str) -> Source | None:
    """The person's connection to this FHIR base, connected or not."""
    row = db.one(PORTAL, (person, base_url))
    return None if row is None else _source(row)


def set_state(db: Database, source: int, *, connected: bool, needs_sign_in: bool) -> None:
    db.run("UPDATE sources SET connected = ?, needs_sign_in = ? WHERE id = ?", (connected, needs_sign_in, source))


def set_synced(db: Database, source: int, now: int) -> None:
    db.run("UPDATE sources SET last_synced_at = ? WHERE id = ?", (now, source))


def set_waits_until(db: Database, source: int, until: int) -> None:
    """Notes that the portal asks to be left alone until then (seconds since 1970 UTC)."""
    choices.set_setting(db, _busy_key(source), str(until))


def waits_until(db: Database, source: Source, now: int) -> int | None:
    """Until when a connected portal asks to be left alone; None where it does not any more."""
    until = choices.setting(db, _busy_key(source.id)) if source.connected else None
    return int(until) if until is not None and now < int(until) else None


def rest(db: Database, source: int) -> Rest:
    """How a portal did of late."""
    failures, _, until = (choices.setting(db, _rest_key(source)) or "0 0").partition(" ")
    return Rest(int(failures), int(until))


def set_rest(db: Database, source: int, rest: Rest) -> None:
    choices.set_setting(db, _rest_key(source), f"{rest.failures} {rest.until}")


def asked_again(db: Database) -> dict[int, int]:
    """When each connected portal that wanted to be left alone, or failed, is asked again by itself (seconds since 1970
    UTC, also in the past), by source."""
    found = {}
    for source in everything(db):
        until = max(int(choices.setting(db, _busy_key(source.id)) or 0), rest(db, source.id).until)
        if until and source.connected and not source.needs_sign_in:
            found[source.id] = until
    return found


# wipe.py knows both by their ends.
def _busy_key(source: int) -> str:
    return f"portal-busy-until:{source}"


def _rest_key(source: int) -> str:
    return f"portal-rests:{source}"


def set_grant(db: Database, grant: Grant) -> None:
    """Stores a grant in place of the former one."""
    db.run(
        SET_GRANT,
        (grant.source, grant.token_endpoint, grant.client_id, grant.access_token, grant.refresh_token,
         grant.expires_at, grant.scope, grant.patient, grant.fhir_user, grant.refreshing, grant.client_auth,
         grant.client_secret, grant.client_key),
    )  # fmt: skip


def renew_grant(db: Database, grant: Grant, used: str) -> bool:
    """The same for a grant that was renewed in place of the access token `used`; whether it was. Nothing is done where
    the person disconnected meanwhile, or signed in again: that grant is newer."""
    before = db.one(GRANT, (grant.source,))
    if before is None or before[3] != used:
        return False
    set_grant(db, grant)
    return True


def ask_sign_in(db: Database, source: int) -> None:
    """Marks that only a new sign-in helps; nothing where the person disconnected meanwhile."""
    db.run("UPDATE sources SET needs_sign_in = 1 WHERE id = ? AND connected = 1", (source,))


def begin_refresh(db: Database, source: int) -> None:
    """Marks that the refresh token is about to be used: if no answer is stored, it must never be used again."""
    db.run("UPDATE grants SET refreshing = 1 WHERE source = ?", (source,))


def grant(db: Database, source: int) -> Grant | None:
    row = db.one(GRANT, (source,))
    if row is None:
        return None
    fixed = Grant(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], bool(row[9]))
    return replace(fixed, client_auth=row[10], client_secret=row[11], client_key=row[12])


def forget_grant(db: Database, source: int) -> None:
    db.run("DELETE FROM grants WHERE source = ?", (source,))


def _source(row: Row) -> Source:
    return Source(row[0], row[1], SourceKind(row[2]), row[3], row[4], row[5], bool(row[6]), bool(row[7]), row[8])
