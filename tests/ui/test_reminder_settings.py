"""How to be reminded, kept in a real vault; the test reminder; starting at sign-in."""

from __future__ import annotations

import plistlib
import subprocess
from datetime import date, time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from phr_desktop.actions.people import add_person
from phr_desktop.actions.remind_about import add, remove
from phr_desktop.domain.doses import AtTimes, EveryDay, EveryDays, TimedDose
from phr_desktop.domain.own_reminders import ONE, OwnReminder
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.queries.due_days import reminded_about
from phr_desktop.queries.reminders import choices
from phr_desktop.ui.dialogs.own_reminder import ONCE, WEEKDAYS
from phr_desktop.ui.pages.settings_reminder_choices import ReminderChoicesCards
from phr_desktop.ui.platform.autostart import autostart, desktop_entry, launch_agent
from tests.ui.fakes import FakeServices
from tests.ui.living import LivingServices


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


def test_starting_at_sign_in_is_turned_on_and_off(qtbot, section, services: FakeServices):
    section.at_login.click()
    qtbot.waitUntil(lambda: services.starts_at_login)
    section.at_login.click()
    qtbot.waitUntil(lambda: not services.starts_at_login)


@pytest.fixture
def cards(qtbot):
    """The cards alone, and what they told last."""
    told: list[ReminderChoices] = []
    cards = ReminderChoicesCards(told.append)
    qtbot.addWidget(cards)
    cards.told = told
    return cards


def test_at_first_all_is_private_without_sound_and_at_every_lead(cards):
    assert cards.chosen() == ReminderChoices()
    assert all(box.isChecked() for box in cards.leads.values())


def test_each_lead_each_kind_and_each_hour_is_chosen_by_itself(cards):
    cards.leads[ReminderKind.APPOINTMENT, "1 week"].click()
    cards.leads[ReminderKind.REFILL, "2 days"].click()
    cards.full[ReminderKind.DOSE].click()
    cards.alarms[ReminderKind.DOSE].click()
    cards.quiet.click()
    cards.start.setCurrentIndex(cards.start.findData(21 * 60 + 30))
    cards.hour.setCurrentIndex(cards.hour.findData(18 * 60))
    cards.rings.setCurrentIndex(cards.rings.findData(3))
    cards.hour.activated.emit(0)
    assert cards.told[-1] == ReminderChoices(
        full_text=frozenset({ReminderKind.DOSE}),
        alarms=frozenset({ReminderKind.DOSE}),
        quiet=(time(21, 30), time(7)),
        without=frozenset({(ReminderKind.APPOINTMENT, "1 week"), (ReminderKind.REFILL, "2 days")}),
        refill_hour=time(18),
        alarm_rings=3,
    )


def test_what_was_kept_and_is_in_no_list_is_shown_and_kept(cards):
    kept = ReminderChoices(repeat_doses=True, quiet=(time(22, 10), time(6, 45)), refill_hour=time(8, 20), alarm_rings=7)
    cards.show_choices(kept, "Mina Satterfield")
    assert cards.chosen() == kept
    assert cards.whose.text() == "For Mina Satterfield"


class TestEachPerson:
    @pytest.fixture
    def services(self, vault, clock, mina):
        return LivingServices(vault, clock)

    def test_something_else_is_reminded_of_changed_removed_and_put_back(self, qtbot, window, vault, clock, mina):
        window.navigate("settings", section="reminders")
        card = window.shell.page().section.own
        card.add_button.click()
        dialog = QApplication.activeModalWidget()
        dialog.save.click()
        assert dialog.what.note.text() == "Write what you want to be reminded of."
        dialog.what.edit.setText("Measure blood pressure")
        dialog.at.edit.setText("8 AM")
        dialog.days.setCurrentIndex(dialog.days.findData(WEEKDAYS))
        dialog.save.click()
        assert dialog.wrong.isVisible()
        dialog.weekdays[0].click()
        dialog.save.click()
        qtbot.waitUntil(lambda: "each Monday at 8:00 AM" in words(card))
        self.press(qtbot, card, "Change: Measure")
        dialog = QApplication.activeModalWidget()
        assert dialog.weekdays[0].isChecked()
        dialog.days.setCurrentIndex(dialog.days.findData(ONCE))
        dialog.day.edit.setText("2026-11-20")
        dialog.save.click()
        assert "from today on" in dialog.day.note.text()
        dialog.day.edit.setText("2026-12-24")
        dialog.save.click()
        qtbot.waitUntil(lambda: "on Dec 24, 2026 at 8:00 AM" in words(card))
        self.press(qtbot, card, "Remove: Measure")
        qtbot.waitUntil(lambda: reminded_about(vault, clock, mina) == [])
        window.shell.toast.take_back()
        qtbot.waitUntil(lambda: "on Dec 24, 2026" in words(card))

    def test_a_change_of_the_words_keeps_every_time_the_rhythm_and_the_last_day(
        self, qtbot, window, vault, clock, mina
    ):
        first, last = date(2026, 11, 20), date(2027, 3, 31)
        times = tuple(TimedDose(time(hour), ONE) for hour in (8, 20))
        for days, said in ((EveryDays(3), "EVERY 3 DAYS"), (EveryDay(), "every day")):
            rhythm = AtTimes(days, times)
            add(vault, clock, OwnReminder("", mina, ReminderKind.MEASUREMENT, "Pressure", rhythm, first, last))
            window.navigate("settings", section="reminders")
            card = window.shell.page().section.own
            card.refresh()
            qtbot.waitUntil(lambda card=card, said=said: said in words(card))
            assert "8 in the morning and 8 at night, until Mar 31, 2027" in words(card)
            self.press(qtbot, card, "Change: Pressure")
            dialog = QApplication.activeModalWidget()
            assert dialog.at.edit.text() == "08:00, 20:00"
            assert "March 31, 2027" in dialog.ends.text()
            dialog.what.edit.setText("Blood pressure")
            dialog.save.click()
            qtbot.waitUntil(lambda: [one.title for one in reminded_about(vault, clock, mina)] == ["Blood pressure"])
            kept = reminded_about(vault, clock, mina)[0]
            assert (kept.rhythm, kept.last_day) == (rhythm, last)
            assert isinstance(days, EveryDay) or kept.first_day == first
            remove(vault, clock, kept)

    def press(self, qtbot, card, start):
        def found():
            shown = [each for each in card.findChildren(QPushButton) if each.isVisible()]
            return [each for each in shown if each.accessibleName().startswith(start)]

        qtbot.waitUntil(lambda: bool(found()))
        found()[0].click()

    def test_each_person_has_their_own_and_the_vault_keeps_them(self, qtbot, window, vault, clock, mina):
        leo = add_person(vault, clock, "Leo Satterfield", None, "son").person
        window.shell.ask_people()
        qtbot.waitUntil(lambda: leo in [each.id for each in window.shell.context.people])
        window.navigate("settings", section="reminders")
        section = window.shell.page().section
        section.choices.leads[ReminderKind.APPOINTMENT, "1 day"].click()
        without = frozenset({(ReminderKind.APPOINTMENT, "1 day")})
        qtbot.waitUntil(lambda: choices(vault, clock, mina).without == without)
        window.shell.show_person(leo)
        qtbot.waitUntil(lambda: section.choices.whose.text() == "For Leo Satterfield")
        assert section.choices.leads[ReminderKind.APPOINTMENT, "1 day"].isChecked()
        window.shell.show_person(mina)
        qtbot.waitUntil(lambda: not section.choices.leads[ReminderKind.APPOINTMENT, "1 day"].isChecked())
        assert choices(vault, clock, leo) == ReminderChoices()


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
