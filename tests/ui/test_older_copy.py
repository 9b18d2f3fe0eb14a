"""An older copy says so on every page, explains itself, and becomes the record only when the person said it twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import UserFacingError
from phr_desktop.ui.dialogs.older_copy import OlderCopy
from phr_desktop.ui.dialogs.salvage import Salvage
from tests.ui.fakes import PASSPHRASE

WRONG = [state for state in VaultState if state is not VaultState.OK]


@pytest.fixture
def entered(window, services, qtbot):
    """The window at a vault in a state."""

    def enter(state: VaultState):
        services.state = state
        window.enter()
        qtbot.waitUntil(lambda: window.bridge.is_idle)
        return window

    return enter


def buttons(dialog) -> dict[str, QPushButton]:
    shown = [each for each in dialog.findChildren(QPushButton) if each.isVisibleTo(dialog)]
    return {each.text().replace("&", "").removesuffix("..."): each for each in shown}


def test_nothing_is_said_of_a_right_vault(entered):
    assert entered(VaultState.OK).shell.copy_notice.isHidden()


@pytest.mark.parametrize("state", WRONG)
def test_every_page_says_so_until_a_way_is_chosen(entered, state):
    window = entered(state)
    notice = window.shell.copy_notice
    assert "nothing new is stored" in notice.text.text()
    for key in window.shell.rail_keys:
        window.navigate(key)
        assert notice.isVisible()
    assert notice.close_button.isHidden()


def test_a_database_beside_the_record_that_may_be_newer_is_told_and_explained(entered, services, qtbot):
    services.upkeep.others = (Path("/vault/data-2-0123456789abcdef.db"),)
    notice = entered(VaultState.OK).shell.copy_notice
    assert "may be newer" in notice.text.text()
    dialog = notice.explain()
    said = " ".join(each.text() for each in dialog.findChildren(QLabel))
    assert "data-2-0123456789abcdef.db" in said
    assert "/vault" in said.replace("\\", "/")
    assert "It was kept" in said
    assert set(buttons(dialog)) == {"Restore a backup", "Close"}
    dialog.reject()
    notice.close_button.click()  # everything is stored: it may be put away
    assert notice.isHidden()


def test_it_is_gone_with_the_record_that_is_locked(entered):
    shell = entered(VaultState.OLDER_COPY).shell
    shell.clear()
    assert shell.copy_notice.isHidden()


class TestTheWaysOn:
    def opened(self, window) -> OlderCopy:
        return window.shell.copy_notice.explain()

    def test_of_an_older_copy(self, entered):
        dialog = self.opened(entered(VaultState.OLDER_COPY))
        assert set(buttons(dialog)) == {"Keep reading", "Use this copy", "Restore a backup"}
        dialog.reject()

    def test_of_a_damaged_one_and_of_a_closed_folder(self, entered):
        window = entered(VaultState.DAMAGED)
        dialog = self.opened(window)
        assert set(buttons(dialog)) == {"Keep reading", "Save the rest", "Restore a backup"}
        dialog.reject()
        window.shell.copy_notice.state = VaultState.READ_ONLY
        dialog = self.opened(window)
        assert set(buttons(dialog)) == {"Close"}
        dialog.reject()

    def test_what_can_be_read_of_a_damaged_one_is_saved_after_the_passphrase(self, entered, services, qtbot):
        window = entered(VaultState.DAMAGED)
        buttons(self.opened(window))["Save the rest"].click()
        qtbot.waitUntil(lambda: not services.opened and window.stack.currentWidget().isEnabled())
        door = window.stack.currentWidget()
        assert "looks for what can be saved" in " ".join(label.text() for label in door.findChildren(QLabel))
        door.passphrase.edit.setText(PASSPHRASE)
        door.button.click()
        dialog = window.findChild(Salvage)
        dialog.save.click()
        qtbot.waitUntil(lambda: dialog.saved is not None)
        assert services.called("salvage") == [False]
        assert services.called("unlock") == []
        dialog.reject()
        qtbot.waitUntil(lambda: window.findChild(Salvage) is None)
        door.passphrase.edit.setText(PASSPHRASE)
        door.button.click()
        qtbot.waitUntil(lambda: services.called("unlock") == [PASSPHRASE])

    def test_accepting_asks_a_second_time(self, entered, services, qtbot):
        window = entered(VaultState.OLDER_COPY)
        dialog = self.opened(window)
        for button in ("Use this copy", "Back", "Use this copy"):
            buttons(dialog)[button].click()
            assert not services.called("accept_as_is")
        buttons(dialog)["Use this copy"].click()
        qtbot.waitUntil(window.shell.copy_notice.isHidden)
        assert len(services.called("accept_as_is")) == 1

    def test_where_accepting_fails_it_is_said_there(self, entered, services, qtbot):
        services.fail["accept_as_is"] = UserFacingError("vault-damaged")
        dialog = self.opened(entered(VaultState.ALTERED))
        dialog.ask()
        dialog.use.click()
        qtbot.waitUntil(lambda: not dialog.error.isHidden())
        assert "damaged" in dialog.error.text()
        assert dialog.use.isEnabled()
        dialog.reject()

    def test_restoring_closes_it_and_opens_the_other(self, entered):
        dialog = self.opened(entered(VaultState.OLDER_COPY))
        wanted = []
        dialog.restore_wanted.disconnect()
        dialog.restore_wanted.connect(lambda: wanted.append(1))
        buttons(dialog)["Restore a backup"].click()
        assert wanted
        assert not dialog.isVisible()
