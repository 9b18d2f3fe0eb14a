"""Labels. Whatever comes from outside is plain text: no mark-up is read and `&` stays `&`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStylePainter, QWidget

_ROUNDED = 2  # pixels by which Qt's layout of a text may be wider than its measure


def literal(text: str) -> str:
    """Foreign text for a button or a menu, where a lone `&` would become a mnemonic."""
    return text.replace("&", "&&")


def restyle(widget: QWidget) -> None:
    """Makes the stylesheet read the widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class Text(QLabel):
    """Plain text in a role of the type scale.

    `type` is body, small, section, strong, title or code; `ink` is "" (text), muted, accent, warning, error or fine.
    """

    def __init__(
        self,
        text: str = "",
        type: str = "body",  # noqa: A002 (the type scale's own word)
        ink: str = "",
        *,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", type)
        self.setProperty("ink", ink)
        self.setWordWrap(wrap)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setText(text)
        self._lead()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._lead()

    def _lead(self) -> None:
        """Begins at the layout's own side whatever the text's language; Qt alone would follow the text."""
        if self.alignment() & Qt.AlignmentFlag.AlignHCenter:
            return
        right = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)

    def set_ink(self, ink: str) -> None:
        if self.property("ink") != ink:
            self.setProperty("ink", ink)
            restyle(self)

    def selectable(self) -> Text:
        """Lets the text be marked and copied by mouse and keyboard."""
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return self


class LineText(Text):
    """One line where there is room for it, as beside others in a `FlowLayout`; several where there is not."""

    def __init__(self, text: str = "", type: str = "body", ink: str = "", parent: QWidget | None = None) -> None:  # noqa: A002
        super().__init__(text, type, ink, wrap=True, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        around = self.contentsMargins().left() + self.contentsMargins().right() + 2 * self.margin()
        width = self.fontMetrics().horizontalAdvance(self.text()) + around + _ROUNDED
        return QSize(width, self.heightForWidth(width))


class ElidedText(Text):
    """One line that ends in "..." where there is no room; the tooltip and the screen reader have all of it.

    `exact` is a tooltip that always shows: the exact value behind words such as "in 3 days".
    """

    def __init__(
        self,
        text: str = "",
        type: str = "body",  # noqa: A002
        ink: str = "",
        *,
        exact: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, type, ink, parent=parent)
        self._exact = exact
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        wanted = self.fontMetrics().horizontalAdvance("mmmm")
        return QSize(min(wanted, self.sizeHint().width()), self.sizeHint().height())

    def is_elided(self) -> bool:
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain()

    def setText(self, text: str) -> None:
        super().setText(" ".join(text.split()))
        self._explain()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_elided():
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading) | int(Qt.TextFlag.TextSingleLine)
        painter.drawItemText(room, flags, self.palette(), self.isEnabled(), shown, self.foregroundRole())

    def _explain(self) -> None:
        exact = getattr(self, "_exact", "")
        self.setToolTip(literal(exact or (self.text() if self.is_elided() else "")))
