"""Backups and restoring as a person meets them: what is told, what a button does, and what nothing undoes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from phr_desktop.domain.backups import BackupState, Failure, Rhythm
from phr_desktop.domain.people import SourceKind
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.queries.backups import backups
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.restore import Restore
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.settings import SettingsPage
from phr_desktop.ui.pages.today import TodayPage
from phr_desktop.ui.tokens import SCALES
from phr_desktop.ui.widgets import Banner, LinkButton, RadioButton
from phr_desktop.vault import backup_state, sources
from tests.ui.fakes import NOW, PASSPHRASE, RECOVERY_KEY, FakeServices
from tests.ui.living import LivingServices
from tests.ui.walker import clipped, stumbles

VERIFIED = BackupState(
    folder=Path("/media/stick"),
    verified_at=int(NOW.timestamp()) - 3600,
    verified_file=Path("/media/stick/health-record-20261121T152500Z.phrbackup"),
)
FILE = Path("/media/stick/health-record-20261120T162500Z.phrbackup")


def words(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def wanted(dialog) -> QSize:
    """The size that the content asks for once Qt has settled."""
    for _ in range(4):
        QApplication.processEvents()
    return dialog.sizeHint()


@pytest.fixture
def section(qtbot, window, services):
    """The section over the services' backup state, shown anew by `show`."""
    window.navigate("settings", section="backups")
    page = window.shell.page()

    def show(state: BackupState):
        services.backup_state = state
        page.section.refresh()
        qtbot.waitUntil(lambda: page.section.state == state)
        return page.section

    return show


class TestTheSection:
    def test_it_says_first_when_the_last_verified_backup_was_made(self, section):
        said = words(section(VERIFIED))
        assert "Last verified backup: today 7:25" in said.replace("\u202f", " ")
        assert "health-record-20261121T152500Z.phrbackup" in said
        assert "/media/stick" in said

    def test_without_one_it_asks_for_a_folder_and_nothing_else(self, section):
        shown = section(BackupState())
        assert "There is no backup yet" in words(shown)
        assert shown.first_button.isVisible()
        assert not shown.now_button.isVisible()
        assert not shown.rhythm.isVisible()

    def test_why_the_last_try_failed_is_said_in_words(self, section):
        failure = Failure("backup-folder-missing", {"folder": "/media/stick"}, int(NOW.timestamp()))
        shown = section(replace(VERIFIED, failure=failure))
        assert "was not made. The backup folder /media/stick is not there." in shown.problem.text.text()

    def test_a_backup_shows_its_progress_and_can_be_cancelled(self, qtbot, section, services):
        shown = section(VERIFIED)
        services.gate.clear()
        shown.now_button.click()
        qtbot.waitUntil(lambda: shown.progress.isVisible() and "32 %" in shown.progress.words.text())
        assert not shown.now_button.isEnabled()
        shown.progress.cancel.click()
        qtbot.waitUntil(lambda: shown.now_button.isEnabled() and not shown.progress.isVisible())
        services.gate.set()
        shown.now_button.click()  # and another can be made, and cancelled, after it
        qtbot.waitUntil(lambda: len(services.called("back_up")) == 2 and shown.now_button.isEnabled())

    def test_lock_ends_it_and_forgets_what_was_shown(self, qtbot, section, services, window):
        shown = section(VERIFIED)
        services.gate.clear()
        shown.now_button.click()
        qtbot.waitUntil(services.started.is_set)
        shown.clear()
        assert "/media/stick" not in words(shown)
        qtbot.waitUntil(lambda: window.bridge.is_idle)

    @pytest.mark.parametrize("scale", [SCALES[0], SCALES[-1]])
    def test_nothing_is_cut_off(self, qtbot, theme, section, scale):
        failure = Failure("backup-folder-missing", {"folder": "/media/stick"}, int(NOW.timestamp()))
        shown = section(replace(VERIFIED, failure=failure))
        theme.apply("light", scale)
        assert stumbles(shown) == []
        assert clipped(shown) == []


