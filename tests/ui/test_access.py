"""What opens the record, seen and changed in the window: nothing takes effect before it is proven on paper or typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.sentences import SENTENCES
from phr_desktop.ui.dialogs.access import AddPassphrase, ChangePassphrase, RemoveWay, RenameWay, UnlockWithDevice
from phr_desktop.ui.dialogs.key_steps import EncryptAnew, NewRecoveryKey
from phr_desktop.ui.platform import recovery_kit
from phr_desktop.ui.platform.recovery_kit import Kit
from phr_desktop.ui.tokens import SCALES
from phr_desktop.ui.widgets import OutlineButton
from tests.ui.fake_access import NEW_KEY, PASSPHRASE, RECOVERY_KEY, SUGGESTED
from tests.ui.walker import clipped, stumbles

NEW = "copper lantern drifts home"
ANA = WayIn("a2", WayKind.PASSPHRASE, "Ana", 1_795_200_000)


@pytest.fixture
def section(qtbot, window):
    window.navigate("settings", section="security")
    section = window.shell.page().section
    qtbot.waitUntil(lambda: bool(section._ways))
    return section


def words(widget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def dialog(window, kind):
    found = window.findChild(kind)
    assert found is not None
    return found


def closed(qtbot, window, kind) -> None:
    qtbot.waitUntil(lambda: window.findChild(kind) is None)


def test_the_section_says_what_opens_the_record(section, services):
    said = words(section)
    for each in ("Passphrase", "Recovery key", "Unlock with this computer", "Since Nov"):
        assert each in said
    remove = [each.accessibleName() for each in section.findChildren(OutlineButton) if "Remove" in each.text()]
    assert remove == [], "the only passphrase cannot be removed"


def test_lock_empties_the_section(qtbot, window, section):
    section.clear()
    QApplication.processEvents()
    assert "Recovery key" not in words(section)


def test_a_passphrase_is_changed_with_the_present_one(qtbot, window, section, services):
    section.change_passphrase(services.access.known[0])
    asked = dialog(window, ChangePassphrase)
    assert "copies" in words(asked)
    asked.main.click()
    assert "open the record now" in asked.present.field.note.text()
    asked.present.edit.setText("not this one")
    asked.choice.first.edit.setText(NEW)
    asked.choice.again.edit.setText(NEW + "!")
    asked.main.click()
    assert services.called("change_passphrase") == []
    asked.choice.again.edit.setText(NEW)
    asked.main.click()
    qtbot.waitUntil(lambda: SENTENCES["wrong-passphrase"] in asked.present.field.note.text())
    asked.present.edit.setText(PASSPHRASE)
    asked.main.click()
    closed(qtbot, window, ChangePassphrase)
    assert services.called("change_passphrase")[-1] == (PASSPHRASE, NEW, "a1")


def test_another_passphrase_than_the_one_to_change_is_said_at_the_field(qtbot, window, section, services):
    services.fail["change_passphrase"] = UserFacingError("other-passphrase")
    section.change_passphrase(ANA)
    asked = dialog(window, ChangePassphrase)
    assert "Ana" in words(asked)
    asked.present.edit.setText(PASSPHRASE)
    for edit in (asked.choice.first.edit, asked.choice.again.edit):
        edit.setText(NEW)
    asked.main.click()
    qtbot.waitUntil(lambda: "another passphrase" in asked.present.field.note.text())
    asked.reject()
    assert (asked.present.text(), asked.choice.text()) == ("", ""), "what was typed is forgotten"


def test_six_words_are_offered_shown_and_typed_once_more(qtbot, window, section, services):
    section.add_passphrase()
    asked = dialog(window, AddPassphrase)
    asked.label.setText("Ana")
    asked.present.edit.setText(PASSPHRASE)
    asked.choice.suggest.click()
    qtbot.waitUntil(asked.choice.suggestion.isVisible)
    assert asked.choice.suggestion.words.text() == SUGGESTED
    asked.choice.suggestion.use.click()
    assert asked.choice.text() == SUGGESTED
    asked.main.click()
    assert services.called("add_passphrase") == []
    asked.choice.again.edit.setText(SUGGESTED)
    asked.main.click()
    closed(qtbot, window, AddPassphrase)
    assert services.called("add_passphrase") == [(PASSPHRASE, SUGGESTED, "Ana")]
    qtbot.waitUntil(lambda: "Passphrase: Ana" in words(section))


def test_a_passphrase_can_be_pasted_into_every_field(qtbot, window, section):
    section.add_passphrase()
    asked = dialog(window, AddPassphrase)
    QApplication.clipboard().setText(NEW)
    for field in (asked.present, asked.choice.first, asked.choice.again):
        field.edit.setFocus()
        field.edit.paste()
        assert field.text() == NEW
    QApplication.clipboard().clear()
    asked.reject()


def test_one_is_renamed_and_removed(qtbot, window, section, services):
    services.access.known.insert(1, ANA)
    section.rename(ANA)
    asked = dialog(window, RenameWay)
    asked.label.setText("Tomas")
    asked.main.click()
    qtbot.waitUntil(lambda: "Passphrase: Tomas" in words(section))
    section.remove(ANA)
    asked = dialog(window, RemoveWay)
    assert "Ana" not in asked.windowTitle()
    asked.main.click()
    closed(qtbot, window, RemoveWay)
    assert services.called("remove") == ["a2"]


def test_the_recovery_key_goes_only_after_a_plain_warning(qtbot, window, section, services):
    section.remove(services.access.known[1])
    asked = dialog(window, RemoveWay)
    assert "lost for good" in words(asked)
    assert asked.focusWidget().text() == "&Keep it"
    asked.main.click()
    qtbot.waitUntil(lambda: "No recovery key" in words(section))


class TestNewRecoveryKey:
    @pytest.fixture
    def steps(self, qtbot, window, section):
        section.new_recovery_key()
        steps = dialog(window, NewRecoveryKey)
        steps.begin_step.present.edit.setText(PASSPHRASE)
        steps.next()
        qtbot.waitUntil(lambda: steps.stack.currentWidget() is steps.recovery)
        return steps

    def test_the_old_one_works_until_two_groups_are_typed_back(self, qtbot, window, steps, services):
        steps.next()
        steps.next()
        assert services.called("set_recovery_key") == []
        for field, group in steps.type_back.fields:
            field.edit.setText(group.lower())
        steps.next()
        closed(qtbot, window, NewRecoveryKey)
        assert services.called("set_recovery_key") == [(PASSPHRASE, NEW_KEY)]

    def test_cancelled_it_changes_nothing_and_shows_the_key_no_more(self, qtbot, window, steps, services):
        steps.reject()
        assert NEW_KEY.split("-")[0] not in words(window)
        assert steps._key == ""
        assert services.called("set_recovery_key") == []

    def test_a_lock_says_that_the_paper_is_void(self, qtbot, window, steps, services):
        window.lock()
        assert "does not open this record" in words(window.stack.currentWidget())
        assert services.called("set_recovery_key") == []

    def test_a_wrong_passphrase_shows_no_key(self, qtbot, window, section):
        section.new_recovery_key()
        steps = dialog(window, NewRecoveryKey)
        steps.begin_step.present.edit.setText("not this one")
        steps.next()
        qtbot.waitUntil(lambda: SENTENCES["wrong-passphrase"] in steps.begin_step.present.field.note.text())
        assert steps.stack.currentWidget() is steps.begin_step
        steps.reject()


def test_everything_is_encrypted_anew_with_progress_and_a_cancel_that_stops(qtbot, window, section, services):
    services.gate.clear()
    section.encrypt_anew()
    steps = dialog(window, EncryptAnew)
    steps.begin_step.present.edit.setText(PASSPHRASE)
    for edit in (steps.begin_step.choice.first.edit, steps.begin_step.choice.again.edit):
        edit.setText(NEW)
    steps.next()
    qtbot.waitUntil(lambda: steps.stack.currentWidget() is steps.recovery)
    steps.next()
    for field, group in steps.type_back.fields:
        field.edit.setText(group)
    steps.next()
    qtbot.waitUntil(lambda: steps.progress.bar.value() == 400)
    assert services.called("rekey") == [(PASSPHRASE, NEW, NEW_KEY)]
    for _ in range(80):
        services.clock.move_to(services.clock.now() + timedelta(seconds=10))
        window.leaving.idle.check()
    assert window.leaving.warning is None, "nobody need sit beside it"
    assert "keep both" in steps.lost_by_lock()
    qtbot.keyClick(steps, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: SENTENCES["cancelled"] in steps.problem.text())
    services.gate.set()
    steps.next()
    closed(qtbot, window, EncryptAnew)


class TestDevice:
    def test_it_is_turned_on_after_a_warning(self, qtbot, window, section, services):
        section.unlock_with_device()
        asked = dialog(window, UnlockWithDevice)
        assert "Whoever can use this computer" in words(asked)
        asked.present.edit.setText(PASSPHRASE)
        asked.main.click()
        qtbot.waitUntil(lambda: "This computer" in words(section))

    def test_a_keychain_that_does_not_answer_is_said(self, qtbot, window, section, services):
        services.fail["turn_device_on"] = EnvironmentProblem("keychain-slow")
        section.unlock_with_device()
        asked = dialog(window, UnlockWithDevice)
        asked.present.edit.setText(PASSPHRASE)
        asked.main.click()
        qtbot.waitUntil(lambda: "did not answer" in asked.problem.text())
        assert asked.main.isEnabled()
        asked.reject()

    def test_without_a_keychain_it_is_not_offered(self, qtbot, window, section, services):
        services.access.has_keychain = False
        section.refresh()
        qtbot.waitUntil(lambda: "no keychain" in words(section))
        assert "Turn on..." not in [each.text() for each in section.findChildren(OutlineButton) if each.isVisible()]

    def test_unlock_offers_it_only_where_it_is_on(self, qtbot, make_window, services):
        window = make_window(opened=False)
        assert not window.stack.currentWidget().device_button.isVisible()
        services.access.known.append(WayIn("c1", WayKind.DEVICE, "", 0))
        window._show_unlock()
        unlock = window.stack.currentWidget()
        services.fail["unlock_with_device"] = EnvironmentProblem("keychain-refused")
        unlock.device_button.click()
        qtbot.waitUntil(lambda: "keychain is locked" in unlock.problem.text())
        unlock.device_button.click()
        qtbot.waitUntil(lambda: window.shell is not None and services.background)


class TestAfterUnlock:
    def test_a_key_that_nobody_checked_is_asked_for_until_there_is_a_new_one(self, qtbot, make_window, services):
        services.access.unchecked = True
        window = make_window()
        notice = window.shell.access
        qtbot.waitUntil(notice.isVisible)
        assert notice.text.text() == "Your recovery key was not checked yet: make a new one."
        notice.action.click()
        dialog(window, NewRecoveryKey).reject()
        assert notice.isVisible()
        window.navigate("settings", section="security")
        window.bridge.run_action(lambda: services.access.set_recovery_key(PASSPHRASE, NEW_KEY))
        qtbot.waitUntil(lambda: not notice.isVisible())

    def test_what_it_leads_to_is_on_the_page_too(self, qtbot, make_window, services):
        services.access.opened_with = WayKind.RECOVERY_KEY
        window = make_window()
        window.navigate("settings", section="security")
        section = window.shell.page().section
        qtbot.waitUntil(lambda: bool(section._ways) and window.bridge.is_idle)
        made = section._ways[0].made_at
        window.bridge.run_action(lambda: services.access.change_passphrase(None, NEW))
        qtbot.waitUntil(lambda: section._ways[0].made_at != made)

    def test_whoever_came_by_the_recovery_key_is_offered_a_new_passphrase(self, qtbot, make_window, services):
        services.access.opened_with = WayKind.RECOVERY_KEY
        window = make_window()
        qtbot.waitUntil(window.shell.access.isVisible)
        window.shell.access.action.click()
        asked = dialog(window, ChangePassphrase)
        assert not asked.present.isVisible()
        for edit in (asked.choice.first.edit, asked.choice.again.edit):
            edit.setText(NEW)
        asked.main.click()
        closed(qtbot, window, ChangePassphrase)
        assert services.called("change_passphrase") == [(None, NEW, "a1")]
        qtbot.waitUntil(lambda: not window.shell.access.isVisible())

    def test_otherwise_nothing_is_said(self, qtbot, window):
        qtbot.waitUntil(lambda: window.bridge.is_idle)
        assert not window.shell.access.isVisible()


class TestKit:
    KIT = Kit("-".join(RECOVERY_KEY.split()), datetime(2026, 11, 21), "On the computer where it was made: in a folder")

    def text(self, data: bytes) -> str:
        document = pypdfium2.PdfDocument(data)
        assert len(document) == 1
        return document[0].get_textpage().get_text_bounded()

    def test_everything_needed_is_on_one_page_and_no_name(self, theme):
        said = self.text(recovery_kit.pdf(self.KIT))
        for group in RECOVERY_KEY.split():
            assert group in said
        for each in ("November 21, 2026", "Use the recovery key", "in a folder", "Destroy".lower()):
            assert each in said
        assert "Satterfield" not in said
        assert RECOVERY_KEY.split()[0] not in repr(self.KIT)

    def test_the_place_does_not_name_the_account(self):
        said = recovery_kit.place_words(Path("/home/mina/health/vault"), Path("/home/mina"))
        assert said.endswith("health / vault")
        assert "mina" not in said

    def test_it_is_written_to_the_chosen_file_and_nowhere_else(self, theme, tmp_path, monkeypatch):
        for name in ("TMPDIR", "TMP", "TEMP", "HOME", "XDG_CACHE_HOME"):
            monkeypatch.setenv(name, str(tmp_path))
        recovery_kit.save(self.KIT, tmp_path / "kit.pdf")
        assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["kit.pdf"]
        assert (tmp_path / "kit.pdf").stat().st_mode & 0o077 == 0

    def test_a_folder_that_cannot_be_written_is_said(self, qtbot, window, section, tmp_path):
        section.new_recovery_key()
        steps = dialog(window, NewRecoveryKey)
        steps.begin_step.present.edit.setText(PASSPHRASE)
        steps.next()
        qtbot.waitUntil(lambda: steps.stack.currentWidget() is steps.recovery)
        kit = steps.recovery.kit
        kit.save_to(tmp_path / "missing" / "kit.pdf")
        assert kit.said.text() == SENTENCES["kit-not-saved"]
        kit.save_to(tmp_path / "kit.pdf")
        assert "Saved" in kit.said.text()
        steps.reject()
        kit.save_to(tmp_path / "late.pdf")
        assert not (tmp_path / "late.pdf").exists(), "the key is forgotten"

    def test_it_prints(self, theme, tmp_path):
        printer = QPrinter()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        recovery_kit.prepare(printer)
        recovery_kit.draw(printer, self.KIT)
        assert RECOVERY_KEY.split()[8] in self.text((tmp_path / "printed.pdf").read_bytes())


@pytest.mark.parametrize("scale", SCALES)
def test_nothing_is_cut_off(qtbot, theme, window, section, services, scale):
    theme.apply("light", scale)
    services.access.known.insert(1, ANA)
    section.refresh()
    qtbot.waitUntil(lambda: "Passphrase: Ana" in words(section))
    opened = [
        lambda: section.change_passphrase(ANA),
        section.add_passphrase,
        lambda: section.rename(ANA),
        lambda: section.remove(services.access.known[2]),
        section.unlock_with_device,
        section.new_recovery_key,
        section.encrypt_anew,
    ]
    check(section)
    for open_it in opened:
        open_it()
        shown = QApplication.activeModalWidget()
        choice = getattr(shown, "choice", None) or getattr(getattr(shown, "begin_step", None), "choice", None)
        if choice is not None:
            choice.suggest.click()
            qtbot.waitUntil(choice.suggestion.isVisible)
        shown.fit()
        check(shown)
        if isinstance(shown, NewRecoveryKey):
            shown.begin_step.present.edit.setText(PASSPHRASE)
            shown.next()
            qtbot.waitUntil(lambda shown=shown: shown.stack.currentWidget() is shown.recovery)
            check(shown)
        shown.done(0)


def check(widget) -> None:
    for _ in range(4):
        QApplication.processEvents()
    assert stumbles(widget) == []
    assert clipped(widget) == []
