"""The shell by every route a person has: rail, keys, menus; and that nobody's data stand under another's name."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.reports import Applied, SyncReport
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.ui import window_memory
from phr_desktop.ui.dialogs.add_person import AddPerson
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.dialogs.search import SearchDialog
from phr_desktop.ui.dialogs.unlock import Unlock
from tests.ui.conftest import PAGES
from tests.ui.fakes import LEO, MINA, OMID, PASSPHRASE, FakeStatus
from tests.ui.walker import clipped


def key(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.activateWindow()
    qtbot.keyClick(window, key, modifier)


CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_opens_on_the_first_page_of_the_first_person(qtbot, window):
    qtbot.waitUntil(lambda: window.shell.page().said.text() == "of Mina Satterfield")
    assert window.shell.key == "today"
    assert window.shell.header.name.text() == "Mina Satterfield"
    assert window.shell.header.line.text() == "your mother, born May 4, 1949"
    assert window.shell.rail.button("today").isChecked()


def test_title_never_names_a_person(window):
    assert window.windowTitle() == "PHR Desktop"


def test_rail_shows_only_pages_that_exist(make_window):
    window = make_window(pages=PAGES[:2])
    assert window.shell.rail.keys() == ["today", "results", "lock"]


def test_pages_open_by_rail_by_key_and_by_mnemonic(qtbot, window):
    qtbot.mouseClick(window.shell.rail.button("documents"), Qt.MouseButton.LeftButton)
    assert window.shell.key == "documents"
    key(qtbot, window, Qt.Key.Key_2, CTRL)
    assert window.shell.key == "results"
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.shell.key == "sources")


@pytest.mark.parametrize("way", ["key", "button"])
def test_search_opens_and_goes_where_it_is_told(qtbot, window, way):
    if way == "key":
        key(qtbot, window, Qt.Key.Key_K, CTRL)
    else:
        qtbot.mouseClick(window.shell.header.search, Qt.MouseButton.LeftButton)
    dialog = window.findChild(SearchDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog._open(dialog.model.id_at([item.words for item in dialog._offered].index("Go to Documents")))
    assert window.shell.key == "documents"


def test_arrow_keys_move_along_the_rail_and_enter_opens(qtbot, window):
    rail = window.shell.rail
    rail.button("today").setFocus()
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert QApplication.focusWidget() is rail.button("documents")
    assert window.shell.key == "today"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert window.shell.key == "documents"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_End)
    assert QApplication.focusWidget() is rail.button("lock")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert QApplication.focusWidget() is rail.button("today")


def test_enter_in_a_list_opens_the_record_and_escape_goes_back(qtbot, window):
    key(qtbot, window, Qt.Key.Key_2, CTRL)
    view = window.shell.page().view
    qtbot.waitUntil(lambda: view.model().rowCount() == 100)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert window.shell.key == "result"
    assert window.shell.page().arguments == {"record": 1}
    assert window.shell.rail.button("results").isChecked()
    key(qtbot, window, Qt.Key.Key_Escape)
    assert window.shell.key == "results"
    key(qtbot, window, Qt.Key.Key_Escape)
    assert window.shell.key == "today"


def test_a_change_reaches_only_the_page_it_concerns(qtbot, window, services):
    page = window.shell.page()
    qtbot.waitUntil(lambda: page.asked == 1)
    services.on_change(ChangeSet.of(Topic.MEDICINES))
    services.on_change(ChangeSet.of(Topic.RECORDS, person=LEO.id))
    services.on_change(ChangeSet.of(Topic.RECORDS, person=MINA.id))
    qtbot.waitUntil(lambda: page.asked == 2)
    qtbot.wait(0)
    assert page.asked == 2


def test_a_hidden_page_asks_when_it_is_shown_again(qtbot, window, services):
    today = window.shell.page()
    qtbot.waitUntil(lambda: today.asked == 1)
    window.navigate("documents")
    services.on_change(ChangeSet.of(Topic.RECORDS))
    qtbot.waitUntil(lambda: window.shell.page().asked == 2)
    assert today.asked == 1
    window.navigate("today")
    assert today.asked == 2


def test_another_person_by_key_empties_the_page_first(qtbot, window):
    page = window.shell.page()
    qtbot.waitUntil(lambda: page.said.text() == "of Mina Satterfield")
    key(qtbot, window, Qt.Key.Key_2, CTRL | SHIFT)
    assert page.said.text() == ""
    assert window.shell.header.name.text() == OMID.name
    qtbot.waitUntil(lambda: page.said.text() == f"of {OMID.name}")


def test_a_late_answer_about_another_person_is_dropped(qtbot, window):
    page = window.shell.page()
    window.shell.show_person(OMID.id)
    window.shell.show_person(LEO.id)
    qtbot.waitUntil(lambda: page.said.text() != "")
    assert page.said.text() == f"of {LEO.name}"


def test_person_menu_writes_foreign_names_plainly(qtbot, window):
    qtbot.mouseClick(window.shell.header.change, Qt.MouseButton.LeftButton)
    menu = window.shell.findChild(QMenu)
    names = [action.text() for action in menu.actions()]
    assert "Omid && Sons" in names[1]
    assert "shown now" in names[0]
    menu.actions()[2].trigger()
    menu.close()
    assert window.shell.context.person == LEO


def test_an_opened_record_is_left_when_the_person_changes(window):
    window.navigate("results")
    window.navigate("result", record=7)
    window.shell.show_person(OMID.id)
    assert window.shell.key == "results"
    window.back()
    assert window.shell.key == "results"


def test_lock_empties_the_window_and_unlock_comes_in_its_place(qtbot, window, services):
    page = window.shell.page()
    qtbot.waitUntil(lambda: page.said.text() != "")
    key(qtbot, window, Qt.Key.Key_L, CTRL)
    assert window.shell is None
    assert page.said.text() == ""
    unlock = window.stack.currentWidget()
    assert isinstance(unlock, Unlock)
    qtbot.waitUntil(lambda: not services.opened and unlock.isEnabled())
    assert window.stack.count() == 1
    unlock.passphrase.edit.setText(PASSPHRASE)
    qtbot.keyClick(unlock.passphrase.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shell is not None and window.shell.key == "today")


def test_lock_closes_dialogs_and_stops_long_work(qtbot, window, services, tmp_path):
    services.gate.clear()
    key(qtbot, window, Qt.Key.Key_F5)
    assert services.started.wait(5)
    window.verbs.add_person()
    dialog = window.findChild(AddPerson)
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog, Qt.Key.Key_L, CTRL)
    qtbot.waitUntil(lambda: not services.opened)
    qtbot.waitUntil(lambda: window.findChild(AddPerson) is None)


def test_sync_says_how_far_it_is_and_what_came(qtbot, window, services):
    services.gate.clear()
    key(qtbot, window, Qt.Key.Key_F5)
    said = "Getting results and measurements: 3. 21 records so far."
    qtbot.waitUntil(lambda: window.shell.status.work.text() == said)
    key(qtbot, window, Qt.Key.Key_F5)
    services.gate.set()
    qtbot.waitUntil(lambda: window.shell.toast.text.text() == "Up to date. 12 new or changed records.")
    assert services.called("sync") == [None]
    assert not window.shell.status.work.isVisible()


@pytest.mark.parametrize("state", [LedgerState.PARTIAL, LedgerState.FAILED])
def test_a_sync_in_which_something_did_not_come_is_never_called_up_to_date(qtbot, window, services, state):
    entry = LedgerEntry(1, "AllergyIntolerance", "", state, 0, 0, 0, 0, None, None, "portal-error", None, None, None)
    services.syncing.sync = lambda *_a, **_k: (SyncReport(1, (entry,), Applied(added=1234), ChangeSet()),)
    key(qtbot, window, Qt.Key.Key_F5)
    expected = "1234 new or changed records. Some kinds did not come: see Sources & sync."
    qtbot.waitUntil(lambda: window.shell.toast.text.text() == expected)


def test_a_kind_that_the_portal_does_not_offer_is_no_gap(qtbot, window, services):
    entry = LedgerEntry(1, "Coverage", "", LedgerState.NOT_OFFERED, 0, 0, 0, 0, None, None, None, None, None, None)
    services.syncing.sync = lambda *_a, **_k: (SyncReport(1, (entry,), Applied(), ChangeSet()),)
    key(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.shell.toast.text.text() == "Up to date. Nothing new.")


def test_sync_can_be_cancelled(qtbot, window, services):
    services.gate.clear()
    key(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(window.shell.status.cancel.isVisible)
    qtbot.mouseClick(window.shell.status.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.shell.status.work.isVisible())
    assert not window.shell.problem.isVisible()


def test_a_sync_that_runs_by_itself_is_shown_as_quietly_and_can_be_cancelled(qtbot, window, services):
    status, syncing = window.shell.status, services.syncing
    sentence = status.sentence.text()
    threading.Thread(target=syncing.progress, args=("Observation", 3, 21)).start()
    said = "Getting results and measurements: 3. 21 records so far."
    qtbot.waitUntil(lambda: status.work.text() == said and status.work.isVisible())
    qtbot.mouseClick(status.cancel, Qt.MouseButton.LeftButton)
    assert services.called("cancel_sync") == [None]
    assert status.work.text() == "Stopping..."
    assert not status.cancel.isVisible()
    syncing.progress("Observation", 4, 22)
    syncing.ended()
    qtbot.waitUntil(lambda: not status.work.isVisible())
    assert status.work.text() == "Stopping..."  # what still came did not offer to cancel once more
    assert not window.shell.toast.isVisible()
    assert status.sentence.text() == sentence


def test_how_far_a_sync_is_ends_in_dots_where_there_is_no_room(qtbot, window, services):
    window.theme.apply("light", 2.0)
    window.resize(window.minimumSize())
    services.syncing.progress("Observation", 1204, 3010)
    work = window.shell.status.work
    qtbot.waitUntil(lambda: work.isVisible() and work.is_elided())
    assert work.toolTip() == "Getting results and measurements: 1,204. 3,010 records so far."
    services.syncing.ended()
    qtbot.waitUntil(lambda: not work.isVisible())


def test_a_second_sync_by_itself_can_be_cancelled_again(qtbot, window, services):
    status, syncing = window.shell.status, services.syncing
    for times in (1, 2):
        syncing.progress("Observation", 3, 21)
        qtbot.waitUntil(status.cancel.isVisible)
        qtbot.mouseClick(status.cancel, Qt.MouseButton.LeftButton)
        assert len(services.called("cancel_sync")) == times
        syncing.ended()
        qtbot.waitUntil(lambda: not status.work.isVisible())


def test_the_end_of_a_sync_by_itself_leaves_the_persons_own_in_the_line(qtbot, window, services):
    status, syncing = window.shell.status, services.syncing
    services.gate.clear()
    syncing.progress("Claim", 1, 1)
    key(qtbot, window, Qt.Key.Key_F5)
    assert services.started.wait(5)
    syncing.ended()
    qtbot.waitUntil(lambda: status.work.text().startswith("Getting results and measurements"))
    assert status.work.isVisible()
    qtbot.mouseClick(status.cancel, Qt.MouseButton.LeftButton)
    assert services.called("cancel_sync") == []
    qtbot.waitUntil(lambda: not status.work.isVisible())


def test_after_a_lock_nothing_is_told_of_a_sync_by_itself(qtbot, window, services):
    key(qtbot, window, Qt.Key.Key_L, CTRL)
    qtbot.waitUntil(lambda: window.shell is None)
    services.syncing.progress("Observation", 3, 21)
    services.syncing.ended()
    QApplication.processEvents()
    assert window.shell is None


def test_offline_is_calm(qtbot, window, services):
    services.syncing.sync = lambda *_a, **_k: (SyncReport(1, (), Applied(), ChangeSet(), "offline"),)
    key(qtbot, window, Qt.Key.Key_F5)
    expected = "Last synced today 8:15 AM · offline, everything is readable"
    qtbot.waitUntil(lambda: window.shell.status.sentence.text().replace("\u202f", " ") == expected)
    assert not window.shell.problem.isVisible()


def test_a_problem_is_said_in_the_window(qtbot, window, services):
    services.fail["sync"] = EnvironmentProblem("disk-full")
    key(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(window.shell.problem.isVisible)
    assert "disk is full" in window.shell.problem.text.text()


@pytest.mark.expects_log
def test_an_unexpected_error_is_named_by_type_only(qtbot, window, services, log_guard):
    services.fail["sync"] = ValueError("Mina takes warfarin")
    key(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(window.shell.problem.isVisible)
    assert "warfarin" not in window.shell.problem.text.text()
    said = [record.getMessage() for record in log_guard]
    assert len(said) == 1
    assert "ValueError" in said[0]
    assert "warfarin" not in said[0]


def test_files_dropped_anywhere_are_shown_before_they_are_added(qtbot, window, services, tmp_path):
    file = tmp_path / "life.json"
    file.write_text("{}")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    args = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, QDragEnterEvent(QPointF(9, 9).toPoint(), *args))
    assert window._drop_hint.isVisible()
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), *args))
    dialog = window.findChild(ImportFiles)
    qtbot.waitUntil(lambda: dialog.preview is not None)
    assert services.called("import_files") == []
    dialog.reject()


def test_files_with_which_the_program_is_called_wait_for_the_unlock(qtbot, make_window, tmp_path):
    window = make_window(opened=False)
    window.verbs.import_files([tmp_path / "record.json"])
    door = window.door
    assert door.waiting.text.text() == "Unlock your record to add the files."
    door.passphrase.edit.setText(PASSPHRASE)
    door.button.click()
    qtbot.waitUntil(lambda: window.findChild(ImportFiles) is not None)
    assert window.findChild(ImportFiles)._paths == [tmp_path / "record.json"]
    window.findChild(ImportFiles).reject()
    window.lock()
    window.enter()
    qtbot.waitUntil(lambda: window.bridge.is_idle and window.shell.page() is not None)
    assert not [each for each in window.findChildren(ImportFiles) if each.isVisible()]


def test_text_size_by_keys_is_remembered(qtbot, window, services, theme):
    key(qtbot, window, Qt.Key.Key_Plus, CTRL)
    assert theme.text_scale == 1.25
    key(qtbot, window, Qt.Key.Key_Minus, CTRL)
    assert theme.text_scale == 1.0
    key(qtbot, window, Qt.Key.Key_Plus, CTRL)
    key(qtbot, window, Qt.Key.Key_Plus, CTRL)
    qtbot.waitUntil(lambda: services.settings.saved > 0)
    assert services.settings.text_scale == 1.5
    key(qtbot, window, Qt.Key.Key_0, CTRL)
    assert theme.text_scale == 1.0


def test_the_largest_text_in_a_small_window_leaves_room_for_the_name_and_the_page(qtbot, window, theme):
    window.resize(800, 600)
    theme.set_scale(2.0)
    shell = window.shell
    qtbot.waitUntil(lambda: shell.rail.width() < 0.35 * shell.width())
    qtbot.waitUntil(lambda: clipped(window) == [])
    assert shell.header.name.width() >= shell.header.name.sizeHint().width()
    assert (shell.header.change.text(), shell.header.avatar.isVisible()) == ("Change", False)
    qtbot.mouseClick(shell.rail.button("results"), Qt.MouseButton.LeftButton)
    assert shell.key == "results"
    theme.set_scale(1.0)
    qtbot.waitUntil(lambda: shell.rail.width() >= 212)
    assert (shell.header.change.text(), shell.header.avatar.isVisible()) == ("Change person", True)


def test_page_and_size_are_remembered(make_window, services):
    services.settings.page = "documents"
    window = make_window()
    assert window.shell.key == "documents"
    window.navigate("results")
    window.navigate("result", record=1)
    window.resize(780, 600)
    window.close()
    assert services.settings.page == "results"
    again = make_window()
    assert (again.width(), again.height()) == (780, 600)


def test_undo_by_button_and_by_key(qtbot, window):
    undone: list[int] = []
    window.shell.say("Marked as taken", lambda: undone.append(1))
    qtbot.mouseClick(window.shell.toast.undo_button, Qt.MouseButton.LeftButton)
    window.shell.say("Marked as taken", lambda: undone.append(2))
    key(qtbot, window, Qt.Key.Key_Z, CTRL)
    key(qtbot, window, Qt.Key.Key_Z, CTRL)
    assert undone == [1, 2]


def test_undo_stays_at_least_ten_seconds(window):
    window.shell.say("Marked as taken", lambda: None)
    assert window.shell.toast._timer.interval() >= 10_000


def test_undo_is_forgotten_when_another_person_is_shown(qtbot, window):
    undone: list[int] = []
    window.shell.say("Marked as taken", lambda: undone.append(1))
    window.shell.show_person(OMID.id)
    key(qtbot, window, Qt.Key.Key_Z, CTRL)
    assert undone == []


def test_sample_people_are_marked_on_every_page(make_window, services):
    services.is_sample = True
    window = make_window()
    for each in ("today", "results", "settings"):
        window.navigate(each)
        assert window.shell.ribbon.isVisible()


def test_a_vault_without_people_offers_to_add_one(qtbot, make_window, services):
    services.known_people.clear()
    window = make_window()
    assert window.shell.nobody.isVisible()
    assert window.shell.header.change.text() == "Add a person..."
    window.verbs.add_person()
    dialog = window.findChild(AddPerson)
    dialog.form.name.setText("Ana Ruiz")
    dialog.form.birth_date.setText("5/4/1949")
    assert dialog.form.birth_field.note.text() == "May 4, 1949: 77 years old"
    qtbot.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.shell.page() is not None and window.shell.page().isVisible())
    assert services.called("add_person") == [("Ana Ruiz", "1949-05-04", "self")]


def test_no_portal_is_said_in_the_status_line(qtbot, make_window, services):
    services.status = FakeStatus(None, 0, 0, False)
    window = make_window()
    expected = "No portal connected. Everything here is kept on this computer."
    qtbot.waitUntil(lambda: window.shell.status.sentence.text() == expected)


def test_the_first_window_is_never_larger_than_its_screen(make_window):
    """The offscreen screen, of 800 x 800, is smaller than the window would like to be."""
    window = make_window()
    room = window.screen().availableGeometry()
    assert window.isMaximized()
    assert room.contains(window.frameGeometry())


def test_a_window_that_fits_is_not_blown_up(make_window, monkeypatch):
    monkeypatch.setattr(window_memory, "SIZE", QSize(770, 720))
    window = make_window()
    assert not window.isMaximized()
    assert window.size() == QSize(770, 720)
