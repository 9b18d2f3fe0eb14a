"""How the program looks on this computer."""

from __future__ import annotations

from phr_desktop.ui.look_choice import LookChoice
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.widgets import Card


class LookSection(SettingsSection):
    """Text size and colours; they hold at once."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.look = LookChoice(context.theme, context.services.settings)
        self.add(Card(self.tr("How it looks"))).add(self.look)
