"""How to be reminded, kept in a real vault; the test reminder; starting at sign-in."""

from __future__ import annotations

import plistlib
import subprocess
from datetime import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.queries.reminders import choices
from phr_desktop.ui.platform.autostart import autostart, desktop_entry, launch_agent
from tests.ui.fakes import FakeServices


@pytest.fixture
def section(window):
    window.navigate("settings", section="reminders")
    return window.shell.page().section


def words(widget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def test_what_the_program_cannot_do_is_said_where_reminders_are_set(section):
    said = words(section)
    for each in ("This computer on", "no family member is alerted", "take the place of nothing"):
        assert each in said


def test_a_test_reminder_says_by_which_way_it_went(qtbot, section, services: FakeServices):
    section.test.click()
    qtbot.waitUntil(lambda: "do not disturb" in section.said.text())
    assert section.test.isEnabled()


def test_starting_at_sign_in_is_turned_on_and_off(qtbot, section, services: FakeServices):
    section.at_login.click()
    qtbot.waitUntil(lambda: services.starts_at_login)
    section.at_login.click()
    qtbot.waitUntil(lambda: not services.starts_at_login)


def test_nothing_is_chosen_at_first(section):
    boxes = [*section.full.values(), section.repeat, section.alarm, section.quiet]
    assert not any(box.isChecked() for box in boxes)


def test_what_is_chosen_is_kept_in_the_vault_and_shown_again(qtbot, vault, clock, mina):
    from phr_desktop.actions.reminders import choose
    from phr_desktop.domain.reminder_choices import ReminderChoices

    chosen = ReminderChoices(full_text=frozenset({ReminderKind.DOSE}), quiet=(time(22), time(7)))
    choose(vault, clock, mina, chosen)
    assert choices(vault, clock, mina) == chosen


@pytest.mark.parametrize(("system", "place"), [
    ("linux", ".config/autostart/phr-desktop.desktop"), ("darwin", "Library/LaunchAgents/org.phr-desktop.plist"),
])  # fmt: skip
def test_the_file_that_starts_the_program_is_there_or_not(tmp_path: Path, monkeypatch, system: str, place: str):
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    start = autostart(tmp_path, system)
    assert not start.is_on()
    start.turn(on=True)
    assert start.is_on()
    assert (tmp_path / place).is_file()
    start.turn(on=False)
    start.turn(on=False)
    assert not start.is_on()


def test_what_starts_it_is_quoted_as_the_systems_have_it():
    entry = desktop_entry(["/opt/my $program", "-m", '50% "done"']).decode()
    assert 'Exec="/opt/my \\\\$program" "-m" "50%% \\\\"done\\\\""' in entry
    assert plistlib.loads(launch_agent(["/a b", "-m"]))["ProgramArguments"] == ["/a b", "-m"]


def test_the_linux_file_is_valid_where_there_is_a_tool_to_say_so(tmp_path: Path):
    import shutil

    tool = shutil.which("desktop-file-validate")
    if tool is None:
        pytest.skip("desktop-file-validate is not here")
    file = tmp_path / "phr-desktop.desktop"
    file.write_bytes(desktop_entry(["/usr/bin/python3", "-m", "phr_desktop"]))
    assert subprocess.run([tool, str(file)], check=False).returncode == 0
