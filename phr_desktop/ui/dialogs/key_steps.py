"""A new recovery key, alone or with everything encrypted anew: shown, typed back, and only then in force."""

from __future__ import annotations

import random
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.access import WayKind
from phr_desktop.errors import PhrError
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.first_run_steps import RecoveryStep, Step, TypeBackStep
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import SPACE_M
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.field import PassphraseField
from phr_desktop.ui.widgets.passphrase_choice import PassphraseChoice
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.recovery_key import key_groups
from phr_desktop.ui.widgets.step_stack import StepStack
from phr_desktop.ui.widgets.text import Text


class BeginStep(Step):
    """What will happen, and the present passphrase; for a re-key a new one too."""

    def __init__(self, services: Services, bridge: Bridge, title: str, said: list[str], choice: bool) -> None:
        super().__init__()
        self._title = title
        self.column.setSpacing(SPACE_M)
        for each in said:
            self.column.addWidget(Text(each, "body", "muted", wrap=True))
        self.present = PassphraseField(self.tr("Your p&resent passphrase"))
        self.present.setVisible(services.access.opened_with is not WayKind.RECOVERY_KEY)
        self.present.changed.connect(lambda _text: self.present.error(""))
        self.present.entered.connect(self.entered)
        self.column.addWidget(self.present)
        self.choice: PassphraseChoice | None = None
        if choice:
            self.choice = PassphraseChoice(services.access, bridge, self.tr("&New passphrase"))
            self.choice.entered.connect(self.entered)
            self.column.addWidget(self.choice)

    def title(self) -> str:
        return self._title

    def begin(self) -> None:
        (self.choice if self.present.isHidden() and self.choice is not None else self.present).setFocus()

    def is_ready(self) -> bool:
        if self.proof() == "":
            self.present.error(self.tr("Type the passphrase with which you open the record now."))
            self.present.setFocus()
            return False
        return self.choice is None or self.choice.is_ready()

    def proof(self) -> str | None:
        """What the core takes for `present`."""
        return None if self.present.isHidden() else self.present.text()

    def takes(self, error: PhrError) -> bool:
        """Shows an error that is about what was typed here."""
        if error.code == "wrong-passphrase":
            self.present.error(sentence_of(error))
            self.present.edit.selectAll()
            return True
        return self.choice is not None and self.choice.takes(error)

    def clear(self) -> None:
        self.present.clear()
        if self.choice is not None:
            self.choice.clear()


class KeySteps(CalmDialog):
    """Three steps, and the work at their end. Until then nothing has changed, and Cancel leaves it so."""

    done_well = Signal()

    def __init__(
        self,
        title: str,
        begin: Callable[[], BeginStep],
        services: Services,
        bridge: Bridge,
        problems: Problems,
        parent: QWidget | None,
    ) -> None:
        super().__init__(title, parent)
        self.services, self.bridge, self.problems = services, bridge, problems
        self._key = ""
        self._runs = False  # the work at the end: from here on it may be done
        self._work: Work | None = None
        self.begin_step = begin()
        self.recovery = RecoveryStep(services, bridge)
        self.type_back = TypeBackStep()
        self.steps: list[Step] = [self.begin_step, self.recovery, self.type_back]
        self.place = Text("", "small", "muted")
        self.lead = Text("", "body", "muted", wrap=True)
        self.column.insertWidget(0, self.place)
        self.column.addWidget(self.lead)
        self.stack = StepStack()
        for step in self.steps:
            self.stack.addWidget(step)
            step.entered.connect(self.next)
        self.column.addWidget(self.stack)
        self.problem = Text("", "body", "error", wrap=True)
        self.progress = ProgressLine("", self._cancel)
        for widget in (self.problem, self.progress):
            self.column.addWidget(widget)
            widget.hide()
        self.column.addStretch(1)
        self.cancel_button = OutlineButton(self.tr("&Cancel"), self.reject)
        self.back_button = OutlineButton(self.tr("&Back"), lambda: self._show(self.stack.currentIndex() - 1))
        self.next_button = PrimaryButton("", self.next)
        self.set_buttons([self.cancel_button, self.back_button, self.next_button])
        if self.begin_step.choice is not None:
            self.begin_step.choice.grew.connect(self.fit)
        self.finished.connect(self._forget)
        self._show(0)

    def last_words(self) -> str:
        """What the main button of the last step says."""
        raise NotImplementedError

    def run(self, key: str) -> None:
        """Makes it so; calls `succeeded` or `failed`."""
        raise NotImplementedError

    def next(self) -> None:
        """Goes on, if the step is content with what it was given."""
        step = self.steps[self.stack.currentIndex()]
        if not self.next_button.isEnabled() or not step.is_ready():
            return
        if step is self.begin_step and not self._key:
            proof = self.begin_step.proof()
            self._set_busy(True)
            self.bridge.run_query(
                lambda: self.services.access.new_recovery_key(proof), self._take_key, owner=self, failed=self.failed
            )
        elif step is self.type_back:
            self._set_busy(True)
            self._runs = True
            self.run(self._key)
        else:
            self._show(self.stack.currentIndex() + 1)

    def is_working(self) -> bool:
        return self._runs

    def lost_by_lock(self) -> str:
        """A key that was shown is on paper by now: which paper counts is said."""
        if self._runs:
            words = self.tr("“%1” was interrupted. Either what is new opens the record, or what was before: keep both.")
            return fill(words, self.windowTitle())
        if self._key:
            return self.tr("The new recovery key that was shown does not open this record. Throw that paper away.")
        return super().lost_by_lock()

    def succeeded(self, _nothing: object = None) -> None:
        self.done_well.emit()
        self.accept()

    def failed(self, error: Exception) -> None:
        """Says what was wrong, at the field that it is about."""
        self._set_busy(False)
        self._runs = False
        if not isinstance(error, PhrError):
            self.problems.show(error)
            return
        if self.begin_step.takes(error):
            self._show(0)
            return
        self.problem.setText(sentence_of(error))
        self.problem.show()
        self.fit()
        announce(self, self.problem.text(), at_once=True)

    def reject(self) -> None:
        """While the work runs, Escape stops it, and the dialog closes with what came of it."""
        if self._work is not None and self.next_button.isHidden():
            self.progress.cancel.click()
            return
        super().reject()

    def _take_key(self, key: str) -> None:
        self._set_busy(False)
        self._key = key
        self.recovery.show_key(key)
        self.type_back.ask(key, random.sample(range(len(key_groups(key))), 2))
        self._show(1)

    def _show(self, place: int) -> None:
        step = self.steps[place]
        self.stack.setCurrentIndex(place)
        self.place.setText(fill(self.tr("Step %1 of %2"), place + 1, len(self.steps)))
        self.title.setText(step.title())
        self.lead.setText(step.lead())
        self.lead.setVisible(bool(step.lead()))
        self.problem.hide()
        self.back_button.setVisible(place > 0)
        self.next_button.setText(self.last_words() if step is self.type_back else step.next_words())
        self.fit()
        step.begin()
        announce(self, f"{self.place.text()}. {step.title()}")

    def _set_busy(self, busy: bool) -> None:
        self.stack.setEnabled(not busy)
        for button in (self.cancel_button, self.back_button, self.next_button):
            button.setEnabled(not busy)
        if busy:
            self.problem.hide()

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _forget(self) -> None:
        self._key = ""
        self.recovery.forget()
        self.begin_step.clear()
        self.type_back.clear()


