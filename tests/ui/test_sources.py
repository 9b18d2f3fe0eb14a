"""Sources & sync in the real window over a real vault: every state in words, and no button without an effect."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import Rest, SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.ui.dialogs.connect_portal import ConnectPortal
from phr_desktop.ui.dialogs.disconnect import Disconnect
from phr_desktop.ui.dialogs.original_record import OriginalRecord
from phr_desktop.ui.dialogs.put_aside import PutAside
from phr_desktop.ui.dialogs.remove import RemoveSource
from phr_desktop.ui.dialogs.settle_held import SettleHeld
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.sources import SourcesPage
from phr_desktop.ui.widgets import Chip, EmptyState, PrimaryButton
from phr_desktop.ui.widgets.count_table import CountTable
from phr_desktop.vault import ledger, people, quarantine, records, sources
from tests.actions.test_sources import grant_of
from tests.queries.test_records import condition
from tests.queries.test_sources import AT, entry, set_entries
from tests.resources import store
from tests.ui.living import LivingServices
from tests.ui.walker import clipped, stumbles

PAGES = (PageSpec("sources", "&Sources && sync", SourcesPage, 0, "sync"),)
WEEK = 7 * 86400
SAID = "This response may not contain the entire record."


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def portal(vault, mina):
    """A portal that gave every answer that a portal can give."""
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    kinds = ("Consent", "Claim", "ClaimResponse", "Invoice", "Account", "Coverage", "ExplanationOfBenefit")
    cut = {"state": LedgerState.PARTIAL, "reason": "portal-cut", "resume_url": "https://a/2"}
    set_entries(
        vault,
        entry(source, "Observation", "laboratory", count=1204, new=3),
        entry(source, "Observation", "vital-signs", count=30, last_good_at=AT - WEEK, **cut),
        entry(source, "Observation", "", count=1240),
        entry(source, "Immunization", count=32, last_good_at=AT - WEEK),
        entry(source, "Goal"),
        entry(source, "Encounter", count=4, reason="portal-warning", said=SAID),
        entry(source, "Procedure", count=1, reason="portal-warning", said=SAID),
        entry(source, "Specimen", count=1, reason="portal-warning", said="<b>Other</b> & words"),
        entry(source, "Task", count=2, reason="many-gone-held"),
        *(entry(source, kind, state=LedgerState.NOT_ALLOWED, reason="not-granted") for kind in kinds),
        entry(source, "CareTeam", state=LedgerState.NOT_ALLOWED, reason="portal-forbids"),
        entry(source, "Device", state=LedgerState.FAILED, reason="portal-redirected"),
        entry(source, "Appointment", state=LedgerState.NOT_OFFERED, reason="not-offered"),
        entry(source, "CarePlan", state=LedgerState.NOT_OFFERED, reason="not-offered"),
    )

    def more(db):
        sources.set_grant(db, grant_of(source))
        ledger.hold(db, source, "Task", ["t1", "t2"], AT)
        sources.set_synced(db, source, AT - 960)
        for number, reason in enumerate(("malformed", "malformed", "other-patient")):
            quarantine.add(db, person=mina, source=source, reason=reason, body=b"%d" % number, now=AT)

    vault.write(more)
    return source


@pytest.fixture
def open_page(qtbot, make_window):
    def make():
        window = make_window(pages=PAGES)
        return window, settled(qtbot, window)

    return make


def settled(qtbot, window) -> SourcesPage:
    qtbot.waitUntil(lambda: window.bridge.is_idle)
    for _ in range(3):
        QApplication.processEvents()
    return window.shell.page()


def words(widget) -> list[str]:
    """Every text a person sees, with plain spaces, from the top down."""
    labels = [each for each in widget.findChildren(QLabel) if each.isVisible() and each.text()]
    labels.sort(key=lambda each: each.mapTo(widget, each.rect().topLeft()).y())
    return [each.text().replace("\u202f", " ") for each in labels]


def note(card, title: str) -> tuple[str, str]:
    """The chip and the detail of the row with this title."""
    row = next(each for each in card.findChildren(QLabel) if each.text() == title).parentWidget().parentWidget()
    [chip] = row.findChildren(Chip)
    return chip.text(), row.words.detail.text().replace("\u202f", " ")


def note_row(page, title: str):
    return next(each for each in page.findChildren(QLabel) if each.text() == title).parentWidget().parentWidget()


def button(widget, text: str) -> QAbstractButton:
    found = [each for each in widget.findChildren(QAbstractButton) if each.isVisible() and each.text() == text]
    assert len(found) == 1, (text, found)
    return found[0]


def click(qtbot, widget, text: str) -> None:
    qtbot.mouseClick(button(widget, text), Qt.MouseButton.LeftButton)


def cells(card) -> dict[str, str]:
    """What a screen reader says of each kind that came whole, by its name."""
    [table] = card.findChildren(CountTable)
    said = [each.accessibleName().replace("\u202f", " ") for each in table.cells]
    return {each.partition(":")[0]: each for each in said}


# --- the ledger in words


def test_the_card_says_whose_it_is_and_when_it_was_synced(open_page, portal):
    _, page = open_page()
    said = words(page.cards[0])
    assert "Harbor Clinic" in said
    assert "connected" in said
    assert "For Mina Satterfield · last synced today 8:14 AM · harbor-clinic.example" in said


def test_what_came_whole_stands_with_its_counts(open_page, portal):
    _, page = open_page()
    assert cells(page.cards[0]) == {
        "Lab results": "Lab results: complete, 1,204, 3 new, today 8:30 AM",
        "Other results and measurements": "Other results and measurements: complete, 6, today 8:30 AM",
        "Vaccines": "Vaccines: complete, 32, Nov 14, 2026 8:30 AM",
    }
    said = words(page.cards[0])
    assert "Complete: 1,242 records, today 8:30 AM" in said
    assert "Lab results (3 new)" in said
    assert "Vaccines (as of Nov 14, 2026)" in said


@pytest.mark.parametrize(
    ("title", "chip", "detail"),
    [
        (
            "Devices and implants",
            "failed",
            "The portal pointed to another address, which is not followed. Ask the clinic for its new one."
            " Asked today 8:30 AM.",
        ),
        (
            "Vital signs",
            "came in part",
            "The connection to the portal broke off. Nothing was lost. Try again. The rest comes at the next sync."
            " Kept here: 30, whole on Nov 14, 2026. Asked today 8:30 AM.",
        ),
        (
            "7 kinds of record",
            "not allowed",
            "Accounts, answers to claims, bills, claims, consents, explanations of benefits, insurance coverages."
            " You did not allow this when you signed in. Sign in again to allow it. Asked today 8:30 AM.",
        ),
        (
            "Care teams",
            "not allowed",
            "The portal does not let you see this. Ask the clinic if you need it. Asked today 8:30 AM.",
        ),
        (
            "Procedures, visits",
            "to check",
            "The portal says that its answer may not be the whole record. The portal said: \u201cThis response may not"
            " contain the entire record.\u201d Kept here: 5. Asked today 8:30 AM.",
        ),
        (
            "Samples",
            "to check",
            "The portal says that its answer may not be the whole record. The portal said: \u201c<b>Other</b> & words"
            "\u201d Kept here: 1. Asked today 8:30 AM.",
        ),
        (
            "No longer at the portal: requests (2)",
            "to decide",
            "They are kept here unchanged until you say what is right.",
        ),
        (
            "2 entries could not be read",
            "put aside",
            "They are kept as they came, and shown to nobody as records.",
        ),
        (
            "1 entry is about somebody else",
            "put aside",
            "Kept as it came, and shown to nobody as a record.",
        ),
    ],
)
def test_what_did_not_come_is_said_with_its_reason(open_page, portal, title, chip, detail):
    _, page = open_page()
    assert note(page.cards[0], title) == (chip, detail)


def test_what_needs_a_hand_stands_first_and_what_is_not_offered_last(open_page, portal):
    _, page = open_page()
    said = words(page.cards[0])
    order = [
        said.index("Devices and implants"),
        said.index("Vital signs"),
        said.index("7 kinds of record"),
        said.index("Complete: 1,242 records, today 8:30 AM"),
        said.index("Asked for, and there are none: goals."),
        said.index("This portal does not offer: appointments, care plans."),
    ]
    assert order == sorted(order)


def test_it_is_said_that_absence_proves_nothing(open_page, portal):
    _, page = open_page()
    assert page.absence.isVisible()
    assert "hold back some records" in page.absence.text()


def test_files_are_counted_and_have_no_sign_in(open_page, vault, mina):
    store(vault, mina, [condition("a"), condition("b")])
    _, page = open_page()
    [card] = page.cards
    said = words(card)
    assert "For Mina Satterfield · added from files on this computer" in said
    assert "2 records" in said
    assert [each.text() for each in card.findChildren(QAbstractButton) if each.isVisible()] == ["Remove data..."]
    assert not page.sync.isVisible()


def test_others_are_named_in_one_line_and_their_account_is_not_shown(open_page, vault, portal):
    ana = vault.write(lambda db: people.add(db, "Ana Satterfield", None, None, AT))
    other = store(vault, ana, [], SourceKind.PORTAL, portal="Hill Clinic")
    set_entries(vault, entry(other, "Slot", count=77))
    vault.write(lambda db: sources.set_state(db, other, connected=True, needs_sign_in=True))
    window, page = open_page()
    assert page.others.text() == (
        "Also here: Hill Clinic, which asks to sign in again, for Ana Satterfield. Change the person above to see more."
    )
    assert "Free times" not in words(page)
    window.shell.show_person(ana)
    QApplication.processEvents()
    assert "Harbor Clinic" not in words(page)


def test_no_source_offers_to_connect_one_or_to_add_files(open_page, services):
    _, page = open_page()
    assert page.findChild(EmptyState).isVisible()
    assert not page.absence.isVisible()
    assert {each.text() for each in page.findChildren(QAbstractButton) if each.isVisible()} == {
        "Add files...",
        "Connect a portal...",
    }


# --- what can be done


def test_sync_now_syncs(qtbot, open_page, services, portal):
    _, page = open_page()
    main = [each for each in page.findChildren(PrimaryButton) if each.isVisible()]
    assert [each.text() for each in main] == ["Sync now"]
    click(qtbot, page, "Sync now")
    qtbot.waitUntil(lambda: services.called("sync") == [None])


def test_sign_in_again_asks_for_no_address(qtbot, open_page, services, portal, monkeypatch):
    monkeypatch.setattr("phr_desktop.ui.dialogs.connect_portal.QDesktopServices.openUrl", lambda _url: True)
    window, page = open_page()
    click(qtbot, page, "Sign in again...")
    dialog = window.findChild(ConnectPortal)
    assert dialog.title.text() == "Sign in again to Harbor Clinic"
    assert "Harbor" not in dialog.windowTitle()
    assert "Mina Satterfield" in words(dialog)
    assert stumbles(dialog) == clipped(dialog) == []
    click(qtbot, dialog, "&Sign in")
    qtbot.waitUntil(lambda: dialog.report is not None)
    [(person, url)] = services.called("connect_portal")
    assert services.registration == (None, None)
    assert url == "https://harbor-clinic.example/fhir"
    assert person == page.person_id
    assert dialog.title.text() == "Signed in again"
    dialog.accept()


def test_a_portal_that_asks_makes_sign_in_its_main_button(open_page, vault, portal):
    vault.write(lambda db: sources.set_state(db, portal, connected=True, needs_sign_in=True))
    _, page = open_page()
    [card] = page.cards
    assert isinstance(button(card, "Sign in again..."), PrimaryButton)
    said = words(card)
    assert "sign in again" in said
    assert "This portal asks you to sign in again" in said


def test_disconnecting_says_what_it_means_first_and_keeps_everything(qtbot, open_page, vault, portal):
    window, page = open_page()
    click(qtbot, page, "Disconnect...")
    question = window.findChild(Disconnect)
    said = " ".join(words(question))
    for part in ("Harbor Clinic", "Mina Satterfield", "stays here", "take its permission back", "remove what came"):
        assert part in said
    assert "Harbor" not in question.windowTitle()
    assert stumbles(question) == clipped(question) == []
    assert vault.read(lambda db: sources.grant(db, portal)) is not None
    click(qtbot, question, "&Disconnect")
    qtbot.waitUntil(lambda: not vault.read(lambda db: sources.one(db, portal)).connected)
    settled(qtbot, window)
    assert window.shell.toast.text.text() == (
        "Harbor Clinic is disconnected for Mina Satterfield, and has taken its permission back. What came stays here."
    )
    assert vault.read(lambda db: sources.grant(db, portal)) is None
    [card] = page.cards
    assert "This portal is disconnected" in words(card)
    assert "Complete: 1,242 records, today 8:30 AM" in words(card)
    shown = {each.text() for each in card.findChildren(QAbstractButton) if each.isVisible()}
    assert shown == {"Remove data...", "Connect again...", "Decide...", "Look"}
    assert not page.sync.isVisible()


def test_staying_connected_changes_nothing(qtbot, open_page, vault, portal):
    window, page = open_page()
    click(qtbot, page, "Disconnect...")
    click(qtbot, window.findChild(Disconnect), "&Stay connected")
    assert vault.read(lambda db: sources.one(db, portal)).connected
    assert vault.read(lambda db: sources.grant(db, portal)) is not None


def test_a_sync_changes_the_words_and_leaves_the_focus(qtbot, open_page, vault, portal, mina):
    window, page = open_page()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    [card] = page.cards
    card.disconnect_button.setFocus()
    set_entries(vault, entry(portal, "Goal", count=5))
    window.bridge.post_change(ChangeSet.of(Topic.SOURCES, person=mina))
    qtbot.waitUntil(lambda: "Goals" in words(page))
    assert page.cards == [card]
    assert card.disconnect_button.hasFocus()


def test_a_portal_that_could_not_be_told_is_said_so(qtbot, open_page, services, portal):
    services.portals.told = False
    window, page = open_page()
    click(qtbot, page, "Disconnect...")
    click(qtbot, window.findChild(Disconnect), "&Disconnect")
    qtbot.waitUntil(lambda: "could not be told" in window.shell.toast.text.text())


def test_a_failed_disconnect_is_told(qtbot, open_page, services, portal):
    services.fail["disconnect"] = UserFacingError("source-missing")
    window, page = open_page()
    click(qtbot, page, "Disconnect...")
    click(qtbot, window.findChild(Disconnect), "&Disconnect")
    qtbot.waitUntil(lambda: "no such connection" in window.shell.problem.text.text())


def test_lock_leaves_nothing_behind(open_page, portal):
    _, page = open_page()
    page.clear()
    assert page.cards == []
    assert not any("Harbor" in said or "Mina" in said for said in words(page))


def test_disconnecting_and_removing_shows_first_what_goes(qtbot, open_page, services, portal):
    window, page = open_page()
    click(qtbot, page, "Disconnect...")
    click(qtbot, window.findChild(Disconnect), "&Remove data...")
    remove = window.findChild(RemoveSource)
    assert "disconnected first" in " ".join(words(remove))
    qtbot.waitUntil(remove.remove.isEnabled)
    assert services.called("disconnect") == services.called("remove_source") == []
    remove.remove.click()
    qtbot.waitUntil(lambda: services.called("remove_source") == [portal])
    assert services.called("disconnect") == [portal]


# --- what is no longer at the portal


@pytest.mark.parametrize(
    ("answer", "gone", "kept"), [("&Mark them", 2, 0), ("&Keep them", 0, 2), ("&Decide later", 0, 0)]
)
def test_what_is_no_longer_at_the_portal_is_settled_by_the_person(
    qtbot, open_page, vault, portal, monkeypatch, answer, gone, kept
):
    marked = []
    monkeypatch.setattr(records, "mark_gone", lambda _db, _source, _type, ids, _now: marked.extend(ids))
    window, page = open_page()
    click(qtbot, page, "Decide...")
    dialog = window.findChild(SettleHeld)
    said = " ".join(words(dialog))
    for part in ("Harbor Clinic", "requests (2)", "no answer deletes anything", "Mina Satterfield"):
        assert part in said
    assert stumbles(dialog) == clipped(dialog) == []
    click(qtbot, dialog, answer)
    settled(qtbot, window)
    assert len(marked) == gone
    assert len(vault.read(lambda db: ledger.kept(db, portal, "Task"))) == kept
    asked = [each for each in page.findChildren(QAbstractButton) if each.text() == "Decide..." and each.isVisible()]
    assert len(asked) == (answer == "&Decide later")


def test_what_a_portal_warns_of_is_said_of_a_kind_that_waits_for_a_decision_too(open_page, vault, portal):
    waits = entry(portal, "Task", count=2, reason="many-gone-held", said=SAID)
    set_entries(vault, waits)
    _, page = open_page()
    _, detail = note(page.cards[0], "No longer at the portal: requests (2)")
    assert detail.endswith(f"The portal said: \u201c{SAID}\u201d")
    vault.write(lambda db: ledger.settle(db, portal, "Task", keep=True))
    assert vault.read(lambda db: ledger.one(db, portal, "Task")).reason == "portal-warning"  # after it too


def test_another_trouble_with_a_kind_that_waits_for_a_decision_is_said_too(open_page, vault, portal):
    set_entries(vault, entry(portal, "Task", count=2, state=LedgerState.PARTIAL, reason="portal-slow"))
    _, page = open_page()
    assert note(page.cards[0], "No longer at the portal: requests (2)")[0] == "to decide"
    assert note(page.cards[0], "Requests")[0] == "came in part"


def test_asking_again_compares_the_kind_anew_and_syncs(qtbot, open_page, services, vault, portal):
    set_entries(vault, entry(portal, "Task", count=2, reason="many-gone-held", full_compare_at=AT))
    window, page = open_page()
    click(qtbot, page, "Decide...")
    click(qtbot, window.findChild(SettleHeld), "&Ask again")
    qtbot.waitUntil(lambda: services.called("sync") == [{"source": portal}])
    assert vault.read(lambda db: ledger.one(db, portal, "Task")).full_compare_at is None


def test_what_was_put_aside_can_be_looked_at_but_for_what_is_somebody_elses(qtbot, open_page, vault, mina, portal):
    other = b'{"resourceType":"Condition","id":"x","code":{"text":"Secret of another"}}'
    vault.write(lambda db: quarantine.add(db, person=mina, source=portal, reason="other-patient", body=other, now=AT))
    window, page = open_page()
    click(qtbot, note_row(page, "2 entries could not be read"), "Look")
    dialog = window.findChild(PutAside)
    settled(qtbot, window)
    said = words(dialog)
    assert said.count("Kind not known") == 3
    assert "Conditions" in said
    assert "It is about somebody else, so its contents are shown to nobody. Came today 8:30 AM." in said
    looks = [each for each in dialog.findChildren(QAbstractButton) if each.text() == "Look" and each.isVisible()]
    assert len(looks) == 2
    assert stumbles(dialog) == clipped(dialog) == []
    looks[0].click()
    original = dialog.findChild(OriginalRecord)
    assert original.text.toPlainText() == "0"
    original.accept()
    dialog.accept()


def test_a_portal_that_asks_to_wait_says_until_when(open_page, vault, portal):
    vault.write(lambda db: sources.set_waits_until(db, portal, AT + 7 * 3600 + 600))
    _, page = open_page()
    chip, detail = note(page.cards[0], "This portal is busy")
    assert chip == "waits"
    assert detail.startswith("The portal asks us to wait until today 3:40 PM.")


@pytest.mark.parametrize(("failures", "said"), [(1, "the last time."), (4, "the last 4 times.")])
def test_a_portal_that_failed_says_when_it_is_asked_again_and_can_be_tried_now(
    qtbot, open_page, services, vault, portal, failures, said
):
    vault.write(lambda db: sources.set_rest(db, portal, Rest(failures, AT + 7 * 3600 + 600)))
    _, page = open_page()
    chip, detail = note(page.cards[0], "This portal has trouble")
    assert chip == "waits"
    assert detail == (
        f"It did not answer well {said} It is asked again by itself today 3:40 PM. Everything that is here can be read."
    )
    click(qtbot, page, "Try now")
    qtbot.waitUntil(lambda: services.called("sync") == [{"source": portal}])
    vault.write(lambda db: sources.set_rest(db, portal, Rest(0, 0)))
    page.refresh()
    qtbot.waitUntil(lambda: not [each for each in page.findChildren(QAbstractButton) if each.text() == "Try now"])


def test_access_that_shrank_reads_so_with_what_is_kept_and_what_to_do(open_page, vault, portal):
    set_entries(vault, entry(portal, "Goal", count=9, state=LedgerState.NOT_ALLOWED, reason="access-changed"))
    _, page = open_page()
    chip, detail = note(page.cards[0], "Goals")
    assert chip == "access changed"
    for part in ("What came is still here", "a child turns 12, 13 or 18", "Ask the clinic", "Kept here: 9"):
        assert part in detail
    assert stumbles(page) == clipped(page) == []


def test_whoever_signs_in_for_somebody_is_told_that_their_access_may_have_ended(open_page, vault, portal):
    vault.write(lambda db: sources.set_grant(db, replace(grant_of(portal), fhir_user="RelatedPerson/daughter")))
    vault.write(lambda db: sources.set_state(db, portal, connected=True, needs_sign_in=True))
    _, page = open_page()
    row = note_row(page, "This portal asks you to sign in again")
    assert "If Mina Satterfield's record is not offered there any more" in row.words.detail.text()


def test_whoever_is_seen_by_somebody_elses_sign_in_is_said(open_page, vault, portal):
    vault.write(lambda db: sources.set_grant(db, replace(grant_of(portal), fhir_user="RelatedPerson/daughter")))
    _, page = open_page()
    assert any("somebody else signs in for them" in said for said in words(page.cards[0]))


# --- when


def test_a_network_that_costs_is_left_alone_unless_the_person_says_so(qtbot, open_page, services, portal):
    window, page = open_page()
    assert not services.is_metered()
    window.network.take(there=True, metered=True)
    assert services.is_metered()
    assert page.when.now.isVisible()
    qtbot.mouseClick(page.when.metered, Qt.MouseButton.LeftButton)
    assert not services.is_metered()
    assert not page.when.now.isVisible()
    qtbot.waitUntil(lambda: services.settings.saved == 1)
    assert services.settings.sync_metered


def test_the_network_that_is_back_makes_up_for_a_sync(qtbot, open_page, services, portal):
    window, _ = open_page()
    window.network.take(there=False, metered=False)
    assert services.called("network_back") == []
    window.network.take(there=True, metered=False)
    qtbot.waitUntil(lambda: services.called("network_back") == [True])
    window._network_back.look()
    qtbot.waitUntil(lambda: services.called("network_back") == [True, False])


# --- large text, keyboard, screen reader


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [800, 1280])
def test_nothing_is_cut_off_or_nameless(qtbot, open_page, vault, mina, portal, theme, scale, width):
    store(vault, mina, [condition("f")])
    window, page = open_page()
    theme.apply("light", scale)
    window.resize(width, 860)
    settled(qtbot, window)
    assert stumbles(page) == []
    assert clipped(page) == []


def test_buttons_say_on_which_portal_they_work(open_page, portal):
    _, page = open_page()
    assert button(page, "Disconnect...").accessibleName() == "Disconnect: Harbor Clinic, for Mina Satterfield"