class TestOverARealVault:
    @pytest.fixture
    def living(self, vault, clock, mina) -> LivingServices:
        return LivingServices(vault, clock)

    @pytest.fixture
    def services(self, living) -> FakeServices:
        return living

    def make(self, make_window):
        return make_window(pages=(
            PageSpec("today", "&Today", TodayPage, 0, "today"),
            PageSpec("settings", "Sett&ings", SettingsPage, 0, "settings"),
        ))  # fmt: skip

    def test_folder_and_rhythm_are_kept_in_the_vault(self, qtbot, make_window, vault, clock, tmp_path, living):
        window = self.make(make_window)
        window.navigate("settings", section="backups")
        section = window.shell.page().section
        section.take_folder(tmp_path)
        qtbot.waitUntil(lambda: bool(living.called("back_up")))
        qtbot.waitUntil(lambda: section.state.folder == tmp_path and section.rhythms[Rhythm.WEEKLY].isVisible())
        section.rhythms[Rhythm.WEEKLY].click()
        qtbot.waitUntil(lambda: backups(vault, clock).rhythm is Rhythm.WEEKLY)
        qtbot.waitUntil(lambda: window.bridge.is_idle)

    def test_today_warns_where_there_is_none_until_one_is_verified(
        self, qtbot, make_window, vault, mina, living, clock
    ):
        vault.write(lambda db: sources.own_source(db, mina, SourceKind.FILES, 1))
        window = self.make(make_window)
        page = window.shell.page()
        qtbot.waitUntil(lambda: "no backup of this record yet" in words(page))
        banner = page.findChild(Banner)
        banner.action.click()
        assert window.shell.key == "settings"
        vault.write(lambda db: backup_state.set_verified(db, FILE, int(clock.now().timestamp())))
        window.navigate("today")
        window.shell.page().ask_again()
        qtbot.waitUntil(lambda: "no backup" not in words(window.shell.page()))
        qtbot.waitUntil(lambda: window.bridge.is_idle)


