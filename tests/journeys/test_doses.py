"""A prescription from the portal to the dose taken and the reminder to ask for more; and a house of three people."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from phr_desktop.actions import doses as acts
from phr_desktop.actions import reminders as reminder_acts
from phr_desktop.actions.people import add_person
from phr_desktop.app import WindowCore
from phr_desktop.clock import FixedClock
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.domain.doses import AtTimes, DoseState, EveryDay, Schedule, TimedDose
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, ReminderKind
from phr_desktop.queries.doses import day_doses, schedules, stocks
from phr_desktop.reminders.notifier import About, Answer
from phr_desktop.settings import Settings
from phr_desktop.ui.dialogs.schedule import ScheduleDialog
from phr_desktop.ui.dialogs.stock import CountStock
from phr_desktop.ui.tour import settle
from tests.journeys.conftest import browser
from tests.vaults import PASSPHRASE

WAIT = 20_000
LA = ZoneInfo("America/Los_Angeles")
KEY = "rxnorm:1364445"
DAY = date(2026, 11, 23)


def at(hour, minute=0):
    return datetime(2026, 11, 23, hour, minute, tzinfo=LA)


@pytest.fixture
def clock():
    return FixedClock(at(7, 30), LA)


@pytest.fixture
def portal(clock):
    portal = DemoPortal(clock=clock)
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture
def core(vault_folder, tmp_path, clock):
    settings = Settings.load(tmp_path / "settings.json", vault_folder)
    settings.lock_minutes = 0  # the clock is moved on while nobody touches anything
    core = WindowCore(clock, settings)
    core.unlock(PASSPHRASE)
    return core


class Desktop:
    """Shows notifications with buttons, and keeps what they were about."""

    def __init__(self) -> None:
        self.told: list[About] = []

    def notify(self, _count, about=None):
        self.told += [about] if about is not None and about.answered is not None else []
        return DeliveredBy.DESKTOP

    def shown_doses(self):
        return frozenset()

    def withdraw(self, _settled):
        """What was shown stays: nothing looks at it any more."""


def new_prescription() -> dict:
    return {
        "resourceType": "MedicationRequest", "id": "new-apixaban", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/mina"}, "authoredOn": "2026-11-23T15:00:00Z",
        "medicationCodeableConcept": {"text": "apixaban 5 MG Oral Tablet", "coding": [
            {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": KEY.removeprefix("rxnorm:")}]},
        "dosageInstruction": [{
            "text": "Take 1 tablet twice a day",
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
        }],
    }  # fmt: skip


def button(widget, start):
    """The shown button whose words for a screen reader begin so."""
    shown = [each for each in widget.findChildren(QPushButton) if each.isVisible()]
    return next((each for each in shown if (each.accessibleName() or each.text()).startswith(start)), None)


def press(qtbot, window, start):
    settle(window.bridge)
    qtbot.waitUntil(lambda: button(window.main, start) is not None, timeout=WAIT)
    qtbot.mouseClick(button(window.main, start), Qt.MouseButton.LeftButton)
    settle(window.bridge)


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def opened(qtbot, core, open_window):
    window = open_window(core)
    qtbot.waitUntil(lambda: window.main.shell is not None and window.main.shell.page() is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: (runner := core.syncing._runner) is not None and not runner.is_syncing, timeout=WAIT)
    settle(window.bridge)
    return window


def test_from_the_prescription_to_the_refill(qtbot, core, portal, clock, open_window):
    mina = add_person(core.open_vault, clock, "Mina Satterfield", None, "mother").person
    core.syncing.connect(mina, portal.fhir_base, open_browser=browser("mina"))
    window = opened(qtbot, core, open_window)
    vault = core.open_vault

    portal.store.put(new_prescription())  # it arrives by sync, and nothing is planned from it
    window.main.verbs.sync()
    window.main.navigate("medicine", medicine=KEY)
    qtbot.waitUntil(lambda: "Apixaban 5 mg oral tablet" in said(window.main), timeout=WAIT)
    assert schedules(vault, clock, mina) == []

    press(qtbot, window, "Set up doses...")  # its schedule is confirmed in words
    dialog = window.main.findChild(ScheduleDialog)
    qtbot.waitUntil(lambda: bool(dialog.choices), timeout=WAIT)
    dialog.main.click()
    dialog.form.times.suggestion.click()
    dialog.main.click()
    qtbot.waitUntil(lambda: hasattr(dialog, "words"), timeout=WAIT)
    assert dialog.words.text() == "One tablet at 8 in the morning and 8 at night, every day."
    dialog.main.click()
    qtbot.waitUntil(lambda: len(schedules(vault, clock, mina)) == 1, timeout=WAIT)

    press(qtbot, window, "Count...")
    count = window.main.findChild(CountStock)
    count.left.set_text("30")
    count.low_at.set_text("29")
    count.save.click()
    qtbot.waitUntil(lambda: KEY in stocks(vault, clock, mina), timeout=WAIT)
    qtbot.waitUntil(lambda: len(day_doses(vault, clock, mina, DAY)) == 2, timeout=WAIT)

    reminder_acts.choose(vault, clock, mina, ReminderChoices(full_text=frozenset({ReminderKind.DOSE})))
    desktop = core._reminders._notifier = Desktop()
    for moment in (at(7, 59), at(8)):  # the dose is due, and taken from its notification
        clock.move_to(moment)
        core._reminders.tick()
    qtbot.waitUntil(lambda: bool(desktop.told), timeout=WAIT)
    desktop.told[-1].answered(Answer.TAKE)
    qtbot.waitUntil(lambda: day_doses(vault, clock, mina, DAY)[0].state is DoseState.TAKEN, timeout=WAIT)
    assert stocks(vault, clock, mina)[KEY].left == 29

    window.main.navigate("today")
    qtbot.waitUntil(lambda: any("taken at 8:00 AM" in words for words in said(window.main)), timeout=WAIT)

    window.main.navigate("medicine", medicine=KEY)  # less is left, and there is a way to ask for more
    qtbot.waitUntil(lambda: "Running low: 29 tablets left." in said(window.main), timeout=WAIT)
    settle(window.bridge)
    refills = [one for one in core.planned_reminders(DAY, DAY + timedelta(days=30), mina)
               if one.kind is ReminderKind.REFILL and one.subject == f"medicine:{KEY}"]  # fmt: skip
    assert refills
    assert any(words.startswith("To get more") for words in said(window.main))


def test_three_people_each_dose_under_the_right_name(qtbot, core, clock, open_window):
    vault = core.open_vault
    names = (("Mina Satterfield", "mother"), ("Leo Satterfield", "son"), ("Omid Satterfield", "self"))
    ids = {name: add_person(vault, clock, name, None, relation).person for name, relation in names}
    for place, person in enumerate(ids.values()):
        rhythm = AtTimes(EveryDay(), (TimedDose(time(8), Decimal(place + 1)),))
        made = Schedule("", person, f"own:{place}", "vitamin D 1000 UNT", "tablet", rhythm, DAY)
        acts.confirm_schedule(vault, clock, made)
    window = opened(qtbot, core, open_window)
    clock.move_to(at(8, 10))
    core._reminders.tick()
    window.main.navigate("medicines")
    window.main.navigate("today")
    settle(window.bridge)
    for name, amount in zip(ids, ("one tablet", "two tablets", "three tablets"), strict=True):
        assert taken_buttons(window, name) == [f"Taken: Vitamin D 1,000 units, {amount}, for {name}"]

    press(qtbot, window, taken_buttons(window, "Leo Satterfield")[0])
    qtbot.waitUntil(lambda: states(core, ids)["Leo Satterfield"] is DoseState.TAKEN, timeout=WAIT)
    assert [states(core, ids)[name] for name, _relation in names[::2]] == [DoseState.PLANNED] * 2
    window.main.shell.show_person(ids["Leo Satterfield"])
    settle(window.bridge)
    told = "taken at 8:10 AM, given by Omid Satterfield"
    qtbot.waitUntil(lambda: any(told in words for words in said(window.main)), timeout=WAIT)
    assert taken_buttons(window, "Leo Satterfield") == []
    assert len(taken_buttons(window, "Mina Satterfield")) == 1


def taken_buttons(window, name):
    """What the shown buttons that mark a dose of this person as taken say."""
    shown = [each.accessibleName() for each in window.main.findChildren(QPushButton) if each.isVisible()]
    return [words for words in shown if words.startswith("Taken: ") and name in words]


def states(core, ids):
    return {name: day_doses(core.open_vault, core.clock, person, DAY)[0].state for name, person in ids.items()}
