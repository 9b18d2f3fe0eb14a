"""Long work: a bar, a count in words, and a Cancel that works."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from phr_desktop.ui.tokens import SPACE_S
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.text import Text


class ProgressLine(QWidget):
    """Shows how far a work is; `cancelled` is called at most once."""

    def __init__(
        self, words: str, cancelled: Callable[[], object] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.words = Text(words, wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(words)
        self.cancel = OutlineButton(self.tr("Cancel"), self._cancel)
        if cancelled is None:
            self.cancel.hide()
        self._cancelled = cancelled
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        fold = FoldLayout()
        fold.addWidget(self.words)
        fold.addWidget(self.cancel)
        column.addLayout(fold)
        column.addWidget(self.bar)

    def show_count(self, words: str, done: int, total: int) -> None:
        """`total` 0 means that it is not known how much there is."""
        self.words.setText(words)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.setAccessibleName(words)

    def restart(self, words: str) -> None:
        """Begins anew for another work, which can be cancelled again."""
        self.show_count(words, 0, 0)
        self.cancel.setEnabled(True)
        self.cancel.setText(self.tr("Cancel"))

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancel.setText(self.tr("Stopping..."))
        if self._cancelled is not None:
            self._cancelled()
