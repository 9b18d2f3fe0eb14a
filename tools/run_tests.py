"""Runs the tests on both cores.

A few that fail beside others are run once more, alone: on a small, busy machine a test of threads or processes can
meet a moment that no person meets. What then passes is named, so that it is looked at; what fails again has failed.
"""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_AGAIN = 3


class Failures:
    """Notes which tests failed."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.nodeid not in self.ids:
            self.ids.append(report.nodeid)


def main() -> int:
    os.chdir(ROOT)
    failures = Failures()
    status = pytest.main(["-n", "2", "--dist", "worksteal", *sys.argv[1:]], plugins=[failures])
    if status != pytest.ExitCode.TESTS_FAILED or not 0 < len(failures.ids) <= MOST_AGAIN:
        return int(status)
    print("\nFailed beside others, run again alone: " + ", ".join(failures.ids), flush=True)
    return subprocess.run([sys.executable, "-m", "pytest", *failures.ids], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
