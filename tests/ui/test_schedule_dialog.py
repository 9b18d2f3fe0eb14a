"""A schedule is what the person says: how often is never filled in unasked, and the words are confirmed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from phr_desktop.actions import doses as acts
from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
    DoseState,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Schedule,
    Stock,
    Taper,
    TaperStep,
    TimedDose,
)
from phr_desktop.queries.doses import day_doses, schedules, stocks
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.ui.dialogs.schedule import ScheduleDialog
from phr_desktop.ui.dialogs.stock import CountStock
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.medicine_detail import MedicineDetailPage
from phr_desktop.ui.widgets.dose_calendar import DoseCalendar
from tests.queries.test_medicines import concept, order
from tests.resources import store
from tests.ui.living import LivingServices
from tests.ui.pages import PlainPage
from tests.ui.walker import clipped, stumbles

LA = ZoneInfo("America/Los_Angeles")
KEY = "rxnorm:314076"
ONE = Decimal(1)
PAGES = (
    PageSpec("medicines", "&Medicines", PlainPage, 0, "medicines"),
    PageSpec("medicine", "Medicine", MedicineDetailPage, parent="medicines"),
    PageSpec("doses", "Doses", PlainPage, parent="medicines"),
    PageSpec("record", "Record", PlainPage, parent="medicines"),
)


def dosage(text, unit="tablet", **repeat):
    return [{"text": text, "timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": unit}}]}]


TWICE = dosage("Take 1 tablet twice a day", frequency=2, period=1, periodUnit="d")
WEEKLY = dosage("Take 1 tablet once a week", frequency=1, period=1, periodUnit="wk")


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def medicine(qtbot, vault, mina, make_window):
    """Stores an order and opens the medicine's own page."""

    def make(dosage_instruction=None, *more):
        store(vault, mina, [order(dosageInstruction=dosage_instruction or TWICE), *more])
        window = make_window(pages=PAGES)
        window.navigate("medicine", medicine=KEY)
        qtbot.waitUntil(lambda: window.shell.page().page is not None and window.bridge.is_idle)
        return window.shell.page()

    return make


def button(widget, start):
    """The shown button whose words for a screen reader begin so."""
    shown = [each for each in widget.findChildren(QPushButton) if each.isVisible()]
    return next((each for each in shown if (each.accessibleName() or each.text()).startswith(start)), None)


def press(qtbot, widget, start):
    qtbot.waitUntil(lambda: button(widget, start) is not None)
    qtbot.mouseClick(button(widget, start), Qt.MouseButton.LeftButton)


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def letters(dialog):
    """The letters with Alt of everything that is shown."""
    shown = [each for kind in (QLabel, QPushButton) for each in dialog.findChildren(kind) if each.isVisible()]
    found = [each.text().replace("&&", "").partition("&")[2][:1].lower() for each in shown]
    return sorted(letter for letter in found if letter.isalpha())


def open_dialog(qtbot, page, words="Set up doses..."):
    press(qtbot, page, words)
    dialog = page.window().findChild(ScheduleDialog)
    qtbot.waitUntil(lambda: bool(dialog.choices))
    return dialog


def by_hand(dialog):
    dialog.choices[-1][0].setChecked(True)
    dialog.main.click()
    return dialog.form


def confirm(qtbot, dialog):
    dialog.main.click()
    qtbot.waitUntil(lambda: dialog.made is not None and hasattr(dialog, "words"))
    words = dialog.words.text()
    dialog.main.click()
    return words


def kept(vault, clock, mina):
    return [one.schedule for one in schedules(vault, clock, mina)]


def test_what_the_order_does_not_say_the_person_has_to(qtbot, vault, clock, mina, medicine):
    page = medicine()
    dialog = open_dialog(qtbot, page)
    assert "The label: “Take 1 tablet twice a day”" in [choice.text() for choice, _value in dialog.choices]
    dialog.main.click()
    times = dialog.form.times
    assert [row.time.line.text() for row in times.rows] == ["", ""]
    assert [row.amount.line.text() for row in times.rows] == ["1", "1"]
    dialog.main.click()
    assert times.rows[0].time.note.text() == "Write a time, such as 8 AM or 20:00."
    assert dialog.made is None
    times.suggestion.click()
    words = confirm(qtbot, dialog)
    assert words == "One tablet at 8 in the morning and 8 at night, every day."
    qtbot.waitUntil(lambda: len(kept(vault, clock, mina)) == 1)
    (made,) = kept(vault, clock, mina)
    assert made.rhythm == AtTimes(EveryDay(), (TimedDose(time(8), ONE), TimedDose(time(20), ONE)))
    assert (made.medicine, made.unit, made.zone, len(made.basis)) == (KEY, "tablet", None, 1)
    qtbot.waitUntil(lambda: words in said(page))


