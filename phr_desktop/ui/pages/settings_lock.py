"""When the record locks, and where it is kept."""

from __future__ import annotations

from PySide6.QtCore import QDir
from PySide6.QtWidgets import QButtonGroup, QWidget

from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.tokens import SPACE_L, Tone
from phr_desktop.ui.widgets import Banner, Card, RadioButton, Row, Text
from phr_desktop.ui.widgets.cloud_warning import CloudWarning
from phr_desktop.ui.widgets.flow_layout import FlowLayout

MINUTES = (1, 5, 10, 30, 60, 0)  # 0: never


class LockSection(SettingsSection):
    """What keeps others out while nobody sits at the computer."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._settings = context.services.settings
        card = self.add(Card(self.tr("When it locks")))
        asked = self.tr("Lock when nobody has touched the program for")
        card.add(Text(asked, wrap=True))
        self.choices = card.add(self._choices(asked))
        self.never = Banner(
            self.tr("Whoever sits down at this computer while it is on can read your record."),
            Tone.WARNING,
            dismissible=False,
        )
        card.add(self.never)
        for row in self._rows():
            card.add_row(row)
        place = self.add(Card(self.tr("Where the record is kept")))
        folder = QDir.toNativeSeparators(str(self._settings.vault_folder))
        place.add(
            Row(folder, self.tr("Encrypted. Nothing of it is sent anywhere but to the portals you connect."), wrap=True)
        )
        self.cloud = CloudWarning(context.services.cloud_service())
        place.add(self.cloud)
        self._mark()

    def minutes(self) -> int:
        """What is marked."""
        return next(each.property("choice") for each in self.choices.findChildren(RadioButton) if each.isChecked())

    def _choices(self, asked: str) -> QWidget:
        box = QWidget()
        box.setAccessibleName(asked)
        line = FlowLayout(box, spacing=SPACE_L)
        group = QButtonGroup(box)
        for minutes in MINUTES:
            button = RadioButton(self._time(minutes))
            button.setAccessibleName(f"{asked}: {self._time(minutes)}")
            button.setProperty("choice", minutes)
            button.setChecked(minutes == self._settings.lock_minutes)
            button.clicked.connect(self._apply)
            group.addButton(button)
            line.addWidget(button)
        return box

    def _time(self, minutes: int) -> str:
        words = {0: self.tr("never"), 1: self.tr("1 minute"), 60: self.tr("1 hour")}
        return words.get(minutes) or self.tr("%n minutes", "", minutes).replace("%n", str(minutes))

    def _rows(self) -> list[Row]:
        """What holds beside the time, whatever it is."""
        leaves = (
            self.tr("It locks at once.")
            if self.context.session.hears
            else self.tr("This computer does not tell programs of it: press Ctrl+L before you go.")
        )
        return [
            Row(
                self.tr("A minute before"),
                self.tr("It says so and counts down. Any key or a move of the mouse keeps it open."),
                wrap=True,
            ),
            Row(self.tr("When the computer sleeps or its screen is locked"), leaves, wrap=True),
            Row(self.tr("What you copy"), self.tr("It leaves the clipboard after 30 seconds."), wrap=True),
        ]

    def _apply(self) -> None:
        self._settings.lock_minutes = self.minutes()
        self._mark()
        self.context.bridge.run_query(self._settings.save, lambda _nothing: None, owner=self, key="settings")

    def _mark(self) -> None:
        self.never.setVisible(self._settings.lock_minutes == 0)
