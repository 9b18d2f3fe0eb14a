"""The steps of the first start. Each says its own title, checks what it was given and takes the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.kit_buttons import KitButtons
from phr_desktop.ui.dialogs.person_form import PersonForm
from phr_desktop.ui.fill import fill
from phr_desktop.ui.look_choice import LookChoice
from phr_desktop.ui.services import Services
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_L, SPACE_M, Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.cloud_warning import CloudWarning
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.icon_label import IconLabel
from phr_desktop.ui.widgets.passphrase_choice import PassphraseChoice
from phr_desktop.ui.widgets.recovery_key import RecoveryKeyCard, key_groups
from phr_desktop.ui.widgets.row import LinkRow


class Beginning(StrEnum):
    """What the person wants to begin with."""

    SAMPLE = "sample"
    FILES = "files"
    PORTAL = "portal"
    EMPTY = "empty"


class Step(QWidget):
    """One step. `entered` is emitted by Enter in a field."""

    entered = Signal()
    has_back = True

    def __init__(self) -> None:
        super().__init__()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self.column = QVBoxLayout()
        self.column.setSpacing(SPACE_L)
        whole.addLayout(self.column)
        whole.addStretch(1)

    def title(self) -> str:
        raise NotImplementedError

    def lead(self) -> str:
        return ""

    def next_words(self) -> str:
        return self.tr("&Next")

    def begin(self) -> None:
        """Called when the step comes into view: takes the focus."""

    def is_ready(self) -> bool:
        """Whether one may go on; says what is missing where it is missing."""
        return True


class LookStep(Step):
    """Text size and colours, seen at once."""

    has_back = False

    def __init__(self, services: Services, theme: Theme) -> None:
        super().__init__()
        self.choice = LookChoice(theme, services.settings)
        self.column.addWidget(self.choice)

    def title(self) -> str:
        return self.tr("Welcome")

    def lead(self) -> str:
        return self.tr(
            "This program keeps a health record on this computer, encrypted, and readable without a network."
            " First: can you read this well?"
        )


class WhoStep(Step):
    """Whose record this will be."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.form = PersonForm(services.clock)
        self.form.name.returnPressed.connect(self.form.birth_date.setFocus)
        self.form.birth_date.returnPressed.connect(self.entered)
        self.column.addWidget(self.form)
        self.values: tuple[str, str | None, str | None] = ("", None, None)

    def title(self) -> str:
        return self.tr("Who is this for?")

    def lead(self) -> str:
        return self.tr("You can add more people later.")

    def begin(self) -> None:
        self.form.name.setFocus()

    def is_ready(self) -> bool:
        values = self.form.values()
        if values is not None:
            self.values = values
        return values is not None


class PassphraseStep(Step):
    """The passphrase, twice, with how well it would hold."""

    def __init__(self, services: Services, bridge: Bridge) -> None:
        super().__init__()
        self.choice = PassphraseChoice(services.access, bridge)
        self.choice.entered.connect(self.entered)
        self.cloud = CloudWarning(services.cloud_service())
        self.column.addWidget(self.cloud)
        self.column.addWidget(self.choice)
        self.first, self.again, self.strength = self.choice.first, self.choice.again, self.choice.strength
        self.text, self.clear, self.takes = self.choice.text, self.choice.clear, self.choice.takes

    def title(self) -> str:
        return self.tr("Choose a passphrase")

    def lead(self) -> str:
        return self.tr(
            "It opens the record on this computer. Nobody can send you a new one: there is no server that knows it."
        )

    def next_words(self) -> str:
        return self.tr("&Make the record")

    def begin(self) -> None:
        self.first.setFocus()

    def is_ready(self) -> bool:
        return self.choice.is_ready()


