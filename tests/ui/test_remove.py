"""Removing a person, a source, the record; and saving a damaged one: what the window says and does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from shiboken6 import isValid

from phr_desktop.domain.people import Source, SourceKind
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.domain.salvage import SalvageReport
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.remove import RemovePerson, RemoveRecord, RemoveSource
from phr_desktop.ui.dialogs.salvage import Salvage
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text
from tests.ui.fakes import LEO, MINA, OMID, PASSPHRASE
from tests.ui.walker import clipped

HARBOR = Source(7, MINA.id, SourceKind.PORTAL, "Harbor Clinic", "https://portal.invalid", "p", True, False, None)


@pytest.fixture
def shown(qtbot, bridge):
    """Opens a dialog and waits until it has asked; closed at the end."""
    made: list[QDialog] = []

    def show(dialog: QDialog) -> QDialog:
        made.append(dialog)
        dialog.open()
        qtbot.waitUntil(lambda: not bridge._asks)
        return dialog

    yield show
    for dialog in made:
        if isValid(dialog):
            dialog.reject()


def said(dialog: QDialog) -> str:
    return " ".join(text.text() for text in dialog.findChildren(Text) if text.isVisibleTo(dialog))


def test_a_person_goes_only_after_it_was_said_what_goes_and_what_stays(qtbot, services, bridge, shown):
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    assert dialog.keep.hasFocus() or dialog.focusWidget() is dialog.keep
    qtbot.waitUntil(lambda: "6,660" in said(dialog))
    words = said(dialog)
    for part in ("Mina Satterfield", "6,660", "14", "keep stays there", "Backups", "cannot be undone"):
        assert part in words, part
    assert services.called("remove_person") == []
    with qtbot.waitSignal(dialog.removed):
        dialog.remove.click()
    assert services.called("remove_person") == [MINA.id]
    assert [one.id for one in services.known_people] == [OMID.id, LEO.id]


def test_a_lock_says_that_a_removal_may_be_half_done_and_idle_time_waits_for_it(qtbot, services, bridge, shown):
    services.gate.clear()
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    qtbot.waitUntil(dialog.remove.isEnabled)
    assert not dialog.is_working()
    dialog.remove.click()
    assert dialog.is_working()
    assert "Look whether it is gone" in dialog.lost_by_lock()
    with qtbot.waitSignal(dialog.rejected):
        dialog.reject()


def test_keep_everything_removes_nothing(services, bridge, shown):
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    dialog.keep.click()
    assert services.called("remove_person") == []


def test_cancel_stops_a_removal_and_closes(qtbot, services, bridge, shown):
    services.gate.clear()
    dialog = shown(RemoveSource(services, bridge, HARBOR, MINA, None))
    assert "Harbor Clinic" in said(dialog)
    dialog.remove.click()
    assert services.started.wait(5)
    with qtbot.waitSignal(dialog.rejected):
        dialog.progress.cancel.click()
    assert MINA in services.known_people


def test_what_stands_in_the_way_is_said_and_it_can_be_tried_again(qtbot, services, bridge, shown):
    services.fail["remove_person"] = EnvironmentProblem("no-room", needed=137, free=3)
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    dialog.remove.click()
    qtbot.waitUntil(lambda: dialog.error.isVisible())
    assert "137 MB" in dialog.error.text()
    with qtbot.waitSignal(dialog.removed):
        dialog.remove.click()


def test_nothing_can_be_removed_before_it_is_known_what(qtbot, services, bridge, shown):
    services.fail["what_goes"] = UserFacingError("person-missing")
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    qtbot.waitUntil(lambda: dialog.error.isVisible())
    assert not dialog.remove.isEnabled()


def test_a_person_without_records_is_told_as_such(qtbot, services, bridge, shown):
    services.upkeep.goes = WhatGoes(0, 0, 0, 0, 0)
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    qtbot.waitUntil(lambda: "no records yet" in said(dialog))


def test_the_calendar_file_and_older_copies_are_named_and_the_copies_stay_unless_asked(qtbot, services, bridge, shown):
    services.upkeep.aside = (Path("/vault/before-restore-20261101"), Path("/vault/damaged-data-1-00.db"))
    services.upkeep.calendar = (Path("/media/share/phr-calendar-1.ics"),)
    for also in (False, True):
        dialog = shown(RemovePerson(services, bridge, MINA, None))
        qtbot.waitUntil(lambda dialog=dialog: dialog.with_aside.isVisible() and dialog.calendar.isVisible())
        assert "phr-calendar-1.ics" in dialog.calendar.text()
        assert "/vault" in dialog.with_aside.text().replace("\\", "/")
        assert not dialog.with_aside.isChecked()
        dialog.with_aside.setChecked(also)
        with qtbot.waitSignal(dialog.removed):
            dialog.remove.click()
        assert len(services.called("remove_put_aside")) == also


def test_a_removal_whose_older_copies_stay_is_told_as_done_and_the_copies_can_be_tried_again(
    qtbot, services, bridge, shown
):
    services.upkeep.aside = (Path("/vault/before-restore-20261101"),)
    changes = []
    bridge.changed.connect(changes.append)
    services.fail["remove_put_aside"] = EnvironmentProblem("no-room", needed=137, free=3)
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    qtbot.waitUntil(lambda: dialog.with_aside.isVisible() and dialog.remove.isEnabled())
    dialog.with_aside.setChecked(True)
    with qtbot.waitSignal(dialog.removed):
        dialog.remove.click()
    qtbot.waitUntil(dialog.error.isVisible)
    assert changes  # the pages ask anew: the person is gone
    assert "It is gone from the record." in dialog.error.text()
    assert "137 MB" in dialog.error.text()
    buttons = {each.text().replace("&", ""): each for each in dialog.findChildren(QPushButton) if each.isVisible()}
    assert set(buttons) == {"Try again", "Close"}
    buttons["Try again"].click()
    qtbot.waitUntil(lambda: len(services.called("remove_put_aside")) == 2)
    assert len(services.called("remove_person")) == 1


def test_the_dialog_is_as_high_as_what_it_says_late_at_once(qtbot, services, bridge, shown):
    dialog = shown(RemovePerson(services, bridge, MINA, None))
    qtbot.waitUntil(lambda: dialog.remove.isEnabled())
    dialog._show_aside((Path("/vault/before-restore-20261101"),))
    at_once = dialog.height()
    QApplication.processEvents()
    dialog.fit()
    assert (dialog.height(), clipped(dialog)) == (at_once, [])
    dialog.goes.add_row(Row("Word " * 40, wrap=True))
    dialog.fit()
    at_once = dialog.height()
    QApplication.processEvents()
    dialog.fit()
    assert dialog.height() == at_once


def test_a_source_says_of_older_copies_too(qtbot, services, bridge, shown):
    services.upkeep.aside = (Path("/vault/damaged-data-1-00.db"),)
    dialog = shown(RemoveSource(services, bridge, HARBOR, MINA, None))
    qtbot.waitUntil(dialog.with_aside.isVisible)


class TestTheWholeRecord:
    def test_only_the_typed_words_let_it_go(self, qtbot, services, bridge, shown):
        dialog = shown(RemoveRecord(services, bridge, [MINA, LEO], None))
        assert "Leo Satterfield" in said(dialog)
        assert not dialog.with_backups.isChecked()
        for typed in ("", "remove", "everything"):
            dialog.edit.setText(typed)
            assert not dialog.remove.isEnabled()
        dialog.edit.setText("Remove  everything ")
        dialog.with_backups.setChecked(True)
        with qtbot.waitSignal(dialog.confirmed) as confirmed:
            dialog.remove.click()
        assert confirmed.args == [True]

    def test_the_window_begins_anew_after_it(self, qtbot, window, services):
        window.remove_record(False)
        qtbot.waitUntil(lambda: isinstance(window.stack.currentWidget(), FirstRun))
        assert services.called("remove_vault") == [False]
        assert not services.background


class TestSalvage:
    def test_nothing_is_taken_before_it_was_said_what_is_lost(self, qtbot, services, bridge, shown):
        dialog = shown(Salvage(services, bridge, PASSPHRASE, None, by_recovery_key=False))
        dialog.save.click()
        qtbot.waitUntil(lambda: dialog.saved is not None)
        rows = {row.words.main.text(): row.accessibleName() for row in dialog.findChildren(Row)}
        assert "12,004" in rows["Records saved"]
        assert "11" in rows["Lost: Results and measurements"]
        assert "may be more" in dialog.warning.text.text()
        assert services.called("accept") == []
        with qtbot.waitSignal(dialog.taken):
            dialog.take.click()
        assert services.called("accept") == [None]

    def test_left_as_it_is_what_was_saved_is_thrown_away(self, qtbot, services, bridge, shown):
        services.upkeep.report = SalvageReport((), 3)
        dialog = shown(Salvage(services, bridge, PASSPHRASE, None, by_recovery_key=True))
        assert dialog.save.isEnabled()
        dialog.save.click()
        qtbot.waitUntil(lambda: dialog.saved is not None)
        assert "Nothing is known to be lost" in dialog.warning.text.text()
        with qtbot.waitSignal(dialog.rejected):
            dialog.reject()
        assert services.called("discard") == [None]
        assert services.called("salvage") == [True]

    def test_unlock_offers_it_where_the_record_is_damaged(self, qtbot, make_window, services):
        services.fail["unlock"] = UserFacingError("database-damaged")
        window = make_window(opened=False)
        unlock = window.stack.currentWidget()
        assert isinstance(unlock, Unlock)
        unlock.passphrase.edit.setText(PASSPHRASE)
        unlock.button.click()
        qtbot.waitUntil(lambda: window.findChild(Salvage) is not None)
        dialog = window.findChild(Salvage)
        dialog.save.click()
        qtbot.waitUntil(lambda: dialog.saved is not None)
        dialog.take.click()
        qtbot.waitUntil(lambda: window.findChild(Salvage) is None)
        assert isinstance(window.stack.currentWidget(), Unlock)
