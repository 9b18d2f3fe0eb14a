"""Every screen of the foundation, in every size: names, tab places, nothing cut off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from phr_desktop.ui.announce import announce
from phr_desktop.ui.dialogs.add_person import AddPerson
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.connect_portal import ConnectPortal
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.dialogs.person_menu import PersonMenu
from phr_desktop.ui.models.record_list import RecordItem
from phr_desktop.ui.tokens import PALETTES, Tone
from phr_desktop.ui.widgets import Chip, ElidedText, RangeBar, Row, Text, literal
from phr_desktop.ui.widgets.card import Divider
from phr_desktop.ui.widgets.focus_ring import FocusRing
from phr_desktop.ui.widgets.section_tabs import SectionTabs, Tab
from tests.ui import gallery
from tests.ui.fakes import LEO, MINA, RECOVERY_KEY, preview_of
from tests.ui.walker import clipped, focusable, marked_inside, stumbles

SCALES = (1.0, 1.5, 2.0)


def settle(qtbot, widget):
    for _ in range(4):
        QApplication.processEvents()
    if hasattr(widget, "fit"):
        widget.fit()
    QApplication.processEvents()


def check(qtbot, widget):
    settle(qtbot, widget)
    assert stumbles(widget) == []
    assert clipped(widget) == []


@pytest.fixture
def whole_gallery(theme):
    window = gallery.build()
    window.resize(1280, 2400)
    window.show()
    yield window
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("scale", SCALES)
def test_every_widget(qtbot, theme, whole_gallery, scale):
    theme.apply("light", scale)
    check(qtbot, whole_gallery)


@pytest.mark.parametrize("scale", SCALES)
def test_shell_and_settings(qtbot, theme, window, scale):
    theme.apply("dark", scale)
    window.resize(1280, 860)
    for each in ("today", "results", "settings"):
        window.navigate(each)
        check(qtbot, window)


@pytest.mark.parametrize("scale", SCALES)
def test_every_step_of_the_first_run(qtbot, theme, make_window, services, scale):
    services.exists = False
    window = make_window()
    window.resize(1280, 860)
    theme.apply("light", scale)
    run = window.stack.currentWidget()
    run.recovery.show_key(RECOVERY_KEY)
    run.type_back.ask(RECOVERY_KEY, [0, 8])
    run.passphrase.strength.say(1, "Add another word.")
    for place in range(len(run.steps)):
        run._show(place)
        check(qtbot, window)


@pytest.mark.parametrize("scale", SCALES)
def test_unlock(qtbot, theme, make_window, scale):
    window = make_window(opened=False)
    theme.apply("light", scale)
    check(qtbot, window)
    window.stack.currentWidget().other_way.click()
    check(qtbot, window)


@pytest.mark.parametrize("scale", SCALES)
def test_dialogs(qtbot, theme, window, services, scale):
    theme.apply("light", scale)
    services.preview = preview_of(LEO)
    window.verbs.import_files([Path(__file__)])
    importing = window.findChild(ImportFiles)
    qtbot.waitUntil(lambda: importing.preview is not None)
    importing.person.setCurrentIndex(0)
    check(qtbot, importing)
    importing.reject()
    window.verbs.connect_portal()
    check(qtbot, window.findChild(ConnectPortal))
    window.findChild(ConnectPortal).reject()
    window.verbs.add_person()
    check(qtbot, window.findChild(AddPerson))
    window.findChild(AddPerson).reject()


def test_a_line_parts_the_buttons_of_a_dialog_from_what_is_scrolled_under_them(qtbot, theme):
    """Without it a row that is cut by the scrolling looks broken."""
    dialog = CalmDialog("Words", None)
    qtbot.addWidget(dialog)
    dialog.column.addWidget(Text("\n".join(["a line"] * 60), wrap=True))
    dialog.set_buttons([QPushButton("Close")])
    dialog.resize(560, 300)
    dialog.show()
    edge = dialog.findChild(Divider)
    qtbot.waitUntil(edge.isVisible)
    assert edge.mapTo(dialog, edge.rect().bottomLeft()).y() < dialog.height() - 40
    dialog.resize(560, 1800)
    qtbot.waitUntil(lambda: not edge.isVisible())


@pytest.mark.parametrize("scale", SCALES)
def test_the_menu_of_people_is_no_wider_than_the_screen_and_tells_namesakes_apart(qtbot, theme, scale):
    theme.apply("light", scale)
    window = QWidget()
    qtbot.addWidget(window)
    people = (MINA, replace(MINA, id=9, birth_date="1921-03-02"))
    menu = PersonMenu(people, MINA.id, print, print, print, window)
    assert menu.sizeHint().width() <= menu.screen().availableSize().width()
    said = [action.text() for action in menu.actions()]
    assert "(shown now)" in said[0]
    assert "May 4, 1949" in said[0]
    assert "March 2, 1921" in said[1]


def test_walker_finds_what_it_is_for(qtbot, theme):
    """The walker itself can fail: a nameless, low button that Tab never reaches."""
    card = Row("A row")
    button = QPushButton("", card)
    button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    button.setStyleSheet("min-height: 0; max-height: 20px")
    qtbot.addWidget(card)
    card.resize(300, 80)
    card.show()
    said = " ".join(stumbles(card))
    assert "no accessible name" in said
    assert "not reached by Tab" in said
    assert "px high" in said


def test_tab_goes_through_everything_and_the_ring_follows(qtbot, window, theme):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    wanted = set(focusable(window.shell))
    window.shell.rail.button("today").setFocus()
    ring = window.findChild(FocusRing)
    met = set()
    for _ in range(len(wanted) + 3):
        met.add(QApplication.focusWidget())
        qtbot.waitUntil(lambda: ring.target() is QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert wanted <= met


def test_ring_lies_outside_the_control(qtbot, window):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    button = window.shell.page().button
    button.setFocus()
    ring = window.findChild(FocusRing)
    qtbot.waitUntil(lambda: ring.target() is button)
    overlay = ring._overlay
    frame = overlay.parentWidget()
    inner = button.rect().translated(button.mapTo(frame, button.rect().topLeft()))
    assert overlay.geometry().contains(inner.adjusted(-3, -3, 3, 3))
    assert overlay.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_focus_is_the_ring_and_nothing_else(qtbot, theme, whole_gallery):
    """Qt's own dotted rectangle inside a button would be a second mark."""
    tabs = SectionTabs("Lists", whole_gallery)
    tabs.show_tabs([Tab("one", "One", 3), Tab("two", "Two")])
    whole_gallery.layout().addWidget(tabs)
    settle(qtbot, whole_gallery)
    whole_gallery.activateWindow()
    qtbot.waitUntil(whole_gallery.isActiveWindow)
    assert len(focusable(whole_gallery)) > 30
    assert marked_inside(whole_gallery) == []
    app = QApplication.instance()
    app.setStyleSheet(app.styleSheet().replace("outline: none", ""))
    assert marked_inside(whole_gallery) != [], "it can be seen at all"


