"""The tray: reminders from another thread, only where there is a tray, and a click that brings the window back."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from phr_desktop.domain.reminders import ReminderKind, ReminderTarget
from phr_desktop.reminders.notifier import About
from phr_desktop.ui.platform import tray as tray_module
from phr_desktop.ui.platform.tray import Tray


class FakeIcon(QObject):
    """QSystemTrayIcon as the tray uses it; offscreen there is no real one."""

    ActivationReason = QSystemTrayIcon.ActivationReason
    activated = Signal(QSystemTrayIcon.ActivationReason)
    messageClicked = Signal()  # noqa: N815 (Qt's name)
    available = messages = True
    threads: list[QThread]

    def __init__(self, picture, parent) -> None:
        super().__init__(parent)
        self.picture, self.told, self.visible, self.threads = picture, [], False, []

    @classmethod
    def isSystemTrayAvailable(cls) -> bool:
        return cls.available

    @classmethod
    def supportsMessages(cls) -> bool:
        return cls.messages

    def setToolTip(self, text: str) -> None:
        self.tip = text

    def setContextMenu(self, menu) -> None:
        self.menu = menu

    def icon(self):
        return self.picture

    def show(self) -> None:
        self.visible = True

    def hide(self) -> None:
        self.visible = False

    def showMessage(self, title: str, text: str, _picture) -> None:
        self.threads.append(QThread.currentThread())
        self.told.append((title, text))


@pytest.fixture
def fake_icon(monkeypatch):
    monkeypatch.setattr(tray_module, "QSystemTrayIcon", FakeIcon)
    return FakeIcon


def from_another_thread(call) -> object:
    """What `call` answers on a plain Python thread, which must not wait for the window's."""
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(call()))
    thread.start()
    thread.join(10)
    return answers[0]


def test_a_message_from_another_thread_is_shown_on_the_windows(qtbot, window, fake_icon):
    tray = Tray(window)
    assert tray._icon.visible
    assert not tray._icon.picture.isNull()
    assert tray._icon.tip == "PHR Desktop"
    assert from_another_thread(lambda: tray.show("PHR Desktop", "You have a reminder.")) is True
    assert tray._icon.told == []
    qtbot.waitUntil(lambda: tray._icon.told == [("PHR Desktop", "You have a reminder.")])
    assert tray._icon.threads == [QApplication.instance().thread()]


@pytest.mark.parametrize(("available", "messages"), [(False, True), (True, False)])
def test_without_a_tray_that_tells_nothing_is_claimed(window, fake_icon, monkeypatch, available, messages):
    monkeypatch.setattr(fake_icon, "available", available)
    monkeypatch.setattr(fake_icon, "messages", messages)
    tray = Tray(window)
    assert from_another_thread(lambda: tray.show("PHR Desktop", "You have a reminder.")) is False
    assert tray._icon is None


def test_a_hidden_window_is_opened_and_the_program_ended_from_the_icons_menu(qtbot, window, fake_icon):
    tray = window.closing.tray = Tray(window)
    window.closing.reminds = True
    window.close()
    assert not window.isVisible()
    assert tray._icon.told == []  # not on this thread's turn yet
    qtbot.waitUntil(lambda: [title for title, _text in tray._icon.told] == ["PHR Desktop goes on running here"])
    opened, ended = tray._icon.menu.actions()
    opened.trigger()
    assert window.isVisible()
    with qtbot.waitSignal(window.closed):
        ended.trigger()


def test_a_click_on_a_message_opens_what_the_last_one_was_about(window, fake_icon, monkeypatch):
    opened = []
    monkeypatch.setattr(window.reminders, "open", opened.append)
    tray = Tray(window)
    target = ReminderTarget(1, ReminderKind.REFILL, "medicine:rxnorm:1")
    tray.show("PHR Desktop", "You have a reminder.", About(opens=target))
    tray._icon.messageClicked.emit()
    assert opened == [target]


@pytest.mark.parametrize("what", ["icon", "message"])
def test_a_click_brings_the_window_back(qtbot, window, fake_icon, what):
    tray = Tray(window)
    window.showMinimized()
    if what == "icon":
        tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    else:
        tray._icon.messageClicked.emit()
    qtbot.waitUntil(lambda: window.isVisible() and not window.isMinimized())


def test_a_closed_tray_shows_nothing_more(window, fake_icon):
    tray = Tray(window)
    tray.show("PHR Desktop", "on its way")
    tray.close()
    assert tray.show("PHR Desktop", "You have a reminder.") is False
    QApplication.processEvents()
    assert tray._icon.told == []
    assert not tray._icon.visible


def test_the_real_one_can_be_made_and_closed_offscreen(window):
    tray = Tray(window)
    assert tray.show("PHR Desktop", "You have a reminder.") is QSystemTrayIcon.isSystemTrayAvailable()
    tray.close()
