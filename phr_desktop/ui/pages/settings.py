"""How the program looks on this computer."""

from __future__ import annotations

from PySide6.QtCore import QDir

from phr_desktop.ui.look_choice import LookChoice
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.widgets import Card, PageHeader, Row, ScrollPage


class SettingsPage(Page):
    """Shows nothing of any person, so that there is nothing to ask and nothing to clear."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        body = ScrollPage()
        body.add(PageHeader(self.tr("Settings"), self.tr("They hold for this computer only.")))
        look = Card(self.tr("How it looks"))
        self.look = LookChoice(context.theme, context.services.settings)
        look.add(self.look)
        body.add(look)
        place = Card(self.tr("Where the record is kept"))
        folder = QDir.toNativeSeparators(str(context.services.settings.vault_folder))
        place.add(
            Row(folder, self.tr("Encrypted. Nothing of it is sent anywhere but to the portals you connect."), wrap=True)
        )
        body.add(place)
        body.end()
        self.whole.addWidget(body)

    def refresh(self) -> None:
        """Nothing to ask."""

    def clear(self) -> None:
        """Nothing to forget."""
