"""The calendar file of the person shown: what goes in, in which words, and where it is kept up to date."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from phr_desktop.actions.calendars import SUFFIX, choose_contents, keep_file, stop_keeping_file
from phr_desktop.domain.calendars import CalendarChoice, CalendarKind
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.words import count_words
from phr_desktop.queries.calendars import calendar_choice
from phr_desktop.sentences import sentence
from phr_desktop.ui.file_dialogs import ask_folder, ask_where_to_save
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.tokens import SPACE_XS, Tone
from phr_desktop.ui.widgets import Banner, Card, CheckBox, OutlineButton, PrimaryButton, RadioButton, Text
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.words import moment_words


class CalendarSection(SettingsSection):
    """What is chosen holds for the person shown, and for both kinds of file."""

    topics = frozenset({Topic.SETTINGS})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.choice = CalendarChoice()
        self._build_contents(self.add(Card(self.tr("A calendar file for another program"))))
        self._build_kept(self.add(Card(self.tr("A file that is kept up to date"))))
        self._build_import(self.add(Card(self.tr("Appointments from a clinic's mail"))))
        self._show(self.choice)

    def refresh(self) -> None:
        services, person = self.context.services, self.context.person
        if person is None:
            return
        vault, clock = services.vault, services.clock

        def take(choice: CalendarChoice) -> None:
            if self.context.person is not None and self.context.person.id == person.id:
                self._show(choice)

        self.context.bridge.run_query(lambda: calendar_choice(vault, clock, person.id), take, owner=self)

    def clear(self) -> None:
        self._show(CalendarChoice())
        self.whose.setText("")

    # --- built once

    def _build_contents(self, card: Card) -> None:
        self.whose = card.add(Text("", "strong", wrap=True))
        card.add(Banner(sentence("calendar-not-encrypted"), Tone.WARNING, dismissible=False))
        self.kinds = {
            CalendarKind.VISIT: CheckBox(self.tr("Appointments")),
            CalendarKind.DOSE: CheckBox(self.tr("Times of medicines")),
            CalendarKind.REFILL: CheckBox(self.tr("Refill days")),
            CalendarKind.TEST: CheckBox(self.tr("Tests that are due")),
            CalendarKind.VACCINE: CheckBox(self.tr("Vaccines that are due")),
            CalendarKind.MEASUREMENT: CheckBox(self.tr("Measurements at home")),
        }
        card.add(self._group(self.tr("What goes in"), list(self.kinds.values())))
        self.discreet = RadioButton(self.tr("Discreet: \u201cAppointment\u201d, \u201cMedicine\u201d, no names"))
        self.full = RadioButton(self.tr("Full: who it is for, which medicine, which clinic"))
        group = QButtonGroup(self)
        for button in (self.discreet, self.full):
            group.addButton(button)
        card.add(self._group(self.tr("In which words"), [self.discreet, self.full]))
        for button in (*self.kinds.values(), self.discreet, self.full):
            button.clicked.connect(self._choose)
        self.save_button = PrimaryButton(self.tr("Sa&ve a calendar file..."), self.ask_file)
        card.add(in_line(self.save_button))

    def _build_kept(self, card: Card) -> None:
        self.kept = card.add(Text("", wrap=True))
        self.problem = card.add(Banner("", Tone.WARNING, dismissible=False))
        self.folder_button = OutlineButton("", self.ask_folder)
        self.stop_button = OutlineButton(self.tr("Stop &keeping it"), self.stop)
        card.add(in_line(self.folder_button, self.stop_button))
        said = self.tr(
            "It is written anew whenever something in it changes, while the record is unlocked; while it is locked the"
            " file stays as it was. Open it, or subscribe to it, in your calendar. The calendar rings by itself: with"
            " the reminders of this program you may hear it twice."
        )
        card.add(Text(said, "small", "muted", wrap=True))

    def _build_import(self, card: Card) -> None:
        said = self.tr(
            "Save the file that came with the mail (it ends in .ics), and add it here. A newer one moves or calls off"
            " the same appointment."
        )
        card.add(Text(said, wrap=True))
        card.add(in_line(OutlineButton(self.tr("Add a calendar file..."), self.context.import_files)))

    def _group(self, title: str, buttons: list[QWidget]) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addWidget(Text(title, "strong"))
        for button in buttons:
            button.setAccessibleName(f"{title}: {button.text().replace('&', '')}")
            column.addWidget(button)
        return box

    # --- shown anew

    def _show(self, choice: CalendarChoice) -> None:
        self.choice = choice
        person = self.context.person
        self.whose.setText(fill(self.tr("For %1"), person.name) if person is not None else "")
        for kind, box in self.kinds.items():
            box.setChecked(kind in choice.kinds)
        self.full.setChecked(choice.full_words)
        self.discreet.setChecked(not choice.full_words)
        self.save_button.setEnabled(person is not None and bool(choice.kinds))
        self.folder_button.setEnabled(person is not None)
        self._show_kept(choice)

    def _show_kept(self, choice: CalendarChoice) -> None:
        file, clock = choice.file, self.context.services.clock
        if file is None:
            self.kept.setText(self.tr("No file is kept."))
        elif choice.written_at is None:
            self.kept.setText(fill(self.tr("%1, not written yet"), _native(file)))
        else:
            when = moment_words(choice.written_at, clock)
            self.kept.setText(fill(self.tr("%1, written %2"), _native(file), when))
        again = self.tr("Choose another &folder...")
        self.folder_button.setText(self.tr("Choose a &folder...") if file is None else again)
        self.stop_button.setVisible(file is not None)
        self.problem.setVisible(choice.failure is not None)
        if choice.failure is not None:
            self.problem.say(fill(self.tr("The file is not up to date. %1"), sentence(choice.failure, folder="")))

    # --- verbs

    def _choose(self) -> None:
        person, services = self.context.person, self.context.services
        if person is None:
            return
        vault, clock = services.vault, services.clock
        kinds = [kind for kind, box in self.kinds.items() if box.isChecked()]
        full = self.full.isChecked()
        self.save_button.setEnabled(bool(kinds))
        self.context.bridge.run_action(
            lambda: choose_contents(vault, clock, person.id, kinds, full_words=full), owner=self
        )

    def ask_file(self) -> None:
        """Asks where the calendar file goes."""
        title, kind = self.tr("Save a calendar file"), self.tr("Calendar files (*.ics)")
        ask_where_to_save(self.window(), title, f"calendar{SUFFIX}", self.save, kind=kind)

    def save(self, target: Path) -> None:
        """Writes the file there."""
        person, services = self.context.person, self.context.services
        if person is None:
            return

        def said(count: int) -> None:
            entries = count_words(count, self.tr("entry"), self.tr("entries"))
            self.context.say(fill(self.tr("Calendar file saved: %1. It is not encrypted."), entries))

        self.context.bridge.run_query(lambda: services.files.export_calendar(person.id, target), said, owner=self)

    def ask_folder(self) -> None:
        """Asks for the folder in which the file is kept up to date."""
        ask_folder(self.window(), self.tr("Folder for the calendar file"), self.keep_in)

    def keep_in(self, folder: Path) -> None:
        """From now on the file is kept there."""
        person, services = self.context.person, self.context.services
        if person is not None:
            vault, clock = services.vault, services.clock
            self.context.bridge.run_action(lambda: keep_file(vault, clock, person.id, folder), owner=self)

    def stop(self) -> None:
        """The file is written no more, and says where it still lies."""
        person, services, file = self.context.person, self.context.services, self.choice.file
        if person is None or file is None:
            return
        vault, clock = services.vault, services.clock
        said = fill(self.tr("%1 is written no more. Remove the file if you do not need it."), file.name)
        self.context.bridge.run_action(
            lambda: stop_keeping_file(vault, clock, person.id), lambda _change: self.context.say(said), owner=self
        )


def _native(path: Path) -> str:
    return QDir.toNativeSeparators(str(path))
