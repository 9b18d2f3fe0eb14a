"""The head of a page and of a part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.ui.tokens import SPACE_S, SPACE_XS
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.text import Text


class PageHeader(QWidget):
    """Title, one muted line under it, buttons at the right; above it, where the page has one, the way back."""

    def __init__(
        self,
        title: str,
        subtitle: str = "",
        *,
        buttons: Sequence[QWidget] = (),
        back: str = "",
        went_back: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = Text(title, "title", wrap=True)
        self.subtitle = Text(subtitle, "body", "muted", wrap=True)
        if not subtitle:
            self.subtitle.hide()
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addWidget(self.title)
        column.addWidget(self.subtitle)
        line = FoldLayout(lead_width=420)
        line.addWidget(words)
        for button in buttons:
            line.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE_S)
        self.back: LinkButton | None = None
        if back:
            self.back = LinkButton(back, went_back, icon="back", flush=True)
            whole.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeading)
        whole.addLayout(line)

    def set_title(self, title: str) -> None:
        self.title.setText(title)

    def set_subtitle(self, subtitle: str) -> None:
        self.subtitle.setText(subtitle)
        self.subtitle.setVisible(bool(subtitle))


class SectionTitle(Text):
    """A heading between cards."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "section", wrap=True, parent=parent)
