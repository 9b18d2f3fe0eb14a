"""Many records of a kind are no longer at a portal, all at once: the person says what is right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.people import Person, Source
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text


class SettleHeld(CalmDialog):
    """`what` says how many of which kind; `ask_again` is None for a portal that is disconnected.

    Nothing is deleted by any answer; each closes the dialog first.
    """

    def __init__(
        self,
        source: Source,
        person: Person,
        what: str,
        parent: QWidget | None,
        *,
        ask_again: Callable[[], object] | None,
        mark: Callable[[], object],
        keep: Callable[[], object],
    ) -> None:
        title = QCoreApplication.translate("SettleHeld", "No longer at the portal?")
        super().__init__(title, parent, person=person)
        said = fill(
            self.tr(
                "%1 gave these before: %2. It does not list them any more. Clinics seldom take so many away at once, so"
                " it may be a fault of the portal. Nothing was changed here, and no answer deletes anything."
            ),
            source.name,
            what,
        )
        self.column.addWidget(Text(said, wrap=True))
        card = Card()
        self.ask_button = OutlineButton(self.tr("&Ask again"), lambda: self._answer(ask_again))
        self.mark_button = OutlineButton(self.tr("&Mark them"), lambda: self._answer(mark))
        self.keep_button = OutlineButton(self.tr("&Keep them"), lambda: self._answer(keep))
        for words, detail, button in (
            (
                self.tr("Ask the portal again"),
                self.tr("It is asked for all of them now. If they are there, this question goes by itself."),
                self.ask_button,
            ),
            (
                self.tr("The portal is right"),
                self.tr('They stay here, marked as "no longer at the portal".'),
                self.mark_button,
            ),
            (
                self.tr("Keep them as they are"),
                self.tr("They stay unmarked, and you are not asked about them again."),
                self.keep_button,
            ),
        ):
            if button is not self.ask_button or ask_again is not None:
                card.add_row(Row(words, detail, wrap=True, right=[button]))
        self.column.addWidget(card)
        self.column.addStretch(1)
        later = PrimaryButton(self.tr("&Decide later"), self.reject)
        self.set_buttons([later])
        later.setFocus()
        self.fit()

    def _answer(self, answer: Callable[[], object] | None) -> None:
        self.accept()
        if answer is not None:
            answer()
