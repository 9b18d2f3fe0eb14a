"""Connecting: what it means is said first, nothing unsafe leaves the window, and every failure says what to do next."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.portals import Brand
from phr_desktop.domain.reports import Applied, SyncReport
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.ui.dialogs.connect_portal import ConnectPortal
from phr_desktop.ui.widgets.row import LinkRow
from tests.ui.fakes import MINA, NOW
from tests.ui.walker import clipped, stumbles

PORTAL = "https://harbor.example/fhir"
PAGE = "https://portal.invalid/authorize"
HARBOR = Brand("Harbor Clinic", PORTAL, ("Irvine CA", "Tustin CA"), ("Harbor Medical Group",), "MyHarbor")


@pytest.fixture
def opened_pages(monkeypatch):
    pages: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not pages.append(url.toString()))
    return pages


@pytest.fixture
def dialog(qtbot, make_window, opened_pages):
    window = make_window()
    window.verbs.connect_portal()
    dialog = window.findChild(ConnectPortal)
    qtbot.waitUntil(lambda: window.bridge.is_idle)
    dialog.opened_pages, dialog.bridge = opened_pages, window.bridge
    return dialog


def words(widget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible() and each.text())


def button(widget, text: str) -> QAbstractButton:
    [found] = [each for each in widget.findChildren(QAbstractButton) if each.isVisible() and each.text() == text]
    return found


def give_address(qtbot, dialog, url: str = PORTAL) -> None:
    dialog.choose.url.setText(url)
    qtbot.keyClick(dialog.choose.url, Qt.Key.Key_Return)


def waits(qtbot, dialog, services) -> None:
    """As far as the portal's own page."""
    services.gate.clear()
    give_address(qtbot, dialog)
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: dialog.opened_pages == [PAGE])


def failed_with(qtbot, dialog, services, error: Exception) -> None:
    services.fail["connect_portal"] = error
    give_address(qtbot, dialog)
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: dialog._work is None)


# --- which portal


@pytest.mark.parametrize("address", ["", "harbor.example", "http://harbor.example", "ftp://x.example", "https://"])
def test_unsafe_addresses_never_leave_the_dialog(dialog, services, address):
    dialog.choose.url.setText(address)
    dialog.next_button.click()
    assert "https://" in dialog.choose.url_field.note.text()
    assert dialog.consent.isHidden()
    assert services.called("connect_portal") == []


def test_the_demo_portal_on_this_computer_is_allowed(qtbot, dialog):
    give_address(qtbot, dialog, "http://127.0.0.1:5000/fhir")
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: dialog.title.text() == "Portal connected")


def test_a_clinic_of_a_list_is_found_by_name_and_chosen_by_one_click(qtbot, make_window, services, opened_pages):
    services.portals.listed = [HARBOR, Brand("Hill Clinic", "https://hill.example/fhir", ())]
    window = make_window()
    window.verbs.connect_portal()
    dialog = window.findChild(ConnectPortal)
    qtbot.waitUntil(dialog.choose.words.isVisible)
    assert not dialog.choose.url.isVisible()
    assert not dialog.next_button.isVisible()
    qtbot.keyClicks(dialog.choose.words, "harb")
    qtbot.waitUntil(lambda: len(dialog.choose.found.findChildren(LinkRow)) == 1)
    assert "Irvine CA, Tustin CA" in words(dialog)
    assert stumbles(dialog) == clipped(dialog) == []
    dialog.choose.found.findChild(LinkRow).click()
    assert dialog.title.text() == "Connect to Harbor Clinic"
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: services.called("connect_portal") == [(MINA.id, PORTAL)])


