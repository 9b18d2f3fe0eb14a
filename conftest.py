"""Fixtures that every room's tests share; the window is tested offscreen wherever nothing else is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator

import pytest

from tests.corpus import corpus

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["tests.vaults", "tests.command_line"]

ABSENT = "corpus: absent"
CI = bool(os.environ.get("CI")) and sys.platform == "linux"  # where bootstrap.py installs what is missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests over real data run where the data are."""
    if corpus() is None:
        for item in items:
            if item.get_closest_marker("corpus"):
                item.add_marker(pytest.mark.skip(reason=ABSENT))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI's machine `make test` installs all that a test needs: one that is skipped there has failed."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail") and not of_the_corpus(report):
        report.outcome, report.longrepr = "failed", f"skipped where nothing may be: {report.longrepr}"
    return report


def of_the_corpus(report: pytest.TestReport) -> bool:
    return ABSENT in str(report.longrepr) or "empty parameter set" in str(report.longrepr)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many could not, so that nobody takes a run without them for a whole one."""
    skipped = terminalreporter.stats.get("skipped", [])
    absent = sum(of_the_corpus(report) for report in skipped)
    if absent:
        terminalreporter.write_line(f"{ABSENT}, {absent} not run")
