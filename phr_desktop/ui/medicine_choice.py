""" "I take this" and "I do not take this", said of a line of the medicine list, with an Undo that stays to be found."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from phr_desktop.actions import medicines as verbs
from phr_desktop.actions.medicines import Chosen
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.medicines import MedicineChoice, MedicineLine
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page


def choose(page: Page, line: MedicineLine, choice: MedicineChoice) -> None:
    """Keeps what the person said of a line of the person shown, and offers to take it back."""
    context = page.context
    person, services, bridge = context.person, context.services, context.bridge
    if person is None or person.id != line.person:
        return
    vault, clock, key = services.vault, services.clock, line.key

    def undo(chosen: Chosen) -> None:
        bridge.run_action(lambda: verbs.put_back(vault, clock, line.person, key, chosen.before, chosen.ended))

    def done(chosen: Chosen) -> None:
        context.say(_said(choice, line, person.name), lambda: undo(chosen))

    bridge.run_action(lambda: verbs.choose(vault, clock, line.person, key, choice, line.keys), done, owner=page)


def _said(choice: MedicineChoice, line: MedicineLine, person: str) -> str:
    taken = QCoreApplication.translate("medicine_choice", "%2 takes this: %1")
    not_taken = QCoreApplication.translate("medicine_choice", "%2 does not take this: %1")
    return fill(taken if choice is MedicineChoice.TAKE else not_taken, title_words(line.title), person)
