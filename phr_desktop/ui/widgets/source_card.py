"""The card of one source: what needs a hand first, then what came, then what is not to be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.domain.people import Source
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.source_views import Does, Note, SourceView
from phr_desktop.ui.tokens import SPACE_M, SPACE_S, SPACE_XS
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card, Divider
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.count_table import CountTable
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text


@dataclass(frozen=True, slots=True)
class SourceVerbs:
    """What the buttons of a card do."""

    sign_in: Callable[[Source], object]
    disconnect: Callable[[Source], object]
    remove: Callable[[Source], object]
    settle: Callable[[Source, Note], object]
    look: Callable[[Source], object]
    try_now: Callable[[Source], object]


class SourceCard(Card):
    """Its buttons stay while its words change, so that a sync takes the focus from nobody."""

    def __init__(self, view: SourceView, verbs: SourceVerbs) -> None:
        super().__init__()
        self.view = view
        self._verbs = verbs
        self.name = Text(view.source.name, "section", wrap=True)
        self.line = Text("", "small", "muted", wrap=True)
        self.chip = Chip("")
        self.main_sign_in = PrimaryButton(self.tr("Sign in again..."), self._sign_in)
        self.sign_in = OutlineButton(self.tr("Sign in again..."), self._sign_in)
        self.connect_again = OutlineButton(self.tr("Connect again..."), self._sign_in)
        self.disconnect_button = OutlineButton(self.tr("Disconnect..."), lambda: verbs.disconnect(self.view.source))
        self.remove_button = LinkButton(self.tr("Remove data..."), lambda: verbs.remove(self.view.source))
        self._inside: QWidget | None = None
        self.body.setSpacing(SPACE_M)
        self.add(self._head())
        self.show_view(view)

    def show_view(self, view: SourceView) -> None:
        """Shows the source as it is now."""
        if view == self.view and self._inside is not None:
            return
        self.view = view
        self.setAccessibleName(f"{view.source.name}, {view.line}")
        self.name.setText(view.source.name)
        self.line.setText(view.line)
        self.chip.show_state(view.chip, view.tone)
        self.chip.setVisible(bool(view.chip))
        self._show_buttons(view)
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        self._inside = _inside(view, self._verbs)
        self.add(self._inside)

    def _show_buttons(self, view: SourceView) -> None:
        connected = view.connected is True
        self.main_sign_in.setVisible(view.asks_sign_in)
        self.sign_in.setVisible(connected and not view.asks_sign_in)
        self.connect_again.setVisible(view.connected is False)
        self.disconnect_button.setVisible(connected)
        for button in (
            self.main_sign_in, self.sign_in, self.connect_again, self.disconnect_button, self.remove_button,
        ):  # fmt: skip
            button.setAccessibleName(
                f"{button.text().rstrip('.')}: {view.source.name}, {fill(self.tr('for %1'), view.person.name)}"
            )

    def _head(self) -> QWidget:
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addWidget(self.name)
        column.addWidget(self.line)
        head = QWidget()
        fold = FoldLayout(head, lead_width=360)
        fold.addWidget(words)
        fold.addWidget(self.chip)
        for button in (
            self.remove_button, self.sign_in, self.connect_again, self.disconnect_button, self.main_sign_in,
        ):  # fmt: skip
            fold.addWidget(button)
        return head

    def _sign_in(self) -> None:
        self._verbs.sign_in(self.view.source)


def _inside(view: SourceView, verbs: SourceVerbs) -> QWidget:
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE_S)
    for note in view.notes:
        column.addWidget(Divider())
        column.addWidget(_note_row(note, view.source, verbs))
    column.addWidget(Divider())
    column.addSpacing(SPACE_XS)
    if view.came:
        column.addWidget(Text(view.came_title, "strong", wrap=True))
        column.addWidget(CountTable(view.came))
        column.addSpacing(SPACE_S)
    for sentence in view.others:
        column.addWidget(Text(sentence, "small", "muted", wrap=True))
    return inside


def _note_row(note: Note, source: Source, verbs: SourceVerbs) -> Row:
    right: list[QWidget] = [Chip(note.chip, note.tone)] if note.chip else []
    if note.does is Does.SETTLE:
        right.append(OutlineButton(_tr("Decide..."), lambda: verbs.settle(source, note), name=_of("Decide", note)))
    elif note.does is Does.LOOK:
        right.append(OutlineButton(_tr("Look"), lambda: verbs.look(source), name=_of("Look", note)))
    elif note.does is Does.TRY:
        right.append(
            OutlineButton(_tr("Try now"), lambda: verbs.try_now(source), name=f"{_tr('Try now')}: {source.name}")
        )
    return Row(
        note.title,
        note.detail,
        wrap=True,
        right=right,
        sentence=", ".join(part for part in (note.title, note.chip, note.detail) if part),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("SourceCard", text)


def _of(verb: str, note: Note) -> str:
    return f"{_tr(verb)}: {note.title}"
