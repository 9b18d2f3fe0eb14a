"""The ledger of what each portal gave, and the staging of pages that are not a complete type yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from phr_desktop.domain.ledger import HELD, WARNING, LedgerEntry, LedgerState
from phr_desktop.vault.connection import Database, Row

_COLUMNS = """source, type, category, state, count, new, changed, gone, last_good_at, last_try_at, reason, cursor,
  full_compare_at, resume_url, said"""
OF_SOURCE = f"SELECT {_COLUMNS} FROM ledger WHERE source = ? ORDER BY type, category"
ONE = f"SELECT {_COLUMNS} FROM ledger WHERE source = ? AND type = ? AND category = ?"
SET = f"INSERT OR REPLACE INTO ledger ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
STAGE = """INSERT OR REPLACE INTO staging (source, type, category, url, next_url, server_time, body)
  VALUES (?, ?, ?, ?, ?, ?, ?)"""
STAGED = """SELECT url, next_url, server_time, body FROM staging WHERE source = ? AND type = ? AND category = ?
  ORDER BY id"""
STAGED_COUNT = "SELECT count(*) FROM staging WHERE source = ? AND type = ? AND category = ?"
CLEAR = "DELETE FROM staging WHERE source = ? AND type = ? AND category = ?"
REMOVE = "DELETE FROM ledger WHERE source = ? AND type = ? AND category = ?"
COUNT_OF_CATEGORY = """SELECT count(*) FROM records WHERE source = ? AND type = ? AND category = ?
  AND gone_at IS NULL"""
WANT = """INSERT OR IGNORE INTO wanted (source, type, fhir_id) SELECT ?1, ?2, ?3
  WHERE NOT EXISTS (SELECT 1 FROM records WHERE source = ?1 AND type = ?2 AND identity = ?3)"""
WANTED = "SELECT type, fhir_id FROM wanted WHERE source = ? ORDER BY type, fhir_id"
UNWANT = "DELETE FROM wanted WHERE source = ? AND type = ? AND fhir_id = ?"
HOLD = "INSERT OR IGNORE INTO held_gone (source, type, identity, held_at) VALUES (?, ?, ?, ?)"
HELD_OF = "SELECT identity FROM held_gone WHERE source = ? AND type = ? AND kept = 0 ORDER BY identity"
HELD_COUNTS = "SELECT type, count(*) FROM held_gone WHERE source = ? AND kept = 0 GROUP BY type ORDER BY type"
KEPT_OF = "SELECT identity FROM held_gone WHERE source = ? AND type = ? AND kept = 1"
COMPARE_AGAIN = "UPDATE ledger SET full_compare_at = NULL WHERE source = ? AND type = ?"
SETTLED = f"""UPDATE ledger SET reason = CASE WHEN said IS NULL THEN NULL ELSE '{WARNING}' END
  WHERE source = ? AND type = ? AND reason = ?"""  # what the portal warned of is to be told still


@dataclass(frozen=True, slots=True)
class StagedPage:
    """One page of a pull as it came; `server_time` is the portal's own time at its answer."""

    url: str
    next_url: str | None
    server_time: str | None
    body: bytes


def entries(db: Database, source: int) -> list[LedgerEntry]:
    return [_entry(row) for row in db.rows(OF_SOURCE, (source,))]


def one(db: Database, source: int, type_name: str, category: str = "") -> LedgerEntry | None:
    row = db.one(ONE, (source, type_name, category))
    return None if row is None else _entry(row)


def set_entry(db: Database, entry: LedgerEntry) -> None:
    """Writes a line of the ledger in place of the former one."""
    db.run(SET, astuple(entry))


def stage(db: Database, source: int, type_name: str, category: str, page: StagedPage) -> None:
    db.run(STAGE, (source, type_name, category, page.url, page.next_url, page.server_time, page.body))


def staged(db: Database, source: int, type_name: str, category: str = "") -> list[StagedPage]:
    """The pages held so far, in the order in which they came."""
    return [StagedPage(row[0], row[1], row[2], bytes(row[3])) for row in db.rows(STAGED, (source, type_name, category))]


