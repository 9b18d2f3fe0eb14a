"""Text size and colours, shown at once as they are chosen: in the first run and in Settings."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from phr_desktop.ui.services import Settings
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SCALES, SPACE_L, SPACE_S, SPACE_XS
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import RadioButton


class LookChoice(QWidget):
    """Changes the theme and the settings' values; whoever shows it saves them (`theme.changed` tells)."""

    def __init__(self, theme: Theme, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._settings = theme, settings
        self.sizes = self._group(self.tr("Text size"), [(f"{round(scale * 100)} %", scale) for scale in SCALES])
        self.palettes = self._group(self.tr("Colors"), self._palettes())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_L)
        column.addWidget(self.sizes)
        column.addWidget(self.palettes)
        column.addStretch(1)
        theme.changed.connect(self._mark)
        self._mark()

    def _palettes(self) -> list[tuple[str, object]]:
        return [
            (self.tr("As the computer"), "system"),
            (self.tr("Light"), "light"),
            (self.tr("Dark"), "dark"),
            (self.tr("High contrast, light"), "high-contrast-light"),
            (self.tr("High contrast, dark"), "high-contrast-dark"),
        ]

    def _group(self, title: str, choices: list[tuple[str, object]]) -> QWidget:
        box = QWidget()
        box.setAccessibleName(title)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addWidget(Text(title, "strong"))
        flow = FlowLayout(spacing=SPACE_S)
        group = QButtonGroup(box)
        for words, value in choices:
            button = RadioButton(words)
            button.setAccessibleName(f"{title}: {words}")
            button.setProperty("choice", value)
            button.clicked.connect(self._apply)
            group.addButton(button)
            flow.addWidget(button)
        column.addLayout(flow)
        return box

    def chosen(self, box: QWidget) -> object:
        return next((each.property("choice") for each in box.findChildren(RadioButton) if each.isChecked()), None)

    def _apply(self) -> None:
        self._settings.text_scale = float(self.chosen(self.sizes) or 1.0)
        self._settings.palette = str(self.chosen(self.palettes) or "system")
        self._theme.apply(self._settings.palette, self._settings.text_scale)

    def _mark(self) -> None:
        for box, value in ((self.sizes, self._theme.text_scale), (self.palettes, self._theme.palette_name)):
            for button in box.findChildren(RadioButton):
                button.setChecked(button.property("choice") == value)
