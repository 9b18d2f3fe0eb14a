"""Import of 101,640 resources through the file import, against the bare SQLCipher insert of the same bytes.

Both from the file on the disk to the locked vault: read, taken apart, stored, checkpointed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.data import copies, finish, fresh_vault, life_bundles, median, seconds, verdict
from phr_desktop.fhir.envelope import read_entries
from phr_desktop.vault.connection import Database

TIMES = 15
ROUNDS = 9  # a busy machine's speed changes by half within seconds
BARE_SHARE = 0.4
MEMORY_OVER_FILE_MIB = 100
# The program is installed compiled; where Python may not write what it compiles, each new process would do it again.
COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_SUBJECT = re.compile(rb'("(?:subject|patient|beneficiary|individual)":\{"reference":")[^"]+"')


def merged(folder: Path) -> Path:
    """One Bundle of all copies, compact, without the Patients and about one patient: or the import stops and asks."""
    path = folder / "large.json"
    with path.open("wb") as file:
        file.write(b'{"resourceType":"Bundle","type":"collection","entry":[')
        first = True
        for bundle in copies(life_bundles(), TIMES):
            for entry in read_entries(bundle):
                compact = _SUBJECT.sub(rb'\1Patient/one"', msgspec.json.format(entry.raw, indent=-1))
                if b'"resourceType":"Patient"' not in compact:
                    file.write((b"" if first else b",") + b'{"resource":' + compact + b"}")
                    first = False
        file.write(b"]}")
    return path


def bare(path: Path) -> float:
    def verb(db: Database) -> None:
        db.run("CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        entries = read_entries(path.read_bytes())
        db.many("INSERT INTO bare (body) VALUES (?)", ((entry.raw,) for entry in entries))

    with fresh_vault() as vault:
        return seconds(lambda: (vault.write(verb), vault.lock()))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = merged(Path(folder))
        size = path.stat().st_size / 2**20
        ratios, rates, peaks = [], [], []
        for _ in range(ROUNDS):
            limit = bare(path)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.import_once", str(path)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                env=COMPILED,
            )
            took, count, own, child = done.stdout.split()
            rates.append(int(count) / float(took))
            ratios.append(limit / float(took))
            peaks.append(float(own) + float(child))
        print(f"import of {count} resources ({size:.0f} MiB): {median(rates):,.0f}/s, peak {own} + {child} MiB")
        finish(
            verdict("speed / bare insert", median(ratios), BARE_SHARE, "x", at_most=False),
            verdict("memory over the file", median(peaks) - size, MEMORY_OVER_FILE_MIB, "MiB"),
        )


if __name__ == "__main__":
    main()
