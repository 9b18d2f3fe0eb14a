"""What is said on every page where the open record is not the one that was locked, so that nothing is stored in it, or
where another database beside it may be the newer one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal

from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import PhrError
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.older_copy import OlderCopy
from phr_desktop.ui.dialogs.other_database import OtherDatabase
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner

_LOCKED_MEANWHILE = ("cancelled", "vault-locked")


class CopyNotice(Banner):
    """Hidden until there is something to say; then it stays until the person chose a way on, or put it away where
    everything is stored."""

    accepted = Signal()
    save_wanted = Signal()

    def __init__(self, services: Services, bridge: Bridge, restore: Callable[[], None]) -> None:
        super().__init__("", Tone.WARNING, action=self.tr("What can I do?"), acted=self.explain, dismissible=False)
        self._services, self._bridge, self._restore = services, bridge, restore
        self.state = VaultState.OK
        self._others: Sequence[Path] = ()
        self.hide()

    def look(self) -> None:
        """Asks what the open record is found to be; the answer may take seconds after a crash."""
        services = self._services

        def ask() -> tuple[VaultState, Sequence[Path]]:
            return services.vault_state(), services.upkeep.other_databases()

        self._bridge.run_query(ask, self._take, owner=self, key="vault state", failed=self._not_known)

    def explain(self) -> OlderCopy | OtherDatabase:
        """Says what it means, with the ways on."""
        if self.state is VaultState.OK:
            other = OtherDatabase(self._others, self._restore, self.window())
            other.open()
            return other
        dialog = OlderCopy(self.state, self._services, self._bridge, self.window())
        dialog.accepted_as_is.connect(self._accepted)
        dialog.restore_wanted.connect(self._restore)
        dialog.save_wanted.connect(self.save_wanted)
        dialog.open()
        return dialog

    def _take(self, found: tuple[VaultState, Sequence[Path]]) -> None:
        self.state, self._others = found
        if self.state is VaultState.OK and not self._others:
            self.dismiss()
            return
        self.close_button.setVisible(self.state is VaultState.OK)
        self.say(self._words()[self.state])
        announce(self, self.text.text(), at_once=True)

    def _not_known(self, error: Exception) -> None:
        if not isinstance(error, PhrError) or error.code not in _LOCKED_MEANWHILE:
            self._bridge.problem(error)

    def _words(self) -> dict[VaultState, str]:
        return {
            VaultState.OK: self.tr(
                "Another database lies in your record's folder, and it may be newer than what you see here. It was"
                " kept."
            ),
            VaultState.OLDER_COPY: self.tr(
                "This is an older copy of your record. You can read it, but nothing new is stored. Medicines and"
                " reminders may be out of date."
            ),
            VaultState.ALTERED: self.tr(
                "This record's file was changed from outside this program. You can read it, but nothing new is stored."
                " Medicines and reminders may be out of date."
            ),
            VaultState.DAMAGED: self.tr(
                "Parts of this record's file are damaged. You can read what is left, but nothing new is stored."
            ),
            VaultState.READ_ONLY: self.tr(
                "This record's folder cannot be written to. You can read everything, but nothing new is stored, and"
                " reminders cannot be marked as seen."
            ),
        }

    def _accepted(self) -> None:
        self.look()
        self.accepted.emit()
