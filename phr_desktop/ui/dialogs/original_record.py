"""A record as its source sent it, in lines one can read; nothing in it can be changed."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from phr_desktop.domain.people import Person
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SMALL
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.text import Text

_LONGEST = 400_000  # characters; more would hold the window up


class OriginalRecord(CalmDialog):
    """`body` is the source's bytes, `source` the source's name."""

    def __init__(self, body: bytes, source: str, person: Person, parent: QWidget | None) -> None:
        super().__init__(QCoreApplication.translate("OriginalRecord", "Original record"), parent, person=person)
        self._body = body
        explained = self.tr("This is what %1 sent, unchanged, in the FHIR format that clinics use.")
        self.column.addWidget(Text(explained.replace("%1", source), "body", "muted", wrap=True))
        self.text = _Lines(readable(body))
        self.text.setAccessibleName(self.tr("The record as it was sent"))
        self.column.addWidget(self.text, 1)
        self.set_buttons([OutlineButton(self.tr("&Copy"), self._copy), PrimaryButton(self.tr("Cl&ose"), self.accept)])

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        room = self.screen().availableSize() * 0.92
        return QSize(theme.px(820), theme.px(680)).boundedTo(room)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._body.decode("utf-8", "replace"))


class _Lines(QPlainTextEdit):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        Theme.current().changed.connect(self._measure)
        self._measure()

    def sizeHint(self) -> QSize:
        return QSize(Theme.current().px(700), Theme.current().px(420))

    def _measure(self) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(Theme.current().px(SMALL))
        self.setFont(font)
        self.document().setDefaultFont(font)


def readable(body: bytes) -> str:
    """The JSON in indented lines, numbers as they were written; anything else as text."""
    try:
        text = msgspec.json.format(body, indent=2).decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = body.decode("utf-8", "replace")
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST] + "\n\n" + f"... {len(text) - _LONGEST:,} more characters: copy it to read the rest."
