"""Reminders in the window: what a press on a notification opens, and alarms that ring until somebody answers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.reminders import Occurrence, ReminderKind, ReminderTarget
from phr_desktop.queries import doses
from phr_desktop.queries.alarms import ringing
from phr_desktop.ui.announce import announce
from phr_desktop.ui.dialogs.alarm import AlarmCard
from phr_desktop.ui.shell import Shell

_PAGES = {
    (ReminderKind.APPOINTMENT, "record"): "appointment",
    (ReminderKind.TEST, "record"): "record",
    (ReminderKind.VACCINE, "record"): "record",
}


def tr(text: str) -> str:
    return QCoreApplication.translate("reminding", text)


def nothing_marked() -> str:
    """What is said when a button was pressed that could do nothing."""
    return tr("The notification's button marked nothing. Look at the dose here, and say what became of it.")


def open_target(shell: Shell, target: ReminderTarget) -> None:
    """Shows what a reminder is about, under the person that it belongs to."""
    if target.unmarked:
        shell.banner.say(nothing_marked())
        announce(shell, nothing_marked(), at_once=True)
    what, _, name = target.subject.partition(":")
    services = shell.context.services
    if what == "dose" and target.person is None:
        vault, clock = services.vault, services.clock

        def show(dose) -> None:
            if dose is not None:
                _show(shell, dose.person, "today", dose=name)

        shell.context.bridge.run_query(lambda: doses.dose(vault, clock, name), show, owner=shell)
    elif what == "dose":
        _show(shell, target.person, "today", dose=name)
    elif what == "medicine":
        _show(shell, target.person, "medicine", medicine=name)
    elif what == "record":
        _show(shell, target.person, _PAGES.get((target.kind, what), "record"), record=int(name))
    elif what == "own":
        _show(shell, target.person, "settings", section="reminders")
    else:
        _show(shell, target.person, "today")


def _show(shell: Shell, person: int | None, page: str, **arguments: object) -> None:
    if person is not None:
        shell.show_person(person)
    shell.navigate(page, **arguments)


class Alarms:
    """The card of the alarms that ring now, while the record is open."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.card: AlarmCard | None = None
        shell.context.bridge.changed.connect(self._changed)

    def ring(self, told: Sequence[Occurrence]) -> None:
        """They are told now, or ring again: with a sound, and on the card."""
        if not isValid(self._shell):
            return
        QApplication.beep()
        self._show(told)

    def _changed(self, change: ChangeSet) -> None:
        """What was answered meanwhile leaves the card."""
        services = self._shell.context.services
        vault, clock = services.vault, services.clock
        if self._card() is None or vault is None or not change.concerns(None, Topic.REMINDERS, Topic.DOSES):
            return
        self._shell.context.bridge.run_query(lambda: ringing(vault, clock), self._left, owner=self._shell, key="alarms")

    def _left(self, still: Sequence[Occurrence]) -> None:
        card = self._card()
        ids = {one.id for one in still}
        if card is not None:
            card.show_alarms([one for one in card.alarms if one.id in ids])

    def _show(self, told: Sequence[Occurrence]) -> None:
        card = self._card()
        if card is None:
            above: QWidget = QApplication.activeModalWidget() or self._shell.window()
            card = self.card = AlarmCard(self._shell.context, self._open, above)
            card.show()
        known = {one.id: one for one in (*card.alarms, *told)}
        card.show_alarms(list(known.values()))
        card.raise_()

    def _open(self, one: Occurrence) -> None:
        open_target(self._shell, ReminderTarget(one.person, one.kind, one.subject))

    def _card(self) -> AlarmCard | None:
        return self.card if self.card is not None and isValid(self.card) and self.card.isVisible() else None
