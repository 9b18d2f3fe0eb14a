"""Records: the questions that lists, trends and search ask. They read columns, never JSON."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from phr_desktop.domain.records import (
    DatePrecision,
    Kind,
    ObservationValue,
    RecordRow,
    SearchHit,
    Standing,
    StoredRecord,
    TrendPoint,
    fhir_id_of,
)
from phr_desktop.vault import full_text
from phr_desktop.vault.bodies import bodies
from phr_desktop.vault.connection import Database, Row

BATCH = 500
FIRST_LOAD = 86_400  # seconds after a source was made in which what arrives counts as its first load
RECENT = 30 * 86_400  # seconds

_COLUMNS = """r.id, r.person, r.source, r.type, r.identity, r.kind, r.date, r.date_utc, r.date_precision, r.zone,
  r.status, r.standing, r.system, r.code, r.category, r.title, r.received_at, r.changed_at, r.gone_at"""
_PART_COLUMNS = """v.position, v.system, v.code, v.title, v.value_kind, v.comparator, v.value, v.unit, v.unit_code,
  v.low, v.high, v.range_text, v.range_count, v.interpretation, v.interpretation_text, v.method, v.absent_reason"""
_OWN_COLUMNS = _PART_COLUMNS.replace("v.position", "0").replace("v.", "r.")

ROWS_BY_ID = f"SELECT {_COLUMNS}, {_OWN_COLUMNS} FROM records r WHERE r.id IN ({{places}})"
IDS_OF_KIND = """SELECT id FROM records INDEXED BY records_by_kind WHERE person = ? AND kind = ? AND standing = 0
  ORDER BY date_utc DESC, id DESC"""
IDS_NOT_FACTS = """SELECT id FROM records WHERE person = ? AND kind = ? AND standing > 0
  ORDER BY date_utc DESC, id DESC"""
IDS_OF_PERSON = "SELECT id FROM records INDEXED BY records_by_kind WHERE person = ? ORDER BY date_utc DESC, id DESC"
STORED = f"SELECT {_COLUMNS}, r.version_id, r.last_updated, r.codec, r.body FROM records r WHERE r.id = ?"
VALUES_OF = f"""SELECT {_OWN_COLUMNS} FROM records r WHERE r.id = ?1 AND r.value_kind IS NOT NULL
  UNION ALL SELECT {_PART_COLUMNS} FROM observation_components v WHERE v.record = ?1 ORDER BY 1"""
BY_FHIR_ID = """SELECT id FROM records INDEXED BY records_by_identity
  WHERE source IN (SELECT id FROM sources) AND type = ? AND identity = ? LIMIT 2"""
BY_REFERENCE = "SELECT id FROM records WHERE source = ? AND type = ? AND identity = ?"
TYPES_OF_PERSON = """SELECT r.id FROM records r INDEXED BY records_by_kind WHERE r.person = ? AND r.kind = ?
  AND r.type IN ({places}) ORDER BY r.date_utc DESC, r.id DESC"""
OF_CODES = """SELECT r.id FROM records r INDEXED BY records_by_kind WHERE r.person = ? AND r.kind = ?
  AND r.type = ? AND r.code IN ({places}) ORDER BY r.date_utc DESC, r.id DESC"""
ORDERS_SINCE = """SELECT id FROM records INDEXED BY records_by_kind WHERE person = ? AND kind = 'medications'
  AND standing = 0 AND type = 'MedicationRequest' AND received_at > ? ORDER BY id"""
IDS_TITLED = """SELECT id FROM records INDEXED BY records_by_kind WHERE person = ? AND kind = ? AND title = ?
  ORDER BY date_utc DESC, id DESC"""
COUNT_OF_KIND = "SELECT count(*) FROM records WHERE person = ? AND kind = ? AND standing = 0"
COUNT_OF_TYPE = "SELECT count(*) FROM records WHERE source = ? AND type = ? AND gone_at IS NULL"
IDENTITIES = "SELECT identity, version_id FROM records WHERE source = ? AND type = ? AND gone_at IS NULL"
_TREND_POINTS = """SELECT r.id, r.source, r.date, r.date_utc, r.date_precision, r.zone, r.category, r.status, {value}
  FROM records r INDEXED BY records_by_kind {join} WHERE r.person = ? AND r.kind IN ('results', 'measurements',
  'records') AND r.standing = 0 AND r.type = 'Observation' AND r.code = ? AND r.system IS ? AND r.gone_at IS NULL
  {which} ORDER BY r.date_utc, r.id"""
TREND = _TREND_POINTS.format(value=_OWN_COLUMNS, join="", which="AND r.value_kind IS NOT NULL")
COMPONENT_TREND = _TREND_POINTS.format(
    value=_PART_COLUMNS,
    join="JOIN observation_components v ON v.record = r.id",
    which="AND v.code = ? AND v.system IS ?",
)
IDS_OF_OTHERS = """SELECT id FROM records WHERE person = ? AND kind = 'records' AND standing = 0
  ORDER BY date_utc DESC, id DESC"""
IDS_OF_TYPE = """SELECT id FROM records INDEXED BY records_by_kind
  WHERE person = ? AND kind = 'records' AND type = ? AND standing = 0 ORDER BY date_utc DESC, id DESC"""
OTHER_TYPES = """SELECT type, count(*) FROM records INDEXED BY records_by_kind
  WHERE person = ? AND kind = 'records' AND standing = 0 GROUP BY type ORDER BY count(*) DESC, type"""
COUNTS_BY_TYPE = "SELECT type, count(*) FROM records WHERE source = ? GROUP BY type ORDER BY type"
COUNT_NOT_FACTS = "SELECT count(*) FROM records WHERE person = ? AND kind = ? AND standing > 0"
COMPONENTS = f"""SELECT v.record, {_PART_COLUMNS} FROM observation_components v
  WHERE v.record IN ({{places}}) ORDER BY v.record, v.position"""
# What came with a source's first load is news only where its own date is recent; what came later always is.
NEW_LATER = """SELECT r.id, r.date_utc FROM sources s JOIN records r INDEXED BY records_by_kind
  ON r.person = ?1 AND r.source = s.id AND r.received_at > max(s.created_at + ?5, ?3 - 1)
  LEFT JOIN opened o ON o.record = r.id
  WHERE s.person = ?1 AND r.kind = ?2 AND r.standing = 0 AND o.record IS NULL AND r.gone_at IS NULL"""
NEW_AT_FIRST = """SELECT r.id, r.date_utc FROM records r INDEXED BY records_by_kind
  JOIN sources s ON s.id = r.source LEFT JOIN opened o ON o.record = r.id
  WHERE r.person = ?1 AND r.kind = ?2 AND r.standing = 0 AND r.date_utc >= ?3 - ?6
  AND r.date_utc >= r.received_at - ?6 AND r.received_at >= ?3
  AND r.received_at <= s.created_at + ?5 AND o.record IS NULL AND r.gone_at IS NULL"""
NEW_SINCE = f"SELECT id FROM ({NEW_LATER} UNION ALL {NEW_AT_FIRST}) ORDER BY date_utc DESC, id DESC LIMIT ?4"
NEW_AMONG = """SELECT r.id FROM records r JOIN sources s ON s.id = r.source LEFT JOIN opened o ON o.record = r.id
  WHERE r.id IN ({places}) AND r.standing = 0 AND r.gone_at IS NULL AND o.record IS NULL AND r.received_at >= ?
  AND (r.received_at > s.created_at + ? OR r.date_utc >= r.received_at - ?)"""
MARK_GONE = "UPDATE records SET gone_at = ? WHERE source = ? AND type = ? AND identity = ? AND gone_at IS NULL"
CONTENT_HASHES = "SELECT id, content_hash FROM records WHERE id IN ({places})"
VERSIONS_OF = "SELECT replaced_at, version_id, codec, body FROM versions WHERE record = ? ORDER BY id DESC"
OPENED = "INSERT OR IGNORE INTO opened (record, at) VALUES (?, ?)"


def ids_of_kind(db: Database, person: int, kind: Kind, *, facts: bool = True) -> array[int]:
    """Ids of one list, newest first: what is stated as a fact, or else what is withdrawn, refuted or not done.

    Kind RECORDS is every record of the person, whatever it is and means.
    """
    if kind is Kind.RECORDS and facts:
        return array("q", (row[0] for row in db.rows(IDS_OF_PERSON, (person,))))
    sql = IDS_OF_KIND if facts else IDS_NOT_FACTS
    return array("q", (row[0] for row in db.rows(sql, (person, kind.value))))


def ids_of_others(db: Database, person: int) -> array[int]:
    """Ids of all stated records of types without a list of their own (stored kind RECORDS), newest first."""
    return array("q", (row[0] for row in db.rows(IDS_OF_OTHERS, (person,))))


def ids_of_other_type(db: Database, person: int, type_name: str) -> array[int]:
    """Ids of the stated records of one type that has no list of its own (stored kind RECORDS), newest first."""
    return array("q", (row[0] for row in db.rows(IDS_OF_TYPE, (person, type_name))))


def other_types(db: Database, person: int) -> list[tuple[str, int]]:
    """Types without a list of their own and how many stated records there are of each, the most first."""
    return [(row[0], row[1]) for row in db.rows(OTHER_TYPES, (person,))]


def rows(db: Database, ids: Sequence[int]) -> list[RecordRow]:
    """The rows of these ids, in their order; an id that is not there is left out."""
    found: dict[int, RecordRow] = {}
    for start in range(0, len(ids), BATCH):
        block = ids[start : start + BATCH]
        for row in db.rows(ROWS_BY_ID.format(places=_places(block)), list(block)):
            found[row[0]] = _row(row)
    return [found[id_] for id_ in ids if id_ in found]


def components(db: Database, ids: Sequence[int]) -> dict[int, list[ObservationValue]]:
    """The component values of some Observations (a block of a list), by record; without those that have none."""
    found: dict[int, list[ObservationValue]] = {}
    for start in range(0, len(ids), BATCH):
        block = list(ids[start : start + BATCH])
        for row in db.rows(COMPONENTS.format(places=_places(block)), block):
            found.setdefault(row[0], []).append(ObservationValue(*row[1:]))
    return found


def stored(db: Database, record: int) -> StoredRecord | None:
    """One record with its bytes and values."""
    row = db.one(STORED, (record,))
    if row is None:
        return None
    values = tuple(ObservationValue(*value) for value in db.rows(VALUES_OF, (record,)))
    body = bodies(db).unpack(row[21], row[22])
    return StoredRecord(_row((*row[:19], *_value_or_none(values))), row[19], row[20], body, values)


def of_types(db: Database, person: int, kind: Kind, types: Sequence[str]) -> list[StoredRecord]:
    """Every record of the person of these resource types, whatever it means, newest first; for derived lists."""
    ids = [row[0] for row in db.rows(TYPES_OF_PERSON.format(places=_places(types)), (person, kind.value, *types))]
    found = (stored(db, id_) for id_ in ids)
    return [record for record in found if record is not None]


def of_codes(db: Database, person: int, kind: Kind, type_name: str, codes: Sequence[str]) -> list[StoredRecord]:
    """The person's records of one type whose code is among these, whatever it means, newest first."""
    ids = [row[0] for row in db.rows(OF_CODES.format(places=_places(codes)), (person, kind.value, type_name, *codes))]
    found = (stored(db, id_) for id_ in ids)
    return [record for record in found if record is not None]


