"""What the person knows of a medicine's refills better than the program; shown as theirs until the next fill."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.medicines import MedicineLine, RefillNote
from phr_desktop.domain.people import Person
from phr_desktop.domain.words import WEEKDAYS
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.tokens import SPACE_M
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.dose_fields import day_field, day_text
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox


class RefillNoteDialog(CalmDialog):
    """`noted` gets the note, and the days of the week on which the pharmacy is closed (Monday 0)."""

    def __init__(
        self,
        person: Person,
        line: MedicineLine,
        closed: frozenset[int],
        noted: Callable[[RefillNote, frozenset[int]], object],
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent.tr("Correct this") if parent else "Correct this", parent, person=person)
        self._noted = noted
        self.column.addWidget(Text(title_words(line.title), "section", wrap=True))
        self.runs_out = day_field(
            self.tr("It &lasts until"), self.tr("Leave it empty to go by the fills. It holds until the next fill.")
        )
        self.pays_from = day_field(
            self.tr("The &plan pays from"), self.tr("As the plan or the pharmacy told you. May stay empty.")
        )
        self.mail_order = CheckBox(self.tr("It comes by &mail: ask two weeks ahead"))
        for widget in (self.runs_out, self.pays_from, self.mail_order):
            self.column.addWidget(widget)
        self.column.addWidget(Text(self.tr("The pharmacy is closed on"), "strong", wrap=True))
        self.closed = [CheckBox(name) for name in WEEKDAYS]
        for day, box in enumerate(self.closed):
            box.setChecked(day in closed)
        self.column.addWidget(in_line(*self.closed, spacing=SPACE_M))
        said = self.tr("This holds for all medicines. Where it is closed you are reminded earlier, never later.")
        self.column.addWidget(Text(said, "small", "muted", wrap=True))
        self.column.addStretch(1)
        self._show(line.note)
        self.save = PrimaryButton(self.tr("&Save"), self._save)
        self.save.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.save])
        self.runs_out.line.setFocus()
        self.fit()

    def _show(self, note: RefillNote) -> None:
        for field, day in ((self.runs_out, note.runs_out), (self.pays_from, note.pays_from)):
            field.set_text("" if day is None else day_text(day))
        self.mail_order.setChecked(note.mail_order)

    def _save(self) -> None:
        for field in (self.runs_out, self.pays_from):
            if field.value() is None and not field.is_empty():
                field.complain()
                return
        note = RefillNote(self.runs_out.value(), self.pays_from.value(), self.mail_order.isChecked())
        closed = frozenset(day for day, box in enumerate(self.closed) if box.isChecked())
        self._noted(note, closed)
        self.accept()
