"""What every section of the settings page is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.domain.changes import Topic
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.tokens import SPACE_L

W = TypeVar("W", bound=QWidget)


class SettingsSection(QWidget):
    """Cards below one another; made when it is first shown.

    `refresh` is called when it is shown, and while it is shown when something of its `topics` changed; it asks through
    `context.bridge` with itself as owner. `clear` empties what was typed or told: on lock, and before another person
    is shown.
    """

    topics: frozenset[Topic] = frozenset()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.context = context
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_L)

    def add(self, widget: W) -> W:
        """Puts a card below the others and gives it back."""
        self._column.addWidget(widget)
        return widget

    def refresh(self) -> None:
        """Asks for what is shown; a section that shows only choices has nothing to ask."""

    def clear(self) -> None:
        """Forgets what was typed and what came out of the vault; a section of choices has nothing to forget."""


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """A section as the page is given it: its key for `navigate("settings", section=key)`, and its words in the tabs."""

    key: str
    title: str
    make: Callable[[PageContext], SettingsSection]
