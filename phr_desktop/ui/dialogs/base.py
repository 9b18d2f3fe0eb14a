"""The form of every dialog: title, whom it is about, content that scrolls where text is large, buttons at the foot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from phr_desktop.domain.people import Person
from phr_desktop.ui.fill import fill
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from phr_desktop.ui.widgets.avatar import Avatar
from phr_desktop.ui.widgets.card import Divider
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.text import ElidedText, Text

_WIDTH = 560


def lock_key(window: QWidget) -> QShortcut:
    """Ctrl+L in a window: every dialog hands it on to the window under it, and the program's window locks."""
    return _named_key(window, "Ctrl+L")


def quit_key(window: QWidget) -> QShortcut:
    """Ctrl+Q in a window: handed on as `lock_key`; the program's window asks what is to be asked, and ends."""
    return _named_key(window, "Ctrl+Q")


class CalmDialog(QDialog):
    """Opened with `open()`: it never blocks the program. Its window title names no person and no record."""

    takes_enter = True  # for the button that has the focus

    def __init__(self, title: str, parent: QWidget | None, *, person: Person | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        for key in (lock_key(self), quit_key(self)):
            key.activated.connect(self._hand_on)
        self.title = Text(title, "title", wrap=True)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_M)
        self.column.setSpacing(SPACE_L)
        self.column.addWidget(self.title)
        if person is not None:
            self.column.addWidget(_person_line(person))
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        self._inside = inside
        self._edge = Divider()
        kept = self._edge.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self._edge.setSizePolicy(kept)
        self._edge.hide()
        self._area.verticalScrollBar().rangeChanged.connect(lambda _least, most: self._edge.setVisible(most > 0))
        self._foot = QWidget()
        self.foot = FoldLayout(self._foot, lead_width=0)
        self.foot.setContentsMargins(SPACE_XL, SPACE_S, SPACE_XL, SPACE_L)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        whole.addWidget(self._edge)
        whole.addWidget(self._foot)

    def set_buttons(self, buttons: Sequence[QWidget]) -> None:
        """Puts these at the foot, the main one last; those that stood there go."""
        while self.foot.count():
            item = self.foot.takeAt(0)
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        self.foot.addWidget(QWidget())
        for button in buttons:
            self.foot.addWidget(button)
        _show_new(self._foot)
        self.foot.invalidate()

    def sizeHint(self) -> QSize:
        room = self.screen().availableSize() * 0.92
        width = min(Theme.current().px(_WIDTH), room.width())
        layout = self._inside.layout()
        foot = self.foot.heightForWidth(width)
        wanted = QSize(width, layout.totalHeightForWidth(width) + foot + SPACE_M + Theme.current().tokens.border_width)
        return wanted.boundedTo(room)

    def _hand_on(self) -> None:
        below, name = self.parentWidget(), self.sender().objectName()
        key = below and below.window().findChild(QShortcut, name, Qt.FindChildOption.FindDirectChildrenOnly)
        if key is not None:
            key.activated.emit()

    def is_working(self) -> bool:
        """Whether it does something that must not be cut off because nobody touches the program meanwhile."""
        return False

    def lost_by_lock(self) -> str:
        """What is lost where a lock closes it now, said on the Unlock page; "" where nothing is. Nothing private."""
        if any(edit.isModified() and edit.text() for edit in self.findChildren(QLineEdit)):
            return fill(self.tr("What you had typed in \u201c%1\u201d was not kept."), self.windowTitle())
        return ""

    def fit(self) -> None:
        """Takes the size that the content wants now."""
        _show_new(self._inside)
        _lay_out(self._inside)
        self.layout().activate()
        self.resize(self.sizeHint())


def _named_key(window: QWidget, sequence: str) -> QShortcut:
    key = QShortcut(QKeySequence(sequence), window)
    key.setObjectName(sequence)
    return key


def _show_new(whole: QWidget) -> None:
    """Shows what a layout was given since; Qt itself does so in the next round of events, and until then what is new
    counts for no height."""
    for each in whole.findChildren(QWidget):
        layout = each.parentWidget().layout()
        is_new = each.isHidden() and not each.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
        if is_new and layout is not None and _holds(layout, each):
            each.show()


def _holds(layout: QLayout, widget: QWidget) -> bool:
    """Whether the widget stands in this layout or in one inside it."""
    inner = (layout.itemAt(place).layout() for place in range(layout.count()))
    return layout.indexOf(widget) >= 0 or any(each is not None and _holds(each, widget) for each in inner)


def _lay_out(whole: QWidget) -> None:
    """Has every layout inside count anew, the innermost first; Qt itself hands a new height on in later rounds of
    events."""
    inside = [*reversed(whole.findChildren(QWidget)), whole]
    for each in inside:
        each.updateGeometry()
    for each in inside:
        if (layout := each.layout()) is not None:
            layout.activate()


def _person_line(person: Person) -> QWidget:
    line = QWidget()
    across = QHBoxLayout(line)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(SPACE_S)
    across.addWidget(Avatar(person.name, person.id, 28))
    across.addWidget(ElidedText(person.name, "strong"), 1)
    return line
