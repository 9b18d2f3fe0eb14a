"""A new user: from an empty computer to a vault whose recovery key was typed back, by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from phr_desktop.app import WindowCore
from phr_desktop.clock import SystemClock
from phr_desktop.settings import Settings
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.tour import settle
from phr_desktop.ui.widgets.recovery_key import key_groups
from phr_desktop.vault import keys
from phr_desktop.vault.vault import Vault

WAIT = 20_000
CHOSEN = "copper lantern drifts home"


@pytest.fixture
def new_core(tmp_path):
    core = WindowCore(SystemClock(), Settings.load(tmp_path / "settings.json", tmp_path / "vault"))
    core._kdf = keys.FLOOR
    return core


def test_a_new_user_makes_a_vault_and_lands_in_it(qtbot, open_window, new_core, tmp_path):
    window = open_window(new_core)
    first_run = window.main.stack.currentWidget()
    assert isinstance(first_run, FirstRun)
    first_run.next()

    qtbot.keyClicks(first_run.who.form.name, "Rosa Delgado")
    qtbot.keyClicks(first_run.who.form.birth_date, "March 1, 1950")
    first_run.next()

    qtbot.keyClicks(first_run.passphrase.first.edit, "too short")
    first_run.next()
    assert first_run.step() is first_run.passphrase
    assert not new_core.vault_exists()
    first_run.passphrase.first.edit.clear()
    qtbot.keyClicks(first_run.passphrase.first.edit, CHOSEN)
    qtbot.keyClicks(first_run.passphrase.again.edit, CHOSEN)
    settle(window.bridge)
    qtbot.keyClick(first_run.passphrase.again.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: first_run.step() is first_run.recovery, timeout=WAIT)

    groups = key_groups(first_run._recovery_key)
    first_run.next()
    assert first_run.key_is_unconfirmed
    first_run.next()
    assert first_run.step() is first_run.type_back, "went on without the key typed back"
    for field, group in first_run.type_back.fields:
        assert group in groups
        qtbot.keyClicks(field.edit, group.lower())
    first_run.next()
    assert first_run.step() is first_run.start
    assert not first_run.key_is_unconfirmed

    qtbot.keyClick(first_run.start.rows["empty"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.main.shell is not None and window.main.shell.page() is not None, timeout=WAIT)
    settle(window.bridge)
    assert window.main.shell.context.person.name == "Rosa Delgado"
    assert window.main.shell.context.person.birth_date == "1950-03-01"

    window.main.lock()
    unlock = window.main.stack.currentWidget()
    qtbot.waitUntil(lambda: new_core.vault is None and unlock.isEnabled(), timeout=WAIT)
    Vault.unlock(tmp_path / "vault", CHOSEN).lock()
    Vault.unlock_with_recovery_key(tmp_path / "vault", "-".join(groups)).lock()
