"""Ways into the record: change or add a passphrase, rename or remove a way in, and let this computer open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.errors import PhrError
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.field import Field, PassphraseField
from phr_desktop.ui.widgets.passphrase_choice import PassphraseChoice
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import Choice

LONGEST_LABEL = 40
_AT_PRESENT = ("wrong-passphrase", "other-passphrase")


class AccessDialog(CalmDialog):
    """Emits `done` when the ways in have changed. What was typed is forgotten when it closes."""

    done_well = Signal()

    def __init__(
        self, title: str, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None
    ) -> None:
        super().__init__(title, parent)
        self.services, self.bridge, self.problems = services, bridge, problems
        self.present = PassphraseField(self.tr("Your p&resent passphrase"), parent=self)
        self.present.hide()
        self.choice: PassphraseChoice | None = None
        self.problem = Text("", "body", "error", wrap=True)
        self.problem.hide()
        self.main = PrimaryButton("", self._act)
        self._words = ""
        self.finished.connect(self._forget)

    def say(self, text: str) -> None:
        """A muted paragraph."""
        self.column.addWidget(Text(text, "body", "muted", wrap=True))

    def ask_present(self) -> None:
        """Asks for the present passphrase, where the recovery key did not open the record."""
        self.column.addWidget(self.present)
        self.present.setVisible(self.services.access.opened_with is not WayKind.RECOVERY_KEY)
        self.present.changed.connect(lambda _text: self.present.error(""))
        self.present.entered.connect(self._act)

    def ask_new(self) -> PassphraseChoice:
        """Asks for a new passphrase."""
        self.choice = PassphraseChoice(self.services.access, self.bridge, self.tr("&New passphrase"))
        self.choice.entered.connect(self._act)
        self.choice.grew.connect(self.fit)
        self.column.addWidget(self.choice)
        return self.choice

    def end_with(self, words: str) -> None:
        """The buttons at the foot; the main one says `words`."""
        self._words = words
        self.column.addWidget(self.problem)
        self.column.addStretch(1)
        self.main.setText(words)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.main])
        self.fit()

    def proof(self) -> str | None:
        """What the core takes for `present`."""
        return None if self.present.isHidden() else self.present.text()

    def is_ready(self) -> bool:
        """Whether what is asked for was given; says what is missing where it is missing."""
        if self.proof() == "":
            self.present.error(self.tr("Type the passphrase with which you open the record now."))
            self.present.setFocus()
            return False
        return self.choice is None or self.choice.is_ready()

    def act(self) -> Callable[[], object]:
        """What to do on a worker; widgets are read before it is given."""
        raise NotImplementedError

    def _act(self) -> None:
        if not self.main.isEnabled() or not self.is_ready():
            return
        self._set_busy(True)
        self.bridge.run_action(self.act(), self._done, owner=self, failed=self._failed)

    def _done(self, _nothing: object) -> None:
        self.done_well.emit()
        self.accept()

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        if isinstance(error, PhrError) and error.code in _AT_PRESENT:
            self.present.error(sentence_of(error))
            self.present.setFocus()
            self.present.edit.selectAll()
        elif self.choice is not None and self.choice.takes(error):
            return
        elif isinstance(error, PhrError):
            self.problem.setText(sentence_of(error))
            self.problem.show()
            self.fit()
            announce(self, self.problem.text(), at_once=True)
        else:
            self.problems.show(error)

    def _set_busy(self, busy: bool) -> None:
        self.problem.hide()
        self.main.setEnabled(not busy)
        self.main.setText(self.tr("One moment...") if busy else self._words)

    def _forget(self) -> None:
        self.present.clear()
        if self.choice is not None:
            self.choice.clear()


class ChangePassphrase(AccessDialog):
    """`rekey_wanted`: the old passphrase may be known to somebody."""

    rekey_wanted = Signal()

    def __init__(
        self,
        services: Services,
        bridge: Bridge,
        problems: Problems,
        parent: QWidget | None,
        passphrases: Sequence[WayIn] = (),
        *,
        changed: WayIn | None = None,
    ) -> None:
        super().__init__("", services, bridge, problems, parent)
        self._changed = changed
        by_key = services.access.opened_with is WayKind.RECOVERY_KEY
        title = self.tr("Choose a new passphrase") if by_key else self.tr("Change the passphrase")
        self.setWindowTitle(title)
        self.title.setText(title)
        if by_key:
            self.say(
                self.tr("You opened the record with the recovery key. Choose a passphrase that you will remember.")
            )
        self.which = Choice()
        for way in passphrases:
            self.which.addItem(way_words(way), way.id)
        self.which.setCurrentIndex(self.which.findData(changed.id) if changed is not None else 0)
        if changed is not None and changed.label:
            self.say(fill(self.tr("This is about the passphrase “%1”."), changed.label))
        if by_key and len(passphrases) > 1:
            self.column.addWidget(Field(self.tr("&Which passphrase goes"), self.which))
        self.ask_present()
        self.ask_new()
        self.say(
            self.tr(
                "The old passphrase opens this record no more. It still opens copies and backups made before. If"
                " somebody else may know it and may have such a copy, encrypt everything anew instead."
            )
        )
        self.rekey = LinkButton(self.tr("&Encrypt everything anew..."), self._want_rekey, flush=True)
        self.column.addWidget(self.rekey, 0, Qt.AlignmentFlag.AlignLeft)
        self.end_with(self.tr("Change &passphrase"))
        (self.choice if by_key else self.present).setFocus()

    def act(self) -> Callable[[], object]:
        proof, new = self.proof(), self.choice.text()
        way = self.which.currentData() if proof is None else self._changed and self._changed.id
        return lambda: self.services.access.change_passphrase(proof, new, way=way)

    def _want_rekey(self) -> None:
        self.reject()
        self.rekey_wanted.emit()


class AddPassphrase(AccessDialog):
    """Somebody else's own passphrase."""

    def __init__(self, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None) -> None:
        super().__init__(parent=parent, title="", services=services, bridge=bridge, problems=problems)
        self.setWindowTitle(self.tr("Add a passphrase"))
        self.title.setText(self.tr("Add a passphrase"))
        self.say(self.tr("For somebody who helps you. It opens everything in this record, for everyone in it."))
        self.label = QLineEdit(maxLength=LONGEST_LABEL)
        self.label_field = Field(
            self.tr("Whose is &it?"), self.label, self.tr("Such as: Ana. It is kept encrypted, like the record.")
        )
        self.label.textChanged.connect(lambda _text: self.label_field.error(""))
        self.column.addWidget(self.label_field)
        self.ask_present()
        self.ask_new()
        self.end_with(self.tr("A&dd passphrase"))
        self.label.setFocus()

    def is_ready(self) -> bool:
        if not self.label.text().strip():
            self.label_field.error(self.tr("Write a word, so that you can tell the passphrases apart."))
            self.label.setFocus()
            return False
        return super().is_ready()

    def act(self) -> Callable[[], object]:
        proof, new, label = self.proof(), self.choice.text(), self.label.text()
        return lambda: self.services.access.add_passphrase(proof, new, label)


