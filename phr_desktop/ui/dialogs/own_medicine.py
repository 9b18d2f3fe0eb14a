"""A medicine, an over-the-counter product or a supplement that the person adds, in their own words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from phr_desktop.clock import Clock
from phr_desktop.domain.medicines import OwnMedicine
from phr_desktop.domain.people import Person
from phr_desktop.ui import words
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.file_dialogs import ask_file
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pictures import small_photo
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.text import Text

PHOTO_HEIGHT = 120  # pixels at 100 %


class OwnMedicineDialog(CalmDialog):
    """`written` gets the entry, and whether the photo is the one that was there. `entry` None: a new one."""

    def __init__(
        self,
        clock: Clock,
        bridge: Bridge,
        person: Person,
        entry: OwnMedicine | None,
        written: Callable[[OwnMedicine, bool], object],
        parent: QWidget | None,
    ) -> None:
        add, edit = self.tr("Add a medicine of your own"), self.tr("Edit this medicine")
        super().__init__(add if entry is None else edit, parent, person=person)
        self._clock, self._bridge, self._written = clock, bridge, written
        self._photo = None if entry is None else entry.photo
        self._keeps_photo = self._photo is not None
        self._until = None if entry is None else entry.until
        if entry is None:
            said = self.tr("Also what needs no prescription: vitamins, pain relief, herbs, creams.")
            self.column.addWidget(Text(said, "body", "muted", wrap=True))
        self.name = self._line(self.tr("&Name"), self.tr("As on the package."), entry and entry.name)
        self.strength = self._line(self.tr("&Strength"), self.tr("For example 500 mg."), entry and entry.strength)
        self.form = self._line(self.tr("&Form"), self.tr("For example tablet, drops, cream."), entry and entry.form)
        self.reason = self._line(self.tr("What it is f&or"), "", entry and entry.reason)
        self.how = self._line(
            self.tr("&How you take it"), self.tr("In your own words. No reminder comes from it."), entry and entry.how
        )
        self.since = self._line(self.tr("S&ince when"), self._since_hint(), entry and entry.since)
        self.since.edit.textChanged.connect(self._say_back)
        self.name.edit.textChanged.connect(lambda: self.name.error(""))
        self._add_photo()
        self.column.addStretch(1)
        self.save = PrimaryButton(self.tr("S&ave"), self._save)
        self.save.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.save])
        self.name.edit.setFocus()
        self.fit()

    def _line(self, label: str, hint: str, value: str | None) -> Field:
        line = QLineEdit(value or "")
        field = Field(label, line, hint)
        self.column.addWidget(field)
        return field

    def _add_photo(self) -> None:
        self.column.addWidget(Text(self.tr("Photo"), "strong"))
        self.picture = QLabel()
        self.picture.setAccessibleName(self.tr("The photo"))
        self.column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignLeading)
        self.photo_words = Text("", "small", "muted", wrap=True)
        self.column.addWidget(self.photo_words)
        self.choose = OutlineButton("", self._choose_photo)
        self.remove = OutlineButton(self.tr("&Remove the photo"), lambda: self._set_photo(None))
        self.column.addWidget(in_line(self.choose, self.remove))
        self._show_photo()

    def _choose_photo(self) -> None:
        ask_file(self, self.tr("Choose a photo"), [self.tr("Pictures (*.jpg *.jpeg *.png)")], self.take_photo)

    def take_photo(self, path: Path) -> None:
        """Reads the picture on a worker and shows it; what cannot be read is said in its place."""
        self._bridge.run_query(
            lambda: small_photo(path), self._set_photo, owner=self,
            failed=lambda error: self.photo_words.setText(sentence_of(error)),
        )  # fmt: skip

    def _set_photo(self, photo: bytes | None) -> None:
        self._photo, self._keeps_photo = photo, False
        self._show_photo()
        self.fit()

    def _show_photo(self) -> None:
        image = QImage.fromData(self._photo) if self._photo else QImage()
        has = not image.isNull()
        if has:
            height = Theme.current().px(PHOTO_HEIGHT)
            self.picture.setPixmap(
                QPixmap.fromImage(image.scaledToHeight(height, Qt.TransformationMode.SmoothTransformation))
            )
        self.picture.setVisible(has)
        self.remove.setVisible(has)
        self.choose.setText(self.tr("Choose another &photo...") if has else self.tr("Choose a &photo..."))
        self.photo_words.setText(
            self.tr("Kept encrypted with your record.")
            if has
            else self.tr("Of the package or the pill. It is kept encrypted with your record.")
        )

    def _since_hint(self) -> str:
        return fill(self.tr("May stay empty. For example %1 or 2024."), words.fhir_date_words("2024-05-17"))

    def _say_back(self, text: str) -> None:
        read = words.read_birth_date(text, self._clock)
        self.since.hint(self._since_hint() if read is None else words.fhir_date_words(read))

    def _save(self) -> None:
        written = self.since.edit.text().strip()
        since = words.read_birth_date(written, self._clock) if written else None
        if not self.name.edit.text().strip():
            self.name.error(self.tr("Write what the medicine is called."))
            self.name.edit.setFocus()
            return
        if written and since is None:
            self.since.error(fill(self.tr("Write a day that is over, such as %1, or a year."),
                                  words.fhir_date_words("2024-05-17")))  # fmt: skip
            self.since.edit.setFocus()
            return
        texts = [field.edit.text() for field in (self.name, self.strength, self.form, self.reason, self.how)]
        self._written(OwnMedicine(*texts, since=since, until=self._until, photo=self._photo), self._keeps_photo)
        self.accept()
