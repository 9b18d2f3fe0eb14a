"""Two guards over every test: nothing may leak, and nothing may be logged that a person would have to worry about.

Qt is looked at only where a test has imported it, so that the core's tests run without it.
"""

from __future__ import annotations

import gc
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

_PATIENCE = 10.0  # seconds for threads that are ending to end
gc.disable()  # until all tests are known: a third of the time to find them would go into looking for garbage


class _Records(logging.Handler):
    """Collects what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What the tests are made of stays to the end, so that no_leaks need not look through it after each of them."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def log_guard(request: pytest.FixtureRequest) -> Iterator[list[logging.LogRecord]]:
    """Fails a test that logs at WARNING or above, unless it is marked `expects_log`; gives the records."""
    handler = _Records()
    logging.getLogger().addHandler(handler)
    try:
        yield handler.records
    finally:
        logging.getLogger().removeHandler(handler)
    if request.node.get_closest_marker("expects_log") is None:
        said = [f"{each.levelname} {each.name}: {each.getMessage()}" for each in handler.records]
        assert not said, f"unexpected log: {said}"


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """Fails a test that leaves a thread of ours (or one that keeps the program alive) or a window behind."""
    threads = set(threading.enumerate())
    windows = {id(each) for each in _windows()}
    yield
    for thread in _ours(threads):
        thread.join(_PATIENCE)
    assert not _ours(threads), f"leaked threads: {[each.name for each in _ours(threads)]}"
    if _windows():
        _let_go()
    leaked = [each for each in _windows() if id(each) not in windows]
    timers = _active_timers(leaked)
    names = [f"{type(each).__name__} {each.windowTitle()!r}" for each in leaked]
    for each in leaked:
        each.close()
        each.deleteLater()
    if leaked:
        _let_go()
    assert not timers, f"leaked timers in {timers}"
    assert not names, f"leaked windows: {names}"


def _ours(before: set[threading.Thread]) -> list[threading.Thread]:
    new = [each for each in threading.enumerate() if each not in before]
    return [each for each in new if not each.daemon or each.name.startswith("phr")]


def _app() -> object | None:
    widgets = sys.modules.get("PySide6.QtWidgets")
    return widgets.QApplication.instance() if widgets is not None else None


def _windows() -> list:
    app = _app()
    return [] if app is None else [each for each in app.topLevelWidgets() if _counts(each)]


def _counts(widget) -> bool:
    """A window of ours: not Qt's own (tooltips, the popups of drop-down lists, which their owner deletes)."""
    return not type(widget).__name__.startswith(("QTipLabel", "QComboBoxPrivate", "QDesktop"))


def _active_timers(windows: list) -> list[str]:
    if not windows:
        return []
    timer_class = sys.modules["PySide6.QtCore"].QTimer
    return [type(each).__name__ for each in windows if any(t.isActive() for t in each.findChildren(timer_class))]


def _let_go() -> None:
    """Has Qt and Python delete what is meant to be deleted."""
    app = _app()
    if app is None:
        return
    core = sys.modules["PySide6.QtCore"]
    gc.collect()
    for _ in range(3):
        app.processEvents()
        app.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