def test_announcement_reaches_the_screen_reader(qtbot, window, monkeypatch):
    said = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", said.append)
    announce(window, "Locked.", at_once=True)
    assert isinstance(said[0], QAccessibleAnnouncementEvent)
    assert said[0].message() == "Locked."
    assert said[0].politeness() == QAccessible.AnnouncementPoliteness.Assertive


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", PALETTES.values(), ids=PALETTES)
def test_contrast(tokens):
    least = 7.0 if tokens.name.startswith("high") else 4.5
    pairs = [(tokens.text, tokens.ground), (tokens.text, tokens.surface), (tokens.text, tokens.hover)]
    pairs += [(tokens.muted, tokens.ground), (tokens.muted, tokens.surface), (tokens.on_accent, tokens.accent)]
    pairs += [(tokens.on_accent, tokens.accent_hover), (tokens.accent, tokens.ground)]
    pairs += [(tokens.tone(tone), tokens.surface) for tone in Tone]
    pairs += [(tokens.tone(tone), tokens.tone_ground(tone)) for tone in Tone]
    pairs += [(tokens.text, tokens.tone_ground(tone)) for tone in Tone]
    pairs += [(tokens.on_avatar, avatar) for avatar in tokens.avatars]
    poor = [f"{one} on {other}: {contrast(one, other):.2f}" for one, other in pairs if contrast(one, other) < least]
    assert poor == []
    assert contrast(tokens.field_border, tokens.surface) >= 3


def test_foreign_text_is_never_read_as_markup_or_mnemonic(qtbot, theme):
    wicked = '<b onclick="x">Smith & Wesson</b><img src="http://evil.invalid/x.png">'
    for label in (Text(wicked), ElidedText(wicked), Chip(wicked)):
        qtbot.addWidget(label)
        assert label.textFormat() == Qt.TextFormat.PlainText
        assert label.text() == wicked
    assert literal("Smith & Wesson") == "Smith && Wesson"


def test_elided_text_keeps_the_whole_for_reader_and_tooltip(qtbot, theme):
    words = "Metformin hydrochloride 500 mg extended-release tablet"
    label = ElidedText(words)
    qtbot.addWidget(label)
    label.resize(120, 30)
    label.show()
    assert label.is_elided()
    assert label.toolTip() == words
    assert QAccessible.queryAccessibleInterface(label).text(QAccessible.Text.Name) == words
    label.resize(1000, 30)
    assert label.toolTip() == ""


def test_bars_and_list_rows_speak_in_whole_sentences(qtbot, theme):
    bar = RangeBar(5.8, 4.0, 5.6, "5.8 %, the lab marked it high; its range is 4.0 to 5.6")
    qtbot.addWidget(bar)
    assert "marked it high" in QAccessible.queryAccessibleInterface(bar).text(QAccessible.Text.Name)
    item = RecordItem("Hemoglobin A1c", "Harbor Clinic", "5.8 %", "high", Tone.WARNING, "Aug 21, 2026")
    assert item.spoken() == "Hemoglobin A1c, 5.8 %, high, Harbor Clinic, Aug 21, 2026"
