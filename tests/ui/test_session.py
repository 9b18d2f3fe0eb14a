"""What the system says when the person leaves: on a private bus with a logind of our own, and by made messages."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from ctypes import wintypes
from itertools import count

import pytest
from dbus_fast.aio import MessageBus
from dbus_fast.service import PropertyAccess, ServiceInterface, dbus_method, dbus_property, dbus_signal
from PySide6.QtDBus import QDBusConnection

from phr_desktop.ui.platform.session import Departure, SessionWatch
from phr_desktop.ui.platform.session_linux import LinuxSession
from phr_desktop.ui.platform.session_mac import MEANINGS, MacSession
from phr_desktop.ui.platform.session_windows import WM_POWERBROADCAST, WM_WTSSESSION_CHANGE, MessageFilter

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not on this machine")
PATH = "/org/freedesktop/login1/session/_37"
NAMES = count()
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""


class Manager(ServiceInterface):
    """org.freedesktop.login1.Manager, as far as it is asked. `holds` are the ends of what makes sleep wait."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.login1.Manager")
        self.holds: list[int] = []
        self.asked: list[tuple[str, ...]] = []

    @dbus_method()
    def GetSession(self, name: s) -> o:  # noqa: F821
        assert name == "7"
        return PATH

    @dbus_method()
    def Inhibit(self, what: s, who: s, why: s, mode: s) -> h:  # noqa: F821
        self.asked.append((what, mode))
        self.holds += os.pipe()
        return self.holds[-1]

    @dbus_signal()
    def PrepareForSleep(self, begins: b) -> b:  # noqa: F821
        return begins


