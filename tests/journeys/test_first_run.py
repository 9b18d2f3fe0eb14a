"""A new user: from an empty computer to a vault whose recovery key was typed back, by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLabel

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


def mnemonics(first_run) -> list[str]:
    """The letters that Alt and a letter reach on the step that is shown."""
    labels = [each for each in first_run.findChildren(QLabel) if each.buddy() is not None]
    shown = [each for each in [*first_run.findChildren(QAbstractButton), *labels] if each.isVisible()]
    return [key for each in shown if (key := QKeySequence.mnemonic(each.text()).toString())]


def test_enter_leads_through_the_fields_and_no_letter_means_two_things(qtbot, open_window, new_core):
    window = open_window(new_core)
    first_run = window.main.stack.currentWidget()
    met = {}

    def meet() -> None:
        met[first_run.step()] = mnemonics(first_run)

    def press(widget) -> None:
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_Return)

    meet()
    press(first_run.next_button)
    who = first_run.who
    qtbot.keyClicks(who.form.name, "Rosa Delgado")
    press(who.form.name)
    assert first_run.step() is who, "the birth date was jumped over"
    assert first_run.focusWidget() is who.form.birth_date
    meet()
    press(who.form.birth_date)
    meet()
    for field in (first_run.passphrase.first, first_run.passphrase.again):
        qtbot.keyClicks(field.edit, CHOSEN)
    settle(window.bridge)
    press(first_run.next_button)
    qtbot.waitUntil(lambda: first_run.step() is first_run.recovery, timeout=WAIT)
    meet()
    press(first_run.next_button)
    meet()
    (first, one), (second, two) = first_run.type_back.fields
    qtbot.keyClicks(first.edit, one)
    press(first.edit)
    assert first_run.focusWidget() is second.edit
    assert not second.edit.property("wrong"), "a field that nobody has typed into yet is called wrong"
    qtbot.keyClicks(second.edit, two)
    press(second.edit)
    assert first_run.step() is first_run.start
    assert len(met) == 5
    for step, letters in met.items():
        assert len(letters) > 0
        assert sorted(set(letters)) == sorted(letters), step.title()