def orders_since(db: Database, person: int, since: int) -> list[int]:
    """The person's orders of medicines that this vault first had after then (seconds since 1970 UTC), as stated."""
    return [row[0] for row in db.rows(ORDERS_SINCE, (person, since))]


def find_by_fhir_id(db: Database, type_name: str, fhir_id: str) -> list[int]:
    """At most two ids: one means that the name is unique in this vault."""
    return [row[0] for row in db.rows(BY_FHIR_ID, (type_name, fhir_id))]


def find_reference(db: Database, source: int, type_name: str, identity: str) -> int | None:
    """The record that a reference inside the same source points to."""
    row = db.one(BY_REFERENCE, (source, type_name, identity))
    return None if row is None else int(row[0])


def find_full_url(db: Database, source: int, full_url: str) -> int | None:
    """The record that came in a bundle under this fullUrl and has no id of its own."""
    row = db.one("SELECT id FROM records WHERE source = ? AND identity = ? LIMIT 1", (source, f"url:{full_url}"))
    return None if row is None else int(row[0])


def body(db: Database, record: int) -> bytes | None:
    """The source's bytes, unchanged."""
    row = db.one("SELECT codec, body FROM records WHERE id = ?", (record,))
    return None if row is None else bodies(db).unpack(*row)


def content_hashes(db: Database, ids: Sequence[int]) -> dict[int, bytes]:
    """What each record says, as a hash; by id."""
    found: dict[int, bytes] = {}
    for start in range(0, len(ids), BATCH):
        block = list(ids[start : start + BATCH])
        found.update((row[0], bytes(row[1])) for row in db.rows(CONTENT_HASHES.format(places=_places(block)), block))
    return found