def test_a_name_that_nobody_has_says_so_and_the_address_can_be_typed(qtbot, make_window, services):
    services.portals.listed = [HARBOR]
    window = make_window()
    window.verbs.connect_portal()
    dialog = window.findChild(ConnectPortal)
    qtbot.waitUntil(dialog.choose.words.isVisible)
    qtbot.keyClicks(dialog.choose.words, "lake")
    qtbot.waitUntil(lambda: "Type fewer letters" in words(dialog))
    dialog.choose.by_address.click()
    assert dialog.choose.url.isVisible()
    assert dialog.next_button.isVisible()


def test_a_list_of_clinics_can_be_added(qtbot, dialog, services, tmp_path):
    dialog.choose.read_list(tmp_path / "brands.json")
    qtbot.waitUntil(lambda: "Added: 1 clinics" in words(dialog))
    assert dialog.choose.words.isVisible()
    assert services.called("add_list") == [tmp_path / "brands.json"]


def test_a_file_that_is_no_list_is_said_so(qtbot, dialog, services, tmp_path):
    services.fail["add_list"] = UserFacingError("brands-not-understood")
    dialog.choose.read_list(tmp_path / "brands.json")
    qtbot.waitUntil(lambda: "Nothing was added" in words(dialog))


# --- what it means


def test_what_it_means_is_said_before_anything_is_asked(qtbot, dialog, services):
    give_address(qtbot, dialog)
    said = words(dialog)
    for part in (
        "You sign in on the portal's own page", "never sees that password", "choose Mina Satterfield",
        "It changes nothing there", "After download, this copy is protected by you", "You can end it at any time",
    ):  # fmt: skip
        assert part in said
    assert services.called("connect_portal") == []
    assert stumbles(dialog) == clipped(dialog) == []


def test_back_leads_to_the_address_again(qtbot, dialog):
    give_address(qtbot, dialog)
    button(dialog, "&Back").click()
    assert dialog.choose.url.text() == PORTAL
    assert dialog.choose.url.isVisible()


def test_a_registration_of_the_persons_own_is_used(qtbot, dialog, services):
    give_address(qtbot, dialog)
    dialog.consent.own_link.click()
    qtbot.keyClicks(dialog.consent.client_id, " my-id ")
    qtbot.keyClicks(dialog.consent.client_secret, "secret")
    assert stumbles(dialog) == clipped(dialog) == []
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert services.registration == ("my-id", "secret")


# --- while the person signs in


def test_it_waits_for_the_browser_says_until_when_and_gives_more_time(qtbot, dialog, services):
    waits(qtbot, dialog, services)
    said = words(dialog)
    assert "Waiting for you to sign in, in your browser." in said
    assert "The sign-in waits for you until 8:40" in said.replace("\u202f", " ")
    services.sign_in.seconds_left = 5.0
    dialog._warn()
    assert "Two minutes are left" in words(dialog)
    button(dialog, "&More time").click()
    assert services.sign_in.extended == 1
    assert "until 8:40" in words(dialog).replace("\u202f", " ")
    assert stumbles(dialog) == clipped(dialog) == []
    services.gate.set()
    qtbot.waitUntil(lambda: dialog.title.text() == "Portal connected")


def test_the_address_of_the_page_can_be_copied(qtbot, dialog, services):
    waits(qtbot, dialog, services)
    dialog.waiting.copy.click()
    assert QApplication.clipboard().text() == PAGE


def test_the_address_at_which_the_browser_ended_can_be_pasted(qtbot, dialog, services):
    waits(qtbot, dialog, services)
    dialog.waiting.paste_link.click()
    dialog.waiting.pasted.setText("what is this")
    dialog.waiting.use.click()
    assert "Copy the whole address" in dialog.waiting.pasted_field.note.text()
    dialog.waiting.pasted.setText("http://127.0.0.1:1/callback?code=1&state=2")
    dialog.waiting.use.click()
    assert services.sign_in.pasted.endswith("code=1&state=2")
    assert stumbles(dialog) == clipped(dialog) == []


