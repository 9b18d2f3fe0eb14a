"""One medicine of the list: what and how, how long it lasts, and what the person says about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.domain.medicine_words import Supply
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_S, SPACE_XS, Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.bars import SupplyBar
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.text import Text

_SUPPLY_WIDTH = 264
_BUTTONS_WIDTH = 268


@dataclass(frozen=True, slots=True)
class MedicineView:
    """A line in words, ready to show. Equal views look the same, so that a card need not be made anew."""

    key: str
    title: str
    instructions: tuple[str, ...]  # one; or all that disagree
    why: str  # "for high cholesterol, Dr. Ruiz"
    notes: tuple[str, ...]  # said in the warning's colour
    changed: str  # the clinic changed it since the person confirmed: a sentence with a button
    supply: Supply | None
    allowed: str  # "2 refills allowed"
    can_take: bool
    can_refuse: bool
    person: str


@dataclass(frozen=True, slots=True)
class MedicineVerbs:
    """What the card's buttons do, each with the line's key."""

    take: Callable[[str], object]
    refuse: Callable[[str], object]
    details: Callable[[str], object]


class ColumnBox(QWidget):
    """A column of a width of its own, so that columns of several cards line up; as high as its content needs.

    It is wider where a button in it needs more: how wide letters are is for the computer's font to say.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE_S - 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        Theme.current().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        width = max(Theme.current().px(self._width), self._least())
        return QSize(width, self.column.totalHeightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(max(Theme.current().px(min(self._width, 120)), self._least()), 0)

    def _least(self) -> int:
        return self.column.totalMinimumSize().width()


class SupplyBox(ColumnBox):
    """How long a supply lasts, as words, a bar and the figures it was added up from."""

    def __init__(self, supply: Supply, allowed: str = "", width: int = _SUPPLY_WIDTH) -> None:
        super().__init__(width)
        evidence = "\n".join(part for part in (supply.evidence, allowed) if part)
        tone = Tone.WARNING if supply.low else Tone.ACCENT
        self.words = Text(supply.words, "small", "warning" if supply.low else "muted", wrap=True)
        self.bar = SupplyBar(supply.left, supply.spoken, tone)
        self.evidence = Text(evidence, "small", "muted", wrap=True)
        for widget in (self.words, self.bar, self.evidence):
            self.column.addWidget(widget)


class MedicineCard(QFrame):
    """`view` is what it shows."""

    def __init__(self, view: MedicineView, verbs: MedicineVerbs) -> None:
        super().__init__()
        self.view = view
        self.setProperty("frame", "card")
        self.setAccessibleName(view.title)
        self.take = self.refuse = None
        column = QVBoxLayout(self)
        column.setContentsMargins(20, SPACE_L - 4, 20, SPACE_L - 4)
        column.setSpacing(SPACE_S)
        if view.changed:
            again = self.tr("I still take this")
            column.addWidget(
                Banner(view.changed, Tone.WARNING, action=again, acted=lambda: verbs.take(view.key), dismissible=False)
            )
        line = FoldLayout(lead_width=300)
        line.addWidget(_words(view))
        if view.supply is not None:
            line.addWidget(SupplyBox(view.supply, view.allowed))
        line.addWidget(self._buttons(verbs))
        column.addLayout(line)

    def first_button(self) -> QWidget:
        """Where the focus goes when this card is next."""
        return self.take or self.refuse or self.details

    def _buttons(self, verbs: MedicineVerbs) -> QWidget:
        view = self.view
        box = ColumnBox(_BUTTONS_WIDTH)
        verdicts = QWidget()
        row = FlowLayout(verdicts, spacing=SPACE_S)
        if view.can_take:
            self.take = OutlineButton(self.tr("I take this"), lambda: verbs.take(view.key))
            row.addWidget(self.take)
        if view.can_refuse:
            self.refuse = OutlineButton(self.tr("I do not take this"), lambda: verbs.refuse(view.key))
            row.addWidget(self.refuse)
        verdict = view.can_take or view.can_refuse
        words, open_it = self.tr("Details"), lambda: verbs.details(view.key)
        self.details = LinkButton(words, open_it, flush=True) if verdict else OutlineButton(words, open_it)
        for button in (self.take, self.refuse, self.details):
            if button is not None:
                button.setAccessibleName(f"{button.text()}: {view.title}, {view.person}")
        if verdict:
            box.column.addWidget(verdicts)
            box.column.addWidget(self.details, 0, Qt.AlignmentFlag.AlignLeading)
        else:
            row.addWidget(self.details)
            box.column.addWidget(verdicts)
        return box


def _words(view: MedicineView) -> QWidget:
    words = QWidget()
    column = QVBoxLayout(words)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE_XS - 1)
    column.addWidget(Text(view.title, "strong", wrap=True))
    for instruction in view.instructions:
        column.addWidget(Text(instruction, wrap=True))
    if view.why:
        column.addWidget(Text(view.why, "small", "muted", wrap=True))
    for note in view.notes:
        column.addWidget(Text(note, "small", "warning", wrap=True))
    column.addStretch(1)
    return words