def versions(db: Database, record: int) -> list[tuple[int, str | None, bytes]]:
    """What the source said before: when it was replaced, its version, its bytes; newest first."""
    unpack = bodies(db).unpack
    return [(row[0], row[1], unpack(row[2], row[3])) for row in db.rows(VERSIONS_OF, (record,))]


def count_of_kind(db: Database, person: int, kind: Kind, *, facts: bool = True) -> int:
    """How many of a list are stated as facts; or else how many are withdrawn, refuted or not done."""
    return int(db.value(COUNT_OF_KIND if facts else COUNT_NOT_FACTS, (person, kind.value)))


def count_of_type(db: Database, source: int, type_name: str) -> int:
    """Records of a type held from a source, without those that are gone from it."""
    return int(db.value(COUNT_OF_TYPE, (source, type_name)))


def counts_by_type(db: Database, source: int) -> list[tuple[str, int]]:
    """(type, how many records of it) of a source, those that are gone from it too; read from an index alone."""
    return [(row[0], row[1]) for row in db.rows(COUNTS_BY_TYPE, (source,))]


def identities(db: Database, source: int, type_name: str) -> dict[str, str | None]:
    """Identity to version of what is held and not gone: what a full compare is made against."""
    return dict(db.rows(IDENTITIES, (source, type_name)))


