"""The log of doses in the real window: as list, calendar, chart and table, and as a file."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QLabel

from phr_desktop.actions import doses as acts
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
from phr_desktop.queries.dose_log import DayCount, count_days
from phr_desktop.queries.doses import due_doses
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.doses import DosesPage
from phr_desktop.ui.widgets.dose_calendar import DoseCalendar
from phr_desktop.ui.widgets.dose_chart import DoseChart, DoseTable
from phr_desktop.ui.widgets.record_list import RecordListView
from tests.ui.living import LivingServices
from tests.ui.pages import PlainPage
from tests.ui.walker import clipped, stumbles

LA = ZoneInfo("America/Los_Angeles")
PAGES = (
    PageSpec("medicines", "&Medicines", PlainPage, 0, "medicines"),
    PageSpec("doses", "Doses", DosesPage, parent="medicines"),
)


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def days(vault, clock, mina):
    """Two medicines for ten days: one dose is skipped on the third day, and the last day's are not marked."""
    clock.move_to(datetime(2026, 11, 10, 21, tzinfo=LA))
    for key, title, hour in (("a", "metformin 500 MG", 8), ("b", "lisinopril 10 MG", 9)):
        rhythm = AtTimes(EveryDay(), (TimedDose(time(hour), Decimal(1)),))
        acts.confirm_schedule(vault, clock, Schedule("", mina, key, title, "tablet", rhythm, date(2026, 11, 10)))
    for day in range(11, 21):
        clock.move_to(datetime(2026, 11, day, 10, tzinfo=LA))
        plan_doses(vault, clock)
        for dose in due_doses(vault, clock):
            if day == 13 and dose.medicine == "a":
                acts.skip(vault, clock, dose, "felt unwell")
            elif day < 20:
                acts.take(vault, clock, dose)


@pytest.fixture
def log(qtbot, days, make_window):
    def make(**arguments):
        window = make_window(pages=PAGES)
        window.navigate("doses", **arguments)
        qtbot.waitUntil(lambda: window.shell.page().log is not None and window.bridge.is_idle)
        return window.shell.page()

    return make


def turn(qtbot, page, kind, widget):
    page.tabs.button(kind).click()
    qtbot.waitUntil(lambda: [each for each in page.findChildren(widget) if each.isVisible()] != [])
    return next(each for each in page.findChildren(widget) if each.isVisible())


def test_every_form_says_the_same(qtbot, log):
    page = log()
    assert page.header.subtitle.text() == "October 22, 2026 to November 20, 2026: 17 taken, 1 skipped, 2 not marked"
    view = turn(qtbot, page, "list", RecordListView)
    assert view.model().rowCount() == 20
    calendar = turn(qtbot, page, "calendar", DoseCalendar)
    assert calendar.days[date(2026, 11, 13)].accessibleName() == "Friday, November 13: 1 taken, 1 skipped"
    chart = turn(qtbot, page, "chart", DoseChart)
    assert "Friday, November 13: 1 taken, 1 skipped" in chart.accessibleDescription()
    table = turn(qtbot, page, "table", DoseTable)
    assert "Friday, November 20: 2 not marked" in [
        each.accessibleName() for each in table.findChildren(type(page.header.title))
    ]


def test_days_that_have_no_room_beside_each_other_stand_below(qtbot, log, theme):
    theme.apply("light", 2.0)
    page = log()
    page.window().resize(1280, 860)
    turn(qtbot, page, "calendar", DoseCalendar)
    calendar = page.findChild(DoseCalendar)
    thursday, friday = (calendar.days[date(2026, 11, day)] for day in (12, 13))
    nothing = next(day for day in calendar.days.values() if not day.says_something)
    qtbot.waitUntil(lambda: friday.x() > thursday.x() and friday.y() == thursday.y())
    assert nothing.isVisible()
    page.window().resize(800, 600)
    qtbot.waitUntil(lambda: friday.x() == thursday.x() and friday.y() > thursday.y())
    assert not nothing.isVisible()
    assert [label.text() for label in friday.findChildren(QLabel)] == ["Friday, November 13", "1 taken", "1 skipped"]
    page.window().resize(1280, 860)
    qtbot.waitUntil(lambda: friday.x() > thursday.x() and nothing.isVisible())
    assert friday.findChildren(QLabel)[0].text() == "13"


def test_of_one_medicine_and_of_other_days(qtbot, log):
    page = log(medicine="a")
    assert page.header.subtitle.text().endswith(": 8 taken, 1 skipped, 1 not marked")
    page.period.setCurrentIndex(page.period.findData("own"))
    page.first.set_text("Nov 12, 2026")
    page.last.set_text("Nov 11, 2026")
    page._chosen_days()
    assert page.last.note.text() == "Choose a day after the first, within one year."
    page.last.set_text("Nov 14, 2026")
    page._chosen_days()
    said = "November 12, 2026 to November 14, 2026: 2 taken, 1 skipped"
    qtbot.waitUntil(lambda: page.header.subtitle.text() == said)


def test_the_file_is_warned_of_before_it_is_written(qtbot, services, log, tmp_path):
    page = log()
    page.export_button.click()
    message = page.window().findChild(Message)
    assert "NOT encrypted" in message.sentence.text()
    message.reject()
    assert services.called("export_doses") == []
    page.export_to(tmp_path / "doses.csv")
    qtbot.waitUntil(lambda: services.called("export_doses") != [])
    qtbot.waitUntil(lambda: "not encrypted" in page.window().shell.toast.text.text())


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_stumbles_or_is_cut_off(qtbot, log, theme, scale):
    theme.apply("light", scale)
    page = log()
    for kind, widget in (
        ("list", RecordListView),
        ("calendar", DoseCalendar),
        ("chart", DoseChart),
        ("table", DoseTable),
    ):
        turn(qtbot, page, kind, widget)
        qtbot.waitUntil(lambda: stumbles(page.window()) + clipped(page.window()) == [])
    page.period.setCurrentIndex(page.period.findData("own"))
    qtbot.waitUntil(lambda: page.context.bridge.is_idle and stumbles(page.window()) + clipped(page.window()) == [])


def test_a_dose_late_at_night_counts_to_its_own_local_day(vault, clock, mina):
    clock.move_to(datetime(2026, 11, 10, 21, tzinfo=LA))
    rhythm = AtTimes(EveryDay(), (TimedDose(time(23, 30), Decimal(1)),))
    acts.confirm_schedule(vault, clock, Schedule("", mina, "a", "x", "tablet", rhythm, date(2026, 11, 10)))
    plan_doses(vault, clock)
    clock.move_to(datetime(2026, 11, 11, 1, tzinfo=LA))
    found = due_doses(vault, clock)
    assert count_days(found, LA) == (DayCount(date(2026, 11, 10), unmarked=1),)
    assert found[0].due > datetime(2026, 11, 11, tzinfo=LA) - timedelta(hours=1)