class Session(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.freedesktop.login1.Session")
        self.hint = False

    @dbus_property(access=PropertyAccess.READ)
    def Id(self) -> s:  # noqa: F821
        return "7"

    @dbus_property(access=PropertyAccess.READ)
    def LockedHint(self) -> b:  # noqa: F821
        return self.hint

    @dbus_signal()
    def Lock(self) -> None:
        """Sent when somebody asks for the session to be locked."""


class ScreenSaver(ServiceInterface):
    @dbus_signal()
    def ActiveChanged(self, on: b) -> b:  # noqa: F821
        return on


class Desk:
    """A logind and a screen saver on one private bus, in a thread of their own."""

    def __init__(self, address: str) -> None:
        self.manager, self.session, self.saver = Manager(), Session(), ScreenSaver("org.gnome.ScreenSaver")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.run(self._serve(address))

    async def _serve(self, address: str) -> None:
        self._bus = await MessageBus(address, negotiate_unix_fd=True).connect()
        self._bus.export("/org/freedesktop/login1", self.manager)
        self._bus.export(PATH, self.session)
        self._bus.export("/org/freedesktop/login1/session/auto", Session())
        self._bus.export("/org/gnome/ScreenSaver", self.saver)
        await self._bus.request_name("org.freedesktop.login1")

    def run(self, doing) -> None:
        asyncio.run_coroutine_threadsafe(doing, self._loop).result(10)

    def say(self, call, *words) -> None:
        async def now() -> None:
            call(*words)

        self.run(now())

    def close(self) -> None:
        async def end() -> None:
            self._bus.disconnect()

        self.run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for hold in self.manager.holds:
            os.close(hold)


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    configuration = tmp_path_factory.mktemp("bus") / "bus.conf"
    configuration.write_text(CONFIGURATION)
    words = ["dbus-daemon", "--nofork", "--print-address", f"--config-file={configuration}"]
    bus = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield bus.stdout.readline().strip()
    bus.terminate()
    bus.wait()
    bus.stdout.close()


@pytest.fixture
def desk(address) -> Iterator[Desk]:
    desk = Desk(address)
    yield desk
    desk.close()


@pytest.fixture
def linux(qtbot, qapp, address, desk, monkeypatch) -> Iterator[LinuxSession]:
    monkeypatch.delenv("XDG_SESSION_ID", raising=False)
    name = f"phr-test-{next(NAMES)}"
    bus = QDBusConnection.connectToBus(address, name)
    watch = LinuxSession(system=bus, desktop=bus)
    watch.start()
    qtbot.waitUntil(lambda: watch._session == PATH)
    yield watch
    watch.close()
    watch.deleteLater()
    QDBusConnection.disconnectFromBus(name)


def hears(qtbot, watch: SessionWatch, cause) -> Departure:
    with qtbot.waitSignal(watch.left, timeout=5000) as heard:
        cause()
    return heard.args[0]


def test_sleep_the_sessions_lock_and_the_screen_savers_are_heard(qtbot, linux, desk):
    assert linux.hears
    assert hears(qtbot, linux, lambda: desk.say(desk.manager.PrepareForSleep, True)) is Departure.SLEEP
    assert hears(qtbot, linux, lambda: desk.say(desk.session.Lock)) is Departure.SCREEN_LOCK
    assert hears(qtbot, linux, lambda: desk.say(desk.saver.ActiveChanged, True)) is Departure.SCREEN_LOCK


def test_a_desktop_that_only_marks_its_session_as_locked_is_heard(qtbot, linux, desk):
    def locks() -> None:
        desk.session.hint = True
        desk.say(desk.session.emit_properties_changed, {"LockedHint": True})

    assert hears(qtbot, linux, locks) is Departure.SCREEN_LOCK


def test_waking_and_unlocking_are_no_departure(qtbot, linux, desk):
    heard = []
    linux.left.connect(heard.append)
    desk.say(desk.manager.PrepareForSleep, False)
    desk.say(desk.saver.ActiveChanged, False)
    desk.say(desk.session.emit_properties_changed, {"LockedHint": False})
    assert hears(qtbot, linux, lambda: desk.say(desk.manager.PrepareForSleep, True)) is Departure.SLEEP
    assert heard == [Departure.SLEEP]


def test_sleep_waits_until_the_vault_is_locked(qtbot, linux, desk):
    linux.hold_sleep()
    qtbot.waitUntil(lambda: linux._hold is not None)
    assert desk.manager.asked == [("sleep", "delay")]
    held = linux._hold
    linux.let_sleep()
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(held)


def test_a_vault_that_was_open_before_the_start_holds_sleep_too(qtbot, address, desk):
    bus = QDBusConnection.connectToBus(address, f"phr-test-{next(NAMES)}")
    watch = LinuxSession(system=bus, desktop=bus)
    watch.hold_sleep()
    assert desk.manager.asked == []
    watch.start()
    qtbot.waitUntil(lambda: watch._hold is not None)
    watch.close()
    watch.deleteLater()
    QDBusConnection.disconnectFromBus(bus.name())


def test_a_hold_that_comes_after_the_lock_is_let_go(qtbot, linux, desk):
    linux.hold_sleep()
    linux.let_sleep()
    qtbot.waitUntil(lambda: desk.manager.asked != [])
    assert hears(qtbot, linux, lambda: desk.say(desk.session.Lock)) is Departure.SCREEN_LOCK  # the answer came before
    assert linux._hold is None


def test_a_closed_watch_is_silent(linux):
    heard = []
    linux.left.connect(heard.append)
    linux.close()
    linux.session_locked()
    assert heard == []


def test_without_a_bus_it_hears_nothing_and_says_so(qapp, monkeypatch, tmp_path):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    nobody = QDBusConnection("a bus that nobody opened")
    watch = LinuxSession(system=nobody)
    watch.start()
    watch.hold_sleep()
    assert not watch.hears
    watch.close()


@pytest.mark.parametrize(
    ("message", "word", "departure"),
    [
        (WM_POWERBROADCAST, 0x4, Departure.SLEEP),
        (WM_POWERBROADCAST, 0x7, None),  # it woke
        (WM_WTSSESSION_CHANGE, 0x7, Departure.SCREEN_LOCK),
        (WM_WTSSESSION_CHANGE, 0x8, None),  # it was unlocked
        (WM_WTSSESSION_CHANGE, 0x4, Departure.AWAY),
        (0x0100, 0x7, None),  # a key
    ],
)
def test_windows_messages(message, word, departure):
    told = []
    listening = MessageFilter(told.append)
    posted = wintypes.MSG(message=message, wParam=word)
    assert listening.nativeEventFilter(b"windows_generic_MSG", ctypes.addressof(posted)) == (False, 0)
    assert listening.nativeEventFilter(b"xcb_generic_event_t", ctypes.addressof(posted)) == (False, 0)
    assert told == ([departure] if departure else [])


@pytest.mark.parametrize(("name", "departure"), MEANINGS.items())
def test_mac_notifications(qtbot, name, departure):
    watch = MacSession()
    assert hears(qtbot, watch, lambda: watch.told(name)) is departure
    heard = []
    watch.left.connect(heard.append)
    watch.told("NSWorkspaceDidWakeNotification")
    assert heard == []
    watch.deleteLater()
