"""Facts in brief, with the hash of what they say: for what is worked out from many records again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phr_desktop.domain.records import Kind
from phr_desktop.vault.bodies import bodies
from phr_desktop.vault.connection import Database
from phr_desktop.vault.records import BATCH

_STATED = """SELECT id, source, code, date_utc, received_at, content_hash FROM records INDEXED BY records_by_kind
  WHERE person = ? AND kind = ? AND standing = 0 AND type = ? AND gone_at IS NULL"""
OF_TYPE = f"{_STATED} ORDER BY date_utc DESC, id DESC"
OF_STATUS = f"{_STATED} AND status = ? ORDER BY date_utc DESC, id DESC"
OF_CODES = f"{_STATED} AND code IN ({{places}}) ORDER BY date_utc DESC, id DESC"
BODY = "SELECT codec, body FROM records WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Brief:
    """A record that is stated and not gone. `date_utc` and `received_at` are seconds since 1970."""

    id: int
    source: int
    code: str | None
    date_utc: int | None
    received_at: int
    content_hash: bytes


def of_type(db: Database, person: int, kind: Kind, type_name: str, status: str | None = None) -> list[Brief]:
    """The person's facts of one type, of one status alone where it is given; newest first."""
    if status is None:
        return [Brief(*row) for row in db.rows(OF_TYPE, (person, kind.value, type_name))]
    return [Brief(*row) for row in db.rows(OF_STATUS, (person, kind.value, type_name, status))]


def of_codes(db: Database, person: int, kind: Kind, type_name: str, codes: Sequence[str]) -> Iterator[Brief]:
    """The person's facts of one type whose code is among these, newest first among each BATCH of codes."""
    for start in range(0, len(codes), BATCH):
        block = codes[start : start + BATCH]
        places = ",".join("?" * len(block))
        rows = db.rows(OF_CODES.format(places=places), (person, kind.value, type_name, *block))
        yield from (Brief(*row) for row in rows)


def body(db: Database, record: int) -> bytes:
    """A record's bytes, as its source sent them."""
    codec, packed = db.rows(BODY, (record,))[0]
    return bodies(db).unpack(codec, packed)
