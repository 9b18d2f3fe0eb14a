"""An allergy that the person adds, in their own words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from phr_desktop.domain.medicines import OwnAllergy
from phr_desktop.domain.people import Person
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox, Choice


class OwnAllergyDialog(CalmDialog):
    """`written` gets the entry. `entry` None: a new one."""

    def __init__(
        self, person: Person, entry: OwnAllergy | None, written: Callable[[OwnAllergy], object], parent: QWidget | None
    ) -> None:
        add, edit = self.tr("Add an allergy"), self.tr("Edit this allergy")
        super().__init__(add if entry is None else edit, parent, person=person)
        self._written = written
        entry = entry or OwnAllergy("")
        said = self.tr("It is marked as said by you. Tell your clinic too, so that it stands in its record.")
        self.column.addWidget(Text(said, ink="muted", wrap=True))
        self.substance = self._line(
            self.tr("&What to"), self.tr("For example penicillin, peanuts, bee stings."), entry.substance
        )
        self.reaction = self._line(
            self.tr("What &happens"), self.tr("For example a rash. May stay empty."), entry.reaction
        )
        self.kind = Choice()
        for words, category in (
            (self.tr("Not said"), ""),
            (self.tr("A medicine"), "medication"),
            (self.tr("A food"), "food"),
            (self.tr("Something around you"), "environment"),
        ):
            self.kind.addItem(words, category)
        self.kind.setCurrentIndex(max(0, self.kind.findData(entry.category)))
        self.column.addWidget(Field(self.tr("What &kind"), self.kind))
        self.severe = CheckBox(self.tr("It can be &dangerous"))
        self.severe.setChecked(entry.severe)
        self.column.addWidget(self.severe)
        self.column.addStretch(1)
        self.save = PrimaryButton(self.tr("S&ave"), self._save)
        self.save.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.save])
        self.substance.edit.textChanged.connect(lambda: self.substance.error(""))
        self.substance.edit.setFocus()
        self.fit()

    def _line(self, label: str, hint: str, value: str) -> Field:
        field = Field(label, QLineEdit(value), hint)
        self.column.addWidget(field)
        return field

    def _save(self) -> None:
        substance, reaction = self.substance.edit.text(), self.reaction.edit.text()
        if not substance.strip():
            self.substance.error(self.tr("Write what the allergy is to."))
            self.substance.edit.setFocus()
            return
        self._written(OwnAllergy(substance, reaction, self.kind.currentData(), self.severe.isChecked()))
        self.accept()
