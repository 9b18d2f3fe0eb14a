"""A row of a card: what it is, why or where, and at the right its number, state and action."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M, SPACE_XS
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.icon_label import IconLabel
from phr_desktop.ui.widgets.text import ElidedText, Text, literal


class RowWords(QWidget):
    """The left part of a row: the main text (cut with "..." unless `wrap`) over a muted line that wraps."""

    def __init__(self, main: str, detail: str, *, wrap: bool = False, strong: bool = False, exact: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        main_type = "strong" if strong else "body"
        self.main = Text(main, main_type, wrap=True) if wrap else ElidedText(main, main_type)
        self.detail = Text(detail, "small", "muted", wrap=True)
        self.detail.setToolTip(literal(exact))
        for text in (self.main, self.detail):
            if not text.text():
                text.hide()
        column.addWidget(self.main)
        column.addWidget(self.detail)


class Row(QWidget):
    """A row that says something; what can be done with it are the widgets in `right`.

    `value` is shown before them, larger and with its unit. `sentence` is the whole row as a screen reader says it;
    without it the row's own words are read.
    """

    def __init__(
        self,
        main: str,
        detail: str = "",
        *,
        value: str = "",
        right: Sequence[QWidget] = (),
        leading: QWidget | None = None,
        sentence: str = "",
        exact: str = "",
        wrap: bool = False,
        strong: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.words = RowWords(main, detail, wrap=wrap, strong=strong, exact=exact)
        self.setAccessibleName(sentence or _sentence(main, value, detail))
        fold = FoldLayout(self)
        fold.addWidget(_beside(leading, self.words) if leading is not None else self.words)
        if value:
            fold.addWidget(Text(value, "section"))
        for widget in right:
            fold.addWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


class LinkRow(QAbstractButton):
    """A row that opens something, with a small arrow: the whole is one button, by mouse, Enter or Space."""

    def __init__(
        self,
        main: str,
        detail: str = "",
        *,
        opened: Callable[[], object] | None = None,
        value: str = "",
        right: Sequence[QWidget] = (),
        leading: QWidget | None = None,
        sentence: str = "",
        wrap: bool = False,
        strong: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.row = Row(
            main,
            detail,
            value=value,
            right=[*right, IconLabel("chevron-right", 16)],
            leading=leading,
            sentence=sentence,
            wrap=wrap,
            strong=strong,
        )
        self.row.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setText(self.row.accessibleName().replace("&", "&&"))
        self.setAccessibleName(self.row.accessibleName())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_XS, 0, SPACE_XS)
        column.addWidget(self.row)
        if opened is not None:
            self.clicked.connect(lambda _checked=False: opened())
        Theme.current().changed.connect(self._keep_height)
        self._keep_height()

    def _keep_height(self) -> None:
        self.setMinimumHeight(Theme.current().control_height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.row.words.main.set_ink("accent")
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.row.words.main.set_ink("")
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Nothing of its own: its row is drawn by its labels."""


def _beside(leading: QWidget, words: QWidget) -> QWidget:
    both = QWidget()
    line = QHBoxLayout(both)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(SPACE_M)
    line.addWidget(leading)
    line.addWidget(words, 1)
    return both


def _sentence(main: str, value: str, detail: str) -> str:
    return ", ".join(part for part in (main, value, detail) if part)
