"""Explains why nothing is stored in the open record, and offers the ways on."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.vault_state import VaultState
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.text import Text

_ACCEPTABLE = (VaultState.OLDER_COPY, VaultState.ALTERED)


class OlderCopy(CalmDialog):
    """Nothing is changed before the person said twice that this copy is to be the record. `restore_wanted`: a backup is
    to be restored; `save_wanted`: what can be read of a damaged one is to be saved; `accepted_as_is`: the copy is the
    record from now on."""

    restore_wanted = Signal()
    save_wanted = Signal()
    accepted_as_is = Signal()

    def __init__(self, state: VaultState, services: Services, bridge: Bridge, parent: QWidget | None) -> None:
        super().__init__("", parent)
        self._state, self._services, self._bridge = state, services, bridge
        self.words = [Text("", wrap=True) for _ in range(3)]
        self.error = Text("", "body", "error", wrap=True)
        for text in (*self.words, self.error):
            self.column.addWidget(text)
        self.error.hide()
        self.column.addStretch(1)
        self.explain()

    def explain(self) -> None:
        """What happened, what it means, what can be done."""
        self._say(self._titles()[self._state], *self._reasons()[self._state])
        close = OutlineButton(self.tr("&Keep reading"), self.reject)
        if self._state is VaultState.READ_ONLY:
            self.set_buttons([PrimaryButton(self.tr("&Close"), self.reject)])
            self.fit()
            return
        restore = PrimaryButton(self.tr("&Restore a backup..."), lambda: self._go(self.restore_wanted))
        more = (
            OutlineButton(self.tr("&Use this copy..."), self.ask)
            if self._state in _ACCEPTABLE
            else OutlineButton(self.tr("&Save the rest..."), lambda: self._go(self.save_wanted))
        )
        self.set_buttons([close, more, restore])
        self.fit()

    def ask(self) -> None:
        """The second question, before the copy becomes the record."""
        self._say(
            self.tr("Use this copy as your record?"),
            self.tr(
                "Do this only if you have no newer backup. What was added after this copy was made is then not in your"
                " record any more."
            ),
            self.tr(
                "The portals can bring their part again: sign in to each of them anew. Requests that were waiting are"
                " held until you look at them."
            ),
            self.tr("Check the list of medicines against your papers before you rely on it."),
        )
        self.use = PrimaryButton(self.tr("&Use this copy"), self._accept)
        self.set_buttons([OutlineButton(self.tr("&Back"), self.explain), self.use])
        self.fit()

    def _say(self, title: str, *words: str) -> None:
        self.setWindowTitle(title)
        self.title.setText(title)
        for text, said in zip(self.words, words, strict=True):
            text.setText(said)
        announce(self, " ".join((title, *words)), at_once=True)

    def _go(self, way: SignalInstance) -> None:
        self.accept()
        way.emit()

    def _accept(self) -> None:
        self.use.setEnabled(False)

        def done(_nothing: object) -> None:
            self.accept()
            self.accepted_as_is.emit()

        self._bridge.run_action(self._services.accept_as_is, done, owner=self, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self.use.setEnabled(True)
        self.error.setText(sentence_of(error))
        self.error.show()
        self.fit()
        announce(self, self.error.text(), at_once=True)

    def _titles(self) -> dict[VaultState, str]:
        return {
            VaultState.OLDER_COPY: self.tr("This is an older copy of your record"),
            VaultState.ALTERED: self.tr("This record's file was changed"),
            VaultState.DAMAGED: self.tr("Parts of this record are damaged"),
            VaultState.READ_ONLY: self.tr("Nothing can be stored in this folder"),
        }

    def _reasons(self) -> dict[VaultState, tuple[str, str, str]]:
        reading = self.tr(
            "You can read everything that is in it. Until you choose, nothing is stored and no portal is asked."
            " Reminders still come while the program is open, but they may be out of date and cannot be marked as seen."
        )
        ways = self.tr(
            "If you have a newer backup, restore it. If you have none, you can use this copy as your record from now"
            " on."
        )
        older = self.tr(
            "The record that was stored on this computer was newer. Its file was replaced by an older one. A cloud"
            " folder, a repaired computer or a copy from a stick can do that. What was added later is missing here: new"
            " results, changed medicines, your notes."
        )
        altered = self.tr(
            "Since you locked the record, something other than this program changed its file. A cloud folder or a"
            " failing disk can do that. Some of what you see may be older than it should be, such as a dose."
        )
        damaged = self.tr(
            "The program or the computer stopped suddenly, or the disk is failing, and some of the record cannot be"
            " read any more."
        )
        closed = self.tr(
            "The disk or folder that the record is in does not allow changes: a protected stick, for example, or a"
            " folder of another account."
        )
        return {
            VaultState.OLDER_COPY: (older, reading, ways),
            VaultState.ALTERED: (altered, reading, ways),
            VaultState.DAMAGED: (
                damaged,
                reading,
                self.tr(
                    "If you have a backup, restore it. If you have none, this program can save what is still readable:"
                    " it locks the record for that and asks for your passphrase."
                ),
            ),
            VaultState.READ_ONLY: (
                closed,
                reading,
                self.tr("To store something again, allow changes to the folder, or copy the record to another one."),
            ),
        }