def test_many_orders_that_say_one_thing_or_nothing_are_not_many_choices(qtbot, medicine):
    again = [order(f"again-{number}", dosageInstruction=TWICE) for number in range(3)]
    silent = [order(f"silent-{number}", dosageInstruction=[]) for number in range(3)]
    dialog = open_dialog(qtbot, medicine(None, *again, *silent))
    assert [choice.text() for choice, _value in dialog.choices] == [
        "The label: \u201cTake 1 tablet twice a day\u201d",
        "I enter it myself",
    ]
    dialog.reject()


def test_orders_without_a_word_lead_straight_to_the_form(qtbot, medicine):
    page = medicine([{}], order("silent", dosageInstruction=[]))
    press(qtbot, page, "Set up doses...")
    dialog = page.window().findChild(ScheduleDialog)
    qtbot.waitUntil(lambda: dialog.form is not None)
    assert not dialog.choices
    assert button(dialog, "Back") is None
    dialog.reject()


def test_an_order_that_ends_is_not_confirmed_without_its_last_day(qtbot, vault, clock, mina, medicine):
    ten_days = {"boundsDuration": {"value": 10, "code": "d", "system": "http://unitsofmeasure.org"}}
    timing = {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"], **ten_days}
    dialog = open_dialog(qtbot, medicine(dosage("Take 1 tablet a day for 10 days", **timing)))
    dialog.main.click()
    assert dialog.form.last_day.note.text() == "The order says that it ends: write the last day."
    dialog.main.click()
    assert dialog.form.last_day.note.text() == "Write a day, such as Nov 23, 2026."
    assert dialog.made is None
    dialog.form.last_day.set_text("2026-11-30")
    confirm(qtbot, dialog)
    qtbot.waitUntil(lambda: [one.last_day for one in kept(vault, clock, mina)] == [date(2026, 11, 30)])


def test_a_weekly_medicine_is_said_in_capitals_and_shown_on_one_day(qtbot, vault, clock, mina, medicine):
    dialog = open_dialog(qtbot, medicine(WEEKLY))
    dialog.main.click()
    form = dialog.form
    form.times.show_doses([TimedDose(time(8), ONE)])
    dialog.main.click()
    assert form.days_error.text() == "Choose the days of the week."
    form.weekdays[0].setChecked(True)
    dialog.main.click()
    qtbot.waitUntil(lambda: hasattr(dialog, "words"))
    assert dialog.words.text() == "ONCE A WEEK, on Mondays: one tablet at 8 in the morning."
    days = dialog.findChild(DoseCalendar).days
    marked = [day for day, cell in days.items() if "8:00 AM" in cell.accessibleName()]
    assert marked == [date(2026, 11, 23) + timedelta(days=7 * week) for week in range(4)]
    dialog.reject()
    assert kept(vault, clock, mina) == []


def fill_times(form, *doses):
    form.times.show_doses([TimedDose(at, Decimal(amount)) for at, amount in doses])


def choose(form, kind):
    form.kind.setCurrentIndex(form.kind.findData(kind))
    form.unit.setCurrentIndex(form.unit.findData("tablet"))


def test_each_kind_by_hand(qtbot, vault, clock, mina, medicine):
    other = Schedule("", mina, "k2", "levothyroxine", "tablet",
                     AtTimes(EveryDay(), (TimedDose(time(6), ONE),)), date(2026, 11, 1))  # fmt: skip
    other = acts.confirm_schedule(vault, clock, other).schedule
    dialog = open_dialog(qtbot, medicine())
    form = by_hand(dialog)
    assert form.schedule() is None  # nothing is chosen beforehand
    assert form.kind_field.note.text() == "Choose how it is taken."
    eight = (TimedDose(time(8), Decimal("1.5")),)
    fill_times(form, (time(8), "1.5"))
    choose(form, "weekdays")
    for day in (0, 3):
        form.weekdays[day].setChecked(True)
    assert form.schedule().rhythm == AtTimes(OnWeekdays(frozenset({0, 3})), eight)
    choose(form, "days")
    assert form.schedule() is None
    form.every.set_text("2")
    assert form.schedule().rhythm == AtTimes(EveryDays(2), eight)
    choose(form, "cycle")
    form.on.set_text("21")
    form.off.set_text("7")
    assert form.schedule().rhythm == AtTimes(Cycle(21, 7), eight)
    choose(form, "hours")
    form.hours.set_text("8")
    form.hours_amount.set_text("1")
    form.first_time.set_text("6 AM")
    assert form.schedule() is None  # from what they are counted is not said
    form.counted[CountedFrom.TAKEN].setChecked(True)
    first = datetime(2026, 11, 21, 6, tzinfo=LA)
    assert form.schedule().rhythm == EveryHours(8, ONE, CountedFrom.TAKEN, first)
    choose(form, "taper")
    form.taper.show_steps([TaperStep(5, (TimedDose(time(8), Decimal(4)),)), TaperStep(5, eight)])
    assert form.schedule().rhythm == Taper((TaperStep(5, (TimedDose(time(8), Decimal(4)),)), TaperStep(5, eight)))
    choose(form, "needed")
    form.needed_amount.set_text("1")
    form.gap.set_text("4")
    form.limit.set_text("6")
    assert form.schedule().rhythm == AsNeeded(ONE, timedelta(hours=4), Decimal(6))
    choose(form, "after")
    form.wait.set_text("30")
    form.after_amount.set_text("1")
    assert form.schedule().rhythm == AfterDose(other.id, timedelta(minutes=30), ONE)
    dialog.reject()


def test_days_zone_and_unit_are_the_persons_own(qtbot, medicine):
    dialog = open_dialog(qtbot, medicine())
    form = by_hand(dialog)
    form.kind.setCurrentIndex(form.kind.findData("daily"))
    fill_times(form, (time(8), "1"))
    assert form.schedule() is None
    assert form.unit_field.note.text() == "Choose what it is counted in, such as tablets or mL."
    form.unit.setCurrentIndex(form.unit.findData("mL"))
    form.home.setChecked(True)
    form.last_day.set_text("Nov 1, 2026")
    assert form.schedule() is None
    form.last_day.set_text("Dec 5, 2026")
    made = form.schedule()
    assert (made.zone, made.unit, made.last_day) == ("America/Los_Angeles", "mL", date(2026, 12, 5))
    form.times.add()
    form.times.rows[1].time.set_text("8 AM")
    form.times.rows[1].amount.set_text("2")
    assert form.schedule() is None
    assert form.times.error.text() == "Two of these times are the same."
    dialog.reject()


def test_changing_it_ends_the_old_one_and_undo_brings_it_back(qtbot, vault, clock, mina, medicine):
    old = Schedule("", mina, KEY, "lisinopril", "tablet", AtTimes(EveryDay(), (TimedDose(time(8), ONE),)),
                   date(2026, 11, 1))  # fmt: skip
    old = acts.confirm_schedule(vault, clock, old).schedule
    page = medicine()
    dialog = open_dialog(qtbot, page, "Change...")
    dialog.main.click()
    fill_times(dialog.form, (time(9), "2"))
    words = confirm(qtbot, dialog)
    assert words == "Two tablets at 9 in the morning, every day."
    qtbot.waitUntil(lambda: [one.id for one in kept(vault, clock, mina)] not in ([], [old.id]))
    toast = page.window().shell.toast
    qtbot.waitUntil(toast.isVisible)
    qtbot.mouseClick(toast.undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [one.id for one in kept(vault, clock, mina)] == [old.id])


def test_pause_end_and_take_back(qtbot, vault, clock, mina, medicine):
    old = Schedule("", mina, KEY, "lisinopril", "tablet", AtTimes(EveryDay(), (TimedDose(time(8), ONE),)),
                   date(2026, 11, 1))  # fmt: skip
    acts.confirm_schedule(vault, clock, old)
    page = medicine()
    press(qtbot, page, "Pause")
    qtbot.waitUntil(lambda: kept(vault, clock, mina)[0].paused)
    qtbot.waitUntil(lambda: "Paused: no dose is planned." in said(page))
    press(qtbot, page, "Go on")
    qtbot.waitUntil(lambda: not kept(vault, clock, mina)[0].paused)
    qtbot.waitUntil(lambda: button(page, "End") is not None and page.context.bridge.is_idle)
    press(qtbot, page, "End")
    qtbot.waitUntil(lambda: kept(vault, clock, mina) == [])
    qtbot.waitUntil(lambda: page.window().shell.toast.text.text() == "Ended: Lisinopril")
    qtbot.mouseClick(page.window().shell.toast.undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(kept(vault, clock, mina)) == 1)


def test_a_changed_order_warns_and_changes_nothing_by_itself(qtbot, vault, clock, mina, medicine):
    page = medicine()
    dialog = open_dialog(qtbot, page)
    dialog.main.click()
    dialog.form.times.suggestion.click()
    confirm(qtbot, dialog)
    qtbot.waitUntil(lambda: len(kept(vault, clock, mina)) == 1)
    before = kept(vault, clock, mina)[0]
    twice_two = dosage("Take 2 tablets twice a day", frequency=2, period=1, periodUnit="d")
    store(vault, mina, [order(dosageInstruction=twice_two)])
    assert kept(vault, clock, mina) == [before]
    page.refresh()
    qtbot.waitUntil(lambda: button(page, "I checked: mine stays") is not None)
    press(qtbot, page, "I checked: mine stays")
    qtbot.waitUntil(lambda: schedules(vault, clock, mina)[0].changed == ())
    assert kept(vault, clock, mina)[0].rhythm == before.rhythm


def test_the_stock_is_counted_falls_and_warns(qtbot, vault, clock, mina, medicine):
    old = Schedule("", mina, KEY, "lisinopril", "tablet", AtTimes(EveryDay(), (TimedDose(time(9), ONE),)),
                   date(2026, 11, 1))  # fmt: skip
    acts.confirm_schedule(vault, clock, old)
    page = medicine()
    press(qtbot, page, "Count...")
    dialog = page.window().findChild(CountStock)
    dialog.save.click()
    assert dialog.left.note.text() == "Write a number, such as 28 or 14.5."
    dialog.left.set_text("7")
    dialog.low_at.set_text("6")
    dialog.expires.set_text("2026-12-01")
    dialog.save.click()
    qtbot.waitUntil(lambda: KEY in stocks(vault, clock, mina))
    assert stocks(vault, clock, mina)[KEY] == Stock(
        mina, KEY, "tablet", Decimal(7), clock.now(), Decimal(6), None, date(2026, 12, 1)
    )
    qtbot.waitUntil(lambda: "This pack expires on December 1, 2026." in said(page))
    plan_doses(vault, clock)
    clock.move_to(datetime(2026, 11, 21, 9, 5, tzinfo=LA))
    dose = next(one for one in day_doses(vault, clock, mina, date(2026, 11, 21)) if one.state is DoseState.PLANNED)
    acts.take(vault, clock, dose)
    page.refresh()
    qtbot.waitUntil(lambda: "Running low: six tablets left." in said(page))


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_step_is_reached_by_keys_and_nothing_is_cut_off(qtbot, vault, clock, mina, medicine, theme, scale):
    theme.apply("light", scale)
    page = medicine(TWICE, order("m2", dosageInstruction=WEEKLY, medicationCodeableConcept=concept("1", "zinc")))
    qtbot.waitUntil(lambda: stumbles(page.window()) + clipped(page.window()) == [])
    dialog = open_dialog(qtbot, page)
    qtbot.waitUntil(lambda: stumbles(dialog) + clipped(dialog) == [])
    form = by_hand(dialog)
    for place in range(1, form.kind.count()):
        form.kind.setCurrentIndex(place)
        qtbot.waitUntil(lambda: stumbles(dialog) + clipped(dialog) == [])
        assert len(letters(dialog)) == len(set(letters(dialog))), (form.kind.currentText(), letters(dialog))
    choose(form, "daily")
    fill_times(form, (time(8), "1"), (time(20), "2"))
    dialog.main.click()
    qtbot.waitUntil(lambda: hasattr(dialog, "words"))
    qtbot.waitUntil(lambda: stumbles(dialog) + clipped(dialog) == [])
    dialog.reject()
