"""Locking by itself: after a while without a touch, with a warning that counts down, and when the computer says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.domain.vault_state import VaultState
from phr_desktop.settings import LOCK_MINUTES
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.clipboard import ClipboardGuard
from phr_desktop.ui.dialogs.add_person import AddPerson
from phr_desktop.ui.dialogs.lock_warning import LockWarning
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.main_window import MainWindow
from phr_desktop.ui.pages.settings_lock import MINUTES
from phr_desktop.ui.platform.session import Departure, SessionWatch
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.widgets import RadioButton
from tests.ui.conftest import PAGES
from tests.ui.fakes import MINA, PASSPHRASE
from tests.ui.living import activate
from tests.ui.walker import clipped, stumbles


class FakeSession(SessionWatch):
    """A computer that tells, and that waits before it sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    @property
    def hears(self) -> bool:
        return True

    def hold_sleep(self) -> None:
        self.told.append("hold")

    def let_sleep(self) -> None:
        self.told.append("let")

    def close(self) -> None:
        self.told.append("closed")


def wait(window: MainWindow, **words: float) -> None:
    """So much time passes without a touch, the way an awake computer sees it: a check every few seconds."""
    clock, left = window.services.clock, timedelta(**words)
    while left > timedelta():
        step = min(left, timedelta(seconds=10))
        clock.move_to(clock.now() + step)
        window.leaving.idle.check()
        left -= step


def is_locked(window: MainWindow) -> bool:
    return isinstance(window.stack.currentWidget(), Unlock)


