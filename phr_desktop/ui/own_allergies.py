"""The person's own allergies at the head of Medicines: shown, added, edited and taken back, each with an Undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from phr_desktop.actions import own_allergies as acts
from phr_desktop.domain.medicines import OwnAllergy, OwnAllergyLine
from phr_desktop.ui.dialogs.own_allergy import OwnAllergyDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.row import Row


def tr(text: str) -> str:
    return QCoreApplication.translate("own_allergies", text)


class OwnAllergiesCard(Card):
    """Hidden where the person added none."""

    def __init__(self, page: Page) -> None:
        super().__init__(tr("Allergies that you added"))
        self._page = page
        self.hide()

    def show_lines(self, lines: Sequence[OwnAllergyLine]) -> None:
        self.empty()
        self.setVisible(bool(lines))
        for line in lines:
            self.add_row(self._row(line))

    def _row(self, line: OwnAllergyLine) -> Row:
        name = line.entry.substance
        edit = OutlineButton(tr("Edit..."), lambda: edit_allergy(self._page, line), name=f"{tr('Edit')}: {name}")
        take_back = OutlineButton(
            tr("Take back"), lambda: withdraw_allergy(self._page, line), name=f"{tr('Take back')}: {name}"
        )
        detail = " \u00b7 ".join(part for part in (line.entry.reaction, _severe(line.entry)) if part)
        return Row(name, detail, right=[edit, take_back], wrap=True)


def add_allergy(page: Page) -> None:
    """Asks for a new one of the person shown."""
    person = page.context.person
    if person is None:
        return
    vault, clock = page.context.services.vault, page.context.services.clock

    def written(entry: OwnAllergy) -> None:
        _run(page, person.id, lambda: acts.add(vault, clock, person.id, entry), fill(tr("Added: %1"), entry.substance))

    OwnAllergyDialog(person, None, written, page.window()).open()


def edit_allergy(page: Page, line: OwnAllergyLine) -> None:
    """Shows one, to be changed."""
    person = page.context.person
    if person is None:
        return
    vault, clock = page.context.services.vault, page.context.services.clock

    def written(entry: OwnAllergy) -> None:
        said = fill(tr("Changed: %1"), entry.substance)
        _run(page, person.id, lambda: acts.edit(vault, clock, person.id, line.record, entry), said)

    OwnAllergyDialog(person, line.entry, written, page.window()).open()


def withdraw_allergy(page: Page, line: OwnAllergyLine) -> None:
    """It was no allergy."""
    person = page.context.person
    if person is None:
        return
    vault, clock = page.context.services.vault, page.context.services.clock
    said = fill(tr("Taken back: %1"), line.entry.substance)
    _run(page, person.id, lambda: acts.withdraw(vault, clock, person.id, line.record), said)


def _run(page: Page, person: int, verb: Callable[[], acts.Written], said: str) -> None:
    context = page.context
    vault, clock = context.services.vault, context.services.clock

    def done(written: acts.Written) -> None:
        context.say(said, lambda: context.bridge.run_action(lambda: acts.undo(vault, clock, person, written)))

    context.bridge.run_action(verb, done)


def _severe(entry: OwnAllergy) -> str:
    return tr("can be dangerous") if entry.severe else ""
