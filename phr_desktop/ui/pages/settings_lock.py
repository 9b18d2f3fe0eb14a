"""Where the record is kept, and when it locks."""

from __future__ import annotations

from PySide6.QtCore import QDir

from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.widgets import Card, Row


class LockSection(SettingsSection):
    """What keeps others out while nobody sits at the computer."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        place = self.add(Card(self.tr("Where the record is kept")))
        folder = QDir.toNativeSeparators(str(context.services.settings.vault_folder))
        place.add(
            Row(folder, self.tr("Encrypted. Nothing of it is sent anywhere but to the portals you connect."), wrap=True)
        )
