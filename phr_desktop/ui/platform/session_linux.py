"""Linux and other systems with D-Bus: logind tells of sleep and of the session's lock, screen savers of theirs.

Interfaces: org.freedesktop.login1(5), and the ScreenSaver interfaces of the desktops. Run against a private bus with a
logind of the tests' own; not yet on a real desktop.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusObjectPath,
    QDBusPendingCallWatcher,
    QDBusUnixFileDescriptor,
    QDBusVariant,
)

from phr_desktop.ui.platform.session import Departure, SessionWatch

LOGIND = "org.freedesktop.login1"
MANAGER_PATH = "/org/freedesktop/login1"
OWN_SESSION_PATH = "/org/freedesktop/login1/session/auto"
MANAGER, SESSION = f"{LOGIND}.Manager", f"{LOGIND}.Session"
PROPERTIES = "org.freedesktop.DBus.Properties"
SCREEN_SAVERS = tuple(f"org.{desktop}.ScreenSaver" for desktop in ("freedesktop", "gnome", "cinnamon", "mate", "xfce"))
_PATIENCE = 5000  # milliseconds


class LinuxSession(SessionWatch):
    """`system` and `desktop` are the two buses; without them this machine's own."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        system: QDBusConnection | None = None,
        desktop: QDBusConnection | None = None,
    ) -> None:
        super().__init__(parent)
        self._system, self._desktop = system, desktop
        self._session = ""  # the object path of our session, once it is known
        self._hears = self._wants_hold = False
        self._hold: int | None = None  # the descriptor that makes sleep wait

    @property
    def hears(self) -> bool:
        return self._hears

    def start(self) -> None:
        self._system = self._system or QDBusConnection.systemBus()
        if self._system.isConnected():
            self._on(self._system, MANAGER_PATH, MANAGER, "PrepareForSleep", "sleeping(bool)")
            self._find_session()
            if self._wants_hold:
                self._ask_to_hold()
        self._desktop = self._desktop or _desktop_bus()
        if self._desktop is not None and self._desktop.isConnected():
            for name in SCREEN_SAVERS:
                self._on(self._desktop, "", name, "ActiveChanged", "screen_saver(bool)")

    def hold_sleep(self) -> None:
        if not self._wants_hold:
            self._wants_hold = True
            if self._system is not None and self._hears:
                self._ask_to_hold()

    def _ask_to_hold(self) -> None:
        self._call(MANAGER_PATH, MANAGER, "Inhibit", ["sleep", "PHR Desktop", "Locks the record", "delay"], self._held)

    def let_sleep(self) -> None:
        self._wants_hold = False
        hold, self._hold = self._hold, None
        if hold is not None:
            os.close(hold)

    def close(self) -> None:
        self.let_sleep()
        self._hears = False

    # --- what the buses say

    @Slot(bool)
    def sleeping(self, begins: bool) -> None:
        if begins:
            self._tell(Departure.SLEEP)

    @Slot(bool)
    def screen_saver(self, on: bool) -> None:
        if on:
            self._tell(Departure.SCREEN_LOCK)

    @Slot()
    def session_locked(self) -> None:
        self._tell(Departure.SCREEN_LOCK)

    @Slot()
    def session_changed(self) -> None:
        """Its properties are packed in a way that Python cannot open: the one that counts is asked for."""
        self._call(self._session, PROPERTIES, "Get", [SESSION, "LockedHint"], self._hinted)

    def _hinted(self, answer: list[object]) -> None:
        if _plain(answer[0]) is True:
            self._tell(Departure.SCREEN_LOCK)

    def _tell(self, departure: Departure) -> None:
        if self._hears:
            self.left.emit(departure)

    # --- our session

    def _find_session(self) -> None:
        known = os.environ.get("XDG_SESSION_ID")
        if known:
            self._ask_path([known])
        else:
            self._call(OWN_SESSION_PATH, PROPERTIES, "Get", [SESSION, "Id"], self._ask_path, self._hear_any_session)

    def _ask_path(self, answer: list[object]) -> None:
        self._call(MANAGER_PATH, MANAGER, "GetSession", [_plain(answer[0])], self._hear_session, self._hear_any_session)

    def _hear_session(self, answer: list[object]) -> None:
        path = answer[0]
        self._session = path.path() if isinstance(path, QDBusObjectPath) else str(path)
        self._on(self._system, self._session, SESSION, "Lock", "session_locked()")
        self._on(self._system, self._session, PROPERTIES, "PropertiesChanged", "session_changed()")

    def _hear_any_session(self) -> None:
        """Ours is not known: rather locked once too often, when another user's session is."""
        self._on(self._system, "", SESSION, "Lock", "session_locked()")

    def _held(self, answer: list[object]) -> None:
        descriptor = answer[0]
        if self._wants_hold and self._hold is None and isinstance(descriptor, QDBusUnixFileDescriptor):
            self._hold = os.dup(descriptor.fileDescriptor())

    # --- the buses

    def _on(self, bus: QDBusConnection, path: str, interface: str, name: str, slot: str) -> None:
        """Any sender: on the system bus only logind may send these, on the desktop's own everyone is the person."""
        heard = bus.connect("", path, interface, name, self, SLOT(slot))
        self._hears = self._hears or heard

    def _call(
        self,
        path: str,
        interface: str,
        method: str,
        words: list[object],
        then: Callable[[list[object]], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Asks logind without waiting."""
        message = QDBusMessage.createMethodCall(LOGIND, path, interface, method)
        message.setArguments(words)
        watcher = QDBusPendingCallWatcher(self._system.asyncCall(message, _PATIENCE), self)

        def answered(done: QDBusPendingCallWatcher) -> None:
            answer = [] if done.isError() else done.reply().arguments()
            done.deleteLater()
            if answer:
                then(answer)
            else:
                failed()

        watcher.finished.connect(answered)


def _plain(value: object) -> object:
    return value.variant() if isinstance(value, QDBusVariant) else value


def _desktop_bus() -> QDBusConnection | None:
    """None where there is none: asking for it would start one."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    is_there = "DBUS_SESSION_BUS_ADDRESS" in os.environ or (runtime is not None and (Path(runtime) / "bus").exists())
    return QDBusConnection.sessionBus() if is_there else None
