"""A recovery key in large print, group by group."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from phr_desktop.ui.tokens import SPACE_L, SPACE_M
from phr_desktop.ui.widgets.text import Text

_COLUMNS = 3


def key_groups(key: str) -> list[str]:
    """The groups of a key, however they are parted."""
    return [group for group in re.split(r"[\s-]+", key.strip()) if group]


class RecoveryKeyCard(QFrame):
    """Each group with its number, read to a screen reader letter by letter."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("frame", "card")
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        grid.setHorizontalSpacing(SPACE_L)
        grid.setVerticalSpacing(SPACE_M)
        for place, group in enumerate(key_groups(key)):
            cell = QGridLayout()
            cell.setSpacing(0)
            number = Text(str(place + 1), "small", "muted")
            letters = Text(group, "code").selectable()
            letters.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            letters.setAccessibleName(f"{place + 1}: {' '.join(group)}")
            cell.addWidget(number, 0, 0)
            cell.addWidget(letters, 1, 0)
            grid.addLayout(cell, place // _COLUMNS, place % _COLUMNS)