class RenameWay(AccessDialog):
    """What the person calls a passphrase."""

    def __init__(
        self, way: WayIn, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None
    ) -> None:
        super().__init__("", services, bridge, problems, parent)
        self.setWindowTitle(self.tr("Rename the passphrase"))
        self.title.setText(self.tr("Rename the passphrase"))
        self._way = way
        self.label = QLineEdit(way.label, maxLength=LONGEST_LABEL)
        self.label.returnPressed.connect(self._act)
        self.column.addWidget(Field(self.tr("Whose is &it?"), self.label, self.tr("Such as: Ana.")))
        self.end_with(self.tr("&Rename"))
        self.label.setFocus()

    def act(self) -> Callable[[], object]:
        way, label = self._way.id, self.label.text()
        return lambda: self.services.access.rename(way, label)


class RemoveWay(AccessDialog):
    """Says what is lost with a way in before it goes."""

    def __init__(
        self, way: WayIn, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None
    ) -> None:
        super().__init__("", services, bridge, problems, parent)
        self._way = way
        titles = {
            WayKind.PASSPHRASE: fill(self.tr("Remove the passphrase “%1”?"), way.label or way_words(way)),
            WayKind.RECOVERY_KEY: self.tr("Remove the recovery key?"),
            WayKind.DEVICE: self.tr("Stop unlocking with this computer?"),
        }
        said = {
            WayKind.PASSPHRASE: self.tr(
                "Whoever uses it cannot open this record any more. It still opens copies and backups made before."
            ),
            WayKind.RECOVERY_KEY: self.tr(
                "If you then forget the passphrase, the record is lost for good: nobody can open it, not even the"
                " makers of this program. A new recovery key is the better way if only the paper is gone."
            ),
            WayKind.DEVICE: self.tr("The passphrase and the recovery key open the record as before."),
        }
        self.setWindowTitle(titles[way.kind] if way.kind is not WayKind.PASSPHRASE else self.tr("Remove a passphrase"))
        self.title.setText(titles[way.kind])
        if way.kind is WayKind.RECOVERY_KEY:
            self.column.addWidget(Banner(said[way.kind], Tone.WARNING, dismissible=False))
        else:
            self.say(said[way.kind])
        self.column.addWidget(self.problem)
        self.column.addStretch(1)
        self.main = OutlineButton(self.tr("&Remove"), self._act)
        self._words = self.main.text()
        keep = PrimaryButton(self.tr("&Keep it"), self.reject)
        self.set_buttons([self.main, keep])
        keep.setFocus()
        self.fit()

    def act(self) -> Callable[[], object]:
        way = self._way.id
        return lambda: self.services.access.remove(way)


class UnlockWithDevice(AccessDialog):
    """Turns on what is off until somebody asks for it."""

    def __init__(self, services: Services, bridge: Bridge, problems: Problems, parent: QWidget | None) -> None:
        super().__init__("", services, bridge, problems, parent)
        self.setWindowTitle(self.tr("Unlock with this computer"))
        self.title.setText(self.tr("Unlock with this computer"))
        self.say(
            self.tr(
                "The record then opens without the passphrase on this computer, while you are signed in to it. The key"
                " lies in the system's own keychain."
            )
        )
        said = self.tr("Whoever can use this computer under your account can then read the record.")
        self.column.addWidget(Banner(said, Tone.WARNING, dismissible=False))
        self.say(self.tr("The passphrase still works and you still need it, so do not forget it."))
        self.ask_present()
        self.end_with(self.tr("&Turn it on"))
        self.present.setFocus()

    def act(self) -> Callable[[], object]:
        proof = self.proof()
        return lambda: self.services.access.turn_device_on(proof)


def way_words(way: WayIn) -> str:
    """A way in as people name it."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("access", text)

    if way.kind is WayKind.RECOVERY_KEY:
        return tr("Recovery key")
    if way.kind is WayKind.DEVICE:
        return tr("This computer")
    return fill(tr("Passphrase: %1"), way.label) if way.label else tr("Passphrase")
