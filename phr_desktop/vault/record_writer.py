"""Records: storing what was read from a source. Ids run upwards in the order of arrival, some hundred at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby

from phr_desktop.domain.records import Extracted, ObservationValue
from phr_desktop.domain.reports import Applied
from phr_desktop.errors import Bug
from phr_desktop.vault.bodies import bodies
from phr_desktop.vault.connection import Database
from phr_desktop.vault.full_text import DELETE_TEXT, INSERT_TEXT, person_word, search_rowid, without_sign

BATCH = 500  # records of a source that has some already: as many are looked up at a time
FIRST_BATCH = 100  # of one that has none, so that nothing is looked up: few, still in the processor's cache
TEXTS = 2000  # full text is written seldom: each time adds a segment to its index, and segments are merged
FIND_KNOWN = """SELECT type, identity, id, content_hash, date_utc, gone_at, version_id, last_updated FROM records
  WHERE source = ? AND type = ? AND identity IN ({places})"""
_COLUMNS = Extracted._fields[: Extracted._fields.index("text")]  # those before it are columns of the same names
_LENGTH, _CODEC = len(_COLUMNS), _COLUMNS.index("codec")  # the last two are codec and body
# Of an Observation its own value besides; `value_kind` and those after it.
_VALUE_FROM = ObservationValue._fields.index("kind")
_VALUE_COLUMNS = ("value_kind", *ObservationValue._fields[_VALUE_FROM + 1 :])
_WITH_VALUE = _COLUMNS + _VALUE_COLUMNS
_NO_VALUE = (None,) * len(_VALUE_COLUMNS)
# What is the same for every record of a writer stands in the statement: four values less to bind for each of 100,000.
INSERT_RECORD = """INSERT INTO records (person, source, received_at, extract_version, {columns})
  VALUES ({person:d}, {source:d}, {now:d}, {extract_version:d}, {places})"""
LAST_ID = "SELECT last_insert_rowid()"
UPDATE_RECORD = f"""UPDATE records SET {" = ?, ".join(_WITH_VALUE)} = ?, extract_version = ?, changed_at = ?,
  gone_at = NULL WHERE id = ?"""
KEEP_VERSION = """INSERT INTO versions (record, replaced_at, version_id, content_hash, codec, body)
  SELECT id, ?, version_id, content_hash, codec, body FROM records WHERE id = ?"""
KEEP_OLDER = """INSERT INTO versions (record, replaced_at, version_id, content_hash, codec, body)
  VALUES (?, ?, ?, ?, ?, ?)"""
DELETE_VERSION = "DELETE FROM versions WHERE record = ? AND content_hash = ?"
HAS_VERSION = "SELECT 1 FROM versions WHERE record = ? AND content_hash = ? LIMIT 1"
TOUCH_RECORD = "UPDATE records SET version_id = ?, last_updated = ?, gone_at = NULL WHERE id = ?"
INSERT_COMPONENT = f"INSERT INTO observation_components VALUES (?{', ?' * len(ObservationValue._fields)})"
INSERT_ATTACHMENT = """INSERT INTO record_attachments (record, position, content_type, title, url, inline)
  VALUES (?, ?, ?, ?, ?, ?)"""


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
        self._source = source
        self._now = now
        self._extract_version = extract_version
        insert = partial(INSERT_RECORD.format, person=person, source=source, now=now, extract_version=extract_version)
        self._insert_record = insert(columns=", ".join(_COLUMNS), places=_places(_COLUMNS))
        self._insert_observation = insert(columns=", ".join(_WITH_VALUE), places=_places(_WITH_VALUE))
        self._person_word = person_word(person) + " "
        self._next_id = 1 + int(db.value("SELECT coalesce(max(id), 0) FROM records"))
        self._first_import = db.one("SELECT 1 FROM records WHERE source = ? LIMIT 1", (source,)) is None
        self._batch = FIRST_BATCH if self._first_import else BATCH
        # Hashes of what this import stored, or met as it is stored: a first import asks the database only about those.
        self._seen: set[int] = set()
        self._waiting: list[Extracted] = []
        self._texts: list[tuple[int, str]] = []
        self._in_any_order = in_any_order
        self._versions_met: dict[tuple[str, str], Extracted] = {}
        self._pack = bodies(db).pack
        self.applied = Applied()

    def add(self, extracted: Iterable[Extracted]) -> None:
        self._waiting.extend(extracted)
        while len(self._waiting) >= self._batch:
            batch, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
            self._store(batch)

    def finish(self) -> Applied:
        batch, self._waiting = self._waiting, []
        self._store(batch)
        for key, one in self._versions_met.items():
            if hash(key) not in self._seen:  # the source went back to what it said before
                self._replace(self._find_known([one])[key], one)
                self.applied += Applied(updated=1, unchanged=-1)
        self._versions_met = {}
        self._write_texts()
        return self.applied

    def _store(self, batch: Sequence[Extracted]) -> None:
        hashes = {hash((one.type, one.identity)) for one in batch}
        if self._first_import and len(hashes) == len(batch) and self._seen.isdisjoint(hashes):
            self._insert(batch)
            self._seen |= hashes
            self.applied += Applied(len(batch))
        else:
            self._compare(batch)

    def _compare(self, batch: Sequence[Extracted]) -> None:
        asked = [one for one in batch if hash((one.type, one.identity)) in self._seen] if self._first_import else batch
        known = self._find_known(asked)
        new: dict[tuple[str, str], Extracted] = {}
        changed = unchanged = 0
        for one in batch:
            key = (one.type, one.identity)
            if key in new:  # the same identity twice in one batch: store the first, compare the second with it
                self._insert_found(new)
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
        self._insert_found(new)
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
                kept = (before.id, self._now, one.version_id, one.content_hash, *self._row(one)[_CODEC:])
                self._db.run(KEEP_OLDER, kept)
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

    def _insert_found(self, new: dict[tuple[str, str], Extracted]) -> None:
        self._insert(list(new.values()))
        self._seen.update(map(hash, new))

    def _insert(self, new: Sequence[Extracted]) -> None:
        if not new:
            return
        # Ids run on, so Observations come first: their statement is another one.
        observed, others = [one for one in new if one.values], [one for one in new if not one.values]
        self._db.many(self._insert_observation, [self._row(one) + _own_value(one) for one in observed])
        self._db.many(self._insert_record, [self._row(one) for one in others])
        start, self._next_id = self._next_id, self._next_id + len(new)
        if self._db.value(LAST_ID) != self._next_id - 1:
            raise Bug("record-ids")  # what belongs to a record would be stored with another
        self._insert_satellites(range(start, self._next_id), observed + others)

    def _row(self, e: Extracted) -> tuple[object, ...]:
        """Its columns, the body packed."""
        return e[:_LENGTH] if e.codec else (*e[:_CODEC], *self._pack(e.body))

    def _insert_satellites(self, ids: Sequence[int], stored: Sequence[Extracted]) -> None:
        word = self._person_word
        self._texts += [
            (search_rowid(e.date_utc, id_), word + without_sign(e.text)) for id_, e in zip(ids, stored, strict=True)
        ]
        if len(self._texts) >= TEXTS:
            self._write_texts()
        self._db.many(INSERT_COMPONENT, _component_rows(zip(ids, stored, strict=True)))
        self._db.many(
            INSERT_ATTACHMENT,
            (
                (id_, link.position, link.content_type, link.title, link.url, link.data is not None)
                for id_, e in zip(ids, stored, strict=True)
                for link in e.attachments
            ),
        )

    def _write_texts(self) -> None:
        texts, self._texts = self._texts, []
        texts.sort()  # the index starts a new segment wherever a rowid goes down
        self._db.many(INSERT_TEXT, texts)

    def _replace(self, before: _Known, e: Extracted) -> None:
        if self._in_any_order:
            self._db.run(DELETE_VERSION, (before.id, before.content_hash))
        self._db.run(KEEP_VERSION, (self._now, before.id))
        self._db.run(UPDATE_RECORD, (*self._row(e), *_own_value(e), self._extract_version, self._now, before.id))
        self._write_texts()  # its former text may be among them
        self._db.run(DELETE_TEXT, (search_rowid(before.date_utc, before.id),))
        for table in ("observation_components", "record_attachments", "opened"):
            self._db.run(f"DELETE FROM {table} WHERE record = ?", (before.id,))
        self._insert_satellites((before.id,), (e,))
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


def write_satellites(db: Database, found: Sequence[tuple[int, int, Extracted]]) -> None:
    """Writes what is derived from records' bytes where it is missing as a whole: full text, values of components, and
    the links of documents, of which those that are there stay. `found` is (record, person, what was read)."""
    texts = [
        (search_rowid(e.date_utc, record), f"{person_word(person)} {without_sign(e.text)}")
        for record, person, e in found
    ]
    db.many(INSERT_TEXT, sorted(texts))
    db.many(INSERT_COMPONENT, _component_rows((record, e) for record, _, e in found))
    db.many(
        INSERT_ATTACHMENT.replace("INSERT", "INSERT OR IGNORE", 1),
        (
            (record, link.position, link.content_type, link.title, link.url, link.data is not None)
            for record, _, e in found
            for link in e.attachments
        ),
    )


def _own_value(e: Extracted) -> tuple[object, ...]:
    return e.values[0][_VALUE_FROM:] if e.values else _NO_VALUE


def _component_rows(stored: Iterable[tuple[int, Extracted]]) -> Iterator[tuple[object, ...]]:
    return ((id_, *value) for id_, e in stored if len(e.values) > 1 for value in e.values[1:])


def _type_of(extracted: Extracted) -> str:
    return extracted.type


def _places(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