class NewRecoveryKey(KeySteps):
    """A new key in the place of the old one."""

    def __init__(self, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None) -> None:
        title = self.tr("Make a new recovery key")
        said = [
            self.tr(
                "You get a new key to print or to write down. The old one stops working when you have typed two groups"
                " of the new one back, and not before."
            ),
            self.tr("The old key still opens copies and backups that were made before."),
        ]
        super().__init__(
            title, lambda: BeginStep(services, bridge, title, said, choice=False), services, bridge, problems, parent
        )

    def last_words(self) -> str:
        return self.tr("&Use the new key")

    def run(self, key: str) -> None:
        proof = self.begin_step.proof()
        self.bridge.run_action(
            lambda: self.services.access.set_recovery_key(proof, key), self.succeeded, owner=self, failed=self.failed
        )


class EncryptAnew(KeySteps):
    """Everything under new keys: for when the passphrase or a copy of the record is in other hands."""

    def __init__(self, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None) -> None:
        title = self.tr("Encrypt everything anew")
        said = [
            self.tr(
                "The whole record is written anew under new keys, with a new passphrase and a new recovery key. Other"
                " passphrases and unlocking with this computer stop working; you can add them again."
            ),
            self.tr("Copies and backups made before still open the old way. Delete those that you do not trust."),
        ]
        super().__init__(
            title, lambda: BeginStep(services, bridge, title, said, choice=True), services, bridge, problems, parent
        )

    def last_words(self) -> str:
        return self.tr("&Encrypt everything")

    def run(self, key: str) -> None:
        access, proof, new = self.services.access, self.begin_step.proof(), self.begin_step.choice.text()
        self._show_buttons(False)
        self._tell(0, 0)
        self.progress.show()
        self.fit()
        self._work = self.bridge.run_work(
            lambda work: access.rekey(proof, new, key, progress=work.progress, cancelled=work.cancelled),
            self.succeeded,
            on_progress=self._tell,
            owner=self,
            failed=self.failed,
        )

    def failed(self, error: Exception) -> None:
        self._work = None
        self.progress.hide()
        self._show_buttons(True)
        super().failed(error)

    def _show_buttons(self, shown: bool) -> None:
        for button in (self.cancel_button, self.back_button, self.next_button):
            button.setVisible(shown)

    def _tell(self, done: int, total: int) -> None:
        words = self.tr("Writing the record anew. The old one stays until the new one is proven.")
        self.progress.show_count(words, done, total)
