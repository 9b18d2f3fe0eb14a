"""Print the recovery kit, or save it as a PDF where the person chooses."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.clock import local_now
from phr_desktop.errors import EnvironmentProblem, PhrError
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.file_dialogs import ask_where_to_save
from phr_desktop.ui.platform import recovery_kit
from phr_desktop.ui.platform.recovery_kit import Kit
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import SPACE_S
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.text import Text


class KitButtons(QWidget):
    """Both, and a line that says what became of it."""

    def __init__(self, services: Services, bridge: Bridge) -> None:
        super().__init__()
        self._services, self._bridge = services, bridge
        self._kit: Kit | None = None
        self.print_button = OutlineButton(self.tr("&Print the recovery kit..."), self._print)
        self.save_button = OutlineButton(self.tr("Save it as P&DF..."), self._choose_file)
        self.said = Text(
            self.tr("One page with the key, a QR code and what to do. Print at home: a printer at work keeps copies."),
            "small",
            "muted",
            wrap=True,
        )
        buttons = FlowLayout(spacing=SPACE_S)
        buttons.addWidget(self.print_button)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addLayout(buttons)
        column.addWidget(self.said)

    def show_key(self, key: str) -> None:
        """The key that the kit is for; "" forgets it."""
        place = recovery_kit.place_words(self._services.settings.vault_folder)
        self._kit = Kit(key, local_now(self._services.clock), place) if key else None

    def _choose_file(self) -> None:
        title, name = self.tr("Save the recovery kit"), self.tr("recovery-kit.pdf")
        ask_where_to_save(self, title, name, self.save_to, kind=self.tr("PDF (*.pdf)"))

    def save_to(self, path: Path) -> None:
        """Writes the PDF there and nowhere else."""
        kit = self._kit
        if kit is None:
            return
        try:
            recovery_kit.save(kit, path)
        except PermissionError:
            self._failed(EnvironmentProblem("no-permission"))
        except OSError:
            self._failed(EnvironmentProblem("kit-not-saved"))
        else:
            self._say(self.tr("Saved. Print it, then delete the file, or keep it away from this computer."), "fine")

    def _print(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # asks the system for its printers

        kit = self._kit
        if kit is None:
            return
        printer = QPrinter()
        printer.setDocName(self.tr("Recovery kit"))
        recovery_kit.prepare(printer)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.print_on(printer))
        dialog.open()

    def print_on(self, printer) -> None:
        """Prints the kit on a printer that was chosen."""
        if self._kit is not None:
            recovery_kit.draw(printer, self._kit)
            self._say(self.tr("Sent to the printer. Look at the page before you go on."), "fine")

    def _failed(self, error: PhrError) -> None:
        self._say(sentence_of(error), "error")

    def _say(self, words: str, ink: str) -> None:
        self.said.setText(words)
        self.said.set_ink(ink)
        announce(self, words, at_once=ink == "error")
