"""What a press on a notification opens; alarms until they are answered; what closing the window does to reminders."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from phr_desktop.actions import doses as acts
from phr_desktop.actions.people import add_person
from phr_desktop.actions.reminders import choose
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.doses import AtTimes, DoseState, EveryDay, Schedule, TimedDose
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, ReminderKind, ReminderTarget
from phr_desktop.queries.doses import day_doses
from phr_desktop.queries.reminders import open_reminders
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.ui.dialogs.add_person import AddPerson
from phr_desktop.ui.dialogs.alarm import AlarmCard
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.dialogs.unlock import Unlock
from phr_desktop.ui.pages.all import page_specs
from phr_desktop.ui.widgets.row import Row
from tests.queries.test_appointments import booked
from tests.queries.test_medicines import order
from tests.resources import store
from tests.ui.fakes import RECOVERY_KEY
from tests.ui.living import LivingServices, activate

LA = ZoneInfo("America/Los_Angeles")
DAY = date(2026, 11, 21)
KEY = "rxnorm:314076"


def at(hour, minute=0):
    return datetime(2026, 11, 21, hour, minute, tzinfo=LA)


def confirm(vault, clock, person, title="metformin 500 MG"):
    rhythm = AtTimes(EveryDay(), (TimedDose(time(8), Decimal(1)),))
    acts.confirm_schedule(vault, clock, Schedule("", person, f"rxnorm:{title}", title, "tablet", rhythm, DAY))
    plan_doses(vault, clock)
    return day_doses(vault, clock, person, DAY)[0]


class TestAPressOnANotification:
    @pytest.fixture
    def services(self, vault, clock, mina):
        clock.move_to(at(7))
        return LivingServices(vault, clock)

    @pytest.fixture
    def leo(self, vault, clock, mina):
        return add_person(vault, clock, "Leo Satterfield", None, "son").person

    @pytest.fixture
    def main(self, make_window, leo):
        return make_window(pages=page_specs())

    def test_of_a_dose_opens_it_under_the_right_person(self, qtbot, main, vault, clock, leo):
        dose = confirm(vault, clock, leo)
        clock.move_to(at(8, 5))
        main.reminders.open(ReminderTarget(leo, ReminderKind.DOSE, f"dose:{dose.id}"))
        qtbot.waitUntil(lambda: focused_dose(main) == dose.id)
        assert main.shell.context.person.id == leo
        assert main.shell.key == "today"
        assert day_doses(vault, clock, leo, DAY)[0].state is DoseState.PLANNED

    def test_of_a_refill_opens_that_medicine(self, qtbot, main, vault, mina, leo):
        store(vault, mina, [order()])
        main.shell.show_person(leo)
        main.reminders.open(ReminderTarget(mina, ReminderKind.REFILL, f"medicine:{KEY}"))
        qtbot.waitUntil(lambda: main.shell.key == "medicine" and main.shell.page().page is not None)
        assert main.shell.context.person.id == mina
        assert main.shell.page().page.line.key == KEY

    def test_of_a_visit_opens_it(self, qtbot, main, vault, mina):
        store(vault, mina, [booked()])
        record = vault.read(lambda db: db.value("SELECT id FROM records WHERE type = 'Appointment'"))
        main.reminders.open(ReminderTarget(mina, ReminderKind.APPOINTMENT, f"record:{record}"))
        qtbot.waitUntil(lambda: main.shell.key == "appointment")

    def test_of_several_things_opens_today_of_that_person(self, qtbot, main, leo):
        main.reminders.open(ReminderTarget(leo, ReminderKind.DOSE, ""))
        qtbot.waitUntil(lambda: main.shell.key == "today" and main.shell.context.person.id == leo)

    def test_a_button_after_the_lock_leads_to_unlock_then_to_the_dose_and_marks_nothing(
        self, qtbot, main, services, vault, clock, leo
    ):
        dose = confirm(vault, clock, leo)
        clock.move_to(at(8, 5))
        main.lock()
        qtbot.waitUntil(lambda: isinstance(main.stack.currentWidget(), Unlock) and not services.opened)
        opened = main.reminders.open
        runner = ReminderRunner(vault, clock, None, lambda _changes: None, lambda _card: None, None, opened)
        runner.stop()
        runner.answer(dose.id, "take")
        door = main.stack.currentWidget()
        assert "marked nothing" in door.waiting.text.text()
        services.opened = True
        main.enter()
        qtbot.waitUntil(lambda: focused_dose(main) == dose.id)
        assert main.shell.context.person.id == leo
        assert "marked nothing" in main.shell.banner.text.text()
        assert day_doses(vault, clock, leo, DAY)[0].state is DoseState.PLANNED


def focused_dose(main):
    """The dose in whose row the focus is."""
    widget = main.shell.page().focusWidget() if main.shell is not None and main.shell.page() is not None else None
    while widget is not None and not isinstance(widget, Row):
        widget = widget.parentWidget()
    return widget.property("dose") if widget is not None else None


class TestAnAlarm:
    @pytest.fixture
    def services(self, vault, clock, mina):
        return LivingServices(vault, clock)

    @pytest.fixture
    def main(self, make_window):
        return make_window(pages=page_specs())

    @pytest.fixture
    def runner(self, main, services, vault, clock, mina):
        """Ticks by hand; tells the window of alarms as the core does."""
        choose(vault, clock, mina, ReminderChoices(alarms=frozenset({ReminderKind.DOSE})))
        clock.move_to(at(7, 59))
        confirm(vault, clock, mina)

        class Desk:
            def notify(self, _count, _about=None):
                return DeliveredBy.DESKTOP

        made = ReminderRunner(
            vault, clock, Desk(), main.bridge.post_change, lambda _card: None, on_alarm=services.on_alarm
        )
        made.tick()
        return made

    @pytest.fixture
    def card(self, qtbot, main, runner, clock):
        clock.move_to(at(8))
        runner.tick()
        qtbot.waitUntil(lambda: bool(main.findChildren(AlarmCard)))
        return main.findChildren(AlarmCard)[0]

    def test_says_whose_and_what_until_it_is_stopped_and_stopping_marks_nothing(
        self, qtbot, card, runner, vault, clock, mina
    ):
        assert [row.accessibleName() for row in card.findChildren(Row)] == [
            "Metformin 500 mg, one tablet, 8:00 AM, for Mina Satterfield"
        ]
        assert "marks nothing" in " ".join(each.text() for each in card.findChildren(type(card.title)))
        card.stop.click()
        qtbot.waitUntil(lambda: open_reminders(vault, clock) == [])
        assert day_doses(vault, clock, mina, DAY)[0].state is DoseState.PLANNED

    def test_goes_when_the_dose_is_marked_elsewhere(self, qtbot, main, card, vault, clock, mina):
        dose = day_doses(vault, clock, mina, DAY)[0]
        with qtbot.waitSignal(card.finished):
            main.bridge.run_action(lambda: acts.take(vault, clock, dose).changes)

    def test_rings_again_in_the_same_card(self, qtbot, main, card, runner, clock, monkeypatch):
        beeps = []
        monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(1))
        for second in (0, 1):
            clock.move_to(at(8, 1 + second))
            runner.tick()
        qtbot.waitUntil(lambda: len(beeps) == 2)
        assert main.findChildren(AlarmCard) == [card]

    def test_show_leads_to_the_dose(self, qtbot, main, card):
        with qtbot.waitSignal(card.finished):
            card.open_button.click()
        qtbot.waitUntil(lambda: main.shell.key == "today" and focused_dose(main) is not None)

    def test_a_lock_closes_it_and_answers_nothing(self, qtbot, main, card, vault, clock):
        with qtbot.waitSignal(card.finished):
            main.lock()
        assert len(open_reminders(vault, clock)) == 1


class FakeTray:
    is_there = True

    def __init__(self):
        self.told = []

    def show(self, title, text):
        self.told.append(title)
        return True


class TestClosing:
    def test_without_a_reminder_to_come_it_closes(self, window):
        window.closing.tray = FakeTray()
        assert window.close()

    def test_with_a_tray_it_hides_and_says_so_once(self, qtbot, window, services):
        window.closing.reminds, tray = True, FakeTray()
        window.closing.tray = tray
        for _ in range(2):
            window.show()
            assert not window.close()
            assert not window.isVisible()
        assert len(tray.told) == 1
        assert services.settings.tray_told
        with qtbot.waitSignal(window.closed):
            window.closing.end()

    def test_without_a_tray_it_says_that_reminders_stop(self, qtbot, window):
        window.closing.reminds = True
        assert not window.close()
        assert window.isVisible()
        asked = window.findChild(Message)
        assert asked.title.text() == "Reminders stop when you close this"
        with qtbot.waitSignal(window.closed):
            asked._act()

    def test_the_systems_own_quit_and_the_end_of_the_session_are_not_held_up(self, window):
        window.closing.reminds = True
        window.closing.tray = FakeTray()
        window.closing.eventFilter(window, QEvent(QEvent.Type.Quit))
        assert window.close()


class TestQuitting:
    def press(self, qtbot, where):
        activate(qtbot, where)
        qtbot.keyClick(where, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)

    def test_ends_at_once_where_nothing_stops_by_it(self, qtbot, window):
        with qtbot.waitSignal(window.closed):
            self.press(qtbot, window)

    @pytest.mark.parametrize("tray", [None, FakeTray()])
    def test_says_once_that_reminders_stop_and_hides_nothing(self, qtbot, window, tray):
        window.closing.reminds, window.closing.tray = True, tray
        self.press(qtbot, window)
        assert window.isVisible()
        asked = window.findChild(Message)
        assert "Nothing reminds you until you start it again." in asked.sentence.text()
        assert ("beside the clock" in asked.sentence.text()) is (tray is not None)
        self.press(qtbot, asked)
        assert len(window.findChildren(Message)) == 1
        with qtbot.waitSignal(window.closed):
            asked._act()

    def test_names_a_dialog_in_which_something_was_begun(self, qtbot, window):
        window.verbs.add_person()
        dialog = window.findChild(AddPerson)
        qtbot.keyClicks(dialog.form.name, "Ana")
        self.press(qtbot, dialog)
        asked = window.findChild(Message)
        assert (
            asked.sentence.text() == "\u201cAdd a person\u201d is still open. What is not finished there is not kept."
        )
        asked.reject()
        assert (window.isVisible(), dialog.isVisible(), dialog.form.name.text()) == (True, True, "Ana")
        window.closing.quit()
        with qtbot.waitSignal(window.closed):
            window.findChildren(Message)[-1]._act()

    def test_the_icons_menu_stops_no_import_unasked(self, qtbot, window, services, tmp_path):
        window.closing.reminds = True
        window.verbs.import_files([tmp_path])
        dialog = window.findChild(ImportFiles)
        qtbot.waitUntil(lambda: hasattr(dialog, "add_button"))
        services.gate.clear()
        dialog._add()
        window.closing.quit(reminders=False)
        asked = window.findChild(Message)
        assert asked.sentence.text() == "\u201cAdd files\u201d is still open. What is not finished there is not kept."
        assert window.isVisible()
        asked.reject()
        services.gate.set()
        qtbot.waitUntil(lambda: dialog.report is not None)

    def test_the_key_that_nobody_wrote_down_holds_it_up(self, qtbot, make_window, services):
        services.exists = False
        window = make_window(opened=False)
        window.stack.currentWidget()._recovery_key = RECOVERY_KEY
        assert window.stack.currentWidget().key_is_unconfirmed
        self.press(qtbot, window)
        asked = window.findChild(Message)
        assert asked.title.text() == "Write down the recovery key first"
        asked.reject()
        assert window.isVisible()
        assert not window.closing.for_good


class TestTheOffer:
    def planned(self, window, services, *kinds):
        services.kinds = frozenset(kinds)
        window.bridge.post_change(ChangeSet.of(Topic.REMINDERS))

    def test_comes_with_the_first_reminder_and_turns_it_on(self, qtbot, window, services):
        offer = window.shell.autostart_offer
        assert not offer.isVisible()
        self.planned(window, services, ReminderKind.DOSE)
        qtbot.waitUntil(offer.isVisible)
        assert window.closing.reminds
        assert offer.text.text() == ("Reminders need this program to run. Start it when you sign in to the computer?")
        offer.action.click()
        qtbot.waitUntil(lambda: services.starts_at_login and not offer.isVisible())
        assert services.settings.autostart_offered

    def test_put_away_it_comes_no_more(self, qtbot, window, services):
        offer = window.shell.autostart_offer
        self.planned(window, services, ReminderKind.APPOINTMENT)
        qtbot.waitUntil(offer.isVisible)
        offer.close_button.click()
        services.kinds = frozenset()
        self.planned(window, services, ReminderKind.APPOINTMENT, ReminderKind.DOSE)
        with qtbot.waitSignal(offer.known):
            offer.look()
        assert not offer.isVisible()
        assert not services.starts_at_login

    @pytest.mark.parametrize("why", ["sample", "on already", "refills alone"])
    def test_does_not_come_where_it_is_no_use(self, qtbot, window, services, why):
        services.is_sample, services.starts_at_login = why == "sample", why == "on already"
        offer = window.shell.autostart_offer
        with qtbot.waitSignal(offer.known):
            self.planned(window, services, ReminderKind.REFILL if why == "refills alone" else ReminderKind.DOSE)
        assert not offer.isVisible()
