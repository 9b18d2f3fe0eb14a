"""What the window asks about the ways into the vault. `phr_desktop/access.py` answers and says what each call means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.domain.changes import ChangeSet


class Strength(Protocol):
    """How well a passphrase would hold: 0 (none) to 4 (strong), and one plain sentence on what would help."""

    @property
    def score(self) -> int: ...

    @property
    def sentence(self) -> str: ...


class Access(Protocol):
    """All methods but the properties block: from the bridge's workers only.

    `present` is a passphrase that opens the vault (error wrong-passphrase where it does not); None where the recovery
    key opened it.
    """

    @property
    def opened_with(self) -> WayKind | None: ...

    def ways(self) -> tuple[WayIn, ...]: ...

    def keychain_is_there(self) -> bool: ...

    def strength(self, passphrase: str) -> Strength: ...

    def suggest_passphrase(self) -> str: ...

    def change_passphrase(self, present: str | None, new: str, *, way: str | None = None) -> ChangeSet: ...

    def add_passphrase(self, present: str | None, new: str, label: str) -> ChangeSet: ...

    def rename(self, way: str, label: str) -> ChangeSet: ...

    def remove(self, way: str) -> ChangeSet: ...

    def new_recovery_key(self, present: str | None) -> str: ...

    def set_recovery_key(self, present: str | None, key: str) -> ChangeSet: ...

    def recovery_key_is_unchecked(self) -> bool: ...

    def recovery_key_was_checked(self) -> ChangeSet: ...

    def turn_device_on(self, present: str | None) -> ChangeSet: ...

    def rekey(
        self,
        present: str | None,
        new: str,
        recovery_key: str,
        *,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> ChangeSet: ...
