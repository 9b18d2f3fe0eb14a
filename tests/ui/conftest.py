"""The window for tests: the real one on a core in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.main_window import MainWindow
from phr_desktop.ui.pages.base import FOOT, PageSpec
from phr_desktop.ui.pages.settings import SettingsPage
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.theme import Theme
from tests.ui.fakes import FakeServices
from tests.ui.pages import ListPage, PlainPage

QLocale.setDefault(QLocale("en_US"))

PAGES = (
    PageSpec("today", "&Today", PlainPage, 0, "today"),
    PageSpec("results", "&Results", ListPage, 1, "results"),
    PageSpec("documents", "&Documents", PlainPage, 1, "documents"),
    PageSpec("sources", "&Sources && sync", PlainPage, 2, "sync"),
    PageSpec("settings", "Sett&ings", SettingsPage, FOOT, "settings"),
    PageSpec("result", "Result", PlainPage, None, parent="results"),
)


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, family="Inter")


@pytest.fixture(autouse=True)
def plain_look(qapp: QApplication, theme: Theme) -> None:
    """Every test begins in the light palette at 100 %, whatever a program that was built whole left behind."""
    if Theme.current() is not theme:
        Theme.current().deleteLater()
        qapp.setProperty("phr-theme", theme)
        theme.apply("light", 1.0)
    elif (theme.palette_name, theme.text_scale) != ("light", 1.0):
        theme.apply("light", 1.0)


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    """A bridge whose unexpected problems fail the test at its end, unless taken out of `problems`."""
    problems: list[Exception] = []
    bridge = Bridge(problems.append)
    bridge.problems = problems
    yield bridge
    bridge.close()
    assert not problems


@pytest.fixture
def make_window(qtbot, theme: Theme, services: FakeServices) -> Iterator[Callable[..., MainWindow]]:
    """Makes the real window on `services`; by default with the vault open and the first page shown."""
    made: list[MainWindow] = []

    def make(*, pages=PAGES, opened: bool = True) -> MainWindow:
        services.opened = opened and services.exists
        problems = Problems()
        bridge = Bridge(problems.show)
        window = MainWindow(services, bridge, problems, theme, pages)
        made.append(window)
        window.start()
        window.show()
        if services.opened:
            qtbot.waitUntil(lambda: window.shell is not None and services.background)
        return window

    yield make
    for window in made:
        services.gate.set()
        window.finish()
        window.closing.for_good = window.closing.key_given_up = True
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make_window) -> MainWindow:
    return make_window()
