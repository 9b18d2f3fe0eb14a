"""Records: storing what was read from a source, and the questions that lists, trends and search ask.

Lists and trends read columns, never JSON. Ids run upwards in the order of arrival.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from phr_desktop.domain.records import (
    DatePrecision,
    Extracted,
    Kind,
    ObservationValue,
    RecordRow,
    SearchHit,
    Standing,
    StoredRecord,
    TrendPoint,
)
from phr_desktop.domain.reports import Applied
from phr_desktop.vault.bodies import bodies
from phr_desktop.vault.connection import Database, Row

BATCH = 500
FIRST_LOAD = 86_400  # seconds after a source was made in which what arrives counts as its first load
RECENT = 30 * 86_400  # seconds
_SIGN = "\ue000"  # for private use: full text takes it for a letter
DAYS_BEFORE_1970 = 719163  # datetime.date(1970, 1, 1).toordinal()

_COLUMNS = """r.id, r.person, r.source, r.type, r.identity, r.kind, r.date, r.date_utc, r.date_precision, r.zone,
  r.status, r.standing, r.system, r.code, r.category, r.title, r.received_at, r.changed_at, r.gone_at"""
_VALUE_COLUMNS = """v.position, v.kind, v.system, v.code, v.title, v.comparator, v.value, v.unit, v.unit_code, v.low,
  v.high, v.range_text, v.range_count, v.interpretation, v.interpretation_text, v.method, v.absent_reason"""
_ROW_FROM = "FROM records r LEFT JOIN observation_values v ON v.record = r.id AND v.position = 0"

FIND_KNOWN = """SELECT type, identity, id, content_hash, date_utc, gone_at, version_id, last_updated FROM records
  WHERE source = ? AND type = ? AND identity IN ({places})"""
# Extracted's fields up to `text` are columns of the same names; `fhir_id` follows from `identity`.
_TEXT = Extracted._fields.index("text")
_WRITTEN = ("type", "identity", *Extracted._fields[3:_TEXT], "extract_version", "codec", "body")
INSERT_RECORD = f"""INSERT INTO records (id, person, source, received_at, {", ".join(_WRITTEN)})
  VALUES (?, ?, ?, ?, {", ".join("?" * len(_WRITTEN))})"""
UPDATE_RECORD = f"UPDATE records SET {' = ?, '.join(_WRITTEN)} = ?, changed_at = ?, gone_at = NULL WHERE id = ?"
KEEP_VERSION = """INSERT INTO versions (record, replaced_at, version_id, content_hash, codec, body)
  SELECT id, ?, version_id, content_hash, codec, body FROM records WHERE id = ?"""
KEEP_OLDER = """INSERT INTO versions (record, replaced_at, version_id, content_hash, codec, body)
  VALUES (?, ?, ?, ?, ?, ?)"""
DELETE_VERSION = "DELETE FROM versions WHERE record = ? AND content_hash = ?"
HAS_VERSION = "SELECT 1 FROM versions WHERE record = ? AND content_hash = ? LIMIT 1"
TOUCH_RECORD = "UPDATE records SET version_id = ?, last_updated = ?, gone_at = NULL WHERE id = ?"
INSERT_VALUE = "INSERT INTO observation_values VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_ATTACHMENT = """INSERT INTO record_attachments (record, position, content_type, title, url, inline)
  VALUES (?, ?, ?, ?, ?, ?)"""
INSERT_TEXT = "INSERT INTO search (rowid, text) VALUES (?, ?)"
DELETE_TEXT = "DELETE FROM search WHERE rowid = ?"

ROWS_BY_ID = f"SELECT {_COLUMNS}, {_VALUE_COLUMNS} {_ROW_FROM} WHERE r.id IN ({{places}})"
IDS_OF_KIND = """SELECT id FROM records INDEXED BY records_by_kind WHERE person = ? AND kind = ? AND standing = 0
  ORDER BY date_utc DESC, id DESC"""
IDS_NOT_FACTS = """SELECT id FROM records WHERE person = ? AND kind = ? AND standing > 0
  ORDER BY date_utc DESC, id DESC"""
IDS_OF_PERSON = "SELECT id FROM records INDEXED BY records_by_kind WHERE person = ? ORDER BY date_utc DESC, id DESC"
STORED = f"SELECT {_COLUMNS}, r.version_id, r.last_updated, r.codec, r.body FROM records r WHERE r.id = ?"
VALUES_OF = f"SELECT {_VALUE_COLUMNS} FROM observation_values v WHERE v.record = ? ORDER BY v.position"
BY_FHIR_ID = """SELECT id FROM records INDEXED BY records_by_identity
  WHERE source IN (SELECT id FROM sources) AND type = ? AND identity = ? LIMIT 2"""
BY_REFERENCE = "SELECT id FROM records WHERE source = ? AND type = ? AND identity = ?"
TYPES_OF_PERSON = """SELECT r.id FROM records r INDEXED BY records_by_kind WHERE r.person = ? AND r.kind = ?
  AND r.type IN ({places}) ORDER BY r.date_utc DESC, r.id DESC"""
OF_CODES = """SELECT r.id FROM records r INDEXED BY records_by_kind WHERE r.person = ? AND r.kind = ?
  AND r.type = ? AND r.code IN ({places}) ORDER BY r.date_utc DESC, r.id DESC"""
COUNT_OF_KIND = "SELECT count(*) FROM records WHERE person = ? AND kind = ? AND standing = 0"
COUNT_OF_TYPE = "SELECT count(*) FROM records WHERE source = ? AND type = ? AND gone_at IS NULL"
IDENTITIES = "SELECT identity, version_id FROM records WHERE source = ? AND type = ? AND gone_at IS NULL"
TREND = f"""SELECT r.id, r.source, r.date, r.date_utc, r.date_precision, r.zone, r.category, r.status, {_VALUE_COLUMNS}
  FROM records r INDEXED BY records_by_kind JOIN observation_values v ON v.record = r.id
  WHERE r.person = ? AND r.kind IN ('results', 'measurements', 'records') AND r.standing = 0
  AND r.type = 'Observation' AND r.code = ? AND r.system IS ? AND r.gone_at IS NULL AND v.position = 0
  ORDER BY r.date_utc, r.id"""
COMPONENT_TREND = TREND.replace("AND v.position = 0", "AND v.position > 0 AND v.code = ? AND v.system IS ?")
SEARCH = "SELECT rowid & 4294967295 FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?"
MATCHING = "SELECT rowid & 4294967295 FROM search WHERE search MATCH ?"
IDS_OF_OTHERS = """SELECT id FROM records WHERE person = ? AND kind = 'records' AND standing = 0
  ORDER BY date_utc DESC, id DESC"""
IDS_OF_TYPE = """SELECT id FROM records INDEXED BY records_by_kind
  WHERE person = ? AND kind = 'records' AND type = ? AND standing = 0 ORDER BY date_utc DESC, id DESC"""
OTHER_TYPES = """SELECT type, count(*) FROM records INDEXED BY records_by_kind
  WHERE person = ? AND kind = 'records' AND standing = 0 GROUP BY type ORDER BY count(*) DESC, type"""
COUNTS_BY_TYPE = "SELECT type, count(*) FROM records WHERE source = ? GROUP BY type ORDER BY type"
COUNT_NOT_FACTS = "SELECT count(*) FROM records WHERE person = ? AND kind = ? AND standing > 0"
COMPONENTS = f"""SELECT v.record, {_VALUE_COLUMNS} FROM observation_values v
  WHERE v.record IN ({{places}}) AND v.position > 0 ORDER BY v.record, v.position"""
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


@dataclass(slots=True)
class _Known:
    """What is already stored under an identity."""

    id: int
    content_hash: bytes
    date_utc: int | None
    gone: bool
    version_id: str | None
    last_updated: str | None


class RecordWriter:
    """Stores resources of one source in the transaction of the `Database` that it was given.

    Feed it with `add`, in any number; call `finish` once at the end. An equal resource again adds nothing; a changed
    one replaces the columns and the bytes, and the former bytes are kept as a version. A repeated identity inside
    one import counts as a change of the same record.

    `in_any_order` is for files, which a person may add in any order and again: what says that it was last updated
    before what is stored becomes a version of it, and what is a version already stays one where the import holds the
    stored content too.
    """

    def __init__(
        self, db: Database, *, person: int, source: int, now: int, extract_version: int, in_any_order: bool = False
    ) -> None:
        self._db = db
        self._person = person
        self._source = source
        self._now = now
        self._extract_version = extract_version
        self._person_word = _person_word(person) + " "
        self._next_id = 1 + int(db.value("SELECT coalesce(max(id), 0) FROM records"))
        self._first_import = db.one("SELECT 1 FROM records WHERE source = ? LIMIT 1", (source,)) is None
        # Hashes of what this import stored, or met as it is stored: a first import asks the database only about those.
        self._seen: set[int] = set()
        self._waiting: list[Extracted] = []
        self._in_any_order = in_any_order
        self._versions_met: dict[tuple[str, str], Extracted] = {}
        self._pack = bodies(db).pack
        self.applied = Applied()

    def add(self, extracted: Extracted) -> None:
        self._waiting.append(extracted)
        if len(self._waiting) >= BATCH:
            self._flush()

    def finish(self) -> Applied:
        self._flush()
        for key, one in self._versions_met.items():
            if hash(key) not in self._seen:  # the source went back to what it said before
                self._replace(self._find_known([one])[key], one)
                self.applied += Applied(updated=1, unchanged=-1)
        self._versions_met = {}
        return self.applied

    def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        asked = [one for one in batch if hash((one.type, one.identity)) in self._seen] if self._first_import else batch
        known = self._find_known(asked)
        new: dict[tuple[str, str], Extracted] = {}
        changed = unchanged = 0
        for one in batch:
            key = (one.type, one.identity)
            if key in new:  # the same identity twice in one batch: store the first, compare the second with it
                self._insert(new)
                known |= self._find_known(list(new.values()))
                new = {}
            before = known.get(key)
            if before is None:
                new[key] = one
            elif before.content_hash == one.content_hash:
                unchanged += 1
                self._touch(before, one)
            elif self._in_any_order and self._stays(before, one):
                unchanged += 1
            else:
                changed += 1
                self._replace(before, one)
        self._insert(new)
        self.applied += Applied(len(batch) - changed - unchanged, changed, unchanged)

    def _touch(self, before: _Known, one: Extracted) -> None:
        """The same content again: only what the source says of its version may be new."""
        self._seen.add(hash((one.type, one.identity)))
        if self._in_any_order and _is_older(one.last_updated, before.last_updated):
            return
        if before.gone or (before.version_id, before.last_updated) != (one.version_id, one.last_updated):
            self._db.run(TOUCH_RECORD, (one.version_id, one.last_updated, before.id))
            before.gone, before.version_id, before.last_updated = False, one.version_id, one.last_updated

    def _stays(self, before: _Known, one: Extracted) -> bool:
        """Whether other content than the stored one is none to replace it with."""
        is_version = self._db.one(HAS_VERSION, (before.id, one.content_hash)) is not None
        if _is_older(one.last_updated, before.last_updated):
            if not is_version:
                self._db.run(
                    KEEP_OLDER, (before.id, self._now, one.version_id, one.content_hash, *self._pack(one.body))
                )
            return True
        if is_version and not _is_older(before.last_updated, one.last_updated):
            self._versions_met[one.type, one.identity] = one
            return True
        return False

    def _find_known(self, batch: Sequence[Extracted]) -> dict[tuple[str, str], _Known]:
        known: dict[tuple[str, str], _Known] = {}
        for type_name, group in groupby(sorted(batch, key=_type_of), key=_type_of):
            identities = sorted({one.identity for one in group})
            sql = FIND_KNOWN.format(places=_places(identities))
            for row in self._db.rows(sql, (self._source, type_name, *identities)):
                known[(row[0], row[1])] = _Known(row[2], row[3], row[4], row[5] is not None, row[6], row[7])
        return known

    def _insert(self, new: dict[tuple[str, str], Extracted]) -> None:
        numbered = list(enumerate(new.values(), self._next_id))
        start = (self._person, self._source, self._now)
        self._db.many(INSERT_RECORD, ((id_, *start, *self._written(e)) for id_, e in numbered))
        self._insert_satellites(numbered)
        self._next_id += len(new)
        self._seen.update(map(hash, new))

    def _written(self, e: Extracted) -> tuple[object, ...]:
        return (e.type, e.identity, *e[3:_TEXT], self._extract_version, *self._packed(e))

    def _packed(self, e: Extracted) -> tuple[int, bytes]:
        return (e.codec, e.body) if e.codec else self._pack(e.body)

    def _insert_satellites(self, records: Sequence[tuple[int, Extracted]]) -> None:
        word = self._person_word
        texts = [(search_rowid(e.date_utc, id_), word + _without_sign(e.text)) for id_, e in records]
        texts.sort()  # the index starts a new segment wherever a rowid goes down
        self._db.many(INSERT_TEXT, texts)
        self._db.many(INSERT_VALUE, ((id_, *value) for id_, e in records for value in e.values))
        self._db.many(
            INSERT_ATTACHMENT,
            (
                (id_, link.position, link.content_type, link.title, link.url, link.data is not None)
                for id_, e in records
                for link in e.attachments
            ),
        )

    def _replace(self, before: _Known, e: Extracted) -> None:
        if self._in_any_order:
            self._db.run(DELETE_VERSION, (before.id, before.content_hash))
        self._db.run(KEEP_VERSION, (self._now, before.id))
        self._db.run(UPDATE_RECORD, (*self._written(e), self._now, before.id))
        self._db.run(DELETE_TEXT, (search_rowid(before.date_utc, before.id),))
        for table in ("observation_values", "record_attachments", "opened"):
            self._db.run(f"DELETE FROM {table} WHERE record = ?", (before.id,))
        self._insert_satellites([(before.id, e)])
        before.content_hash, before.date_utc, before.gone = e.content_hash, e.date_utc, False
        before.version_id, before.last_updated = e.version_id, e.last_updated
        self._seen.add(hash((e.type, e.identity)))


def _is_older(one: str | None, other: str | None) -> bool:
    """Whether an instant is before another; False where one of them is none."""
    first, second = _instant(one), _instant(other)
    return first is not None and second is not None and first < second


def _instant(text: str | None) -> datetime | None:
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def search_rowid(date_utc: int | None, record: int) -> int:
    """(day number << 32) | record id: full-text hits in descending rowid are newest first. Undated ones come last."""
    day = 0 if date_utc is None else max(0, date_utc // 86400 + DAYS_BEFORE_1970)
    return (day << 32) | record


def write_satellites(db: Database, found: Sequence[tuple[int, int, Extracted]]) -> None:
    """Writes what is derived from records' bytes where it is missing as a whole: full text, values, and the links of
    documents, of which those that are there stay. `found` is (record, person, what was read)."""
    texts = [
        (search_rowid(e.date_utc, record), f"{_person_word(person)} {_without_sign(e.text)}")
        for record, person, e in found
    ]
    db.many(INSERT_TEXT, sorted(texts))
    db.many(INSERT_VALUE, ((record, *value) for record, _, e in found for value in e.values))
    db.many(
        INSERT_ATTACHMENT.replace("INSERT", "INSERT OR IGNORE", 1),
        (
            (record, link.position, link.content_type, link.title, link.url, link.data is not None)
            for record, _, e in found
            for link in e.attachments
        ),
    )


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
    match = _match(words, person)
    if match is None:
        return []
    ids = [row[0] for row in db.rows(SEARCH, (match, limit))]
    names: dict[int, str] = dict(db.rows("SELECT id, name FROM people"))
    return [SearchHit(row, names[row.person]) for row in rows(db, ids)]


def matching(db: Database, words: str, person: int) -> set[int] | None:
    """Ids of all records of the person that `search` would find; None where the words say nothing to look for."""
    match = _match(words, person)
    return None if match is None else {row[0] for row in db.rows(MATCHING, (match,))}


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


def _match(words: str, person: int | None) -> str | None:
    """An FTS5 expression out of what a person typed; quotes make every sign harmless."""
    terms = ["".join(c for c in word if c.isalnum() or c in "-./") for word in words.split()]
    quoted = [f'"{term}"*' for term in terms if any(c.isalnum() for c in term)]
    if not quoted:
        return None
    return " AND ".join(quoted if person is None else (f'"{_person_word(person)}"', *quoted))


def _person_word(person: int) -> str:
    """What full text finds a person's records by: a word with a sign that no typed word and no record's text keeps."""
    return f"{_SIGN}{person}"


def _without_sign(text: str) -> str:
    return text.replace(_SIGN, " ")


def _row(row: Row) -> RecordRow:
    value = None if row[19] is None else ObservationValue(*row[19:36])
    return RecordRow(
        id=row[0], person=row[1], source=row[2], type=row[3], fhir_id=_fhir_id(row[4]), kind=Kind(row[5]), date=row[6],
        date_utc=row[7], date_precision=_precision(row[8]), zone=row[9], status=row[10], standing=Standing(row[11]),
        system=row[12], code=row[13], category=row[14], title=row[15], received_at=row[16], changed_at=row[17],
        gone_at=row[18], value=value,
    )  # fmt: skip


def _fhir_id(identity: str) -> str | None:
    return None if identity.startswith(("url:", "sha256:")) else identity


def _value_or_none(values: Sequence[ObservationValue]) -> Sequence[object]:
    return values[0] if values and values[0].position == 0 else (None,) * 17


def _precision(text: str | None) -> DatePrecision | None:
    return None if text is None else DatePrecision(text)


def _type_of(extracted: Extracted) -> str:
    return extracted.type


def _places(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
