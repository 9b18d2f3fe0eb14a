"""Name, birth date and relation of someone whose record this will be."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from phr_desktop.clock import Clock
from phr_desktop.errors import PhrError
from phr_desktop.ui import words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.tokens import SPACE_L
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.toggles import Choice


class PersonForm(QWidget):
    """The birth date is said back in words, since 5/4 is read differently in different places."""

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.name = QLineEdit()
        self.birth_date = QLineEdit()
        self.relation = Choice()
        for label, word in _relations(self):
            self.relation.addItem(label, word)
        self.name_field = Field(self.tr("&Full name"), self.name, self.tr("As on the clinic's papers."))
        example = self.tr("For example %1. It helps to tell that a file is about this person.")
        hint = fill(example, words.fhir_date_words("1949-05-04"))
        self.birth_field = Field(self.tr("Birth &date"), self.birth_date, hint)
        self._birth_hint = hint
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_L)
        column.addWidget(self.name_field)
        column.addWidget(self.birth_field)
        column.addWidget(Field(self.tr("Who is this to y&ou?"), self.relation))
        self.birth_date.textChanged.connect(self._say_back)
        self.name.textChanged.connect(lambda: self.name_field.error(""))

    def values(self) -> tuple[str, str | None, str | None] | None:
        """Name, FHIR birth date and relation; None where something is wrong, which is then said at its field."""
        name = " ".join(self.name.text().split())
        written = self.birth_date.text().strip()
        birth_date = words.read_birth_date(written, self._clock) if written else None
        if not name:
            self.name_field.error(self.tr("Write a name, so that it is always clear whose record this is."))
            self.name.setFocus()
            return None
        if written and birth_date is None:
            self.birth_field.error(self._not_a_date())
            self.birth_date.setFocus()
            return None
        return name, birth_date, self.relation.currentData()

    def show_error(self, error: PhrError) -> None:
        """Says what the vault had against it, at the field it is about."""
        field = self.birth_field if error.code == "birth-date-malformed" else self.name_field
        field.error(sentence_of(error))
        field.edit.setFocus()

    def _say_back(self, text: str) -> None:
        read = words.read_birth_date(text, self._clock)
        if read is None:
            self.birth_field.hint(self._birth_hint)
            return
        years = words.age(read, self._clock)
        said = words.fhir_date_words(read)
        self.birth_field.hint(
            said
            if years is None
            else self.tr("%1: %n years old", "", years).replace("%1", said).replace("%n", str(years))
        )

    def _not_a_date(self) -> str:
        example = words.fhir_date_words("1949-05-04")
        return self.tr("This is not a day that could be a birth date. Write it like %1 or 1949-05-04.").replace(
            "%1", example
        )


def _relations(form: QWidget) -> list[tuple[str, str | None]]:
    return [
        (form.tr("Me"), "self"),
        (form.tr("My mother"), "mother"),
        (form.tr("My father"), "father"),
        (form.tr("My wife"), "wife"),
        (form.tr("My husband"), "husband"),
        (form.tr("My partner"), "partner"),
        (form.tr("My daughter"), "daughter"),
        (form.tr("My son"), "son"),
        (form.tr("My grandmother"), "grandmother"),
        (form.tr("My grandfather"), "grandfather"),
        (form.tr("My sister"), "sister"),
        (form.tr("My brother"), "brother"),
        (form.tr("Someone I care for"), None),
    ]
