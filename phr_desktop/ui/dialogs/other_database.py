"""Explains what a database in the record's folder may be that its key files do not name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QDir
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.text import Text


class OtherDatabase(CalmDialog):
    """Changes nothing. `restore` is called where a backup is to be restored."""

    def __init__(self, databases: Sequence[Path], restore: Callable[[], None], parent: QWidget | None) -> None:
        super().__init__("", parent)
        self._restore = restore
        self.setWindowTitle(self.tr("Is this your newest record?"))
        self.title.setText(self.tr("Is this your newest record?"))
        place = QDir.toNativeSeparators(str(databases[0].parent))
        names = ", ".join(path.name for path in databases)
        self.words = (
            fill(
                self.tr(
                    "Another database lies in the folder %1: %2. Your record does not use it. It was kept, and nothing"
                    " in it was changed."
                ),
                place,
                names,
            ),
            self.tr(
                "That happens where the key files (vault.hdr and vault.hdr2) of an older copy were put back. What you"
                " see may then be older than what you had. Check the list of medicines against your papers."
            ),
            self.tr(
                "If something is missing: lock the record and put the newer key files back, or restore a backup. If"
                " nothing is missing, you need not do anything."
            ),
        )
        for said in self.words:
            self.column.addWidget(Text(said, wrap=True))
        self.column.addStretch(1)
        self.close_button = PrimaryButton(self.tr("&Close"), self.reject)
        self.set_buttons([OutlineButton(self.tr("&Restore a backup..."), self._go), self.close_button])
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.close_button.setFocus()
        announce(self, " ".join((self.title.text(), *self.words)))

    def _go(self) -> None:
        self.accept()
        self._restore()
