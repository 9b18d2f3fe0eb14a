"""The first start, step by step: how it looks, whose record, passphrase, recovery key, and what to begin with.

The vault is made when the passphrase is given; from there on there is no way back before it, only forward.
"""

from __future__ import annotations

import random

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.first_run_steps import (
    Beginning,
    LookStep,
    PassphraseStep,
    RecoveryStep,
    StartStep,
    Step,
    TypeBackStep,
    WhoStep,
)
from phr_desktop.ui.dialogs.gate import Gate
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.services import PersonAdded, Services
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_S, SPACE_XL
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.recovery_key import key_groups
from phr_desktop.ui.widgets.step_stack import StepStack
from phr_desktop.ui.widgets.text import Text


class FirstRun(Gate):
    """Emits `finished` with a Beginning when the vault is made and its recovery key was typed back."""

    finished = Signal(str)
    restore_wanted = Signal()

    def __init__(
        self, services: Services, bridge: Bridge, problems: Problems, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._bridge, self._problems = services, bridge, problems
        self._recovery_key = ""
        self.look = LookStep(services, theme)
        self.who = WhoStep(services)
        self.passphrase = PassphraseStep(services, bridge)
        self.recovery = RecoveryStep(services, bridge)
        self.type_back = TypeBackStep()
        self.start = StartStep(self._finish)
        self.steps: list[Step] = [
            self.look,
            self.who,
            self.passphrase,
            self.recovery,
            self.type_back,
            self.start,
        ]
        self._build()
        self._show(0)

    @property
    def key_is_unconfirmed(self) -> bool:
        """A vault was made whose recovery key has not been typed back: closing now would lose the key."""
        return bool(self._recovery_key)

    def step(self) -> Step:
        return self.steps[self.stack.currentIndex()]

    def next(self) -> None:
        """Goes on, if the step is content with what it was given."""
        step = self.step()
        if not self.next_button.isEnabled() or not step.is_ready():
            return
        if step is self.passphrase:
            self._make_vault()
            return
        if step is self.type_back:
            self._recovery_key = ""
            self.recovery.forget()
            self._bridge.run_action(self._services.access.recovery_key_was_checked)
        self._show(self.stack.currentIndex() + 1)

    def back(self) -> None:
        if self.back_button.isVisible() and self.back_button.isEnabled():
            self._show(self.stack.currentIndex() - 1)

    def _build(self) -> None:
        card = QFrame()
        card.setProperty("frame", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_L)
        column.setSpacing(SPACE_L)
        self.place = Text("", "small", "muted")
        self.title = Text("", "title", wrap=True)
        self.lead = Text("", "body", "muted", wrap=True)
        head = QVBoxLayout()
        head.setSpacing(SPACE_S)
        for text in (self.place, self.title, self.lead):
            head.addWidget(text)
        column.addLayout(head)
        self.stack = StepStack()
        for step in self.steps:
            self.stack.addWidget(step)
            step.entered.connect(self.next)
        column.addWidget(self.stack)
        foot = FoldLayout(lead_width=0)
        self.back_button = OutlineButton(self.tr("&Back"), self.back)
        self.next_button = PrimaryButton(self.tr("&Next"), self.next)
        self.restore_button = LinkButton(self.tr("Restore from a back&up..."), self.restore_wanted.emit)
        foot.addWidget(QWidget())
        foot.addWidget(self.restore_button)
        foot.addWidget(self.back_button)
        foot.addWidget(self.next_button)
        column.addLayout(foot)
        self.column.addWidget(card)

    def _show(self, place: int) -> None:
        step = self.steps[place]
        self.stack.setCurrentIndex(place)
        where = fill(self.tr("Step %1 of %2"), place + 1, len(self.steps))
        self.place.setText(where)
        self.title.setText(step.title())
        self.lead.setText(step.lead())
        self.lead.setVisible(bool(step.lead()))
        self.back_button.setVisible(step.has_back)
        self.restore_button.setVisible(step is self.look)
        self.next_button.setVisible(step is not self.start)
        self.next_button.setText(step.next_words())
        step.begin()
        announce(self, f"{where}. {step.title()}")
        self.verticalScrollBar().setValue(0)

    def _make_vault(self) -> None:
        name, birth_date, relation = self.who.values
        typed = self.passphrase.text()
        self._set_busy(True)

        def make() -> tuple[str, PersonAdded]:
            key = self._services.create_vault(typed)
            return key, self._services.add_person(name, birth_date, relation)

        self._bridge.run_action(make, self._made, owner=self, failed=self._not_made)

    def _made(self, made: tuple[str, PersonAdded]) -> None:
        key, _added = made
        self._set_busy(False)
        self._recovery_key = key
        self.passphrase.clear()
        self.recovery.show_key(key)
        self.type_back.ask(key, random.sample(range(len(key_groups(key))), 2))
        self._show(self.steps.index(self.recovery))

    def _not_made(self, error: Exception) -> None:
        self._set_busy(False)
        if not self.passphrase.takes(error):
            self._problems.show(error)

    def _set_busy(self, busy: bool) -> None:
        for widget in (self.stack, self.back_button, self.next_button):
            widget.setEnabled(not busy)
        self.next_button.setText(self.tr("Making the record...") if busy else self.step().next_words())

    def _finish(self, beginning: Beginning) -> None:
        self.finished.emit(beginning.value)
