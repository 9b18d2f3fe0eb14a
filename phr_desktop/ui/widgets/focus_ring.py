"""The 2 pixel ring outside whatever has the keyboard's focus. One for the program, over any of its windows."""

from __future__ import annotations

from PySide6.QtCore import SIGNAL, SLOT, QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QComboBox, QLineEdit, QTextEdit, QWidget
from shiboken6 import isValid

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import FOCUS_RING, RADIUS_CONTROL

_GAP = 2
_MOVES = {
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.LayoutRequest,
    QEvent.Type.ParentChange,
}


class FocusRing(QObject):
    """Follows the focus. What is clicked shows no ring, except fields: there it says where typing goes.

    It follows one turn of the event loop later: no Python runs while Qt is still moving the focus, when a collection
    of garbage could take a window away under it.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._target: QWidget | None = None
        self._followed: list[QWidget] = []
        self._overlay: _Overlay | None = None
        later = QTimer(self, singleShot=True, interval=0)
        later.timeout.connect(self._follow)
        QObject.connect(QApplication.instance(), SIGNAL("focusChanged(QWidget*,QWidget*)"), later, SLOT("start()"))

    def target(self) -> QWidget | None:
        """What the ring is around, or None."""
        return self._target

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DeferredDelete:
            self._release()
        elif event.type() in _MOVES:
            self._place()
        return False

    def _follow(self) -> None:
        new = QApplication.focusWidget()
        if new is self._target and new is not None:
            return
        self._release()
        if new is None or new.isWindow() or not _shows_ring(new):
            return
        self._target = new
        frame = _frame_of(new)
        self._overlay = _Overlay(frame)
        step: QWidget | None = new
        while step is not None:
            step.installEventFilter(self)
            self._followed.append(step)
            step = None if step is frame else step.parentWidget()
        self._place()

    def _release(self) -> None:
        for widget in self._followed:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._followed.clear()
        self._target = None
        if self._overlay is not None and isValid(self._overlay):
            self._overlay.hide()
            self._overlay.deleteLater()
        self._overlay = None

    def _place(self) -> None:
        target, overlay = self._target, self._overlay
        if target is None or overlay is None:
            return
        frame = overlay.parentWidget()
        overlay.setVisible(target.isVisible())
        out = _GAP + FOCUS_RING
        at = target.mapTo(frame, QPoint(0, 0))
        wanted = QRect(at, target.size()).adjusted(-out, -out, out, out)
        overlay.setGeometry(wanted.intersected(frame.rect()))
        overlay.raise_()


class _Overlay(QWidget):
    """The ring itself: sees no mouse, takes no focus, is nothing to a screen reader."""

    def __init__(self, frame: QWidget) -> None:
        super().__init__(frame)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(Theme.current().tokens.accent), FOCUS_RING))
        inset = FOCUS_RING / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(rect, RADIUS_CONTROL + _GAP, RADIUS_CONTROL + _GAP)


def _shows_ring(widget: QWidget) -> bool:
    if widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
        return False  # a page that holds the focus only until it is filled
    if isinstance(widget, QLineEdit | QComboBox | QTextEdit):
        return True
    return QApplication.mouseButtons() == Qt.MouseButton.NoButton


def _frame_of(widget: QWidget) -> QWidget:
    """What the ring is painted on: the nearest scrolled content, so that it scrolls along, else the window."""
    step = widget.parentWidget()
    while step is not None and not step.isWindow():
        area = step.parentWidget().parentWidget() if step.parentWidget() is not None else None
        if isinstance(area, QAbstractScrollArea) and area.viewport() is step.parentWidget():
            return step
        step = step.parentWidget()
    return step or widget.window()