def mark_gone(db: Database, source: int, type_name: str, gone: Iterable[str], now: int) -> int:
    """Marks records as no longer at the portal; nothing is deleted. How many were marked."""
    return sum(db.count(MARK_GONE, (now, source, type_name, identity)) for identity in gone)


def trend(
    db: Database, person: int, system: str | None, code: str, component: tuple[str | None, str] | None = None
) -> list[TrendPoint]:
    """Every stated value of a code (or of one component of it: system and code), oldest first, of all units, methods
    and sources, without those that are gone from their source: what may be drawn as one line is the query's to
    decide."""
    if component is None:
        found = db.rows(TREND, (person, code, system))
    else:
        found = db.rows(COMPONENT_TREND, (person, code, system, component[1], component[0]))
    return [
        TrendPoint(
            row[0], row[1], row[2], row[3], _precision(row[4]), row[5], row[6], row[7], ObservationValue(*row[8:])
        )
        for row in found
    ]


def search(db: Database, words: str, *, person: int | None, limit: int) -> list[SearchHit]:
    """Records in which every word (or a word that starts with it) occurs, newest first.

    `person` None searches everyone's; each hit names its person.
    """
    match = full_text.expression(words, person)
    if match is None:
        return []
    ids = [row[0] for row in db.rows(full_text.SEARCH, (match, limit))]
    names: dict[int, str] = dict(db.rows("SELECT id, name FROM people"))
    return [SearchHit(row, names[row.person]) for row in rows(db, ids)]


def titled(db: Database, person: int, kind: Kind, title: str) -> list[RecordRow]:
    """A person's records of a kind with exactly this title, newest first."""
    return rows(db, [row[0] for row in db.rows(IDS_TITLED, (person, kind.value, title))])


def matching(db: Database, words: str, person: int) -> set[int] | None:
    """Ids of all records of the person that `search` would find; None where the words say nothing to look for."""
    match = full_text.expression(words, person)
    return None if match is None else {row[0] for row in db.rows(full_text.MATCHING, (match,))}


def new_since(db: Database, person: int, kind: Kind, since: int, limit: int) -> list[RecordRow]:
    """Stated records that arrived at or after `since`, are not gone and were not opened yet, newest first.

    A whole life arrives with a source's first load (its first day): of that, only what happened in the thirty days
    before counts as new here.
    """
    found = db.rows(NEW_SINCE, (person, kind.value, since, limit, FIRST_LOAD, RECENT))
    return rows(db, [row[0] for row in found])


def new_among(db: Database, ids: Sequence[int], since: int) -> set[int]:
    """Those of some records (a block of a list) that `new_since` would give."""
    found: set[int] = set()
    for start in range(0, len(ids), BATCH):
        block = list(ids[start : start + BATCH])
        asked = (*block, since, FIRST_LOAD, RECENT)
        found.update(row[0] for row in db.rows(NEW_AMONG.format(places=_places(block)), asked))
    return found


def mark_opened(db: Database, record: int, now: int) -> None:
    db.run(OPENED, (record, now))


def _row(row: Row) -> RecordRow:
    value = None if row[23] is None else ObservationValue(*row[19:36])  # its kind
    return RecordRow(
        id=row[0], person=row[1], source=row[2], type=row[3], fhir_id=fhir_id_of(row[4]), kind=Kind(row[5]),
        date=row[6], date_utc=row[7], date_precision=_precision(row[8]), zone=row[9], status=row[10],
        standing=Standing(row[11]), system=row[12], code=row[13], category=row[14], title=row[15],
        received_at=row[16], changed_at=row[17], gone_at=row[18], value=value,
    )  # fmt: skip


def _value_or_none(values: Sequence[ObservationValue]) -> Sequence[object]:
    return values[0] if values else (None,) * len(ObservationValue._fields)


def _precision(text: str | None) -> DatePrecision | None:
    return None if text is None else DatePrecision(text)


def _places(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
