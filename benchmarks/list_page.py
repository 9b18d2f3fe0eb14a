"""Any page of a list at 1,000,000 records (or as many as asked: `python -m benchmarks.list_page 100000`)."""

from __future__ import annotations

import random
import sys
import time

from benchmarks.data import finish, fresh_vault, percentile, seconds, verdict
from benchmarks.large_vault import fill
from phr_desktop.domain.records import Kind
from phr_desktop.vault import records

PAGE = 50
TRIES = 300
LIMIT_MS = 16.0


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with fresh_vault() as vault:
        person = fill(vault, count)
        ids: list = []
        took = seconds(lambda: ids.append(vault.read(lambda db: records.ids_of_kind(db, person, Kind.RESULTS))))
        order = ids[0]
        print(f"ids of {len(order):,} records in display order: {took * 1000:.0f} ms (off the window's thread)")
        vault.attach_reader()
        pages = []
        for _ in range(TRIES):
            start = random.randrange(len(order) - PAGE)
            begin = time.perf_counter()
            rows = vault.read(lambda db, start=start: records.rows(db, order[start : start + PAGE]))
            pages.append((time.perf_counter() - begin) * 1000)
            assert len(rows) == PAGE
        vault.detach_reader()
        finish(verdict(f"page of {PAGE} at {count:,}, p95", percentile(pages, 0.95), LIMIT_MS, "ms"))


if __name__ == "__main__":
    main()
