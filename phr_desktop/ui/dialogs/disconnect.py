"""Leaving a portal: what stops, what stays, and what the portal is told, before anything is done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.people import Person, Source
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text


class Disconnect(CalmDialog):
    """Two ways to leave, each explained; the main button stays. An answer closes the dialog first."""

    def __init__(
        self,
        source: Source,
        person: Person,
        parent: QWidget | None,
        *,
        disconnect: Callable[[], object],
        remove: Callable[[], object],
    ) -> None:
        title = QCoreApplication.translate("Disconnect", "Disconnect this portal?")
        super().__init__(title, parent, person=person)
        self.column.addWidget(Text(source.name, "section", wrap=True))
        self.said = Text(
            self.tr(
                "Nothing new comes any more. The portal is asked to take its permission back. To connect again, you"
                " sign in again."
            ),
            wrap=True,
        )
        self.column.addWidget(self.said)
        card = Card()
        self.disconnect_button = OutlineButton(self.tr("&Disconnect"), lambda: self._answer(disconnect))
        self.remove_button = OutlineButton(self.tr("&Remove data..."), lambda: self._answer(remove))
        card.add_row(
            Row(
                self.tr("Disconnect, and keep what came"),
                self.tr("Everything that came from it stays here, and stays readable."),
                wrap=True,
                right=[self.disconnect_button],
            )
        )
        card.add_row(
            Row(
                self.tr("Disconnect, and remove what came"),
                self.tr("You are shown first what goes. What the clinic keeps stays there."),
                wrap=True,
                right=[self.remove_button],
            )
        )
        self.column.addWidget(card)
        self.column.addStretch(1)
        stay = PrimaryButton(self.tr("&Stay connected"), self.reject)
        self.set_buttons([stay])
        stay.setFocus()
        self.fit()

    def _answer(self, answer: Callable[[], object]) -> None:
        self.accept()
        answer()
