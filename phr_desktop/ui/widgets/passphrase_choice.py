"""Choosing a passphrase: twice, with how well it would hold, and with an offer of six words drawn by lot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from phr_desktop.errors import PhrError
from phr_desktop.ui.access import Access, Strength
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.tokens import SPACE_L, SPACE_M
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton
from phr_desktop.ui.widgets.field import PassphraseField
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.strength_bar import StrengthBar
from phr_desktop.ui.widgets.text import Text

SHORTEST_PASSPHRASE = 12


class PassphraseChoice(QWidget):
    """`entered` is emitted by Enter in the last field, `grew` when there is more or less to see."""

    entered = Signal()
    grew = Signal()

    def __init__(self, access: Access, bridge: Bridge, label: str = "") -> None:
        super().__init__()
        self._access, self._bridge = access, bridge
        self.first = PassphraseField(
            label or self.tr("&Passphrase"),
            self.tr("At least 12 characters. Four or five unrelated words are easy to remember."),
        )
        self.again = PassphraseField(self.tr("Type it &again"))
        self.strength = StrengthBar()
        self.suggest = LinkButton(self.tr("&Suggest six words"), self._ask_for_words, flush=True)
        self.suggestion = _Suggestion(self._use, self._ask_for_words)
        self.suggestion.hide()
        self.first.changed.connect(self._estimate)
        self.first.entered.connect(self.again.setFocus)
        self.again.entered.connect(self.entered)
        self.again.changed.connect(lambda _text: self.again.error(""))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        for widget in (self.first, self.strength):
            column.addWidget(widget)
        column.addWidget(self.suggest, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.suggestion)
        column.addWidget(self.again)
        self.setFocusProxy(self.first)

    def text(self) -> str:
        return self.first.text()

    def clear(self) -> None:
        """Forgets what was typed and what was suggested."""
        self.first.clear()
        self.again.clear()
        self.suggestion.show_words("")
        self.suggestion.hide()
        self.suggest.show()

    def takes(self, error: Exception) -> bool:
        """Shows an error that is about the passphrase; False for any other."""
        if not isinstance(error, PhrError) or not error.code.startswith("passphrase"):
            return False
        self.first.error(sentence_of(error))
        self.first.setFocus()
        return True

    def is_ready(self) -> bool:
        """Whether both are the same and long enough; says what is missing where it is missing."""
        missing = SHORTEST_PASSPHRASE - len(self.first.text())
        if missing > 0:
            words = self.tr("%n more characters are needed. Add another word.", "", missing)
            self.first.error(words.replace("%n", str(missing)))
            self.first.setFocus()
            return False
        if self.first.text() != self.again.text():
            self.again.error(self.tr("The two are not the same. Type it again, or use Show to compare them."))
            self.again.setFocus()
            return False
        return True

    def _estimate(self, typed: str) -> None:
        self.first.error("")
        if not typed:
            self.strength.hide()
            return
        self._bridge.run_query(lambda: self._access.strength(typed), self._say, owner=self, key="strength")

    def _say(self, strength: Strength) -> None:
        if self.first.text():
            self.strength.say(strength.score, strength.sentence)
            self.grew.emit()

    def _ask_for_words(self) -> None:
        self._bridge.run_query(self._access.suggest_passphrase, self._show_words, owner=self, key="words")

    def _show_words(self, words: str) -> None:
        self.suggest.hide()
        self.suggestion.show_words(words)
        self.suggestion.show()
        self.suggestion.use.setFocus()
        announce(self, words)
        self.grew.emit()

    def _use(self) -> None:
        self.first.edit.setText(self.suggestion.words.text())
        self.again.setFocus()


class _Suggestion(QFrame):
    """The words in large print; they stay while they are typed again."""

    def __init__(self, used, others) -> None:
        super().__init__()
        self.setProperty("frame", "card")
        self.words = Text("", "code", wrap=True).selectable()
        self.words.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.use = OutlineButton(self.tr("&Use these words"), used)
        self.others = OutlineButton(self.tr("&Other words"), others)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        column.setSpacing(SPACE_M)
        column.addWidget(self.words)
        column.addWidget(
            Text(
                self.tr("Drawn by lot: nobody can guess them. Write them down until you know them by heart."),
                "small",
                "muted",
                wrap=True,
            )
        )
        buttons = FoldLayout(lead_width=0)
        buttons.addWidget(QWidget())
        buttons.addWidget(self.others)
        buttons.addWidget(self.use)
        column.addLayout(buttons)

    def show_words(self, words: str) -> None:
        self.words.setText(words)
        self.words.setAccessibleName(words)
