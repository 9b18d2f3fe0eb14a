"""The person's own allergies at the head of Medicines, in the window on a living vault."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from phr_desktop.domain.medicines import OwnAllergy
from phr_desktop.queries.allergies import allergy_headline
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.medicines import MedicinesPage
from tests.ui.living import LivingServices


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def page(qtbot, make_window):
    window = make_window(pages=[PageSpec("medicines", "&Medicines", MedicinesPage, 1, "medicines")])
    window.navigate("medicines")
    qtbot.waitUntil(lambda: window.bridge.is_idle)
    return window.shell.page()


def press(qtbot, page, start):
    def found():
        shown = [each for each in page.own_allergies.findChildren(QPushButton) if each.isVisible()]
        return [each for each in shown if each.accessibleName().startswith(start)]

    qtbot.waitUntil(lambda: bool(found()))
    found()[0].click()


def test_one_is_added_shown_changed_taken_back_and_put_back(qtbot, page, vault, clock, mina):
    page.add_allergy.click()
    dialog = QApplication.activeModalWidget()
    assert "said by you" in " ".join(each.text() for each in dialog.findChildren(type(dialog.title)))
    dialog.save.click()
    assert dialog.substance.note.text() == "Write what the allergy is to."
    dialog.substance.edit.setText("Peanuts")
    dialog.reaction.edit.setText("hives")
    dialog.kind.setCurrentIndex(dialog.kind.findData("food"))
    dialog.severe.click()
    dialog.save.click()
    qtbot.waitUntil(lambda: "Allergies: Peanuts (said by you)" in page.header.subtitle.text())
    assert page.own_allergies.isVisible()
    press(qtbot, page, "Edit: Peanuts")
    dialog = QApplication.activeModalWidget()
    assert (dialog.substance.edit.text(), dialog.kind.currentData(), dialog.severe.isChecked()) == (
        "Peanuts", "food", True,
    )  # fmt: skip
    dialog.substance.edit.setText("Almonds")
    dialog.save.click()
    qtbot.waitUntil(lambda: "Almonds (said by you)" in page.header.subtitle.text())
    press(qtbot, page, "Take back: Almonds")
    qtbot.waitUntil(lambda: "none received" in page.header.subtitle.text())
    assert not page.own_allergies.isVisible()
    page.window().shell.toast.take_back()
    qtbot.waitUntil(lambda: page.own_allergies.isVisible())
    (line,) = allergy_headline(vault, clock, mina).own
    assert line.entry == OwnAllergy("Almonds", "hives", "food", severe=True)
