"""After a lock nothing of the record is left in any widget, model, title, tooltip, clipboard or picture cache."""

from __future__ import annotations

import base64
import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QPixmapCache
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from shiboken6 import isValid

from phr_desktop.app import WindowCore, build
from phr_desktop.settings import Settings
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.tour import settle, wait_for
from phr_desktop.vault import people
from phr_desktop.vault.vault import Vault
from tests.resources import store
from tests.vaults import NOW, PASSPHRASE

MARK = "Xyzzyplugh"  # stands in every text of the planted record


def planted() -> list[dict[str, Any]]:
    """A record of which every page shows something, and every something carries the mark."""
    subject = {"reference": "Patient/p"}
    coded = {"text": f"{MARK} code", "coding": [{"system": "http://loinc.org", "code": "4548-4", "display": MARK}]}
    note = base64.b64encode(f"{MARK} letter".encode()).decode()
    document = {"contentType": "text/plain", "title": f"{MARK} letter", "data": note}
    return [
        {"resourceType": "Observation", "id": "o", "status": "final", "subject": subject, "code": coded,
         "category": [{"coding": [{"code": "laboratory"}]}], "effectiveDateTime": "2026-11-01",
         "valueQuantity": {"value": 5.8, "unit": MARK}},
        {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "subject": subject,
         "medicationCodeableConcept": {"text": f"{MARK} 5 mg"}, "authoredOn": "2026-11-01",
         "dosageInstruction": [{"text": f"{MARK} daily"}]},
        {"resourceType": "Condition", "id": "c", "subject": subject, "code": coded, "onsetDateTime": "2026-01-01"},
        {"resourceType": "AllergyIntolerance", "id": "a", "patient": subject, "code": coded},
        {"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": subject, "type": coded,
         "date": "2026-11-01T08:00:00Z", "content": [{"attachment": document}]},
        {"resourceType": "Appointment", "id": "v", "status": "booked", "description": f"{MARK} visit",
         "start": "2026-11-25T18:00:00Z", "participant": [{"actor": subject, "status": "accepted"}]},
    ]  # fmt: skip


@pytest.fixture
def window(qtbot, qapp, vault_folder: Path, clock) -> Iterator[Any]:
    """The whole program on a planted vault."""
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    person = vault.write(lambda db: people.add(db, f"{MARK} Satterfield", "1949-05-04", None, int(NOW.timestamp())))
    store(vault, person, planted())
    vault.lock()
    core = WindowCore(clock, Settings.load(vault_folder.parent / "settings.json", vault_folder))
    window = build(qapp, core, font_family="Inter")
    core.unlock(PASSPHRASE)
    window.main.start()
    window.main.show()
    wait_for(lambda: window.main.shell is not None and window.main.shell.page() is not None)
    settle(window.bridge)
    yield window
    window.close()
    QApplication.clipboard().clear()


def properties(thing: QObject) -> Iterator[str]:
    """Every text that Qt knows of an object by name: text, title, tooltips, accessible words, placeholders."""
    meta = thing.metaObject()
    for place in range(meta.propertyCount()):
        value = meta.property(place).read(thing)
        if isinstance(value, str):
            yield value


def spoken(widget: QWidget) -> Iterator[str]:
    interface = QAccessible.queryAccessibleInterface(widget)
    if interface is not None:
        yield from (interface.text(kind) for kind in (QAccessible.Text.Name, QAccessible.Text.Description,
                                                      QAccessible.Text.Value, QAccessible.Text.Help))  # fmt: skip


def cells(model: QAbstractItemModel) -> Iterator[str]:
    roles = (*Qt.ItemDataRole, *range(Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 8))
    for row in range(min(model.rowCount(), 50)):
        yield from (str(model.data(model.index(row, 0), role)) for role in roles)


def texts() -> Iterator[tuple[str, str]]:
    """Everything that can be read in the program's windows, and where."""
    for widget in QApplication.allWidgets():
        yield from ((type(widget).__name__, text) for text in (*properties(widget), *spoken(widget)))
        for action in widget.actions():
            yield from (("action", text) for text in properties(action))
    for thing in gc.get_objects():
        if isinstance(thing, QAbstractItemModel) and isValid(thing):
            yield from ((type(thing).__name__, text) for text in cells(thing))
        elif isinstance(thing, QSystemTrayIcon):
            yield "tray", thing.toolTip()
    yield "clipboard", QApplication.clipboard().text()


def left() -> set[str]:
    return {where for where, text in texts() if MARK in text}


def see_everything(window) -> None:
    """Opens every page and every record of the planted person."""
    main = window.main
    for key in main.shell.rail_keys:
        main.navigate(key)
        settle(window.bridge)
    core = window.core
    ids = core.vault.read(lambda db: dict(db.rows("SELECT type, id FROM records")))
    for key, kind in (("result", "Observation"), ("record", "Condition"), ("document", "DocumentReference")):
        main.navigate(key, record=ids[kind])
        settle(window.bridge)
    main.navigate("appointment", record=ids["Appointment"])
    settle(window.bridge)


def test_nothing_is_left_in_the_window(qtbot, window):
    see_everything(window)
    assert left() >= {"Text", "ElidedText"}  # the search below finds what is there
    window.main.verbs.search()
    window.main.findChildren(QWidget)[-1].setWindowTitle(MARK)
    window.main.shell.say(f"{MARK} was taken", lambda: None)
    window.main.clipboard._is_ours = lambda: True
    QApplication.clipboard().setText(MARK)
    window.main.lock()
    assert "clipboard" not in left()
    door = window.main.stack.currentWidget()
    assert isinstance(door, Unlock)
    qtbot.waitUntil(lambda: door.isEnabled() and window.core.vault is None, timeout=10_000)
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
    gc.collect()
    assert left() == set()
    assert MARK not in window.main.windowTitle()


def test_no_picture_of_a_document_stays_cached(window):
    see_everything(window)
    key = QPixmapCache.insert(window.main.grab())
    window.main.lock()
    assert QPixmapCache.find(key) is None


def test_what_is_kept_before_unlock_tells_nothing(window):
    see_everything(window)
    window.main.lock()
    wait_for(lambda: window.core.vault is None)
    saved = json.loads(window.core.settings.path.read_text()) if window.core.settings.path.exists() else {}
    assert MARK not in json.dumps(saved)
