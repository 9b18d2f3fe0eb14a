"""What reminders may do while the record is locked."""

from __future__ import annotations

from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.widgets import Card, CheckBox, Row, Text


class RemindersSection(SettingsSection):
    """They say nothing private, whatever is chosen here."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._settings = context.services.settings
        card = self.add(Card(self.tr("Reminders")))
        card.add_row(
            Row(
                self.tr("While this computer is on and the program runs"),
                self.tr("Nobody else is told, and a computer that is off reminds of nothing."),
                wrap=True,
            )
        )
        card.add_row(
            Row(
                self.tr("While the record is locked"),
                self.tr("A notification says only that a reminder is due. Unlock to see which, for up to 14 days."),
                wrap=True,
            )
        )
        start = self.add(Card(self.tr("After the program starts, before the first unlock")))
        self.before_unlock = start.add(CheckBox(self.tr("Remind me then too")))
        self.before_unlock.setChecked(self._settings.remind_before_unlock)
        self.before_unlock.clicked.connect(self._apply)
        start.add(
            Text(
                self.tr(
                    "For that the times of your next reminders, and nothing else, are kept outside the encrypted"
                    " record. Whoever can read this computer's files can see when you are reminded, not of what."
                    " Without it, what fell due is shown after you unlock."
                ),
                "small",
                "muted",
                wrap=True,
            )
        )

    def _apply(self) -> None:
        self._settings.remind_before_unlock = self.before_unlock.isChecked()
        self.context.bridge.run_query(self._settings.save, lambda _nothing: None, owner=self, key="settings")
