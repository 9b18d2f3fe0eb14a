"""The three ways in which a document is shown: a PDF page by page, a picture, or its words."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from phr_desktop.ui import pdf_pages
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Failed
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pdf_pages import PdfPage
from phr_desktop.ui.tokens import SPACE_M, SPACE_S
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.paper import FIT, Paper, next_zoom
from phr_desktop.ui.widgets.reading import DocumentText
from phr_desktop.ui.widgets.text import Text

_PIXELS_A_POINT = 96 / 72  # of a page at 100 %


class _PaperView(QWidget):
    """A paper under a line of buttons that make it smaller and larger."""

    def __init__(self) -> None:
        super().__init__()
        self.zoom = FIT
        self._shown_zoom = 1.0
        self.paper = Paper()
        self.paper.zoomed.connect(self.zoom_by)
        self.paper.resized.connect(self._room_changed)
        self.smaller = OutlineButton(self.tr("Smaller"), lambda: self.zoom_by(-1))
        self.larger = OutlineButton(self.tr("Larger"), lambda: self.zoom_by(1))
        self.fit = OutlineButton(self.tr("Fit the width"), lambda: self.zoom_by(0))
        bar = QWidget()
        self.buttons = FlowLayout(bar, spacing=SPACE_S)
        bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addWidget(bar)
        self.column = column

    def zoom_by(self, step: int) -> None:
        self.zoom = next_zoom(self.zoom or self._shown_zoom, step)
        self._draw()

    def _room_changed(self) -> None:
        if self.zoom == FIT:
            self._draw()

    def _draw(self) -> None:
        raise NotImplementedError


class PictureView(_PaperView):
    """One picture. To fit, it is made smaller, never larger than it is."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._title = ""
        for button in (self.smaller, self.larger, self.fit):
            self.buttons.addWidget(button)
        self.column.addWidget(self.paper, 1)

    def show_picture(self, image: QImage, title: str) -> None:
        self._image, self._title, self.zoom = image, title, FIT
        self._draw()

    def clear(self) -> None:
        self._image, self._title = QImage(), ""
        self.paper.clear()

    def _draw(self) -> None:
        if self._image.isNull():
            return
        zoom = self.zoom or min(1.0, self.paper.room() / self._image.width())
        self._shown_zoom = zoom
        size = QSize(max(1, round(self._image.width() * zoom)), max(1, round(self._image.height() * zoom)))
        self.paper.show_image(self._image, size, fill(self.tr("Picture: %1"), self._title))


class PdfView(_PaperView):
    """A PDF, one page at a time, drawn off the window's thread. `failed` gets what keeps a page from being drawn."""

    def __init__(self, bridge: Bridge, failed: Failed) -> None:
        super().__init__()
        self._bridge, self._failed = bridge, failed
        self._data = b""
        self._title = ""
        self._wanted = 0
        self.page: PdfPage | None = None
        self.before = OutlineButton(self.tr("Previous page"), lambda: self.turn(-1))
        self.where = Text("")
        self.after = OutlineButton(self.tr("Next page"), lambda: self.turn(1))
        self.words = OutlineButton(self.tr("Show the words"), self._turn_words)
        for widget in (self.before, self.where, self.after, self.smaller, self.larger, self.fit, self.words):
            self.buttons.addWidget(widget)
        self.text = DocumentText()
        self.text.setAccessibleName(self.tr("The words of this page"))
        self._stack = QStackedLayout()
        self.column.addLayout(self._stack, 1)  # first: a stack shows its first widget at once, else as a window
        self._stack.addWidget(self.paper)
        self._stack.addWidget(self.text)
        self.paper.turned.connect(self.turn)

    def show_pdf(self, data: bytes, title: str) -> None:
        self.clear()
        self._data, self._title = data, title
        self._draw()

    def clear(self) -> None:
        self._data, self._title, self._wanted, self.page, self.zoom = b"", "", 0, None, FIT
        self.paper.clear()
        self.text.clear()
        self.where.setText("")
        self._stack.setCurrentWidget(self.paper)
        self._name()

    def turn(self, step: int) -> None:
        """Shows the page before or after."""
        if self.page is None:
            return
        wanted = min(max(self._wanted + step, 0), self.page.count - 1)
        if wanted != self._wanted:
            self._wanted = wanted
            self._draw()

    def _draw(self) -> None:
        if not self._data or not self.isVisibleTo(self.window()):
            return
        data, number, ratio = self._data, self._wanted, self.devicePixelRatioF()
        width = round(self.paper.room() * ratio) if self.zoom == FIT else 0
        scale = self.zoom * _PIXELS_A_POINT * ratio
        self._bridge.run_query(
            lambda: pdf_pages.render(data, number, width=width, scale=scale),
            self._show,
            owner=self,
            key="page",
            failed=self._failed,
        )

    def _show(self, page: PdfPage) -> None:
        turned = self.page is None or page.number != self.page.number
        self.page = page
        image = QImage(page.pixels, page.width, page.height, page.stride, QImage.Format.Format_RGB32)
        ratio = self.devicePixelRatioF()
        where = fill(self.tr("Page %1 of %2"), page.number + 1, page.count)
        size = QSize(round(page.width / ratio), round(page.height / ratio))
        self.paper.show_image(image.copy(), size, f"{where}, {self._title}")
        self.paper.setAccessibleDescription(page.words)
        self.text.show_text(page.words)
        if self.zoom == FIT:
            self._shown_zoom = page.width / ratio / max(page.points_wide, 1.0) / _PIXELS_A_POINT
        self.where.setText(where)
        if turned:
            self.paper.verticalScrollBar().setValue(0)
            announce(self, where)
        self._name()

    def _turn_words(self) -> None:
        shown = self._stack.currentWidget() is self.paper
        self._stack.setCurrentWidget(self.text if shown else self.paper)
        self._name()
        self._stack.currentWidget().setFocus()

    def _name(self) -> None:
        page = self.page
        several = page is not None and page.count > 1
        in_words = self._stack.currentWidget() is self.text
        for widget in (self.before, self.where, self.after):
            widget.setVisible(several)
        for button in (self.smaller, self.larger, self.fit):
            button.setVisible(not in_words)
        self.before.setEnabled(several and page.number > 0)
        self.after.setEnabled(several and page.number < page.count - 1)
        self.words.setVisible(in_words or (page is not None and bool(page.words)))
        self.words.setText(self.tr("Show the page") if in_words else self.tr("Show the words"))
