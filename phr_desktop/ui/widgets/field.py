"""A labelled field with a hint or an error under it, and the field for passphrases."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.tokens import SPACE_S, SPACE_XS
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.text import Text, restyle


class Field(QWidget):
    """`label` (with a mnemonic) over `edit`, one muted hint under it; an error takes the hint's place."""

    def __init__(self, label: str, edit: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = edit
        self._hint = hint
        self.label = QLabel(label, wordWrap=True)
        self.label.setBuddy(edit)
        self.label.setProperty("type", "strong")
        self.note = Text(hint, "small", "muted", wrap=True)
        if not hint:
            self.note.hide()
        edit.setAccessibleName(label.replace("&", ""))
        edit.setAccessibleDescription(hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS + 2)
        column.addWidget(self.label)
        column.addWidget(edit)
        column.addWidget(self.note)

    def hint(self, hint: str) -> None:
        """Shows another hint, and no error any more."""
        self._hint = hint
        self._show(hint, "muted", wrong=False)

    def error(self, sentence: str) -> None:
        """Shows and announces what is wrong; an empty sentence brings the hint back."""
        if not sentence:
            self.hint(self._hint)
            return
        self._show(sentence, "error", wrong=True)
        announce(self.edit, sentence, at_once=True)

    def _show(self, words: str, ink: str, *, wrong: bool) -> None:
        self.note.setText(words)
        self.note.set_ink(ink)
        self.note.setVisible(bool(words))
        self.edit.setAccessibleDescription(words)
        self.edit.setProperty("wrong", wrong)
        restyle(self.edit)


class _HiddenEdit(QLineEdit):
    """Shows dots, and notices Caps Lock by a capital letter typed without Shift."""

    caps_lock = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = event.text()
        if letter.isalpha():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_lock.emit(letter.isupper() != shifted)
        elif event.key() == Qt.Key.Key_CapsLock:
            self.caps_lock.emit(False)
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.caps_lock.emit(False)
        super().focusOutEvent(event)


class PassphraseField(QWidget):
    """A passphrase with Show and Hide; pasting works. The words under it say when Caps Lock seems to be on."""

    changed = Signal(str)
    entered = Signal()

    def __init__(self, label: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = _HiddenEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.edit.textChanged.connect(self.changed)
        self.edit.returnPressed.connect(self.entered)
        self.edit.caps_lock.connect(self._caps_lock)
        self.show_button = OutlineButton(self.tr("Show"), self._toggle)
        both = QWidget()
        both.setFocusProxy(self.edit)
        line = QHBoxLayout(both)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_S)
        line.addWidget(self.edit, 1)
        line.addWidget(self.show_button)
        self.field = Field(label, both, hint)
        self.field.label.setBuddy(self.edit)
        self.edit.setAccessibleName(label.replace("&", ""))
        self.edit.setAccessibleDescription(hint)
        self.caps = Text(self.tr("Caps Lock seems to be on."), "small", "warning")
        self.caps.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addWidget(self.field)
        column.addWidget(self.caps)
        self.setFocusProxy(self.edit)
        self._name_button()

    def text(self) -> str:
        return self.edit.text()

    def error(self, sentence: str) -> None:
        self.field.error(sentence)
        self.edit.setAccessibleDescription(sentence)

    def clear(self) -> None:
        """Empties it, and its own undo history with it."""
        self.edit.clear()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._name_button()

    def _toggle(self) -> None:
        hidden = self.edit.echoMode() == QLineEdit.EchoMode.Password
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self._name_button()

    def _name_button(self) -> None:
        hidden = self.edit.echoMode() == QLineEdit.EchoMode.Password
        self.show_button.setText(self.tr("Show") if hidden else self.tr("Hide"))
        self.show_button.setAccessibleName(self.tr("Show what is typed") if hidden else self.tr("Hide what is typed"))

    def _caps_lock(self, on: bool) -> None:
        self.caps.setVisible(on)
        if on:
            announce(self.edit, self.caps.text())
