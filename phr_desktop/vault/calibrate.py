"""How dear a guess at the passphrase is made on this computer: Argon2id's cost, measured.

It begins at the default (256 MiB, 3 passes), takes more passes until an unlock costs 0.7 seconds, then more memory, at
most 1 GiB and a quarter of the computer's. Where the default itself takes longer than a second, memory is given back
down to the floor (RFC 9106's second recommended setting). What a vault has is never lowered.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable

from phr_desktop.errors import EnvironmentProblem
from phr_desktop.vault import keys
from phr_desktop.vault.keys import DEFAULT, FLOOR, KdfParameters

LEAST_SECONDS = 0.7
MOST_SECONDS = 1.0
MOST_PASSES = 6  # before memory is raised: memory is what a guesser cannot buy cheaply
MOST_MEMORY_KIB = 1024 * 1024

Measure = Callable[[KdfParameters], float]


def measured(kdf: KdfParameters) -> float:
    """Seconds of one Argon2id. Error: no-memory."""
    secret = bytearray(b"a passphrase to measure with")
    before = time.perf_counter()
    keys.wipe(keys.stretch(secret, kdf, bytes(16)))
    return time.perf_counter() - before


def memory_kib() -> int:
    """The computer's memory; 0 where it cannot be asked."""
    if sys.platform == "win32":
        return _windows_memory_kib()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
    except (ValueError, OSError):
        return 0


def calibrated(*, measure: Measure = measured, memory: int | None = None) -> KdfParameters:
    """The cost for a new passphrase on this computer. Takes two to four seconds. Error: no-memory."""
    most = _most_memory(memory_kib() if memory is None else memory)
    cost = KdfParameters(min(DEFAULT.memory_kib, most), DEFAULT.iterations, DEFAULT.lanes)
    seconds = min(_tried(measure, cost), _tried(measure, cost))  # the first one also waits for the memory
    if seconds > MOST_SECONDS:
        return _cheaper(measure, cost, seconds)
    while seconds < LEAST_SECONDS and (dearer := _dearer(cost, most)) is not None:
        seconds = _tried(measure, dearer)
        if seconds > MOST_SECONDS:
            break
        cost = dearer
    return cost


def raised(present: KdfParameters, seconds: float, *, memory: int | None = None) -> KdfParameters | None:
    """The cost that a passphrase should have, where it has less than the default and this computer bears that: an
    unlock took `seconds` at the present one. None where nothing is to be raised."""
    most = _most_memory(memory_kib() if memory is None else memory)
    wanted = present.at_least(KdfParameters(min(DEFAULT.memory_kib, most), DEFAULT.iterations, DEFAULT.lanes))
    if wanted == present or seconds * _work(wanted) / _work(present) > MOST_SECONDS:
        return None
    return wanted


def _cheaper(measure: Measure, cost: KdfParameters, seconds: float) -> KdfParameters:
    """With half the memory, and half the time, until it is borne, or the floor is reached."""
    while seconds > MOST_SECONDS and cost.memory_kib > FLOOR.memory_kib:
        cost = KdfParameters(max(cost.memory_kib // 2, FLOOR.memory_kib), cost.iterations, cost.lanes)
        seconds = seconds / 2 if seconds < float("inf") else _tried(measure, cost)
    return cost


def _dearer(cost: KdfParameters, most: int) -> KdfParameters | None:
    """The next step up: passes first, then memory."""
    if cost.iterations < MOST_PASSES:
        return KdfParameters(cost.memory_kib, cost.iterations + 1, cost.lanes)
    if cost.memory_kib < most:
        return KdfParameters(min(cost.memory_kib + DEFAULT.memory_kib // 2, most), cost.iterations, cost.lanes)
    return None


def _most_memory(memory: int) -> int:
    return max(FLOOR.memory_kib, min(MOST_MEMORY_KIB, memory // 4 if memory else DEFAULT.memory_kib))


def _tried(measure: Measure, cost: KdfParameters) -> float:
    """Seconds; for ever where there is not the memory, unless less cannot be asked for."""
    try:
        return measure(cost)
    except EnvironmentProblem:
        if cost.memory_kib <= FLOOR.memory_kib:
            raise
        return float("inf")


def _work(cost: KdfParameters) -> int:
    return cost.memory_kib * cost.iterations


def _windows_memory_kib() -> int:
    kibibytes = ctypes.c_ulonglong(0)
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    return kibibytes.value if kernel.GetPhysicallyInstalledSystemMemory(ctypes.byref(kibibytes)) else 0
