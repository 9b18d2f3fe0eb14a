"""Runs everything at a size and prints one line for each; ends with 1 where anything was lost.

Each line is made by a process of its own, so many at once as there are cores; no process has threads when it forks.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import sys
import time
import timeit
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from phr_desktop import failpoints
from tests.faults.harness import SMALL, Size, run_scenario
from tests.faults.power.failures import compiler, fail_power
from tests.faults.scenario import Scenario
from tests.faults.scenarios import everything

# In the small size a failure of the power is tried on what differs most in how it writes.
POWER_SMALL = ("create", "lock", "import of a file", "restore in place", "re-key")
KILLED_EVERYWHERE = ("create", "lock")  # also in the small size
NIGHTLY_KILLS = 10_000
NIGHTLY_POWER = 2_000


@dataclass
class Outcome:
    """One printed line with its notes and what it counts."""

    text: str
    notes: list[str] = field(default_factory=list)
    faults: int = 0
    kills: int = 0
    power: int = 0


Job = Callable[[], Outcome]


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    jobs = list(_jobs(options.size, options.only))
    print(_cost(), flush=True)
    outcomes = []
    for outcome in _each(jobs, options.jobs):
        outcomes.append(outcome)
        print("\n    ".join([outcome.text, *outcome.notes]), flush=True)
    faults = sum(one.faults for one in outcomes)
    print(
        f"in all: {sum(one.kills for one in outcomes)} kills, {sum(one.power for one in outcomes)} power failures, "
        f"{faults} faults"
    )
    return 1 if faults else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--size", default="small", help="small, nightly, or a number of kills")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    return parser.parse_args(arguments)


def _jobs(size: str, only: str) -> Iterator[Job]:
    small = size == "small"
    chosen = [scenario for scenario in everything() if only in scenario.name]
    kills = 0 if small else NIGHTLY_KILLS if size == "nightly" else int(size)
    for scenario in chosen:
        yield lambda scenario=scenario: _interrupted(scenario, small, kills // max(1, len(chosen)))
    if not sys.platform.startswith("linux") or compiler() is None:
        yield _no_power
    elif small:
        for scenario in chosen:
            if scenario.name in POWER_SMALL:
                yield lambda scenario=scenario: _without_power(scenario, 10)
    else:
        points = -(-max(kills // 5, NIGHTLY_POWER if size == "nightly" else 0) // max(1, len(chosen)))
        for scenario in chosen:
            yield lambda scenario=scenario: _without_power(scenario, points)
    yield from _neighbours(size, only)


def _neighbours(size: str, only: str) -> Iterator[Job]:
    from tests.faults.neighbours import NIGHTLY, SMALL

    for name, tries in {"nightly": NIGHTLY, "small": SMALL}.get(size, []):
        if only in name:
            yield lambda name=name, tries=tries: _tried(name, tries)


def _interrupted(scenario: Scenario, small: bool, kills: int) -> Outcome:
    """Every point once; then chains by seed, until there were so many kills."""
    size = SMALL if small else Size(kills=10**6, failures=10**6, least_kills=kills)
    if scenario.name in KILLED_EVERYWHERE:
        size = replace(size, kills=10**6)
    line = run_scenario(scenario, size)
    return Outcome(str(line), line.verdict.notes, line.faults, kills=line.kills)


def _without_power(scenario: Scenario, points: int) -> Outcome:
    line = fail_power(scenario, points)
    return Outcome(str(line), line.verdict.notes, line.faults, power=line.points)


def _no_power() -> Outcome:
    return Outcome("power failures: NOT TRIED (0 of any): they need Linux and a C compiler (cc); install gcc")


def _tried(name: str, tries: Callable[[], tuple[int, int]]) -> Outcome:
    began = time.monotonic()
    tried, missed = tries()
    return Outcome(f"{name}: {tried} tried, {missed} missed ({time.monotonic() - began:.0f} s)", faults=missed)


def _cost() -> str:
    """What a point costs where nobody listens, and the like without it."""
    runs = 200_000
    point = min(timeit.repeat(lambda: failpoints.point("before nothing"), number=runs, repeat=5)) / runs
    empty = min(timeit.repeat(lambda: None, number=runs, repeat=5)) / runs
    return f"cost of a failpoint in a normal run: {(point - empty) * 1e9:.0f} ns; an import of a file passes about 20"


def _each(jobs: list[Job], at_once: int) -> Iterator[Outcome]:
    """The outcomes in the order of the jobs, so many of which run at once."""
    gc.collect()
    gc.freeze()
    running: list[tuple[int, int]] = []
    for job in jobs:
        running.append(_begin(job))
        if len(running) >= at_once:
            yield _end(*running.pop(0))
    for process, pipe in running:
        yield _end(process, pipe)


def _begin(job: Job) -> tuple[int, int]:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            outcome = job()
        except BaseException as problem:  # noqa: BLE001 (told by the parent; the other jobs go on)
            outcome = Outcome(f"FAILED: {problem!r}", faults=1)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(outcome, pipe)
        os._exit(0)
    os.close(writing)
    return process, reading


def _end(process: int, reading: int) -> Outcome:
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(process, 0)
    return pickle.loads(said) if said else Outcome("FAILED: the process ended", faults=1)
