"""Starting the program when the person signs in to this computer, so that reminders come without a thought of it.

Linux: a file in the autostart folder (freedesktop.org, Desktop Application Autostart). Windows: a value of the
person's own Run key. macOS: a LaunchAgent. The files are tested on Linux; nothing here has run on Windows or macOS yet.
"""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Sequence
from pathlib import Path

from phr_desktop.ui.services import Autostart

_NAME = "phr-desktop"
_TITLE = "PHR Desktop"
_RUN_KEY = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run"


class FileAutostart:
    """A file that the system looks for at sign-in: it is there, or it is not."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path, self._content = path, content

    def is_on(self) -> bool:
        return self._path.is_file()

    def turn(self, *, on: bool) -> None:
        if not on:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        temporary.write_bytes(self._content)
        temporary.replace(self._path)


class RegistryAutostart:
    """The Run key of this person."""

    def __init__(self, command: str) -> None:
        self._command = command

    def is_on(self) -> bool:
        return bool(self._key().value(_TITLE))

    def turn(self, *, on: bool) -> None:
        key = self._key()
        if on:
            key.setValue(_TITLE, self._command)
        else:
            key.remove(_TITLE)
        key.sync()
        if key.status() != key.Status.NoError:
            raise OSError("the registry took no value")

    def _key(self):
        from PySide6.QtCore import QSettings

        return QSettings(_RUN_KEY, QSettings.Format.NativeFormat)


def autostart(home: Path | None = None, system: str = sys.platform) -> Autostart:
    """The one of this system."""
    home, command = home or Path.home(), own_command()
    if system == "win32":
        return RegistryAutostart(" ".join(f'"{part}"' for part in command))
    if system == "darwin":
        agents = home / "Library" / "LaunchAgents"
        return FileAutostart(agents / f"org.{_NAME}.plist", launch_agent(command))
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return FileAutostart(config / "autostart" / f"{_NAME}.desktop", desktop_entry(command))


def own_command() -> list[str]:
    """What starts this program again."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "phr_desktop"]


def desktop_entry(command: Sequence[str]) -> bytes:
    """Words in quotes, what has a meaning in them escaped, as the Desktop Entry Specification has it."""
    quoted = " ".join(f'"{_escaped(part)}"' for part in command)
    lines = ["[Desktop Entry]", "Type=Application", f"Name={_TITLE}", f"Exec={quoted}", "Terminal=false",
             "X-GNOME-Autostart-enabled=true"]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


def launch_agent(command: Sequence[str]) -> bytes:
    return plistlib.dumps({"Label": f"org.{_NAME}", "ProgramArguments": list(command), "RunAtLoad": True})


def _escaped(part: str) -> str:
    for sign in ("\\", '"', "`", "$"):
        part = part.replace(sign, "\\" + sign)
    return part.replace("\\", "\\\\").replace("%", "%%")
