"""Ctrl+K in the real window: records as one types, actions, the keyboard, and whose record is opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from phr_desktop.ui.commands import Command
from phr_desktop.ui.dialogs.search import SearchDialog
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.record_detail import RecordDetailPage
from phr_desktop.ui.pages.records import RecordsPage
from phr_desktop.ui.pages.result_detail import ResultDetailPage
from phr_desktop.ui.pages.results import ResultsPage
from phr_desktop.vault import people
from tests.queries.result_resources import lab
from tests.queries.test_records import condition
from tests.resources import store
from tests.ui.living import LivingServices, activate
from tests.ui.test_results import said, settled
from tests.ui.walker import clipped, stumbles

PAGES = (
    PageSpec("results", "&Results", ResultsPage, 0, "results"),
    PageSpec("records", "Re&cords", RecordsPage, 0, "records"),
    PageSpec("result", "Result", ResultDetailPage, None, parent="results"),
    PageSpec("measurement", "Measurement", ResultDetailPage, None, parent="records"),
    PageSpec("record", "Record", RecordDetailPage, None, parent="records"),
)


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def leo(vault):
    return vault.write(lambda db: people.add(db, "Leo Satterfield", "2017-09-01", "son", 0))


@pytest.fixture
def search(qtbot, vault, mina, leo, make_window):
    """Mina's and Leo's records, and the search opened by its key."""
    store(vault, mina, [lab("a", 5.8), condition("asthma"), lab("k", 4.3, title="Potassium", date="2020-01-01")])
    store(vault, leo, [lab("b", 5.1, title="Hemoglobin A1c", date="2026-10-01")])
    window = make_window(pages=PAGES)
    settled(qtbot, window)
    activate(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.findChild(SearchDialog) is not None)
    dialog = window.findChild(SearchDialog)
    yield dialog
    still_open = window.findChild(SearchDialog)
    if still_open is not None:
        still_open.reject()


def type_in(qtbot, dialog, words):
    qtbot.keyClicks(dialog.edit, words)
    qtbot.waitUntil(lambda: not dialog.context.bridge._asks)
    return shown(dialog)


def shown(dialog):
    return [dialog.model.item_at(row) for row in range(dialog.model.rowCount())]


def window_of(dialog):
    return dialog.parent()


def test_opens_with_all_actions_and_the_field_ready(qtbot, search):
    qtbot.waitUntil(lambda: QApplication.focusWidget() is search.edit)
    words = [row.main for row in shown(search)]
    assert words[:2] == ["Go to Results", "Go to Records"]
    assert "Show Leo Satterfield's record" in words
    assert "Lock" in words
    assert "Quit" in words
    assert search.whose.text() == "Searching Mina Satterfield's records."


def test_opens_as_large_as_the_screen_lets_it(search):
    assert search.size() == search.sizeHint()


def test_finds_as_one_types_only_the_shown_persons_records(qtbot, search):
    rows = type_in(qtbot, search, "hemo")
    assert [(row.main, row.value) for row in rows] == [("Hemoglobin A1c", "5.8 %")]
    assert rows[0].detail == "Mina Satterfield \u00b7 Measurement or finding"
    assert rows[0].spoken() == "Hemoglobin A1c, 5.8 %, Mina Satterfield, Measurement or finding, August 21, 2026"
    assert search.note.text() == "1 record found."


def test_everyones_records_each_name_their_person(qtbot, search):
    search.everyone.click()
    rows = type_in(qtbot, search, "hemo")
    assert [row.detail.split(" \u00b7 ")[0] for row in rows] == ["Leo Satterfield", "Mina Satterfield"]
    assert search.whose.text() == "Searching everyone's records."


def test_enter_opens_a_record_of_the_shown_person(qtbot, search):
    window = window_of(search)
    type_in(qtbot, search, "hemo")
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    page = settled(qtbot, window)
    assert window.shell.key == "result"
    assert "5.8 %" in said(page)
    assert window.findChild(SearchDialog) is None


def test_another_persons_record_opens_only_under_that_persons_name(qtbot, search):
    window = window_of(search)
    search.everyone.click()
    type_in(qtbot, search, "hemo")
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    page = settled(qtbot, window)
    assert window.shell.header.name.text() == "Leo Satterfield"
    assert "5.1 %" in said(page)


def test_arrows_choose_without_leaving_the_field(qtbot, search):
    window = window_of(search)
    type_in(qtbot, search, "a")
    search.edit.clear()
    rows = type_in(qtbot, search, "re")
    assert [row.main for row in rows][:2] == ["Go to Results", "Go to Records"]
    qtbot.keyClick(search.edit, Qt.Key.Key_Down)
    assert search.view.currentIndex().row() == 1
    qtbot.keyClick(search.edit, Qt.Key.Key_Up)
    qtbot.keyClick(search.edit, Qt.Key.Key_Up)
    assert search.view.currentIndex().row() == 0
    for _ in rows:
        qtbot.keyClick(search.edit, Qt.Key.Key_PageDown)
    assert search.view.currentIndex().row() == len(rows) - 1
    qtbot.keyClick(search.edit, Qt.Key.Key_Home)
    for _ in rows:
        qtbot.keyClick(search.edit, Qt.Key.Key_PageUp)
    qtbot.keyClick(search.edit, Qt.Key.Key_Down)
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    assert window.shell.key == "records"


def test_actions_are_found_by_other_words_too(qtbot, search, services):
    [row] = type_in(qtbot, search, "refresh")
    assert row.main == "Bring all portals up to date"
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(services.called("sync")))


def test_text_size_and_person_change_from_here(qtbot, search, theme, services):
    window = window_of(search)
    type_in(qtbot, search, "larger")
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    assert theme.text_scale > 1.0
    assert services.settings.text_scale == theme.text_scale
    qtbot.waitUntil(lambda: window.findChild(SearchDialog) is None)
    window.verbs.search()
    again = window.findChild(SearchDialog)
    type_in(qtbot, again, "show leo")
    qtbot.keyClick(again.edit, Qt.Key.Key_Return)
    settled(qtbot, window)
    assert window.shell.header.name.text() == "Leo Satterfield"


def test_lock_from_here_closes_it_and_empties_it(qtbot, search):
    window = window_of(search)
    type_in(qtbot, search, "lock")
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shell is None)
    qtbot.waitUntil(lambda: window.findChild(SearchDialog) is None)


def test_what_is_not_found_is_said(qtbot, search):
    assert type_in(qtbot, search, "zzzz") == []
    assert search.note.text() == "No record has “zzzz”."
    assert not search.frame.isVisible()
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    assert search.isVisible()


def test_a_late_answer_never_replaces_a_newer_one(qtbot, search):
    qtbot.keyClicks(search.edit, "hem")
    qtbot.keyClicks(search.edit, "oglobinx")
    qtbot.waitUntil(lambda: not search.context.bridge._asks)
    assert shown(search) == []


def test_escape_first_empties_then_closes(qtbot, search):
    window = window_of(search)
    type_in(qtbot, search, "hemo")
    qtbot.keyClick(search.edit, Qt.Key.Key_Escape)
    assert search.edit.text() == ""
    qtbot.keyClick(search.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(SearchDialog) is None)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_cut_off_or_out_of_reach(qtbot, theme, search, scale):
    theme.apply("light", scale)
    type_in(qtbot, search, "he")
    search.resize(search.sizeHint())
    QApplication.processEvents()
    assert stumbles(search) == []
    assert clipped(search) == []


def test_an_action_matches_by_the_beginning_of_every_word():
    sync = Command("Bring all portals up to date", print, also="sync refresh")
    assert sync.matches("")
    assert sync.matches("SYNC port")
    assert not sync.matches("ync")
    assert not sync.matches("sync zebra")
