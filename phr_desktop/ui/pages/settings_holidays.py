"""Whose holidays count, so that a refill is asked for before the days on which nobody can be asked."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from phr_desktop.actions.medicines import set_holidays
from phr_desktop.queries.refill_ask import HolidayPlaces, holiday_places
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.widgets import Card, Text
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.toggles import Choice


class HolidaysCard(Card):
    """Country and state; what is chosen holds at once."""

    def __init__(self, context: PageContext, title: str) -> None:
        super().__init__(title)
        self._context = context
        self._places: HolidayPlaces | None = None
        said = self.tr("A refill is to be asked for before a holiday, never after it. Whose holidays count?")
        self.add(Text(said, wrap=True))
        self.country, self.state = Choice(), Choice()
        self.add(Field(self.tr("Cou&ntry"), self.country))
        self.add(Field(self.tr("State or re&gion"), self.state))
        self.country.activated.connect(self._choose_country)
        self.state.activated.connect(self._choose)

    def refresh(self) -> None:
        services = self._context.services
        vault, clock = services.vault, services.clock
        if vault is not None:
            self._context.bridge.run_query(lambda: holiday_places(vault, clock), self._show, owner=self)

    def _show(self, found: HolidayPlaces) -> None:
        self._places = found
        self.country.clear()
        for name, code in sorted((_country_name(code), code) for code in found.places):
            self.country.addItem(name, code)
        self.country.setCurrentIndex(self.country.findData(found.country))
        self._show_states(found.country, found.state)

    def _show_states(self, country: str, state: str) -> None:
        self.state.clear()
        self.state.addItem(self.tr("The whole country"), "")
        for code in sorted(self._places.places.get(country, ()) if self._places is not None else ()):
            self.state.addItem(code, code)
        self.state.setCurrentIndex(max(0, self.state.findData(state)))

    def _choose_country(self) -> None:
        self._show_states(self.country.currentData(), "")
        self._choose()

    def _choose(self) -> None:
        services = self._context.services
        vault, clock = services.vault, services.clock
        country, state = self.country.currentData(), self.state.currentData()
        if vault is not None and country:
            self._context.bridge.run_action(lambda: set_holidays(vault, clock, country, state))


def _country_name(code: str) -> str:
    territory = QLocale.codeToTerritory(code)
    return QLocale.territoryToString(territory) if territory != QLocale.Country.AnyCountry else code
