"""Adding, editing and ending a medicine of one's own from a page, each with an Undo that stays to be found."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel

from phr_desktop.actions import own_medicines as acts
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.medicines import OwnMedicine
from phr_desktop.queries.own_medicines import own_medicine
from phr_desktop.ui.dialogs.own_medicine import PHOTO_HEIGHT, OwnMedicineDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.theme import Theme


def tr(text: str) -> str:
    return QCoreApplication.translate("own_medicines", text)


def add_own(page: Page) -> None:
    """Asks for a new one of the person shown."""
    context = page.context
    person, services = context.person, context.services
    if person is None:
        return
    vault, clock = services.vault, services.clock

    def written(entry: OwnMedicine, _keeps_photo: bool) -> None:
        said = fill(tr("Added: %1"), entry.title)
        context.bridge.run_action(
            lambda: acts.add(vault, clock, person.id, entry), lambda done: _say(page, said, person.id, done)
        )

    OwnMedicineDialog(clock, context.bridge, person, None, written, page.window()).open()


def edit_own(page: Page, record: int) -> None:
    """Shows an entry of the person shown, to be changed."""
    context = page.context
    person, services = context.person, context.services
    if person is None:
        return
    vault, clock = services.vault, services.clock

    def written(entry: OwnMedicine, keeps_photo: bool) -> None:
        said = fill(tr("Changed: %1"), entry.title)
        context.bridge.run_action(
            lambda: acts.edit(vault, clock, person.id, record, entry, keep_photo=keeps_photo),
            lambda done: _say(page, said, person.id, done),
        )

    def ask(entry: OwnMedicine) -> None:
        OwnMedicineDialog(clock, context.bridge, person, entry, written, page.window()).open()

    page.ask(lambda: own_medicine(vault, clock, record), ask, key="own medicine")


def end_own(page: Page, record: int, title: str, *, mistake: bool = False) -> None:
    """It is not taken any more, or was never meant to be here."""
    context = page.context
    person, services = context.person, context.services
    if person is None:
        return
    vault, clock = services.vault, services.clock
    said = fill(tr("Removed: %1") if mistake else tr("Ended: %1"), title_words(title))
    context.bridge.run_action(
        lambda: acts.end(vault, clock, person.id, record, mistake=mistake),
        lambda done: _say(page, said, person.id, done),
    )


def photo_label(photo: bytes, name: str) -> QLabel:
    """A small picture of a kept photo."""
    label = QLabel()
    image = QImage.fromData(photo)
    if not image.isNull():
        height = Theme.current().px(PHOTO_HEIGHT)
        label.setPixmap(QPixmap.fromImage(image.scaledToHeight(height, Qt.TransformationMode.SmoothTransformation)))
    label.setAccessibleName(name)
    return label


def _say(page: Page, said: str, person: int, done: acts.Written) -> None:
    context = page.context
    vault, clock = context.services.vault, context.services.clock
    context.say(said, lambda: context.bridge.run_action(lambda: acts.undo(vault, clock, person, done)))
