"""Visits in the real window over a real vault: what is ahead, what is only asked, and what may be opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.ui.pages.appointment_detail import AppointmentPage
from phr_desktop.ui.pages.appointments import MOST_CARDS, AppointmentsPage
from phr_desktop.ui.pages.base import FOOT, PageSpec
from phr_desktop.ui.pages.settings import SettingsPage
from phr_desktop.ui.widgets import Card, OutlineButton, PrimaryButton
from tests.resources import store
from tests.ui.living import LivingServices, activate
from tests.ui.pages import PlainPage
from tests.ui.walker import clipped, stumbles

PAGES = (
    PageSpec("appointments", "&Appointments", AppointmentsPage, 0, "appointments"),
    PageSpec("appointment", "Appointment", AppointmentPage, parent="appointments"),
    PageSpec("record", "Record", PlainPage, parent="appointments"),
)


def visit(id_="v1", start="2026-11-24T10:20:00-08:00", end="2026-11-24T10:50:00-08:00", status="booked", **more):
    return {
        "resourceType": "Appointment",
        "id": id_,
        "status": status,
        "description": f"Visit {id_}",
        "start": start,
        "end": end,
        "participant": [
            {"actor": {"reference": "Patient/p"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/ruiz", "display": "Dr. Alma Ruiz"}, "status": "accepted"},
            {"actor": {"reference": "Location/harbor", "display": "Harbor Clinic"}, "status": "accepted"},
        ],
        **more,
    }


def video(id_, address):
    url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService"
    inner = [{"url": "addressUrl", "valueUrl": address}]
    return visit(id_, extension=[{"url": url, "extension": inner}])


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def appointments(qtbot, vault, mina, make_window):
    def make(*resources):
        store(vault, mina, resources)
        page = make_window(pages=PAGES).shell.page()
        qtbot.waitUntil(lambda: page.visits is not None and said(page) != [])
        return page

    return make


@pytest.fixture
def opened(monkeypatch):
    """Addresses that were given to the browser."""
    addresses = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: addresses.append(url.toString()))
    return addresses


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def cards(page):
    return [card for card in page.ahead.findChildren(Card) if card.isVisibleTo(page)]


def button(widget, words):
    every = [*widget.findChildren(OutlineButton), *widget.findChildren(PrimaryButton)]
    found = [each for each in every if each.text() == words]
    return found[0] if found else None


def test_soonest_first_with_day_place_and_person(appointments):
    page = appointments(
        visit("later", "2027-02-16T10:00:00-08:00", "2027-02-16T10:20:00-08:00"),
        visit("soon"),
        visit("over", "2026-08-25T09:00:00-07:00", "2026-08-25T09:20:00-07:00", "fulfilled"),
    )
    first, second = cards(page)
    assert said(first) == [
        "Tuesday, November 24, 10:20 AM to 10:50 AM",
        "Visit soon\nDr. Alma Ruiz, Harbor Clinic",
        "in 3 days",
    ]
    assert said(second)[0] == "Tuesday, February 16, 2027, 10:00 AM to 10:20 AM"
    assert "in about 3 months" in said(second)
    assert "for Mina Satterfield" in first.accessibleName()
    assert page.header.subtitle.text() == "2 visits ahead · 1 past visit"
    assert page.past.model.item_at(0).main == "Visit over"


@pytest.mark.parametrize("status", ["proposed", "pending", "waitlist"])
def test_what_is_only_asked_says_so(qtbot, appointments, status):
    page = appointments(visit(status=status))
    assert "asked, not confirmed" in said(cards(page)[0])
    qtbot.mouseClick(button(cards(page)[0], "Details"), Qt.MouseButton.LeftButton)
    detail = page.window().shell.page()
    qtbot.waitUntil(lambda: any("has not confirmed it" in words for words in said(detail)))


def test_called_off_ones_stand_apart_and_folded(qtbot, appointments):
    page = appointments(visit(), visit("off", status="cancelled"), visit("missed", status="noshow"))
    assert len(cards(page)) == 1
    assert page.withdrawn.turn.text() == "Called off or not kept (2)"
    assert not page.withdrawn.card.isVisible()
    qtbot.mouseClick(page.withdrawn.turn, Qt.MouseButton.LeftButton)
    assert page.withdrawn.card.isVisible()
    assert {page.withdrawn.model.item_at(place).chip for place in range(2)} == {"cancelled", "nobody came"}


def test_opened_by_key_the_focus_is_inside_the_visit_and_comes_back(qtbot, appointments):
    page = appointments(visit("over", "2026-08-25T09:00:00-07:00", "2026-08-25T09:20:00-07:00", "fulfilled"))
    window = page.window()
    activate(qtbot, window)
    page.past.view.setFocus()
    qtbot.keyClick(page.past.view, Qt.Key.Key_Return)
    detail = window.shell.page()
    assert detail is not page
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None and detail.isAncestorOf(QApplication.focusWidget()))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.past.view)


def test_a_declared_https_link_is_opened_in_the_browser(qtbot, appointments, opened):
    page = appointments(video("v", "https://video.harbor.example/room/1"))
    assert any("Video visit at video.harbor.example" in words for words in said(cards(page)[0]))
    join = button(cards(page)[0], "Join the video visit")
    assert "opens video.harbor.example in your browser" in join.accessibleName()
    qtbot.mouseClick(join, Qt.MouseButton.LeftButton)
    assert opened == ["https://video.harbor.example/room/1"]


@pytest.mark.parametrize(
    "address",
    ["http://video.harbor.example/room/1", "https://video.harbor.example@evil.example/", "https://[broken"],
)
def test_a_link_that_is_not_safe_has_no_button(appointments, opened, address):
    page = appointments(video("v", address))
    assert button(page, "Join the video visit") is None
    assert opened == []


def test_a_link_in_a_text_is_never_a_button(qtbot, appointments, opened):
    page = appointments(visit(patientInstruction="Join at https://evil.example", comment="https://evil.example"))
    assert button(page, "Join the video visit") is None
    qtbot.mouseClick(button(cards(page)[0], "Details"), Qt.MouseButton.LeftButton)
    detail = page.window().shell.page()
    qtbot.waitUntil(lambda: "Join at https://evil.example" in said(detail))
    assert button(detail, "Join the video visit") is None


def test_another_zone_tells_both_clocks(appointments):
    page = appointments(visit("away", "2026-11-24T10:20:00-05:00", "2026-11-24T10:50:00-05:00"))
    assert said(cards(page)[0])[0] == (
        "Tuesday, November 24, 10:20 AM to 10:50 AM there, 7:20 AM on this computer's clock"
    )


def test_the_page_of_a_visit_has_instructions_and_whom_to_call(qtbot, appointments):
    ruiz = {
        "resourceType": "Practitioner", "id": "ruiz", "name": [{"text": "Dr. Alma Ruiz"}],
        "telecom": [{"system": "phone", "value": "(415) 555-0110"}],
    }  # fmt: skip
    page = appointments(visit(patientInstruction="Nothing to eat after midnight."), ruiz)
    qtbot.mouseClick(button(cards(page)[0], "Details"), Qt.MouseButton.LeftButton)
    detail = page.window().shell.page()
    qtbot.waitUntil(lambda: "Nothing to eat after midnight." in said(detail))
    assert {"To change or cancel it, call", "(415) 555-0110", "booked", "Harbor Clinic"} <= set(said(detail))
    assert "in 3 days · for Mina Satterfield" in said(detail)


def test_many_are_shown_by_and_by(qtbot, appointments):
    page = appointments(*(visit(f"v{place}") for place in range(MOST_CARDS + 5)))
    assert page.more.text() == "Show 5 more"
    qtbot.mouseClick(page.more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(cards(page)) == MOST_CARDS + 5)


def test_nothing_ahead_is_not_said_to_be_nothing(appointments):
    page = appointments(visit("over", "2026-08-25T09:00:00-07:00", "2026-08-25T09:20:00-07:00", "fulfilled"))
    assert "may be missing" in page.nothing_ahead.text()
    assert page.nothing_ahead.isVisible()


def test_clear_leaves_no_word(appointments):
    page = appointments(visit(), visit("over", "2026-08-25T09:00:00-07:00", "2026-08-25T09:20:00-07:00"))
    page.clear()
    QApplication.sendPostedEvents(None, 52)  # deferred deletes
    assert cards(page) == []
    assert page.past.model.rowCount() == 0
    assert page.header.subtitle.text() == ""


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_nothing_is_cut_off_and_everything_has_a_name(qtbot, theme, appointments, scale):
    page = appointments(
        video("v", "https://video.harbor.example/room/1"),
        visit("a", status="proposed", patientInstruction="Bring your blood pressure notes of the last two weeks."),
        visit("off", status="cancelled"),
        visit("over", "2026-08-25T09:00:00-07:00", "2026-08-25T09:20:00-07:00", "fulfilled"),
    )
    theme.apply("light", scale)
    window = page.window()
    for record in (None, page.visits.upcoming[0].record):
        if record is not None:
            window.navigate("appointment", record=record)
        qtbot.waitUntil(lambda: not window.bridge._asks)
        for _ in range(4):
            QApplication.processEvents()
        assert stumbles(window.shell.page()) == []
        assert clipped(window.shell.page()) == []


def test_the_page_leads_to_calendar_files(qtbot, vault, mina, make_window):
    pages = (*PAGES, PageSpec("settings", "Settings", SettingsPage, FOOT))
    shell = make_window(pages=pages).shell
    button = next(each for each in shell.page().findChildren(OutlineButton) if "Calendar" in each.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shell.page().tabs.current() == "calendar"
    qtbot.waitUntil(lambda: shell.context.bridge.is_idle)
