"""Files dragged onto a window: what is shown over it meanwhile, and what is done with those dropped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import RADIUS_CARD, SECTION, SPACE_L, SPACE_XL


class DropHint(QWidget):
    """Covers its parent while files are dragged over it; sees no mouse. `takes` says whether they may be dropped now;
    `dropped` gets them."""

    def __init__(self, parent: QWidget, takes: Callable[[], bool], dropped: Callable[[list[Path]], object]) -> None:
        super().__init__(parent)
        self._takes, self._dropped = takes, dropped
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragEnter and self._takes() and _files_in(event):
            event.acceptProposedAction()
            self.cover()
        elif kind == QEvent.Type.DragLeave:
            self.hide()
        elif kind == QEvent.Type.Drop:
            self.hide()
            files = _files_in(event)
            if self._takes() and files:
                event.acceptProposedAction()
                self._dropped(files)
        else:
            return super().eventFilter(watched, event)
        return True

    def cover(self) -> None:
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(theme.tokens.ground)
        veil.setAlphaF(0.88)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(theme.tokens.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(20, 20, -20, -20), RADIUS_CARD, RADIUS_CARD)
        painter.setFont(theme.font(SECTION, strong=True))
        words = self.tr("Drop the files here. You will see what is in them before anything is added.")
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        room = self.rect().adjusted(60, 60, -60, -60)
        panel = painter.boundingRect(room, flags, words).adjusted(-SPACE_XL, -SPACE_L, SPACE_XL, SPACE_L)
        painter.setPen(QPen(QColor(theme.tokens.accent), theme.tokens.border_width))
        painter.setBrush(QColor(theme.tokens.surface))  # through the veil the page's own words can still be seen
        painter.drawRoundedRect(QRectF(panel), RADIUS_CARD, RADIUS_CARD)
        painter.setPen(QColor(theme.tokens.text))
        painter.drawText(room, flags, words)


def _files_in(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return [path for path in paths if path.is_file()]
