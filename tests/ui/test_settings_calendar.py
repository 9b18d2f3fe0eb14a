"""The calendar file as a person meets it: what goes in, that it is not encrypted, and what became of the kept one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from phr_desktop.domain.calendars import CalendarChoice, CalendarKind
from phr_desktop.ui.tokens import SCALES
from tests.ui.fakes import MINA, NOW
from tests.ui.walker import clipped, stumbles

KEPT = CalendarChoice(
    frozenset({CalendarKind.VISIT, CalendarKind.DOSE}), file=Path("/media/share/phr-calendar-1.ics"),
    written_at=int(NOW.timestamp()) - 3600,
)  # fmt: skip


def words(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


@pytest.fixture
def section(qtbot, window, services):
    """The section over the person's choice, shown anew by `show`."""
    window.navigate("settings", section="calendar")
    page = window.shell.page()

    def show(choice: CalendarChoice):
        services.calendar = choice
        page.section.refresh()
        qtbot.waitUntil(lambda: page.section.choice == choice)
        return page.section

    return show


@pytest.fixture
def verbs(monkeypatch):
    """What the section asked of its verbs, by name."""
    from phr_desktop.domain.changes import ChangeSet
    from phr_desktop.ui.pages import settings_calendar

    asked = []
    for name in ("choose_contents", "keep_file", "stop_keeping_file"):

        def verb(_vault, _clock, *given, name=name, **more):
            asked.append((name, given, more))
            return ChangeSet()

        monkeypatch.setattr(settings_calendar, name, verb)
    return asked


def test_it_is_discreet_and_says_that_nothing_is_encrypted(section):
    shown = section(CalendarChoice())
    said = words(shown)
    assert f"For {MINA.name}" in said
    assert "not encrypted" in said
    assert "No file is kept." in said
    assert shown.discreet.isChecked()
    assert [kind for kind, box in shown.kinds.items() if box.isChecked()] == [CalendarKind.VISIT]
    assert not shown.stop_button.isVisible()


def test_a_choice_holds_at_once(qtbot, section, verbs):
    shown = section(CalendarChoice())
    qtbot.mouseClick(shown.kinds[CalendarKind.REFILL], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(shown.full, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(verbs) == 2)
    name, given, more = verbs[-1]
    assert (name, given[0], set(given[1])) == ("choose_contents", MINA.id, {CalendarKind.VISIT, CalendarKind.REFILL})
    assert more == {"full_words": True}


def test_nothing_chosen_is_nothing_to_save(qtbot, section, verbs):
    shown = section(CalendarChoice())
    qtbot.mouseClick(shown.kinds[CalendarKind.VISIT], Qt.MouseButton.LeftButton)
    assert not shown.save_button.isEnabled()
    qtbot.waitUntil(lambda: len(verbs) == 1)


def test_a_file_is_saved_for_the_person_shown(qtbot, section, services, tmp_path):
    section(CalendarChoice()).save(tmp_path / "calendar.ics")
    qtbot.waitUntil(lambda: ("export_calendar", (MINA.id, tmp_path / "calendar.ics")) in services.calls)


def test_the_kept_file_is_named_with_the_time_it_was_written(qtbot, section, verbs, tmp_path):
    shown = section(KEPT)
    assert "phr-calendar-1.ics, written today" in shown.kept.text()
    shown.keep_in(tmp_path)
    qtbot.mouseClick(shown.stop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [name for name, *_ in verbs] == ["keep_file", "stop_keeping_file"])


def test_why_it_is_not_up_to_date_is_said(section):
    from dataclasses import replace

    shown = section(replace(KEPT, failure="calendar-folder-missing"))
    assert shown.problem.isVisible()
    assert "Plug in the drive" in shown.problem.text.text()


def test_nothing_of_it_stays_when_the_record_is_locked(section, window):
    shown = section(KEPT)
    shown.clear()
    assert "media" not in words(shown)
    assert MINA.name not in words(shown)


@pytest.mark.parametrize("scale", SCALES)
def test_all_of_it_is_read_and_reached(section, theme, window, scale):
    shown = section(KEPT)
    theme.apply("light", scale)
    assert clipped(shown) == []
    assert stumbles(shown) == []
