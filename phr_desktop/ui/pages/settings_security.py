"""The ways in which this record can be opened, and what can be done about them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.domain.changes import Topic
from phr_desktop.ui.dialogs.access import (
    AccessDialog,
    AddPassphrase,
    ChangePassphrase,
    RemoveWay,
    RenameWay,
    UnlockWithDevice,
    way_words,
)
from phr_desktop.ui.dialogs.key_steps import EncryptAnew, KeySteps, NewRecoveryKey
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.widgets import Card, IconLabel, OutlineButton, Row
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.words import moment_day

_ICONS = {WayKind.PASSPHRASE: "lock", WayKind.RECOVERY_KEY: "documents", WayKind.DEVICE: "shield"}


class SecuritySection(SettingsSection):
    """Shows labels out of the vault, so it is emptied on lock."""

    topics = frozenset({Topic.ACCESS})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._problems = Problems(self)
        self._problems.told.connect(context.say)
        self._ways: tuple[WayIn, ...] = ()
        self._has_keychain = False
        self.ways_card = self.add(Card(self.tr("What opens this record")))
        self.anew_card = self.add(Card(self.tr("If somebody else may know your passphrase")))
        self.anew_card.add_row(
            Row(
                self.tr("Encrypt everything anew"),
                self.tr("New keys for the whole record. A changed passphrase alone does not lock out old copies."),
                right=[OutlineButton(self.tr("&Encrypt anew..."), self.encrypt_anew)],
                wrap=True,
            )
        )

    def refresh(self) -> None:
        access = self.context.services.access

        def question() -> tuple[tuple[WayIn, ...], bool]:
            return access.ways(), access.keychain_is_there()

        self.context.bridge.run_query(question, self._show, owner=self, key="ways")

    def clear(self) -> None:
        self._ways = ()
        self.ways_card.empty()

    # --- what can be done

    def change_passphrase(self, way: WayIn) -> None:
        dialog = self._open(ChangePassphrase, self._of(WayKind.PASSPHRASE), changed=way)
        dialog.rekey_wanted.connect(self.encrypt_anew)
        self._tell_when_done(dialog, self.tr("The passphrase is changed."))

    def add_passphrase(self) -> None:
        self._tell_when_done(self._open(AddPassphrase), self.tr("The passphrase is added."))

    def new_recovery_key(self) -> None:
        said = self.tr("The new recovery key is in force. Destroy the old paper.")
        self._tell_when_done(self._open(NewRecoveryKey), said)

    def unlock_with_device(self) -> None:
        self._tell_when_done(self._open(UnlockWithDevice), self.tr("This computer opens the record from now on."))

    def encrypt_anew(self) -> None:
        self._tell_when_done(self._open(EncryptAnew), self.tr("Everything is encrypted anew. Make a backup now."))

    def rename(self, way: WayIn) -> None:
        self._tell_when_done(self._open_about(RenameWay, way), "")

    def remove(self, way: WayIn) -> None:
        self._tell_when_done(self._open_about(RemoveWay, way), self.tr("Removed."))

    # --- inside

    def _show(self, answer: tuple[tuple[WayIn, ...], bool]) -> None:
        self._ways, self._has_keychain = answer
        self.ways_card.empty()
        for way in self._ways:
            self.ways_card.add_row(self._row(way))
        if not self._of(WayKind.RECOVERY_KEY):
            self.ways_card.add_row(self._missing_key())
        if not self._of(WayKind.DEVICE):
            self.ways_card.add_row(self._device_off())
        self.ways_card.add_row(
            Row(
                self.tr("One more passphrase"),
                self.tr("For somebody who helps you, so that you need not share yours."),
                right=[OutlineButton(self.tr("Add a &passphrase..."), self.add_passphrase)],
                leading=IconLabel("add", 22),
                wrap=True,
            )
        )

    def _row(self, way: WayIn) -> Row:
        made = fill(self.tr("Since %1"), moment_day(way.made_at, self.context.services.clock))
        return Row(way_words(way), made, right=self._buttons(way), leading=IconLabel(_ICONS[way.kind], 22), wrap=True)

    def _buttons(self, way: WayIn) -> list[QWidget]:
        words = way_words(way)
        remove = LinkButton(self.tr("Remove..."), lambda: self.remove(way), name=f"{self.tr('Remove')}: {words}")
        if way.kind is WayKind.RECOVERY_KEY:
            return [remove, OutlineButton(self.tr("Make a new one..."), self.new_recovery_key)]
        if way.kind is WayKind.DEVICE:
            return [OutlineButton(self.tr("Turn off..."), lambda: self.remove(way))]
        rename = LinkButton(self.tr("Rename..."), lambda: self.rename(way), name=f"{self.tr('Rename')}: {words}")
        change = OutlineButton(
            self.tr("Change..."),
            lambda: self.change_passphrase(way),
            name=f"{self.tr('Change the passphrase')}: {words}",
        )
        if len(self._of(WayKind.PASSPHRASE)) == 1:
            return [rename, change]
        return [rename, remove, change]

    def _missing_key(self) -> Row:
        return Row(
            self.tr("No recovery key"),
            self.tr("If the passphrase is forgotten, the record is lost for good."),
            right=[OutlineButton(self.tr("Make a recovery key..."), self.new_recovery_key)],
            leading=IconLabel("warning", 22, "warning"),
            wrap=True,
        )

    def _device_off(self) -> Row:
        said = self.tr("Off. The record then opens without the passphrase while you are signed in here.")
        if not self._has_keychain:
            missing = self.tr("Not possible: this computer offers no keychain that this program trusts.")
            return Row(self.tr("Unlock with this computer"), missing, leading=IconLabel("shield", 22), wrap=True)
        return Row(
            self.tr("Unlock with this computer"),
            said,
            right=[OutlineButton(self.tr("Turn on..."), self.unlock_with_device)],
            leading=IconLabel("shield", 22),
            wrap=True,
        )

    def _of(self, kind: WayKind) -> list[WayIn]:
        return [way for way in self._ways if way.kind is kind]

    def _open(self, make: Callable[..., AccessDialog | KeySteps], *more: object, **named: object) -> QDialog:
        context = self.context
        dialog = make(context.services, context.bridge, self._problems, self.window(), *more, **named)
        dialog.open()
        return dialog

    def _open_about(self, make: Callable[..., AccessDialog], way: WayIn) -> QDialog:
        context = self.context
        dialog = make(way, context.services, context.bridge, self._problems, self.window())
        dialog.open()
        return dialog

    def _tell_when_done(self, dialog: QDialog, words: str) -> None:
        if words:
            dialog.done_well.connect(lambda: self.context.say(words))
