"""Will I hear it? Each way is tried, asked about, kept with its day; and it is said what to do."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from phr_desktop.domain.reminders import DeliveredBy
from phr_desktop.settings import Settings
from phr_desktop.ui.pages.all import page_specs
from phr_desktop.ui.pages.hearing import advice, heard_words, ways
from phr_desktop.ui.widgets.chip import Chip


@pytest.fixture
def beeps(monkeypatch):
    heard = []
    monkeypatch.setattr(QApplication, "beep", lambda: heard.append(1))
    return heard


@pytest.fixture
def page(qtbot, make_window, beeps):
    window = make_window(pages=[spec for spec in page_specs() if spec.key in ("settings", "hearing")])
    window.navigate("hearing")
    return window.shell.page()


def asked(qtbot, page, key):
    qtbot.waitUntil(lambda: page.way is not None and page.way.key == key)
    qtbot.waitUntil(lambda: page.yes.isVisible() and page.yes.isEnabled())


def states(page):
    return [chip.text() for chip in page.every.findChildren(Chip) if chip.isVisible()]


def test_all_ways_are_tried_one_after_another_and_the_answers_kept(qtbot, page, services, beeps):
    page.start.click()
    for way in ways():
        asked(qtbot, page, way.key)
        assert page.question.text() == ("Did you hear it?" if way.sound else "Did you see it?")
        assert page.line.isVisible() == (way.key == "window")
        page.yes.click()
    assert not page.asked.isVisible()
    assert page.start.isVisible()
    assert list(services.called("try_reminder")) == [
        (DeliveredBy.DESKTOP, False), (DeliveredBy.TRAY, False), (DeliveredBy.DESKTOP, True)
    ]  # fmt: skip
    assert beeps == [1]
    assert services.settings.heard == dict.fromkeys(("desktop", "tray", "sound", "window"), (True, "2026-11-21"))
    qtbot.waitUntil(lambda: states(page) == ["noticed, Nov 21, 2026"] * 4)


def test_what_was_not_noticed_is_kept_and_has_advice_before_it_goes_on(qtbot, page, services):
    page.start.click()
    asked(qtbot, page, "desktop")
    page.no.click()
    assert services.settings.heard == {"desktop": (False, "2026-11-21")}
    assert page.said.text() == advice(page.ways["desktop"])
    assert not page.yes.isVisible()
    page.onward.click()
    asked(qtbot, page, "tray")


def test_a_way_that_this_computer_has_not_is_said_without_a_question(qtbot, page, services):
    del services.ways[DeliveredBy.TRAY]
    page.try_one("tray")
    qtbot.waitUntil(page.onward.isVisible)
    assert page.question.text() == "This computer shows none"
    assert services.settings.heard == {"tray": (False, "2026-11-21")}
    page.onward.click()
    assert page.start.isVisible()  # one alone: nothing follows


def test_the_settings_say_what_was_noticed_and_lead_here(qtbot, page, services):
    assert heard_words({}) == "Not tried on this computer yet."
    heard = {"desktop": (True, "2026-11-20"), "sound": (False, "2026-11-21")}
    assert heard_words(heard) == "Tried on Nov 21, 2026. You noticed: A notification of this computer."
    assert heard_words({"tray": (False, "2026-11-21")}).endswith("You noticed none of them.")


@pytest.mark.parametrize("way", ways(), ids=lambda way: way.key)
def test_the_advice_names_each_systems_own_settings(way):
    said = {system: advice(way, system) for system in ("win32", "darwin", "linux")}
    assert all(said.values())
    assert len(set(said.values())) == (1 if way.by is None else 3)


def test_the_answers_outlive_the_program(tmp_path):
    settings = Settings(tmp_path / "settings.json", heard={"sound": (False, "2026-11-21")}, tray_told=True)
    settings.autostart_offered = True
    settings.save()
    again = Settings.load(tmp_path / "settings.json", tmp_path)
    assert (again.heard, again.tray_told, again.autostart_offered) == ({"sound": (False, "2026-11-21")}, True, True)
