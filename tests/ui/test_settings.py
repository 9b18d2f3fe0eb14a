"""Settings: what is chosen holds at once, and is kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.ui.tokens import PALETTES, SCALES
from phr_desktop.ui.widgets import RadioButton
from tests.ui.walker import clipped, stumbles


@pytest.fixture
def settings(window):
    window.navigate("settings")
    return window.shell.page()


def choose(qtbot, page, box, value):
    button = next(each for each in box.findChildren(RadioButton) if each.property("choice") == value)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return button


@pytest.mark.parametrize("scale", SCALES)
def test_a_text_size_holds_at_once_and_is_kept(qtbot, theme, services, settings, scale):
    choose(qtbot, settings, settings.look.sizes, 2.0 if scale == 1.0 else 1.0)
    choose(qtbot, settings, settings.look.sizes, scale)
    assert theme.text_scale == scale
    assert QApplication.font().pixelSize() == round(15 * scale)
    qtbot.waitUntil(lambda: services.settings.saved > 0 and services.settings.text_scale == scale)


@pytest.mark.parametrize("name", [*PALETTES, "system"])
def test_a_palette_holds_at_once_and_is_kept(qtbot, theme, services, settings, name):
    button = choose(qtbot, settings, settings.look.palettes, name)
    assert theme.palette_name == name
    assert button.isChecked()
    if name != "system":
        assert theme.tokens is PALETTES[name]
    qtbot.waitUntil(lambda: services.settings.palette == name)


def test_keys_and_page_tell_the_same_size(qtbot, window, theme, settings):
    window.set_text_scale(1.5)
    assert settings.look.chosen(settings.look.sizes) == 1.5


def test_the_vaults_folder_is_shown(settings, services):
    shown = [label.text() for label in settings.findChildren(QLabel)]
    assert str(services.settings.vault_folder) in shown


@pytest.mark.parametrize("scale", SCALES)
def test_nothing_is_cut_off(qtbot, theme, settings, scale):
    theme.apply("light", scale)
    for _ in range(4):
        QApplication.processEvents()
    assert stumbles(settings) == []
    assert clipped(settings) == []
