"""Search as you type, newest first, in 100,000 resources: every beginning of every word typed."""

from __future__ import annotations

import time

from benchmarks.data import copies, finish, fresh_vault, life_bundles, percentile, verdict
from phr_desktop.domain.people import SourceKind
from phr_desktop.fhir.envelope import read_entries
from phr_desktop.fhir.extract import extract
from phr_desktop.queries.search import hits_of
from phr_desktop.vault import people, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.record_writer import RecordWriter

TIMES = 15
LIMIT_MS = 16.0
TYPED = (
    "glucose",
    "hemoglobin a1c",
    "blood pressure",
    "asthma",
    "lisinopril",
    "penicillin",
    "influenza vaccine",
    "xyzzy",
)


def main() -> None:
    with fresh_vault() as vault:

        def verb(db: Database) -> int:
            person = people.add(db, "P", None, None, 0)
            source = sources.own_source(db, person, SourceKind.FILES, 0)
            writer = RecordWriter(db, person=person, source=source, now=0, extract_version=1)
            for bundle in copies(life_bundles(), TIMES):
                for entry in read_entries(bundle):
                    writer.add([extract(entry.raw, entry.full_url)])
            return writer.finish().added

        count = vault.write(verb)
        vault.attach_reader()
        took = []
        for words in TYPED:
            for end in range(1, len(words) + 1):
                begin = time.perf_counter()
                vault.read(lambda db, words=words[:end]: hits_of(db, words, person=1, limit=50))
                took.append((time.perf_counter() - begin) * 1000)
        vault.detach_reader()
        middle = percentile(took, 0.5)
        print(f"{len(took)} searches in {count:,}: median {middle:.1f} ms, worst {max(took):.1f} ms")
        finish(verdict("search as you type, p95", percentile(took, 0.95), LIMIT_MS, "ms"))


if __name__ == "__main__":
    main()
