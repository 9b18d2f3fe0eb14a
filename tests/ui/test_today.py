"""Today in the real window over a real vault."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.outbox import OutboxState, PendingAction, SendClass
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, OccurrenceState, ReminderKind
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.today import TodayPage
from phr_desktop.ui.widgets import Banner, Card, LinkRow, OutlineButton, RangeBar, SupplyBar
from phr_desktop.vault import outbox, people, reminders
from tests.queries.test_medicines import dispense, order
from tests.resources import store
from tests.small_resources import lab, visit
from tests.ui.living import LivingServices, activate
from tests.ui.pages import PlainPage
from tests.ui.walker import clipped, stumbles

PAGES = (
    PageSpec("today", "&Today", TodayPage, 0, "today"),
    PageSpec("medicines", "&Medicines", PlainPage, 1, "medicines"),
    PageSpec("appointments", "&Appointments", PlainPage, 1, "appointments"),
    PageSpec("results", "&Results", PlainPage, 1, "results"),
    PageSpec("medicine", "Medicine", PlainPage, parent="medicines"),
    PageSpec("appointment", "Appointment", PlainPage, parent="appointments"),
    PageSpec("result", "Result", PlainPage, parent="results"),
)


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def today(qtbot, vault, mina, make_window):
    def make(*resources):
        if resources:
            store(vault, mina, resources)
        page = make_window(pages=PAGES).shell.page()
        qtbot.waitUntil(lambda: said(page) != [])
        return page

    return make


@pytest.fixture
def remind(vault, clock, mina):
    """Plans reminders: id, hours from now, the state they are settled to, and what they are about."""

    def make(*wanted, person=None, name="Mina Satterfield"):
        whose = person or mina
        now = clock.now()
        planned = [
            Occurrence(
                id_, whose, name, ReminderKind.REFILL, now + timedelta(hours=hours), f"Title {id_}", "filled Oct 27",
                subject, "7 days",
            )
            for id_, hours, _, subject in wanted
        ]  # fmt: skip

        def write(db):
            reminders.replan(db, planned, now - timedelta(days=2), ())  # when all of them were still ahead
            for id_, _, state, _ in wanted:
                if state is not None:
                    reminders.settle(db, id_, state, DeliveredBy.LIST, now)

        vault.write(write)

    return make


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def card(page, title):
    found = [each for each in page.findChildren(Card) if each.accessibleName() == title and each.isVisibleTo(page)]
    return found[0] if found else None


def button(widget, words):
    return next((each for each in widget.findChildren(OutlineButton) if each.text() == words), None)


def test_the_date_heads_the_page_and_the_person_is_named(today):
    page = today(order(), dispense(), lab("k", "Potassium", "2026-11-20"), lab("n", "Sodium", "2026-11-20"))
    assert said(page)[:2] == ["Saturday, November 21", "For Mina: 1 refill running low, 2 results new here"]
    assert "Reminders come only while this computer is on and this program runs." in " ".join(said(page))


def test_what_fell_due_while_off_is_one_card_and_is_put_away_in_one_step(qtbot, vault, remind, today):
    remind(
        ("a", -20, OccurrenceState.MISSED, "medicine:rxnorm:1"),
        ("b", -1, OccurrenceState.DELIVERED, "record:7"),
    )
    page = today()
    shown = said(card(page, "Reminders"))
    assert "Some of this fell due while the program was off or the computer was asleep." in shown
    assert {"Title a", "Title b", "missed"} <= set(shown)
    assert "was due yesterday 12:30 PM · filled Oct 27" in shown
    qtbot.mouseClick(card(page, "Reminders").link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.today.reminders == ())
    assert card(page, "Reminders") is None
    assert vault.read(reminders.open_ones) == []


def test_one_is_put_away_by_key_and_the_other_stays(qtbot, vault, remind, today):
    remind(("a", -2, OccurrenceState.MISSED, ""), ("b", -1, OccurrenceState.DELIVERED, ""))
    page = today()
    activate(qtbot, page.window())
    seen = button(card(page, "Reminders"), "Seen")
    assert seen.accessibleName() == "Seen: Mina Satterfield: Title b"
    seen.setFocus()
    qtbot.keyClick(seen, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: [one.id for one in page.today.reminders] == ["a"])
    assert [one.id for one in vault.read(reminders.open_ones)] == ["a"]
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None and page.isAncestorOf(QApplication.focusWidget()))


@pytest.mark.parametrize(("subject", "key"), [("record:7", "appointment"), ("medicine:rxnorm:1", "medicine")])
def test_a_reminder_leads_to_what_it_is_about(qtbot, remind, today, subject, key):
    remind(("a", -1, OccurrenceState.DELIVERED, subject))
    page = today()
    qtbot.mouseClick(button(card(page, "Reminders"), "Open"), Qt.MouseButton.LeftButton)
    assert page.window().shell.key == key
    wanted = {"record": 7} if key == "appointment" else {"medicine": "rxnorm:1"}
    assert page.window().shell.page().arguments == wanted


def test_another_persons_reminder_is_not_shown_as_this_ones(vault, remind, today):
    leo = vault.write(lambda db: people.add(db, "Leo Ruiz", None, None, 0))
    remind(("a", -1, OccurrenceState.DELIVERED, ""), person=leo, name="Leo Ruiz")
    page = today()
    assert card(page, "Reminders") is None
    assert "Title a" not in said(page)
    assert {"Leo Ruiz", "1 reminder"} <= set(said(page)) or page.today.has_sources is False


def test_the_next_visit_says_when_where_and_how_far_away(qtbot, today):
    page = today(visit("v", patientInstruction="Bring your blood pressure notes."))
    shown = said(card(page, "Next visit"))
    assert "Tuesday, November 24, 10:20 AM to 10:50 AM" in shown
    assert "Visit v · in 3 days" in shown
    assert "Dr. Alma Ruiz" in shown
    assert "Bring your blood pressure notes." in shown
    assert button(card(page, "Next visit"), "Join the video visit") is None
    qtbot.mouseClick(button(card(page, "Next visit"), "Details"), Qt.MouseButton.LeftButton)
    assert page.window().shell.key == "appointment"


def test_supplies_have_bar_day_and_evidence(today):
    page = today(order(), dispense())
    refills = card(page, "Refills")
    assert {"lasts to about Nov 26", "filled Oct 27, 2026, 30 tablets for 30 days"} <= set(said(refills))
    (bar,) = refills.findChildren(SupplyBar)
    assert bar.left == pytest.approx(5 / 30)
    assert "You have not confirmed yet that these are taken." in said(refills)


def test_a_figure_stands_with_its_range_and_quiet_ones_only_by_day_and_count(qtbot, today):
    report = {
        "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": "Skin biopsy"},
        "category": [{"coding": [{"code": "PAT"}]}], "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-11-18", "conclusion": "melanoma, 2 mm",
    }  # fmt: skip
    page = today(
        lab("k", "Potassium", "2026-11-20", value=4.3),
        lab("g", "BRCA1 gene variants", "2026-11-18", value=77),
        lab("w", "Urine", "2026-11-18", text="Positive"),
        report,
    )
    shown = card(page, "Results new here")
    assert {"Potassium", "4.3 mmol/L", "3 other results or reports"} <= set(said(shown))
    assert len(shown.findChildren(RangeBar)) == 1
    everything = " ".join([*said(page), *(each.accessibleName() for each in page.findChildren(LinkRow))])
    for secret in ("BRCA1", "77", "Positive", "biopsy", "melanoma"):
        assert secret not in everything
    row = next(each for each in shown.findChildren(LinkRow) if "Potassium" in each.accessibleName())
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert page.window().shell.key == "result"


def test_a_critical_mark_says_call_now(qtbot, today):
    page = today(lab("k", "Potassium", "2026-11-20", value=6.4, mark="HH"))
    banner = card(page, "Results new here").findChild(Banner)
    assert banner.text.text() == (
        "Potassium, Nov 20: the lab marked this critical. If nobody has called you, call now."
    )
    qtbot.mouseClick(banner.action, Qt.MouseButton.LeftButton)
    assert page.window().shell.key == "result"


def test_a_critical_mark_on_words_says_call_now_without_the_value(qtbot, today):
    page = today(lab("c", "Blood culture", "2026-11-20", text="Gram-negative rods", mark="AA"))
    banner = card(page, "Results new here").findChild(Banner)
    assert banner.text.text() == (
        "A result of Nov 20 was marked critical by the lab. If nobody has called you, call now."
    )
    assert not [text for text in said(page) if "Gram" in text or "culture" in text]
    qtbot.mouseClick(banner.action, Qt.MouseButton.LeftButton)
    assert page.window().shell.key == "result"


def test_every_critical_result_is_told(today):
    marked = [lab(f"k{n}", "Potassium", "2026-11-20", value=6.4, mark="HH") for n in range(5)]
    banners = card(today(*marked), "Results new here").findChildren(Banner)
    assert len(banners) == 4
    assert banners[-1].text.text() == (
        "2 more results were marked critical by the lab. If nobody has called you, call now."
    )


def test_a_critical_result_of_another_person_is_told(vault, today):
    leo = vault.write(lambda db: people.add(db, "Leo Ruiz", None, None, 0))
    store(vault, leo, [lab("k", "Potassium", "2026-11-20", value=6.4, mark="HH")])
    page = today(visit())
    assert any("1 result that the lab marked critical" in text for text in said(card(page, "Other people here")))


def test_waiting_to_send_appears_only_with_rows(qtbot, vault, mina, today):
    page = today(order())
    assert card(page, "Waiting to send") is None
    source = store(vault, mina, [], SourceKind.PORTAL)
    row = PendingAction(
        "urn:uuid:1", source, mina, "refill-request", SendClass.ONCE_ONLY, "POST", "Task", b"{}", OutboxState.WAITING,
        0, None, 0, None,
    )  # fmt: skip
    vault.write(lambda db: outbox.add(db, row))
    page.context.bridge.post_change(ChangeSet.of(Topic.OUTBOX, person=mina))
    qtbot.waitUntil(lambda: card(page, "Waiting to send") is not None)
    assert {"Refill request", "waiting"} <= set(said(card(page, "Waiting to send")))


def test_the_others_are_named_and_their_change_is_seen(qtbot, vault, today):
    leo = vault.write(lambda db: people.add(db, "Leo Ruiz", None, None, 0))
    page = today(order())
    assert card(page, "Other people here") is None
    store(vault, leo, [visit("v", "2026-11-25T15:40:00-08:00"), lab("x", "Lead", "2026-11-20")])
    page.context.bridge.post_change(ChangeSet.of(Topic.RECORDS, person=leo))
    qtbot.waitUntil(lambda: card(page, "Other people here") is not None)
    assert {"Leo Ruiz", "1 result new here, a visit in 4 days"} <= set(said(card(page, "Other people here")))


def test_an_empty_vault_says_what_to_do(today):
    page = today()
    assert "Nothing is here yet" in said(page)
    assert card(page, "Next visit") is None


def test_no_portal_data_is_no_claim(today):
    page = today(order())
    shown = said(page)
    assert "Nothing is booked as far as the sources say." in shown
    assert "Nothing new in the last 30 days. Portals hold back some results by law or policy." in shown


def test_clear_leaves_no_word(qtbot, today):
    page = today(order(), dispense(), lab("k", "Potassium", "2026-11-20"))
    page.clear()
    assert page.today is None
    assert said(page) == []


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_nothing_is_cut_off_and_everything_has_a_name(qtbot, theme, vault, remind, today, scale):
    leo = vault.write(lambda db: people.add(db, "Leo Ruiz", None, None, 0))
    store(vault, leo, [visit("v", "2026-11-25T15:40:00-08:00")])
    remind(("a", -20, OccurrenceState.MISSED, "record:7"), ("b", -1, OccurrenceState.DELIVERED, "medicine:k"))
    page = today(
        order(), dispense(), visit("v"), lab("k", "Potassium", "2026-11-20", value=6.4, mark="HH"),
        lab("w", "Urine", "2026-11-18", text="Positive"),
    )  # fmt: skip
    theme.apply("light", scale)
    for _ in range(6):
        QApplication.processEvents()
    assert stumbles(page) == []
    assert clipped(page) == []


def test_in_another_time_zone_it_asks_once_whose_clocks_count(qtbot, vault, clock, mina, today):
    from datetime import date, time
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from phr_desktop.actions.doses import confirm_schedule
    from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
    from phr_desktop.reminders.planner import replan

    rhythm = AtTimes(EveryDay(), (TimedDose(time(20), Decimal(1)),))
    confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:1", "Metformin", "tablet", rhythm, date(2026, 11, 21)))
    replan(vault, clock)
    clock.travel_to(ZoneInfo("Asia/Tokyo"))
    page = today()
    asked = next(card for card in page.findChildren(Card) if "another time zone" in " ".join(said(card)))
    assert "America/Los Angeles" in " ".join(said(asked))
    next(each for each in asked.findChildren(OutlineButton) if "home" in each.text()).click()
    qtbot.waitUntil(lambda: "another time zone" not in " ".join(said(page)))
    rows = vault.read(lambda db: db.rows("SELECT zone FROM schedules"))
    assert rows == [("America/Los_Angeles",)]