class TestRestore:
    @pytest.fixture
    def dialog(self, qtbot, window) -> Restore:
        window.restore_backup()
        qtbot.waitUntil(lambda: window.shell is None and window.bridge.is_idle)
        found = window.findChild(Restore)
        found.take_file(FILE)
        return found

    def opened(self, qtbot, dialog, typed=PASSPHRASE) -> Restore:
        dialog.passphrase.edit.setText(typed)
        dialog.open_button.click()
        qtbot.waitUntil(lambda: dialog.contents is not None)
        return dialog

    def test_the_record_is_locked_first(self, dialog, services):
        assert not services.opened

    def test_it_tells_what_is_in_it_before_anything_is_changed(self, qtbot, dialog, services):
        self.opened(qtbot, dialog)
        assert "Backup of yesterday" in dialog.title.text()
        qtbot.waitUntil(lambda: "6,661" in words(dialog))
        assert services.called("restore_beside") == services.called("restore_in_place") == []
        assert dialog.beside.isChecked(), "the way that replaces nothing comes first"

    def test_beside_turns_to_the_new_folder_and_asks_to_unlock_it(self, qtbot, dialog, services, window):
        folder = services.backups.folder_beside()
        self.opened(qtbot, dialog).restore_button.click()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())
        assert services.called("restore_beside") == [(FILE, folder)]
        assert services.called("turn_to") == [folder]
        assert dialog.passphrase.text() == ""
        with qtbot.waitSignal(window.turned) as turned:
            dialog._leave()
        assert turned.args == [folder]
        qtbot.waitUntil(lambda: isinstance(window.stack.currentWidget(), Unlock))

    def test_in_place_only_where_the_person_says_so(self, qtbot, dialog, services):
        self.opened(qtbot, dialog).in_place.click()
        dialog.restore_button.click()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())
        assert services.called("restore_in_place") == [FILE]
        assert services.called("turn_to") == []

    @pytest.mark.parametrize("scale", [SCALES[0], SCALES[-1]])
    def test_every_step_takes_the_room_that_it_wants_at_once(self, qtbot, theme, dialog, services, scale):
        theme.apply("light", scale)
        self.opened(qtbot, dialog)
        assert dialog.size() == wanted(dialog)
        dialog.restore_button.click()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())
        assert dialog.size() == wanted(dialog)

    def test_while_it_runs_its_progress_is_seen_and_nothing_else_can_be_chosen(self, qtbot, theme, dialog, services):
        theme.apply("light", SCALES[-1])
        self.opened(qtbot, dialog)
        services.gate.clear()
        dialog.restore_button.click()
        qtbot.waitUntil(services.started.is_set)
        assert dialog.progress.visibleRegion().boundingRect().size() == dialog.progress.size()
        buttons = [
            each.text() for each in dialog.findChildren(QAbstractButton) if each.isVisible() and each.isEnabled()
        ]
        assert [each.replace("&", "") for each in buttons] == ["Cancel"]
        services.gate.set()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())

    def test_the_end_says_where_the_former_record_is(self, qtbot, dialog, services):
        before = str(services.settings.vault_folder)
        self.opened(qtbot, dialog)
        dialog.restore_button.click()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())
        assert f"What was here before stays as it was, in {before}" in words(dialog)

    def test_a_backup_of_another_vault_cannot_take_this_ones_place(self, qtbot, dialog, services):
        services.backups.contents = replace(services.backups.contents, is_of_present_vault=False)
        self.opened(qtbot, dialog)
        assert dialog.findChildren(RadioButton) == []

    def test_a_wrong_passphrase_is_said_at_the_field(self, qtbot, dialog):
        dialog.passphrase.edit.setText("wrong horse")
        dialog.open_button.click()
        qtbot.waitUntil(lambda: "does not open" in words(dialog.passphrase))
        assert dialog.open_button.isEnabled()

    def test_the_recovery_key_opens_it_too(self, qtbot, dialog):
        dialog.other_way.click()
        dialog.key.setText(RECOVERY_KEY)
        dialog.open_button.click()
        qtbot.waitUntil(lambda: dialog.contents is not None)

    def test_who_leaves_before_it_runs_leaves_no_passphrase_behind(self, qtbot, window, dialog):
        dialog.passphrase.edit.setText(PASSPHRASE)
        window.lock("The computer sleeps.")
        assert dialog.passphrase.text() == ""
        qtbot.waitUntil(lambda: window.findChild(Restore) is None)

    def test_who_leaves_while_it_runs_finds_it_done(self, qtbot, window, dialog, services):
        self.opened(qtbot, dialog)
        services.gate.clear()
        dialog.restore_button.click()
        qtbot.waitUntil(services.started.is_set)
        window.lock("The computer sleeps.")
        services.gate.set()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())
        dialog.reject()

    def test_cancelled_it_closes_when_it_has_stopped(self, qtbot, window, dialog, services):
        self.opened(qtbot, dialog)
        services.gate.clear()
        dialog.restore_button.click()
        qtbot.waitUntil(services.started.is_set)
        dialog.reject()
        qtbot.waitUntil(lambda: window.findChild(Restore) is None)
        assert services.called("turn_to") == []

    def test_what_is_in_the_way_is_said_and_it_can_be_tried_again(self, qtbot, dialog, services):
        self.opened(qtbot, dialog)
        services.fail["restore_beside"] = EnvironmentProblem("backup-no-room-here", needed="70 MB")
        dialog.restore_button.click()
        qtbot.waitUntil(lambda: "70 MB must be free" in dialog.error.text())
        dialog.restore_button.click()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())

    @pytest.mark.parametrize("scale", [SCALES[0], SCALES[-1]])
    def test_nothing_is_cut_off(self, qtbot, theme, dialog, scale):
        theme.apply("light", scale)
        dialog.fit()
        assert clipped(dialog) == []
        self.opened(qtbot, dialog)
        assert clipped(dialog) == []
        assert stumbles(dialog) == []


class TestTheDoors:
    def test_unlock_offers_it_but_not_for_the_sample(self, qtbot, make_window, services):
        window = make_window(opened=False)
        unlock = window.stack.currentWidget()
        unlock.restore_button.click()
        assert window.findChild(Restore) is not None
        window.findChild(Restore).reject()
        services.is_sample = True
        window.start()
        assert not window.stack.currentWidget().restore_button.isVisible()

    def test_the_first_start_offers_it_once_at_the_beginning(self, qtbot, make_window, services):
        services.exists = False
        window = make_window(opened=False)
        first = window.stack.currentWidget()
        assert isinstance(first, FirstRun)
        assert isinstance(first.restore_button, LinkButton)
        first.restore_button.click()
        dialog = window.findChild(Restore)
        services.backups.contents = replace(services.backups.contents, is_of_present_vault=False)
        dialog.take_file(FILE)
        dialog.passphrase.edit.setText(PASSPHRASE)
        dialog.open_button.click()
        qtbot.waitUntil(lambda: dialog.contents is not None)
        dialog.restore_button.click()
        qtbot.waitUntil(lambda: "restored" in dialog.title.text())
        dialog.reject()  # by Escape too
        assert isinstance(window.stack.currentWidget(), Unlock)
        assert services.called("turn_to") == [services.settings.vault_folder]
