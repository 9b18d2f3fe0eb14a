"""Who is shown, always at the top: avatar, full name, relation and birth date, and the button to change person."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.domain.people import Person
from phr_desktop.ui.fill import fill
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M
from phr_desktop.ui.widgets.avatar import Avatar
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.search_button import SearchButton
from phr_desktop.ui.widgets.text import ElidedText
from phr_desktop.ui.words import person_words

_NARROW_BELOW = 480  # pixels of the window at 100 %


class PersonHeader(QFrame):
    """The bar over every page."""

    search_wanted = Signal()
    change_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = self._narrow = False
        self.avatar = Avatar("", 0, 40)
        self.name = ElidedText("", "section")
        self.line = ElidedText("", "small", "muted")
        self.change = OutlineButton("", self.change_wanted.emit, icon="chevron-down")
        self.change.setLayoutDirection(_other(self))
        self.search = SearchButton(self.tr("Search records and actions"), "Ctrl+K")
        self.search.clicked.connect(self.search_wanted)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.name)
        names.addWidget(self.line)
        who = QWidget()
        line = QHBoxLayout(who)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_M)
        line.addWidget(self.avatar)
        line.addLayout(names)
        line.addWidget(self.change)
        line.addStretch(1)
        fold = FoldLayout(self, lead_width=600)  # the name comes before the search: that moves below first
        fold.setContentsMargins(24, 11, 24, 11)
        fold.addWidget(who)
        fold.addWidget(self.search)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def fit(self, window_width: int) -> None:
        """Leaves the room to the name where the text is large and the window small."""
        narrow = window_width < Theme.current().px(_NARROW_BELOW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._show_words()

    def _show_words(self) -> None:
        self.avatar.setVisible(self._shown and not self._narrow)
        change = self.tr("Change") if self._narrow else self.tr("Change person")
        self.change.setText(change if self._shown else self.tr("Add a person..."))
        self.change.setShortcut("Alt+P")
        self.change.setToolTip("Alt+P")

    def show_person(self, person: Person | None) -> None:
        """None: nobody is in the vault yet."""
        self._shown = person is not None
        self.line.setVisible(self._shown)
        self.name.setText(person.name if person else self.tr("Nobody yet"))
        self.line.setText(person_words(person.relation, person.birth_date) if person else "")
        self._show_words()
        if person is not None:
            self.avatar.show_person(person.name, person.id)
            self.change.setAccessibleName(fill(self.tr("Change person. Shown now: %1"), person.name))


def _other(widget: QWidget) -> Qt.LayoutDirection:
    """The direction that puts a button's icon after its word."""
    mirrored = widget.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return Qt.LayoutDirection.LeftToRight if mirrored else Qt.LayoutDirection.RightToLeft
