"""The whole program for journeys: the real window on a real vault, and the demo portal on real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from phr_desktop.actions.people import add_person
from phr_desktop.app import Window, WindowCore, build
from phr_desktop.clock import SystemClock
from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.settings import Settings
from tests.vaults import PASSPHRASE

QLocale.setDefault(QLocale("en_US"))


@pytest.fixture
def portal() -> Iterator[DemoPortal]:
    """The demo portal, started; a test may stop and start it."""
    portal = DemoPortal(clock=SystemClock())
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture
def core(vault_folder: Path, tmp_path: Path) -> WindowCore:
    """The core on an empty vault, unlocked."""
    settings = Settings.load(tmp_path / "settings.json", vault_folder)
    core = WindowCore(SystemClock(), settings)
    core.unlock(PASSPHRASE)
    return core


@pytest.fixture
def connected(core: WindowCore, portal: DemoPortal) -> WindowCore:
    """The core with Mina, connected to the demo portal and synced."""
    person = add_person(core.open_vault, core.clock, "Mina Satterfield", None, "mother").person
    core.syncing.connect(person, portal.fhir_base, open_browser=browser("mina"))
    return core


@pytest.fixture
def open_window(qtbot, qapp: QApplication) -> Iterator[Callable[[WindowCore], Window]]:
    """Opens the real window on a core; taken down at the end."""
    opened: list[Window] = []

    def open_it(core: WindowCore) -> Window:
        window = build(qapp, core, font_family="Inter")
        opened.append(window)
        window.main.start()
        window.main.show()
        return window

    yield open_it
    for window in opened:
        window.close()
        qapp.processEvents()


def browser(user: str) -> Callable[[str], None]:
    """What stands for the person's browser: signs in by the portal's own pages."""

    def open_browser(address: str) -> None:
        threading.Thread(target=sign_in, args=(address, user, f"harbor-{user}")).start()

    return open_browser
