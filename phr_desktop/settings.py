"""What the program must know before unlock: how it looks, where the vault is, when it locks. Nothing else is here."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

import msgspec

from phr_desktop import failpoints

LOCK_MINUTES = (1, 5, 10, 30, 60, 0)  # 0: never by itself
PALETTES = ("system", "light", "dark", "high-contrast-light", "high-contrast-dark")

_one_writer = threading.Lock()  # the window's thread saves, and a worker that locks


class ReminderTime(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a reminder is due in seconds since 1970 UTC, how often it rings again, and the quiet hours that put it
    off."""

    at: int
    rings: int = 0
    quiet: tuple[time, time] | None = None


class _Form(msgspec.Struct, omit_defaults=True):
    text_scale: float = 1.0
    palette: str = "system"
    language: str = ""
    geometry: str = ""
    page: str = ""
    vault_folder: str = ""
    lock_minutes: int = 10
    remind_before_unlock: bool = False
    reminder_moments: list[ReminderTime] = []
    reminders_end: int = 0
    sync_metered: bool = False
    autostart_offered: bool = False
    tray_told: bool = False
    heard: dict[str, tuple[bool, str]] = {}


@dataclass
class Settings:
    """Settings with the file they live in. A file that cannot be read counts as none: every value has a default."""

    path: Path
    text_scale: float = 1.0
    palette: str = "system"
    language: str = ""  # "" follows the system
    geometry: bytes | None = None  # Qt's own form of the window's place and size
    page: str = ""
    vault_folder: Path = field(default_factory=Path)  # of this run
    saved_vault: str = ""  # as the file says; "": the usual place, wherever that is by then
    lock_minutes: int = 10  # without a touch until the record locks; one of LOCK_MINUTES
    remind_before_unlock: bool = False  # the person wants it: `reminder_times` is kept then, and only then
    reminder_times: list[ReminderTime] = field(default_factory=list)  # of the next 14 days at the lock
    reminders_end: int = 0  # when those end, seconds since 1970 UTC, where more is planned after them
    sync_metered: bool = False  # by itself too over a network that costs by the byte
    autostart_offered: bool = False  # the person has answered whether the program starts at sign-in
    tray_told: bool = False  # it was said that closing the window hides it
    heard: dict[str, tuple[bool, str]] = field(default_factory=dict)  # way of reminding: noticed or not, and the day

    @classmethod
    def load(cls, path: Path, default_vault: Path, named: Path | None = None) -> Settings:
        """Reads the file. `named` is the vault that was asked for this run alone: it goes before the saved one, and is
        never saved."""
        try:
            form = msgspec.json.decode(path.read_bytes(), type=_Form)
        except (OSError, msgspec.MsgspecError):
            form = _Form()
        return cls(
            path=path,
            text_scale=min(2.0, max(1.0, form.text_scale)),
            palette=form.palette if form.palette in PALETTES else "system",
            language=form.language,
            geometry=_bytes(form.geometry),
            page=form.page,
            vault_folder=named or (Path(form.vault_folder) if form.vault_folder else default_vault),
            saved_vault=form.vault_folder,
            lock_minutes=form.lock_minutes if form.lock_minutes in LOCK_MINUTES else 10,
            remind_before_unlock=form.remind_before_unlock,
            reminder_times=form.reminder_moments if form.remind_before_unlock else [],
            reminders_end=form.reminders_end if form.remind_before_unlock else 0,
            sync_metered=form.sync_metered,
            autostart_offered=form.autostart_offered,
            tray_told=form.tray_told,
            heard=form.heard,
        )

    def save(self) -> None:
        """Writes the file whole or not at all."""
        form = _Form(
            text_scale=self.text_scale,
            palette=self.palette,
            language=self.language,
            geometry=(self.geometry or b"").hex(),
            page=self.page,
            vault_folder=self.saved_vault,
            lock_minutes=self.lock_minutes,
            remind_before_unlock=self.remind_before_unlock,
            reminder_moments=self.reminder_times if self.remind_before_unlock else [],
            reminders_end=self.reminders_end if self.remind_before_unlock else 0,
            sync_metered=self.sync_metered,
            autostart_offered=self.autostart_offered,
            tray_told=self.tray_told,
            heard=self.heard,
        )
        with _one_writer:
            self._write(msgspec.json.encode(form))

    def _write(self, text: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".tmp")
        failpoints.write_file(temporary, text, "settings")
        failpoints.replace(temporary, self.path, "settings")


def _bytes(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) or None
    except ValueError:
        return None
