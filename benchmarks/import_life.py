"""Import of 6,776 resources after unlock, against a plain loop: parse, SQLCipher, FTS5, same settings and columns."""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

from benchmarks.data import finish, fresh_vault, life_bundles, median, seconds, verdict
from phr_desktop.clock import SystemClock
from phr_desktop.domain.people import SourceKind
from phr_desktop.fhir.envelope import read_entries
from phr_desktop.fhir.extract import EXTRACT_VERSION
from phr_desktop.files.parsing import batches, parsed
from phr_desktop.files.reading import collector_paused
from phr_desktop.vault import full_text, people, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.record_writer import RecordWriter
from phr_desktop.vault.vault import Vault

ROUNDS = 5
LIMIT = 1.3
INSERT = """INSERT INTO records (id, person, source, received_at, type, identity, version_id, last_updated, kind, date,
  date_utc, date_precision, zone, status, standing, system, code, category, title, content_hash, extract_version, codec,
  body, value_kind, comparator, value, unit, unit_code, low, high, range_text, range_count, interpretation,
  interpretation_text, method, absent_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
  ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_NOTHING = (None, None, None, 0, None, None, None, None)  # no range, no mark, no method
_WORDS = re.compile(rb'"(?:display|text)":\s*"([^"]*)"')


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


def ours(vault: Vault, bundles: list[bytes]) -> None:
    """The program's own path, without the question whose record it is (three lives, three people)."""

    def verb(db: Database) -> None:
        now = int(SystemClock().now().timestamp())
        for bundle in bundles:
            person = people.add(db, "P", None, None, 0)
            source = sources.own_source(db, person, SourceKind.FILES, 0)
            writer = RecordWriter(db, person=person, source=source, now=now, extract_version=EXTRACT_VERSION)
            for batch in batches(parsed(read_entries(bundle))):
                writer.add(extracted for _, extracted in batch.read())
                writer.add(batch.plain)
            writer.finish()

    vault.write(verb)


def plain(vault: Vault, bundles: list[bytes]) -> None:
    """What anyone would write first: decode, take the same columns without care, insert in batches.

    Its search text is every display and text of the resource, about as much as the program's own.
    """

    def verb(db: Database) -> None:
        identifier = 0
        for bundle in bundles:
            person = people.add(db, "P", None, None, 0)
            source = sources.own_source(db, person, SourceKind.FILES, 0)
            decoded = msgspec.json.decode(bundle, type=_Bundle)
            rows, texts = [], []
            for entry in decoded.entry:
                identifier += 1
                raw = bytes(memoryview(entry.resource))
                tree = msgspec.json.decode(raw)
                _take(identifier, person, source, raw, tree, rows, texts)
                if len(rows) == 500:
                    _insert(db, rows, texts)
            _insert(db, rows, texts)

    vault.write(verb)


def _take(identifier, person, source, raw, tree, rows, texts) -> None:
    concept = tree.get("code") or tree.get("vaccineCode") or {}
    coding = (concept.get("coding") or [{}])[0] if isinstance(concept, dict) else {}
    title = coding.get("display") or tree["resourceType"]
    date = tree.get("effectiveDateTime") or tree.get("authoredOn") or tree.get("onsetDateTime") or "2000-01-01"
    seconds_utc = identifier * 86400 % 1_700_000_000
    quantity = tree.get("valueQuantity")
    value = (None,) * 13
    if quantity:
        value = ("quantity", None, str(quantity.get("value")), quantity.get("unit"), quantity.get("code"), *_NOTHING)
    rows.append(
        (identifier, person, source, 0, tree["resourceType"], tree["id"], None, None, "records", date, seconds_utc,
         "time", None, tree.get("status"), 0, coding.get("system"), coding.get("code"), None, title,
         sha256(raw).digest(), 1, 0, raw, *value)
    )  # fmt: skip
    words = b" ".join(_WORDS.findall(raw)).decode()
    texts.append((full_text.search_rowid(seconds_utc, identifier), f"p{person} {words}"))


def _insert(db: Database, rows: list, texts: list) -> None:
    db.many(INSERT, rows)
    db.many(full_text.INSERT_TEXT, texts)
    rows.clear(), texts.clear()


def main() -> None:
    bundles = life_bundles()
    ratios, times = [], []
    for _ in range(ROUNDS):
        with fresh_vault() as vault:
            limit = seconds(lambda vault=vault: plain(vault, bundles))
        with fresh_vault() as vault, collector_paused():  # as the import of files does
            took = seconds(lambda vault=vault: ours(vault, bundles))
        times.append(took)
        ratios.append(took / limit)
    print(f"import of 6,776 resources: {median(times):.3f} s, {6776 / median(times):,.0f}/s (median of {ROUNDS})")
    finish(verdict("import / plain loop", median(ratios), LIMIT, "x"))


if __name__ == "__main__":
    main()
