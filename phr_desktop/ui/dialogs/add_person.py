"""Adds another person to the vault."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from phr_desktop.errors import PhrError
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.person_form import PersonForm
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.services import PersonAdded, Services
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.text import Text


class AddPerson(CalmDialog):
    """`added` carries the new person's id."""

    added = Signal(int)

    def __init__(self, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None) -> None:
        super().__init__(self.tr("Add a person"), parent)
        self._services, self._bridge, self._problems = services, bridge, problems
        self.form = PersonForm(services.clock)
        self.column.addWidget(
            Text(
                self.tr(
                    "Whoever knows this passphrase sees everyone in this record. Ask an adult or a teenager first."
                ),
                "body",
                "muted",
                wrap=True,
            )
        )
        self.column.addWidget(self.form)
        self.column.addStretch(1)
        self.add_button = PrimaryButton(self.tr("&Add"), self._add)
        self.add_button.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.add_button])
        self.form.name.setFocus()
        self.fit()

    def _add(self) -> None:
        values = self.form.values()
        if values is None:
            return
        self.add_button.setEnabled(False)
        self._bridge.run_action(lambda: self._services.add_person(*values), self._done, owner=self, failed=self._failed)

    def _done(self, added: PersonAdded) -> None:
        self.added.emit(added.person)
        self.accept()

    def _failed(self, error: Exception) -> None:
        self.add_button.setEnabled(True)
        if isinstance(error, PhrError):
            self.form.show_error(error)
        else:
            self._problems.show(error)
