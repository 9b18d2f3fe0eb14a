"""The doses on Today: what is said of each, by whom, what a late one never says, and whose each is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from phr_desktop.actions import doses as acts
from phr_desktop.domain.doses import AsNeeded, AtTimes, Basis, DoseState, EveryDay, Schedule, Stock, TimedDose
from phr_desktop.queries.doses import day_doses, stocks
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.ui.dialogs.dose_skip import SkipDose
from phr_desktop.ui.dialogs.dose_time import LaterAt, TakenAt
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.today import TodayPage
from phr_desktop.ui.widgets import Banner, Card, PrimaryButton
from phr_desktop.vault import people
from tests.queries.test_medicines import order
from tests.resources import store
from tests.ui.living import LivingServices
from tests.ui.pages import PlainPage
from tests.ui.walker import clipped, stumbles

LA = ZoneInfo("America/Los_Angeles")
DAY = date(2026, 11, 21)
PAGES = (
    PageSpec("today", "&Today", TodayPage, 0, "today"),
    PageSpec("medicines", "&Medicines", PlainPage, 1, "medicines"),
    PageSpec("medicine", "Medicine", PlainPage, parent="medicines"),
    PageSpec("doses", "Doses", PlainPage, parent="medicines"),
)


def at(hour, minute=0, day=21):
    return datetime(2026, 11, day, hour, minute, tzinfo=LA)


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def take(vault, clock):
    """Confirms a schedule on the day before, at these hours, and comes back to 8:40 today."""

    def make(person, title="metformin 500 MG", hours=(8, 20), **more):
        clock.move_to(at(21, day=20))
        rhythm = AtTimes(EveryDay(), tuple(TimedDose(time(hour), Decimal(1)) for hour in hours))
        made = Schedule("", person, f"rxnorm:{title}", title, "tablet", rhythm, date(2026, 11, 20), **more)
        made = acts.confirm_schedule(vault, clock, made).schedule
        come_back(vault, clock, at(8, 40))
        return made

    return make


def come_back(vault, clock, moment):
    clock.move_to(moment)
    plan_doses(vault, clock)


@pytest.fixture
def today(qtbot, make_window):
    def make():
        window = make_window(pages=PAGES)
        qtbot.waitUntil(lambda: said(window.shell.page()) != [] and window.bridge.is_idle)
        return window.shell.page()

    return make


def card(page, title):
    found = [each for each in page.findChildren(Card) if each.accessibleName() == title and each.isVisibleTo(page)]
    return found[0] if found else None


def button(widget, start):
    """The shown button whose words for a screen reader begin so."""
    found = [each for each in widget.findChildren(QPushButton) if each.accessibleName().startswith(start)]
    return next((each for each in found if each.isVisible()), None)


def press(qtbot, widget, start):
    qtbot.waitUntil(lambda: button(widget, start) is not None)
    qtbot.mouseClick(button(widget, start), Qt.MouseButton.LeftButton)


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def dose(vault, clock, person, hour):
    return next(one for one in day_doses(vault, clock, person, DAY) if one.due and one.due.astimezone(LA).hour == hour)


def toast(page):
    return page.window().shell.toast


def test_a_due_dose_is_taken_counted_and_taken_back(qtbot, vault, clock, mina, take, today):
    made = take(mina)
    acts.count_stock(vault, clock, Stock(mina, made.medicine, "tablet", Decimal(10), clock.now()))
    page = today()
    assert [each for each in page.findChildren(PrimaryButton) if each.text() == "Taken"]
    assert "was due 40 min ago" in said(card(page, "Doses today"))
    press(qtbot, page, "Taken: Metformin 500 mg, one tablet, for Mina Satterfield")
    qtbot.waitUntil(lambda: dose(vault, clock, mina, 8).state is DoseState.TAKEN)
    assert stocks(vault, clock, mina)[made.medicine].left == 9
    qtbot.waitUntil(lambda: any("taken at 8:40 AM" in words for words in said(page)))
    qtbot.waitUntil(toast(page).isVisible)
    assert toast(page).text.text() == "Marked as taken: Metformin 500 mg, one tablet, for Mina Satterfield"
    qtbot.mouseClick(toast(page).undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dose(vault, clock, mina, 8).state is DoseState.PLANNED)
    assert stocks(vault, clock, mina)[made.medicine].left == 10


def test_a_dose_is_taken_a_little_before_its_time_and_no_sooner(qtbot, vault, clock, mina, take, today):
    take(mina, hours=(9, 12, 20))
    come_back(vault, clock, at(8, 29))
    page = today()
    assert button(page, "Taken: Metformin 500 mg") is None
    clock.move_to(at(8, 30))
    assert page._next.isActive()
    page._next.timeout.emit()
    qtbot.waitUntil(lambda: button(page, "Taken: Metformin 500 mg") is not None)
    assert [each for each in page.findChildren(PrimaryButton) if each.text() == "Taken"] == []
    assert "due soon" in said(card(page, "Doses today"))
    press(qtbot, page, "Taken: Metformin 500 mg, one tablet, for Mina Satterfield")
    qtbot.waitUntil(lambda: dose(vault, clock, mina, 9).taken_at == at(8, 30))
    qtbot.waitUntil(lambda: button(page, "Taken: Metformin 500 mg") is None)
    qtbot.mouseClick(toast(page).undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: button(page, "Taken: Metformin 500 mg") is not None)


def test_who_comes_second_is_told_when_and_by_whom(qtbot, vault, clock, mina, take, today):
    take(mina)
    page = today()
    acts.take(vault, clock, dose(vault, clock, mina, 8), at=at(8, 5), given_by="Ana")  # elsewhere
    press(qtbot, page, "Taken: Metformin")
    qtbot.waitUntil(lambda: page.window().findChild(Message) is not None)
    message = page.window().findChild(Message)
    assert "Already marked as taken at 8:05 AM by Ana" in message.sentence.text()
    assert "for Mina Satterfield" in message.sentence.text()
    message.reject()
    assert dose(vault, clock, mina, 8).taken_at == at(8, 5)


def test_a_late_dose_never_says_take_it_now(qtbot, vault, clock, mina, take, today):
    take(mina)
    come_back(vault, clock, at(9, 1))
    page = today()
    late = card(page, "Late, and not marked")
    assert "Do not double up; ask a pharmacist or Poison Help 1-800-222-1222." in said(late)
    assert button(page, "Taken: Metformin 500 mg") is None
    assert [each for each in page.findChildren(PrimaryButton) if each.text() == "Taken"] == []
    press(qtbot, late, "I took it at ...")
    dialog = page.window().findChild(TakenAt)
    assert dialog.time.is_empty()
    dialog.keep.click()
    assert dialog.time.note.text() == "Write a time, such as 8 AM or 20:00."
    dialog.time.set_text("10 AM")
    dialog.keep.click()
    assert dialog.time.note.text() == "This time is still ahead. Choose a time that is over."
    dialog.time.set_text("8:10 AM")
    assert dialog.time.note.text() == "8:10 in the morning"
    dialog.keep.click()
    qtbot.waitUntil(lambda: dose(vault, clock, mina, 8).taken_at == at(8, 10))
    qtbot.waitUntil(lambda: card(page, "Late, and not marked") is None)


def test_a_dose_becomes_late_while_it_is_shown(qtbot, vault, clock, mina, take, today):
    take(mina)
    page = today()
    assert button(page, "Taken: Metformin 500 mg") is not None
    assert page._next.isActive()
    clock.move_to(at(9, 1))
    page._next.timeout.emit()
    qtbot.waitUntil(lambda: card(page, "Late, and not marked") is not None)
    assert button(page, "Taken: Metformin 500 mg") is None


def test_how_long_ago_a_dose_was_due_is_told_anew_and_moves_no_focus(qtbot, vault, clock, mina, take, today):
    take(mina)
    page = today()
    skip = button(page, "Skip: Metformin")
    skip.setFocus()
    clock.move_to(at(8, 52))
    assert page._minute.isActive()
    page._minute.timeout.emit()
    assert "was due 52 min ago" in said(card(page, "Doses today"))
    assert button(page, "Skip: Metformin") is skip
    page.hide()
    assert not page._minute.isActive()


def test_skipped_with_a_reason_and_not_sure(qtbot, vault, clock, mina, take, today):
    take(mina, hours=(7, 8))
    come_back(vault, clock, at(8, 40))
    page = today()
    press(qtbot, page, "Skip: Metformin")
    dialog = page.window().findChild(SkipDose)
    dialog.other_choice.setChecked(True)
    qtbot.keyClicks(dialog.other, "before  surgery")
    dialog.skip_button.click()
    qtbot.waitUntil(lambda: dose(vault, clock, mina, 8).state is DoseState.SKIPPED)
    assert dose(vault, clock, mina, 8).reason == "before surgery"
    press(qtbot, page, "I am not sure: Metformin")
    qtbot.waitUntil(lambda: dose(vault, clock, mina, 7).state is DoseState.UNSURE)


def test_snooze_and_move_stay_before_the_next_dose(qtbot, vault, clock, mina, take, today):
    take(mina)
    page = today()
    page.doses.verbs.snooze(dose(vault, clock, mina, 8), clock.now() + timedelta(minutes=10))
    qtbot.waitUntil(lambda: dose(vault, clock, mina, 8).snoozed_until == at(8, 50))
    qtbot.waitUntil(lambda: "reminds again 8:50 AM" in said(page))
    page.doses.verbs.snooze_own(dose(vault, clock, mina, 8))
    own = page.window().findChild(LaterAt)
    own.time.set_text("8 PM")
    own.keep.click()
    qtbot.waitUntil(lambda: page.window().shell.problem.isVisible())
    assert "The next dose comes before that" in page.window().shell.problem.text.text()
    page.doses.verbs.move(dose(vault, clock, mina, 20))
    moved = [each for each in page.window().findChildren(LaterAt) if each.isVisible()][-1]
    moved.time.set_text("21:30")
    moved.keep.click()
    qtbot.waitUntil(lambda: any(one.due == at(21, 30) for one in day_doses(vault, clock, mina, DAY)))


def test_missed_doses_are_gathered_and_said_of_together(qtbot, vault, clock, mina, take, today):
    take(mina)
    come_back(vault, clock, at(8, 5, day=24))
    page = today()
    missed = card(page, "6 missed doses, not marked")
    assert missed is not None
    assert button(missed, "Taken") is None
    press(qtbot, missed, "None of these 6 was taken")
    qtbot.waitUntil(lambda: card(page, "6 missed doses, not marked") is None)
    states = [one.state for one in day_doses(vault, clock, mina, date(2026, 11, 22))]
    assert states == [DoseState.SKIPPED] * 2
    qtbot.mouseClick(toast(page).undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card(page, "6 missed doses, not marked") is not None)


def test_in_a_family_every_dose_names_its_person_and_its_giver(qtbot, vault, clock, mina, take, today):
    leo, _omid = vault.write(
        lambda db: [people.add(db, name, None, who, 0) for name, who in (("Leo Ray", "son"), ("Omid Ray", "self"))]
    )
    take(mina, "metformin 500 MG")
    take(leo, "amoxicillin 250 MG")
    page = today()
    assert any(words.startswith("Mina Satterfield · ") for words in said(card(page, "Doses today")))
    others = card(page, "Doses due for others")
    assert any(words.startswith("Leo Ray · ") for words in said(others))
    press(qtbot, others, "Taken: Amoxicillin 250 mg, one tablet, for Leo Ray")
    qtbot.waitUntil(lambda: dose(vault, clock, leo, 8).state is DoseState.TAKEN)
    assert dose(vault, clock, leo, 8).given_by == "Omid Ray"
    assert dose(vault, clock, mina, 8).state is DoseState.PLANNED
    qtbot.waitUntil(lambda: toast(page).text.text().endswith("for Leo Ray, given by Omid Ray"))


def test_a_changed_source_warns_until_the_person_decides(qtbot, vault, clock, mina, take, today):
    store(vault, mina, [order()])
    take(mina, basis=(Basis(1, b"another"),))
    page = today()
    assert page.findChildren(Banner)
    assert any("Your clinic changed this" in words and "Mina Satterfield" in words for words in said(page))
    assert "changed: check first" in said(card(page, "Doses today"))
    assert [each for each in page.findChildren(PrimaryButton) if each.text() == "Taken"] == []


def test_taken_when_needed_asks_before_it_is_too_soon(qtbot, vault, clock, mina, today):
    rhythm = AsNeeded(Decimal(1), timedelta(hours=4), Decimal(4))
    made = Schedule("", mina, "k", "acetaminophen 500 MG", "tablet", rhythm, DAY)
    made = acts.confirm_schedule(vault, clock, made).schedule
    acts.extra(vault, clock, made, "Mina Satterfield", amount=Decimal(1), at=at(8, 0), given_by="Ana")
    page = today()
    press(qtbot, page, "Taken...: Acetaminophen")
    dialog = page.window().findChild(TakenAt)
    dialog.keep.click()
    qtbot.waitUntil(lambda: page.window().findChild(Message) is not None)
    message = page.window().findChild(Message)
    assert message.sentence.text().startswith("Already marked at 8:00 AM by Ana. ")
    assert "Do not double up" in message.sentence.text()
    assert len(day_doses(vault, clock, mina, DAY)) == 1
    message._act()
    qtbot.waitUntil(lambda: len(day_doses(vault, clock, mina, DAY)) == 2)


def test_another_time_for_what_was_taken_when_needed_asks_before_it_is_too_soon(qtbot, vault, clock, mina, today):
    rhythm = AsNeeded(Decimal(1), timedelta(hours=4), Decimal(4))
    made = Schedule("", mina, "k", "acetaminophen 500 MG", "tablet", rhythm, DAY)
    made = acts.confirm_schedule(vault, clock, made).schedule
    for hour in (1, 6):
        acts.extra(vault, clock, made, "Mina Satterfield", amount=Decimal(1), at=at(hour, 0), given_by="Ana")
    page = today()
    second = day_doses(vault, clock, mina, DAY)[1]
    taken = lambda: [one.taken_at for one in day_doses(vault, clock, mina, DAY)]  # noqa: E731
    page.doses.verbs.correct(second)
    dialog = page.window().findChild(TakenAt)
    dialog.time.set_text("4:30 AM")
    dialog.keep.click()
    qtbot.waitUntil(lambda: page.window().findChild(Message) is not None)
    message = page.window().findChild(Message)
    assert message.sentence.text().startswith("Already marked at 1:00 AM by Ana. ")
    assert taken() == [at(1, 0), at(6, 0)]
    message._act()
    qtbot.waitUntil(lambda: taken() == [at(1, 0), at(4, 30)])


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_stumbles_or_is_cut_off(qtbot, vault, clock, mina, take, today, theme, scale):
    leo = vault.write(lambda db: people.add(db, "Leo Ray", None, "son", 0))
    take(mina, hours=(7, 8, 20), instructions="with a full glass of water, half an hour before breakfast")
    take(leo, "amoxicillin 250 MG")
    theme.apply("light", scale)
    page = today()
    qtbot.waitUntil(lambda: stumbles(page.window()) + clipped(page.window()) == [])
