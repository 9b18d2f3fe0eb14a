"""Adds files: says what is in them and asks whose record they belong to before a byte is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.people import Person
from phr_desktop.domain.reports import ImportReport
from phr_desktop.ui import words
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.kinds import kind_words
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import FilePreview, FileSubject, Services
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox, Choice

_KINDS_SHOWN = 6


class ImportFiles(CalmDialog):
    """Reads, asks, adds, and says what was added. Nothing is stored before "Add" and nothing after "Cancel"."""

    def __init__(
        self,
        services: Services,
        bridge: Bridge,
        problems: Problems,
        people: Sequence[Person],
        shown: Person | None,
        paths: Sequence[Path],
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent.tr("Add files") if parent else "Add files", parent)
        self._services, self._bridge, self._problems = services, bridge, problems
        self._people, self._shown_person, self._paths = people, shown, list(paths)
        self._work: Work | None = None
        self.preview: FilePreview | None = None
        self.report: ImportReport | None = None
        self.progress = ProgressLine(self.tr("Looking into the files..."))
        self.column.addWidget(self.progress)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject)])
        self.fit()
        bridge.run_query(
            lambda: services.files.inspect(self._paths), self._show_preview, owner=self, failed=self._failed
        )

    def reject(self) -> None:
        """Closes; while files are being added it stops that first, and closes when it has stopped."""
        if self._work is not None:
            self._work.cancel()
        else:
            super().reject()

    def lost_by_lock(self) -> str:
        if self._work is None:
            return ""
        return self.tr("Adding files was stopped. Look whether the records are there, else add the files again.")

    # --- what is in the files

    def _show_preview(self, preview: FilePreview) -> None:
        self.preview = preview
        self.progress.hide()
        self.column.addWidget(self._counts_card(preview))
        self.subject = Choice()
        for subject in preview.subjects:
            self.subject.addItem(_subject_words(self, subject), subject)
        subject_field = Field(self.tr("The files hold records of several people. &Take those of"), self.subject)
        if len(preview.subjects) <= 1:
            subject_field.hide()
        self.person = Choice()
        for person in self._people:
            self.person.addItem(f"{person.name}, {words.person_words(person.relation, person.birth_date)}", person)
        self.difference = Banner("", Tone.WARNING, dismissible=False)
        self.same_person = CheckBox(self.tr("It is the &same person: add the files all the same"))
        self.error = Text("", "body", "error", wrap=True)
        for widget in (subject_field, Field(self.tr("Add them to the &record of"), self.person), self.difference):
            self.column.addWidget(widget)
        self.column.addWidget(self.same_person)
        self.column.addWidget(self.error)
        self.column.addStretch(1)
        self.error.hide()
        self.add_button = PrimaryButton(self.tr("&Add"), self._add)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.add_button])
        self._choose_person()
        self.subject.currentIndexChanged.connect(self._choose_person)
        self.person.currentIndexChanged.connect(self._compare)
        self.same_person.toggled.connect(self._allow)
        self._compare()
        self.person.setFocus()

    def _counts_card(self, preview: FilePreview) -> Card:
        total = sum(preview.counts.values())
        number = QLocale().toString(total)
        card = Card(fill(self.tr("In these files: %1 records"), number))
        shown = sorted(preview.counts.items(), key=lambda item: -item[1])
        for kind, count in shown[:_KINDS_SHOWN]:
            card.add_row(Row(kind_words(kind), value=QLocale().toString(count)))
        rest = sum(count for _kind, count in shown[_KINDS_SHOWN:])
        if rest:
            card.add_row(Row(self.tr("Other kinds"), value=QLocale().toString(rest)))
        if preview.malformed:
            why = self.tr("They are kept aside with their text, and counted; the rest goes in.")
            card.add_row(Row(self.tr("Cannot be read"), why, value=QLocale().toString(preview.malformed)))
        return card

    def _subject(self) -> FileSubject | None:
        return self.subject.currentData()

    def _choose_person(self) -> None:
        """Picks the person whom the file can be about, the one who is shown before the others; else that one."""
        subject = self._subject()
        ids = [person.id for person in self._people]
        matching = [each for each in ids if subject is not None and each in subject.people]
        shown = [self._shown_person.id] if self._shown_person is not None else []
        wanted = matching[:1] if matching and not set(shown) & set(matching) else shown
        if wanted and wanted[0] in ids:
            self.person.setCurrentIndex(ids.index(wanted[0]))
        self._compare()

    def _compare(self) -> None:
        """Says who the file is about where that is not the person chosen."""
        subject, person = self._subject(), self.person.currentData()
        differs = subject is not None and person is not None and person.id not in subject.people
        if differs:
            said = self._difference_words(subject, person)
            self.difference.say(said)
            announce(self, said, at_once=True)
        self.difference.setVisible(differs)
        self.same_person.setVisible(differs)
        self.same_person.setChecked(False)
        self._allow()
        self.fit()

    def _difference_words(self, subject: FileSubject, person: Person) -> str:
        if subject.name is not None or subject.birth_date is not None:
            sentence = self.tr("These files are about %1, not %2. Check that you chose the right person.")
            same_name = subject.name == person.name and person.birth_date
            whose = _born(self, person.name, person.birth_date) if same_name else person.name
            return fill(sentence, _subject_words(self, subject), whose)
        sentence = self.tr(
            "These files name nobody. They are about %1, and the files added for %2 so far are not. Check that you"
            " chose the right person."
        )
        return fill(sentence, subject.reference, person.name)

    def _allow(self) -> None:
        blocked = self.same_person.isVisibleTo(self) and not self.same_person.isChecked()
        self.add_button.setEnabled(not blocked and self.person.currentData() is not None)

    # --- adding

    def _add(self) -> None:
        person: Person = self.person.currentData()
        subject = self._subject()
        several = self.preview is not None and len(self.preview.subjects) > 1
        accept = self.same_person.isVisibleTo(self) and self.same_person.isChecked()
        for place in range(1, self.column.count()):
            if (widget := self.column.itemAt(place).widget()) is not None:
                widget.hide()
        self.title.setText(fill(self.tr("Adding to %1's record"), person.name))
        self.progress = ProgressLine(self.tr("Starting..."), self.reject)
        self.column.insertWidget(1, self.progress)
        self.set_buttons([])
        self._work = self._bridge.run_work(
            lambda work: self._services.files.add(
                self._paths,
                person.id,
                progress=work.progress,
                cancelled=work.cancelled,
                accept_name_mismatch=accept,
                patient=subject.reference if several and subject is not None else None,
            ),
            self._done,
            on_progress=self._count,
            owner=self,
            failed=self._failed,
        )

    def _count(self, done: int, total: int) -> None:
        number = QLocale().toString
        said = fill(self.tr("%1 of %2 records"), number(done), number(total))
        self.progress.show_count(said if total else fill(self.tr("%1 records"), number(done)), done, total)

    def _done(self, report: ImportReport) -> None:
        self._work = None
        self.report = report
        applied, number = report.applied, QLocale().toString
        self.title.setText(self.tr("Files added"))
        self.progress.hide()
        card = Card()
        card.add_row(Row(self.tr("New"), value=number(applied.added)))
        card.add_row(Row(self.tr("Changed"), value=number(applied.updated)))
        card.add_row(Row(self.tr("Already here"), value=number(applied.unchanged)))
        if applied.quarantined:
            why = self.tr("Kept aside with their text; shown to nobody.")
            card.add_row(Row(self.tr("Could not be read"), why, value=number(applied.quarantined)))
        if report.left_out:
            why = self.tr("They are about other people in these files, or do not say about whom.")
            card.add_row(Row(self.tr("Left out"), why, value=number(report.left_out)))
        if report.pages:
            why = self.tr("They are one page of a longer answer. What comes on the pages after it is not in them.")
            card.add_row(Row(self.tr("Files that are not the whole"), why, value=number(report.pages)))
        self.column.insertWidget(1, card)
        close = PrimaryButton(self.tr("&Close"), self.accept)
        self.set_buttons([close])
        close.setFocus()
        self.fit()
        announce(self, f"{self.title.text()}: {number(applied.added)}")

    def _failed(self, error: Exception) -> None:
        self._work = None
        code = getattr(error, "code", "")
        if code == "cancelled":
            super().reject()
            return
        self.title.setText(self.tr("Nothing was added"))
        self.progress.hide()
        if not code:
            self._problems.show(error)
            super().reject()
            return
        said = Text(self._say(error), wrap=True)
        self.column.insertWidget(1, said)
        close = PrimaryButton(self.tr("&Close"), super().reject)
        self.set_buttons([close])
        close.setFocus()
        self.fit()
        announce(self, said.text(), at_once=True)

    def _say(self, error: Exception) -> str:
        key = {"other-person-file": "found", "unknown-patient-file": "patient"}.get(getattr(error, "code", ""))
        if key is None:
            return sentence_of(error)
        found, person = (str(error.parameters.get(each, "")) for each in (key, "person"))
        said = self.tr("These files are about %1, not %2. Nothing was added.")
        return fill(said, found, person)


def _subject_words(dialog: QWidget, subject: FileSubject) -> str:
    name = subject.name or fill(dialog.tr("someone without a name (%1)"), subject.reference)
    return _born(dialog, name, subject.birth_date)


def _born(dialog: QWidget, name: str, birth_date: str | None) -> str:
    return fill(dialog.tr("%1, born %2"), name, words.fhir_date_words(birth_date)) if birth_date else name
