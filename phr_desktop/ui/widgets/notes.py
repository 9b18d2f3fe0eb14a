"""The notices that stand above every page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from phr_desktop.ui.tokens import SPACE_M, SPACE_XL
from phr_desktop.ui.widgets.banner import Banner

_SHARE = 0.3  # of the height there is: the page below keeps the most of it, whatever there is to say


class Notes(QScrollArea):
    """As high as the banners that say something, up to a share of the window; what does not fit is scrolled to. Gone
    where none says anything."""

    def __init__(self, banners: Sequence[Banner], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._banners = tuple(banners)
        self._most = 0
        self._newest: QObject | None = None
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(SPACE_XL, SPACE_M, SPACE_XL, 0)
        for banner in banners:
            lines.addWidget(banner)
            banner.hide()
            banner.installEventFilter(self)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        inside.installEventFilter(self)
        self.verticalScrollBar().rangeChanged.connect(self._bring_newest)
        self.hide()

    def fit(self, height: int) -> None:
        """Takes at most its share of this height, in pixels."""
        self._most = round(height * _SHARE)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShowToParent and watched in self._banners:
            self._newest = watched
            self._fit()
        elif event.type() in (QEvent.Type.HideToParent, QEvent.Type.LayoutRequest):
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _bring_newest(self, _least: int, most: int) -> None:
        newest = self._newest
        if most and isinstance(newest, Banner) and not newest.isHidden():
            self.ensureWidgetVisible(newest, 0, 0)

    def _fit(self) -> None:
        says = any(not banner.isHidden() for banner in self._banners)
        if says:
            self.setFixedHeight(min(self.widget().heightForWidth(self.viewport().width()), self._most))
        self.setVisible(says)