def test_a_browser_that_does_not_open_is_said(qtbot, dialog, services, monkeypatch):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    services.gate.clear()
    give_address(qtbot, dialog)
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: "No browser could be opened" in words(dialog))


def test_connecting_can_be_cancelled(qtbot, make_window, services, opened_pages):
    window = make_window()
    window.verbs.connect_portal()
    dialog = window.findChild(ConnectPortal)
    services.gate.clear()
    give_address(qtbot, dialog)
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: bool(opened_pages))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(ConnectPortal) is None)


# --- how it ends


def test_at_the_end_it_says_what_came_and_what_did_not(qtbot, dialog, services):
    give_address(qtbot, dialog)
    report = SyncReport(
        1,
        (line("Observation", LedgerState.COMPLETE), line("Coverage", LedgerState.NOT_ALLOWED),
         line("Goal", LedgerState.PARTIAL), line("Claim", LedgerState.NOT_ALLOWED),
         line("Observation", LedgerState.NOT_ALLOWED, "vital-signs")),
        Applied(added=412), ChangeSet.of(), "portal-busy", {"until": int(NOW.timestamp()) + 7 * 3600 + 900},
    )  # fmt: skip
    dialog._done(report)
    said = words(dialog).replace("\u202f", " ")
    for part in ("412", "Claims, insurance coverages, vital signs.", "Goals.", "asks us to wait until today 3:40 PM"):
        assert part in said
    assert stumbles(dialog) == clipped(dialog) == []


def line(type_name: str, state: LedgerState, category: str = "") -> LedgerEntry:
    return LedgerEntry(1, type_name, category, state, 3, 3, 0, 0, None, None, None, None, None, None)


@pytest.mark.parametrize(
    "code", ["not-a-portal", "portal-wrong-tenant", "portal-not-r4", "portal-without-sign-in", "portal-redirected"]
)
def test_what_is_wrong_with_the_address_is_said_at_the_address(qtbot, dialog, services, code):
    failed_with(qtbot, dialog, services, UserFacingError(code))
    assert dialog.choose.url.isVisible()
    assert dialog.choose.url.text() == PORTAL
    assert dialog.choose.url_field.note.text()
    assert clipped(dialog) == []


@pytest.mark.parametrize("code", ["client-not-known", "redirect-refused", "registration-refused"])
def test_a_portal_that_does_not_know_the_program_takes_a_registration_of_ones_own(qtbot, dialog, services, code):
    failed_with(qtbot, dialog, services, UserFacingError(code))
    assert dialog.consent.client_id.isVisible()
    assert dialog.problem.isVisible()


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (UserFacingError("sign-in-denied"), "You said no"),
        (UserFacingError("sign-in-timeout"), "The time to sign in ran out"),
        (UserFacingError("no-patient-in-token"), "did not say whose record"),
        (EnvironmentProblem("offline"), "Check your internet connection"),
        (EnvironmentProblem("portal-html"), "Sign in to this network"),
        (UserFacingError("other-person", found="Leo", person="Mina"), "This portal opened Leo's record, not Mina's"),
        (UserFacingError("other-person", found="Leo", person="Mina"), "choose Mina Satterfield there"),
    ],
)
def test_every_failure_is_said_and_can_be_tried_again(qtbot, dialog, services, error, part):
    failed_with(qtbot, dialog, services, error)
    assert part in dialog.problem.text.text()
    assert dialog.problem.isVisible()
    assert clipped(dialog) == []
    button(dialog, "&Try again").click()
    qtbot.waitUntil(lambda: dialog.title.text() == "Portal connected")
    assert len(services.called("connect_portal")) == 2


@pytest.mark.parametrize("scale", [2.0])
def test_nothing_is_cut_off_in_large_text(qtbot, dialog, services, theme, scale):
    theme.apply("light", scale)
    give_address(qtbot, dialog)
    dialog.consent.ask_registration()
    QApplication.processEvents()
    assert stumbles(dialog) + clipped(dialog) == []