def staged_count(db: Database, source: int, type_name: str, category: str = "") -> int:
    """How many pages are held so far."""
    return int(db.value(STAGED_COUNT, (source, type_name, category)))


def clear_staging(db: Database, source: int, type_name: str, category: str = "") -> None:
    db.run(CLEAR, (source, type_name, category))


def clear_all_staging(db: Database, source: int) -> None:
    """Forgets every half-done pull of a source: after another sign-in its pages may not be what is allowed now."""
    db.run("DELETE FROM staging WHERE source = ?", (source,))


def remove(db: Database, source: int, type_name: str, category: str) -> None:
    """Takes away a line of what is not asked for in that way any more."""
    db.run(REMOVE, (source, type_name, category))


def count_of_category(db: Database, source: int, type_name: str, category: str) -> int:
    """Records of a type and category held from a source, without those that are gone from it."""
    return int(db.value(COUNT_OF_CATEGORY, (source, type_name, category)))


def hold(db: Database, source: int, type_name: str, missing: Iterable[str], now: int) -> None:
    """Notes what a portal stopped showing, in place of what was held before, until the person says what is right."""
    db.run("DELETE FROM held_gone WHERE source = ? AND type = ? AND kept = 0", (source, type_name))
    db.many(HOLD, ((source, type_name, identity, now) for identity in missing))


def held(db: Database, source: int, type_name: str) -> list[str]:
    """Identities of a type that wait for the person's word."""
    return [row[0] for row in db.rows(HELD_OF, (source, type_name))]


def held_counts(db: Database, source: int) -> list[tuple[str, int]]:
    """(type, how many records) of everything that waits for the person's word."""
    return [(row[0], row[1]) for row in db.rows(HELD_COUNTS, (source,))]


def kept(db: Database, source: int, type_name: str) -> set[str]:
    """What the person keeps though the portal shows it no more: it is not asked about again."""
    return {row[0] for row in db.rows(KEPT_OF, (source, type_name))}


def settle(db: Database, source: int, type_name: str, *, keep: bool) -> None:
    """Ends the question about a type: what was held is kept for good, or forgotten here (the caller marked it)."""
    if keep:
        db.run("UPDATE held_gone SET kept = 1 WHERE source = ? AND type = ?", (source, type_name))
    else:
        db.run("DELETE FROM held_gone WHERE source = ? AND type = ? AND kept = 0", (source, type_name))
    db.run(SETTLED, (source, type_name, HELD))


def compare_again(db: Database, source: int, type_name: str) -> None:
    """Has the next sync ask for all of a type, whatever it knows of it."""
    db.run(COMPARE_AGAIN, (source, type_name))


def shown_again(db: Database, source: int, type_name: str, seen: Iterable[str]) -> None:
    """Forgets what was held or kept of a type and is at the portal after all."""
    known = set(held(db, source, type_name)) | kept(db, source, type_name)
    db.many(
        "DELETE FROM held_gone WHERE source = ? AND type = ? AND identity = ?",
        ((source, type_name, identity) for identity in known.intersection(seen)),
    )


def want(db: Database, source: int, type_name: str, fhir_id: str) -> None:
    """Notes that a record points to another one that is to be read; nothing where it is held already."""
    db.run(WANT, (source, type_name, fhir_id))


def wanted(db: Database, source: int) -> list[tuple[str, str]]:
    """(type, FHIR id) of what is still to be read."""
    return [(row[0], row[1]) for row in db.rows(WANTED, (source,))]


def unwant(db: Database, source: int, type_name: str, fhir_id: str) -> None:
    """It was read, or the portal said that it has none."""
    db.run(UNWANT, (source, type_name, fhir_id))


def _entry(row: Row) -> LedgerEntry:
    return LedgerEntry(row[0], row[1], row[2], LedgerState(row[3]), *row[4:])
