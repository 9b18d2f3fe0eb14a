"""A person is connected by clicking, at the demo portal over real sockets; the ledger tells the truth each time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QLabel

from phr_desktop.actions.people import add_person
from phr_desktop.app import WindowCore
from phr_desktop.clock import SystemClock
from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.settings import Settings
from phr_desktop.ui.dialogs.connect_portal import ConnectPortal
from phr_desktop.ui.dialogs.disconnect import Disconnect
from phr_desktop.ui.dialogs.settle_held import SettleHeld
from phr_desktop.ui.tour import settle
from phr_desktop.vault.connection import Database
from tests.ui.walker import clipped, stumbles
from tests.vaults import PASSPHRASE

WAIT = 30_000
VITAL_SIGNS = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"
STORED = ("sources", "grants", "records", "quarantine", "ledger", "staging", "versions", "attachments")


class PatientClock(SystemClock):
    """The computer's clock, with a patience that a test can use up."""

    skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped


@dataclass
class Agent:
    """The person at the browser. What it does there can be set; `typed_wrong` is typed before the right password,
    `mistyped` before the right one-time code."""

    user: str = "tomas"
    patient: str = "leo"
    typed_wrong: str = ""
    mistyped: str = ""
    deny: bool = False
    refused: tuple[str, ...] = ()
    stays_away: bool = False
    opened: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def open(self, url: QUrl) -> bool:
        self.opened.append(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        if not self.stays_away:
            self.threads.append(threading.Thread(target=self._sign_in, args=(self.opened[-1],)))
            self.threads[-1].start()
        return True

    def _sign_in(self, address: str) -> None:
        if self.typed_wrong:
            try:
                sign_in(address, self.user, self.typed_wrong)
            except EnvironmentProblem as problem:
                self.problems.append(problem.code)
        sign_in(
            address, self.user, f"harbor-{self.user}", patient=self.patient, deny=self.deny,
            scopes_refused=self.refused, mistyped=self.mistyped,
        )  # fmt: skip


@pytest.fixture
def agent(monkeypatch):
    agent = Agent()
    monkeypatch.setattr(QDesktopServices, "openUrl", agent.open)
    yield agent
    for thread in agent.threads:
        thread.join(10)


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()


@pytest.fixture
def core(vault_folder: Path, tmp_path: Path, clock: PatientClock) -> WindowCore:
    core = WindowCore(clock, Settings.load(tmp_path / "settings.json", vault_folder))
    core.unlock(PASSPHRASE)
    add_person(core.open_vault, core.clock, "Leo Satterfield", None, "son")
    return core


@pytest.fixture
def window(qtbot, core, open_window):
    """The window with Leo shown and nothing connected, at Sources & sync."""
    window = open_window(core)
    qtbot.waitUntil(lambda: window.main.shell is not None and window.main.shell.page() is not None, timeout=WAIT)
    window.main.navigate("sources")
    settle(window.bridge)
    return window


def words(widget) -> str:
    shown = [each for each in widget.findChildren(QLabel) if each.isVisible() and each.text()]
    shown.sort(key=lambda each: each.mapTo(widget, each.rect().topLeft()).y())
    return "\n".join(each.text() for each in shown).replace("\u202f", " ")


def click(widget, text: str) -> None:
    found = [each for each in widget.findChildren(QAbstractButton) if each.isVisible() and each.text() == text]
    assert found, (text, [each.text() for each in widget.findChildren(QAbstractButton) if each.isVisible()])
    found[0].click()


def connect(window, portal, address: str = "") -> ConnectPortal:
    """As a new user does: the address, what it means, Connect."""
    click(window.main.shell.page(), "Connect a portal...")
    dialog = window.main.findChild(ConnectPortal)
    settle(window.bridge)
    dialog.choose.url.setText(address or portal.fhir_base)
    click(dialog, "&Next")
    assert "this copy is protected by you" in words(dialog)
    click(dialog, "Co&nnect")
    return dialog


def ends(qtbot, dialog) -> str:
    """What the dialog says when the try is over."""
    qtbot.waitUntil(lambda: dialog._work is None, timeout=WAIT)
    assert stumbles(dialog) + clipped(dialog) == []
    return words(dialog)


def stored(core: WindowCore) -> list[int]:
    """How many rows a portal has left in the vault, table by table."""

    def question(db: Database) -> list[int]:
        return [int(db.value(f"SELECT count(*) FROM {table}")) for table in STORED]

    return core.open_vault.read(question)


def page_words(window, key: str = "sources") -> str:
    window.main.navigate(key)
    settle(window.bridge)
    return words(window.main.shell.page())


def states(core: WindowCore) -> dict[tuple[str, str], str]:
    [account] = core.portals.accounts()
    return {(entry.type, entry.category): entry.state.value for entry in account.entries}


def test_a_mistyped_password_and_one_time_code_lead_to_a_whole_record(qtbot, window, core, portal, agent):
    agent.typed_wrong, agent.mistyped = "harbor-tomaz", "000000"
    dialog = connect(window, portal)
    said = ends(qtbot, dialog)
    assert agent.problems == ["demo-sign-in-failed"]  # the portal's page said that it was wrong
    assert "Portal connected" in said
    assert "New records" in said
    assert "did not run through" not in said
    click(dialog, "&Close")
    said = page_words(window)
    for part in ("Harbor Clinic (demo)", "connected", "For Leo Satterfield", "somebody else signs in for them",
                 "Complete: "):  # fmt: skip
        assert part in said
    assert set(states(core).values()) <= {"complete", "not offered"}
    [account] = core.portals.accounts()
    held = {entry.type: entry.count for entry in account.entries if not entry.category}
    assert held["Immunization"] == 38
    assert "harbor-tomaz" not in said
    assert "birth date not given" not in words(window.main.shell)  # it came with the sign-in


def test_a_denied_consent_stores_nothing_and_can_be_tried_again(qtbot, window, core, portal, agent):
    before = stored(core)
    agent.user, agent.deny = "leo", True
    dialog = connect(window, portal)
    assert "You said no on the portal's page, so nothing was connected." in ends(qtbot, dialog)
    assert stored(core) == before
    agent.deny = False
    click(dialog, "&Try again")
    assert "Portal connected" in ends(qtbot, dialog)
    click(dialog, "&Close")


def test_a_closed_browser_ends_by_itself_and_more_time_can_be_had(qtbot, window, core, portal, agent, clock):
    before = stored(core)
    agent.stays_away = True
    dialog = connect(window, portal)
    qtbot.waitUntil(lambda: bool(agent.opened) and dialog.waiting.more_time.isVisible(), timeout=WAIT)
    assert "The sign-in waits for you until" in words(dialog)
    clock.skipped += 14 * 60
    click(dialog, "&More time")
    clock.skipped += 14 * 60
    assert dialog._work is not None
    clock.skipped += 2 * 60
    assert "The time to sign in ran out. Nothing was saved." in ends(qtbot, dialog)
    assert stored(core) == before
    agent.stays_away, agent.user = False, "leo"
    click(dialog, "&Try again")
    assert "Portal connected" in ends(qtbot, dialog)
    click(dialog, "&Close")


def test_the_wrong_child_is_named_and_not_a_byte_of_it_is_kept(qtbot, window, core, portal, agent):
    before = stored(core)
    agent.user, agent.patient = "ana", "ana"
    dialog = connect(window, portal)
    said = ends(qtbot, dialog)
    assert "This portal opened Ana" in said
    assert "record, not Leo Satterfield's. Nothing was saved. Sign in again and choose Leo Satterfield there." in said
    assert stored(core) == before
    agent.patient = "leo"
    click(dialog, "&Try again")
    assert "Portal connected" in ends(qtbot, dialog)
    click(dialog, "&Close")
    settle(window.bridge)

    # At a later sign-in too: nothing is written, and what was connected stays so.
    before, grants = stored(core), grant_of(core)
    agent.patient = "ana"
    click(window.main.shell.page(), "Sign in again...")
    dialog = window.main.findChild(ConnectPortal)
    portal.log.clear()
    click(dialog, "&Sign in")
    assert "This portal opened Ana" in ends(qtbot, dialog)
    assert (stored(core), grant_of(core)) == (before, grants)
    assert [record.status for record in portal.log if record.path.endswith("/revoke")] == [200]  # Ana's, given back
    click(dialog, "&Close")
    sync(qtbot, window)
    assert "This portal asks you to sign in again" not in page_words(window)  # Leo's still holds
    assert "connected" in page_words(window)


def grant_of(core: WindowCore) -> tuple:
    return core.open_vault.read(lambda db: db.rows("SELECT access_token, patient, scope FROM grants"))


def test_a_narrower_grant_is_not_allowed_in_the_ledger_without_any_403(qtbot, window, core, portal, agent):
    agent.user = "leo"
    agent.refused = ("patient/Immunization.rs", VITAL_SIGNS)
    dialog = connect(window, portal)
    said = ends(qtbot, dialog)
    assert "Not allowed" in said
    assert "vaccines" in said.casefold()
    click(dialog, "&Close")
    said = page_words(window)
    for part in ("not allowed", "Vaccines", "vital signs", "You did not allow this when you signed in."):
        assert part.casefold() in said.casefold()
    assert states(core)[("Immunization", "")] == "not allowed"
    assert states(core)[("Observation", "vital-signs")] == "not allowed"
    assert states(core)[("Observation", "laboratory")] == "complete"
    assert 403 not in {record.status for record in portal.log if record.path.startswith("/fhir/")}
    held = core.open_vault.read(lambda db: db.value("SELECT count(*) FROM records WHERE type = 'Immunization'"))
    assert held == 0


def test_a_clinic_that_ends_a_parents_access_loses_nothing_and_says_so(qtbot, window, core, portal, agent):
    dialog = connect(window, portal)  # Tomas for Leo
    assert "Portal connected" in ends(qtbot, dialog)
    click(dialog, "&Close")
    portal.faults.switch("status", type="Immunization", status=403)
    settle(window.bridge)
    sync(qtbot, window)
    said = page_words(window)
    for part in ("access changed", "Vaccines", "What came is still here", "Ask the clinic", "Kept here: 38"):
        assert part in said
    assert vaccines(core) == (38, 0)
    assert states(core)[("Immunization", "")] == "not allowed"


def test_a_portal_that_asks_to_wait_and_one_that_is_left(qtbot, window, core, portal, agent):
    agent.user = "leo"
    dialog = connect(window, portal)
    ends(qtbot, dialog)
    click(dialog, "&Close")
    settle(window.bridge)
    fault = portal.faults.switch("status", status=429, retry_after=3600)
    page = window.main.shell.page()
    click(page, "Sync now")
    qtbot.waitUntil(lambda: "The portal asks us to wait until" in page_words(window), timeout=WAIT)
    assert "asks us to wait until" in window.main.shell.problem.text.text()
    portal.faults.clear()
    assert fault.met == 1

    before = stored(core)
    click(page, "Disconnect...")
    click(window.main.findChild(Disconnect), "&Disconnect")
    qtbot.waitUntil(lambda: "has taken its permission back" in window.main.shell.toast.text.text(), timeout=WAIT)
    assert any(record.path.endswith("/revoke") and record.status == 200 for record in portal.log)
    assert grant_of(core) == []
    kept = dict(zip(STORED, stored(core), strict=True))
    assert kept["records"] == dict(zip(STORED, before, strict=True))["records"] > 200
    assert "This portal is disconnected" in page_words(window)


def test_a_sync_that_met_no_network_is_made_up_for_when_the_portal_answers_again(qtbot, window, core, portal, agent):
    agent.user = "leo"
    dialog = connect(window, portal)
    ends(qtbot, dialog)
    click(dialog, "&Close")
    portal.stop()
    window.main.verbs.sync()
    qtbot.waitUntil(lambda: "offline" in window.main.shell.status.sentence.text(), timeout=WAIT)
    window.main._network_back.look()
    settle(window.bridge)
    assert "offline" in window.main.shell.status.sentence.text()
    portal.start()
    window.main._network_back.look()
    qtbot.waitUntil(lambda: "offline" not in window.main.shell.status.sentence.text(), timeout=WAIT)
    settle(window.bridge)


def test_records_that_vanish_all_at_once_are_asked_about_and_never_taken_away(qtbot, window, core, portal, agent):
    agent.user = "leo"
    dialog = connect(window, portal, portal.poor_base)  # every sync compares there: it tells of no changes
    assert "Portal connected" in ends(qtbot, dialog)
    click(dialog, "&Close")
    portal.faults.switch("vanish", type="Immunization")
    settle(window.bridge)
    sync(qtbot, window)
    assert "No longer at the portal: vaccines (38)" in page_words(window)
    assert vaccines(core) == (38, 0)

    portal.faults.clear()
    decide(window, "&Ask again")
    qtbot.waitUntil(lambda: "No longer at the portal" not in page_words(window), timeout=WAIT)
    at_rest(qtbot, window)
    assert vaccines(core) == (38, 0)

    portal.faults.switch("vanish", type="Immunization")
    sync(qtbot, window)
    decide(window, "&Mark them")
    qtbot.waitUntil(lambda: vaccines(core) == (0, 38), timeout=WAIT)
    said = page_words(window)
    assert "No longer at the portal: vaccines" not in said
    assert "Vaccines" in said


def sync(qtbot, window) -> None:
    window.main.verbs.sync()
    at_rest(qtbot, window)


def at_rest(qtbot, window) -> None:
    qtbot.waitUntil(lambda: window.main._syncing._work is None, timeout=WAIT)
    settle(window.bridge)


def decide(window, answer: str) -> None:
    settle(window.bridge)
    click(window.main.shell.page(), "Decide...")
    click(window.main.findChild(SettleHeld), answer)


def vaccines(core: WindowCore) -> tuple[int, int]:
    """(held as they are, marked as no longer at the portal)"""
    rows = core.open_vault.read(lambda db: db.rows("SELECT gone_at FROM records WHERE type = 'Immunization'"))
    return sum(row[0] is None for row in rows), sum(row[0] is not None for row in rows)
