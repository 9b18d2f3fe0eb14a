"""Widgets in lines that wrap."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLayoutItem, QWidget

from phr_desktop.ui.tokens import SPACE_S
from phr_desktop.ui.widgets.fold_layout import FoldLayout


class FlowLayout(FoldLayout):
    """Every item takes what it wants; a line that is full goes on below."""

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 12) -> None:
        super().__init__(parent)
        self.setSpacing(spacing)

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        inner = rect.marginsRemoved(self.contentsMargins())
        margins = self.contentsMargins().top() + self.contentsMargins().bottom()
        shown: list[QLayoutItem] = self._shown()
        return margins + (self._place_lines(inner, inner.top(), shown, place) - inner.top() if shown else 0)


def in_line(*widgets: QWidget, spacing: int = SPACE_S) -> QWidget:
    """Widgets side by side, each as wide as it wants: a line of buttons, or one button at its own width."""
    line = QWidget()
    flow = FlowLayout(line, spacing=spacing)
    for widget in widgets:
        flow.addWidget(widget)
    return line
