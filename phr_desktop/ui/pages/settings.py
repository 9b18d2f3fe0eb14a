"""The settings: one section at a time, each in a module of its own (`settings_*.py`)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.settings_backups import BackupsSection
from phr_desktop.ui.pages.settings_calendar import CalendarSection
from phr_desktop.ui.pages.settings_lock import LockSection
from phr_desktop.ui.pages.settings_look import LookSection
from phr_desktop.ui.pages.settings_reminders import RemindersSection
from phr_desktop.ui.pages.settings_remove import RemoveSection
from phr_desktop.ui.pages.settings_section import SectionSpec, SettingsSection
from phr_desktop.ui.pages.settings_security import SecuritySection
from phr_desktop.ui.widgets import PageHeader, ScrollPage
from phr_desktop.ui.widgets.section_tabs import SectionTabs, Tab


def section_specs() -> tuple[SectionSpec, ...]:
    """Every section, in the order of the tabs; their titles in the person's language."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("settings", text)

    return (
        SectionSpec("look", tr("How it looks"), LookSection),
        SectionSpec("lock", tr("Lock"), LockSection),
        SectionSpec("security", tr("Security"), SecuritySection),
        SectionSpec("reminders", tr("Reminders"), RemindersSection),
        SectionSpec("calendar", tr("Calendar"), CalendarSection),
        SectionSpec("backups", tr("Backups"), BackupsSection),
        SectionSpec("remove", tr("Remove"), RemoveSection),
    )


class SettingsPage(Page):
    """Shows the section that was chosen, or that it was opened with: `navigate("settings", section="lock")`."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.specs = {spec.key: spec for spec in section_specs()}
        self._made: dict[str, SettingsSection] = {}
        self.tabs = SectionTabs(self.tr("Which settings are shown"))
        self.tabs.show_tabs([Tab(spec.key, spec.title) for spec in self.specs.values()])
        self.tabs.chosen.connect(self.choose)
        inside = QWidget()
        self._inside = QVBoxLayout(inside)
        self._inside.setContentsMargins(0, 0, 0, 0)
        said = self.tr("For this computer. Reminders and the calendar are chosen for each person.")
        self._body = ScrollPage()
        self._body.add(PageHeader(self.tr("Settings"), said))
        self._body.add(self.tabs)
        self._body.add(inside)
        self._body.end()
        self.whole.addWidget(self._body)
        self.choose(self.tabs.current())

    @property
    def section(self) -> SettingsSection:
        """The one that is shown."""
        return self._made[self.tabs.current()]

    def choose(self, key: str) -> None:
        """Shows a section."""
        self.tabs.choose(key)
        wanted = self._made.get(key)
        if wanted is None:
            wanted = self._made[key] = self.specs[key].make(self.context)
            self._inside.addWidget(wanted)
        for each in self._made.values():
            each.setVisible(each is wanted)
        self.topics = wanted.topics
        self._body.verticalScrollBar().setValue(0)
        self.ask_again()

    def opened(self, **arguments: Any) -> None:
        section = arguments.get("section")
        if section in self.specs:
            self.choose(section)

    def refresh(self) -> None:
        self.section.refresh()

    def clear(self) -> None:
        for each in self._made.values():
            each.clear()
