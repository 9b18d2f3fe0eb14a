"""Walks over what is shown and lists what a keyboard, a screen reader or large text would stumble over."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QTextEdit,
    QWidget,
)

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.widgets.text import ElidedText

_CONTROLS = (QAbstractButton, QLineEdit, QComboBox)


def shown(root: QWidget) -> Iterator[QWidget]:
    """Every visible widget under `root`."""
    return (each for each in root.findChildren(QWidget) if each.isVisible())


def focusable(root: QWidget) -> list[QWidget]:
    """What takes the focus, without the inner parts that hand it on."""
    return [
        each
        for each in shown(root)
        if each.isEnabled() and each.focusPolicy() != Qt.FocusPolicy.NoFocus and each.focusProxy() is None
    ]


def accessible_name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def stumbles(root: QWidget) -> list[str]:
    """Names, tab places and sizes; an empty list is what every screen must give."""
    found = []
    for widget in focusable(root):
        what = f"{type(widget).__name__} {accessible_name(widget)!r}"
        if not accessible_name(widget).strip():
            found.append(f"{what} has no accessible name")
        by_arrows = isinstance(widget, QRadioButton) and widget.group() is not None  # Tab goes to the chosen one
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not by_arrows:
            found.append(f"{what} is not reached by Tab")
        if isinstance(widget, _CONTROLS) and widget.height() < Theme.current().control_height():
            found.append(f"{what} is only {widget.height()} px high")
    return found


def marked_inside(root: QWidget) -> list[str]:
    """What paints something of its own when the keyboard comes to it, beside the ring; fields show their cursor. The
    window is the active one."""
    found = []
    window = root.window()
    for widget in focusable(root):
        if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
            continue
        pictures = []
        for focused in (False, True):
            widget.setFocus(Qt.FocusReason.TabFocusReason) if focused else widget.clearFocus()
            window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, focused)  # as after Tab
            pictures.append(widget.grab().toImage())
        if pictures[0] != pictures[1]:
            found.append(f"{type(widget).__name__} {accessible_name(widget)!r} marks the focus inside")
    return found


def clipped(root: QWidget) -> list[str]:
    """Labels and buttons that have less room than their text, or that stick out of what scrolls up and down."""
    found = []
    for widget in shown(root):
        if isinstance(widget, QLabel) and not isinstance(widget, ElidedText) and widget.text():
            if widget.wordWrap():
                too_small = widget.height() < widget.heightForWidth(widget.width())
            else:
                too_small = widget.width() < widget.minimumSizeHint().width()
            if too_small:
                found.append(f"label {widget.text()!r} is cut off")
        if isinstance(widget, QAbstractButton) and widget.text() and widget.width() < widget.minimumSizeHint().width():
            found.append(f"button {widget.text()!r} is cut off")
        if isinstance(widget, (QLabel, *_CONTROLS)) and _sticks_out(widget):
            found.append(f"{type(widget).__name__} {accessible_name(widget)!r} sticks out sideways")
    return found


def _sticks_out(widget: QWidget) -> bool:
    step = widget.parentWidget()
    while step is not None and not step.isWindow():
        area = step.parentWidget()
        if isinstance(area, QScrollArea) and area.viewport() is step:
            left = widget.mapTo(step, QPoint(0, 0)).x()
            return left < 0 or left + widget.width() > step.width()
        if isinstance(area, QAbstractScrollArea):
            return False
        step = area
    return False
