"""Why a dose is skipped: one of the usual reasons, another one, or none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QWidget

from phr_desktop.domain.people import Person
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import RadioButton


class SkipDose(CalmDialog):
    """`skipped` gets the reason, None where the person gives none."""

    def __init__(
        self, about: str, skipped: Callable[[str | None], object], parent: QWidget | None, *, person: Person | None
    ) -> None:
        super().__init__(parent.tr("Skip this dose") if parent else "Skip this dose", parent, person=person)
        self._skipped = skipped
        self.column.addWidget(Text(about, "strong", wrap=True))
        self.group = QButtonGroup(self)
        self.reasons: list[RadioButton] = []
        for words in (
            self.tr("No reason given"),
            self.tr("The doctor or pharmacist said so"),
            self.tr("It made me feel unwell"),
            self.tr("There was none left"),
            self.tr("Too late for this dose"),
        ):
            self._add(words)
        self.other_choice = self._add(self.tr("Another reason"))
        self.other = QLineEdit()
        self.other_field = Field(self.tr("&Reason"), self.other)
        self.other_field.setEnabled(False)
        self.reasons[0].setChecked(True)
        self.other_choice.toggled.connect(self._other)
        self.column.addWidget(self.other_field)
        self.column.addStretch(1)
        self.skip_button = PrimaryButton(self.tr("&Skip it"), self._skip)
        self.skip_button.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.skip_button])
        self.reasons[0].setFocus()
        self.fit()

    def _add(self, words: str) -> RadioButton:
        button = RadioButton(words)
        self.group.addButton(button)
        self.reasons.append(button)
        self.column.addWidget(button)
        return button

    def _other(self, wanted: bool) -> None:
        self.other_field.setEnabled(wanted)
        if wanted:
            self.other.setFocus()

    def _skip(self) -> None:
        button = self.group.checkedButton()
        if button is self.other_choice:
            reason = " ".join(self.other.text().split()) or None
        else:
            reason = None if button is self.reasons[0] else button.text()
        self._skipped(reason)
        self.accept()
