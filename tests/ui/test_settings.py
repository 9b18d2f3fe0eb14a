"""Settings: what is chosen holds at once, and is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from phr_desktop.domain.backups import BackupState
from phr_desktop.ui.pages.all import page_specs
from phr_desktop.ui.pages.settings import SettingsPage, section_specs
from phr_desktop.ui.pages.settings_lock import LockSection
from phr_desktop.ui.pages.settings_look import LookSection
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.tokens import PALETTES, SCALES
from phr_desktop.ui.widgets import RadioButton
from tests.ui.conftest import PAGES
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
    choose(qtbot, settings, settings.section.look.sizes, 2.0 if scale == 1.0 else 1.0)
    choose(qtbot, settings, settings.section.look.sizes, scale)
    assert theme.text_scale == scale
    assert QApplication.font().pixelSize() == round(15 * scale)
    qtbot.waitUntil(lambda: services.settings.saved > 0 and services.settings.text_scale == scale)


@pytest.mark.parametrize("name", [*PALETTES, "system"])
def test_a_palette_holds_at_once_and_is_kept(qtbot, theme, services, settings, name):
    button = choose(qtbot, settings, settings.section.look.palettes, name)
    assert theme.palette_name == name
    assert button.isChecked()
    if name != "system":
        assert theme.tokens is PALETTES[name]
    qtbot.waitUntil(lambda: services.settings.palette == name)


def test_keys_and_page_tell_the_same_size(qtbot, window, theme, settings):
    window.theme.set_scale(1.5)
    assert settings.section.look.chosen(settings.section.look.sizes) == 1.5


def test_the_vaults_folder_is_shown(settings, services):
    settings.choose("lock")
    shown = [label.text() for label in settings.findChildren(QLabel)]
    assert str(services.settings.vault_folder) in shown


def test_a_section_is_opened_from_elsewhere_and_by_its_tab(qtbot, window, settings):
    window.navigate("settings", section="lock")
    assert isinstance(settings.section, LockSection)
    qtbot.mouseClick(settings.tabs.button("look"), Qt.MouseButton.LeftButton)
    assert isinstance(settings.section, LookSection)
    assert [type(each) for each in settings.findChildren(SettingsSection) if each.isVisible()] == [LookSection]


def test_settings_are_shown_while_nobody_is_in_the_vault(make_window, services):
    services.known_people.clear()
    window = make_window(pages=[replace(spec, of_nobody=spec.key == "settings") for spec in PAGES])
    window.navigate("settings")
    assert isinstance(window.shell.stack.currentWidget(), SettingsPage)


@pytest.mark.parametrize("section", [spec.key for spec in section_specs()])
def test_alt_with_a_letter_means_one_thing(qtbot, window, services, settings, section):
    services.backup_state = BackupState(folder=Path("/media/stick"))
    settings.choose(section)
    qtbot.waitUntil(lambda: window.bridge.is_idle)
    buttons = [each.text() for each in settings.section.findChildren(QAbstractButton) if each.isVisible()]
    titles = [*(spec.title for spec in page_specs() if spec.group is not None), "&Lock", *buttons]
    keys = [QKeySequence.mnemonic(title).toString() for title in titles]
    used = sorted(key for key in keys if key)
    assert used == sorted(set(used))


@pytest.mark.parametrize("section", [spec.key for spec in section_specs()])
@pytest.mark.parametrize("scale", SCALES)
def test_nothing_is_cut_off(qtbot, theme, settings, scale, section):
    theme.apply("light", scale)
    settings.choose(section)
    for _ in range(4):
        QApplication.processEvents()
    assert stumbles(settings) == []
    assert clipped(settings) == []
