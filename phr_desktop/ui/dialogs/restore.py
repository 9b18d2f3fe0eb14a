"""Takes a record back out of a backup: which file, what opens it, what is in it, and where it is to be put."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QDir, QLocale, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QVBoxLayout, QWidget

from phr_desktop.domain.backups import BackupContents
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.file_dialogs import ask_file
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import SPACE_L
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.field import Field, PassphraseField
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import RadioButton
from phr_desktop.ui.words import moment_words

_OF_THE_SECRET = ("wrong-passphrase", "wrong-recovery-key", "recovery-key-malformed")


class Restore(CalmDialog):
    """Nothing is changed before "Restore". Emits `restored` when the restored record is there to be unlocked, with the
    folder of its own that it lies in; None where it took the present one's place."""

    restored = Signal(object)

    def __init__(self, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None) -> None:
        super().__init__(parent.tr("Restore from a backup") if parent else "Restore from a backup", parent)
        self._services, self._bridge, self._problems = services, bridge, problems
        self._work: Work | None = None
        self._is_done = False
        self._turned_to: Path | None = None
        self.path: Path | None = None
        self.contents: BackupContents | None = None
        self.folder = services.backups.folder_beside()
        self._former = services.settings.vault_folder if services.vault_exists() else None
        self._build_file()
        self._build_secret()
        self.error = Text("", "body", "error", wrap=True)
        self.progress = ProgressLine("", self.reject)
        self.choice = QWidget()
        for widget in (self.choice, self.error, self.progress):
            self.column.addWidget(widget)
            widget.hide()
        self.column.addStretch(1)
        self.open_button = PrimaryButton(self.tr("&Open the backup"), self._open)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.open_button])
        self._show_step()

    def reject(self) -> None:
        """Closes; while a record is being restored it stops that first, and closes when it has stopped."""
        if self._work is not None:
            self._work.cancel()
        elif self._is_done:
            self._leave()
        else:
            self._forget_secret()
            super().reject()

    def is_working(self) -> bool:
        return self._work is not None or self._is_done

    # --- which file, and what opens it

    def _build_file(self) -> None:
        said = self.tr(
            "Choose the backup file: it ends in .phrbackup. If it is on a stick or drive, plug that in first."
        )
        self.lead = Text(said, ink="muted", wrap=True)
        self.choose_button = OutlineButton(self.tr("Choose a &file..."), self.choose_file)
        self.file_name = Text("", "strong", wrap=True)
        for widget in (self.lead, self.file_name):
            self.column.addWidget(widget)
        self.column.addWidget(self.choose_button, 0, Qt.AlignmentFlag.AlignLeading)

    def _build_secret(self) -> None:
        hint = self.tr("The one that the record had when the backup was made.")
        self.passphrase = PassphraseField(self.tr("&Passphrase"), hint)
        self.passphrase.entered.connect(self._open)
        self.key = QLineEdit()
        self.key.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.key.returnPressed.connect(self._open)
        self.key_field = Field(
            self.tr("&Recovery key"), self.key, self.tr("The groups that you wrote down, in their order.")
        )
        self.other_way = LinkButton("", self._switch, flush=True)
        self.by_key = False
        for widget in (self.passphrase, self.key_field):
            self.column.addWidget(widget)
        self.column.addWidget(self.other_way, 0, Qt.AlignmentFlag.AlignLeading)

    def choose_file(self) -> None:
        """Asks for the backup file."""
        kinds = [self.tr("Backups (*.phrbackup)"), self.tr("All files (*)")]
        ask_file(self, self.tr("Choose a backup"), kinds, self.take_file)

    def take_file(self, path: Path) -> None:
        """Goes on with this file."""
        self.path = path
        self.file_name.setText(QDir.toNativeSeparators(str(path)))
        self.choose_button.setText(self.tr("Choose another &file..."))
        self._say_error("")
        self._show_step()
        self._edit().setFocus()

    def _switch(self) -> None:
        self.by_key = not self.by_key
        self._say_error("")
        self._show_step()
        self._edit().setFocus()

    def _show_step(self) -> None:
        """File first, then what opens it."""
        chosen = self.path is not None
        self.file_name.setVisible(chosen)
        self.lead.setVisible(not chosen)
        self.passphrase.setVisible(chosen and not self.by_key)
        self.key_field.setVisible(chosen and self.by_key)
        self.other_way.setVisible(chosen)
        self.other_way.setText(self.tr("Use the p&assphrase") if self.by_key else self.tr("Use the re&covery key"))
        self.open_button.setEnabled(chosen)
        self.fit()

    def _edit(self) -> QLineEdit:
        return self.key if self.by_key else self.passphrase.edit

    def _open(self) -> None:
        path, typed, by_key = self.path, self._edit().text(), self.by_key
        if path is None or not typed or not self.open_button.isEnabled():
            return
        self._set_busy(True)
        self._bridge.run_query(
            lambda: self._services.backups.look_into(path, typed, by_recovery_key=by_key),
            self._show_contents,
            owner=self,
            failed=self._not_opened,
        )

    def _not_opened(self, error: Exception) -> None:
        self._set_busy(False)
        code = getattr(error, "code", "")
        if code in _OF_THE_SECRET:
            (self.key_field if self.by_key else self.passphrase).error(sentence_of(error))
            self._edit().setFocus()
            self._edit().selectAll()
            self.fit()
        else:
            self._tell(error)

    # --- what is in it, and where to put it

    def _show_contents(self, contents: BackupContents) -> None:
        self._set_busy(False)
        self.contents = contents
        for widget in (self.lead, self.passphrase, self.key_field, self.other_way, self.choose_button):
            widget.hide()
        when = moment_words(contents.created, self._services.clock)
        self.title.setText(fill(self.tr("Backup of %1"), when))
        column = QVBoxLayout(self.choice)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_L)
        for widget in (self._contents_card(contents), *self._places(contents), self._consequences(contents)):
            column.addWidget(widget)
        self.choice.show()
        self.restore_button = PrimaryButton(self.tr("&Restore"), self._restore)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.restore_button])
        self.restore_button.setFocus()
        self.fit()
        announce(self, self.title.text())

    def _contents_card(self, contents: BackupContents) -> Card:
        number = QLocale().toString
        card = Card(self.tr("In this backup"))
        card.add_row(Row(self.tr("People"), value=number(contents.people)))
        card.add_row(Row(self.tr("Portals and other sources"), value=number(contents.sources)))
        card.add_row(Row(self.tr("Records"), value=number(contents.records)))
        card.add_row(Row(self.tr("Documents"), value=number(contents.documents)))
        return card

    def _places(self, contents: BackupContents) -> list[QWidget]:
        folder = QDir.toNativeSeparators(str(self.folder))
        where = Text(fill(self.tr("The folder: %1"), folder), "small", "muted", wrap=True)
        if not contents.is_of_present_vault:
            return [where]
        self.beside = RadioButton(self.tr("Into a folder of its &own, beside what is here now"))
        self.in_place = RadioButton(self.tr("In the place of what is &here now"))
        group = QButtonGroup(self)
        for button in (self.beside, self.in_place):
            group.addButton(button)
        self.beside.setChecked(True)
        self.beside.toggled.connect(where.setVisible)
        return [self.beside, where, self.in_place]

    def _consequences(self, contents: BackupContents) -> Text:
        said = self.tr(
            "The restored record opens with what opens this backup. Its portals ask you to sign in again, and requests"
            " that were waiting to be sent are held for you to look at, so that nothing is sent twice."
        )
        if contents.is_of_present_vault:
            more = self.tr("In either case what is here now is kept; in its place, for at least 7 days.")
            said = f"{said} {more}"
        return Text(said, "small", "muted", wrap=True)

    # --- restoring

    def _restore(self) -> None:
        path, typed, by_key = self.path, self._edit().text(), self.by_key
        if path is None or self._work is not None:
            return
        in_place, backups, folder = self._is_in_place(), self._services.backups, self.folder

        def work(running: Work) -> Path | None:
            how: dict[str, Any] = {
                "by_recovery_key": by_key,
                "progress": running.progress,
                "cancelled": running.cancelled,
            }
            if in_place:
                backups.restore_in_place(path, typed, **how)
                return None
            backups.restore_beside(path, typed, folder, **how)
            self._services.turn_to(folder)
            return folder

        self._set_busy(True)
        self.progress.restart(self.tr("Restoring..."))
        self._show_running(True)
        self._work = self._bridge.run_work(
            work, self._done, on_progress=self._count, owner=self, failed=self._not_restored
        )

    def _show_running(self, running: bool) -> None:
        """Nothing but how far it is, with its own Cancel, while it runs."""
        self.progress.setVisible(running)
        self.choice.setHidden(running)
        self._foot.setHidden(running)
        self.fit()

    def _is_in_place(self) -> bool:
        return self.contents is not None and self.contents.is_of_present_vault and self.in_place.isChecked()

    def _count(self, done: int, total: int) -> None:
        said = fill(self.tr("Restoring and checking: %1 %"), round(100 * done / max(total, 1)))
        self.progress.show_count(said, done // 1000, max(total // 1000, 1))

    def _done(self, folder: Path | None) -> None:
        self._work = None
        self._is_done, self._turned_to = True, folder
        self._forget_secret()
        for place in range(1, self.column.count()):
            if (widget := self.column.itemAt(place).widget()) is not None:
                widget.hide()
        self.title.setText(self.tr("The record is restored"))
        said = self.tr("It was checked and is whole. Unlock it with the passphrase that the backup was made under.")
        if folder is not None and self._former is not None:
            former = QDir.toNativeSeparators(str(self._former))
            said = f"{said} {fill(self.tr('What was here before stays as it was, in %1'), former)}"
        self.column.insertWidget(1, Text(said, wrap=True))
        self._foot.show()
        go_on = PrimaryButton(self.tr("Go to &Unlock"), self._leave)
        self.set_buttons([go_on])
        go_on.setFocus()
        self.fit()
        announce(self, self.title.text())

    def _leave(self) -> None:
        self.restored.emit(self._turned_to)
        self.accept()

    def _not_restored(self, error: Exception) -> None:
        self._work = None
        self._show_running(False)
        self._set_busy(False)
        if getattr(error, "code", "") == "cancelled":
            self.reject()
        else:
            self._tell(error)

    # --- both

    def _tell(self, error: Exception) -> None:
        if getattr(error, "code", ""):
            self._say_error(sentence_of(error))
        else:
            self._problems.show(error)

    def _say_error(self, said: str) -> None:
        self.error.setText(said)
        self.error.setVisible(bool(said))
        self.passphrase.error("")
        self.key_field.error("")
        self.fit()
        if said:
            announce(self, said, at_once=True)

    def _set_busy(self, busy: bool) -> None:
        for widget in (self.passphrase, self.key_field, self.other_way, self.choose_button, self._main_button()):
            widget.setEnabled(not busy)
        if busy:
            self._say_error("")

    def _main_button(self) -> QWidget:
        return self.restore_button if self.contents is not None else self.open_button

    def _forget_secret(self) -> None:
        self.passphrase.clear()
        self.key.clear()