class RecoveryStep(Step):
    """The recovery key in large print."""

    has_back = False

    def __init__(self, services: Services, bridge: Bridge) -> None:
        super().__init__()
        self._card: RecoveryKeyCard | None = None
        self.column.setSpacing(SPACE_M)
        self.column.addWidget(
            Banner(
                self.tr("Put it on paper and keep it where you keep important papers. It is shown only now."),
                Tone.WARNING,
                dismissible=False,
            )
        )
        self.kit = KitButtons(services, bridge)
        self.column.addWidget(self.kit)

    def title(self) -> str:
        return self.tr("Your recovery key")

    def lead(self) -> str:
        return self.tr(
            "If the passphrase is ever forgotten, only this key opens the record. Without both, it is lost for good."
        )

    def next_words(self) -> str:
        return self.tr("I &have it on paper")

    def show_key(self, key: str) -> None:
        self.forget()
        self._card = RecoveryKeyCard(key)
        self.column.insertWidget(0, self._card)
        self.kit.show_key(key)

    def forget(self) -> None:
        """Takes the key off the screen for good."""
        self.kit.show_key("")
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
            self._card = None


class TypeBackStep(Step):
    """Two groups of the key typed back, so that it is known to be on paper."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[Field, str]] = []

    def title(self) -> str:
        return self.tr("Check the paper")

    def lead(self) -> str:
        return self.tr("Type these two groups from the paper. Go back to see the key once more.")

    def ask(self, key: str, places: Sequence[int]) -> None:
        """Asks for the groups at these places (from 0)."""
        groups = key_groups(key)
        for field, _group in self.fields:
            field.deleteLater()
        self.fields = []
        for place in sorted(places):
            edit = QLineEdit()
            edit.setInputMethodHints(Qt.InputMethodHint.ImhNoPredictiveText | Qt.InputMethodHint.ImhSensitiveData)
            if self.fields:
                self.fields[-1][0].edit.returnPressed.connect(edit.setFocus)
            field = Field(fill(self.tr("Group &%1"), place + 1), edit)
            edit.textChanged.connect(lambda _text, field=field: field.error(""))
            self.fields.append((field, groups[place]))
            self.column.addWidget(field)
        self.fields[-1][0].edit.returnPressed.connect(self.entered)

    def begin(self) -> None:
        self.fields[0][0].edit.setFocus()

    def clear(self) -> None:
        """Forgets what is asked for."""
        for field, _group in self.fields:
            field.deleteLater()
        self.fields = []

    def is_ready(self) -> bool:
        for field, group in self.fields:
            if _plain(field.edit.text()) != _plain(group):
                field.error(self.tr("This is not what the key says there. Look at the paper, or go back to the key."))
                field.edit.setFocus()
                return False
        return True


class StartStep(Step):
    """What to begin with."""

    has_back = False

    def __init__(self, chosen: Callable[[Beginning], object]) -> None:
        super().__init__()
        self.rows: dict[str, LinkRow] = {}
        self.column.setSpacing(SPACE_M)
        for beginning, icon, title, why in (
            (
                Beginning.PORTAL,
                "sync",
                self.tr("Connect a patient portal"),
                self.tr("Sign in on your clinic's own page, in your browser. Your records come here."),
            ),
            (
                Beginning.FILES,
                "documents",
                self.tr("Add files"),
                self.tr("Health records that you downloaded from a portal (FHIR files)."),
            ),
            (
                Beginning.SAMPLE,
                "person",
                self.tr("Look around with sample people"),
                self.tr(
                    "A made-up family in a record of its own. Your own record stays empty; start the program again to"
                    " come back to it."
                ),
            ),
            (
                Beginning.EMPTY,
                "today",
                self.tr("Start with an empty record"),
                self.tr("You can do all of the above later."),
            ),
        ):
            row = LinkRow(
                title, why, leading=IconLabel(icon, 24, "accent"), strong=True, opened=lambda it=beginning: chosen(it)
            )
            self.rows[beginning.value] = row
            self.column.addWidget(row)

    def title(self) -> str:
        return self.tr("What would you like to begin with?")

    def begin(self) -> None:
        next(iter(self.rows.values())).setFocus()


def _plain(group: str) -> str:
    """A group as it counts: capital letters, no spaces or hyphens."""
    return "".join(group.split()).replace("-", "").upper()
