"""Data for benchmarks: the corpus' lives, and copies of them with other ids."""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from phr_desktop.vault import keys
from phr_desktop.vault.vault import Vault
from tests.corpus import lives

PASSPHRASE = "benchmark passphrase"
_BUSY = 0.05  # share of the time from which on two processes suffer more than one
_UUID = re.compile(rb"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def life_bundles() -> list[bytes]:
    """The three whole lives as Bundles, unpacked: 6,776 resources."""
    found = lives()
    if not found:
        print("corpus: absent; set PHR_CORPUS to the folder that holds lives/")
        raise SystemExit(2)
    return [gzip.decompress(path.read_bytes()) for path in found]


def copies(bundles: list[bytes], times: int) -> Iterator[bytes]:
    """The bundles so many times, every UUID changed in each copy."""
    for copy in range(times):
        for bundle in bundles:
            yield _UUID.sub(lambda match, copy=copy: b"%08x" % (int(match[0], 16) ^ copy), bundle)


@contextmanager
def fresh_vault() -> Iterator[Vault]:
    """An empty vault in a folder of its own, at the Argon2id floor."""
    folder = Path(tempfile.mkdtemp(prefix="phr-bench-"))
    vault = Vault.create(folder / "vault", PASSPHRASE, kdf=keys.FLOOR).vault
    try:
        yield vault
    finally:
        vault.lock()
        shutil.rmtree(folder)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def percentile(values: list[float], share: float) -> float:
    """The value below which this share (0 to 1) of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def verdict(what: str, figure: float, limit: float, unit: str, *, at_most: bool = True) -> bool:
    """Prints one line: the figure, its limit, and whether it holds."""
    holds = figure <= limit if at_most else figure >= limit
    sign = "<=" if at_most else ">="
    print(f"{what}: {figure:.3g} {unit} ({sign} {limit:.3g} {unit}: {'ok' if holds else 'OVER'})", flush=True)
    return holds


def median(values: list[float]) -> float:
    return statistics.median(values)


def finish(*held: bool) -> None:
    if (share := _taken_away(_BEFORE, _ticks())) >= _BUSY:
        print(f"the host took {share:.0%} of this machine's processor time away: measure again when it is quiet")
    sys.exit(0 if all(held) else 1)


def _ticks() -> tuple[int, ...]:
    """Processor time since the start by use, as Linux counts it (proc_pid_stat(5): user ... softirq, steal)."""
    try:
        return tuple(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    except OSError:
        return ()


def _taken_away(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """The share of time in which a virtual machine's host gave its processors to others; 0 where nobody says so."""
    passed = [now - then for then, now in zip(before, after, strict=True)]
    return passed[-1] / sum(passed) if sum(passed) else 0.0


_BEFORE = _ticks()
