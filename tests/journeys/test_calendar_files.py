"""A clinic's calendar file by the window: added by button, moved by a newer one dropped on the window, called off."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton

from phr_desktop.actions.people import add_person
from phr_desktop.app import WindowCore
from phr_desktop.clock import FixedClock
from phr_desktop.settings import Settings
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.tour import settle
from tests.files.test_ics_import import VISIT, calendar
from tests.vaults import PASSPHRASE

WAIT = 20_000
LA = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def window(qtbot, vault_folder, tmp_path, open_window):
    core = WindowCore(FixedClock(datetime(2026, 11, 21, 8, 30, tzinfo=LA), LA), Settings.load(
        tmp_path / "settings.json", vault_folder))  # fmt: skip
    core.unlock(PASSPHRASE)
    add_person(core.open_vault, core.clock, "Mina Satterfield", None, "mother")
    window = open_window(core)
    qtbot.waitUntil(lambda: window.main.shell is not None and window.main.shell.page() is not None, timeout=WAIT)
    settle(window.bridge)
    return window


@pytest.fixture
def file(tmp_path):
    def write(name, *inside, **more):
        path = tmp_path / name
        path.write_bytes(calendar(*inside, **more))
        return path

    return write


def drop(main, path):
    """As the desktop does it: over the window first, then let go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(main.rect().center(), copy, mime, left, none)
    QApplication.sendEvent(main, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(main, QDropEvent(QPointF(main.rect().center()), copy, mime, left, none))


def confirm(qtbot, window):
    """Adds what the dialog shows; the dialog says what became of it."""
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.main.findChildren(ImportFiles)), timeout=WAIT)
    dialog = next(one for one in window.main.findChildren(ImportFiles) if one.isVisible())
    qtbot.waitUntil(lambda: hasattr(dialog, "add_button") and dialog.add_button.isEnabled(), timeout=WAIT)
    dialog.add_button.click()
    qtbot.waitUntil(lambda: dialog.report is not None, timeout=WAIT)
    dialog.accept()
    settle(window.bridge)


def said(window):
    page = window.main.shell.page()
    return " | ".join(each.text() for each in page.findChildren(QLabel) if each.isVisibleTo(page) and each.text())


def called_off(window):
    return window.main.shell.page().withdrawn


def test_a_visit_is_added_moved_and_called_off_and_each_time_shown(qtbot, window, file):
    window.main.navigate("settings", section="calendar")
    settle(window.bridge)
    buttons = window.main.shell.page().findChildren(QPushButton)
    next(each for each in buttons if each.isVisible() and each.text() == "Add a calendar file...").click()
    chooser = window.main.findChild(QFileDialog)
    first = file("invitation.ics", VISIT)
    chooser.filesSelected.emit([str(first)])
    chooser.reject()
    confirm(qtbot, window)

    window.main.navigate("appointments")
    settle(window.bridge)
    qtbot.waitUntil(lambda: "Knee check, left" in said(window), timeout=WAIT)
    assert "7:15 AM" in said(window)  # 10:15 in New York

    moved = VISIT.replace("20261201T10", "20261202T11") + "\nSEQUENCE:2"
    drop(window.main, file("moved.ics", moved))
    confirm(qtbot, window)
    qtbot.waitUntil(lambda: "8:15 AM" in said(window), timeout=WAIT)
    assert "7:15 AM" not in said(window)
    assert not called_off(window).isVisible()

    drop(window.main, file("off.ics", moved.replace("SEQUENCE:2", "SEQUENCE:3"), method="CANCEL"))
    confirm(qtbot, window)
    qtbot.waitUntil(lambda: called_off(window).isVisible(), timeout=WAIT)
    assert "8:15 AM" not in said(window)
    assert called_off(window).model.rowCount() == 1

    drop(window.main, first)  # the first mail again books nothing
    confirm(qtbot, window)
    assert called_off(window).model.rowCount() == 1
    assert "7:15 AM" not in said(window)
