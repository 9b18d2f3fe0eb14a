"""The card of alarms that ring: whose, what, and the two answers to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from phr_desktop.actions.reminders import acknowledge
from phr_desktop.domain.reminders import Occurrence
from phr_desktop.ui.announce import announce
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text


class AlarmCard(CalmDialog):
    """Stays until each alarm on it was answered, here or anywhere else. `opened` shows what one is about."""

    takes_enter = False  # it comes unasked: an Enter meant for something else answers nothing

    def __init__(self, context: PageContext, opened: Callable[[Occurrence], object], parent: QWidget | None) -> None:
        super().__init__("", parent)
        self.setModal(False)
        self._context, self._opened = context, opened
        self.alarms: list[Occurrence] = []
        self.card = Card()
        self.column.addWidget(self.card)
        said = self.tr("Stopping the sound marks nothing: a dose stays open until you say what became of it.")
        self.column.addWidget(Text(said, "small", "muted", wrap=True))
        self.column.addStretch(1)
        self.stop = OutlineButton(self.tr("&Stop the sound"), self._stop)
        self.open_button = PrimaryButton(self.tr("Sh&ow it"), lambda: self._open(self.alarms[0]))
        self.set_buttons([self.stop, self.open_button])

    def show_alarms(self, alarms: Sequence[Occurrence]) -> None:
        """Shows these; closes where there are none."""
        if [one.id for one in alarms] == [one.id for one in self.alarms]:
            return
        self.alarms = list(alarms)
        if not self.alarms:
            self.accept()
            return
        self.title.setText(self._title())
        self.card.empty()
        for one in self.alarms:
            self.card.add_row(self._row(one))
        self.open_button.setVisible(len(self.alarms) == 1)
        self._context.bridge.post(self._fit)
        (self.open_button if len(self.alarms) == 1 else self.stop).setFocus()
        announce(self, ". ".join([self.title.text(), *[f"{one.person_name}: {one.said}" for one in self.alarms]]))

    def reject(self) -> None:
        """Escape answers as the button does: nothing goes on ringing behind a closed card."""
        if self.alarms:
            self._stop()
        else:
            super().reject()

    def done(self, result: int) -> None:
        self.alarms = []
        super().done(result)

    def _row(self, one: Occurrence) -> Row:
        show = OutlineButton(self.tr("Show"), lambda: self._open(one), name=f"{self.tr('Show')}: {one.said}")
        right = [show] if len(self.alarms) > 1 else []
        return Row(one.said, fill(self.tr("for %1"), one.person_name), right=right, wrap=True, strong=True)

    def _fit(self) -> None:
        """When what was added is laid out; the card may be gone by then."""
        if isValid(self):
            self.fit()

    def _title(self) -> str:
        return self.tr("Alarm") if len(self.alarms) == 1 else fill(self.tr("%1 alarms"), len(self.alarms))

    def _open(self, one: Occurrence) -> None:
        self._opened(one)
        self._answer([one])

    def _stop(self) -> None:
        self._answer(self.alarms)

    def _answer(self, answered: Sequence[Occurrence]) -> None:
        """They ring no more."""
        services, ids = self._context.services, [one.id for one in answered]
        vault, clock = services.vault, services.clock
        if vault is not None:
            self._context.bridge.run_action(lambda: acknowledge(vault, clock, ids))
        self.show_alarms([one for one in self.alarms if one.id not in ids])
