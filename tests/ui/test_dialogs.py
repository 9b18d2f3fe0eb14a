"""First run, unlock, import, connect: nothing stored before it was asked for, and whose record it is always said."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.reports import Applied, ImportReport
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.ui.dialogs.connect_portal import ConnectPortal
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.widgets.recovery_key import key_groups
from tests.ui.fakes import LEO, MINA, OMID, PASSPHRASE, RECOVERY_KEY, FakePreview, FakeSubject, preview_of
from tests.ui.walker import stumbles

FILE = Path(__file__)
PORTAL = "https://fhir.harbor.example/r4"


# --- unlock


@pytest.fixture
def locked(make_window):
    window = make_window(opened=False)
    unlock = window.stack.currentWidget()
    assert isinstance(unlock, Unlock)
    return window


def test_wrong_passphrase_is_said_at_the_field(qtbot, locked, services):
    unlock = locked.stack.currentWidget()
    qtbot.keyClicks(unlock.passphrase.edit, "not this one")
    qtbot.keyClick(unlock.passphrase.edit, Qt.Key.Key_Return)
    assert unlock.button.text() == "Opening..."
    qtbot.waitUntil(lambda: "does not open this record" in unlock.passphrase.field.note.text())
    assert unlock.button.isEnabled()
    assert not services.opened


def test_passphrase_opens_and_leaves_nothing_typed(qtbot, locked, services):
    unlock = locked.stack.currentWidget()
    unlock.passphrase.edit.setText(PASSPHRASE)
    left: list[str] = []
    unlock.unlocked.connect(lambda: left.append(unlock.passphrase.text()))
    qtbot.mouseClick(unlock.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: locked.shell is not None and services.background)
    assert left == [""]


def test_the_sample_shows_its_passphrase(qtbot, make_window, services):
    services.is_sample = True
    unlock = make_window(opened=False).stack.currentWidget()
    said = " ".join(label.text() for label in unlock.findChildren(QLabel) if label.isVisible())
    assert "The sample is locked" in said
    assert PASSPHRASE in said
    assert not unlock.other_way.isVisible()
    assert stumbles(unlock) == []


def test_a_vault_of_ones_own_never_shows_a_passphrase(locked):
    said = " ".join(label.text() for label in locked.findChildren(QLabel))
    assert PASSPHRASE not in said
    assert "sample" not in said.casefold()


def test_recovery_key_opens(qtbot, locked, services):
    unlock = locked.stack.currentWidget()
    qtbot.mouseClick(unlock.other_way, Qt.MouseButton.LeftButton)
    unlock.key.setText("nonsense")
    qtbot.keyClick(unlock.key, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "recovery key does not open" in unlock.key_field.note.text())
    unlock.key.setText(RECOVERY_KEY)
    qtbot.keyClick(unlock.key, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: locked.shell is not None and services.background)


def test_other_obstacles_are_said_in_the_middle(qtbot, locked, services):
    services.fail["unlock"] = EnvironmentProblem("vault-in-use")
    unlock = locked.stack.currentWidget()
    unlock.passphrase.edit.setText(PASSPHRASE)
    qtbot.keyClick(unlock.passphrase.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(unlock.problem.isVisible)
    assert "open in another window" in unlock.problem.text()


@pytest.mark.expects_log
def test_an_unexpected_failure_is_a_calm_dialog(qtbot, locked, services):
    services.fail["unlock"] = RuntimeError("secret detail")
    unlock = locked.stack.currentWidget()
    unlock.passphrase.edit.setText(PASSPHRASE)
    qtbot.keyClick(unlock.passphrase.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: locked.findChild(Message) is not None)
    message = locked.findChild(Message)
    assert "secret" not in message.sentence.text()
    message.accept()


# --- first run


@pytest.fixture
def first(make_window, services):
    services.exists = False
    services.known_people.clear()
    window = make_window()
    assert isinstance(window.stack.currentWidget(), FirstRun)
    return window


def go_to_recovery(qtbot, window):
    run = window.stack.currentWidget()
    run.next()
    run.who.form.name.setText("Mina  Satterfield ")
    run.who.form.birth_date.setText("5/4/1949")
    run.who.form.relation.setCurrentIndex(1)
    run.next()
    run.passphrase.first.edit.setText(PASSPHRASE)
    run.passphrase.again.edit.setText(PASSPHRASE)
    run.next()
    qtbot.waitUntil(lambda: run.step() is run.recovery)
    return run


def type_back(run):
    groups = key_groups(RECOVERY_KEY)
    for field, _group in run.type_back.fields:
        place = int(field.label.text().replace("&", "").split()[1]) - 1
        field.edit.setText(groups[place].lower())


def test_first_run_to_an_empty_record(qtbot, first, services):
    run = go_to_recovery(qtbot, first)
    assert services.called("create_vault") == [PASSPHRASE]
    assert services.called("add_person") == [("Mina Satterfield", "1949-05-04", "mother")]
    assert run.passphrase.text() == ""
    run.next()
    type_back(run)
    run.next()
    assert run.step() is run.start
    assert run.recovery._card is None
    qtbot.mouseClick(run.start.rows["empty"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: first.shell is not None and services.background)
    assert first.shell.header.name.text() == "Mina Satterfield"


def test_first_run_to_sample_people(qtbot, first, services):
    run = go_to_recovery(qtbot, first)
    run.next()
    type_back(run)
    run.next()
    assert "Your own record stays empty" in run.start.rows["sample"].accessibleName()
    run.start.rows["sample"].click()
    qtbot.waitUntil(lambda: first.shell is not None and services.background)
    assert first.shell.ribbon.isVisible()


def test_first_run_to_a_portal(qtbot, first, services):
    run = go_to_recovery(qtbot, first)
    run.next()
    type_back(run)
    run.next()
    run.start.rows["portal"].click()
    qtbot.waitUntil(lambda: first.findChild(ConnectPortal) is not None)
    first.findChild(ConnectPortal).reject()


def test_nothing_is_made_before_the_passphrase_is_right(qtbot, first, services):
    run = first.stack.currentWidget()
    run.next()
    run.next()
    assert run.step() is run.who
    assert "Write a name" in run.who.form.name_field.note.text()
    run.who.form.name.setText("Mina Satterfield")
    run.who.form.birth_date.setText("some day")
    run.next()
    assert "not a day" in run.who.form.birth_field.note.text()
    run.who.form.birth_date.setText("")
    run.next()
    run.passphrase.first.edit.setText("short")
    run.next()
    assert "7 more characters" in run.passphrase.first.field.note.text()
    run.passphrase.first.edit.setText(PASSPHRASE)
    run.passphrase.again.edit.setText(PASSPHRASE + "r")
    run.next()
    assert "not the same" in run.passphrase.again.field.note.text()
    assert services.called("create_vault") == []


def test_strength_is_said_in_a_word(qtbot, first):
    run = first.stack.currentWidget()
    run.next()
    run.who.form.name.setText("Mina")
    run.next()
    qtbot.keyClicks(run.passphrase.first.edit, "abcdefgh")
    qtbot.waitUntil(lambda: run.passphrase.strength.word.text() == "Weak")
    assert "another word" in run.passphrase.strength.advice.text()


def test_the_key_must_be_typed_back(qtbot, first):
    run = go_to_recovery(qtbot, first)
    run.next()
    for field, _group in run.type_back.fields:
        field.edit.setText("WRNG")
    run.next()
    assert run.step() is run.type_back
    assert "not what the key says" in run.type_back.fields[0][0].note.text()
    run.back()
    assert run.step() is run.recovery
    assert run.recovery._card.isVisible()
    assert not run.back_button.isVisible()


def test_closing_before_the_key_is_checked_asks(qtbot, first):
    run = go_to_recovery(qtbot, first)
    first.close()
    assert first.isVisible()
    qtbot.waitUntil(lambda: first.findChild(Message) is not None)
    first.findChild(Message).reject()
    run.next()
    type_back(run)
    run.next()
    first.close()
    assert not first.isVisible()


def test_a_vault_that_cannot_be_made_leaves_the_step(qtbot, first, services):
    services.fail["create_vault"] = UserFacingError("passphrase-too-short", minimum=12)
    run = first.stack.currentWidget()
    run.next()
    run.who.form.name.setText("Mina")
    run.next()
    run.passphrase.first.edit.setText(PASSPHRASE)
    run.passphrase.again.edit.setText(PASSPHRASE)
    run.next()
    qtbot.waitUntil(lambda: "at least 12" in run.passphrase.first.field.note.text())
    assert run.step() is run.passphrase
    assert run.next_button.isEnabled()


def test_look_changes_at_once(qtbot, first, theme, services):
    run = first.stack.currentWidget()
    button = next(each for each in run.look.choice.sizes.children() if each.property("choice") == 1.5)
    button.click()
    assert theme.text_scale == 1.5
    assert services.settings.text_scale == 1.5


# --- import


@pytest.fixture
def importing(qtbot, window, services):
    def begin():
        window.verbs.import_files([FILE])
        dialog = window.findChild(ImportFiles)
        qtbot.waitUntil(lambda: dialog.preview is not None or dialog.title.text() == "Nothing was added")
        return dialog

    return begin


def test_import_says_what_and_for_whom_and_adds_it(qtbot, importing, window, services):
    dialog = importing()
    assert dialog.person.currentData() == MINA
    assert services.called("import_files") == []
    changes = []
    window.bridge.changed.connect(changes.append)
    qtbot.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert services.called("import_files") == [((FILE,), MINA.id, False, None)]
    assert changes
    dialog.accept()


def test_the_person_the_file_names_is_proposed(importing, services):
    services.preview = preview_of(LEO)
    dialog = importing()
    assert dialog.person.currentData() == LEO
    assert dialog.add_button.isEnabled()
    dialog.reject()


def comes_in_only_by_an_explicit_word(qtbot, dialog, services):
    assert not dialog.add_button.isEnabled()
    dialog.same_person.click()
    dialog.add_button.click()
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert services.called("import_files") == [((FILE,), MINA.id, True, None)]
    dialog.accept()


def test_another_persons_file_needs_an_explicit_word(qtbot, importing, services):
    services.preview = preview_of(LEO)
    dialog = importing()
    dialog.person.setCurrentIndex(0)
    assert dialog.difference.isVisible()
    assert "about Leo Satterfield" in dialog.difference.text.text()
    assert "not Mina Satterfield" in dialog.difference.text.text()
    comes_in_only_by_an_explicit_word(qtbot, dialog, services)


def test_two_people_of_one_name_are_told_apart_by_their_birth_dates(importing, services):
    namesake = FakeSubject("Patient/mina", MINA.name, "1962-04-16", 2, frozenset())
    services.preview = FakePreview(1, {"Condition": 2}, 0, [namesake])
    dialog = importing()
    dialog.person.setCurrentIndex(0)
    assert "born April 16, 1962, not Mina Satterfield, born May 4, 1949." in dialog.difference.text.text()
    dialog.reject()


def test_enter_presses_the_button_with_the_focus_and_not_the_main_one(qtbot, importing, services):
    services.preview = preview_of(LEO)
    dialog = importing()
    dialog.add_button.setDefault(True)
    cancel = next(each for each in dialog.findChildren(QPushButton) if each.text() == "&Cancel")
    cancel.setFocus()
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(cancel, Qt.Key.Key_Return)
    assert services.called("import_files") == []


def test_a_file_that_names_nobody_and_is_about_a_stranger_needs_an_explicit_word(qtbot, importing, services):
    stranger = FakeSubject("Patient/leo", None, None, 2, frozenset({LEO.id}))
    services.preview = FakePreview(1, {"Condition": 2}, 0, [stranger])
    dialog = importing()
    assert dialog.person.currentData() == LEO
    dialog.person.setCurrentIndex(0)
    assert "name nobody" in dialog.difference.text.text()
    assert "Patient/leo" in dialog.difference.text.text()
    comes_in_only_by_an_explicit_word(qtbot, dialog, services)


def test_a_file_that_may_be_anyones_is_proposed_for_the_one_who_is_shown(importing, services):
    anyone = FakeSubject("Patient/x", None, None, 2, frozenset({OMID.id, LEO.id, MINA.id}))
    services.preview = FakePreview(1, {"Condition": 2}, 0, [anyone])
    dialog = importing()
    assert dialog.person.currentData() == MINA
    assert not dialog.difference.isVisible()
    assert dialog.add_button.isEnabled()
    dialog.reject()


def test_what_was_left_out_and_what_is_missing_is_said(qtbot, importing, services):
    services.report = ImportReport(Applied(added=3), 1, ChangeSet.of(Topic.RECORDS), left_out=7, pages=1)
    dialog = importing()
    dialog.add_button.click()

    def said() -> str:
        return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())

    qtbot.waitUntil(lambda: "Left out" in said())
    assert "one page of a longer answer" in said()
    dialog.accept()


def test_choosing_again_takes_the_word_back(importing, services):
    services.preview = preview_of(LEO)
    dialog = importing()
    dialog.person.setCurrentIndex(0)
    dialog.same_person.click()
    dialog.person.setCurrentIndex(1)
    assert not dialog.same_person.isChecked()
    assert not dialog.add_button.isEnabled()
    dialog.reject()


def test_several_people_in_a_file_are_asked_about(qtbot, importing, services):
    subjects = [
        FakeSubject("Patient/a", OMID.name, OMID.birth_date, 10, frozenset({OMID.id})),
        FakeSubject("Patient/b", LEO.name, LEO.birth_date, 20, frozenset({LEO.id})),
    ]
    services.preview = FakePreview(1, {"Observation": 30}, 0, subjects)
    dialog = importing()
    qtbot.waitUntil(dialog.subject.isVisible)
    dialog.subject.setCurrentIndex(1)
    assert dialog.person.currentData() == LEO
    dialog.add_button.click()
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert services.called("import_files") == [((FILE,), LEO.id, False, "Patient/b")]
    dialog.accept()


def test_a_file_that_is_none_is_said_plainly(importing, services):
    services.fail["inspect_files"] = UserFacingError("file-not-fhir")
    dialog = importing()
    assert dialog.title.text() == "Nothing was added"
    dialog.reject()


def test_refusal_by_the_core_is_said_with_both_names(qtbot, importing, services):
    dialog = importing()
    services.fail["import_files"] = UserFacingError("other-person-file", found="Leo, born 2017", person=MINA.name)
    dialog.add_button.click()
    qtbot.waitUntil(lambda: dialog.title.text() == "Nothing was added")
    said = dialog.column.itemAt(1).widget().text()
    assert said == "These files are about Leo, born 2017, not Mina Satterfield. Nothing was added."
    assert "--" not in said
    dialog.reject()


def test_import_counts_and_cancel_really_stops(qtbot, importing, window, services):
    dialog = importing()
    services.gate.clear()
    dialog.add_button.click()
    qtbot.waitUntil(lambda: dialog.progress.words.text() == "2,140 of 6,661 records")
    qtbot.mouseClick(dialog.progress.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.findChild(ImportFiles) is None)
    assert not services.gate.is_set()


# --- reminders


def test_reminders_name_their_person(qtbot, window, services):
    from datetime import UTC, datetime

    from phr_desktop.domain.reminders import Occurrence, ReminderKind

    at = datetime(2026, 11, 24, 18, tzinfo=UTC)
    due = [
        Occurrence(
            str(n), person.id, person.name, ReminderKind.APPOINTMENT, at, f"visit {n}", "", f"record:{n}", "1 day"
        )
        for n, person in enumerate((MINA, OMID, LEO, MINA))
    ]
    services.on_reminder(due)
    qtbot.waitUntil(window.shell.banner.isVisible)
    said = window.shell.banner.text.text()
    assert said.startswith("Reminder. Mina Satterfield: visit 0; Omid & Sons Satterfield: visit 1;")
    assert said.endswith("1 more")
