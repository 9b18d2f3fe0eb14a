"""Runs scenarios, the power failures and the neighbours' enumerations at a size, and prints one line for each."""

from __future__ import annotations

import argparse

from tests.faults.harness import EXHAUSTIVE, SMALL, Line, run_scenario
from tests.faults.scenarios import everything


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    size = SMALL if options.size == "small" else EXHAUSTIVE
    lines: list[Line] = []
    for scenario in everything():
        if options.only and options.only not in scenario.name:
            continue
        line = run_scenario(scenario, size)
        lines.append(line)
        print(line, flush=True)
        for note in line.verdict.notes:
            print(f"    {note}", flush=True)
    return 1 if any(line.faults for line in lines) else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--size", default="small")
    parser.add_argument("--only", default="")
    return parser.parse_args(arguments)
