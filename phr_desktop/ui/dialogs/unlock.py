"""Opens the vault, by passphrase or by recovery key; the work is done off the window's thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.gate import Gate
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.field import Field, PassphraseField
from phr_desktop.ui.widgets.icon_label import IconLabel
from phr_desktop.ui.widgets.text import Text

_AT_THE_FIELD = ("wrong-passphrase", "wrong-recovery-key", "recovery-key-malformed", "passphrase-too-short")


class Unlock(Gate):
    """Emits `unlocked` when the vault is open. `told` are sentences about why it is locked; nothing private."""

    unlocked = Signal()
    restore_wanted = Signal()
    save_wanted = Signal(str, bool)  # what was typed, and whether it is the recovery key: the record is damaged

    def __init__(
        self,
        services: Services,
        bridge: Bridge,
        problems: Problems,
        parent: QWidget | None = None,
        *,
        told: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self._services, self._bridge, self._problems = services, bridge, problems
        self._told = tuple(told)
        self._saves = False
        self.passphrase = PassphraseField(self.tr("&Passphrase"))
        self.passphrase.entered.connect(self._unlock)
        self.passphrase.layout().setAlignment(Qt.AlignmentFlag.AlignTop)  # the other way has a line more
        self.key = QLineEdit()
        self.key.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.key.returnPressed.connect(self._unlock)
        self.key_field = Field(
            self.tr("&Recovery key"), self.key, self.tr("The groups that you wrote down, in their order.")
        )
        self.ways = QStackedWidget()
        self.ways.addWidget(self.passphrase)
        self.ways.addWidget(self.key_field)
        self.button = PrimaryButton("", self._unlock)
        self.other_way = LinkButton("", self._switch)
        self.device_button = OutlineButton(self.tr("Unlock with this co&mputer"), self._unlock_with_device)
        self.device_button.setVisible(services.can_unlock_with_device())
        self.restore_button = LinkButton(self.tr("Res&tore from a backup..."), self.restore_wanted.emit)
        self.waiting = Banner("", Tone.ACCENT, dismissible=False)
        self.waiting.hide()
        self.problem = Text("", "body", "error", wrap=True)
        self.problem.hide()
        self._build()
        self._show_way(0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._edit().setFocus()

    def show_waiting(self, count: int) -> None:
        """Says that so many reminders are due, and nothing about them."""
        one, many = (
            self.tr("A reminder is due. Unlock to see it."),
            self.tr("%1 reminders are due. Unlock to see them."),
        )
        self.waiting.say(one if count == 1 else fill(many, count))
        announce(self, self.waiting.text.text())

    def say(self, words: str) -> None:
        """Says something that is not private above the field."""
        self.waiting.say(words)
        announce(self, words, at_once=True)

    def save_instead(self) -> None:
        """What is typed next does not open the record: `save_wanted`."""
        self._saves = True
        self.button.setText(self._words())

    def clear(self) -> None:
        """Forgets what was typed."""
        self.passphrase.clear()
        self.key.clear()

    def _build(self) -> None:
        card = QFrame()
        card.setProperty("frame", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_L)
        column.setSpacing(SPACE_L)
        column.addWidget(IconLabel("lock", 32, "accent"))
        heading = QVBoxLayout()
        heading.setSpacing(SPACE_S)
        heading.addWidget(Text(self._title(), "title", wrap=True))
        heading.addWidget(Text(self._lead(), "body", "muted", wrap=True))
        column.addLayout(heading)
        column.addWidget(self.waiting)
        if self._told:
            column.addWidget(Banner("\n".join(self._told), Tone.NEUTRAL, dismissible=False))
        if self._services.sample_passphrase is not None:
            column.addWidget(self._sample_words(self._services.sample_passphrase))
            self.other_way.hide()  # nobody has the sample's recovery key
            self.restore_button.hide()
        column.addWidget(self.ways)
        column.addWidget(self.problem)
        column.addWidget(self.button)
        column.addWidget(self.device_button)
        column.addWidget(self.other_way, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.restore_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.setSpacing(SPACE_M)
        self.column.addWidget(card)

    def _title(self) -> str:
        sample = self._services.sample_passphrase is not None
        return self.tr("The sample is locked") if sample else self.tr("Your health record is locked")

    def _lead(self) -> str:
        if self._services.sample_passphrase is not None:
            return self.tr("It holds a made-up family. To come back to your own record, start the program again.")
        if self._services.can_unlock_with_device():
            return self.tr("Everything is encrypted on this computer.")
        return self.tr("Everything is encrypted on this computer. Only your passphrase opens it.")

    def _sample_words(self, passphrase: str) -> Banner:
        """The public passphrase, to be read or copied."""
        said = fill(self.tr("The sample's passphrase is the same for everyone:\n%1"), passphrase)
        banner = Banner(said, Tone.ACCENT, dismissible=False)
        banner.text.selectable().setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return banner

    def _switch(self) -> None:
        self._show_way(1 - self.ways.currentIndex())
        self._edit().setFocus()

    def _show_way(self, way: int) -> None:
        self.ways.setCurrentIndex(way)
        self.problem.hide()
        self.button.setText(self._words())
        self.other_way.setText(self.tr("Use the re&covery key") if way == 0 else self.tr("Use the p&assphrase"))

    def _unlock(self) -> None:
        typed = self._edit().text()
        if not typed or not self.button.isEnabled():
            return
        if self._saves:
            self._saves = False
            self.button.setText(self._words())
            self.save_wanted.emit(typed, self.ways.currentIndex() == 1)
            self.clear()
            return
        open_it = self._services.unlock if self.ways.currentIndex() == 0 else self._services.unlock_with_recovery_key
        self._set_busy(True)
        self._bridge.run_action(lambda: open_it(typed), self._opened, owner=self, failed=self._failed)

    def _unlock_with_device(self) -> None:
        self._set_busy(True)
        self._bridge.run_action(self._services.unlock_with_device, self._opened, owner=self, failed=self._failed)

    def _opened(self, _nothing: object) -> None:
        self.clear()
        self._set_busy(False)
        self.unlocked.emit()

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        code = getattr(error, "code", "")
        if code in _AT_THE_FIELD:
            field = self.passphrase if self.ways.currentIndex() == 0 else self.key_field
            field.error(sentence_of(error))
        elif code == "database-damaged" and self._edit().text():
            self.save_wanted.emit(self._edit().text(), self.ways.currentIndex() == 1)
        elif code:
            self.problem.setText(sentence_of(error))
            self.problem.show()
            announce(self, self.problem.text(), at_once=True)
        else:
            self._problems.show(error)
        self._edit().setFocus()
        self._edit().selectAll()

    def _words(self) -> str:
        return self.tr("&Look for what can be saved") if self._saves else self.tr("&Unlock")

    def _edit(self) -> QLineEdit:
        return self.passphrase.edit if self.ways.currentIndex() == 0 else self.key

    def _set_busy(self, busy: bool) -> None:
        for widget in (self.ways, self.button, self.device_button, self.other_way, self.restore_button):
            widget.setEnabled(not busy)
        self.button.setText(self.tr("Opening...") if busy else self._words())
        if busy:
            self.problem.hide()
            self.passphrase.error("")
            self.key_field.error("")
