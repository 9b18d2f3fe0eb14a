"""Removing people, what came from a source, or the whole record from this computer."""

from __future__ import annotations

from phr_desktop.ui.dialogs.remove import RemoveRecord
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.widgets import Card, OutlineButton, Row


class RemoveSection(SettingsSection):
    """Each button opens a dialog that says what goes and what stays."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        card = self.add(Card(self.tr("Remove")))
        self.person = OutlineButton(self.tr("Remove this &person..."), self.remove_person)
        self.source = OutlineButton(self.tr("S&ources && sync"), lambda: context.navigate("sources"))
        self.record = OutlineButton(self.tr("Remove t&his record..."), self.remove_record)
        self.person_row = Row(self.tr("The person shown"), wrap=True, right=[self.person])
        card.add_row(self.person_row)
        card.add_row(
            Row(
                self.tr("What came from one source"),
                self.tr("On the page of sources, each one has a button for it."),
                wrap=True,
                right=[self.source],
            )
        )
        card.add_row(
            Row(
                self.tr("Everything"),
                self.tr("The whole record goes from this computer, with its backups if you like."),
                wrap=True,
                right=[self.record],
            )
        )
        self.refresh()

    def refresh(self) -> None:
        person = self.context.person
        self.person.setEnabled(person is not None)
        name = person.name if person is not None else self.tr("Nobody is in this record.")
        self.person_row.words.detail.setText(name)
        self.person_row.words.detail.show()
        self.person_row.setAccessibleName(fill(self.tr("The person shown: %1"), name))

    def clear(self) -> None:
        self.person_row.words.detail.setText("")
        self.person_row.setAccessibleName("")

    def remove_person(self) -> None:
        """Asks whether the person shown is to go."""
        if self.context.person is not None:
            self.context.remove_person(self.context.person)

    def remove_record(self) -> None:
        """Asks whether everything is to go."""
        context = self.context
        dialog = RemoveRecord(context.services, context.bridge, context.people, self.window())
        dialog.confirmed.connect(context.remove_record)
        dialog.open()
