"""Fixtures that every room's tests share; the window is tested offscreen wherever nothing else is asked for."""

from __future__ import annotations

import os

import pytest

from tests.corpus import corpus

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["tests.vaults"]

ABSENT = "corpus: absent"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests over real data run where the data are."""
    if corpus() is None:
        for item in items:
            if item.get_closest_marker("corpus"):
                item.add_marker(pytest.mark.skip(reason=ABSENT))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many could not, so that nobody takes a run without them for a whole one."""
    skipped = terminalreporter.stats.get("skipped", [])
    absent = sum(ABSENT in str(report.longrepr) or "empty parameter set" in str(report.longrepr) for report in skipped)
    if absent:
        terminalreporter.write_line(f"{ABSENT}, {absent} not run")