def words_of(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.stack.currentWidget().findChildren(QLabel))


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What is announced to screen readers."""
    told: list[str] = []

    def hear(event) -> None:
        told.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return told


def test_it_warns_a_minute_before_counts_down_and_locks(qtbot, window, services, said):
    wait(window, minutes=8, seconds=50)
    assert window.leaving.warning is None
    wait(window, seconds=10)
    warning = window.leaving.warning
    assert warning.count.text() == "It locks in 60 seconds."
    assert any("It locks in 60 seconds." in each for each in said)
    assert stumbles(warning) == []
    wait(window, seconds=20)
    assert warning.count.text() == "It locks in 40 seconds."
    assert not any("40" in each for each in said)
    wait(window, seconds=10)
    assert any("30 seconds" in each for each in said)
    assert not is_locked(window)
    wait(window, seconds=30)
    assert is_locked(window)
    qtbot.waitUntil(lambda: not services.opened)
    assert "nobody used it for 10 minutes" in words_of(window)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None and not window.findChildren(LockWarning))


def touch_by_key(window):
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)


def touch_by_click(window):
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(400, 5))


def touch_by_move(window):
    QTest.mouseMove(window.windowHandle(), QPoint(401, 6))
    QTest.mouseMove(window.windowHandle(), QPoint(411, 6))


def touch_by_button(window):
    QTest.mouseClick(window.leaving.warning.stay_button, Qt.MouseButton.LeftButton)


def touch_by_escape(window):
    window.leaving.warning.reject()


@pytest.mark.parametrize(
    "touch",
    [touch_by_key, touch_by_click, touch_by_move, touch_by_button, touch_by_escape],
    ids=lambda each: each.__name__,
)
def test_any_touch_keeps_it_open_for_the_whole_time_again(qtbot, window, touch):
    wait(window, minutes=9, seconds=30)
    assert window.leaving.warning is not None
    touch(window)
    qtbot.waitUntil(lambda: window.leaving.warning is None)
    wait(window, minutes=8, seconds=50)
    assert window.leaving.warning is None
    wait(window, seconds=70)
    assert is_locked(window)


def test_a_touch_before_the_warning_counts_too(window):
    wait(window, minutes=8)
    touch_by_key(window)
    wait(window, minutes=8, seconds=50)
    assert window.leaving.warning is None
    assert not is_locked(window)


def test_a_window_that_appears_under_a_mouse_at_rest_is_no_touch(window):
    QTest.mouseMove(window.windowHandle(), QPoint(300, 7))
    QApplication.processEvents()
    wait(window, minutes=5)
    QTest.mouseMove(window.windowHandle(), QPoint(300, 7))
    QApplication.processEvents()
    wait(window, minutes=5)
    assert is_locked(window)


@pytest.mark.parametrize(("minutes", "before", "after"), [(1, 29, 31), (5, 239, 61), (60, 3539, 61)])
def test_the_chosen_time_holds(window, services, minutes, before, after):
    services.settings.lock_minutes = minutes
    wait(window, seconds=before)
    assert window.leaving.warning is None
    wait(window, seconds=1)
    assert window.leaving.warning is not None
    wait(window, seconds=after)
    assert is_locked(window)


def test_never_is_never(window, services):
    services.settings.lock_minutes = 0
    wait(window, hours=1)
    assert window.leaving.warning is None
    assert not is_locked(window)


def test_a_sleep_that_nobody_told_of_locks_on_waking(window, services):
    services.settings.lock_minutes = 0
    services.clock.move_to(services.clock.now() + timedelta(hours=1))
    window.leaving.idle.check()
    assert is_locked(window)


def test_the_warning_stands_over_an_open_dialog_and_is_no_modal_wall(window):
    window.verbs.add_person()
    wait(window, minutes=9)
    assert window.leaving.warning.parent() is window.findChild(AddPerson)
    assert not window.leaving.warning.isModal()
    wait(window, minutes=1)
    assert is_locked(window)


def test_a_dialog_that_closes_by_itself_does_not_take_the_warning_away(qtbot, window):
    window.verbs.add_person()
    wait(window, minutes=9)
    window.findChild(AddPerson).accept()
    qtbot.waitUntil(lambda: not window.findChildren(AddPerson))
    wait(window, seconds=10)
    assert window.leaving.warning.isVisible()
    assert window.leaving.warning.parent() is window
    wait(window, seconds=50)
    assert is_locked(window)


def of_the_window(window):
    window.verbs.add_person()


def of_the_search(window):
    window.verbs.search()


def of_a_page(window):
    window.navigate("settings", section="security")
    window.shell.page().section.encrypt_anew()


def of_a_banner(window):
    window.shell.copy_notice.state = VaultState.OLDER_COPY
    window.shell.copy_notice.explain()


def over_a_dialog(window):
    window.verbs.add_person()
    Message("Title", "Sentence.", window.findChild(AddPerson)).open()


def the_warning(window):
    wait(window, minutes=9)


@pytest.mark.parametrize(
    "opened",
    [of_the_window, of_the_search, of_a_page, of_a_banner, over_a_dialog, the_warning],
    ids=lambda each: each.__name__,
)
def test_the_lock_key_locks_from_every_dialog(qtbot, window, opened):
    opened(window)
    dialog = QApplication.activeModalWidget() or window.leaving.warning
    activate(qtbot, dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert is_locked(window)
    assert QApplication.activeModalWidget() is None


def test_lock_now_locks_now(qtbot, window):
    wait(window, minutes=9)
    button = next(
        each for each in window.leaving.warning.findChildren(type(window.leaving.warning.foot.itemAt(1).widget()))
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert is_locked(window)


def test_a_locked_window_does_not_count(qtbot, window, services):
    window.lock()
    qtbot.waitUntil(lambda: not services.opened)
    wait(window, hours=1)
    assert window.leaving.warning is None


# --- when the computer says so


@pytest.fixture
def told(qtbot, theme, services):
    """A window on a computer that tells."""
    services.opened = True
    problems = Problems()
    bridge = Bridge(problems.show)
    session = FakeSession()
    window = MainWindow(services, bridge, problems, theme, PAGES, session)
    window.start()
    window.show()
    qtbot.waitUntil(lambda: window.shell is not None and services.background)
    yield window
    services.gate.set()
    window.finish()
    assert session.told[-1] == "closed"
    window.close()
    window.deleteLater()


@pytest.mark.parametrize(
    ("departure", "words"),
    [
        (Departure.SLEEP, "the computer went to sleep"),
        (Departure.SCREEN_LOCK, "screen was locked"),
        (Departure.AWAY, "screen was locked"),
    ],
)
def test_it_locks_when_the_person_leaves_and_sleep_waits_for_it(qtbot, told, services, departure, words):
    session = told.leaving.session
    assert session.told == ["hold"]
    session.left.emit(departure)
    assert is_locked(told)
    assert words in words_of(told)
    qtbot.waitUntil(lambda: session.told == ["hold", "let"])
    assert not services.opened


def test_what_was_typed_at_the_door_is_forgotten(qtbot, told):
    told.lock()
    door = told.stack.currentWidget()
    qtbot.waitUntil(door.isEnabled)
    door.passphrase.edit.setText(PASSPHRASE)
    told.leaving.session.left.emit(Departure.SCREEN_LOCK)
    assert door.passphrase.edit.text() == ""


def test_reminders_that_fall_due_are_said_at_the_door_and_nowhere_else(window, said):
    window.reminders.wait(1)
    window.lock()
    assert "reminder" not in words_of(window)
    window.reminders.wait(1)
    assert "A reminder is due. Unlock to see it." in words_of(window)
    assert "A reminder is due. Unlock to see it." in said
    window.reminders.wait(3)
    assert "3 reminders are due. Unlock to see them." in words_of(window)


def test_a_lock_goes_on_ringing_and_the_programs_end_does_not(qtbot, make_window, services):
    window = make_window()
    window.lock()
    qtbot.waitUntil(lambda: services.called("lock") == [True])
    window.finish()
    assert services.called("lock")[-1] is False


def test_before_the_first_unlock_the_door_says_that_nothing_reminds_yet(make_window, services):
    words = "No reminder comes before you unlock."
    assert words in words_of(make_window(opened=False))
    services.settings.remind_before_unlock = True
    assert words not in words_of(make_window(opened=False))


# --- what is lost is said


def test_typed_text_is_not_kept_and_that_is_said_without_repeating_it(qtbot, window):
    window.verbs.add_person()
    QTest.keyClicks(window.findChild(AddPerson).form.name, "Leo Planted")
    window.lock()
    assert "What you had typed in “Add a person” was not kept." in words_of(window)
    assert "Planted" not in words_of(window)


def test_an_untouched_dialog_says_nothing(window):
    window.verbs.add_person()
    window.lock()
    assert "not kept" not in words_of(window)


def test_files_being_added_are_stopped_and_that_is_said(qtbot, window, services, tmp_path):
    services.gate.clear()
    window.verbs.import_files([tmp_path])
    dialog = window.findChildren(type(QApplication.activeModalWidget()))[0]
    qtbot.waitUntil(lambda: dialog.preview is not None)
    dialog._add()
    qtbot.waitUntil(services.started.is_set)
    wait(window, minutes=10)
    assert is_locked(window)
    assert "Adding files was stopped." in words_of(window)
    qtbot.waitUntil(lambda: not services.opened)  # the import saw that it is cancelled: its gate is still shut


# --- settings


def test_the_settings_offer_what_the_file_keeps():
    assert MINUTES == LOCK_MINUTES


@pytest.mark.parametrize("minutes", MINUTES)
def test_a_time_is_chosen_and_kept(qtbot, window, services, minutes):
    window.navigate("settings", section="lock")
    section = window.shell.page().section
    button = next(each for each in section.findChildren(RadioButton) if each.property("choice") == minutes)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert services.settings.lock_minutes == minutes
    assert section.never.isVisible() == (minutes == 0)
    qtbot.waitUntil(lambda: services.settings.saved > 0)


def test_keeping_times_outside_the_vault_is_off_until_it_is_chosen(qtbot, window, services):
    window.navigate("settings", section="reminders")
    box = window.shell.page().section.before_unlock
    assert not box.isChecked()
    box.click()
    assert services.settings.remind_before_unlock
    qtbot.waitUntil(lambda: services.settings.saved > 0)


def test_a_computer_that_tells_nothing_is_said(window):
    window.navigate("settings", section="lock")
    words = [label.text() for label in window.shell.page().section.findChildren(QLabel)]
    assert any("does not tell programs of it" in each for each in words)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_warning_is_not_cut_off(theme, window, scale):
    theme.apply("light", scale)
    wait(window, minutes=9)
    window.leaving.warning.fit()
    QApplication.processEvents()
    assert clipped(window.leaving.warning) == []


# --- the clipboard


def test_a_copy_of_ours_leaves_the_clipboard_after_a_while(qtbot):
    guard = ClipboardGuard(is_ours=lambda: True)
    guard._timer.setInterval(30)
    QApplication.clipboard().setText("glucose 5.8")
    assert QApplication.clipboard().text() == "glucose 5.8"
    qtbot.waitUntil(lambda: QApplication.clipboard().text() == "")
    assert not guard._timer.isActive()
    guard.deleteLater()


def test_what_others_copied_stays(qtbot):
    ours = True
    guard = ClipboardGuard(is_ours=lambda: ours)
    QApplication.clipboard().setText("glucose 5.8")
    assert guard._timer.isActive()
    assert guard._timer.interval() == 30_000
    ours = False
    QApplication.clipboard().setText("a recipe")
    assert not guard._timer.isActive()
    guard.clear()
    assert QApplication.clipboard().text() == "a recipe"
    guard.deleteLater()


def test_a_lock_clears_it_at_once(window):
    window.clipboard._is_ours = lambda: True
    QApplication.clipboard().setText(MINA.name)
    window.lock()
    assert QApplication.clipboard().text() == ""
